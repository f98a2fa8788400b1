"""Layouts: titles, merged cells, several tables, notes: what people do around a table."""

import datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from tests.inventory.conftest import Read, Reader

HEADER = ("Asset tag", "Model", "Serial", "Qty", "Site")


def lines(count: int, first: int = 1) -> list[tuple[object, ...]]:
    return [(f"T{i}", "R740", f"SN-{i:04}", 1, "IAD") for i in range(first, first + count)]


def book_of(path: Path, rows: list[tuple[object, ...]], *merges: str) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    for merge in merges:
        sheet.merge_cells(merge)
    book.save(path)
    return book


def account(result: Read) -> tuple[int, int, int, int]:
    row = result.inventory.files.row(0, named=True)
    assert row["status"] == "loaded", row["reason"]
    keys = ("lines_read", "lines_loaded", "lines_rejected", "lines_ignored")
    return tuple(row[key] for key in keys)  # type: ignore[return-value]


def models(result: Read) -> dict[str, float]:
    rows = result.counts().select("model_raw", "quantity").iter_rows()
    return dict(sorted(rows))


def reasons(result: Read) -> list[tuple[int, str]]:
    rejects = result.tables["read_reject"].sort("source_line")
    return list(rejects.select("source_line", "reason_code").iter_rows())


def test_the_header_row_is_the_one_a_person_sees(tmp_path: Path, read: Reader) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row, cells in enumerate([HEADER, *lines(2)], start=7):
        for column, cell in enumerate(cells, start=3):
            sheet.cell(row, column, cell)
    book.save(tmp_path / "book.xlsx")
    result = read(tmp_path / "book.xlsx")
    assert result.inventory.files["header_line"].to_list() == [7]
    assert account(result) == (2, 2, 0, 0)


def test_a_model_merged_over_five_rows_is_the_model_of_each(tmp_path: Path, read: Reader) -> None:
    rows = [(f"T{i}", "R740" if i == 0 else None, f"S{i}x", 1, "IAD") for i in range(5)]
    book_of(tmp_path / "book.xlsx", [HEADER, *rows, *lines(1, 9)], "B2:B6")
    result = read(tmp_path / "book.xlsx")
    assert models(result) == {"R740": 6}
    assert any(
        "4 lines with a text taken from a cell merged" in w for w in result.inventory.warnings
    )


@pytest.mark.parametrize(("quantity", "expected"), [(3, (3, 3, 0, 0)), (12, (3, 0, 3, 0))])
def test_a_quantity_merged_over_rows_counts_once_or_not_at_all(
    quantity: int, expected: tuple[int, ...], tmp_path: Path, read: Reader
) -> None:
    rows = [(f"T{i}", "R740", f"S{i}x", None if i else quantity, "IAD") for i in range(3)]
    book_of(tmp_path / "book.xlsx", [HEADER, *rows], "D2:D4")
    result = read(tmp_path / "book.xlsx")
    assert account(result) == expected
    assert models(result) == ({"R740": 3} if expected[1] else {})


def test_a_serial_merged_over_rows_with_models_of_their_own_is_that_of_the_first(
    tmp_path: Path, read: Reader
) -> None:
    rows = [("T1", "R740", "SRV-1", 1, "IAD"), (None, "ST4000NM0035", None, 4, None)]
    book_of(tmp_path / "book.xlsx", [HEADER, *rows, *lines(2)], "A2:A3", "C2:C3", "E2:E3")
    result = read(tmp_path / "book.xlsx")
    assert models(result) == {"R740": 3, "ST4000NM0035": 4}
    sites = result.tables["read_line"]["site"].to_list()
    assert sites == ["IAD"] * 4


def test_rows_wholly_under_merged_cells_are_no_lines(tmp_path: Path, read: Reader) -> None:
    rows = [("T1", "R740", "SRV-1", 1, "IAD"), (None,) * 5]
    merges = [f"{column}2:{column}3" for column in "ABCDE"]
    book_of(tmp_path / "book.xlsx", [HEADER, *rows, *lines(2, 5)], *merges)
    assert account(read(tmp_path / "book.xlsx")) == (4, 3, 0, 1)


def test_a_header_merged_over_rows_and_columns_is_read(tmp_path: Path, read: Reader) -> None:
    rows = [
        ("Device", None, "Qty", "Place", None),
        ("Model", "Serial", None, "Site", "Rack"),
        ("R740", "S1x", 2, "IAD", "A1"),
        ("R640", "S2x", 3, "IAD", "A2"),
    ]
    book_of(tmp_path / "book.xlsx", rows, "A1:B1", "C1:C2", "D1:E1")
    result = read(tmp_path / "book.xlsx")
    assert models(result) == {"R640": 3, "R740": 2}
    assert result.inventory.files["header_line"].to_list() == [2]


@pytest.mark.parametrize("column", [0, 1, 2])
def test_a_title_among_the_lines_is_no_item(column: int, tmp_path: Path, read: Reader) -> None:
    title = tuple("Hall 2" if i == column else None for i in range(5))
    book_of(tmp_path / "book.xlsx", [HEADER, *lines(3), title, *lines(2, 7)])
    result = read(tmp_path / "book.xlsx")
    assert account(result) == (6, 5, 1, 0)
    assert reasons(result) == [(4, "single_cell")]


def test_a_list_of_nothing_but_models_is_read(tmp_path: Path, read: Reader) -> None:
    rows = [(None, f"R{i}40", None, None, None) for i in range(4)]
    book_of(tmp_path / "book.xlsx", [HEADER, *rows])
    assert account(read(tmp_path / "book.xlsx")) == (4, 4, 0, 0)


def test_notes_below_the_table_are_set_aside_and_totals_ignored(
    tmp_path: Path, read: Reader
) -> None:
    tail = [
        ("Total", None, None, 3, None),
        (),
        ("Prepared by", None, "J. Smith"),
        ("* counted by hand",),
    ]
    book_of(tmp_path / "book.xlsx", [HEADER, *lines(3), *tail])
    result = read(tmp_path / "book.xlsx")
    assert account(result) == (7, 3, 2, 2)
    assert reasons(result) == [(6, "below_table"), (7, "below_table")]


def test_another_table_below_is_set_aside(tmp_path: Path, read: Reader) -> None:
    pivot = [(), ("Summary",), ("Model", "Quantity", "Manufacturer"), ("R740", 3, "Dell")]
    book_of(tmp_path / "book.xlsx", [HEADER, *lines(3), *pivot])
    result = read(tmp_path / "book.xlsx")
    assert models(result) == {"R740": 3}
    assert [code for _, code in reasons(result)][-2:] == ["other_table", "other_table"]
    assert any("another table" in warning for warning in result.inventory.warnings)


def test_a_header_written_again_below_goes_on_with_the_table(tmp_path: Path, read: Reader) -> None:
    book_of(tmp_path / "book.xlsx", [HEADER, *lines(3), (), HEADER, *lines(2, 8)])
    assert account(read(tmp_path / "book.xlsx")) == (7, 5, 0, 2)


def test_tables_with_the_same_header_side_by_side_are_one(tmp_path: Path, read: Reader) -> None:
    right = lines(2, 50)
    rows = [(*left, None, *(right[i] if i < 2 else ())) for i, left in enumerate(lines(3))]
    book_of(tmp_path / "book.xlsx", [(*HEADER, None, *HEADER), *rows])
    result = read(tmp_path / "book.xlsx")
    assert account(result) == (6, 5, 0, 1)
    assert models(result) == {"R740": 5}


def test_a_summary_beside_the_table_is_left_out_by_name(tmp_path: Path, read: Reader) -> None:
    rows = [(*line, None, *side) for line, side in zip(lines(2), [("R740", 2), ()], strict=True)]
    book_of(tmp_path / "book.xlsx", [(*HEADER, None, "Model", "Quantity"), *rows])
    result = read(tmp_path / "book.xlsx")
    assert models(result) == {"R740": 2}
    assert any("table beside" in warning for warning in result.inventory.warnings)


def test_rows_a_filter_hides_are_read_and_told(tmp_path: Path, read: Reader) -> None:
    book = book_of(tmp_path / "book.xlsx", [HEADER, *lines(4)])
    book.worksheets[0].row_dimensions[3].hidden = True
    book.save(tmp_path / "book.xlsx")
    result = read(tmp_path / "book.xlsx")
    assert account(result) == (4, 4, 0, 0)
    assert any("1 row is hidden" in warning for warning in result.inventory.warnings)


def test_numbers_are_the_text_a_person_sees(tmp_path: Path, read: Reader) -> None:
    book = xlsxwriter.Workbook(tmp_path / "book.xlsx")
    sheet = book.add_worksheet()
    zeros = book.add_format({"num_format": "00000000"})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    header = ["Asset tag", "Model", "Serial", "Qty", "Purchase date"]
    sheet.write_row(2, 1, header)
    sheet.write_row(3, 1, [12345678901, 740.0, "00012"])
    sheet.write_number(4, 1, 1234, zeros)
    sheet.write_row(4, 2, [740, "00012X"])
    sheet.write_row(5, 1, [77, 740, 12345678901234567])
    sheet.write_row(6, 1, [78, 740, 12345678901234568])
    sheet.write_datetime(6, 5, datetime.date(2020, 3, 4), day)
    sheet.write_rich_string(7, 1, "T", book.add_format({"bold": True}), "9", "9")
    sheet.write_row(7, 2, [740, "S9", 1.0])
    book.close()
    result = read(tmp_path / "book.xlsx")
    read_lines = result.tables["read_line"]
    assert models(result) == {"740": 5}, "a damaged serial is never compared"
    assert sorted(read_lines["asset_tag"]) == ["00001234", "12345678901", "77", "78", "T99"]
    assert read_lines["purchase_date"].drop_nulls().to_list() == ["2020-03-04"]
    assert any("more digits than the 15" in warning for warning in result.inventory.warnings)


def test_dates_of_the_other_calendar_are_the_same_days(tmp_path: Path, read: Reader) -> None:
    book = xlsxwriter.Workbook(tmp_path / "book.xlsx", {"date_1904": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Model", "Serial", "Purchase date"])
    sheet.write_row(1, 0, ["R740", "S1x"])
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_datetime(1, 2, datetime.date(2020, 3, 4), day)
    book.close()
    assert read(tmp_path / "book.xlsx").tables["read_line"]["purchase_date"][0] == "2020-03-04"


def test_sheets_without_cells_do_no_harm(tmp_path: Path, read: Reader) -> None:
    book = xlsxwriter.Workbook(tmp_path / "book.xlsx")
    book.add_worksheet("Empty")
    chart = book.add_chart({"type": "bar"})
    chart.add_series({"values": "=Data!$A$1:$A$2"})
    book.add_chartsheet("Chart").set_chart(chart)
    sheet = book.add_worksheet("Data")
    for i, row in enumerate([HEADER, *lines(2)]):
        sheet.write_row(i, 0, row)
    book.close()
    assert account(read(tmp_path / "book.xlsx")) == (2, 2, 0, 0)


def test_a_workbook_without_cells_is_refused(tmp_path: Path, read: Reader) -> None:
    xlsxwriter.Workbook(tmp_path / "book.xlsx").close()
    assert read(tmp_path / "book.xlsx").account("book.xlsx")["status"] == "refused"
