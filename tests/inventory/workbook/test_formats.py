"""Formats of workbooks, told by their content: the table is the same in each."""

import re
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.inventory.conftest import Reader

HERE = Path(__file__).parent
ROWS = [
    ("Model", "Serial", "Qty", "Purchase date"),
    ("R740", "00123", 1, "2020-03-04"),
    ("R640", "S2", 25, "2021-12-31"),
    ("ST12000NM0127", "S3", 2, None),
    ("Total", None, 28, None),
]


def xlsx(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Assets")
    for i, row in enumerate(ROWS):
        for j, cell in enumerate(row):
            sheet.cell(4 + i, 2 + j, cell)
    book.save(path)


def rewritten(path: Path, *changes: tuple[str, str]) -> None:
    """Change the XML of every part."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            text = content.decode()
            for old, new in changes:
                text = re.sub(old, new, text)
            archive.writestr(name, text)


def check(path: Path, form: str, read: Reader) -> None:
    result = read(path)
    row = result.account(path.name)
    assert row["status"] == "loaded", row["reason"]
    assert (row["format"], row["header_line"]) == (form, 4)
    assert (row["lines_read"], row["lines_loaded"], row["lines_ignored"]) == (4, 3, 1)
    read_lines = result.tables["read_line"].sort("serial")
    assert read_lines["serial"].to_list() == ["00123", "S2", "S3"]
    assert read_lines["quantity"].to_list() == [1, 25, 2]
    assert read_lines["purchase_date"].to_list() == ["2020-03-04", "2021-12-31", None]


@pytest.mark.parametrize("name", ["assets.xls", "assets.ods"])
@pytest.mark.parametrize("given", ["as it is", "under another name"])
def test_older_and_rarer_workbooks_are_read_by_their_content(
    name: str, given: str, tmp_path: Path, read: Reader
) -> None:
    path = tmp_path / (name if given == "as it is" else "assets.xlsx")
    shutil.copy(HERE / name, path)
    check(path, name[-3:], read)


@pytest.mark.parametrize("ending", ["xlsx", "xlsm", "xltx"])
def test_workbooks_with_macros_and_templates_are_workbooks(
    ending: str, tmp_path: Path, read: Reader
) -> None:
    path = tmp_path / f"assets.{ending}"
    xlsx(tmp_path / "assets.xlsx")
    if ending != "xlsx":
        (tmp_path / "assets.xlsx").rename(path)
    check(path, "xlsx", read)


def test_the_strict_kind_of_workbook_is_read(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "strict.xlsx"
    xlsx(path)
    rewritten(
        path,
        ("http://schemas.openxmlformats.org/officeDocument/2006", "http://purl.oclc.org/ooxml/officeDocument"),
        ("http://schemas.openxmlformats.org/spreadsheetml/2006", "http://purl.oclc.org/ooxml/spreadsheetml"),
    )  # fmt: skip
    check(path, "xlsx", read)


def test_a_workbook_whose_elements_have_a_prefix_is_read(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "prefixed.xlsx"
    xlsx(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, content in parts.items():
        if "/worksheets/" in name:
            text = content.decode().replace(" xmlns=", " xmlns:x=")
            parts[name] = re.sub(r"<(/?)(\w+)", r"<\1x:\2", text).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    check(path, "xlsx", read)


def test_tabs_under_the_name_of_a_workbook_are_a_text(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "assets.xls"
    path.write_text("Model\tSerial\tQty\nR740\tS1\t1\n", encoding="utf-16")
    assert read(path).account("assets.xls")["lines_loaded"] == 1


def test_a_compound_document_that_is_no_workbook_is_refused(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "letter.doc"
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    path.write_bytes(head + "WordDocument".encode("utf-16-le") + bytes(2000))
    assert "without a workbook" in read(path).account("letter.doc")["reason"]


@pytest.mark.parametrize("name", ["assets.xls", "assets.ods"])
def test_damage_in_an_older_workbook_is_named_or_does_no_harm(
    name: str, tmp_path: Path, read: Reader
) -> None:
    whole = (HERE / name).read_bytes()
    for cut in (600, 2000, len(whole) - 100):
        (tmp_path / f"cut{cut}").write_bytes(whole[:cut])
    for at in range(700, len(whole), len(whole) // 5):
        (tmp_path / f"changed{at}").write_bytes(whole[:at] + b"\xff" * 8 + whole[at + 8 :])
    files = read(tmp_path).inventory.files
    accounted = files["lines_loaded"] + files["lines_rejected"] + files["lines_ignored"]
    assert files["lines_read"].to_list() == accounted.to_list()
    assert files.filter(status="refused")["reason"].null_count() == 0
