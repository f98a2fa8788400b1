"""hpacucli: physical drives as `hpacucli` and `ssacli` list them, in a line each or in detail.

A drive that an array lists in a line and the same controller describes further down is one drive.
The tool writes `Solid State` or `SSD` beside the interface of drives without platters, and in
older versions nothing beside that of the others: a bare `SAS` is a hard drive.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from valuation.inventory.documents.entry import Entry
from valuation.inventory.documents.report import Report, cells_of, host_marks, host_or, nearest

_COLUMNS: Final = (
    "Hostname",
    "Controller",
    "physicaldrive",
    "Interface Type",
    "Size",
    "Model",
    "Serial Number",
    "Status",
    "Rotational Speed",
)
_DRIVE: Final = re.compile(
    r"^(?P<indent>[ \t]+)physicaldrive (?P<place>\S+)[ \t]*(?P<said>\([^\n]*)?$", re.MULTILINE
)
_CONTROLLER: Final = re.compile(
    r"^(?P<host>\S[^\n]*? in Slot \S+(?: \(Embedded\))?)[^\n]*$", re.MULTILINE
)
_LINE: Final = re.compile(
    r"\((?:port [^,]*, ?)?(?P<kind>[^,()]*), ?(?P<size>[\d.]+ ?[KMGTP]B), ?(?P<status>[^,)]*)"
    r"(?:,[^)]*)?\)"
)
_DETAILS: Final = ("Interface Type", "Size", "Model", "Serial Number", "Status", "Rotational Speed")
_NOT_OWN: Final = re.compile(r"^\s*(?:physicaldrive|array|Array|logicaldrive|Logical Drive)\b")


@dataclass(frozen=True)
class _Block:
    """One mention of a drive."""

    section: int
    place: str
    said: str
    body: str
    start: int
    is_last: bool

    @property
    def is_detailed(self) -> bool:
        return not self.said


def _blocks(text: str) -> list[_Block]:
    """Every mention of a drive, with the controller's section it stands in."""
    sections = [found.start() for found in _CONTROLLER.finditer(text)]
    found = list(_DRIVE.finditer(text))
    ends = [following.start() for following in found[1:]] + [len(text)]
    out = []
    for hit, end in zip(found, ends, strict=True):
        section = bisect_right(sections, hit.start())
        body = text[hit.end() : min([end, *sections[section : section + 1]])]
        is_last = end == len(text)
        out.append(_Block(section, hit["place"], hit["said"] or "", body, hit.start(), is_last))
    return out


def _entries(text: str) -> Iterator[Entry]:
    hosts = host_marks(text)
    controllers = [(found.start(), found["host"]) for found in _CONTROLLER.finditer(text)]
    blocks = _blocks(text)
    detailed = {(block.section, block.place) for block in blocks if block.is_detailed}
    listed: set[tuple[int, str]] = set()
    for block in blocks:
        key = (block.section, block.place)
        if not block.is_detailed and (key in detailed or key in listed):
            continue
        listed.add(key)
        controller = nearest(controllers, block.start)
        cells = {
            "Hostname": host_or(nearest(hosts, block.start), controller),
            "Controller": controller,
            "physicaldrive": block.place,
        }
        yield _entry(block, cells)


def _entry(block: _Block, cells: dict[str, str]) -> Entry:
    if block.is_detailed:
        said = cells_of(block.body)
        if "Size" not in said or "Interface Type" not in said:
            reason = "cut_record" if block.is_last else "unreadable_record"
            return Entry({}, reason, f"physicaldrive {block.place} {' '.join(block.body.split())}")
        cells |= {name: said.get(name, "") for name in _DETAILS}
        cells["Interface Type"] = _kind(cells["Interface Type"])
        if cells["Rotational Speed"].isdecimal():
            cells["Interface Type"] += f", {cells['Rotational Speed']} rpm"
    else:
        found = _LINE.fullmatch(block.said.strip())
        if found is None:
            reason = "cut_record" if block.is_last and ")" not in block.said else ""
            text = f"physicaldrive {block.place} {block.said}"
            return Entry({}, reason or "unreadable_record", text)
        cells |= {
            "Interface Type": _kind(found["kind"]),
            "Size": found["size"],
            "Status": found["status"],
        }
    return Entry({name: text for name, text in cells.items() if text})


def _kind(interface: str) -> str:
    """The interface with what its silence says.

    >>> _kind("SAS"), _kind("Solid State SATA"), _kind("SAS HDD")
    ('SAS HDD', 'Solid State SATA', 'SAS HDD')
    """
    bare = interface.strip()
    return f"{bare} HDD" if bare in ("SAS", "SATA", "Parallel SCSI") else bare


def _count(text: str) -> int:
    """Drives by their places, each once a controller; described twice, twice. [1]"""
    drives = 0
    for section in _CONTROLLER.split(text):
        short = set(re.findall(r"(?m)^[ \t]+physicaldrive (\S+)[ \t]*\(", section))
        long = re.findall(r"(?m)^[ \t]+physicaldrive (\S+)[ \t]*\r?$", section)
        drives += len(short - set(long)) + len(long)
    return drives


HPACUCLI_TEXT: Final = Report("hpacucli", "hpacucli", _COLUMNS, _DRIVE, 1, _entries, _count)
