"""Workbooks: which sheets are read, and cells that hold no value."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from tests.inventory.conftest import Read, Reader

HEADER = ("Model", "Serial", "Qty")


def workbook(path: Path, **sheets: Sequence[Sequence[object]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return book


def serials(result: Read) -> list[str]:
    return sorted(result.tables["read_line"]["serial"].to_list())


def test_a_hidden_sheet_gives_way_to_one_that_is_shown(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "book.xlsx"
    book = workbook(path, Old=[HEADER, ("R640", "X1", 1)], Live=[HEADER, ("R740", "S1", 1)])
    book["Old"].sheet_state = "hidden"
    book.save(path)
    result = read(path)
    assert serials(result) == ["S1"]
    assert any("`Old`" in warning for warning in result.inventory.warnings)


def test_a_workbook_of_hidden_sheets_is_read_all_the_same(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "book.xlsx"
    book = workbook(path, Cover=[("Assets",)], Data=[HEADER, ("R740", "S1", 1)])
    book["Data"].sheet_state = "hidden"
    book.save(path)
    assert serials(read(path)) == ["S1"]


def test_sheets_with_the_same_header_are_one_table(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "book.xlsx"
    sites: dict[str, Sequence[Sequence[object]]] = {
        "IAD": [("Site IAD",), HEADER, ("R740", "S1", 1), ("R740", "S2", 1)],
        "PDX": [HEADER, ("R640", "S3", 4), ("R640", "S4", "many")],
        "Summary": [("Model", "Qty"), ("R740", 2)],
    }
    workbook(path, **sites)
    result = read(path)
    row = result.account("book.xlsx")
    assert (row["lines_read"], row["lines_loaded"], row["lines_rejected"]) == (4, 3, 1)
    assert serials(result) == ["S1", "S2", "S3"]
    assert result.tables["read_reject"]["source_line"].to_list() == [4]
    together, left_out = result.inventory.warnings
    assert "`IAD`, `PDX`" in together
    assert "`Summary`" in left_out


@pytest.mark.parametrize("written", ["<v/>", "<v></v>", "<v />", ""])
def test_formulas_without_values_refuse_the_workbook(
    written: str, tmp_path: Path, read: Reader
) -> None:
    path = tmp_path / "book.xlsx"
    workbook(path, Assets=[HEADER, ("R740", "S1", 1), ("R740", "S2", "=1+1")])
    replace_in_sheet(path, "<v />", written)
    row = read(path).account("book.xlsx")
    assert row["status"] == "refused"
    assert "formulas without values in column `Qty`" in row["reason"]


def test_formulas_with_values_or_in_columns_not_used_do_no_harm(
    tmp_path: Path, read: Reader
) -> None:
    path = tmp_path / "book.xlsx"
    workbook(path, Assets=[(*HEADER, "Price"), ("R740", "S1", "=1+1", "=2*3")])
    replace_in_sheet(path, "<f>1+1</f><v />", "<f>1+1</f><v>2</v>")
    result = read(path)
    assert result.account("book.xlsx")["status"] == "loaded"
    assert result.tables["read_count"]["quantity"].to_list() == [2]


def test_a_formula_whose_value_is_an_empty_text_is_blank(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "book.xlsx"
    workbook(path, Assets=[HEADER, ("R740", "S1", "=A9")])
    replace_in_sheet(path, '<c r="C2"><f>A9</f><v />', '<c r="C2" t="str"><f>A9</f><v></v>')
    assert read(path).tables["read_count"]["quantity"].to_list() == [1]


def test_an_error_in_a_cell_is_no_blank(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "book.xlsx"
    rows = [("R740", "S1", "#REF!"), ("#N/A", "S2", 1), ("R740", "S3", "#DIV/0!")]
    workbook(path, Assets=[(), ("Assets",), HEADER, *rows])
    result = read(path)
    rejects = result.tables["read_reject"].sort("source_line")
    assert rejects["raw_text"].to_list() == ["R740 | S1 | #REF!", "R740 | S3 | #DIV/0!"]
    assert result.inventory.items["model_raw"].to_list() == ["#N/A"]


def replace_in_sheet(path: Path, old: str, new: str) -> None:
    """Rewrite the XML of the first sheet, to look like a workbook other programs write."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert old in parts[sheet]
    parts[sheet] = parts[sheet].replace(old, new)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
