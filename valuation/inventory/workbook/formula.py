"""Formula: columns of a workbook's sheet whose formulas were saved without their values.

Programs that write workbooks without computing them leave such cells; they would read as blank.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

_WORKBOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_SHEETS: Final = "{*}sheets/{*}sheet"
_RELATION_ID: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BLOCK_BYTES: Final = 1 << 22

_FILLED: Final = re.compile(rb'<c r="([A-Z]+)\d+"[^>]*[^/]>')
_WITHOUT_VALUE: Final = re.compile(
    rb'<c r="([A-Z]+)\d+"(?:(?!t="str")[^>/])*>'  # only a text may have an empty value
    rb"<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>"
)


def columns_without_values(path: Path, sheet: str) -> set[int]:
    """Columns that hold a formula without its value, counted from the first filled one at 0.

    Args:
        path: The workbook.
        sheet: Name of the sheet.
    """
    with zipfile.ZipFile(path) as archive:
        part = _part_of(archive, sheet)
        if part is None:
            return set()
        found = {
            match[1]
            for rows in _row_blocks(archive, part)
            if b"<f" in rows
            for match in _WITHOUT_VALUE.finditer(rows)
        }
        if not found:
            return set()
        filled = {m[1] for rows in _row_blocks(archive, part) for m in _FILLED.finditer(rows)}
    first = min(map(_position, filled | found))
    return {_position(letters) - first for letters in found}


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The part of the archive that holds a sheet."""
    if _RELATIONS not in archive.namelist():
        return None  # a binary workbook
    sheets = _parsed(archive, _WORKBOOK).iterfind(_SHEETS)
    ids = {found.get("name"): found.get(_RELATION_ID) for found in sheets}
    for relation in _parsed(archive, _RELATIONS):
        if relation.get("Id") == ids.get(sheet):
            return posixpath.join("/xl", relation.get("Target", ""))[1:]
    return None


def _parsed(archive: zipfile.ZipFile, part: str) -> ElementTree.Element:
    return ElementTree.fromstring(archive.read(part))  # noqa: S314  expat limits what entities grow to


def _row_blocks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The text of a sheet in blocks of whole rows."""
    with archive.open(part) as stream:
        rest = b""
        while block := stream.read(_BLOCK_BYTES):
            text = rest + block
            end = text.rfind(b"</row>") + 1
            yield text[:end]
            rest = text[end:]


def _position(letters: bytes) -> int:
    """Position of a column by its letters, from 1.

    >>> _position(b"A"), _position(b"AB")
    (1, 28)
    """
    position = 0
    for letter in letters:
        position = position * 26 + letter - ord("A") + 1
    return position
