"""Freight by hand: a call-out per lot, a haul per kilogram, whole shipments, a minimum."""

from itertools import pairwise

import polars as pl
import pytest

from tests.exports import export, settings
from tests.value.test_money import chunk, cost, plan, value
from valuation.api import run
from valuation.uncertain import Spread


def paid(**given):
    """Cost of one row on a lot of some mass, and the quantity it was charged on."""
    held = chunk(gross_kg=(given.pop("gross_kg"),), nd_kg=(given.pop("nd_kg", 10.0),))
    valued, found = value(plan(pull_costs=[cost("freight", **given)]), the_chunk=held)
    return found["cost_usd", "total", None][0], valued.costs["quantity"].item()


@pytest.mark.parametrize(
    ("gross_kg", "trucks"), [(3, 1), (18_000, 1), (18_001, 2), (36_001, 3), (0, 0)]
)
def test_shipments_are_whole_and_told(gross_kg, trucks):
    money, quantity = paid(denominator="shipment", value=900.0, gross_kg=gross_kg)
    assert (money, quantity) == (pytest.approx(900 * trucks), trucks)


@pytest.mark.parametrize(("gross_kg", "usd"), [(3, 125), (1000, 125), (2000, 240), (0, 0)])
def test_a_minimum_is_the_least_and_nothing_where_there_is_nothing(gross_kg, usd):
    money, quantity = paid(
        denominator="kg_kit", value=0.12, minimum=125.0, gross_kg=gross_kg
    )  # fmt: skip
    assert (money, quantity) == (pytest.approx(usd), gross_kg)


def test_a_minimum_is_in_the_currency_of_its_cost():
    money, _ = paid(denominator="kg_kit", value=0.1, minimum=100.0, gross_kg=1, currency="CNY")
    assert money == pytest.approx(100 * 0.14)


def test_three_kilograms_pay_a_call_out_and_it_is_seen(tmp_path):
    lot = export(tmp_path / "x.csv", batches=("A",), drives=4)
    result = run([lot], settings=settings(tmp_path, routes=("ionic-belfast",)))
    costs = {row["cost_id"]: row for row in result.frame("batch_cost").to_dicts()}
    assert 2.5 < result.frame("batch")["gross_mass_kg"].item() < 3.5
    row = costs["pickup-callout"]
    assert (row["denominator"], row["quantity"]) == ("lot", 1)
    assert row["mean"] == pytest.approx(Spread(125, 50, 300, "ci90_lognormal").mean)
    # the sea is paid per kilogram: magnets of a small lot wait until a consignment is full
    sea = costs["atlantic-haul"]
    assert sea["denominator"] == "kg_step_feed" and sea["quantity"] < 0.1
    assert row["mean"] > 0.9 * sum(c["mean"] for c in costs.values())


def test_every_route_pays_the_dock_and_each_sea_it_crosses(tables):
    freight = set(tables.frame("cost").filter(pl.col("cost_kind") == "freight")["step_id"])
    for route, steps in tables.frame("route_step").group_by("route_id"):
        rows = steps.sort("step_no").to_dicts()
        assert rows[0]["step_id"] in freight, route
        crossings = [b["step_id"] for a, b in pairwise(rows) if a["country"] != b["country"]]
        assert set(crossings) <= freight, route
