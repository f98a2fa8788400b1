"""smartctl: what the tool tells of a drive, as JSON or as text.

A drive that could not be opened is a record all the same: somebody has to look at it, so it is
set aside with what the tool said.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from valuation.inventory.documents.entry import Entry
from valuation.inventory.documents.family import Family
from valuation.inventory.documents.report import Report, cells_of, host_marks, nearest
from valuation.inventory.documents.walk import drive_type, field, given, meet

_COLUMNS: Final = (
    "hostname",
    "smartctl_device",
    "vendor",
    "model_name",
    "model_family",
    "serial_number",
    "firmware_version",
    "user_capacity_bytes",
    "drive_type",
)
_DOCUMENT: Final = re.compile(r'"json_format_version"\s*:')
_TEXT_COLUMNS: Final = (
    "Hostname",
    "Vendor",
    "Device Model",
    "Model Family",
    "Serial Number",
    "Firmware Version",
    "User Capacity",
    "Drive Type",
)
_BEGIN: Final = re.compile(
    r"^smartctl \d+\.\d+[^\n]*\[[^\n]*$|^=== START OF INFORMATION SECTION ===\s*$", re.MULTILINE
)
_SECTION: Final = "=== START"
_UNKNOWN: Final = ("[no information available]", "none", "n/a")


def _is_smartctl(value: dict[str, Any]) -> bool:
    return "json_format_version" in value and isinstance(value.get("smartctl"), dict)


def _entries(document: Any) -> Iterator[Entry]:
    for met in meet(document, _is_smartctl):
        yield _entry(met.value, met.host)


def _entry(value: dict[str, Any], host: str) -> Entry:
    """The drive of one document of the tool."""
    kind = field(value, "device_type", "name") or field(value, "scsi_device_type", "name")
    protocol = field(value, "device", "protocol")
    is_nvme = protocol == "NVMe"
    media = "SSD" if is_nvme else "" if kind in ("", "disk") else kind
    vendor = field(value, "scsi_vendor") or field(value, "vendor")
    product = field(value, "scsi_product") or field(value, "product")
    whole = field(value, "model_name") or field(value, "scsi_model_name")
    capacity = field(value, "user_capacity", "bytes") or field(value, "nvme_total_capacity")
    cells = given(
        hostname=host,
        smartctl_device=field(value, "device", "name"),
        vendor="" if vendor == "ATA" else vendor,
        model_name=product or whole,
        model_family=field(value, "model_family"),
        serial_number=field(value, "serial_number"),
        firmware_version=field(value, "firmware_version"),
        user_capacity_bytes=capacity and f"{capacity} bytes",
        drive_type=drive_type(
            media, field(value, "rotation_rate"), field(value, "form_factor", "name"), protocol
        ),
    )
    if not cells.get("model_name"):
        return Entry({}, "no_device", _said(value) or str(cells))
    return Entry(cells)


def _said(value: dict[str, Any]) -> str:
    """Why the tool could not open the drive, in its own words."""
    messages = value["smartctl"].get("messages")
    texts = [field(message, "string") for message in messages] if isinstance(messages, list) else []
    return ": ".join(filter(None, [field(value, "device", "name"), *texts]))


SMARTCTL_JSON: Final = Family(
    "smartctl",
    "smartctl-json",
    _COLUMNS,
    lambda value: value.count(_DOCUMENT) > 0 and any(meet(value.value, _is_smartctl)),
    _entries,
    lambda value: value.count(_DOCUMENT),
)


def _text_entries(text: str) -> Iterator[Entry]:
    """The drives of a text, one for each start of the tool."""
    marks = host_marks(text)
    starts = _starts(text)
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield _text_entry(text[start:end], nearest(marks, start))


def _starts(text: str) -> list[int]:
    """Where drives begin: at the tool's banner, or at a section without one before it."""
    out: list[int] = []
    has_section = True
    for found in _BEGIN.finditer(text):
        is_section = found[0].startswith("===")
        if not is_section or has_section:
            out.append(found.start())
        has_section = is_section
    return out


def _text_entry(block: str, host: str) -> Entry:
    section = block.partition("=== START OF INFORMATION SECTION ===")[2]
    said = cells_of(section.partition(_SECTION)[0])
    said = {name: text for name, text in said.items() if text.casefold() not in _UNKNOWN}
    model = said.get("Device Model") or said.get("Model Number") or said.get("Product", "")
    vendor = said.get("Vendor", "")
    protocol = said.get("Transport protocol", "")
    is_nvme = "Model Number" in said
    rotation, kind = said.get("Rotation Rate", ""), said.get("Device type", "disk")
    is_still = is_nvme or rotation.casefold() == "solid state device"
    capacities = ("User Capacity", "Total NVM Capacity", "Namespace 1 Size/Capacity")
    cells = {
        "Hostname": host,
        "Vendor": "" if vendor == "ATA" else vendor,
        "Device Model": model,
        "Model Family": said.get("Model Family", ""),
        "Serial Number": said.get("Serial Number") or said.get("Serial number", ""),
        "Firmware Version": said.get("Firmware Version") or said.get("Revision", ""),
        "User Capacity": next((said[name] for name in capacities if name in said), ""),
        "Drive Type": drive_type(
            "SSD" if is_still else "" if kind == "disk" else kind,
            rotation,
            said.get("Form Factor", ""),
            "NVMe" if is_nvme else protocol.split(" ")[0],
        ),
    }
    if not model:
        return Entry({}, "no_device", " ".join(block.split()))
    return Entry(cells)


def _text_count(text: str) -> int:
    """Drives by the sections and by the banners that no section follows. [1]"""
    lines = [line for line in text.splitlines() if _BEGIN.match(line)]
    sections = sum(line.startswith("===") for line in lines)
    pairs = zip(lines, [*lines[1:], "smartctl"], strict=True)
    return sections + sum(not a.startswith("===") and not b.startswith("===") for a, b in pairs)


SMARTCTL_TEXT: Final = Report(
    "smartctl", "smartctl", _TEXT_COLUMNS, _BEGIN, 1, _text_entries, _text_count
)
