"""Report: the text one tool printed, or many hosts' outputs one after another.

A report is told by marks nobody types by chance at the beginning of a line, never by the name of
the tool. Which host a part of the text belongs to is said by prompts and by the lines that tools
put between the outputs of several hosts.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from valuation.inventory.documents.entry import Entry

_TOOLS: Final = (
    r"show|sh|admin|sudo|storcli\d*|perccli\d*|megacli\d*|hpacucli|hpssacli|ssacli|smartctl|snmpwalk"
    r"|snmpbulkwalk|snmptable|/\S+"
)
_HOST_MARKS: Final = (
    # A prompt: `core1#show inventory`, `root@db1:~# smartctl -i /dev/sda`, `[root@db1 ~]# ...`
    re.compile(
        rf"^\[?(?:RP/\S+?:|\w[\w.-]*@)?(?P<host>[A-Za-z][\w.-]*)(?:[: ][^\s#>$]*)?\]?\s?[#>$] ?"
        rf"(?P<command>(?:{_TOOLS})\b[^\n]*)$",
        re.IGNORECASE | re.MULTILINE,
    ),
    # What head, ansible and scripts write before each output.
    re.compile(r"^==> (?:\S*/)?(?P<host>[\w.-]+?)(?:\.(?:txt|log|out))? <==\s*$", re.MULTILINE),
    re.compile(r"^(?P<host>[\w.-]+) \| [A-Z]+(?: \| rc=\d+)? >>\s*$", re.MULTILINE),
    re.compile(r"^(?:[=#*-]{2,}) ?(?P<host>[A-Za-z][\w.-]*) ?(?:[=#*-]{2,})\s*$", re.MULTILINE),
    re.compile(
        r"^[ \t]*Host ?name[ \t]*[=:][ \t]*(?P<host>[\w.-]+)[ \t\r]*$", re.IGNORECASE | re.MULTILINE
    ),
)
_WALKED: Final = re.compile(r"\bsnmp(?:bulk)?(?:walk|table)\b.*\s(?P<host>[\w.:-]+)\s+\S+\s*$")
_FIELD: Final = re.compile(
    r"^\s{0,200}(?P<name>[A-Za-z][\w /()-]{0,80}?)[ \t]{0,80}:[ \t]+(?P<text>\S[^\n]*)$"
)


class Report(NamedTuple):
    """How the text of one tool is read.

    Attributes:
        format: What the reading is called.
        system: What the header table calls the tool.
        columns: Columns of its table.
        mark: What begins its records or stands in each of them.
        marks: How many marks make it sure. [1]
        entries: The records of a text.
        count: Data records of a text, counted in another way.
    """

    format: str
    system: str
    columns: tuple[str, ...]
    mark: re.Pattern[str]
    marks: int
    entries: Callable[[str], Iterator[Entry]]
    count: Callable[[str], int]

    def recognises(self, head: str) -> bool:
        """Whether the beginning of a text is this tool's."""
        return sum(
            1 for _, _ in zip(self.mark.finditer(head), range(self.marks), strict=False)
        ) == (self.marks)


def host_marks(text: str) -> list[tuple[int, str]]:
    """Where in a text the output of another host begins, and which."""
    out: list[tuple[int, str]] = []
    for pattern in _HOST_MARKS:
        for found in pattern.finditer(text):
            command = found.groupdict().get("command") or ""
            walked = _WALKED.search(command)
            out.append((found.start(), walked["host"] if walked else found["host"]))
    return sorted(out)


def nearest(marks: list[tuple[int, str]], position: int) -> str:
    """The host whose mark stands nearest before a position; empty when none does."""
    at = bisect_right(marks, position, key=lambda mark: mark[0])
    return marks[at - 1][1] if at else ""


def host_or(host: str, controller: str) -> str:
    """The host, or what tells the controller from others where no host is named.

    >>> host_or("db1", "0"), host_or("", "0"), host_or("", "Smart Array P420i in Slot 0")
    ('db1', 'controller 0', 'Smart Array P420i in Slot 0')
    """
    return host or (f"controller {controller}" if controller.isdecimal() else controller)


def cells_of(block: str) -> dict[str, str]:
    r"""The lines `Name: text` of a block; of two with one name the first.

    >>> cells_of("Device Model:     ST4000NM0033\nFirmware:\n")
    {'Device Model': 'ST4000NM0033'}
    """
    out: dict[str, str] = {}
    for line in block.splitlines():
        if found := _FIELD.match(line):
            out.setdefault(found["name"], found["text"].strip())
    return out
