"""Laws of the published figures, and one of them worked out again from the rows of the data."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from tests.exports import export, settings, table
from valuation.api import run
from valuation.tables import load_tables


def test_doubling_every_quantity_doubles_every_mass(tmp_path):
    one = run([export(tmp_path / "x.csv", quantity=3)], settings=settings(tmp_path))
    two = run(
        [export(tmp_path / "x.csv", quantity=6)],
        settings=settings(tmp_path, db=tmp_path / "2.duckdb"),
    )
    masses = pl.col("measure").str.ends_with("_kg") & pl.col("mean").is_not_null()
    key = ["batch_id", "route_id", "product_id", "element", "measure"]
    both = (
        table(one, "batch_value")
        .filter(masses)
        .join(table(two, "batch_value").filter(masses), on=key, nulls_equal=True, suffix="_two")
    )
    assert both.height > 100
    np.testing.assert_allclose(both["mean_two"], 2 * both["mean"], rtol=1e-12)


def test_contained_is_recovered_plus_lost_and_quantiles_are_in_order(tmp_path):
    result = run([export(tmp_path / "x.csv")], settings=settings(tmp_path))
    flows, values = result.frame("batch_flow"), result.frame("batch_value")
    ends = flows.group_by("batch_id", "route_id", "element").agg(
        out=pl.col("out_kg").filter(pl.col("product_id").is_not_null()).sum(),
        lost=pl.col("lost_kg").sum(),
    )
    contained = values.filter(pl.col("measure") == "contained_kg").select(
        "batch_id", "element", "mean"
    )
    both = ends.join(contained, on=["batch_id", "element"])
    assert both.height == ends.height
    np.testing.assert_allclose(both["out"] + both["lost"], both["mean"], rtol=1e-9)
    known = values.filter(pl.col("mean").is_not_null())
    assert known.filter(
        (pl.col("p10") > pl.col("p50")) | (pl.col("p50") > pl.col("p90"))
    ).is_empty()


def test_contained_neodymium_is_what_the_rows_of_the_data_say(tmp_path):
    """An independent calculation: a few lines of numpy from the CSV rows, no code of the stages.

    Fitted parameters take the place of the rows they name.
    """
    result = run(
        [export(tmp_path / "x.csv", batches=("A",), drives=10)], settings=settings(tmp_path)
    )
    item = result.frame("item").row(0, named=True)
    assert item["item_class"] == "hdd-3.5-nearline-air"
    tables = load_tables()
    frame = tables.frame
    fitted = pl.read_csv(tables.models / "content" / "parameters.csv")
    fitted_value = dict(fitted.select("row_key", "value").iter_rows())
    assert f"{item['item_class']}/voice_coil" not in fitted_value
    magnet = frame("magnet_mass").filter(pl.col("item_class") == item["item_class"])
    spread = frame("magnet_spread")
    alloys = frame("alloy").filter(pl.col("alloy_id").is_in(magnet["alloy_id"].to_list()))
    nd_g = 0.0
    for row in magnet.iter_rows(named=True):
        levels = {}
        for name in ("*", item["item_class"]):
            rows = spread.filter(
                pl.col("item_class") == name, pl.col("magnet_location") == row["magnet_location"]
            )
            levels |= dict(zip(rows["level"], rows["value"], strict=True))
        mass = row["rotors"] * row["value"] * np.exp(sum(v**2 for v in levels.values()) / 2)
        assumed = dict(frame("assumption").select("assumption_id", "value").iter_rows())
        made = item["launch_year"] + assumed["years_from_launch_to_make"]
        vintage = "to-2012" if made <= 2012 else "from-2013"
        own = alloys.filter(
            pl.col("alloy_id") == row["alloy_id"], pl.col("vintage").is_in(["any", vintage])
        )
        a = {r["quantity"]: r for r in own.iter_rows(named=True)}
        value = {
            name: fitted_value.get(f"{r['alloy_id']}/{r['vintage']}/{name}", r["value"])
            for name, r in a.items()
        }
        dy = value["dy_mean"]
        if a["dy_mean"]["spread_kind"] == "ci90_lognormal":
            dy *= np.exp((np.log(a["dy_mean"]["high"] / a["dy_mean"]["low"]) / 3.28970725) ** 2 / 2)
        alpha, beta = value["pr_share_alpha"], value["pr_share_beta"]
        pr = value["pr_share_scale"] * alpha / (alpha + beta) * (value["ree_total"] - dy)
        nd = value["ree_total"] - dy - pr - value["tb"]
        nd_g += mass * (1 - value["coating"]) * nd
    published = result.frame("batch_value").filter(
        pl.col("measure") == "contained_kg", pl.col("element") == "nd"
    )
    assert published["mean"].item() == pytest.approx(10 * nd_g / 1000, rel=1e-8)


def test_an_unknown_cost_or_price_leaves_net_null_with_a_reason(tmp_path):
    result = run([export(tmp_path / "x.csv")], settings=settings(tmp_path))
    values = result.frame("batch_value")
    nets = values.filter(pl.col("measure") == "net_usd")
    known = set(nets.filter(pl.col("mean").is_not_null())["route_id"])
    assert {"korea-zinc-us", "ionic-belfast", "adr-pedalpoint", "shred-to-steel"} <= known
    assert nets.filter(pl.col("mean").is_null() & pl.col("reason").is_null()).is_empty()


@pytest.mark.long
def test_before_any_price_was_published_masses_are_known_and_money_is_not(tmp_path):
    given = settings(tmp_path, as_of=date(2000, 1, 1))
    result = run([export(tmp_path / "x.csv")], settings=given)
    assert result.exit_code == 0
    totals = result.summary["totals"]["ionic-belfast"]
    assert totals["contained_kg"]["nd"]["mean"] > 0
    assert totals["net_usd"]["mean"] is None and "no price" in totals["net_usd"]["reason"]
    assert (
        run([], settings=settings(tmp_path, as_of=date(2000, 1, 1), require_prices=True)).exit_code
        == 5
    )


def test_a_deck_of_ones_own_is_used_and_is_a_source_of_its_own(tmp_path):
    deck = tmp_path / "ours.csv"
    deck.write_text(
        "product_id,price_basis,vat_included,currency,unit,mid,observed_on,source_id\n"
        "ndfeb_alloy,us,false,USD,kg,60,2026-02-20,our broker\n"
        "ndpr_oxide,us,false,USD,kg,90,2026-02-20,our broker\n",
        encoding="utf-8",
    )
    result = run([export(tmp_path / "x.csv")], settings=settings(tmp_path, deck=str(deck)))
    assert result.summary["deck_id"] == "ours"
    gross = result.summary["totals"]["hpms-us"]["gross_usd"]
    assert gross["ndfeb_alloy"]["mean"] > 0
    assert "deck-ours" in set(result.frame("source")["source_id"])


def test_sales_of_the_items_add_up_to_the_sales_of_the_batch(tmp_path):
    result = run([export(tmp_path / "x.csv", quantity=7)], settings=settings(tmp_path))
    items = (
        result.frame("item_value").group_by("batch_id", "route_id").agg(pl.col("gross_usd").sum())
    )
    routes = result.frame("route_comparison").select("batch_id", "route_id", batch="gross_usd")
    both = items.join(routes, on=["batch_id", "route_id"])
    assert both.height == 2
    np.testing.assert_allclose(both["gross_usd"], both["batch"], rtol=1e-9)


def test_reuse_is_not_priced_and_never_zero(tmp_path):
    result = run([export(tmp_path / "x.csv")], settings=settings(tmp_path))
    row = result.frame("route_comparison").filter(pl.col("route_id") == "reuse").row(0, named=True)
    names = ("gross_usd", "net_usd", "net_before_unknown_usd", "ree_gross_usd")
    assert [row[name] for name in names] == [None] * 4
    assert "resale prices are the user's to give" in row["reason"]
    worth = result.frame("part_value").filter(pl.col("route_id") == "reuse")
    assert worth["gross_usd_per_unit"].null_count() == worth.height > 0
