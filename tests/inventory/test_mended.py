"""Lines given back: they stand in for those set aside, and no record counts twice."""

import csv
import io
import itertools
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.exports import settings
from tests.inventory.conftest import Read, Reader
from valuation.api import run
from valuation.rejects import write_rejects

Writer = Callable[..., Path]
HEADER = "Serial,Manufacturer,Model,Qty,Purchase date\n"
BAD = (
    "S001,Seagate,ST4000NM0033,1,03/04/2020\n"
    "S002,Seagate,ST4000NM0033,one or two,05/06/2020\n"
    "S003,HGST,HUH721212ALE604,2,25/06/2020\n"
    "S004,HGST,HUH721212ALE604,see PO,\n"
    "S005,Seagate,ST4000NM0033,1,,left over, twice\n"
    ",,,7,\n"
)
MENDED = {"S002": ("Qty", "2"), "S004": ("Qty", "5")}


@pytest.fixture
def export(write: Writer) -> Path:
    return write("data/export.csv", HEADER + BAD)


def rejects_of(*paths: Path, folder: Path, db: str = "out.duckdb", **given: object) -> list[Path]:
    """The files of lines set aside, of a run over some files."""
    result = run(list(paths), settings=settings(folder, db=folder / db, draws=50, **given))
    return [one.path for one in write_rejects(result.db, folder / f"{db}-rejects")]


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def save(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    rows = list(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def mend(path: Path, to: Path, mended: dict[str, tuple[str, str]]) -> Path:
    """Save a file of lines set aside with some cells changed, by serial."""
    rows = rows_of(path)
    for row in rows:
        column, cell = mended.get(row["Serial"], ("Serial", row["Serial"]))
        row[column] = cell
    return save(to, rows)


def accounts(read: Read) -> dict[str, tuple[int, int, int, int]]:
    """Lines read, loaded, rejected and ignored by file name."""
    counts = ("lines_read", "lines_loaded", "lines_rejected", "lines_ignored")
    rows = read.inventory.files.iter_rows(named=True)
    return {Path(row["name"]).name: tuple(row[count] for count in counts) for row in rows}


def lines(read: Read) -> pl.DataFrame:
    """What was loaded, whatever file it came from."""
    joined = read.tables["read_line"].join(read.inventory.items.drop("lines"), on="item_id")
    return joined.drop("file_id").sort(pl.all())


def check_books(read: Read) -> None:
    files = read.inventory.files
    told = files["lines_loaded"] + files["lines_rejected"] + files["lines_ignored"]
    assert files["lines_read"].to_list() == told.to_list()
    kept = dict(read.tables["read_reject"]["file_id"].value_counts().iter_rows())
    for row in files.iter_rows(named=True):
        assert kept.get(row["file_id"], 0) == row["lines_rejected"], row["name"]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lines of the export that are set aside: the same for every export of this content."""
    folder = tmp_path_factory.mktemp("once")
    (folder / "export.csv").write_text(HEADER + BAD, encoding="utf-8")
    (path,) = rejects_of(folder / "export.csv", folder=folder)
    return path


@pytest.fixture
def rejects(once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(once, tmp_path))


def test_mended_lines_stand_in_for_those_set_aside(
    export: Path, rejects: Path, write: Writer, read: Reader, tmp_path: Path
) -> None:
    mended = mend(rejects, tmp_path / "m/export.rejects.csv", MENDED)
    both = read(export, mended)
    check_books(both)
    assert accounts(both) == {"export.csv": (6, 2, 0, 4), "export.rejects.csv": (4, 2, 2, 0)}
    assert '"mended": 4' in both.account("export.csv")["reasons"]
    assert '"not_mended": 2' in both.account("export.rejects.csv")["reasons"]
    right = BAD.replace("one or two", "2").replace("see PO", "5")
    clean = read(write("clean/export.csv", HEADER + right))
    assert lines(both).equals(lines(clean))
    assert both.counts().equals(clean.counts())
    assert both.inventory.files.filter(pl.col("unmapped_columns") != "[]").is_empty()


def test_the_order_of_the_files_does_not_matter(
    export: Path, rejects: Path, write: Writer, read: Reader, tmp_path: Path
) -> None:
    first = mend(rejects, tmp_path / "0/export.rejects.csv", {"S002": MENDED["S002"]})
    second = mend(rejects, tmp_path / "z/export.rejects.csv", {"S004": MENDED["S004"]})
    results = [read(*paths) for paths in itertools.permutations([export, first, second])]
    for other in results[1:]:
        assert results[0].inventory.files.equals(other.inventory.files)
        for name, table in results[0].tables.items():
            assert_frame_equal(table, other.tables[name], check_row_order=name != "read_line")
    check_books(results[0])
    # Each mended one line and gave three back as they were; those count in one of the two.
    assert accounts(results[0])["export.csv"] == (6, 2, 0, 4)
    assert lines(results[0]).height == 4
    assert results[0].inventory.files["lines_rejected"].sum() == 2


def test_lines_given_back_as_they_were_change_nothing(
    export: Path, rejects: Path, read: Reader
) -> None:
    alone, both = read(export), read(export, rejects)
    check_books(both)
    assert both.counts().equals(alone.counts())
    assert (
        both.inventory.files["lines_rejected"].sum()
        == alone.inventory.files["lines_rejected"].sum()
    )
    assert set(both.tables["read_reject"]["reason_code"]) == {"not_mended"}


def test_a_line_taken_out_leaves_its_original_set_aside(
    export: Path, rejects: Path, read: Reader, tmp_path: Path
) -> None:
    rows = [row for row in rows_of(rejects) if row["Serial"] == "S002"]
    rows[0]["Qty"] = "2"
    both = read(export, save(tmp_path / "m/export.rejects.csv", rows))
    check_books(both)
    assert accounts(both) == {"export.csv": (6, 2, 3, 1), "export.rejects.csv": (1, 1, 0, 0)}


def test_a_line_that_is_right_as_it_stands_is_told_by_clearing_its_code(
    export: Path, rejects: Path, read: Reader, tmp_path: Path
) -> None:
    rows = rows_of(rejects)
    for row in rows:
        row["reject_code"] = "" if row["Serial"] == "S005" else row["reject_code"]
    both = read(export, save(tmp_path / "m/export.rejects.csv", rows))
    assert accounts(both)["export.rejects.csv"] == (4, 1, 3, 0)
    assert "S005" in set(both.tables["read_line"]["serial"])


def test_a_line_without_a_key_is_a_new_line_of_that_batch_and_said_so(
    export: Path, rejects: Path, read: Reader, tmp_path: Path
) -> None:
    rows = rows_of(rejects)
    rows.append(dict.fromkeys(rows[0], "") | {"Serial": "S900", "Model": "R740", "Qty": "3"})
    both = read(export, save(tmp_path / "m/export.rejects.csv", rows))
    check_books(both)
    assert accounts(both)["export.rejects.csv"] == (5, 1, 4, 0)
    assert set(both.tables["read_count"]["batch_id"]) == {"export"}
    assert any("1 line without a reject_key" in text for text in both.inventory.warnings)


def test_a_line_that_was_loaded_cannot_be_loaded_again(
    export: Path, rejects: Path, read: Reader, tmp_path: Path
) -> None:
    rows = rows_of(rejects)
    file, _, cells = rows[0]["reject_key"].split("-")
    rows[0] |= {"Qty": "2", "reject_key": f"{file}-1-{cells}"}
    rows[1] |= {"Qty": "2", "reject_key": "lost"}
    both = read(export, save(tmp_path / "m/export.rejects.csv", rows))
    check_books(both)
    assert both.counts().equals(read(export).counts())
    codes = both.tables["read_reject"].filter(pl.col("source_line") <= 2)["reason_code"]
    assert list(codes).count("not_rejected_there") == 2


def test_of_two_lines_that_stand_in_for_one_the_second_is_set_aside(
    export: Path, rejects: Path, read: Reader, tmp_path: Path
) -> None:
    one = mend(rejects, tmp_path / "a/export.rejects.csv", MENDED)
    two = mend(rejects, tmp_path / "b/export.rejects.csv", {"S002": ("Qty", "3")})
    result = read(export, one, two)
    check_books(result)
    codes = result.tables["read_reject"]["reason_code"].value_counts().sort("reason_code")
    assert dict(codes.iter_rows()) == {"mended_twice": 1, "not_mended": 2}
    assert lines(result).height == 4
    assert result.inventory.files["lines_ignored"].sum() == 4 + 3  # stood in for, given twice


def test_without_its_original_a_line_goes_to_the_batch_of_that_file(
    rejects: Path, read: Reader, tmp_path: Path
) -> None:
    alone = read(mend(rejects, tmp_path / "m/anything.csv", MENDED))
    check_books(alone)
    assert set(alone.tables["read_count"]["batch_id"]) == {"export"}
    assert accounts(alone)["anything.csv"] == (4, 2, 2, 0)
    (told,) = [text for text in alone.inventory.warnings if "its original" in text]
    assert "export.csv is not among the files" in told


def test_an_original_of_that_name_with_another_content_refuses_the_mended_file(
    export: Path, rejects: Path, read: Reader, tmp_path: Path
) -> None:
    mended = mend(rejects, tmp_path / "m/export.rejects.csv", MENDED)
    export.write_text(HEADER + BAD + "S006,HGST,X,1,\n", encoding="utf-8")
    both = read(export, mended)
    assert both.account("data/export.csv")["lines_rejected"] == 4
    row = both.account("export.rejects.csv")
    assert row["status"] == "refused"
    assert "another export.csv" in row["reason"]
    assert "valuation rejects" in row["reason"]


def test_an_original_of_another_name_is_known_by_its_content(
    export: Path, rejects: Path, read: Reader, tmp_path: Path
) -> None:
    mended = mend(rejects, tmp_path / "m/export.rejects.csv", MENDED)
    both = read(export.rename(export.with_name("again.csv")), mended)
    assert accounts(both)["again.csv"] == (6, 2, 0, 4)
    assert set(both.tables["read_count"]["batch_id"]) == {"again"}


def test_an_original_that_cannot_be_read_is_said(
    rejects: Path, read: Reader, write: Writer
) -> None:
    both = read(rejects, write("x.csv", "no header\n"))
    assert accounts(both)["export.rejects.csv"] == (4, 0, 4, 0)


def test_lines_of_two_files_in_one_are_refused(
    export: Path, rejects: Path, read: Reader, tmp_path: Path, write: Writer
) -> None:
    other = write("data/other.csv", HEADER + BAD.replace("S00", "T00"))
    paths = rejects_of(export, other, folder=tmp_path, db="both.duckdb")
    rows = [row for path in paths for row in rows_of(path)]
    result = read(export, other, save(tmp_path / "m/all.csv", rows))
    row = result.account("all.csv")
    assert row["status"] == "refused"
    assert "export.csv, other.csv" in row["reason"]


def test_a_mended_file_may_bear_the_name_of_its_original(
    export: Path, rejects: Path, read: Reader, tmp_path: Path
) -> None:
    both = read(export, mend(rejects, tmp_path / "m/export.csv", MENDED))
    check_books(both)
    assert set(both.tables["read_count"]["batch_id"]) == {"export"}
    assert lines(both).height == 4


def test_rejects_of_rejects_are_mended_in_their_turn(
    export: Path, rejects: Path, write: Writer, read: Reader, tmp_path: Path
) -> None:
    first = mend(
        rejects,
        tmp_path / "m/export.rejects.csv",
        {"S002": ("Qty", "2 or 3"), "S004": ("Qty", "5")},
    )
    (again,) = rejects_of(export, first, folder=tmp_path, db="second.duckdb")
    assert again.name == "export.rejects.rejects.csv"
    rows = rows_of(again)
    assert [row["reject_code"] for row in rows] == ["bad_quantity", "not_mended", "not_mended"]
    assert list(rows[0]) == list(rows_of(rejects)[0])
    second = mend(again, tmp_path / "n/export.rejects.rejects.csv", {"S002": ("Qty", "2")})
    result = read(second, export, first)
    check_books(result)
    assert accounts(result) == {
        "export.csv": (6, 2, 0, 4),
        "export.rejects.csv": (4, 1, 0, 3),
        "export.rejects.rejects.csv": (3, 1, 2, 0),
    }
    right = BAD.replace("one or two", "2").replace("see PO", "5")
    assert lines(result).equals(lines(read(write("clean/export.csv", HEADER + right))))
    alone = read(second)
    assert set(alone.tables["read_count"]["batch_id"]) == {"export"}


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
