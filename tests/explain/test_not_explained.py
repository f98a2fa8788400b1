"""What cannot be explained is one clear sentence: wrong words, other files, other versions."""

import duckdb
import pytest

from valuation.errors import OutputBusy, OutputError, UsageError
from valuation.explain import explain


@pytest.mark.parametrize(
    ("batch", "asked", "told"),
    [
        ("LOT-3", {}, "no batch `LOT-3`.*LOT-1"),
        ("LOT-", {}, "More than one batch.*LOT-1.*LOT-2"),
        ("LOT-1", {"route_id": "ionic-belfst"}, "no route.*ionic-belfast"),
        ("LOT-1", {"product_id": "ndoxide"}, "no product.*nd_oxide"),
        ("LOT-1", {"measure": "net"}, "no measure.*net_usd"),
        ("LOT-1", {"element": "xx"}, "no element"),
        ("LOT-1", {"product_id": "boards", "route_id": "korea-zinc-us"}, "It has gross_usd of"),
        ("LOT-1", {"product_id": "steel", "measure": "contained_kg"}, "of a batch, not of a prod"),
        ("LOT-1", {"measure": "contained_kg"}, "no measure contained_kg.*`nd`"),
    ],
)
def test_what_there_is_not_offers_what_there_is(lot, batch, asked, told):
    with pytest.raises(UsageError, match=told):
        explain(lot, batch, **asked)


def test_another_case_or_a_beginning_will_do_when_only_one_has_it(lot):
    found = explain(lot, "lot-2")
    assert found["batch"]["batch_id"] == "LOT-2"
    assert "There is no batch `lot-2`; batch LOT-2 is shown." in found["notes"]


def test_no_file_is_one_sentence(tmp_path):
    with pytest.raises(OutputError, match=r"There is no .*none\.duckdb"):
        explain(tmp_path / "none.duckdb", "LOT-1")


def test_a_file_that_is_none_of_ours_is_one_sentence(tmp_path):
    other, text = tmp_path / "other.duckdb", tmp_path / "x.txt"
    with duckdb.connect(other) as connection:
        connection.execute("create table t as select 1 as x")
    with pytest.raises(OutputError, match="of another program"):
        explain(other, "LOT-1")
    text.write_text("not a database, but long enough to be looked at")
    with pytest.raises(OutputError, match="is not a DuckDB file"):
        explain(text, "LOT-1")


def test_a_file_somebody_writes_to_is_busy(lot, tmp_path):
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(lot.read_bytes())
    with duckdb.connect(copy), pytest.raises(OutputBusy):
        explain(copy, "LOT-1")


def test_a_file_of_an_earlier_version_says_to_value_it_again(lot, tmp_path):
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(lot.read_bytes())
    with duckdb.connect(copy) as connection:
        connection.execute("drop table part_mass")
    with pytest.raises(OutputError, match=r"earlier version.*Value it again|earlier version"):
        explain(copy, "LOT-1")


def test_masses_of_another_version_are_told_not_to_add_up(lot, tmp_path):
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(lot.read_bytes())
    with duckdb.connect(copy) as connection:
        connection.execute("update part_mass set kg_per_unit = 1.01 * kg_per_unit")
    check = explain(copy, "LOT-1", measure="contained_kg", element="nd")["check"]
    assert check["adds_up"] is False
    assert check["difference"] == pytest.approx(0.01 * check["mean"])
