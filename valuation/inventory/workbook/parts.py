"""Parts: the files inside a workbook's archive, unpacked under a count of what they really hold.

What an archive says of a part's size may be untrue; nothing is taken on its word.
"""

import copy
import posixpath
import zipfile
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree

from valuation.errors import InputError

MAX_PART_BYTES: Final = 1 << 26
"""A part that is parsed as a whole, such as the list of sheets, may hold 64 MiB."""

_BLOCK_BYTES: Final = 1 << 22
_WORKBOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_SHEETS: Final = "{*}sheets/{*}sheet"
_WORKSHEET: Final = "/worksheet"


def blocks(archive: zipfile.ZipFile, name: str, end: bytes = b"") -> Iterator[bytes]:
    """The content of a part in blocks.

    Args:
        archive: The workbook.
        name: The part.
        end: What a block ends with, such as `</row>`; the last one ends with the part.

    Raises:
        InputError: The part holds more than the archive says.
    """
    declared = archive.getinfo(name)
    unbound = copy.copy(declared)
    unbound.file_size = 1 << 62
    size_bytes = 0
    rest = b""
    with archive.open(unbound) as stream:
        while block := stream.read(_BLOCK_BYTES):
            size_bytes += len(block)
            if size_bytes > declared.file_size:
                raise InputError(
                    f"is a damaged workbook: `{name}` unpacks to more than the "
                    f"{declared.file_size:,} bytes it declares.",
                    "Save it again.",
                )
            text = rest + block if rest else block
            at = text.rfind(end)
            cut = at + len(end) if at >= 0 else 0
            rest = text[cut:]
            if len(rest) > MAX_PART_BYTES:
                raise InputError(
                    f"is a damaged workbook: `{name}` goes on for over {MAX_PART_BYTES >> 20} MiB "
                    "without a row.",
                    "Save it again.",
                )
            yield text[:cut]
    yield rest


def parsed(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """A small part as XML.

    Raises:
        InputError: It holds more than `MAX_PART_BYTES`.
        ElementTree.ParseError: It is no XML, or its entities grow too large.
    """
    if archive.getinfo(name).file_size > MAX_PART_BYTES:
        raise InputError(
            f"has a part `{name}` of {archive.getinfo(name).file_size >> 20:,} MiB; up to "
            f"{MAX_PART_BYTES >> 20:,} MiB are read.",
            "Save it again, or export CSV.",
        )
    text = b"".join(blocks(archive, name))
    return ElementTree.fromstring(text)  # noqa: S314  expat limits what entities grow to


def worksheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part of each sheet of cells, by the name of the sheet; charts have none."""
    targets = {
        relation.get("Id"): posixpath.join("/xl", relation.get("Target", ""))[1:]
        for relation in parsed(archive, _RELATIONS)
        if relation.get("Type", "").endswith(_WORKSHEET)
    }
    out = {}
    for sheet in parsed(archive, _WORKBOOK).iterfind(_SHEETS):
        # The namespace of the id differs between the two kinds of Office Open XML.
        keys = (value for key, value in sheet.items() if key.endswith("}id"))
        part = targets.get(next(keys, None))
        if part in archive.namelist():
            out[sheet.get("name", "")] = part
    return out
