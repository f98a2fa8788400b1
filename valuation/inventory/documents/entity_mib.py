"""ENTITY-MIB: the physical entities of an SNMP agent, as `snmpwalk` and its like print them.

Every entity is a record, with its class as the type. Ports, backplanes and stacks are places of
other parts and no pieces of their own, and their type says so, as that of a container does. A walk
prints a column at a time; entities are put together by their index, for each agent anew.
"""

import re
from collections.abc import Iterator
from typing import Final

from valuation.inventory.documents.entry import Entry
from valuation.inventory.documents.report import Report, host_marks, nearest

ENTITY_COLUMNS: Final = (
    "hostname",
    "entPhysicalIndex",
    "entPhysicalDescr",
    "entPhysicalContainedIn",
    "entPhysicalClass",
    "entPhysicalName",
    "entPhysicalSerialNum",
    "entPhysicalMfgName",
    "entPhysicalModelName",
    "entPhysicalAssetID",
)
_NUMBERED: Final = {
    "2": "Descr", "3": "VendorType", "4": "ContainedIn", "5": "Class", "6": "ParentRelPos",
    "7": "Name", "8": "HardwareRev", "9": "FirmwareRev", "10": "SoftwareRev", "11": "SerialNum",
    "12": "MfgName", "13": "ModelName", "14": "Alias", "15": "AssetID", "16": "IsFRU",
    "17": "MfgDate", "18": "Uris",
}  # fmt: skip
_CLASSES: Final = {
    "1": "other", "2": "unknown", "3": "chassis", "4": "backplane", "5": "container",
    "6": "powerSupply", "7": "fan", "8": "sensor", "9": "module", "10": "port", "11": "stack",
    "12": "cpu", "13": "energyObject", "14": "battery", "15": "storageDrive",
}  # fmt: skip
_PLACES: Final = {
    "backplane": "backplane container",
    "port": "port container",
    "stack": "stack container",
    "energyObject": "energyObject sensor",
}
"""Classes that are no piece of hardware, in words that say so wherever they stand."""
_OBJECT: Final = re.compile(
    r"^[ \t]*(?:(?:ENTITY-MIB::)?entPhysical(?P<name>[A-Z]\w*)"
    r"|(?:iso|\.?1)\.3\.6\.1\.2\.1\.47\.1\.1\.1\.1\.(?P<number>\d+)"
    r"|(?:SNMPv2-SMI::)?mib-2\.47\.1\.1\.1\.1\.(?P<below>\d+))"
    r"\.(?P<index>\d{1,18})(?:[ \t]*=[ \t]*|[ \t]+|[ \t]*$)",
    re.MULTILINE,
)
_ANY_OBJECT: Final = re.compile(
    r"^[ \t]*(?:[\w-]+::[\w.\"'-]+|\.?(?:\d+\.){4,}\d+|iso\.[\d.]+)[ \t]*(?:=|[ \t])"
)
_TYPED: Final = re.compile(
    r"(?P<type>STRING|Hex-STRING|INTEGER|OID|Gauge32|Timeticks|BITS|OCTET STRING|Opaque)"
    r"[ \t]*:[ \t]?"
)
_NAMED: Final = re.compile(r"(?P<word>[A-Za-z]\w*)\((?P<number>\d+)\)")
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2}\s+)*[0-9A-Fa-f]{2}\s*")
_NOT_THERE: Final = ('""', "No Such Object", "No Such Instance", "NULL", "No more variables")
_PROMPT: Final = re.compile(r"^\S*[#$>] |^(?:==>|[=#*-]{3})")
_PREFIX: Final = "entPhysical"


def _entries(text: str) -> Iterator[Entry]:
    """The entities of a walk in the order they are first met."""
    marks = host_marks(text)
    entities: dict[tuple[int, str], dict[str, str]] = {}
    objects = list(_objects(text))
    # Told column by column, one that begins anew is that of another agent.
    is_by_column = len(objects) > 1 and objects[0][1] == objects[1][1]
    walk, host, column = 0, "", ""
    met: set[tuple[str, str]] = set()
    columns: dict[str, int] = {}
    classed: set[int] = set()
    for start, name, index, said in objects:
        now = nearest(marks, start)
        is_back = is_by_column and name != column and int(index) <= columns.get(name, -1)
        is_again = (name, index) in met
        begins = not is_by_column or index == objects[0][2]
        if now != host or is_back or (is_again and begins):
            walk, host, met, columns = walk + 1, now, set(), {}
        elif is_again:  # an index that was damaged into another
            yield Entry({}, "unreadable_record", f"{_PREFIX}{name}.{index} {said}")
            continue
        met.add((name, index))
        columns[name] = int(index)
        column = name
        if name == "Class":
            classed.add(walk)
        cells = entities.setdefault((walk, index), {"hostname": now, "entPhysicalIndex": index})
        cells[_PREFIX + name] = entity_class(said) if name == "Class" else said
    for (number, _), cells in entities.items():
        yield _entity(cells, is_classed=number in classed)


def _entity(cells: dict[str, str], *, is_classed: bool) -> Entry:
    """An entity; set aside when the walk says what the others are and not this one."""
    kept = {name: cells[name] for name in ENTITY_COLUMNS if cells.get(name)}
    if is_classed and "entPhysicalClass" not in cells:
        return Entry({}, "cut_record", " | ".join(kept.values()))
    return Entry(kept)


def _objects(text: str) -> Iterator[tuple[int, str, str, str]]:
    """Position, column, index and value of every object, values over many lines too."""
    found = list(_OBJECT.finditer(text))
    ends = [following.start() for following in found[1:]] + [len(text)]
    for hit, end in zip(found, ends, strict=True):
        yield hit.start(), _column(hit), hit["index"], _value(text[hit.end() : end])


def entity_class(said: str) -> str:
    """A class by its number or name, in the words of a type column.

    >>> entity_class("6"), entity_class("port")
    ('powerSupply', 'port container')
    """
    name = _CLASSES.get(said, said)
    return _PLACES.get(name, name)


def _column(found: re.Match[str]) -> str:
    """The name of an object's column, whichever way it is written."""
    number = found["number"] or found["below"] or ""
    return str(found["name"] or _NUMBERED.get(number, f"Column{number}"))


def _value(printed: str) -> str:
    """What an object holds, whatever way it is printed.

    >>> _value('STRING: "Fan Tray"'), _value("INTEGER: powerSupply(6)"), _value("46 61 6E 0A")
    ('Fan Tray', 'powerSupply', '46 61 6E 0A')
    >>> _value("Hex-STRING: 46 61 6E 00")
    'Fan'
    """
    lines = printed.splitlines()
    typed = _TYPED.match(printed)
    kind = typed["type"] if typed else ""
    first = lines[0][typed.end() :] if typed and lines else (lines or [""])[0]
    kept = [first.strip()]
    for line in lines[1:]:
        if not line.strip() or _ANY_OBJECT.match(line) or _PROMPT.match(line):
            break
        kept.append(line.strip())
    whole = " ".join(filter(None, kept)).strip()
    if not kind and whole.startswith(_NOT_THERE):
        return ""
    if kind == "Hex-STRING" and _HEX.fullmatch(whole):
        return bytes.fromhex(whole).decode("utf-8", "replace").replace("\0", " ").strip()
    if named := _NAMED.fullmatch(whole):
        return named["word"]
    if len(whole) > 1 and whole[0] == whole[-1] == '"':
        whole = whole[1:-1].replace('\\"', '"')
    return whole.strip()


def _count(text: str) -> int:
    """Entities of each agent, by how often an index stands in one column. [1]"""
    cuts, host = [0], ""
    for start, named in host_marks(text):
        if named != host:
            cuts.append(start)
        host = named
    ends = [*cuts[1:], len(text)]
    return sum(_count_of_one(text[cut:end]) for cut, end in zip(cuts, ends, strict=True))


def _count_of_one(text: str) -> int:
    lines = (_OBJECT.match(line) for line in text.splitlines())
    often: dict[str, dict[str, int]] = {}
    for found in filter(None, lines):
        column = _column(found)
        counts = often.setdefault(found["index"], {})
        counts[column] = counts.get(column, 0) + 1
    return sum(max(counts.values()) for counts in often.values())


ENTITY_WALK: Final = Report(
    "entity-mib", "entity-mib", ENTITY_COLUMNS, _OBJECT, 2, _entries, _count
)
