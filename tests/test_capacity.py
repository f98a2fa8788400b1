"""A batch as a share of a plant's year: by hand, side by side, and a portfolio above it."""

import polars as pl
import pytest

from tests.exports import export, settings, table
from valuation.api import run
from valuation.capacity import batch_capacity, capacity_warnings, portfolio
from valuation.units import oxide_factor

VALUES = {
    "batch_id": pl.String,
    "route_id": pl.String,
    "product_id": pl.String,
    "measure": pl.String,
    "mean": pl.Float64,
}
FLOWS = {
    "batch_id": pl.String,
    "route_id": pl.String,
    "step_no": pl.Int64,
    "product_id": pl.String,
    "out_kg": pl.Float64,
}
COUNTS = pl.DataFrame({"batch_id": ["A", "B"], "gross_mass_kg": [700.0, 300.0]})


def shares(tables, values, flows=()):
    made = batch_capacity(
        pl.DataFrame(values, VALUES, orient="row"),
        pl.DataFrame(list(flows), FLOWS, orient="row"),
        COUNTS,
        tables,
    )
    return made, {
        (r["batch_id"], r["reading"], r["boundary"]): r["share_of_year"] for r in made.to_dicts()
    }


def test_the_two_readings_of_one_figure_stand_side_by_side_by_hand(tables):
    # 30 t of oxide and 100 t of magnet against 100 t a year, read as oxide and as magnet
    values = [
        ("A", "korea-zinc-us", "nd_oxide", "recovered_kg", 20_000.0),
        ("A", "korea-zinc-us", "pr_oxide", "recovered_kg", 10_000.0),
        ("A", "korea-zinc-us", "copper", "recovered_kg", 5_000.0),
        ("A", "korea-zinc-us", None, "magnet_feed_kg", 100_000.0),
    ]
    _, found = shares(tables, values)
    assert found["A", "joint-venture-korean-sources", "oxide_out"] == pytest.approx(0.3)
    assert found["A", "joint-venture-english-source", "magnet_in"] == pytest.approx(1.0)


def test_metals_of_the_smelter_are_those_its_own_step_makes(tables):
    values = [("A", "korea-zinc-us", "copper", "recovered_kg", 9.0)]
    flows = [
        ("A", "korea-zinc-us", 4, "copper", 4.0),  # windings, sold as scrap
        ("A", "korea-zinc-us", 5, "copper", 5.4),
        ("A", "korea-zinc-us", 5, None, 1.0),
    ]
    _, found = shares(tables, values, flows)
    assert found["A", "smelter-tennessee", "metal_out"] == pytest.approx(5.4 / 540e6)


def test_magnets_that_oxides_become_are_a_share_of_the_magnet_plant(tables):
    values = [("A", "ionic-dna-link", "ndfeb_magnet", "magnet_equivalent_kg", 2_000.0)]
    _, found = shares(tables, values)
    assert found["A", "magnet-plant-yesan", "magnet_out"] == pytest.approx(0.002)
    assert found["A", "demonstration", "oxide_out"] == 0


def test_magnets_and_alloy_made_are_counted_apart(tables):
    values = [
        ("A", "hpms-us", "ndfeb_magnet", "recovered_kg", 750.0),
        ("A", "hpms-us", "ndfeb_alloy", "recovered_kg", 807.0),
    ]
    _, found = shares(tables, values)
    assert found["A", "design-2024", "magnet_out"] == pytest.approx(0.001)
    assert found["A", "design-2024", "alloy_out"] == pytest.approx(0.001)


def test_a_portfolio_above_a_year_is_named_with_plant_reading_and_factor(tables):
    values = [
        (b, "ionic-belfast", "ndpr_oxide", "recovered_kg", kg)
        for b, kg in (("A", 8_000.0), ("B", 7_000.0))
    ]
    made, _ = shares(tables, values)
    assert not capacity_warnings(portfolio(made, ["A"]))
    (sentence,) = capacity_warnings(portfolio(made, ["A", "B"]))
    for words in ("ionic-belfast", "1.5 times", "15 t oxide out against 10 t", "demonstration"):
        assert words in sentence


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("capacity")
    path = export(folder / "x.csv", quantity=1_000_000)
    return run([path], settings=settings(folder))


def test_a_run_too_large_for_a_plant_warns_and_tells_its_factor(result):
    # six million drives of about 17 g of magnet: 100 t and more of magnet against 30 t a year
    sentences = [w for w in result.summary["warnings"] if "in a year" in w]
    assert any("ionic-belfast" in s and "demonstration" in s for s in sentences)
    assert not any("smelter-tennessee" in s for s in sentences)
    told = {(r["route_id"], r["reading"], r["boundary"]): r for r in result.summary["capacity"]}
    share = told["ionic-belfast", "demonstration", "magnet_in"]["share_of_year"]
    assert 3 < share < 6


def test_the_store_holds_each_batch_and_they_add_up_to_the_portfolio(result):
    rows = table(result, "batch_capacity")
    for told in result.summary["capacity"]:
        mine = rows.filter(*(pl.col(c) == told[c] for c in ("route_id", "reading", "boundary")))
        assert mine["batch_id"].to_list() == ["A", "B"]
        assert mine["batch_kg"].sum() == pytest.approx(told["batch_kg"])
        assert mine["share_of_year"].sum() == pytest.approx(told["share_of_year"])


def test_oxide_out_follows_magnet_in_by_the_yield_of_the_plant(result):
    told = {(r["route_id"], r["reading"], r["boundary"]): r for r in result.summary["capacity"]}
    key = ("ionic-belfast", "demonstration")
    ratio = told[*key, "oxide_out"]["batch_kg"] / told[*key, "magnet_in"]["batch_kg"]
    # 29.3 % rare earths of bare alloy, 1.9 % coating, 93.5 % kept
    assert ratio == pytest.approx(0.293 * 0.981 * 0.935 * oxide_factor("nd"), rel=0.03)


def test_the_magnet_equivalent_is_the_share_told_of_the_magnet_plant(result):
    values = result.frame("batch_value").filter(pl.col("measure") == "magnet_equivalent_kg")
    told = [r for r in result.summary["capacity"] if r["reading"] == "magnet-plant-yesan"]
    assert told[0]["batch_kg"] == pytest.approx(values["mean"].sum())
    assert told[0]["share_of_year"] == pytest.approx(values["mean"].sum() / 1e6)
