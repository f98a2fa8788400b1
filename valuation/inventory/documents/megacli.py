"""MegaCli: the drives `MegaCli -PDList` prints, block by block.

Inquiry data join serial, model and firmware with blanks, SAS drives in another order than SATA.
They are taken apart only where every part stands in the column the standards give it; otherwise
they stay whole as the description, to be read for what they are.
"""

import re
from collections.abc import Iterator
from typing import Final

from valuation.inventory.documents.entry import Entry
from valuation.inventory.documents.report import Report, cells_of, host_marks, host_or, nearest

_COLUMNS: Final = (
    "Hostname",
    "Adapter",
    "Enclosure Device ID",
    "Slot Number",
    "Manufacturer",
    "Model",
    "Serial Number",
    "Inquiry Data",
    "Raw Size",
    "Drive Type",
    "Firmware state",
)
_BEGIN: Final = re.compile(r"^[ \t]*Enclosure Device ID:", re.MULTILINE)
_SLOT: Final = re.compile(r"^[ \t]*Slot Number:", re.MULTILINE)
_INQUIRY: Final = re.compile(r"^[ \t]*Inquiry Data: ?(?P<data>[^\r\n]*)", re.MULTILINE)
_ADAPTER: Final = re.compile(r"^[ \t]*Adapter #(?P<host>\d+)[ \t\r]*$", re.MULTILINE)
_WORD: Final = re.compile(r"[\w./-]+")
_MODEL: Final = re.compile(r"(?=.*\d)[A-Z][\w./-]*(?: [\w./-]+){0,4}", re.IGNORECASE)
_BRACKET: Final = re.compile(r"\s*\[.*")
_MEDIA: Final = {"hard disk device": "HDD", "solid state device": "SSD"}
_SATA_MODEL, _SATA_FIRMWARE, _SATA_END = 20, 60, 68
_SAS_PRODUCT, _SAS_FIRMWARE, _SAS_SERIAL = 8, 24, 28


def _entries(text: str) -> Iterator[Entry]:
    hosts = host_marks(text)
    adapters = [(found.start(), found["host"]) for found in _ADAPTER.finditer(text)]
    starts = _starts(text)
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        adapter = nearest(adapters, start)
        host = host_or(nearest(hosts, start), adapter)
        cells = {"Hostname": host, "Adapter": adapter}
        yield _entry(text[start:end], cells, is_last=end == len(text))


def _starts(text: str) -> list[int]:
    """Where drives begin: at their enclosure, or at inquiry data that another block has already."""
    marks = sorted(
        [(found.start(), True) for found in _BEGIN.finditer(text)]
        + [(found.start(), False) for found in _INQUIRY.finditer(text)]
    )
    out: list[int] = []
    is_open = False
    for start, begins in marks:
        if begins or not is_open:
            out.append(start)
        is_open = begins
    return out


def _entry(block: str, cells: dict[str, str], *, is_last: bool) -> Entry:
    said = cells_of(block)
    inquiry = _INQUIRY.search(block)
    if inquiry is None or not inquiry["data"].strip() or "Slot Number" not in said:
        reason = "cut_record" if is_last and inquiry is None else "unreadable_record"
        return Entry({}, reason, " ".join(block.split()))
    media = said.get("Media Type", "")
    protocol = said.get("PD Type", "")
    cells |= {
        "Enclosure Device ID": said.get("Enclosure Device ID", ""),
        "Slot Number": said["Slot Number"],
        "Raw Size": _BRACKET.sub("", said.get("Raw Size", "")),
        "Drive Type": ", ".join(filter(None, (_MEDIA.get(media.casefold(), media), protocol))),
        "Firmware state": said.get("Firmware state", ""),
        **inquired(inquiry["data"], protocol),
    }
    return Entry({name: text for name, text in cells.items() if text})


def inquired(data: str, protocol: str) -> dict[str, str]:
    """Maker, model and serial in inquiry data, or the data whole where it is not sure.

    >>> inquired("SEAGATE ST300MM0006     LS08S0K1ABCD            ", "SAS")["Model"]
    'ST300MM0006'
    >>> inquired("SEAGATE ST300MM0006 LS08S0K1ABCD", "SAS")
    {'Inquiry Data': 'SEAGATE ST300MM0006 LS08S0K1ABCD'}
    """
    if protocol.upper() == "SATA":
        serial, model = data[:_SATA_MODEL].strip(), data[_SATA_MODEL:_SATA_FIRMWARE].strip()
        firmware, rest = data[_SATA_FIRMWARE:_SATA_END].strip(), data[_SATA_END:].strip()
        maker, is_whole = "", len(data.rstrip()) > _SATA_FIRMWARE and not rest
    else:
        maker, model = data[:_SAS_PRODUCT].strip(), data[_SAS_PRODUCT:_SAS_FIRMWARE].strip()
        firmware, serial = data[_SAS_FIRMWARE:_SAS_SERIAL].strip(), data[_SAS_SERIAL:].strip()
        # The maker's name is padded, so a blank before the model shows that nothing has moved.
        is_whole = len(data[:_SAS_PRODUCT].rstrip()) == len(maker) > 0
        is_whole &= " " not in model
    parts = (serial, firmware)
    if is_whole and all(map(_WORD.fullmatch, parts)) and _MODEL.fullmatch(model):
        found = {"Manufacturer": maker, "Model": model, "Serial Number": serial}
        return {name: text for name, text in found.items() if text and text != "ATA"}
    return {"Inquiry Data": " ".join(data.split())}


def _count(text: str) -> int:
    """Drives by their slots; one without a slot by what begins it. [1]"""
    begins, slots = len(_BEGIN.findall(text)), len(_SLOT.findall(text))
    orphans = 0
    for block in re.split(_BEGIN, text):
        orphans += max(len(_INQUIRY.findall(block)) - 1, 0)
    before = _INQUIRY.search(re.split(_BEGIN, text, maxsplit=1)[0])
    return max(begins, min(slots, begins)) + orphans + (before is not None)


MEGACLI_TEXT: Final = Report("megacli", "megacli", _COLUMNS, _INQUIRY, 1, _entries, _count)
