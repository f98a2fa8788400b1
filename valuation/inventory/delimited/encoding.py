"""Encoding: which characters the bytes of a text are, and its lines as text.

A byte-order mark decides; else UTF-8 checked over the whole file. Few damaged lines among many
good ones stay UTF-8 and are set aside one by one; otherwise the file is cp1252, whose five
undefined bytes are read as latin-1 and said so. General detectors guess worse than this.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, Final

from valuation.errors import InputError, UnknownFormat

MAX_LINE_CHARACTERS: Final = 32 << 20
"""A text with a longer line is refused: it is no table of records."""
EAST_ASIAN: Final = ("cp949", "cp932", "gb18030", "big5")
"""Korean, Japanese and Chinese encodings of older systems."""
BAD_LINE_SHARE: Final = 1 / 1000
"""Below this share of damaged lines among those beyond ASCII, a text is still UTF-8."""

_BLOCK_BYTES: Final = 1 << 22
_CONTROLS_OF_TEXTS: Final = frozenset((1, 9, 10, 11, 12, 13, 27, 30, 31))
"""Tabs, line ends, escapes, and what some writers put between cells and records."""
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CP1252: Final = {
    byte: codecs.decode(bytes([byte]), "cp1252")
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_UNDEFINED: Final = frozenset("\x81\x8d\x8f\x90\x9d")
_REPLACED: Final = "\ufffd"


@dataclass
class TextLines:
    """The physical lines of a text, decoded, and what was met on the way.

    Attributes:
        path: The text file.
        encoding: Name of its encoding as reported.
        nul_lines: Lines that held NUL characters, which are dropped.
        undefined_lines: Lines that held one of the five bytes cp1252 leaves undefined.
    """

    path: Path
    encoding: str
    nul_lines: int = field(default=0, init=False)
    undefined_lines: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[str]:
        """Lines with their ends; a damaged character is a lone surrogate or U+FFFD.

        Raises:
            InputError: A line is longer than `MAX_LINE_CHARACTERS`.
        """
        self.nul_lines = self.undefined_lines = 0
        yield from self.decoded(self.path.open("rb"))

    def decoded(self, stream: BinaryIO) -> Iterator[str]:
        """The lines of a part of the text, which begins with one, in the same way.

        The stream is closed then.

        Raises:
            InputError: A line is longer than `MAX_LINE_CHARACTERS`.
        """
        is_cp1252 = self.encoding == "cp1252"
        codec = "latin-1" if is_cp1252 else self.encoding
        errors = "surrogateescape" if codec.startswith("utf-8") else "replace"
        with TextIOWrapper(stream, encoding=codec, errors=errors, newline="") as text:
            while line := text.readline(MAX_LINE_CHARACTERS):
                if len(line) == MAX_LINE_CHARACTERS:
                    raise InputError(
                        f"holds a line of more than {MAX_LINE_CHARACTERS:,} characters.",
                        "Export it again as CSV, XLSX or Parquet.",
                    )
                if "\0" in line:
                    self.nul_lines += 1
                    line = line.replace("\0", "")
                if is_cp1252 and not line.isascii():
                    self.undefined_lines += not _UNDEFINED.isdisjoint(line)
                    line = line.translate(_CP1252)
                yield line

    def is_damaged(self, text: str) -> bool:
        """Whether a decoded text stands for bytes that the encoding does not have."""
        if text.isascii() or self.encoding == "cp1252":
            return False
        if not self.encoding.startswith("utf-8"):
            return _REPLACED in text
        try:
            text.encode()
        except UnicodeEncodeError:
            return True
        return False


def readable(line: str) -> str:
    """A damaged line with its lost bytes shown as latin-1, so that it can be stored."""
    return line.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def detect_encoding(path: Path, head: bytes) -> str:
    """Encoding of a text file.

    Raises:
        UnknownFormat: The bytes are no text.
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    unmarked = _unmarked_utf16(head)
    if unmarked:
        return unmarked
    _refuse_binary(head)
    if _is_utf8(path):
        return "utf-8"
    beyond_ascii = damaged = 0
    lines = TextLines(path, "utf-8")
    for line in lines:
        if not line.isascii():
            beyond_ascii += 1
            damaged += lines.is_damaged(line)
    return "utf-8" if damaged < beyond_ascii * BAD_LINE_SHARE else "cp1252"


def begins_as_utf8(head: bytes) -> bool:
    """Whether the first bytes of a text are UTF-8 without a mark, and no UTF-16 or binary file."""
    if any(head.startswith(mark) for mark, _ in _MARKS) or _unmarked_utf16(head):
        return False
    _refuse_binary(head)
    return _is_text(head, "utf-8")


def other_encodings(path: Path, head: bytes) -> list[str]:
    """Encodings of East Asia in which every byte of a text makes sense.

    Latin letters with accents make sense in them too, so that only a header can decide.
    """
    return [name for name in EAST_ASIAN if _is_text(head, name) and _is_whole(path, name)]


def _is_text(head: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _is_whole(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as stream:
            while stream.read(_BLOCK_BYTES):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _unmarked_utf16(head: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of a Latin text is zero."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > half * 0.4 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.4 and odd < half * 0.05:
        return "utf-16-be"
    return None


def _refuse_binary(head: bytes) -> None:
    controls = sum(head.count(byte) for byte in range(32) if byte not in _CONTROLS_OF_TEXTS)
    if controls > 8 and controls > len(head) * 0.02:
        raise UnknownFormat("is a binary file, not a table.", "Export CSV, XLSX or Parquet.")


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    pending = False
    with path.open("rb") as stream:
        try:
            while block := stream.read(_BLOCK_BYTES):
                if pending or not block.isascii():
                    decoder.decode(block)
                    pending = bool(decoder.getstate()[0])
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
