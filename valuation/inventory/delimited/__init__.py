"""Delimited: text files of cells and separators, fast where nothing is in doubt, else with care."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from valuation.errors import MissingColumns
from valuation.inventory.beside import BESIDE_BYTES, Beside
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.delimited.clean_text import clean_text, lines_begin
from valuation.inventory.delimited.dialect import Dialect, find_dialect
from valuation.inventory.delimited.encoding import (
    TextLines,
    begins_as_utf8,
    detect_encoding,
    other_encodings,
)
from valuation.inventory.delimited.recoded import recoded
from valuation.inventory.delimited.survey import BLOCK_BYTES, survey
from valuation.inventory.label import TotalLabels
from valuation.inventory.reading import Reading, packed_name
from valuation.inventory.source import Source

__all__ = ["read_text"]


def read_text(
    source: Source,
    table: HeaderTable,
    labels: TotalLabels,
    folder: Path,
    copied_from_bytes: int = BESIDE_BYTES,
    block_bytes: int = BLOCK_BYTES,
) -> list[Callable[[], Reading]]:
    """Ways to read a text, the fast one first.

    Args:
        source: The text.
        table: Known column names.
        labels: Words that mark totals.
        folder: Where it may be rewritten.
        copied_from_bytes: Size from which plain lines of a doubtful text are copied.
        block_bytes: How much of it is then looked at at a time.

    Raises:
        InputError: The bytes are no text, or no row near its top is a header we know.
    """
    size = source.path.stat().st_size
    dialect = _of_head(source, table) if size > BESIDE_BYTES else None
    direct = _direct(source, "utf-8", dialect, is_large=True) if dialect else None
    decoded = cache(lambda: _decoded(source, table))

    def rewritten(block_bytes: int | None, copy: TextLines | None = None) -> Reading:
        from valuation.inventory.delimited.careful import careful

        lines, dialect = decoded()
        if copy is None:
            return careful(source, lines, dialect, table, labels, folder, block_bytes)
        given = replace(source, path=copy.path)
        done = careful(given, copy, dialect, table, labels, folder, block_bytes)
        return replace(done, encoding=lines.encoding)

    copy: TextLines | None = None
    if direct is None:
        lines, dialect = decoded()
        if size > copied_from_bytes:
            copy = recoded(lines, folder / f"{source.key}.recoded")
        if copy is not None:
            given = replace(source, path=copy.path)
            direct = _direct(given, "utf-8", dialect, is_large=size > BESIDE_BYTES)
            direct = direct and replace(direct, encoding=lines.encoding)
        elif not lines.nul_lines:
            direct = _direct(source, lines.encoding, dialect)
    ways: list[Callable[[], Reading]] = [] if direct is None else [lambda: direct]
    if size > copied_from_bytes:
        ways.append(lambda: rewritten(block_bytes, copy))
    return [*ways, lambda: rewritten(None)]


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
    offset = lines_begin(dialect, encoding)
    if offset is None:
        return None
    width, delimiter = len(dialect.columns.names), dialect.marks.delimiter
    counting: Callable[[], tuple[int, int] | None] | None = None
    counts: tuple[int, int] | None = (0, 0)
    if is_large:
        beside = Beside(lambda: _counts(source.path, offset, delimiter, width))
        counting = beside.result
    else:
        counts = _counts(source.path, offset, delimiter, width)
    if counts is None:
        return None
    return Reading(
        format=packed_name(dialect.format, source),
        encoding=encoding,
        header_line=dialect.header_line,
        columns=dialect.columns,
        relation=clean_text(source.path, dialect, dialect.head_lines),
        line_number="row_number() over ()",
        lines_read=sum(counts),
        blank_lines=counts[1],
        is_direct=True,
        layout=dialect.layout,
        counting=counting,
    )


def _counts(path: Path, offset: int, delimiter: str, width: int) -> tuple[int, int] | None:
    """Records and blank lines of a text without any doubt."""
    found = survey(path, offset, delimiter, width)
    return (found.records, found.blank_lines) if found.is_plain else None
