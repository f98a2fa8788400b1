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
MAX_TRIED_QUOTES: Final = 64
"""A line with more quotes than this is not searched for the one too many."""


class Marks(NamedTuple):
    """What lays out a text: what stands between cells, and around a cell that holds it."""

    delimiter: str = ","
    quote: str = '"'


class Record(NamedTuple):
    """One record: its cells, its text as received, the physical lines it took."""

    cells: list[str]
    text: str
    lines: int
    is_ended: bool


class Records:
    """The records of a text, blank lines included as a record with one empty cell.

    Args:
        lines: Physical lines with their ends.
        marks: What separates and surrounds cells.
        width: Cells a record should have, to choose between readings of odd quotes; it may be set
            anew where another table begins. [1]
    """

    def __init__(self, lines: Iterable[str], marks: Marks, width: int | None = None) -> None:
        self.width = width
        self._lines = lines
        self._marks = marks
        self._waiting: deque[str] = deque()

    @property
    def is_ahead(self) -> bool:
        """Whether lines were read that no record was made of yet."""
        return bool(self._waiting)

    def __iter__(self) -> Iterator[Record]:
        delimiter, quote = self._marks
        source = iter(self._lines)
        waiting = self._waiting = deque()
        while True:
            line = waiting.popleft() if waiting else next(source, None)
            if line is None:
                return
            text = line.rstrip("\r\n")
            if quote not in text:
                yield Record(text.split(delimiter), text, 1, len(text) < len(line))
                continue
            cells = strict_cells(text, self._marks)
            if cells is None:
                block, cells = _joined(line, source, waiting, self._marks, self.width)
                if cells is not None:
                    joined = "".join(block)
                    text = joined.rstrip("\r\n")
                    yield Record(cells, text, len(block), len(text) < len(joined))
                    continue
                waiting.extendleft(reversed(block[1:]))
            if not cells or (self.width is not None and len(cells) != self.width):
                cells = _mended(text, self._marks, self.width, cells)
            if _is_doubtful(text, self._marks, len(cells)):
                cells = _paired_cells(text, self._marks)
            yield Record(cells, text, 1, len(text) < len(line))


def strict_cells(text: str, marks: Marks) -> list[str] | None:
    """Cells by the rules of RFC 4180; none when a quote breaks them; None when one stays open.

    >>> comma = Marks()
    >>> strict_cells('a,"b,c",d', comma), strict_cells('a,"b" c', comma), strict_cells('"a', comma)
    (['a', 'b,c', 'd'], [], None)
    """
    delimiter, quote = marks
    cells: list[str] = []
    start = 0
    while True:
        if text.startswith(quote, start):
            end = _closing(text, start + 1, quote)
            if end < 0:
                return None
            cells.append(text[start + 1 : end].replace(quote * 2, quote))
            if end + 1 == len(text):
                return cells
            if not text.startswith(delimiter, end + 1):
                return []
            start = end + 1 + len(delimiter)
        else:
            end = text.find(delimiter, start)
            if end < 0:
                cells.append(text[start:])
                return cells
            cells.append(text[start:end])
            start = end + len(delimiter)


def _closing(text: str, start: int, quote: str) -> int:
    """Position of the quote that closes a cell, doubled ones skipped; -1 when there is none."""
    while True:
        end = text.find(quote, start)
        if end < 0 or not text.startswith(quote, end + 1):
            return end
        start = end + 2


def _joined(
    line: str, source: Iterator[str], waiting: deque[str], marks: Marks, width: int | None
) -> tuple[list[str], list[str] | None]:
    """The lines of a record whose last cell stays open, and its cells when it closes well."""
    block = [line]
    opened = 1  # a record can go on over at most as many cells as it has
    while len(block) < MAX_RECORD_LINES and (width is None or opened <= width):
        following = waiting.popleft() if waiting else next(source, None)
        if following is None:
            return block, None
        block.append(following)
        if _closing(following.rstrip("\r\n"), 0, marks.quote) < 0:
            continue
        cells = strict_cells("".join(block).rstrip("\r\n"), marks)
        if cells is None:
            opened += 1
            continue
        fits = bool(cells) and (width is None or len(cells) == width)
        return block, cells if fits and not _each_is_whole(block, marks, width) else None
    return block, None


def _each_is_whole(block: list[str], marks: Marks, width: int | None) -> bool:
    """Whether every line is a record by itself, so that two stray quotes met by chance."""
    if width is None or width < 3:
        return False
    return all(line.rstrip("\r\n").count(marks.delimiter) == width - 1 for line in block)


def _mended(text: str, marks: Marks, width: int | None, cells: list[str] | None) -> list[str]:
    """The reading of a line with odd quotes that has the right number of cells, if one does."""
    lenient = _lenient_cells(text, marks)
    if len(lenient) == width:
        return lenient
    if not cells:  # where the quotes add up, what stands between them is one cell
        literal = [_unwrapped(cell, marks.quote) for cell in text.split(marks.delimiter)]
        if len(literal) == width:
            return literal
    return _without_a_quote(text, marks, width) or cells or lenient


def _is_doubtful(text: str, marks: Marks, width: int) -> bool:
    """Whether quotes within cells may be those of a cell that lost its separator.

    `Disk"3.5 in, 7200 rpm"` reads as two cells, and as one with a separator missing before it.
    An inch mark follows a digit and is no such quote.
    """
    delimiter, quote = marks
    outside = text.split(quote)[::2]
    if text.count(quote) % 2 or 1 + sum(part.count(delimiter) for part in outside) == width:
        return False
    edges = ("", delimiter[:1], delimiter[-1:], quote)
    for at, sign in enumerate(text):
        if sign == quote:
            before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
            if before not in edges and after not in edges and not before.isdigit():
                return True
    return False


def _paired_cells(text: str, marks: Marks) -> list[str]:
    """Cells where each quote opens or closes, wherever it stands."""
    cells = [""]
    for number, part in enumerate(text.split(marks.quote)):
        first, *others = [part] if number % 2 else part.split(marks.delimiter)
        cells[-1] += first
        cells += others
    return cells


def _without_a_quote(text: str, marks: Marks, width: int | None) -> list[str] | None:
    """The only reading of the right width that one quote less gives; None when there are others."""
    quote = marks.quote
    count = text.count(quote)
    if width is None or count % 2 == 0 or count > MAX_TRIED_QUOTES:
        return None
    places = [at for at, sign in enumerate(text) if sign == quote]
    tried = (strict_cells(text[:at] + text[at + 1 :], marks) for at in places)
    found = {tuple(cells) for cells in tried if cells and len(cells) == width}
    return list(found.pop()) if len(found) == 1 else None


def _unwrapped(cell: str, quote: str) -> str:
    """A cell without the quotes around it."""
    bare = cell.strip(" ")
    is_wrapped = len(bare) > 1 and bare.startswith(quote) and bare.endswith(quote)
    return bare[1:-1].replace(quote * 2, quote) if is_wrapped else cell


def _lenient_cells(text: str, marks: Marks) -> list[str]:
    """Cells where blanks may stand before a quote and quotes inside a quoted cell need no pair."""
    delimiter, quote = marks
    cells: list[str] = []
    start = 0
    while True:
        opening = start
        while text.startswith(" ", opening):
            opening += 1
        end = -1
        if text.startswith(quote, opening):
            end = _lenient_closing(text, opening + 1, marks)
        if end >= 0:
            cells.append(_unescaped(text[opening + 1 : end], quote))
            end = text.find(delimiter, end)
        else:
            end = text.find(delimiter, start)
            cells.append(text[start:] if end < 0 else text[start:end])
        if end < 0:
            return cells
        start = end + len(delimiter)


def _unescaped(text: str, quote: str) -> str:
    r"""The text between quotes, with its own quotes doubled or behind a backslash.

    >>> _unescaped('3.5\\" and 2.5""', '"')
    '3.5" and 2.5"'
    """
    return text.replace("\\" + quote, quote).replace(quote * 2, quote)


def _lenient_closing(text: str, start: int, marks: Marks) -> int:
    """The first quote before a separator or the end of the line, unless a backslash keeps it."""
    end = text.find(marks.quote, start)
    escaped = -1
    while end >= 0:
        rest = text[end + 1 :].lstrip(" ")
        if not rest or rest.startswith(marks.delimiter):
            if not text.endswith("\\", 0, end):
                return end
            escaped = end if escaped < 0 else escaped
        end = text.find(marks.quote, end + 1)
    return escaped
