"""Settlements worked by hand: at fixed prices, of steel under toll, and magnets downstream."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tests.value.test_money import DRAWS, MAKING, ONE, SERIES, chunk, cost, deck, exact, plan
from valuation.deck import ProductPrice
from valuation.frames import PARTS
from valuation.shapes import MASS, Capture, Flow, Plan
from valuation.uncertain import Source, Spread
from valuation.units import oxide_factor
from valuation.value import Terms, Valuing, part_values, value_batches
from valuation.value.money import settle
from valuation.value.yields import YieldDraws, recover


@pytest.mark.parametrize("settlement", ["own", "toll"])
def test_steel_of_magnets_is_worth_what_the_batch_is_paid_for_it(settlement):
    # under toll only products that hold rare earths are returned; steel is sold as ever
    one, route = chunk(), plan(settlement)
    steel = Capture("pull", "voice_coil", "mass", "steel", "residue", exact(0.5))
    flows = (*route.flows, Flow(route.route.steps[0], SERIES[1], 0.5, "steel", None, (steel,)))
    paid = replace(
        route.route,
        payable={"nd_oxide": exact(1.0), "steel": exact(1.0)},
        returnable={"nd_oxide": exact(0.9)},
    )
    both = Plan(paid, flows)
    priced = deck()
    scrap = ProductPrice("steel", "stream", False, {MASS: 0.3}, {MASS: ONE * 0.3}, {MASS: 0.3})
    priced = replace(priced, products={**priced.products, "steel": scrap})
    terms = Terms({}, 18_000, {"nd_oxide": "oxide", "steel": "stream"}, MAKING)
    valued = value_batches(Valuing([both], priced, terms, Source(1, DRAWS)), [one])
    rows = valued.values.filter(pl.col("measure") == "gross_usd", pl.col("product_id") == "total")
    parts = PARTS.check(
        pl.DataFrame(
            [dict.fromkeys(PARTS.columns) | {"part_id": "p", "confidence": 1.0}],
            schema=dict(PARTS.columns),
        )
    )
    worth = part_values(parts, SERIES, one.mean_kg.T / 1000, [both], priced, terms)
    share = 0.9 if settlement == "toll" else 1.0
    by_hand = 7.2 * oxide_factor("nd") * share * 50 + 40 * 0.5 * 0.3
    assert rows["mean"].item() == pytest.approx(by_hand)
    assert 1000 * worth["gross_usd_per_unit"].item() == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("settlement", "by_hand"),
    [
        ("own", 7.2 * oxide_factor("nd") * 0.95 * 50),
        ("toll", 7.2 * oxide_factor("nd") * 0.9 * 50),
        ("sell_feed", 9.0 * 0.93 * 60),
    ],
)
def test_at_fixed_prices_only_the_prices_stand_still(settlement, by_hand):
    swing = np.linspace(0.5, 1.5, DRAWS, dtype=np.float32)
    priced = deck()
    oxide = replace(priced.products["nd_oxide"], draws={MASS: 50 * swing})
    metal = replace(priced.contained["nd"], draws={"nd": 60 * swing})
    priced = replace(priced, products={"nd_oxide": oxide}, contained={"nd": metal})
    held = chunk()
    route = plan(settlement, payable=0.95)
    route = Plan(replace(route.route, returnable={"nd_oxide": exact(0.9)}), route.flows)
    toll = cost("toll", "lot", 100.0, cost_kind="toll", step_id="leach")
    last = replace(route.route.steps[1], costs=(toll,))
    route = Plan(replace(route.route, steps=(route.route.steps[0], last)), route.flows)
    terms = Terms({"nd": 0.93}, 18_000, {"nd_oxide": "oxide"}, MAKING)
    valued = value_batches(Valuing([route], priced, terms, Source(1, DRAWS)), [held])
    rows = {
        (r["measure"], r["product_id"]): r
        for r in valued.values.filter(pl.col("route_id") == "r").to_dicts()
    }
    charge = 100.0 if settlement == "toll" else 0.0
    product = "magnet_pieces" if settlement == "sell_feed" else "nd_oxide"
    assert rows["gross_usd", product]["mean_at_fixed_prices"] == pytest.approx(by_hand)
    assert rows["gross_usd", product]["p10"] < 0.7 * by_hand  # the quotation itself moves
    net = rows["net_usd_at_fixed_prices", "total"]
    for name in ("mean", "p10", "p50", "p90"):  # mass has no spread here, so nothing is left
        assert net[name] == pytest.approx(by_hand - charge, rel=1e-6)
    assert rows["net_usd", "total"]["mean_at_fixed_prices"] == net["mean"]
    # content moves the figure at fixed prices as much as it moves the mass
    held.draws_kg[0, 0] *= swing
    moved = value_batches(Valuing([route], priced, terms, Source(1, DRAWS)), [held]).values
    fixed = moved.filter(pl.col("measure") == "net_usd_at_fixed_prices")
    spread = np.quantile(swing, (0.1, 0.9)) * by_hand - charge
    assert fixed["p10"].item() == pytest.approx(spread[0], rel=1e-5)
    assert fixed["p90"].item() == pytest.approx(spread[1], rel=1e-5)


def test_magnets_downstream_have_an_exact_mean_and_no_error_of_it():
    spread = MAKING | {"magnet_grade_ree_fraction": Spread(0.3, 0.28, 0.32, "range_beta")}
    terms = Terms({}, 18_000, {"nd_oxide": "oxide"}, spread)
    valuing = Valuing([plan(stage="make")], deck(), terms, Source(1, DRAWS))
    rows = value_batches(valuing, [chunk()]).values
    (row,) = rows.filter(pl.col("measure") == "magnet_equivalent_before_loss_kg").to_dicts()
    # the mean of 1/x lies above one over the mean, by its variance over the cube of the mean
    excess = spread["magnet_grade_ree_fraction"].variance / 0.3**2
    assert row["mean"] == pytest.approx(7.2 * 0.95 / 0.3 * (1 + excess), rel=1e-5)
    assert row["standard_error"] is None


def test_the_same_batch_settled_at_another_rate_costs_what_it_does_there():
    held, source = chunk(), Source(1, DRAWS)
    toll = cost("toll", "lot", 100.0, cost_kind="toll", step_id="leach")
    route = plan("toll")
    last = replace(route.route.steps[1], costs=(toll,))
    route = Plan(replace(route.route, steps=(route.route.steps[0], last)), route.flows)
    terms = Terms({}, 18_000, {"nd_oxide": "oxide"}, MAKING)
    masses = recover(route, held, YieldDraws(source), terms.mass_basis)
    for usd in (1.0, 2.0):
        priced = replace(deck(), usd_per_unit={"USD": usd})
        money = settle(route.route, masses, held, priced, terms, source).totals()
        assert money["cost_usd"].estimate.mean.item() == pytest.approx(100 * usd)
        assert money["cost_usd"].estimate.draws.mean() == pytest.approx(100 * usd)


def test_the_same_batch_on_other_yields_gives_what_they_give():
    held, route = chunk(), plan()
    share = Spread(0.8, 0.6, 0.95, "range_beta")
    ways = tuple(
        replace(flow, captures=tuple(replace(c, share=share) for c in flow.captures))
        for flow in route.flows
    )
    route = Plan(route.route, ways)
    drawn = [
        recover(route, held, YieldDraws(Source(seed, DRAWS)), {"nd_oxide": "oxide"})
        for seed in (1, 2, 1)
    ]
    first, other, again = (masses.products["nd_oxide"].draws for masses in drawn)
    assert not np.array_equal(first, other)
    assert np.array_equal(first, again)
