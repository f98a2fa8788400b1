"""What is put to a person: which items, in which order, with which figures, in which file."""

import re

import duckdb
import openpyxl
import polars as pl
import pytest

from tests.reviews import export, fill, rows_of, value
from valuation.errors import OutputError
from valuation.review.columns import COLUMNS, MEANINGS
from valuation.store import open_read_only
from valuation.units import KINDS


def number(cell: str) -> float:
    return float(cell or "nan")


def test_the_item_that_matters_most_comes_first(lot, tables):
    export(tables, lot)
    rows = rows_of(lot / "items.csv")
    stakes = [number(row["at_stake_usd"]) for row in rows]
    assert stakes == sorted(stakes, reverse=True)
    assert [row["rank"] for row in rows] == [str(n) for n in range(1, len(rows) + 1)]


def test_an_unidentified_item_could_be_worth_what_such_items_mostly_are(lot, tables):
    export(tables, lot)
    (row,) = (r for r in rows_of(lot / "items.csv") if r["model_raw"] == "XYZ-123")
    with open_read_only(lot / "out.duckdb") as connection:
        (route,) = connection.sql(
            "select route_id from route_comparison where batch_id = 'A' and place = 1"
        ).fetchall()[0]
        classes = connection.table("class_value").pl()
    mix = classes.filter(pl.col("route_id") == route).drop_nulls("unidentified_share")
    assert mix["unidentified_share"].sum() == pytest.approx(1)
    by_hand = 80 * (mix["unidentified_share"] * mix["gross_usd_per_unit"]).sum()
    assert row["units"] == "80" and row["batches"] == "2"
    assert number(row["could_be_usd"]) == pytest.approx(by_hand, abs=0.01)
    assert number(row["at_stake_usd"]) == pytest.approx(by_hand, abs=0.01)
    assert row["counted_usd"] == "" and number(row["could_be_usd_p10"]) == 0
    assert number(row["could_be_usd_p90"]) > number(row["could_be_usd"])


def test_what_unidentified_items_could_hold_adds_up_to_the_allowance(lot, tables):
    export(tables, lot)
    rows = [r for r in rows_of(lot / "items.csv") if r["program_kind"] == "unidentified"]
    held_g = sum(number(row["could_hold_ree_g"]) for row in rows)
    with open_read_only(lot / "out.duckdb") as connection:
        allowance = connection.sql("select sum(unidentified_allowance_kg_mean) from batch")
        (allowance_kg,) = allowance.fetchall()[0]
    assert held_g == pytest.approx(1000 * allowance_kg, abs=0.01 * len(rows))


def test_a_doubtful_item_is_at_stake_by_the_difference_to_what_else_it_may_be(lot, tables):
    with duckdb.connect(str(lot / "out.duckdb")) as connection:  # the program, in doubt
        connection.execute(
            "update item set confidence = 0.75, runner_up = 'ssd-unspecified', "
            "runner_up_kind = 'ssd', runner_up_confidence = 0.25 where kind = 'hdd'"
        )
        worth = dict(
            connection.sql(
                "select item_class, gross_usd_per_unit from class_value join route_comparison "
                "using (route_id) where batch_id = 'A' and place = 1"
            ).fetchall()
        )
        (own,) = connection.sql("select item_class from item where kind = 'hdd'").fetchall()[0]
    export(tables, lot)
    (row,) = (r for r in rows_of(lot / "items.csv") if r["program_kind"] == "hdd")
    apart = 20 * abs(worth[own] - worth["ssd-unspecified"])
    # Of what it may be, each is as far from the mean of the two as the other is likely.
    assert number(row["at_stake_usd"]) == pytest.approx(2 * 0.75 * 0.25 * apart, abs=0.01)
    assert number(row["could_be_usd"]) == pytest.approx(20 * worth["ssd-unspecified"], abs=0.01)
    assert row["settled_by"] == f"a look at one piece: {own} or ssd-unspecified?"


def test_an_item_below_the_confidence_asked_is_doubtful_without_a_runner_up(lot, tables):
    export(tables, lot, below=0.0)
    kinds = {row["program_kind"] for row in rows_of(lot / "items.csv")}
    assert kinds == {"unidentified"}
    export(tables, lot, "all.csv", below=1.0)
    assert "hdd" in {row["program_kind"] for row in rows_of(lot / "all.csv")}


def test_without_a_net_the_items_are_ranked_by_units_and_the_reason_stands_beside(lot, tables):
    value(lot, routes=("reuse",))
    done = export(tables, lot)
    rows = rows_of(lot / "items.csv")
    assert done.at_stake_usd is None
    assert {row["at_stake_usd"] for row in rows} == {""}
    assert {row["usd_unknown_because"] for row in rows} == {"no route of its batch has a net"}
    units = [number(row["units"]) for row in rows]
    assert units == sorted(units, reverse=True)


def test_the_first_few_are_the_same_first_few(lot, tables):
    whole = export(tables, lot)
    few = export(tables, lot, "few.csv", most=2)
    assert (few.items, few.of_items) == (2, whole.items)
    assert rows_of(lot / "few.csv") == rows_of(lot / "items.csv")[:2]


@pytest.mark.parametrize("name", ["items.csv", "items.xlsx"])
def test_a_file_with_another_content_is_not_written_over(lot, tables, name):
    first = export(tables, lot, name)
    assert first.is_new and not export(tables, lot, name).is_new
    if name.endswith("csv"):
        fill(lot / name, kind="fan")
    else:
        (lot / name).write_bytes(b"mine")
    mine = (lot / name).read_bytes()
    with pytest.raises(OutputError, match="another content"):
        export(tables, lot, name)
    assert (lot / name).read_bytes() == mine
    assert export(tables, lot, name, force=True).is_new
    assert sorted(p.name for p in lot.iterdir() if p.name.startswith(".review")) == []


def test_no_text_is_taken_for_a_formula_a_number_or_a_date(lot, tables):
    export(tables, lot)
    texts = [c for c in COLUMNS if c.endswith("_raw")]
    cells = [row[c] for row in rows_of(lot / "items.csv") for c in texts]
    assert any(cell.startswith("'=") for cell in cells)
    assert not [cell for cell in cells if re.match(r"[=+@-]|0\d|\d{16}|\d-\d|5E|TRUE", cell)]
    export(tables, lot, "items.xlsx")
    page = openpyxl.load_workbook(lot / "items.xlsx")["review"]
    places = [n for n, cell in enumerate(page[1]) if cell.value in texts]
    found = [row[n] for row in page.iter_rows(min_row=2) for n in places if row[n].value]
    assert {cell.data_type for cell in found} == {"s"}
    assert "=1+1" in {cell.value for cell in found}


def test_every_item_has_a_key_of_letters(lot, tables):
    export(tables, lot)
    keys = [row["item"] for row in rows_of(lot / "items.csv")]
    assert all(re.fullmatch("item-[0-9a-f]{16}", key) for key in keys)
    assert len(set(keys)) == len(keys)


def test_the_workbook_offers_kinds_and_explains_what_to_fill_in(lot, tables):
    export(tables, lot, "items.xlsx")
    book = openpyxl.load_workbook(lot / "items.xlsx")
    (validation,) = book["review"].data_validations.dataValidation
    assert validation.formula1 == f'"{",".join(KINDS)}"'
    told = {row[0]: row[1] for row in book["what to fill in"].iter_rows(values_only=True)}
    assert told["reviewed_kind"] == MEANINGS["reviewed_kind"]
    assert "psu-750" in told["psu"]


def test_every_column_to_fill_in_is_explained():
    assert {c for c in COLUMNS if c.startswith("reviewed_")} <= set(MEANINGS)
    assert set(MEANINGS) <= set(COLUMNS)


def test_a_file_of_an_earlier_version_says_what_to_do(lot, tables):
    with duckdb.connect(str(lot / "out.duckdb")) as connection:
        connection.execute("update run set schema_version = 3")
    with pytest.raises(OutputError, match="earlier version") as caught:
        export(tables, lot)
    assert "valuation value --db" in caught.value.hint


def test_a_folder_that_is_not_there_is_named(lot, tables):
    with pytest.raises(OutputError, match="nowhere"):
        export(tables, lot, "nowhere/items.csv")
