"""Listings: JSON in which a tool lists the drives of one machine.

`storcli` and `perccli` (J), `nvme list`, `lsblk` and `Get-PhysicalDisk`.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from valuation.inventory.documents.entry import Entry
from valuation.inventory.documents.family import Family
from valuation.inventory.documents.report import host_or
from valuation.inventory.documents.storcli import STORCLI_COLUMNS
from valuation.inventory.documents.values import Value
from valuation.inventory.documents.walk import Met, drive_type, field, given, host_named, meet

_SLOT: Final = re.compile(r'"EID:Slt"\s*:')
_MODEL_NUMBER: Final = re.compile(r'"ModelNumber"\s*:')
_FRIENDLY: Final = re.compile(r'"FriendlyName"\s*:')
_PATH: Final = re.compile(r"^Drive /c\d+(?:/e(?P<enclosure>\d+))?/s(?P<slot>\d+)")
_BINARY: Final = re.compile(r"([\d.,]+)\s*([KMGTP])i?B?")
_MEDIA: Final = {"0": "Unspecified", "3": "HDD", "4": "SSD", "5": "SCM"}
_HEALTH: Final = {"0": "Healthy", "1": "Warning", "2": "Unhealthy", "5": "Unknown"}
_PHYSICAL_COLUMNS: Final = (
    "PSComputerName",
    "FriendlyName",
    "Manufacturer",
    "Model",
    "SerialNumber",
    "MediaType",
    "BusType",
    "Size",
    "HealthStatus",
)
_NVME_COLUMNS: Final = (
    "hostname",
    "DevicePath",
    "ModelNumber",
    "SerialNumber",
    "Firmware",
    "PhysicalSize",
    "drive_type",
)
_BLOCK_COLUMNS: Final = (
    "hostname",
    "lsblk_name",
    "vendor",
    "model",
    "serial",
    "size",
    "drive_type",
    "state",
)


def _storcli(document: Any) -> Iterator[Entry]:
    """Drive rows wherever the answer of a controller holds them, with what stands in details."""
    for controller in meet(document, lambda value: "Response Data" in value):
        status = controller.value.get("Command Status")
        status = status if isinstance(status, dict) else {}
        host = host_named(status) or field(status, "Host Name") or controller.host
        details = _details(controller.value["Response Data"])
        for row in meet(controller.value["Response Data"], lambda value: "EID:Slt" in value):
            place = field(row.value, "EID:Slt").replace(" ", "")
            cells = {
                "Hostname": host_or(host, field(status, "Controller")),
                "Controller": field(status, "Controller"),
                **{str(name): field(row.value, name) for name in row.value},
                **details.get(place, {}),
            }
            yield Entry({name: text for name, text in cells.items() if text})


def _details(response: Any) -> dict[str, dict[str, str]]:
    """Maker, serial and model by place, from `Drive /c0/e8/s1 Device attributes`."""
    out: dict[str, dict[str, str]] = {}
    for met in meet(response, lambda value: "SN" in value):
        if found := _PATH.match(met.key):
            cells = given(
                **{
                    "Manufacturer": field(met.value, "Manufacturer Id"),
                    "Serial Number": field(met.value, "SN"),
                    "Model Number": field(met.value, "Model Number"),
                }
            )
            cells = {name: text for name, text in cells.items() if text not in ("ATA", "NVMe")}
            out[f"{found['enclosure'] or ''}:{found['slot']}"] = cells
    return out


def _is_nvme(value: dict[str, Any]) -> bool:
    return "ModelNumber" in value and "SerialNumber" in value


def _nvme(document: Any) -> Iterator[Entry]:
    """Drives of both layouts: one row a namespace, or controllers within subsystems."""
    for met in meet(document, _is_nvme):
        spaces = met.value.get("Namespaces")
        sizes = [met.value] if not isinstance(spaces, list) else spaces
        used = [int(size) for one in sizes if (size := field(one, "PhysicalSize")[:30]).isdecimal()]
        yield Entry(
            given(
                hostname=met.host,
                DevicePath=field(met.value, "DevicePath") or field(met.value, "Controller"),
                ModelNumber=field(met.value, "ModelNumber"),
                SerialNumber=field(met.value, "SerialNumber"),
                Firmware=field(met.value, "Firmware"),
                PhysicalSize=f"{sum(used)} bytes" if used else "",
                drive_type="NVMe SSD",
            )
        )


def _lists_nvme(value: Value) -> bool:
    whole = value.value
    is_list = isinstance(whole, dict) and isinstance(whole.get("Devices"), list)
    return (is_list and not whole["Devices"]) or (
        value.count(_MODEL_NUMBER) > 0
        and value.text.find('"Devices"', value.start, value.end) >= 0
        and any(meet(whole, _is_nvme))
    )


def _is_block_list(value: dict[str, Any]) -> bool:
    return isinstance(value.get("blockdevices"), list)


def _lsblk(document: Any) -> Iterator[Entry]:
    """Disks; what is on them, loops and the like are no pieces of hardware."""
    for met in meet(document, _is_block_list):
        for device in met.value["blockdevices"]:
            if _is_disk(device):
                yield _block(device, met)


def _is_disk(device: Any) -> bool:
    return not isinstance(device, dict) or field(device, "type") in ("disk", "")


def _block(device: Any, met: Met) -> Entry:
    if not isinstance(device, dict):
        return Entry({}, "no_record", str(device))
    size = field(device, "size")
    binary = _BINARY.fullmatch(size)
    spins = {"1": "HDD", "true": "HDD", "0": "SSD", "false": "SSD"}.get(field(device, "rota"), "")
    vendor = field(device, "vendor")
    cells = given(
        hostname=host_named(met.value) or met.host,
        lsblk_name=field(device, "name"),
        vendor="" if vendor == "ATA" else vendor,
        model=field(device, "model"),
        serial=field(device, "serial"),
        size=f"{size} bytes" if size.isdecimal() else binary.expand(r"\1 \2iB") if binary else size,
        drive_type=drive_type(spins, protocol=field(device, "tran").upper()),
        state=field(device, "state"),
    )
    if not cells.get("model") and not cells.get("serial"):
        return Entry({}, "no_device", f"{field(device, 'name')} {size}")
    return Entry(cells)


def _count_disks(value: Value) -> int:
    lists = meet(value.value, _is_block_list)
    return sum(len(list(filter(_is_disk, met.value["blockdevices"]))) for met in lists)


def _is_physical(value: dict[str, Any]) -> bool:
    return "FriendlyName" in value and "MediaType" in value and "Size" in value


def _physical(document: Any) -> Iterator[Entry]:
    for met in meet(document, _is_physical):
        cells = {name: field(met.value, name) for name in _PHYSICAL_COLUMNS}
        cells["PSComputerName"] = cells["PSComputerName"] or met.host
        if cells["Manufacturer"] == "ATA":
            cells["Manufacturer"] = ""
        cells["MediaType"] = _MEDIA.get(cells["MediaType"], cells["MediaType"])
        cells["HealthStatus"] = _HEALTH.get(cells["HealthStatus"], cells["HealthStatus"])
        cells["Size"] += " bytes" if cells["Size"].isdecimal() else ""
        yield Entry(cells)


STORCLI_JSON: Final = Family(
    "storcli",
    "storcli",
    STORCLI_COLUMNS,
    lambda value: value.text.find('"Response Data"', value.start, value.end) >= 0,
    _storcli,
    lambda value: value.count(_SLOT),
)
NVME_JSON: Final = Family(
    "nvme-list",
    "nvme-list",
    _NVME_COLUMNS,
    _lists_nvme,
    _nvme,
    lambda value: value.count(_MODEL_NUMBER),
)
LSBLK_JSON: Final = Family(
    "lsblk",
    "lsblk",
    _BLOCK_COLUMNS,
    lambda value: (
        value.text.find('"blockdevices"', value.start, value.end) >= 0
        and any(meet(value.value, _is_block_list))
    ),
    _lsblk,
    _count_disks,
)
PHYSICAL_DISK_JSON: Final = Family(
    "get-physicaldisk",
    "windows-physical-disk",
    _PHYSICAL_COLUMNS,
    lambda value: value.count(_FRIENDLY) > 0 and any(meet(value.value, _is_physical)),
    _physical,
    lambda value: value.count(_FRIENDLY),
)
