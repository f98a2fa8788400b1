"""Reuse beside recycling, in whole runs: laws, one lot by hand, and two ways to the same net."""

import numpy as np
import polars as pl
import pytest

from tests.exports import DRIVE, HEADER, HELIUM, export, settings, table
from valuation.api import run

COLUMNS = "match,capacity_gb,price,currency,share_passing,cost_to_test,observed_on\n"
KEY = ["batch_id", "route_id", "product_id", "element", "measure"]
LOT_USD = ("lot", "shipment")
SSD = "{batch},{tag},{serial},Samsung,MZ7LH960HAJR-00005,SSD,960GB,{quantity}\n"
FAN = "{batch},{tag},{serial},Delta,PFR0612XHE,Fan,,{quantity}\n"


@pytest.fixture
def lot(tmp_path):
    """Values drives of two families (and a few solid-state drives) with a resale table, or none."""

    def value(*rows, name="a", lines=(DRIVE, HELIUM, SSD), **given):
        path = tmp_path / "lot.csv"
        text = [
            line.format(batch="A", tag=f"{k}{i}", serial=f"Z{k}Z{i:04d}", quantity=5)
            for k, line in enumerate(lines)
            for i in range(4)
        ]
        path.write_text(HEADER + "".join(text), encoding="utf-8")
        if rows:
            given["resale"] = tmp_path / f"{name}-resale.csv"
            given["resale"].write_text(COLUMNS + "\n".join(rows) + "\n", encoding="utf-8")
        return run([path], settings=settings(tmp_path, db=tmp_path / f"{name}.duckdb", **given))

    return value


def terms(match="hdd", price=50, share=0.8, cost=4, capacity=""):
    return f"{match},{capacity},{price},USD,{share},{cost},2026-02-20"


def things(result):
    return {row["thing"]: row for row in table(result, "batch_reuse").to_dicts()}


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
    without, given = lot(name="a"), lot(terms(), name="b")
    others = pl.col("route_id").is_null() | (pl.col("route_id") != "reuse")
    one, two = (table(result, "batch_value").filter(others) for result in (without, given))
    assert one.equals(two)


def test_one_lot_by_hand(lot):
    found = lot(terms(price=100, share=0.5, cost=3))
    (air, helium) = drives(found)
    assert air["units"] == helium["units"] == 20
    assert air["resale_usd"] == pytest.approx(20 * 0.5 * 100)
    pickup, recycled = air["pickup_usd_per_unit"], air["recycling_usd_per_unit"]
    assert air["reuse_usd"] == pytest.approx(20 * (0.5 * 100 - 3 - pickup) + 10 * recycled)
    assert air["recycling_usd"] == pytest.approx(20 * recycled)
    assert air["flip_price_usd_per_unit"] == pytest.approx((3 + pickup) / 0.5 + recycled)
    assert figure(found, "resale_usd")["mean"] == pytest.approx(2 * 20 * 0.5 * 100)
    # 0.12 USD of haul and 0.06 of receiving are medians over factors of 0.05 to 0.3, 0.03 to 0.12
    kg = table(found, "batch_item").filter(pl.col("component_kind") == "hdd")
    per_kg = 0.12 * np.exp((np.log(0.3 / 0.05) / 3.28971) ** 2 / 2)
    per_kg += 0.06 * np.exp((np.log(0.12 / 0.03) / 3.28971) ** 2 / 2)
    both = 20 * (pickup + helium["pickup_usd_per_unit"])
    assert both == pytest.approx(per_kg * kg["gross_kg"].sum(), rel=1e-5)


@pytest.mark.parametrize("share", [0.35, 1])
def test_at_the_flip_price_both_are_worth_the_same(lot, share):
    before = drives(lot(terms(share=share)))
    rows = [terms(t["family_key"], repr(t["flip_price_usd_per_unit"]), share) for t in before]
    for thing in drives(lot(*rows, name="b")):
        assert thing["reuse_usd"] == pytest.approx(thing["recycling_usd"], rel=1e-9)
        more = [terms(t["family_key"], t["flip_price_usd_per_unit"] + 0.01, share) for t in before]
    assert {t["better"] for t in drives(lot(*more, name="c"))} == {"reuse"}


def test_a_higher_price_adds_what_the_units_that_pass_bring(lot):
    one, two = lot(terms(price=50), name="a"), lot(terms(price=60), name="b")
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
    found = lot(terms(share=0.7), terms("hdd", 80, 0.9, 5, 12000))
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


def test_draws_agree_with_the_mean_within_their_error(lot):
    found = lot(terms(share=0.6), draws=4000)
    rows = table(found, "batch_draw").filter(
        pl.col("route_id") == "reuse", pl.col("measure") == "net_usd"
    )
    draws = rows["draws"][0].to_numpy()
    error = draws.std() / np.sqrt(len(draws))
    assert abs(draws.mean() - figure(found, "net_usd")["mean"]) < 4 * error


def test_units_that_pass_scatter_less_the_more_there_are(lot):
    """A price without limits leaves age and settlement, the same in both: the count is the rest."""
    spread = []
    for name, lines in (("a", (DRIVE,)), ("b", (DRIVE,) * 30)):
        found = lot(terms(share=0.5), name=name, lines=lines, draws=2000)
        ((resale, p10, p90),) = (
            table(found, "batch_reuse").select("resale_usd", "resale_usd_p10", "resale_usd_p90")
        ).rows()
        spread.append((p90 - p10) / resale)
    assert spread[1] < 0.95 * spread[0]


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
    one, two = lot(terms(), name="a"), lot(terms(), terms("ssd", 20, 0.9, 2), name="b")
    kept = [{t["thing"]: t["resale_usd_p90"] for t in drives(result)} for result in (one, two)]
    assert kept[0] == kept[1]


def test_a_batch_is_sold_the_same_beside_another(tmp_path):
    resale = tmp_path / "resale.csv"
    resale.write_text(COLUMNS + terms() + "\n", encoding="utf-8")
    one, two = (export(tmp_path / f"{b}.csv", batches=(b,)) for b in "AB")
    alone = run([one], settings=settings(tmp_path, db=tmp_path / "1.duckdb", resale=resale))
    both = run([one, two], settings=settings(tmp_path, db=tmp_path / "2.duckdb", resale=resale))
    of_a = pl.col("batch_id") == "A"
    first, second = (table(result, "batch_reuse").filter(of_a) for result in (alone, both))
    assert first.equals(second)


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


def test_the_table_is_in_the_world_by_its_content_and_only_where_it_is_given(lot, tmp_path):
    def options(result):
        return result.frame("run")["options"][-1]

    assert "resale" not in options(lot(name="a")) and "policy" not in options(lot(name="a"))
    first = lot(terms(), name="b").frame("run")["world_id"][-1]
    assert lot(terms(), name="c").frame("run")["world_id"][-1] == first  # another name
    assert lot(terms(price=51), name="d").frame("run")["world_id"][-1] != first


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
