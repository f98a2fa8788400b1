"""Reuse beside recycling, in whole runs: laws, one lot by hand, and two ways to the same net."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.exports import AS_OF, DRIVE, HEADER, HELIUM, export, settings, table
from valuation.api import run
from valuation.explain import explain
from valuation.price.resale import read_resale
from valuation.tables import load_tables
from valuation.uncertain import Source
from valuation.value.resold import units_passing
from valuation.value.stock import Thing

COLUMNS = "match,capacity_gb,price,currency,share_passing,cost_to_test,observed_on\n"
LOT_USD = ("lot", "shipment")
SSD = "{batch},{tag},{serial},Samsung,MZ7LH960HAJR-00005,SSD,960GB,{quantity}\n"


@pytest.fixture(scope="module")
def lot(tmp_path_factory):
    """Values drives of two families (and a few solid-state drives) with a resale table, or none.

    The same question is asked once: most laws are about two runs of a few.
    """
    found = {}

    def value(*rows, lines=(DRIVE, HELIUM, SSD), draws=200):
        if (rows, lines, draws) not in found:
            folder = tmp_path_factory.mktemp("lot")
            found[rows, lines, draws] = valued(folder, rows, lines, draws)
        return found[rows, lines, draws]

    return value


def valued(folder, rows, lines, draws):
    path = folder / "lot.csv"
    text = [
        line.format(batch="A", tag=f"{k}{i}", serial=f"Z{k}Z{i:04d}", quantity=5)
        for k, line in enumerate(lines)
        for i in range(4)
    ]
    path.write_text(HEADER + "".join(text), encoding="utf-8")
    resale = folder / "resale.csv" if rows else None
    if resale:
        resale.write_text(COLUMNS + "\n".join(rows) + "\n", encoding="utf-8")
    return run([path], settings=settings(folder, resale=resale, draws=draws))


def terms(match="hdd", price=50, share=0.8, cost=4, capacity=""):
    return f"{match},{capacity},{price},USD,{share},{cost},2026-02-20"


def things(result):
    return {row["thing"]: row for row in table(result, "batch_reuse").to_dicts()}


HARD = terms(share=0.35)
MIXED = (terms(), terms("hdd", 80, 0.9, 5, 12000))
ROWS = ((terms(),), MIXED)


def drives(result):
    return [t for t in things(result).values() if t["component_kind"] == "hdd"]


def figure(result, measure, route="reuse"):
    rows = table(result, "batch_value").filter(
        pl.col("measure") == measure,
        pl.col("route_id") == route,
        pl.col("product_id").eq_missing(pl.lit("total")),
    )
    return rows.row(0, named=True)


def test_without_a_table_reuse_is_not_priced_and_the_least_flip_price_is_told(lot):
    found = lot()
    assert figure(found, "net_usd")["mean"] is None
    for thing in things(found).values():
        names = ("resale_usd", "reuse_usd", "price_usd_per_unit", "flip_price_usd_per_unit")
        assert [thing[name] for name in names] == [None] * 4
        assert (thing["is_priced"], thing["better"]) == (False, None)
        assert thing["reason"] == "not priced: no resale table is given"
        least = thing["recycling_usd_per_unit"] + thing["pickup_usd_per_unit"]
        assert thing["least_flip_price_usd_per_unit"] == pytest.approx(least)


def test_a_table_changes_no_figure_of_another_route(lot):
    without, given = lot(), lot(terms())
    others = pl.col("route_id").is_null() | (pl.col("route_id") != "reuse")
    one, two = (table(result, "batch_value").filter(others) for result in (without, given))
    assert one.equals(two)


def test_one_lot_by_hand(lot):
    found = lot(HARD)
    (air, helium) = drives(found)
    assert air["units"] == helium["units"] == 20
    assert air["resale_usd"] == pytest.approx(20 * 0.35 * 50)
    pickup, recycled = air["pickup_usd_per_unit"], air["recycling_usd_per_unit"]
    assert air["reuse_usd"] == pytest.approx(20 * (0.35 * 50 - 4 - pickup) + 13 * recycled)
    assert air["recycling_usd"] == pytest.approx(20 * recycled)
    assert air["flip_price_usd_per_unit"] == pytest.approx((4 + pickup) / 0.35 + recycled)
    assert figure(found, "resale_usd")["mean"] == pytest.approx(2 * 20 * 0.35 * 50)
    # 0.12 USD of haul and 0.06 of receiving are medians over factors of 0.05 to 0.3, 0.03 to 0.12
    kg = table(found, "batch_item").filter(pl.col("component_kind") == "hdd")
    per_kg = 0.12 * np.exp((np.log(0.3 / 0.05) / 3.28971) ** 2 / 2)
    per_kg += 0.06 * np.exp((np.log(0.12 / 0.03) / 3.28971) ** 2 / 2)
    both = 20 * (pickup + helium["pickup_usd_per_unit"])
    assert both == pytest.approx(per_kg * kg["gross_kg"].sum(), rel=1e-5)


def test_at_the_flip_price_both_are_worth_the_same(lot):
    before = drives(lot(HARD))
    assert {t["better"] for t in before} == {"reuse"}  # at 50 USD, far above it
    rows = [terms(t["family_key"], f"{t['flip_price_usd_per_unit']:.17f}", 0.35) for t in before]
    for thing in drives(lot(*rows)):
        assert thing["reuse_usd"] == pytest.approx(thing["recycling_usd"], rel=1e-9)


def test_a_higher_price_adds_what_the_units_that_pass_bring(lot):
    one, two = lot(terms(price=50)), lot(terms(price=60))
    gain = figure(two, "net_usd")["mean"] - figure(one, "net_usd")["mean"]
    assert gain == pytest.approx(40 * 0.8 * 10)
    assert figure(two, "net_usd")["p10"] > figure(one, "net_usd")["p10"]


def test_where_nothing_passes_reuse_costs_test_and_pickup_and_no_price_helps(lot):
    for thing in drives(lot(terms(share=0))):
        spent = thing["units"] * (4 + thing["pickup_usd_per_unit"])
        assert thing["reuse_usd"] == pytest.approx(thing["recycling_usd"] - spent)
        assert (thing["better"], thing["flip_price_usd_per_unit"]) == ("recycle", None)
        assert "no price makes reuse the better" in thing["reason"]


def test_the_net_of_the_batch_is_that_of_its_things_less_what_is_paid_per_lot(lot):
    """Things go unit by unit, the batch by the content of what is left: two ways, one net."""
    found = lot(*MIXED)
    (policy,) = table(found, "batch_policy").to_dicts()
    of_things = sum(
        t["reuse_usd"] if t["is_priced"] else t["recycling_usd"] for t in things(found).values()
    )
    costs = table(found, "batch_cost").filter(pl.col("denominator").is_in(LOT_USD))
    per_lot = costs.filter(pl.col("route_id").is_in(["reuse", policy["best_recycling_route_id"]]))[
        "mean"
    ].sum()
    assert per_lot > 200  # two callouts
    assert figure(found, "net_usd")["mean"] == pytest.approx(of_things - per_lot, rel=1e-9)


def test_costs_of_units_and_of_the_lot_add_up_to_those_of_every_route(lot):
    found = lot()
    worth = (
        table(found, "batch_reuse")
        .group_by("recycling_route_id")
        .agg(pl.col("recycling_usd").sum())
    )
    ((route, of_units),) = worth.rows()
    costs = table(found, "batch_cost").filter(pl.col("route_id") == route)
    per_lot = costs.filter(pl.col("denominator").is_in(LOT_USD))["mean"].sum()
    net = figure(found, "net_usd", route)["mean"]
    assert of_units - per_lot == pytest.approx(net, rel=1e-9)


def test_cost_lines_of_reuse_add_up_and_tell_what_they_are(lot):
    found = lot(terms())
    costs = table(found, "batch_cost").filter(pl.col("route_id") == "reuse")
    assert costs["mean"].sum() == pytest.approx(figure(found, "cost_usd")["mean"])
    by_id = {row["cost_id"]: row for row in costs.to_dicts()}
    assert (by_id["wipe-test"]["quantity"], by_id["wipe-test"]["mean"]) == (40, 160)
    assert not costs["unknown"].any()


@pytest.mark.parametrize("measure", ["gross_usd", "cost_usd", "net_usd", "resale_usd"])
def test_an_explanation_of_reuse_adds_up(lot, measure):
    found = explain(lot(*MIXED).db, "A", route_id="reuse", measure=measure)
    assert found["check"]["adds_up"]
    assert found["figure"]["parts"]


def test_draws_agree_with_the_mean_within_their_error(lot):
    found = lot(HARD)
    rows = table(found, "batch_draw").filter(
        pl.col("route_id") == "reuse", pl.col("measure") == "net_usd"
    )
    draws = rows["draws"][0].to_numpy()
    error = draws.std() / np.sqrt(len(draws))
    assert abs(draws.mean() - figure(found, "net_usd")["mean"]) < 4 * error


def test_units_that_pass_scatter_as_a_binomial_does(lot):
    """n p (1 - p) for a share without limits, and no more than n units pass."""
    (term,) = read_resale(
        Path(lot(HARD).summary["reuse"]["resale"]), load_tables(), AS_OF, {"USD": 1.0}
    ).terms
    source = Source(1, 20_000)
    for units in (7, 700):
        passed = units_passing(Thing("t", term, units, 0.0, {}, {}), "A", source)
        assert passed.var() == pytest.approx(units * 0.35 * 0.65, rel=0.05)
        assert 0 <= passed.min() <= passed.max() <= units


def test_what_no_row_is_about_is_listed_and_recycled(lot):
    found = lot(terms())
    (ssd,) = [t for t in things(found).values() if t["component_kind"] == "ssd"]
    assert (ssd["is_priced"], ssd["reuse_usd"]) == (False, None)
    assert ssd["reason"] == "not priced: no row of the resale table is about it"
    told = found.summary["reuse"]
    assert (told["units"], told["units_priced"]) == (60, 40)


def test_a_batch_the_table_says_nothing_of_has_no_net(lot):
    found = lot(terms(match="server"))
    net = figure(found, "net_usd")
    assert net["mean"] is None and "says nothing of what is in the batch" in net["reason"]
    assert {t["better"] for t in things(found).values()} == {None}


def test_a_row_about_another_thing_changes_no_draw(lot):
    one, two = ({t["thing"]: t["resale_usd_p90"] for t in drives(lot(*r))} for r in ROWS)
    air = next(thing for thing in one if thing.endswith("/4000"))
    assert one[air] == two[air]
    assert one != two  # the others have a row of their own


@pytest.mark.long
def test_a_batch_is_sold_the_same_beside_another(tmp_path):
    resale = tmp_path / "resale.csv"
    resale.write_text(COLUMNS + terms() + "\n", encoding="utf-8")
    one, two = (export(tmp_path / f"{b}.csv", batches=(b,)) for b in "AB")
    alone = run([one], settings=settings(tmp_path, db=tmp_path / "1.duckdb", resale=resale))
    both = run([one, two], settings=settings(tmp_path, db=tmp_path / "2.duckdb", resale=resale))
    of_a = pl.col("batch_id") == "A"
    first, second = (table(result, "batch_reuse").filter(of_a) for result in (alone, both))
    assert_frame_equal(first, second, rel_tol=1e-12)


def test_fans_and_supplies_go_with_their_host_and_drives_in_it_do_not(tmp_path):
    path = tmp_path / "hosts.csv"
    path.write_text(
        "Batch,Serial,Manufacturer,Model,Description\n"
        "A,S1,Dell,PowerEdge R740,PowerEdge R740 12x 6TB\n",
        encoding="utf-8",
    )
    resale = tmp_path / "resale.csv"
    resale.write_text(COLUMNS + terms("server", 400, 0.9, 20) + "\n", encoding="utf-8")
    found = run([path], settings=settings(tmp_path, resale=resale))
    units = dict(table(found, "batch_reuse").select("component_kind", "units").iter_rows())
    assert units == {"server": 1, "hdd": 12}
    inside = table(found, "batch_item").group_by("component_kind").agg(pl.col("units").sum())
    assert {"fan", "psu"} <= set(inside["component_kind"])
    net = figure(found, "net_usd")
    assert net["mean"] is not None
    (server,) = [t for t in things(found).values() if t["component_kind"] == "server"]
    assert server["resale_usd"] == pytest.approx(360)


@pytest.mark.parametrize("form", ["shredded", "module"])
def test_what_does_not_arrive_whole_is_no_unit_and_bears_no_data(tmp_path, form):
    resale = tmp_path / "resale.csv"
    resale.write_text(COLUMNS + terms() + "\n", encoding="utf-8")
    chosen = settings(tmp_path, resale=resale, form=form, policy="shred", draws=200)
    found = run([export(tmp_path / "x.csv", batches=("A",))], settings=chosen)
    assert figure(found, "net_usd")["mean"] is None
    (thing,) = things(found).values()
    assert (thing["is_priced"], thing["better"]) == (False, None)
    assert "does not arrive whole" in thing["reason"]
    assert thing["least_flip_price_usd_per_unit"] is None
    (policy,) = table(found, "batch_policy").to_dicts()
    assert (policy["data_bearing_units"], policy["is_bound"]) == (0, False)


def test_the_table_is_in_the_world_and_only_where_it_is_given(lot):
    def options(result):
        return result.frame("run")["options"][-1]

    assert "resale" not in options(lot()) and "policy" not in options(lot())
    worlds = [lot(*rows).frame("run")["world_id"][-1] for rows in ((), *ROWS, (HARD,))]
    assert len(set(worlds)) == 4


@pytest.mark.long
def test_batches_that_are_kept_are_sold_by_the_new_table(tmp_path):
    run([export(tmp_path / "a.csv", batches=("A",))], settings=settings(tmp_path))
    resale = tmp_path / "resale.csv"
    resale.write_text(COLUMNS + terms() + "\n", encoding="utf-8")
    later = run(
        [export(tmp_path / "b.csv", batches=("B",))], settings=settings(tmp_path, resale=resale)
    )
    assert table(later, "batch_reuse")["is_priced"].to_list() == [True, True]
    assert table(later, "resale_price").height == 1


def test_shares_of_value_add_up_to_one(lot):
    shares = lot(terms()).frame("value_share")
    summed = shares.drop_nulls("gross_share").group_by("route_id").agg(pl.col("gross_share").sum())
    by_route = dict(summed.iter_rows())
    for route in ("ionic-belfast", "korea-zinc-us", "shred-to-steel", "adr-pedalpoint", "reuse"):
        assert by_route[route] == pytest.approx(1, rel=1e-9), route
    groups = set(shares.filter(pl.col("route_id") == "reuse")["value_group"])
    assert groups == {"resale", "recycled_rest"}


def test_rare_earth_sales_are_those_of_the_parts(lot):
    found = lot()
    comparison = found.frame("route_comparison").select("route_id", "ree_gross_usd")
    for route, of_parts in comparison.drop_nulls().iter_rows():
        sales = figure(found, "ree_gross_usd", route)["mean"]
        assert sales == pytest.approx(of_parts, rel=1e-9), route
