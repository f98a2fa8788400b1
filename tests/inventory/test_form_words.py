"""What lines say of the form they arrive in: units by form, and what that never changes."""

import polars as pl
import pytest

from valuation.engine import Engine
from valuation.inventory import read_inventory

HEAD = "Serial,Model,Qty,Status\n"


@pytest.fixture
def told(tables, write):
    """Units by form of the batch in a text, and its warnings."""

    def reader(text, **options):
        with Engine(threads=1) as engine:
            found = read_inventory(engine, [write("lot.csv", HEAD + text)], tables, **options)
            rows = engine.frame("from read_form")
            return dict(rows.select("form", "units").iter_rows()), found.warnings

    return reader


@pytest.mark.parametrize("keep_lines", [True, False])
def test_units_are_counted_by_form_whether_lines_are_kept_or_not(told, keep_lines):
    text = "S1,R740,2,Shredded\nS2,R740,3,vcm pulled\nS3,R640,4,In stock\nS4,R640,5,\n"
    units, _ = told(text, keep_lines=keep_lines)
    assert units == {"shredded": 2, "module": 3, None: 9}


def test_a_batch_whose_lines_say_no_form_has_its_units_too(tables, write):
    """Beside one that says some: what nobody says of a batch is none, not unknown."""
    text = "Serial,Model,Qty,Status,Batch\nS1,R740,2,shredded,a\nS2,R740,3,,b\nS3,R640,4,,b\n"
    with Engine(threads=1) as engine:
        read_inventory(engine, [write("lots.csv", text)], tables)
        rows = engine.frame("select batch_id, form, units from read_form order by all").rows()
    assert rows == [("a", "shredded", 2), ("b", None, 7)]


def test_a_repeated_serial_and_a_quantity_of_zero_add_no_units(told):
    units, _ = told("S1,R740,1,shredded\nS1,R740,1,shredded\nS2,R740,0,shredded\nS3,R740,1,\n")
    # one of the two lines counts; which share of the group it stands for is even
    assert sum(units.values()) == 2
    assert units["shredded"] > units[None]


def test_a_word_that_only_tells_the_form_is_no_unusual_status(told):
    _, warnings = told("S1,R740,1,magnet assembly\nS2,R740,1,shredded\n")
    (sentence,) = [w for w in warnings if "disposed" in w]
    assert sentence.split(": ")[1].startswith("1 line")


def test_every_word_that_told_a_life_before_still_does(tables):
    words = tables.frame("status_word")
    life = words.filter(pl.col("meaning") != "form_only")
    assert {"missing", "disposed", "in_use"} == set(life["meaning"])
    assert words.filter(pl.col("meaning") == "form_only")["form"].null_count() == 0
    assert dict(words.select("status", "meaning").iter_rows())["shredded"] == "disposed"
