"""Survey: an own count of the records of a text, made of its bytes and not by the fast reader.

Only a text without any doubt is counted: quotes by the rules and closed on their line (two stray
ones look like a cell of many lines) and none kept in a cell as `="..."`, as many separators as its
lines need, one kind of line end, no NUL, no blank line before its end, and all of it UTF-8.
Everything else takes the careful path, which counts for itself.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from valuation.inventory.delimited.bits import (
    WORD_BITS,
    later,
    marks,
    number_of,
    quoted,
    sooner,
)

BLOCK_BYTES: Final = 1 << 18
"""What fits into the cache of a processor together with its marks, and into memory that is used
again for the next block: larger ones are asked of the system anew each time, page by page."""
LINE_FEED, RETURN, QUOTE = 10, 13, 34
KEPT_TEXT: Final = b'"=""'
"""How a cell begins that a writer put into quotes with its `="..."`."""


@dataclass
class Survey:
    """What the bytes after the header hold.

    Attributes:
        records: Records, the blank lines at the end not included. [1]
        blank_lines: Blank lines at the end. [1]
        separators: Separators between cells. [1]
        is_plain: Whether the fast reader can be trusted with it.
    """

    records: int = 0
    blank_lines: int = 0
    separators: int = 0
    is_plain: bool = True


def survey(
    path: Path, offset: int, delimiter: str, width: int, block_bytes: int = BLOCK_BYTES
) -> Survey:
    """Count the records of a text that is ASCII or UTF-8.

    Args:
        path: The text.
        offset: Where the first record after the header begins. [byte]
        delimiter: Character between cells.
        width: Cells of the header. [1]
        block_bytes: How much is read at a time, to the end of a line.
    """
    out = Survey()
    size = path.stat().st_size
    with path.open("rb") as stream:
        end = _content_end(stream, offset, size)
        stream.seek(end)
        tail = stream.read()
        out.blank_lines = max(tail.count(b"\n") - 1, 0)
        returns = tail.count(b"\r")
        out.is_plain = returns == tail.count(b"\r\n")
        stream.seek(offset)
        while out.is_plain and stream.tell() < end:
            block = stream.read(min(block_bytes, end - stream.tell()))
            if stream.tell() < end:
                block += stream.readline(end - stream.tell())
            returns += _count(block, delimiter, out)
    out.is_plain &= returns in (0, out.records + tail.count(b"\n"))
    out.records += end > offset  # the last record has its line end in the tail, or none
    # The fast reader drops a separator too many at the end of a line without a word.
    out.is_plain &= out.separators == out.records * (width - 1)
    return out


def _content_end(stream: BinaryIO, offset: int, size: int) -> int:
    """Where the line ends that close the text begin. [byte]"""
    end = size
    while end > offset:
        start = max(offset, end - 4096)
        stream.seek(start)
        stripped = stream.read(end - start).rstrip(b"\r\n")
        if stripped:
            return start + len(stripped)
        end = start
    return offset


def _count(block: bytes, delimiter: str, out: Survey) -> int:
    """Add the records that end in a block of whole lines, and tell its carriage returns."""
    if b"\0" in block or holds_kept_text(block) or not _is_utf8(block):
        out.is_plain = False
        return 0
    data = np.frombuffer(block, np.uint8)
    separators, line_feeds = marks(data, ord(delimiter)), marks(data, LINE_FEED)
    begins = later(line_feeds)  # of lines; the block begins with one
    ends, wrong, number_of_returns = line_feeds, begins & line_feeds, 0
    if b"\r" in block:
        returns = marks(data, RETURN)
        ends = line_feeds | returns
        wrong = begins & ends | later(returns, first=0) & ~line_feeds
        number_of_returns = number_of(returns)
    if b'"' in block:
        quotes = marks(data, QUOTE)
        inside = quoted(quotes)
        opens = quotes & inside
        edges = separators | ends | quotes
        may_close = sooner(edges)
        last = len(data) - 1  # what closes there is followed by a line end, or by the end
        may_close[last // WORD_BITS] |= np.uint64(1 << last % WORD_BITS)
        wrong |= opens & ~later(edges)
        wrong |= (quotes ^ opens) & ~may_close
        wrong |= line_feeds & inside
        out.is_plain &= not inside[-1] >> np.uint64(WORD_BITS - 1)  # each that opens closes
        separators &= ~inside
    out.is_plain &= not wrong.any()
    out.records += number_of(line_feeds)
    out.separators += number_of(separators)
    return number_of_returns


def holds_kept_text(block: bytes) -> bool:
    """Whether a cell is kept as `="..."`; looking for one sign first is ten times as fast."""
    return b"=" in block and KEPT_TEXT in block


def _is_utf8(block: bytes) -> bool:
    if block.isascii():
        return True
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
