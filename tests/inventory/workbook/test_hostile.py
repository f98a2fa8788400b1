"""Hostile workbooks: what lies about its size, or takes far more than it brings, is refused."""

import copy
import io
import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.inventory.conftest import Read, Reader
from valuation.inventory.workbook import apart

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
HEADER = ("Model", "Serial", "Qty")


def book_of(path: Path, **changed: bytes) -> None:
    """A workbook of one line, some of its parts replaced."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(HEADER)
    book.worksheets[0].append(("R740", "S1x", 1))
    whole = io.BytesIO()
    book.save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            stem = name.rsplit("/", 1)[-1].split(".")[0]
            out.writestr(name, changed.pop(stem, None) or source.read(name))
        for stem, content in changed.items():
            out.writestr(f"xl/{stem}.xml", content)


def sheet_of(cells: bytes, before: bytes = b"") -> bytes:
    return (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        + before + b"<sheetData>" + cells + b"</sheetData></worksheet>"
    )  # fmt: skip


def reason(result: Read) -> str:
    (row,) = result.inventory.files.iter_rows(named=True)
    assert row["status"] == "refused"
    return str(row["reason"])


HEAD = (
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>Model</t></is></c>'
    b'<c r="B1" t="inlineStr"><is><t>Qty</t></is></c></row>'
)


def test_cells_in_opposite_corners_are_refused_before_they_take_memory(
    tmp_path: Path, read: Reader
) -> None:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    book_of(tmp_path / "far.xlsx", sheet1=sheet_of(HEAD + far))
    told = reason(read(tmp_path / "far.xlsx"))
    assert "1,048,576 rows and 16,384 columns; up to 67,108,864" in told


def test_a_sheet_that_only_says_it_is_large_is_read(tmp_path: Path, read: Reader) -> None:
    line = b'<row r="2"><c r="A2"><v>740</v></c><c r="B2"><v>2</v></c></row>'
    content = sheet_of(HEAD + line, b'<dimension ref="A1:XFD1048576"/>')
    book_of(tmp_path / "large.xlsx", sheet1=content)
    assert read(tmp_path / "large.xlsx").account("large.xlsx")["lines_loaded"] == 1


@pytest.mark.long
def test_a_sheet_of_all_columns_is_refused_with_the_limit(tmp_path: Path, read: Reader) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append([*HEADER, *(f"c{i}" for i in range(16381))])
    book.save(tmp_path / "wide.xlsx")
    assert "16,384 columns; up to 2,000" in reason(read(tmp_path / "wide.xlsx"))


def test_a_part_that_holds_more_than_it_declares_is_refused(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "lie.xlsx"
    filler = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (i, i) for i in range(2, 9000))
    book_of(path, sheet1=sheet_of(HEAD + filler))
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        true = struct.pack("<I", archive.getinfo(SHEET).file_size)
    while (at := content.find(true)) >= 0:
        content[at : at + 4] = struct.pack("<I", 100)
    path.write_bytes(content)
    assert "unpacks to more than the 100 bytes it declares" in reason(read(path))


def test_a_workbook_that_declares_too_much_is_refused(
    tmp_path: Path, read: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("valuation.inventory.source.MAX_WORKBOOK_BYTES", 1 << 20)
    book_of(tmp_path / "book.xlsx", theme1=bytes(3 << 20))
    assert "workbooks are read up to 1 MiB" in reason(read(tmp_path / "book.xlsx"))


def test_a_workbook_of_many_parts_is_refused(
    tmp_path: Path, read: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("valuation.inventory.source.MAX_PARTS", 50)
    book_of(tmp_path / "book.xlsx")
    with zipfile.ZipFile(tmp_path / "book.xlsx", "a") as archive:
        for i in range(60):
            archive.writestr(f"xl/media/{i}.png", b"")
    assert "50 parts" in reason(read(tmp_path / "book.xlsx"))


def test_entities_that_grow_are_refused(tmp_path: Path, read: Reader) -> None:
    doctype = b'<!DOCTYPE x [<!ENTITY a0 "lol">'
    for i in range(1, 12):
        doctype += b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10)
    laughs = doctype + b"]>" + b"<workbook><sheets>&a11;</sheets></workbook>"
    book_of(tmp_path / "laughs.xlsx", workbook=laughs)
    assert "damaged" in reason(read(tmp_path / "laughs.xlsx"))


def test_a_text_shown_too_often_is_refused(
    tmp_path: Path, read: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("valuation.inventory.workbook.survey.MAX_TEXT_BYTES", 1 << 24)
    xmlns = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    strings = b"<sst " + xmlns + b"><si><t>" + b"x" * (1 << 20) + b"</t></si></sst>"
    cells = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (i, i) for i in range(2, 99)
    )
    book_of(tmp_path / "echo.xlsx", sheet1=sheet_of(HEAD + cells), sharedStrings=strings)
    assert "MiB of text; up to 16 MiB" in reason(read(tmp_path / "echo.xlsx"))


def test_a_cell_of_two_million_characters_sets_its_line_aside(tmp_path: Path, read: Reader) -> None:
    text = b'<c r="A%d" t="inlineStr"><is><t>%s</t></is></c><c r="B%d"><v>2</v></c>'
    lines = [
        b'<row r="%d">' % i + text % (i, t, i) + b"</row>"
        for i, t in ((2, b"R740"), (3, b"x" * 2_000_000))
    ]
    book_of(tmp_path / "long.xlsx", sheet1=sheet_of(HEAD + b"".join(lines)))
    result = read(tmp_path / "long.xlsx")
    row = result.account("long.xlsx")
    assert (row["lines_read"], row["lines_loaded"], row["lines_rejected"]) == (2, 1, 1)
    (rejected,) = result.tables["read_reject"].iter_rows(named=True)
    assert (rejected["reason_code"], rejected["source_line"]) == ("cell_too_long", 2)
    assert len(rejected["raw_text"]) == 2000


def test_one_damaged_sheet_refuses_the_workbook_and_is_named(tmp_path: Path, read: Reader) -> None:
    book_of(tmp_path / "book.xlsx", sheet1=sheet_of(HEAD + b'<row r="2"><c r="A2"><v>1</c></row>'))
    told = reason(read(tmp_path / "book.xlsx"))
    assert "damaged workbook" in told and "sheet `Sheet`" in told


def test_an_older_workbook_that_takes_too_much_memory_is_refused(
    tmp_path: Path, read: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "MAX_MEMORY_BYTES", 1 << 24)
    assert "GiB of memory" in reason(read(Path(__file__).with_name("assets.xls")))


def test_an_open_document_of_repeated_cells_is_refused(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "repeated.ods"
    with (
        zipfile.ZipFile(Path(__file__).with_name("assets.ods")) as source,
        zipfile.ZipFile(path, "w") as out,
    ):
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "content.xml":
                many = b'<table:table-row table:number-rows-repeated="1048576"><table:table-cell '
                many += b'table:number-columns-repeated="16384" office:value-type="string"><text:p>'
                many += b"x</text:p></table:table-cell></table:table-row>"
                content = content.replace(b"</table:table>", many + b"</table:table>")
            out.writestr(copy.copy(part), content)
    told = reason(read(path))
    assert "cells requested, max" in told or "GiB of memory" in told
