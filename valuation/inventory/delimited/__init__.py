"""Delimited: text files of cells and separators, fast where nothing is in doubt, else with care."""

from collections.abc import Callable
from pathlib import Path

from valuation.engine import text_literal
from valuation.errors import MissingColumns
from valuation.inventory.beside import BESIDE_BYTES, Beside
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.delimited.dialect import DELIMITERS, NO_QUOTE, Dialect, find_dialect
from valuation.inventory.delimited.encoding import (
    TextLines,
    begins_as_utf8,
    detect_encoding,
    other_encodings,
    readable,
)
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
    is_large = source.path.stat().st_size > BESIDE_BYTES
    if is_large and (dialect := _of_head(source, table)):
        direct = _direct(source, "utf-8", dialect, is_large=True)
        if direct is not None:
            found = direct
            return [
                lambda: found,
                lambda: _careful(source, *_decoded(source, table), table, labels, folder),
            ]
    lines, dialect = _decoded(source, table)
    ways: list[Callable[[], Reading]] = [
        lambda: _careful(source, lines, dialect, table, labels, folder)
    ]
    direct = None if lines.nul_lines else _direct(source, lines.encoding, dialect)
    if direct is not None:
        ways.insert(0, lambda: direct)
    return ways


def _of_head(source: Source, table: HeaderTable) -> Dialect | None:
    """The layout of a text that begins as UTF-8; whether all of it is, is told as it is read."""
    if table.maps or not begins_as_utf8(source.head):
        return None
    lines = TextLines(source.path, "utf-8")
    try:
        dialect = find_dialect(lines, table)
    except MissingColumns:
        return None
    return None if lines.nul_lines else dialect


def _decoded(source: Source, table: HeaderTable) -> tuple[TextLines, Dialect]:
    """The lines of a text and their layout, in the encoding under which its header says most."""
    by_map = _by_map(source, table)
    if by_map:
        return by_map
    encoding = detect_encoding(source.path, source.head)
    others = other_encodings(source.path, source.head) if encoding == "cp1252" else []
    best: tuple[TextLines, Dialect] | None = None
    unknown: MissingColumns | None = None
    for name in (encoding, *others):
        lines = TextLines(source.path, name)
        try:
            dialect = find_dialect(lines, table)
        except MissingColumns as error:
            unknown = unknown or error
            continue
        if best is None or dialect.columns.score > best[1].columns.score:
            best = lines, dialect
    if best is None:
        assert unknown is not None  # each encoding gave a layout or an error
        raise unknown
    return best


def _by_map(source: Source, table: HeaderTable) -> tuple[TextLines, Dialect] | None:
    """The lines and layout as a map says they are, when that map fits then."""
    for hints in (m.hints for m in table.maps):
        if (hints.separator, hints.quote, hints.encoding) == (None, None, None):
            continue
        lines = TextLines(source.path, hints.encoding or detect_encoding(source.path, source.head))
        try:
            dialect = find_dialect(lines, table, hints)
        except MissingColumns:
            continue
        if dialect.columns.map_name:
            return lines, dialect
    return None


def _direct(
    source: Source, encoding: str, dialect: Dialect, *, is_large: bool = False
) -> Reading | None:
    """The text as DuckDB reads it when its bytes, or the head of a large one, are plain."""
    if encoding not in ("utf-8", "utf-8-sig") or readable(dialect.head) != dialect.head:
        return None
    if dialect.marks.quote != '"' or dialect.marks.delimiter not in DELIMITERS:
        return None
    if dialect.head.replace("\r\n", "\n").count("\r") or not dialect.head.endswith("\n"):
        return None
    offset = len(dialect.head.encode()) + 3 * (encoding == "utf-8-sig")
    width = len(dialect.columns.names)
    delimiter = dialect.marks.delimiter
    counting: Callable[[], tuple[int, int] | None] | None = None
    counts: tuple[int, int] | None = (0, 0)
    if is_large:
        beside = Beside(lambda: _counts(source.path, offset, delimiter, width))
        counting = beside.result
    else:
        counts = _counts(source.path, offset, delimiter, width)
    if counts is None:
        return None
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width))
    relation = (
        f"read_csv({text_literal(str(source.path))}, auto_detect = false, header = false, "
        f"skip = {dialect.head_lines}, delim = {text_literal(delimiter)}, quote = '\"', "
        f"escape = '\"', strict_mode = true, max_line_size = {MAX_CELL_CHARACTERS}, "
        f"columns = {{{columns}}})"
    )
    return Reading(
        format=packed_name(dialect.format, source),
        encoding=encoding,
        header_line=dialect.header_line,
        columns=dialect.columns,
        relation=relation,
        line_number="row_number() over ()",
        lines_read=sum(counts),
        blank_lines=counts[1],
        is_direct=True,
        layout=_layout(dialect),
        counting=counting,
    )


def _counts(path: Path, offset: int, delimiter: str, width: int) -> tuple[int, int] | None:
    """Records and blank lines of a text without any doubt."""
    found = survey(path, offset, delimiter, width)
    return (found.records, found.blank_lines) if found.is_plain else None


def _careful(
    source: Source,
    lines: TextLines,
    dialect: Dialect,
    table: HeaderTable,
    labels: TotalLabels,
    folder: Path,
) -> Reading:
    """The text rewritten record by record."""
    from valuation.inventory.delimited.rewrite import rewrite

    done = rewrite(lines, dialect, table, labels, folder / f"{source.key}.parquet")
    paths = ", ".join(text_literal(str(path)) for path in done.paths)
    warnings = []
    if done.padded_lines:
        warnings.append(
            f"{lines_text(done.padded_lines)} with fewer cells than the header, filled up with "
            "blank ones at the end"
        )
    if done.reparted_lines:
        warnings.append(f"{lines_text(done.reparted_lines)} with another separator than the others")
    if len(done.paths) > 1:
        warnings.append(f"{len(done.paths)} tables stand in it one after another; each was read")
    if lines.nul_lines:
        warnings.append(f"{lines_text(lines.nul_lines)} with NUL characters, which were dropped")
    if lines.undefined_lines:
        warnings.append(
            f"{lines_text(lines.undefined_lines)} with bytes that cp1252 leaves undefined, read "
            "as latin-1"
        )
    return Reading(
        format=packed_name(dialect.format, source),
        encoding=lines.encoding,
        header_line=dialect.header_line,
        columns=done.columns,
        relation=f"read_parquet([{paths}], union_by_name = true)",
        line_number="source_line",
        lines_read=done.records,
        blank_lines=done.blank_lines,
        ignored={"repeated_header": done.repeated_headers} if done.repeated_headers else {},
        reasons=dict(done.reasons),
        rejects=done.rejects,
        passed_over=done.passed_over if done.repeated_headers else None,
        warnings=tuple(warnings),
        layout=_layout(dialect),
    )


def _layout(dialect: Dialect) -> Layout:
    ended = next((end for end in ("\r\n", "\n", "\r") if dialect.head.endswith(end)), "\n")
    delimiter, quote = dialect.marks
    quote = '"' if quote == NO_QUOTE else quote  # what is written must be readable again
    return Layout("text", delimiter, quote, ended)
