"""Lines given back are read as if they stood in their original, whatever program saved them."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.inventory.conftest import Reader
from tests.inventory.mended.given_back import (
    MENDED,
    accounts,
    check_books,
    lines,
    mend,
    rejects_of,
    rows_of,
    save,
)

Writer = Callable[..., Path]


def test_a_mended_file_may_bear_the_name_of_its_original(
    export: Path, rejects: Path, read: Reader, tmp_path: Path
) -> None:
    both = read(export, mend(rejects, tmp_path / "m/export.csv", MENDED))
    check_books(both)
    assert set(both.tables["read_count"]["batch_id"]) == {"export"}
    assert lines(both).height == 4


@pytest.mark.long
def test_a_mended_line_follows_the_batch_rules_of_its_original(
    write: Writer, read: Reader, tmp_path: Path
) -> None:
    text = "Lot,Serial,Model,Qty,Pallet\nL1,S1,R740,1,P1\nL2,S2,R740,?!,P2\n,S3,R740,?!,\n"
    export = write("data/stock.csv", text)
    (path,) = rejects_of(export, folder=tmp_path)
    mended = mend(path, tmp_path / "m/stock.rejects.csv", {"S2": ("Qty", "1"), "S3": ("Qty", "1")})
    for options in ({}, {"batch": "B"}, {"batch_by": "pallet"}):
        clean = read(write("clean/stock.csv", text.replace("?!", "1")), **options)
        both = read(export, mended, **options)
        assert lines(both).equals(lines(clean)), options


@pytest.mark.long
def test_a_serial_repeats_across_a_file_and_its_mended_lines(
    write: Writer, read: Reader, tmp_path: Path
) -> None:
    text = "Serial,Manufacturer,Model,Qty\nAB12,Dell,R740,1\nAB12,Dell,R740,?!\n"
    export = write("data/stock.csv", text)
    (path,) = rejects_of(export, folder=tmp_path)
    both = read(export, mend(path, tmp_path / "m/stock.rejects.csv", {"AB12": ("Qty", "1")}))
    assert lines(both)["counted"].sum() == 1


def test_a_column_of_line_numbers_stays_one_in_the_mended_lines(
    write: Writer, read: Reader, tmp_path: Path
) -> None:
    bad = "".join(f"{i},S{i:03},R740,{'?!' if i % 4 == 0 else 1}\n" for i in range(1, 20))
    export = write("data/stock.csv", "Item,Serial,Model,Qty\n" + bad)
    (path,) = rejects_of(export, folder=tmp_path)
    mended = mend(path, tmp_path / "m/stock.csv", {f"S{i:03}": ("Qty", "1") for i in range(20)})
    assert read(export, mended).inventory.items.height == 1


def test_days_before_months_are_told_by_all_lines_of_a_family(
    export: Path, rejects: Path, read: Reader, tmp_path: Path
) -> None:
    mended = mend(rejects, tmp_path / "m/export.rejects.csv", MENDED)
    dates = dict(lines(read(export, mended)).select("serial", "purchase_date").iter_rows())
    assert dates["S002"] == "2020-06-05"  # the original holds 25/06/2020


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_program_may_save_it_with_another_separator_and_order_of_columns(
    separator: str, export: Path, rejects: Path, read: Reader, tmp_path: Path
) -> None:
    mended = mend(rejects, tmp_path / "x.csv", MENDED)
    rows = [dict(reversed(row.items())) for row in rows_of(mended)]
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0], delimiter=separator, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    mended.write_bytes(out.getvalue().encode("utf-8-sig"))
    both = read(export, mended)
    check_books(both)
    assert accounts(both) == {"export.csv": (6, 2, 0, 4), "x.csv": (4, 2, 2, 0)}
    assert accounts(read(mended)) == {"x.csv": (4, 2, 2, 0)}  # without its original, too


def test_a_program_may_save_it_as_a_workbook_with_numbers(
    export: Path, rejects: Path, read: Reader, tmp_path: Path
) -> None:
    rows = rows_of(mend(rejects, tmp_path / "x.csv", MENDED))
    typed = [row | {"Qty": int(row["Qty"]) if row["Qty"].isdigit() else row["Qty"]} for row in rows]
    frame = pl.DataFrame([{k: str(v) for k, v in row.items()} for row in typed])
    frame.write_excel(tmp_path / "m.xlsx", autofit=False)
    both = read(export, tmp_path / "m.xlsx")
    check_books(both)
    assert accounts(both) == {"export.csv": (6, 2, 0, 4), "m.xlsx": (4, 2, 2, 0)}


def test_columns_of_its_own_are_read_as_they_stand(
    export: Path, rejects: Path, read: Reader, tmp_path: Path
) -> None:
    rows = rows_of(mend(rejects, tmp_path / "x.csv", MENDED))
    wider = [{"Capacity": "4TB"} | row for row in rows]
    both = read(export, save(tmp_path / "m/export.rejects.csv", wider))
    check_books(both)
    assert "4TB" in set(both.inventory.items["capacity_raw"])
    assert both.account("export.rejects.csv")["unmapped_columns"] == "[]"


def test_a_mended_line_with_too_many_cells_stands_in_all_the_same(
    export: Path, rejects: Path, read: Reader, tmp_path: Path
) -> None:
    head, first, *others = rejects.read_text(encoding="utf-8").splitlines()
    assert "one or two" in first
    first = first.replace("one or two", "2,pieces,")
    path = tmp_path / "m/export.rejects.csv"
    path.parent.mkdir()
    path.write_text("\n".join([head, first, *others]) + "\n", encoding="utf-8")
    both = read(export, path)
    check_books(both)
    assert accounts(both) == {"export.csv": (6, 2, 0, 4), "export.rejects.csv": (4, 0, 4, 0)}
    kept = both.tables["read_reject"].filter(reason_code="too_many_cells")["cells"].to_list()
    assert kept == [["S002", "Seagate", "ST4000NM0033", "2", "pieces", "", "05/06/2020"]]


def test_a_line_blanked_out_is_gone_for_good(
    export: Path, rejects: Path, read: Reader, tmp_path: Path
) -> None:
    rows = rows_of(rejects)
    rows[0] |= dict.fromkeys(("Serial", "Manufacturer", "Model", "Qty", "Purchase date"), "")
    both = read(export, save(tmp_path / "m/export.rejects.csv", rows))
    check_books(both)
    assert accounts(both)["export.rejects.csv"] == (4, 0, 3, 1)
