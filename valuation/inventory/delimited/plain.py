"""Plain: which lines of a block of text are records that two readers could not read differently.

A line is plain by the rules the survey has for a whole text, and by itself: what is wrong in one
line says nothing against the next. What could be a header is not plain either.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from valuation.inventory.delimited.bits import (
    Places,
    Words,
    is_marked,
    later,
    marked,
    marks,
    number_between,
    places_of,
    quoted,
    sooner,
)
from valuation.inventory.delimited.records import Marks, strict_cells
from valuation.inventory.delimited.survey import (
    KEPT_TEXT,
    LINE_FEED,
    QUOTE,
    RETURN,
    holds_kept_text,
)
from valuation.inventory.reasons import MAX_CELL_CHARACTERS

MARK: Final = b"\xef\xbb\xbf"
"""A byte-order mark, which a reader drops where a text begins."""
_HEADER_NAMES: Final = 2
"""A header says this many names at least."""
_FINGERPRINT_BITS: Final = 18
_Flags = NDArray[np.bool_]


@dataclass
class Lines:
    """The lines of a block.

    Attributes:
        ends: Where their line feeds stand. [byte]
        is_plain: Of each, whether it is plain.
        block: Their text.
    """

    ends: Places
    is_plain: _Flags
    block: bytes

    def start(self, line: int) -> int:
        """Where a line begins; for the one behind the last, where the block ends. [byte]"""
        return int(self.ends[line - 1]) + 1 if line else 0

    def cut(self) -> None:
        """Take off the last line feed, which the text does not have: its line is not plain then."""
        self.block = self.block[:-1]
        self.is_plain[-1] = False

    def text(self, line: int) -> str:
        """A plain line without its end."""
        return self.block[self.start(line) : self.start(line + 1)].decode().rstrip("\r\n")


class PlainLines:
    """Tells the plain lines of a text in UTF-8.

    Args:
        marks: What separates and surrounds its cells: one sign of ASCII, and the double quote.
        width: Cells of a record, two or more. [1]
        names: What the cells of headers say, each as it is written.
    """

    def __init__(self, marks: Marks, width: int, names: Iterable[str]) -> None:
        self.marks = marks
        self._separator = ord(marks.delimiter)
        self._width = width
        self._names = frozenset(names)
        self._known = _known(self._names)

    def of(self, block: bytes) -> Lines:
        """The lines of a block that begins with a line and ends with a line feed."""
        data = np.frombuffer(block, np.uint8)
        line_feeds = marks(data, LINE_FEED)
        ends = places_of(line_feeds, len(data))
        separators, faults = marks(data, self._separator), np.zeros_like(line_feeds)
        returns = marks(data, RETURN) if b"\r" in block else faults
        is_plain = np.diff(ends, prepend=-1) <= MAX_CELL_CHARACTERS
        if b'"' in block:
            quotes = marks(data, QUOTE)
            inside, is_open = _inside_quotes(quotes, ends, len(data))
            is_plain &= ~is_open
            edges = separators | line_feeds | quotes
            faults = quotes & inside & ~later(edges)
            faults |= quotes & ~inside & ~sooner(edges | returns)
            separators &= ~inside
        faults |= returns & ~sooner(line_feeds)
        if b"\0" in block:
            faults |= marks(data, 0)
        is_plain &= number_between(faults, ends) == 0
        is_plain &= number_between(separators, ends) == self._width - 1
        if holds_kept_text(block):
            is_plain[_lines_with(block, ends, KEPT_TEXT)] = False
        if not block.isascii():
            is_plain[_lines_with(block, ends, MARK)] = False
            is_plain[_damaged_lines(block, ends)] = False
        lines = Lines(ends, is_plain, block)
        for line in self._may_be_header(lines, separators | line_feeds):
            cells = self._cells(lines.text(line))
            is_plain[line] = len(self._names.intersection(cells)) < _HEADER_NAMES
        return lines

    def may_end_with_blank(self, lines: Lines) -> list[int]:
        """The plain lines whose last cell may be blank by its signs, as numbers from 0."""
        data = np.frombuffer(b"\n\n" + lines.block, np.uint8)
        ends = lines.ends[lines.is_plain] + 2
        ends -= data[ends - 1] == RETURN
        ends -= data[ends - 1] == QUOTE
        last, before = data[ends - 1], data[ends - 2]
        may_be = np.isin(last, (9, 11, 12, 28, 29, 30, 31, 32, QUOTE, self._separator))
        # Blanks beyond ASCII, as UTF-8 ends them.
        may_be |= (last >= 0x80) & np.isin(before, (0x80, 0x81, 0x9A, 0xC2))
        return list(np.flatnonzero(lines.is_plain)[may_be].tolist())

    def ends_with_blank(self, text: str) -> bool:
        """Whether the last cell of a plain line is blank."""
        last = self._cells(text)[-1]
        return not last or last.isspace()

    def _cells(self, text: str) -> list[str]:
        """The cells of a plain line."""
        delimiter, quote = self.marks
        return (quote in text and strict_cells(text, self.marks)) or text.split(delimiter)

    def _may_be_header(self, lines: Lines, edges: Words) -> list[int]:
        """The plain lines of which two cells look like names, by their signs at either end."""
        data = np.frombuffer(lines.block + b"\n\n", np.uint8)
        ends = places_of(edges, len(lines.block))
        starts = np.concatenate(([0], ends[:-1] + 1))
        is_last = data[ends] == LINE_FEED
        ends = ends - (is_last & (data[ends - 1] == RETURN))
        starts = starts + (data[starts] == QUOTE)
        ends -= data[ends - 1] == QUOTE
        found = self._known[_fingerprints(data, starts, ends)]
        names = np.diff(np.cumsum(found)[is_last], prepend=0)
        return list(np.flatnonzero((names >= _HEADER_NAMES) & lines.is_plain).tolist())


def _inside_quotes(quotes: Words, ends: Places, length: int) -> tuple[Words, _Flags]:
    """Bytes inside quotes of their own line, and which lines leave a quote open."""
    inside = quoted(quotes)
    is_inside = is_marked(inside, ends)
    is_open = is_inside ^ np.concatenate(([False], is_inside[:-1]))
    if is_open.any():  # the end of its line closes what is open
        inside = quoted(quotes | marked(ends[is_open], length))
    return inside, is_open


def _lines_with(block: bytes, ends: Places, sign: bytes) -> Places:
    """Lines that hold a text, as numbers from 0."""
    found = []
    place = block.find(sign)
    while place >= 0:
        found.append(place)
        place = block.find(sign, place + 1)
    return np.searchsorted(ends, np.array(found, np.int64))


def _damaged_lines(block: bytes, ends: Places) -> list[int]:
    """Lines that are no UTF-8, as numbers from 0."""
    damaged: list[int] = []
    start = 0
    while start < len(block):
        try:
            block[start:].decode()
        except UnicodeDecodeError as error:
            damaged.append(int(np.searchsorted(ends, start + error.start)))
            start = int(ends[damaged[-1]]) + 1
        else:
            break
    return damaged


def _known(names: Iterable[str]) -> _Flags:
    """Which fingerprints names have."""
    written = [name.replace('"', '""').encode() for name in names]
    data = np.frombuffer(b"".join(written), np.uint8)
    ends = np.cumsum([len(name) for name in written])
    known = np.zeros(1 << _FINGERPRINT_BITS, np.bool_)
    known[_fingerprints(data, np.concatenate(([0], ends[:-1])), ends)] = True
    return known


def _fingerprints(data: NDArray[np.uint8], starts: Places, ends: Places) -> NDArray[np.uint32]:
    """A number for the first three bytes, the last and the length of each of some texts."""
    last = ends - 1
    mixed = data[starts].astype(np.uint32)
    mixed |= data[np.minimum(starts + 1, last)].astype(np.uint32) << np.uint32(8)
    mixed |= data[np.minimum(starts + 2, last)].astype(np.uint32) << np.uint32(16)
    mixed |= data[last].astype(np.uint32) << np.uint32(24)
    mixed ^= (ends - starts).astype(np.uint32) << np.uint32(12)
    return mixed * np.uint32(2654435761) >> np.uint32(32 - _FINGERPRINT_BITS)
