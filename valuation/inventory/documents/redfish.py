"""Redfish: the parts a management controller knows, from resources in any arrangement.

One resource, a collection with its members written out, several documents, or a dump of a whole
service keyed by path: a resource is told by its type wherever it stands, and read once.

A fan of `Thermal` often has neither model nor serial number. It is a piece all the same when it
is there and turns: `State` is `Enabled` and a reading stands beside it. Fans with two rotors
report both (`Fan1A` and `Fan1B`, `Tach1` and `Tach2`): one piece is pulled, so the second reading
is kept as a sensor. What is `Absent` is kept as an empty bay, with nothing that could name a part.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from valuation.errors import InputError
from valuation.inventory.documents.entry import Entry
from valuation.inventory.documents.family import Family
from valuation.inventory.documents.resource import Resource, resources
from valuation.inventory.documents.values import Value
from valuation.inventory.documents.walk import drive_type, field

COLUMNS: Final = (
    "HostName",
    "ResourcePath",
    "ResourceName",
    "Manufacturer",
    "Model",
    "PartNumber",
    "SparePartNumber",
    "SerialNumber",
    "AssetTag",
    "Capacity",
    "PartType",
    "Description",
    "State",
)
_MARK: Final = re.compile(r'"@odata\.(?:id|type)"\s*:\s*"(?:\\?/redfish|#\w+\.)')
_ROTOR: Final = re.compile(
    r"(?P<stem>.*\d) ?[-_]?(?P<rotor>A|B|Tach ?1|Tach ?2|Front|Rear|Inlet|Outlet|Inner|Outer)"
    r"(?P<rest>\b.*)?",
    re.IGNORECASE,
)
_SECOND: Final = frozenset({"b", "tach2", "tach 2", "rear", "outlet", "outer"})
_BAYS: Final = {
    "Drive": "drive bay",
    "PowerSupply": "power supply bay",
    "Fan": "fan slot",
    "Memory": "DIMM slot",
}
_EMPTY: Final = "empty bay"
_NOTHING: Final = frozenset({"", "unknown", "n/a", "na", "none", "null", "not available", "-"})


def _recognises(value: Value) -> bool:
    return value.count(_MARK) > 0


def _entries(documents: Any) -> Iterator[Entry]:
    """One record for each part of all documents of a file.

    Raises:
        InputError: They hold links to parts and not one part.
    """
    found, links = resources(documents)
    if not found:
        raise _no_parts(links)
    hosts = _Hosts(found)
    rotors = _second_rotors(found)
    for resource in found:
        yield _entry(resource, hosts.of(resource), is_second_rotor=id(resource.value) in rotors)


def _no_parts(links: int) -> InputError:
    if links:
        return InputError(
            f"holds {links:,} links to Redfish resources and none of the resources.",
            "Fetch each member, or the collection with `?$expand=.`, and give those documents.",
        )
    return InputError(
        "holds no Redfish resource that is a part, such as Drive, Power, Thermal or Memory.",
        "Fetch those of the chassis and the system.",
    )


class _Hosts:
    """Which host a part belongs to: the only system beside it, or the one its path names."""

    def __init__(self, found: list[Resource]) -> None:
        self._by_scope: dict[str, list[Resource]] = {}
        for resource in found:
            if resource.kind == "ComputerSystem":
                self._by_scope.setdefault(resource.scope, []).append(resource)

    def of(self, resource: Resource) -> str:
        systems = self._by_scope.get(resource.scope) or []
        if len(systems) > 1:
            own = [s for s in systems if _identifier(s) in resource.path.split("/")]
            systems = own if len(own) == 1 else []
        named = field(systems[0].value, "HostName") if systems else ""
        return named or resource.host


def _identifier(system: Resource) -> str:
    return system.path.rstrip("/").rpartition("/")[2]


def _second_rotors(found: list[Resource]) -> set[int]:
    """The fan entries that are the second reading of a fan whose first is there too."""
    first: set[tuple[str, str]] = set()
    second: list[tuple[tuple[str, str], int]] = []
    for resource in found:
        rotor = _ROTOR.fullmatch(_name(resource)) if resource.kind == "Fan" else None
        if rotor is None or _said(resource, "SerialNumber"):
            continue
        key = (f"{resource.scope}\x1f{resource.parent}", rotor["stem"] + (rotor["rest"] or ""))
        if rotor["rotor"].casefold() in _SECOND:
            second.append((key, id(resource.value)))
        else:
            first.add(key)
    return {identity for key, identity in second if key in first}


def _name(resource: Resource) -> str:
    return field(resource.value, "Name") or field(resource.value, "FanName")


def _said(resource: Resource, *names: str) -> str:
    """The first of some fields that says anything."""
    texts = (field(resource.value, name) for name in names)
    return next((text for text in texts if text.casefold() not in _NOTHING), "")


def _entry(resource: Resource, host: str, *, is_second_rotor: bool) -> Entry:
    state = field(resource.value, "Status", "State")
    cells = {
        "HostName": host,
        "ResourcePath": resource.path,
        "ResourceName": _name(resource),
        "State": state,
    }
    if state == "Absent" or field(resource.value, "DIMMStatus") == "NotPresent":
        bay = f"empty {_BAYS[resource.kind]}" if resource.kind in _BAYS else _EMPTY
        return Entry(cells | {"PartType": _EMPTY, "Description": bay})
    cells |= {
        "Manufacturer": _said(resource, "Manufacturer", "VendorID"),
        "Model": _said(resource, "Model"),
        "PartNumber": _said(resource, "PartNumber", "SKU"),
        "SparePartNumber": _said(resource, "SparePartNumber"),
        "SerialNumber": _said(resource, "SerialNumber"),
        "AssetTag": _said(resource, "AssetTag"),
        "Capacity": _capacity(resource),
    }
    if resource.kind in ("ComputerSystem", "Chassis") and "dell" in cells["Manufacturer"].lower():
        # What Dell calls SKU is the service tag, one of a kind and no part number.
        cells["PartNumber"] = _said(resource, "PartNumber")
        cells["AssetTag"] = cells["AssetTag"] or _said(resource, "SKU")
    is_named = bool(cells["Model"] or cells["PartNumber"] or cells["SparePartNumber"])
    if resource.kind == "Fan" and not is_named and (is_second_rotor or not _turns(resource)):
        what = "second rotor of a fan" if is_second_rotor else "fan without a reading"
        return Entry(
            cells | {"PartType": "sensor", "ResourceName": f"{cells['ResourceName']} ({what})"}
        )
    cells["PartType"], cells["Description"] = _described(resource)
    if not is_named and not cells["Description"] and resource.kind not in ("Fan", "PowerSupply"):
        cells["Description"] = cells["ResourceName"]
    return Entry({name: text for name, text in cells.items() if text})


def _turns(resource: Resource) -> bool:
    """Whether a fan without a name of its own is there and has a reading."""
    readings = (("Reading",), ("ReadingRPM",), ("SpeedPercent", "Reading"),
                ("SpeedPercent", "SpeedRPM"), ("CurrentReading",))  # fmt: skip
    is_enabled = field(resource.value, "Status", "State") in ("Enabled", "")
    return is_enabled and any(field(resource.value, *path) for path in readings)


def _capacity(resource: Resource) -> str:
    units = (("CapacityBytes", "bytes"), ("CapacityMiB", "MiB"), ("SizeMB", "MB"),
             ("CapacityGB", "GB"))  # fmt: skip
    for name, unit in units:
        amount = field(resource.value, name)
        if amount and amount != "0":
            return f"{amount} {unit}"
    return ""


def _described(resource: Resource) -> tuple[str, str]:
    """Type and description of a part that is there."""
    value = resource.value
    if resource.kind == "Drive":
        form = re.sub(r"(?:Drive)?(\d)_(\d)", r"\1.\2 inch", field(value, "DriveFormFactor"))
        rpm = field(value, "RotationSpeedRPM").removesuffix(".0")
        kind = drive_type(
            _said(resource, "MediaType"), rpm if rpm != "0" else "", form, field(value, "Protocol")
        )
        return kind or "drive", ""
    if resource.kind == "PowerSupply":
        watts = field(value, "PowerCapacityWatts").removesuffix(".0")
        return "power supply", f"{watts} W" if watts not in ("", "0") else ""
    if resource.kind == "Memory":
        return "memory", _said(resource, "MemoryDeviceType", "DIMMType")
    if resource.kind == "Processor":
        return _said(resource, "ProcessorType") or "CPU", ""
    if resource.kind == "ComputerSystem":
        return "server", ""
    if resource.kind == "Chassis":
        return _said(resource, "ChassisType") or "chassis", ""
    return {"Fan": "fan", "NetworkAdapter": "network adapter"}[resource.kind], ""


def _count(value: Value) -> int:
    """Resources that are parts, each once. [1]"""
    return len(resources(value.value)[0])


REDFISH: Final = Family("redfish", "redfish", COLUMNS, _recognises, _entries, _count, is_whole=True)
