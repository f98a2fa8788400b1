"""What one more kilogram adds to net: whole batches settle to the sum of their kilograms."""

import datetime
from dataclasses import replace

import numpy as np
import pytest

from valuation.content.library import load_library
from valuation.price import price_deck
from valuation.recovery import known_routes, plan_recovery
from valuation.shapes import BatchContent
from valuation.tables import load_tables
from valuation.uncertain import Source
from valuation.value import Terms
from valuation.value.marginal import net_usd_per_kg
from valuation.value.money import settle
from valuation.value.yields import YieldDraws, recover

NETTED = ("adr-pedalpoint", "ionic-belfast", "korea-zinc-us", "shred-to-steel")


@pytest.fixture(scope="module")
def chain():
    tables = load_tables()
    series = load_library(tables).series
    plans = plan_recovery(tables, series, known_routes(tables, ()), None)
    deck = price_deck(tables, "china-net", datetime.date(2026, 11, 22), Source(1, 2))
    return {p.route.route_id: p for p in plans}, series, deck, Terms.of(tables, None)


def net(chain, route, mean_kg):
    """Mean net of a batch of a hundred drives, whatever they hold. [USD]"""
    plans, series, deck, terms = chain
    chunk = BatchContent(
        batch_ids=("b",), series=series, mean_kg=mean_kg[:, None],
        draws_kg=np.zeros((len(series), 1, 2), np.float32), gross_mean_kg=np.array([65.0]),
        gross_draws_kg=np.zeros((1, 2), np.float32), units={"hdd": np.array([100.0])}, unknown={},
    )  # fmt: skip
    source = Source(1, 2)
    masses = recover(plans[route], chunk, YieldDraws(source), terms.mass_basis)
    money = settle(plans[route].route, masses, chunk, deck, terms, source)
    return float(money.totals()["net_usd"].estimate.mean[0])


def test_only_routes_with_a_net_have_one(chain):
    plans, series, deck, terms = chain
    assert tuple(sorted(net_usd_per_kg(list(plans.values()), series, deck, terms))) == NETTED


@pytest.mark.parametrize("route", NETTED)
def test_a_batch_is_worth_the_sum_of_its_kilograms(chain, route, rng):
    plans, series, deck, terms = chain
    per_kg = net_usd_per_kg([plans[route]], series, deck, terms)[route]
    kg = rng.uniform(0.1, 5, len(series))
    alone = net(chain, route, 0 * kg)
    assert net(chain, route, kg) - alone == pytest.approx(per_kg @ kg, rel=1e-9)


def test_what_has_no_price_adds_nobody_knows_what(chain):
    plans, series, deck, terms = chain
    lost = replace(deck.products["nd_oxide"], missing="no price")
    products = dict.fromkeys(("nd_oxide", "ndpr_oxide", "pr_oxide", "dy_oxide"), lost)
    without = replace(deck, products={**deck.products, **products})
    found = net_usd_per_kg([plans["korea-zinc-us"]], series, without, terms)["korea-zinc-us"]
    assert np.isnan(found[series.index(("voice_coil", "dy"))])
    assert not np.isnan(found[series.index(("steel", "mass"))])
