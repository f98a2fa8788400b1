"""Every default of the model is a row, and the file lists those its figures rest on."""

from datetime import date

import polars as pl
import pytest

from tests.exports import export, settings
from valuation.api import run

# What the model's definition states in its sections 1 to 4: table, key, value or None, low, high.
DEFAULTS = [
    # whose money
    ("assumption", "loaded_wage_usd_per_hour", None, 25, 45),
    ("cost", "alta-separation/alta-operating", None, 15, 60),
    ("payable_scenario", "china-scrap-2025-07/nd", 0.93, None, None),
    ("payable_scenario", "china-scrap-2025-07/pr", 0.93, None, None),
    ("payable_scenario", "china-scrap-2025-07/dy", 0.86, None, None),
    ("payable_scenario", "china-scrap-2025-07/tb", 0.65, None, None),
    # mass: captures belong to a pre-process and what is shipped
    ("capture", "shred-sort/voice_coil/ree", None, 0, 0.10),
    ("capture", "sort-shredded-fines/voice_coil/ree", 0.261, 0.18, 0.35),
    ("capture", "shred-ferrous/voice_coil/*", None, 0.90, 0.99),
    ("capture", "dismantle-voice-coil/voice_coil/*", None, 0.95, 0.995),
    ("capture", "carcass-sort/spindle/*", 0, None, None),
    ("form_share", "module/hdd/steel", None, 0.30, 0.49),
    # spread, level by level
    ("magnet_spread", "*/voice_coil/basis", 0.15, None, None),
    ("magnet_spread", "hdd-3.5-nearline-air/voice_coil/class", 0.20, None, None),
    ("magnet_spread", "hdd-3.5-nearline-helium/voice_coil/class", 0.30, None, None),
    ("magnet_spread", "hdd-3.5-nearline-helium-dual/voice_coil/class", 0.30, None, None),
    ("magnet_spread", "*/voice_coil/family", 0.25, None, None),
    ("magnet_spread", "*/voice_coil/piece", 0.15, None, None),
    ("magnet_mass", "hdd-3.5-desktop/voice_coil", None, 5, 28),
    ("alloy", "sintered-voice-coil/any/ree_total", 0.293, 0.293 - 0.012, 0.293 + 0.012),
    ("alloy", "sintered-voice-coil/to-2012/dy_mean", 0.012, 0.012 / 1.6, 0.012 * 1.6),
    ("alloy", "sintered-voice-coil/from-2013/dy_mean", 0.005, 0.005 / 1.6, 0.005 * 1.6),
    ("alloy", "sintered-voice-coil/any/dy_family_shape", 0.7, None, None),
    ("alloy", "sintered-voice-coil/any/tb", None, 0, 0.002),
    ("assumption", "received_ratio", 0.97, 0.90, 1.00),
    ("volatility", "light", 0.30, None, None),
    ("volatility", "heavy", 0.30, None, None),
    ("volatility", "base", 0.30, None, None),
    ("volatility", "precious", 0.30, None, None),
    ("assumption", "days_to_settlement", 120, None, None),
    # prices and products
    ("assumption", "vat_china", 0.13, None, None),
    ("assumption", "mixed_oxide_discount", None, 0.60, 0.85),
    ("exchange_factor", "aluminium", None, 0.45, 0.70),
    ("assumption", "reduction_yield", None, 0.93, 0.98),
    ("assumption", "manufacturing_yield", None, 0.65, 0.80),
    ("assumption", "price_age_warning_days", 30, None, None),
]


def row_of(tables, table, key):
    names = tables.resource(table)["schema"]["primaryKey"]
    wanted = dict(zip(names, key.split("/"), strict=True))
    frame = tables.frame(table).filter(*(pl.col(c).cast(str) == v for c, v in wanted.items()))
    assert frame.height == 1, (table, key)
    return frame.row(0, named=True)


@pytest.mark.parametrize(("table", "key", "value", "low", "high"), DEFAULTS)
def test_each_default_of_the_model_is_a_row_with_a_basis(tables, table, key, value, low, high):
    row = row_of(tables, table, key)
    if value is not None:
        assert row["value"] == pytest.approx(value)
    if low is not None:
        assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))
    assert row["basis"]
    if row["basis"] == "assumed":
        assert row["owner"] and row["review_on"]


def test_elements_without_an_assay_and_correlations_are_rows_too(tables):
    assert {"gd", "ho"} <= set(tables.frame("null_reason")["element"])
    assert tables.frame("factor_correlation").height == 6  # of four factors, each pair once


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("assumed")
    return run([export(folder / "x.csv")], settings=settings(folder))


@pytest.fixture(scope="module")
def listed(result):
    return result.frame("assumption")


def test_the_file_lists_each_assumed_default_with_its_numbers(tables, listed):
    by_id = {row["assumption_id"]: row for row in listed.to_dicts()}
    found = 0
    for table, key, *_ in DEFAULTS:
        row = row_of(tables, table, key)
        if row["basis"] != "assumed":
            continue
        told = by_id[key if table == "assumption" else f"{table}/{key}"]
        assert [told[c] for c in ("value", "low", "high")] == [
            row[c] for c in ("value", "low", "high")
        ]
        assert (told["table_name"], told["row_key"]) == (table, key)
        found += 1
    assert found > 25


def test_each_listed_row_is_assumed_owned_and_in_its_table(tables, listed):
    assert listed["assumption_id"].is_unique().all()
    assert listed.filter(pl.col("basis") != "assumed").is_empty()
    assert listed["owner"].null_count() == listed["review_on"].null_count() == 0
    assert listed["title"].null_count() == listed["unit"].null_count() == 0
    for table, key in listed.select("table_name", "row_key").sample(40, seed=1).iter_rows():
        assert row_of(tables, table, key)["basis"] == "assumed"


def test_only_what_the_run_used_is_listed(tmp_path, listed, tables):
    keys = set(listed.filter(pl.col("table_name") == "capture")["row_key"])
    assert not any(key.startswith("sort-shredded") for key in keys)  # nothing arrived shredded
    assert not set(listed["table_name"]) & {"measurement", "payable_scenario"}
    one = settings(tmp_path, routes=("shred-to-steel",), form="shredded")
    some = run([export(tmp_path / "x.csv")], settings=one).frame("assumption")
    steps = {key.split("/")[0] for key in some.filter(pl.col("table_name") == "cost")["row_key"]}
    assert "sort-shredded" in steps and "alta-separation" not in steps
    products = some.filter(pl.col("table_name") == "route_product")["row_key"]
    assert products.str.starts_with("shred-to-steel/").all()


def test_prices_from_memory_are_listed_where_the_deck_read_them(result, listed):
    prices = result.frame("price").filter(pl.col("source_id") == "own-judgement")
    told = listed.filter(pl.col("table_name") == "price")
    assert prices.height
    assert told["value"].to_list() == prices["mid"].to_list()
    assert told["review_on"].item() > date(2026, 1, 1)


def test_the_share_of_cost_that_is_assumed_stands_beside_net(result):
    view = result.frame("route_comparison")
    shares = result.summary["assumed_cost_share"]
    costs = result.frame("batch_cost")
    for route_id, share in shares.items():
        mine = costs.filter(pl.col("route_id") == route_id, ~pl.col("unknown"))
        assumed = mine.filter(pl.col("basis") == "assumed")["mean"].sum()
        assert share == pytest.approx(assumed / mine["mean"].sum())
        both = view.filter(pl.col("route_id") == route_id)["assumed_cost_share"]
        assert both.to_list() == pytest.approx([share, share])  # two equal batches
    assert 0.5 < shares["ionic-belfast"] < 1 == shares["shred-to-steel"]


def test_four_routes_have_a_net_and_one_with_an_unknown_cost_is_never_ranked(result):
    view = result.frame("route_comparison")
    with_net = set(view.filter(pl.col("net_usd").is_not_null())["route_id"])
    assert {"korea-zinc-us", "ionic-belfast", "adr-pedalpoint", "shred-to-steel"} <= with_net
    unknown = view.filter(pl.col("unknown_costs") > 0)
    assert unknown.height and unknown["place"].null_count() == unknown.height
    first = view.filter(pl.col("place") == 1)
    assert first["batch_id"].n_unique() == view["batch_id"].n_unique()
    assert (first["unknown_costs"] == 0).all() and first["net_usd"].null_count() == 0
    assert unknown["reason"].null_count() == 0
