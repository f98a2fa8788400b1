"""show inventory: what Cisco devices list of themselves (IOS, IOS-XR, NX-OS, ASA).

A record is a line `NAME: ..., DESCR: ...` and the line `PID: ..., VID: ..., SN: ...` after it.
Either without the other is a record too, and set aside.
"""

import re
from collections.abc import Iterator
from typing import Final

from valuation.inventory.documents.entry import Entry
from valuation.inventory.documents.report import Report, host_marks, nearest

_COLUMNS: Final = ("hostname", "NAME", "DESCR", "PID", "VID", "SN")
_NAME: Final = re.compile(r"^[ \t]*NAME[ \t]*:[ \t]*\"", re.MULTILINE | re.IGNORECASE)
_PID: Final = re.compile(
    r"(?:^|(?<=\")[ \t,]*)[ \t]*PID[ \t]*:(?=[^\n]*,?[ \t]*VID[ \t]*:)", re.MULTILINE
)
_TOP: Final = re.compile(
    r"\s*NAME\s*:\s*\"(?P<name>.*?)\"\s*,\s*DESCR\s*:\s*\"(?P<descr>.*)\"[\s,]*",
    re.IGNORECASE | re.DOTALL,
)
_BOTTOM: Final = re.compile(
    r"[\s,]*PID\s*:(?P<pid>[^\n]*?),?[ \t]*VID[ \t]*:(?P<vid>[^\n]*?),?[ \t]*"
    r"(?:SN[ \t]*:(?P<sn>[^\n]*))?(?:\n|$)",
    re.IGNORECASE,
)
_BLANKS: Final = re.compile(r"\s+")
_NOTHING: Final = frozenset({"", "n/a", "unspecified", "unknown", "none"})
_SURE: Final = re.compile(
    r"^[ \t]*NAME[ \t]*:[ \t]*\"[^\n]*\",[ \t]*DESCR[ \t]*:[ \t]*\"", re.MULTILINE | re.IGNORECASE
)


def _entries(text: str) -> Iterator[Entry]:
    marks = host_marks(text)
    names = [found.start() for found in _NAME.finditer(text)]
    pids = [found.start() for found in _PID.finditer(text)]
    kinds = sorted([(start, True) for start in names] + [(start, False) for start in pids])
    kept = [
        (start, is_name)
        for i, (start, is_name) in enumerate(kinds)
        if is_name or i == 0 or not kinds[i - 1][1]
    ]
    for (start, is_name), end in zip(kept, [*(s for s, _ in kept[1:]), len(text)], strict=True):
        entry = _entry(text[start:end], nearest(marks, start), is_last=end == len(text))
        yield entry if is_name else Entry({}, "unreadable_record", _flat(text[start:end]))


def _entry(block: str, host: str, *, is_last: bool) -> Entry:
    pid = _PID.search(block)
    top = _TOP.fullmatch(block[: pid.start()]) if pid else None
    bottom = _BOTTOM.match(block, pid.start()) if pid else None
    if top is None or bottom is None or bottom["sn"] is None:
        return Entry({}, "cut_record" if is_last else "unreadable_record", _flat(block))
    cells = {
        "hostname": host,
        "NAME": _flat(top["name"]),
        "DESCR": _flat(top["descr"]),
        "PID": _flat(bottom["pid"]),
        "VID": _flat(bottom["vid"]),
        "SN": _flat(bottom["sn"]),
    }
    return Entry({k: text for k, text in cells.items() if text.casefold() not in _NOTHING})


def _flat(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()


def _count(text: str) -> int:
    """Names, and lines of part numbers that no name stands before. [1]"""
    marks = re.findall(
        r'(?im)^[ \t]*(NAME)[ \t]*:[ \t]*"|(?:^|"[ \t,]*)[ \t]*(PID)[ \t]*:[^\n]*VID[ \t]*:', text
    )
    flags = [bool(name) for name, _ in marks]
    before = [False, *flags]
    return sum(flags) + sum(not now and not then for now, then in zip(flags, before, strict=False))


SHOW_INVENTORY: Final = Report(
    "show-inventory", "cisco-inventory", _COLUMNS, _SURE, 1, _entries, _count
)
