"""Laws of review: what goes out comes back, what comes back is used, nothing else changes."""

import datetime
import random

import polars as pl
import pytest

from tests.exports import settings, table
from tests.reviews import (
    answers_in,
    export,
    fill,
    fill_workbook,
    own_file,
    rows_of,
    value,
    write_rows,
)
from valuation.frames import RAW_TEXTS
from valuation.progress import Clock, Silent
from valuation.publishing import world_row
from valuation.review import import_answers, remove_answers
from valuation.sheet import unguarded
from valuation.store import open_read_only
from valuation.world import open_world

TODAY = datetime.date(2026, 3, 1)
FEW = 4


def take(tables, folder, name="items.csv", **given):
    options = {"signed": {}, "today": TODAY} | given
    return import_answers(folder / name, own_file(folder), tables, **options)


def test_every_item_filled_in_is_reviewed_from_then_on(lot, tables):
    done = export(tables, lot)
    assert done.items > FEW
    fill(lot / "items.csv", kind="fan", fan_size_mm="80")
    taken = take(tables, lot)
    assert (taken.added, taken.faults) == (done.items, ())
    result = value(lot)
    items = result.frame("item").filter(pl.col("method") == "reviewed")
    assert items.height == done.items
    assert set(items["kind"]) == {"fan"} and set(items["item_class"]) == {"fan-80-standard"}
    assert items["runner_up"].null_count() == items.height
    units = sum(int(row["units"]) for row in rows_of(lot / "items.csv"))
    assert result.summary["reviewed"] == {"items": done.items, "units": units}
    assert result.summary["identified_share"] == {"lines": 1.0, "units": 1.0}
    assert all("J. Kim on 2026-02-01: label read" in text for text in items["matched_on"])


def test_the_next_export_asks_no_more(lot, tables):
    asked = export(tables, lot).items
    fill(lot / "items.csv", kind="unidentified")
    take(tables, lot)
    before = export(tables, lot, "again.csv")
    assert (before.items, before.answered) == (0, asked)
    value(lot)
    after = export(tables, lot, "after.csv")
    assert (after.items, after.answered) == (0, 0)


def test_a_file_that_is_not_filled_in_changes_nothing(lot, tables):
    asked = export(tables, lot).items
    taken = take(tables, lot)
    assert (taken.added, taken.open, taken.is_written) == (0, asked, False)
    assert (lot / "overrides.csv").read_bytes() == b""


def test_a_name_and_a_day_alone_are_no_answer(lot, tables):
    asked = export(tables, lot).items
    fill(lot / "items.csv")
    assert take(tables, lot).open == asked


def test_importing_twice_is_importing_once(lot, tables):
    asked = export(tables, lot).items
    fill(lot / "items.csv", kind="fan", on="")
    take(tables, lot)
    once = (lot / "overrides.csv").read_bytes()
    again = take(tables, lot, today=TODAY + datetime.timedelta(days=3))
    assert (again.added, again.changed, again.known) == (0, 0, asked)
    assert (lot / "overrides.csv").read_bytes() == once


def test_a_later_answer_takes_the_place_of_an_earlier_one_and_both_stay(lot, tables):
    asked = export(tables, lot).items
    fill(lot / "items.csv", kind="fan")
    take(tables, lot)
    fill(lot / "items.csv", kind="cable")
    assert take(tables, lot).changed == asked
    overrides = answers_in(lot, tables)
    assert {answer.kind for answer in overrides.answers.values()} == {"cable"}
    assert len(overrides.entries) == 2 * asked


@pytest.mark.long
def test_the_allowance_shrinks_with_every_answer(lot, tables):
    with open_read_only(lot / "out.duckdb") as connection:
        query = "select sum(unidentified_allowance_kg_mean) from batch"
        ((before,),) = connection.sql(query).fetchall()
    export(tables, lot)
    rows = rows_of(lot / "items.csv")
    write_rows(lot / "items.csv", rows[:3])
    fill(lot / "items.csv", kind="other")
    take(tables, lot)
    half = value(lot).summary["unidentified_allowance_kg"]["mean"]
    write_rows(lot / "items.csv", rows)
    fill(lot / "items.csv", kind="other")
    take(tables, lot)
    none = value(lot).summary["unidentified_allowance_kg"]["mean"]
    assert before > half > none == 0


def test_the_books_balance_and_no_unit_is_lost(lot, tables):
    with open_read_only(lot / "out.duckdb") as connection:
        ((before,),) = connection.sql("select sum(units_listed) from batch").fetchall()
    export(tables, lot)
    fill(lot / "items.csv", kind="fan")
    take(tables, lot)
    after = value(lot, [lot / "lot.csv"]).summary
    (file,) = after["files"]
    parts = ("lines_loaded", "lines_rejected", "lines_ignored")
    assert file["lines_read"] == sum(file[part] for part in parts)
    assert sum(after["units"].values()) == before


def test_what_is_no_part_is_not_counted(lot, tables):
    export(tables, lot)
    fill(lot / "items.csv", kind="other", counted="no")
    take(tables, lot)
    result = value(lot)
    items = result.frame("item").filter(pl.col("method") == "reviewed")
    assert set(items["not_counted_reason"]) == {"not_a_part"}
    assert result.summary["units"] == {"hdd": 20}
    lines = result.frame("line").join(items.select("item_id"), on="item_id")
    assert set(lines["not_counted_reason"]) == {"not_a_part"} and not lines["counted"].any()


def test_the_order_of_rows_does_not_matter(lot, tables):
    export(tables, lot)
    fill(lot / "items.csv", kind="fan")
    take(tables, lot)
    straight = answers_in(lot, tables).version
    rows = rows_of(lot / "items.csv")
    random.Random(1).shuffle(rows)
    write_rows(lot / "items.csv", rows)
    (lot / "overrides.csv").unlink()
    take(tables, lot)
    assert answers_in(lot, tables).version == straight


@pytest.mark.parametrize("name", ["items.csv", "items.xlsx"])
def test_texts_and_keys_survive_a_spreadsheet(lot, tables, name):
    asked = export(tables, lot, name).items
    if name.endswith("csv"):
        fill(lot / name, kind="fan")
    else:
        fill_workbook(lot / name, kind="fan", on=datetime.date(2026, 2, 1))
    assert take(tables, lot, name).faults == ()
    items = {tuple(row[n] for n in RAW_TEXTS) for row in table(value(lot), "item").to_dicts()}
    texts = set(answers_in(lot, tables).answers)
    assert texts <= items and len(texts) == asked


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(";", "cp1252"), ("\t", "utf-16"), (",", "utf-8-sig")]
)
def test_separators_and_encodings_of_spreadsheets_are_the_same_answers(
    lot, tables, delimiter, encoding
):
    export(tables, lot)
    rows = rows_of(fill(lot / "items.csv", kind="psu", power_w="1,100 W"))
    write_rows(lot / "items.csv", rows, delimiter=delimiter, encoding=encoding)
    assert take(tables, lot).faults == ()
    assert {a.power_w for a in answers_in(lot, tables).answers.values()} == {1100}


def test_apostrophes_that_a_program_took_away_do_no_harm(lot, tables):
    export(tables, lot)
    rows = rows_of(fill(lot / "items.csv", kind="fan"))
    bare = [row | {name: unguarded(row[name]) for name in RAW_TEXTS} for row in rows]
    assert bare != rows
    write_rows(lot / "items.csv", bare)
    assert take(tables, lot).faults == ()


def test_line_ends_that_a_program_changed_do_no_harm(lot, tables):
    export(tables, lot)
    path = fill(lot / "items.csv", kind="fan")
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    assert take(tables, lot).faults == ()


def test_a_run_without_answers_is_in_the_world_it_always_was_in(lot, tables):
    def world(**given):
        chosen = settings(lot, overrides=own_file(lot), **given)
        return world_row(open_world(tables, chosen, Clock(Silent())))["world_id"]

    nothing = world()
    export(tables, lot)
    fill(lot / "items.csv", kind="fan")
    take(tables, lot)
    reviewed = world()
    assert reviewed != nothing
    assert world(use_overrides=False) == nothing
    keys = [row["item"] for row in rows_of(lot / "items.csv")]
    remove_answers(lot / "overrides.csv", keys, tables, by="Lee", why="wrong lot", on=TODAY)
    assert world() == nothing
    assert answers_in(lot, tables).entries[-1].why == "wrong lot"


def test_kept_batches_are_valued_again_and_the_summary_says_how_far_they_moved(lot, tables):
    export(tables, lot)
    fill(lot / "items.csv", kind="server", u_height="2U")
    take(tables, lot)
    result = value(lot)
    (sentence,) = [text for text in result.summary["warnings"] if "world differs" in text]
    assert "overrides None -> overrides" in sentence
    again = value(lot)
    assert not [text for text in again.summary["warnings"] if "world differs" in text]


def test_an_answer_is_found_again_in_an_export_with_other_columns(lot, tables):
    export(tables, lot)
    rows = [row for row in rows_of(lot / "items.csv") if row["model_raw"] == "XYZ-123"]
    write_rows(lot / "items.csv", rows)
    fill(lot / "items.csv", kind="fan", fan_size_mm="60 mm")
    take(tables, lot)
    other = lot / "other.csv"
    other.write_text("Asset Tag,Maker,Model,Category\n1,ACME,xyz 123,Hardware\n2,Acme,XYZ-124,X\n")
    items = table(value(lot, [other], db=lot / "other.duckdb"), "item").sort("model_raw")
    assert items["method"].to_list() == ["abstain", "reviewed"]
    assert items["fan_size_mm"].to_list() == [None, 60]
    assert "of Acme XYZ-123" in items["matched_on"][1]
