"""Survey: an own count of the records of a text, made of its bytes and not by the fast reader.

Only a text without any doubt is counted: quotes by the rules and closed on their line (two stray
ones look like a cell of many lines) and none kept in a cell as `="..."`, as many separators as its
lines need, one kind of line end, no NUL, no blank line before its end.
Everything else takes the careful path, which counts for itself.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

_BLOCK_BYTES: Final = 1 << 22
_LINE_FEED, _RETURN, _QUOTE = 10, 13, 34


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


def survey(path: Path, offset: int, delimiter: str, width: int) -> Survey:
    """Count the records of a text that is ASCII or UTF-8.

    Args:
        path: The text.
        offset: Where the first record after the header begins. [byte]
        delimiter: Character between cells.
        width: Cells of the header. [1]
    """
    out = Survey()
    size = path.stat().st_size
    with path.open("rb") as stream:
        end = _content_end(stream, offset, size)
        stream.seek(end)
        tail = stream.read()
        out.blank_lines = max(tail.count(b"\n") - 1, 0)
        returns, pairs, line_feeds = _line_ends(tail)
        stream.seek(offset)
        while out.is_plain and stream.tell() < end:
            block = stream.read(min(_BLOCK_BYTES, end - stream.tell()))
            if stream.tell() < end:
                block += stream.readline(end - stream.tell())
            _count(block, delimiter, out)
            ends = _line_ends(block)
            returns, pairs, line_feeds = returns + ends[0], pairs + ends[1], line_feeds + ends[2]
    out.records += end > offset  # the last record has its line end in the tail, or none
    # The fast reader drops a separator too many at the end of a line without a word.
    out.is_plain &= out.separators == out.records * (width - 1)
    out.is_plain &= returns == pairs and returns in (0, line_feeds)
    return out


def _line_ends(block: bytes) -> tuple[int, int, int]:
    """Carriage returns, pairs of return and line feed, line feeds."""
    return block.count(b"\r"), block.count(b"\r\n"), block.count(b"\n")


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


def _count(block: bytes, delimiter: str, out: Survey) -> None:
    """Add the records that end in a block of whole lines."""
    if b"\0" in block or b"\n\n" in block or b"\n\r\n" in block or block.startswith((b"\n", b"\r")):
        out.is_plain = False
        return
    if b'"' not in block:
        out.separators += block.count(delimiter.encode())
        out.records += block.count(b"\n")
        return
    if b'"=""' in block:
        out.is_plain = False
        return
    data = np.frombuffer(block, np.uint8)
    quotes = np.flatnonzero(data == _QUOTE)
    opens = np.arange(len(quotes)) % 2 == 0
    before = data[np.maximum(quotes - 1, 0)]
    before[quotes == 0] = _LINE_FEED  # a block begins after a line end
    after = data[np.minimum(quotes + 1, len(data) - 1)]
    after[quotes == len(data) - 1] = _LINE_FEED  # and ends before one, or before the end
    may_open, may_close = _edges(delimiter)
    line_feeds = np.flatnonzero(data == _LINE_FEED)
    separators = np.flatnonzero(data == ord(delimiter))
    out.separators += int((np.searchsorted(quotes, separators) % 2 == 0).sum())
    pairs = np.searchsorted(line_feeds, quotes[: len(quotes) // 2 * 2]).reshape(-1, 2)
    out.is_plain &= len(quotes) % 2 == 0
    out.is_plain &= bool(np.where(opens, may_open[before], may_close[after]).all())
    out.is_plain &= bool((pairs[:, 0] == pairs[:, 1]).all())
    out.records += len(line_feeds)


def _edges(delimiter: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which bytes may stand before a quote that opens a cell, and after one that closes it."""
    may_open = np.zeros(256, bool)
    may_open[[_LINE_FEED, _QUOTE, ord(delimiter)]] = True
    may_close = may_open.copy()
    may_close[_RETURN] = True
    return may_open, may_close
