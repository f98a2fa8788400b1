"""A number in a host's text counts what is in it, unless the host itself follows."""

import polars as pl
import pytest

from valuation.frames import ITEMS
from valuation.identity import identify
from valuation.tables import load_tables


@pytest.fixture(scope="module")
def told():
    """Identity and described parts of one row given as model, description, type."""
    tables = load_tables()

    def of(model="", description="", type_word="", part_number=""):
        row = dict.fromkeys(ITEMS.columns, "") | {"item_id": 1, "lines": 1}
        row |= {"model_raw": model, "description_raw": description, "type_raw": type_word}
        row |= {"part_number_raw": part_number}
        found = identify(ITEMS.check(pl.DataFrame([row], schema=dict(ITEMS.columns))), tables)
        parts = found.host_parts.filter(pl.col("origin") == "described")
        counts = parts.group_by("component_kind").agg(pl.col("units_per_host").sum())
        return found.items.row(0, named=True), dict(counts.iter_rows())

    return of


@pytest.mark.parametrize(
    ("model", "description"),
    [
        ("UCSC-C240-M5SX", "24x SFF"),
        ("DS4246", "24x HDD"),
        ("DS4246", "24x disk shelf"),
        ("PowerEdge R740xd", "12x HDD"),
        ("ProLiant DL380 Gen10", "2x PSU"),
        ("PowerEdge R740xd", "Qty 12 14TB HDD"),
        ("WS-C3850-48T", "4x fan, 2x PSU"),
        ("PowerEdge C4140", "4x V100 GPU"),
        ("PowerEdge R740xd", "2x 750W PSU, 6x fan, 12x 8TB SAS"),
    ],
)
def test_a_count_of_contents_does_not_multiply_the_host(told, model, description):
    item, _ = told(model, description)
    assert item["kind"] in ("server", "storage", "switch")
    assert (item["pieces"], item["pieces_rule"]) == (1, None)


@pytest.mark.parametrize(
    ("model", "description"),
    [("25x PowerEdge R740", ""), ("", "25x PowerEdge R740"), ("LOT OF 25 PowerEdge R740", "")],
)
def test_a_count_of_hosts_does(told, model, description):
    item, _ = told(model, description)
    assert item["kind"] == "server"
    assert (item["pieces"], item["pieces_rule"]) == (25, "lot")


@pytest.mark.parametrize(
    "description",
    [
        "2x Xeon E5-2680, 128GB RAM, 12x 6TB HDD",
        "2x E5-2680, 12x 6TB SATA HDD",
        "4x 16GB RAM",
        "12x 6TB HDD",
        "8x A100 GPU",
    ],
)
def test_a_server_nobody_knows_is_not_its_parts(told, description):
    item, _ = told("ABC-4411", description, "Server")
    assert item["kind"] == "server"


def test_a_drive_under_the_word_storage_stays_a_drive(told):
    item, _ = told("", "Seagate ST4000NM0033 4TB", "Storage")
    assert item["kind"] == "hdd"


def test_a_size_sold_in_one_kind_only_says_which_kind_it_is(told):
    _, parts = told("PowerEdge R740xd", "12x 6TB")
    assert parts == {"hdd": 12}


def test_a_size_sold_in_both_kinds_says_nothing(told):
    _, parts = told("PowerEdge R740xd", "12x 2TB")
    assert parts == {}
