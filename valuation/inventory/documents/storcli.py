"""storcli: drive tables of `storcli` and `perccli`, with serials where they print details."""

import re
from collections.abc import Iterator
from typing import Final

from valuation.inventory.documents.entry import Entry
from valuation.inventory.documents.report import Report, host_marks, host_or, nearest

STORCLI_COLUMNS: Final = (
    "Hostname",
    "Controller",
    "EID:Slt",
    "DID",
    "State",
    "DG",
    "Size",
    "Intf",
    "Med",
    "SED",
    "PI",
    "SeSz",
    "Model",
    "Sp",
    "Type",
    "Manufacturer",
    "Serial Number",
    "Model Number",
)
_HEADER: Final = re.compile(r"^[ \t]*EID:Slt\s+\w+\s+State\b[^\n]*\bModel\b[^\n]*$", re.MULTILINE)
_RULE: Final = re.compile(r"\s*-{10,}\s*")
_CONTROLLER: Final = re.compile(
    r"^[ \t]*Controller[ \t]*=[ \t]*(?P<host>\d+)[ \t\r]*$", re.MULTILINE
)
_PLACE: Final = re.compile(r"^Drive /c(?P<c>\d+)(?:/e(?P<e>\d+))?/s(?P<s>\d+)\b.*:\s*$")
_DETAIL: Final = re.compile(r"^(?P<name>SN|Manufacturer Id|Model Number)\s*=\s*(?P<text>.*?)\s*$")
_DETAILS: Final = {
    "SN": "Serial Number",
    "Manufacturer Id": "Manufacturer",
    "Model Number": "Model Number",
}
_NO_MAKER: Final = ("ATA", "NVMe")
_SHAPES: Final = {
    "EID:Slt": r"(\d*\s?:\s?\d+)",
    "Size": r"([\d.,]+\s?[KMGTPE]?i?B)",
    "Model": r"(\S.*?)",
}
_SEPARATED: Final = re.compile(r"\s+")


def _entries(text: str) -> Iterator[Entry]:
    """Rows of every drive table, each with what details about its place say."""
    hosts, controllers = host_marks(text), _controllers(text)
    rows: list[tuple[dict[str, str], Entry]] = []
    by_place: dict[tuple[str, str, str], dict[str, str]] = {}
    shape: re.Pattern[str] | None = None
    names: list[str] = []
    detailed: dict[str, str] = {}
    is_table = False
    position = 0
    for line in text.splitlines(keepends=True):
        start, position = position, position + len(line)
        if _HEADER.match(line):
            names, shape, is_table = line.split(), _row_shape(line), False
        elif _RULE.fullmatch(line):
            is_table = shape is not None and not is_table
            shape = shape if is_table else None
        elif shape is not None and is_table and line.strip():
            host, controller = nearest(hosts, start), nearest(controllers, start)
            found = shape.fullmatch(line.strip())
            is_cut = position >= len(text)
            cells = {"Hostname": host_or(host, controller), "Controller": controller}
            if found is None:
                reason = "cut_record" if is_cut else "unreadable_record"
                rows.append((cells, Entry({}, reason, line.strip())))
                continue
            cells |= dict(zip(names, found.groups(), strict=True))
            cells["EID:Slt"] = _SEPARATED.sub("", cells["EID:Slt"])
            by_place[host, controller, cells["EID:Slt"]] = cells
            rows.append((cells, Entry({})))
        elif place := _PLACE.match(line):
            key = (nearest(hosts, start), place["c"], f"{place['e'] or ''}:{place['s']}")
            detailed = by_place.get(key, {})
        elif (detail := _DETAIL.match(line)) and detail["text"] not in ("", "NA", *_NO_MAKER):
            detailed.setdefault(_DETAILS[detail["name"]], detail["text"])
    for cells, entry in rows:
        yield entry if entry.reason else Entry({k: v for k, v in cells.items() if v})


def _controllers(text: str) -> list[tuple[int, str]]:
    """Where the answer of a controller begins, and which."""
    return [(found.start(), found["host"]) for found in _CONTROLLER.finditer(text)]


def _row_shape(header: str) -> re.Pattern[str]:
    """What a row under a header looks like: one word a column, but for size and model."""
    return re.compile(r"\s+".join(_SHAPES.get(name, r"(\S+)") for name in header.split()))


def _count(text: str) -> int:
    """Rows between the second and the third rule of every drive table. [1]"""
    rows = 0
    for part in _HEADER.split(text)[1:]:
        body = re.split(r"(?m)^[ \t]*-{10,}[ \t]*\r?$", part)
        rows += sum(1 for line in body[1].splitlines() if line.strip()) if len(body) > 1 else 0
    return rows


STORCLI_TEXT: Final = Report("storcli", "storcli", STORCLI_COLUMNS, _HEADER, 1, _entries, _count)
