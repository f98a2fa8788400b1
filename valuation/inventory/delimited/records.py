"""Records: lines of delimited text split into cells, mending quotes that do not add up.

A quote opens a cell only at its start and closes it only before a separator or line end. What
opens and never closes within `MAX_RECORD_LINES`, or closes elsewhere, is an ordinary character:
an inch mark costs one cell its quotes, never a thousand rows their place.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

MAX_RECORD_LINES: Final = 200
"""A quoted cell that runs over more lines than this is taken for a stray quote."""

_QUOTE: Final = '"'


class Record(NamedTuple):
    """One record: its cells, its text as received, the physical lines it took."""

    cells: list[str]
    text: str
    lines: int
    is_ended: bool


def split_records(
    lines: Iterable[str], delimiter: str, width: int | None = None
) -> Iterator[Record]:
    """Records of a text, blank lines included as a record with one empty cell.

    Args:
        lines: Physical lines with their ends.
        delimiter: One character between cells.
        width: Cells a record should have, to choose between readings of odd quotes. [1]
    """
    source = iter(lines)
    waiting: deque[str] = deque()
    while True:
        line = waiting.popleft() if waiting else next(source, None)
        if line is None:
            return
        text = line.rstrip("\r\n")
        if _QUOTE not in text:
            yield Record(text.split(delimiter), text, 1, len(text) < len(line))
            continue
        cells = strict_cells(text, delimiter)
        if cells is None:
            block, cells = _joined(line, source, waiting, delimiter, width)
            if cells is not None:
                joined = "".join(block)
                text = joined.rstrip("\r\n")
                yield Record(cells, text, len(block), len(text) < len(joined))
                continue
            waiting.extendleft(reversed(block[1:]))
        if not cells or (width is not None and len(cells) != width):
            cells = _mended(text, delimiter, width, cells)
        yield Record(cells, text, 1, len(text) < len(line))


def strict_cells(text: str, delimiter: str) -> list[str] | None:
    """Cells by the rules of RFC 4180; none when a quote breaks them; None when one stays open.

    >>> strict_cells('a,"b,c",d', ","), strict_cells('a,"b" c', ","), strict_cells('"a', ",")
    (['a', 'b,c', 'd'], [], None)
    """
    cells: list[str] = []
    start = 0
    while True:
        if text.startswith(_QUOTE, start):
            end = _closing(text, start + 1)
            if end < 0:
                return None
            cells.append(text[start + 1 : end].replace('""', _QUOTE))
            if end + 1 == len(text):
                return cells
            if text[end + 1] != delimiter:
                return []
            start = end + 2
        else:
            end = text.find(delimiter, start)
            if end < 0:
                cells.append(text[start:])
                return cells
            cells.append(text[start:end])
            start = end + 1


def _closing(text: str, start: int) -> int:
    """Position of the quote that closes a cell, doubled ones skipped; -1 when there is none."""
    while True:
        end = text.find(_QUOTE, start)
        if end < 0 or not text.startswith(_QUOTE, end + 1):
            return end
        start = end + 2


def _joined(
    line: str, source: Iterator[str], waiting: deque[str], delimiter: str, width: int | None
) -> tuple[list[str], list[str] | None]:
    """The lines of a record whose last cell stays open, and its cells when it closes well."""
    block = [line]
    while len(block) < MAX_RECORD_LINES:
        following = waiting.popleft() if waiting else next(source, None)
        if following is None:
            return block, None
        block.append(following)
        if _closing(following.rstrip("\r\n"), 0) < 0:
            continue
        cells = strict_cells("".join(block).rstrip("\r\n"), delimiter)
        if cells is None:
            continue
        fits = bool(cells) and (width is None or len(cells) == width)
        return block, cells if fits and not _each_is_whole(block, delimiter, width) else None
    return block, None


def _each_is_whole(block: list[str], delimiter: str, width: int | None) -> bool:
    """Whether every line is a record by itself, so that two stray quotes met by chance."""
    if width is None or width < 3:
        return False
    return all(line.rstrip("\r\n").count(delimiter) == width - 1 for line in block)


def _mended(text: str, delimiter: str, width: int | None, cells: list[str] | None) -> list[str]:
    """The reading of a line with odd quotes that has the right number of cells, if one does."""
    lenient = _lenient_cells(text, delimiter)
    literal = text.split(delimiter)
    for reading in (lenient, literal):
        if len(reading) == width:
            return reading
    return cells or lenient


def _lenient_cells(text: str, delimiter: str) -> list[str]:
    """Cells where blanks may stand before a quote and quotes inside a quoted cell need no pair."""
    cells: list[str] = []
    start = 0
    while True:
        opening = start
        while text.startswith(" ", opening):
            opening += 1
        end = -1
        if text.startswith(_QUOTE, opening):
            end = _lenient_closing(text, opening + 1, delimiter)
        if end >= 0:
            cells.append(text[opening + 1 : end].replace('""', _QUOTE))
            end = text.find(delimiter, end)
        else:
            end = text.find(delimiter, start)
            cells.append(text[start:] if end < 0 else text[start:end])
        if end < 0:
            return cells
        start = end + 1


def _lenient_closing(text: str, start: int, delimiter: str) -> int:
    """The first quote that stands before a separator or the end of the line."""
    end = text.find(_QUOTE, start)
    while end >= 0:
        rest = text[end + 1 :].lstrip(" ")
        if not rest or rest.startswith(delimiter):
            return end
        end = text.find(_QUOTE, end + 1)
    return -1
