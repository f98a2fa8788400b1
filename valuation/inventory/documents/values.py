"""Values: the JSON documents of a file, one after another or one a line, and their faults.

Numbers stay the text they were written as. A document has to be whole: where it breaks off is
named. Of JSON lines, each stands for itself, so that a damaged one is set aside and the others
are read as they come, never all in memory.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple

from valuation.errors import InputError
from valuation.inventory.delimited.encoding import TextLines

MAX_DOCUMENT_BYTES: Final = 256 << 20
"""A file of whole documents is read in memory and refused when larger; JSON lines are not."""
MAX_NESTING: Final = 200
"""Objects and lists within each other deeper than this are refused."""

_BEGUN: Final = re.compile(r'\s*(?:\{\s*["}]|\[\s*(?:[\[{"\]\d]|-\d|true|false|null))')
_BETWEEN: Final = re.compile("[\\s,\x1e\ufeff]*")


class Value(NamedTuple):
    """One document, or why it is none.

    Attributes:
        value: What it holds.
        text: The text it stands in.
        start: Where in that text it begins.
        end: Where it ends.
        reason: Why it is set aside; empty when it is not.
    """

    value: Any
    text: str
    start: int
    end: int
    reason: str = ""

    def count(self, pattern: re.Pattern[str]) -> int:
        """How often a pattern stands in the text of the document. [1]"""
        return sum(1 for _ in pattern.finditer(self.text, self.start, self.end))


class Doubled(dict[str, Any]):
    """An object with a field that stands twice in it with different values."""

    made: ClassVar[int] = 0
    """How many were met, so that a look at each value can be spared."""


@dataclass
class Values:
    """The documents of a file.

    Attributes:
        is_lines: Whether each line is a document.
        take: The documents from the first on, as often as asked.
        not_numbers: How many NaN and infinities were met, which are read as blank. [1]
    """

    is_lines: bool
    take: Callable[[], Iterator[Value]]
    not_numbers: int = 0

    def blank(self, _: str) -> str:
        """What stands for a NaN or an infinity, which is counted."""
        self.not_numbers += 1
        return ""


def begins_json(head: str) -> bool:
    """Whether a text begins like a JSON document and not like a table.

    >>> begins_json(' {"a": 1}'), begins_json("[{}]"), begins_json("[Assets] of 2026,")
    (True, True, False)
    """
    return _BEGUN.match(head.lstrip("\ufeff")) is not None


def json_values(path: Path, encoding: str, head: str) -> Values:
    """The documents of a file.

    Raises:
        InputError: When taken: a document is cut, too large or nested too deeply.
    """
    out = Values(_is_lines(head), lambda: iter(()))
    decoder = json.JSONDecoder(
        object_pairs_hook=_object,
        parse_int=str,
        parse_float=str,
        parse_constant=out.blank,
        strict=False,
    )
    if out.is_lines:
        out.take = lambda: _lines(TextLines(path, encoding), decoder)
    else:
        documents = list(_documents(_whole_text(path, encoding), decoder))
        out.take = lambda: iter(documents)
    return out


def depth_of(value: Any) -> int:
    """How deeply objects and lists stand within each other. [1]"""
    depth, level = 0, [value]
    while level := [inner for one in level for inner in _inside(one)]:
        depth += 1
    return depth


def _inside(value: Any) -> list[Any]:
    """The objects and lists in a value, and one for its own level."""
    if isinstance(value, dict):
        return [inner for inner in value.values() if isinstance(inner, dict | list)] or [None]
    if isinstance(value, list):
        return [inner for inner in value if isinstance(inner, dict | list)] or [None]
    return []


def has_doubled(value: Any) -> bool:
    """Whether an object in a value holds a field twice."""
    if isinstance(value, dict):
        return isinstance(value, Doubled) or any(map(has_doubled, value.values()))
    return isinstance(value, list) and any(map(has_doubled, value))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) == len(pairs) or all(out[name] == value for name, value in pairs):
        return out
    Doubled.made += 1
    return Doubled(out)


def _is_lines(head: str) -> bool:
    """Whether most lines are objects by themselves, and not the lines of one that is indented."""
    lines = [line.rstrip() for line in head.lstrip("\ufeff").splitlines()]
    given = [line for line in lines if line]
    whole = [line for line in given if line[0] == "{" and line[-1] == "}" and len(line) > 2]
    return len(whole) >= 2 and len(whole) * 2 > len(given)


def _whole_text(path: Path, encoding: str) -> str:
    size_bytes = path.stat().st_size
    if size_bytes > MAX_DOCUMENT_BYTES:
        raise InputError(
            f"is a JSON document of {size_bytes >> 20:,} MiB; up to {MAX_DOCUMENT_BYTES >> 20} MiB "
            "are read.",
            "Export it as JSON lines, one record a line, or as CSV.",
        )
    is_single = encoding.startswith("utf-8") or encoding == "cp1252"
    errors = "surrogateescape" if is_single else "replace"
    return path.read_bytes().decode(encoding, errors).replace("\0", "")


def _documents(text: str, decoder: json.JSONDecoder) -> Iterator[Value]:
    """Documents that follow each other in a text.

    Raises:
        InputError: One is no JSON, cut, or nested too deeply.
    """
    start = _end_of(_BETWEEN, text, 0)
    while start < len(text):
        try:
            value, end = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            raise InputError(
                f"is no whole JSON document: at line {error.lineno:,}, column {error.colno:,}, "
                f"{_fault(error)}.",
                "Export it again; if it is whole, it was damaged on its way.",
            ) from None
        except RecursionError:
            raise too_deep() from None
        yield Value(value, text, start, end)
        start = _end_of(_BETWEEN, text, end)


def _lines(lines: TextLines, decoder: json.JSONDecoder) -> Iterator[Value]:
    """Lines that are documents; blank ones are passed over."""
    for line in lines:
        text = line.strip(" \t\r\n\ufeff\x1e")
        if not text:
            continue
        made = Doubled.made
        try:
            value, reason = decoder.decode(text), ""
            levels = text.count("{") + text.count("[")
            if levels > MAX_NESTING and depth_of(value) > MAX_NESTING:
                value, reason = None, "too_nested"
            elif Doubled.made != made:
                value, reason = None, "repeated_field"
        except RecursionError:
            value, reason = None, "too_nested"
        except json.JSONDecodeError:
            value, reason = None, "broken_json"
        yield Value(value, text, 0, len(text), reason)


def _end_of(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start


def _fault(error: json.JSONDecodeError) -> str:
    """What stands where JSON breaks off, in words."""
    if error.pos >= len(error.doc.rstrip()):
        return "it ends before its end"
    if error.msg.startswith("Unterminated string"):
        return "a text begins that is never closed"
    what = error.msg[0].lower() + error.msg[1:]
    return f"{what} before `{error.doc[error.pos : error.pos + 20].splitlines()[0]}`"


def too_deep() -> InputError:
    """The error of a document with more levels than are read."""
    return InputError(
        f"is a JSON document nested more than {MAX_NESTING} levels deep.", "Export flat records."
    )
