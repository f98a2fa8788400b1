"""Runs: a text as runs of plain lines, to be copied as they are, and single lines between them.

Whoever reads it one line after another gets every line, plain or not, so that a record may go on
over lines that are plain by themselves; between two records, plain lines can be taken at once.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, Final, NamedTuple

import numpy as np

from valuation.inventory.delimited.encoding import TextLines
from valuation.inventory.delimited.plain import Lines, PlainLines
from valuation.inventory.delimited.survey import BLOCK_BYTES

MAX_BYTES_WITHOUT_END: Final = 1 << 24
"""A text without a line feed for so long is not read in blocks."""


class NoLineEnd(Exception):
    """A text has lines too long to be read in blocks, or other line ends."""


class Blocks(NamedTuple):
    """How a text is read: from which byte on, and how many at a time, to the end of a line."""

    offset: int
    length: int = BLOCK_BYTES


class Run(NamedTuple):
    """Plain lines one after another.

    Attributes:
        text: The lines, each ended by a line feed alone.
        lines: How many. [1]
        ends_blank: Whether the last cell of one of these or of those before is blank.
    """

    text: bytes
    lines: int
    ends_blank: bool


class Runs:
    """The lines of a text in UTF-8 behind its header.

    Args:
        stream: The text.
        blocks: How it is read.
        lines: Turns its bytes into lines.
        finder: Tells its plain lines.
    """

    def __init__(
        self, stream: BinaryIO, blocks: Blocks, lines: TextLines, finder: PlainLines
    ) -> None:
        stream.seek(blocks.offset)
        self._stream = stream
        self._decoder = lines
        self._finder = finder
        self._block_bytes = blocks.length
        self._lines = Lines(np.zeros(0, np.int64), np.zeros(0, np.bool_), b"")
        self._turns: list[int] = []
        self._line = 0
        self._waiting: deque[str] = deque()
        self._ends_blank = False
        self._may_end_blank: list[int] | None = None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """The next line with its end.

        Raises:
            NoLineEnd: The text cannot be read in blocks.
        """
        if not self._waiting:
            if not self._fill():
                raise StopIteration
            if self._lines.is_plain[self._line]:
                return self._take(1).decode()
            taken = self._take(self._until_turn())
            self._waiting.extend(self._decoder.decoded(BytesIO(taken)))
        return self._waiting.popleft()

    def plain(self) -> Iterator[Run]:
        """The plain lines that come next.

        Raises:
            NoLineEnd: The text cannot be read in blocks.
        """
        while not self._waiting and self._fill() and self._lines.is_plain[self._line]:
            first, count = self._line, self._until_turn()
            self._ends_blank = self._ends_blank or self._one_ends_blank(first, first + count)
            text = self._take(count)
            text = text.replace(b"\r\n", b"\n") if b"\r" in text else text
            yield Run(text, count, self._ends_blank)

    def _one_ends_blank(self, first: int, last: int) -> bool:
        """Whether the last cell of one of some plain lines is blank."""
        if self._may_end_blank is None:
            self._may_end_blank = self._finder.may_end_with_blank(self._lines)
        within = slice(*(bisect_left(self._may_end_blank, line) for line in (first, last)))
        texts = map(self._lines.text, self._may_end_blank[within])
        return any(map(self._finder.ends_with_blank, texts))

    def _until_turn(self) -> int:
        """Lines from here that are all plain, or all not."""
        return self._turns[bisect_right(self._turns, self._line)] - self._line

    def _take(self, count: int) -> bytes:
        """The text of the next lines, which are gone on from."""
        start, self._line = self._lines.start(self._line), self._line + count
        return self._lines.block[start : self._lines.start(self._line)]

    def _fill(self) -> bool:
        """Look at the next block when this one is read; whether a line is left."""
        if self._line < len(self._lines.ends):
            return True
        block = self._stream.read(self._block_bytes)
        if not block:
            return False
        if not block.endswith(b"\n"):
            block += self._stream.readline(MAX_BYTES_WITHOUT_END)
        is_ended = block.endswith(b"\n")
        if not is_ended and self._stream.read(1):
            raise NoLineEnd
        self._lines = self._finder.of(block if is_ended else block + b"\n")
        self._line, self._may_end_blank, plain = 0, None, self._lines.is_plain
        if not is_ended:
            self._lines.cut()
        self._turns = [*(np.flatnonzero(plain[1:] != plain[:-1]) + 1).tolist(), len(plain)]
        return True
