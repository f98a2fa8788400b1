"""Lines given back: they stand in for those set aside, and no record counts twice."""

import itertools
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.inventory.conftest import Reader
from tests.inventory.mended.given_back import (
    BAD,
    HEADER,
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


def test_mended_lines_stand_in_for_those_set_aside(
    export: Path, rejects: Path, write: Writer, read: Reader, tmp_path: Path
) -> None:
    mended = mend(rejects, tmp_path / "m/export.rejects.csv", MENDED)
    both = read(export, mended)
    check_books(both)
    assert accounts(both) == {"export.csv": (6, 2, 0, 4), "export.rejects.csv": (4, 2, 2, 0)}
    assert '"mended": 4' in both.account("export.csv")["ignored_reasons"]
    assert '"not_mended": 2' in both.account("export.rejects.csv")["reasons"]
    right = BAD.replace("one or two", "2").replace("see PO", "5")
    clean = read(write("clean/export.csv", HEADER + right))
    assert lines(both).equals(lines(clean))
    assert both.counts().equals(clean.counts())
    assert both.inventory.files.filter(pl.col("unmapped_columns") != "[]").is_empty()


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
def test_what_a_spreadsheet_changes_by_itself_is_not_mended(
    write: Writer, read: Reader, tmp_path: Path
) -> None:
    export = write("data/export.csv", HEADER + "0S07,HGST,X1,see PO,\n0012,HGST,X2,1,,a, b\n")
    (rejects,) = rejects_of(export, folder=tmp_path)
    rows = rows_of(rejects)
    for row in rows:
        row["Serial"] = f" {row['Serial'].lstrip('0').lower()}"
    changed = save(tmp_path / "m/export.rejects.csv", rows)
    both = read(export, changed)
    check_books(both)
    assert both.account("export.rejects.csv")["reasons"] == '{"not_mended": 2}'
