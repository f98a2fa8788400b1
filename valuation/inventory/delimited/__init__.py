"""Delimited: text files of cells and separators, fast where nothing is in doubt, else with care."""

from collections.abc import Callable
from pathlib import Path

from valuation.engine import text_literal
from valuation.errors import InputError
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.delimited.dialect import DELIMITERS, Dialect, find_dialect
from valuation.inventory.delimited.encoding import TextLines, detect_encoding, readable
from valuation.inventory.delimited.rewrite import rewrite
from valuation.inventory.delimited.survey import survey
from valuation.inventory.label import TotalLabels
from valuation.inventory.reading import Layout, Reading, lines_text, packed_name
from valuation.inventory.reasons import MAX_CELL_CHARACTERS
from valuation.inventory.source import Source

__all__ = ["read_text"]


def read_text(
    source: Source, table: HeaderTable, labels: TotalLabels, folder: Path
) -> list[Callable[[], Reading]]:
    """Ways to read a text, the fast one first.

    Raises:
        InputError: The bytes are no text, or no row near its top is a header we know.
    """
    encoding, lines, dialect = _laid_out(source, table)
    ways: list[Callable[[], Reading]] = [lambda: _careful(source, lines, dialect, labels, folder)]
    direct = None if lines.nul_lines else _direct(source, encoding, dialect)
    if direct is not None:
        found = direct
        ways.insert(0, lambda: found)
    return ways


def _laid_out(source: Source, table: HeaderTable) -> tuple[str, TextLines, Dialect]:
    """Encoding, lines and layout: as the map that fits says, else as the text tells."""
    for hints in (m.hints for m in table.maps if m.hints.encoding or m.hints.separator):
        encoding = hints.encoding or detect_encoding(source.path, source.head)
        lines = TextLines(source.path, encoding)
        try:
            dialect = find_dialect(lines, table, hints)
        except InputError:
            continue
        if dialect.columns.map_name:
            return encoding, lines, dialect
    encoding = detect_encoding(source.path, source.head)
    lines = TextLines(source.path, encoding)
    return encoding, lines, find_dialect(lines, table)


def _direct(source: Source, encoding: str, dialect: Dialect) -> Reading | None:
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
        format=packed_name(DELIMITERS.get(dialect.delimiter, "csv-other"), source),
        encoding=encoding,
        header_line=dialect.header_line,
        columns=dialect.columns,
        relation=relation,
        line_number="row_number() over ()",
        lines_read=counted.records + counted.blank_lines,
        blank_lines=counted.blank_lines,
        is_direct=True,
        layout=_layout(dialect),
    )


def _careful(
    source: Source, lines: TextLines, dialect: Dialect, labels: TotalLabels, folder: Path
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
        format=packed_name(DELIMITERS.get(dialect.delimiter, "csv-other"), source),
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
        layout=_layout(dialect),
    )


def _layout(dialect: Dialect) -> Layout:
    ended = next((end for end in ("\r\n", "\n", "\r") if dialect.head.endswith(end)), "\n")
    return Layout("text", delimiter=dialect.delimiter, line_end=ended)
