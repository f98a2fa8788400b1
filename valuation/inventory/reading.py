"""Reading: one table of one file made ready for the engine, whatever its format.

Every format ends as a SQL relation with the columns `c0`, `c1`, ... as text, a count of the
records made independently of the engine, and what was set aside or ignored before it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from valuation.engine import quoted
from valuation.errors import InputError, MissingColumns
from valuation.inventory.encoding import TextLines, detect_encoding, readable
from valuation.inventory.header import HEADER_WITHIN_ROWS, ColumnMap, HeaderTable, find_header
from valuation.inventory.label import TotalLabels
from valuation.inventory.records import split_records
from valuation.inventory.rewrite import MAX_CELL_CHARACTERS, rewrite
from valuation.inventory.source import Source
from valuation.inventory.survey import survey
from valuation.inventory.workbook import read_workbook

MAX_COLUMNS: Final = 2000
"""A table with more columns is refused."""

DELIMITERS: Final = {",": "csv", "\t": "tsv", ";": "csv-semicolon", "|": "csv-pipe"}
"""Characters between cells, and the format each makes."""

_HEAD_LINES: Final = 400
_HEAD_CHARACTERS: Final = 1 << 18


@dataclass(frozen=True)
class Reading:
    """A table the engine can scan.

    Attributes:
        format: Such as `csv`, `csv.gz`, `xlsx`, `parquet`.
        encoding: Of its text; empty where the format decides.
        header_line: Line or sheet row of the header, from 1; 0 where the format names columns.
        columns: What its columns are.
        relation: SQL that yields the cells, a function or file in a from clause.
        line_number: SQL for the number of a record, from 1.
        lines_read: Data records, counted without the engine. [1]
        blank_lines: Of these, blank lines that the relation does not yield. [1]
        reasons: Of these, set aside before the engine, by reason.
        rejects: Parquet file of the lines set aside.
        warnings: What a person should know about how it was read.
        is_direct: Whether the engine's own reader is relied on and has to be checked.
    """

    format: str
    encoding: str
    header_line: int
    columns: ColumnMap
    relation: str
    line_number: str
    lines_read: int
    blank_lines: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    rejects: Path | None = None
    warnings: tuple[str, ...] = ()
    is_direct: bool = False


@dataclass(frozen=True)
class _Dialect:
    """How a text is laid out: separator, header, and the lines up to its end."""

    delimiter: str
    columns: ColumnMap
    header_line: int
    head: str
    head_lines: int


def read_table(
    source: Source, table: HeaderTable, labels: TotalLabels, folder: Path
) -> list[Callable[[], Reading]]:
    """Ways to read a file, the fast one first; each next one is more careful.

    Args:
        source: The unpacked file.
        table: Known column names.
        labels: Words that mark totals.
        folder: Where rewritten files may be kept.

    Raises:
        InputError: No table we can read, or none with a header we know.
    """
    if source.format == "parquet":
        return [lambda: _read_parquet(source, table)]
    if source.format == "xlsx":
        return [lambda: _read_sheet(source, table, folder)]
    encoding = detect_encoding(source.path, source.head)
    lines = TextLines(source.path, encoding)
    dialect = _dialect(lines, table)
    ways: list[Callable[[], Reading]] = [lambda: _careful(source, lines, dialect, labels, folder)]
    direct = None if lines.nul_lines else _direct(source, encoding, dialect)
    if direct is not None:
        found = direct
        ways.insert(0, lambda: found)
    return ways


def _dialect(lines: TextLines, table: HeaderTable) -> _Dialect:
    head: list[str] = []
    characters = 0
    for line in islice(lines, _HEAD_LINES):
        characters += len(line)
        head.append(line)
        if characters > _HEAD_CHARACTERS:
            break
    best: _Dialect | None = None
    seen: list[list[list[str]]] = []
    for delimiter in DELIMITERS:
        records = list(islice(split_records(head, delimiter), HEADER_WITHIN_ROWS))
        rows = [[readable(cell.strip()) for cell in record.cells] for record in records]
        if rows:
            rows[0][0] = rows[0][0].lstrip("\ufeff")
        seen.append(rows)
        found = find_header(rows, table)
        if found and (best is None or found[1].score > best.columns.score):
            position, columns = found
            before = sum(record.lines for record in records[:position])
            after = before + records[position].lines
            best = _Dialect(delimiter, columns, before + 1, "".join(head[:after]), after)
    if best is None:
        raise no_header(max(seen, key=lambda rows: max(map(len, rows), default=0)), table)
    _check_width(best.columns)
    return best


def no_header(rows: list[list[str]], table: HeaderTable) -> InputError:
    """The error that names what stands where a header was looked for, and what would work."""
    named = [[c for c in row if c] for row in rows[:HEADER_WITHIN_ROWS]]
    if not any(named):
        return InputError("begins with only blank lines.", "Export it again, with its header.")
    best = max(named, key=lambda row: (table.match(row).score, len(row)), default=[])
    shown = ", ".join(f"`{cell[:40]}`" for cell in best[:6])
    known = table.match(best)
    close = {cell: table.nearest(cell) for cell in known.unmapped()}
    advice = [f"`{near}` instead of `{cell[:40]}`" for cell, near in close.items() if near]
    hint = (
        f"Did you mean {', '.join(advice[:3])}?"
        if advice
        else "Name a column Model, Part number, Description or Type, and one more beside it."
    )
    return MissingColumns(
        f"has no header we know in its first {HEADER_WITHIN_ROWS} rows; the nearest row holds "
        f"{shown}.",
        hint,
    )


def _check_width(columns: ColumnMap) -> None:
    if len(columns.names) > MAX_COLUMNS:
        raise InputError(
            f"has {len(columns.names):,} columns; up to {MAX_COLUMNS:,} are read.",
            "Export fewer columns.",
        )


def _direct(source: Source, encoding: str, dialect: _Dialect) -> Reading | None:
    """The text as DuckDB reads it, when its bytes leave no doubt."""
    if encoding not in ("utf-8", "utf-8-sig") or readable(dialect.head) != dialect.head:
        return None
    if dialect.head.replace("\r\n", "\n").count("\r") or not dialect.head.endswith("\n"):
        return None
    offset = len(dialect.head.encode()) + 3 * (encoding == "utf-8-sig")
    counted = survey(source.path, offset, dialect.delimiter)
    if not counted.is_plain:
        return None
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(dialect.columns.names)))
    relation = (
        f"read_csv({text_literal(str(source.path))}, auto_detect = false, header = false, "
        f"skip = {dialect.head_lines}, delim = {text_literal(dialect.delimiter)}, quote = '\"', "
        f"escape = '\"', strict_mode = true, max_line_size = {MAX_CELL_CHARACTERS}, "
        f"columns = {{{columns}}})"
    )
    return Reading(
        format=_packed_name(DELIMITERS[dialect.delimiter], source),
        encoding=encoding,
        header_line=dialect.header_line,
        columns=dialect.columns,
        relation=relation,
        line_number="row_number() over ()",
        lines_read=counted.records + counted.blank_lines,
        blank_lines=counted.blank_lines,
        is_direct=True,
    )


def _careful(
    source: Source, lines: TextLines, dialect: _Dialect, labels: TotalLabels, folder: Path
) -> Reading:
    """The text rewritten record by record."""
    target = folder / f"{source.sha256}.parquet"
    width = len(dialect.columns.names)
    done = rewrite(lines, dialect.delimiter, dialect.head_lines, width, labels, target)
    warnings = []
    if done.padded_lines:
        warnings.append(
            f"{lines_text(done.padded_lines)} with fewer cells than the header, filled up with "
            "blank ones at the end"
        )
    if lines.nul_lines:
        warnings.append(f"{lines_text(lines.nul_lines)} with NUL characters, which were dropped")
    if lines.undefined_lines:
        warnings.append(
            f"{lines_text(lines.undefined_lines)} with bytes that cp1252 leaves undefined, read "
            "as latin-1"
        )
    return Reading(
        format=_packed_name(DELIMITERS[dialect.delimiter], source),
        encoding=lines.encoding,
        header_line=dialect.header_line,
        columns=dialect.columns,
        relation=f"read_parquet({text_literal(str(done.path))})",
        line_number="source_line",
        lines_read=done.records,
        blank_lines=done.blank_lines,
        reasons=dict(done.reasons),
        rejects=done.rejects,
        warnings=tuple(warnings),
    )


def _read_parquet(source: Source, table: HeaderTable) -> Reading:
    try:
        described = pq.ParquetFile(source.path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(
            f"is a damaged Parquet file: {str(error).splitlines()[0]}.", "Write it again."
        ) from error
    fields = described.schema_arrow
    names = fields.names
    columns = table.match(names)
    if not columns.is_usable:
        raise no_header([names], table)
    _check_width(columns)
    cells = ", ".join(f"{_as_text(field)} as c{i}" for i, field in enumerate(fields))
    file = f"read_parquet({text_literal(str(source.path))}, file_row_number = true)"
    return Reading(
        format=_packed_name("parquet", source),
        encoding="",
        header_line=0,
        columns=columns,
        relation=f"(select {cells}, file_row_number + 1 as source_line from {file})",
        line_number="source_line",
        lines_read=described.metadata.num_rows,
    )


def _as_text(field: pa.Field) -> str:
    """SQL of a typed cell as text: 1234.0 is `1234`, as in a workbook."""
    name = quoted(field.name)
    text = f"cast({name} as varchar)"
    return f"regexp_replace({text}, '[.]0$', '')" if pa.types.is_floating(field.type) else text


def _read_sheet(source: Source, table: HeaderTable, folder: Path) -> Reading:
    target = folder / f"{source.sha256}.parquet"
    sheet = read_workbook(source.path, table, target)
    if isinstance(sheet, list):
        raise no_header(sheet, table)
    _check_width(sheet.columns)
    return Reading(
        format=_packed_name("xlsx", source),
        encoding="",
        header_line=sheet.header_row,
        columns=sheet.columns,
        relation=f"read_parquet({text_literal(str(target))})",
        line_number="source_line",
        lines_read=sheet.records,
        warnings=sheet.warnings,
    )


def _packed_name(name: str, source: Source) -> str:
    return f"{name}.{source.packing}" if source.packing else name


def lines_text(lines: int) -> str:
    """A number of lines in words.

    >>> lines_text(1), lines_text(12000)
    ('1 line', '12,000 lines')
    """
    return "1 line" if lines == 1 else f"{lines:,} lines"


def text_literal(text: str) -> str:
    """A text as SQL writes it.

    >>> text_literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"
