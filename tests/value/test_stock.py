"""What recycling things brings: sums over their parts, on the route the batch takes."""

import numpy as np
import polars as pl
import pytest

from valuation.frames import PARTS
from valuation.value.stock import Stock
from valuation.value.unit_worth import UnitWorths

ROUTES = ("r0", "r1", "r2")
PART_COUNT, BATCHES, THINGS = 6, 4, 3
UNKNOWN, NOT_PLANNED = 5, 4


@pytest.fixture
def stock(rng):
    """Pieces of three things in four batches; one part has no cost, one no plan on a route."""
    gross, cost = rng.uniform(1, 9, (2, len(ROUTES), PART_COUNT))
    cost[:, UNKNOWN] = np.nan
    there = np.ones(gross.shape, bool)
    there[1, NOT_PLANNED] = False
    rows = [
        (f"B{b}", thing, part, float(rng.integers(0, 4)), float(rng.integers(0, 4)), True)
        for b in range(BATCHES)
        for thing in range(THINGS)
        for part in sorted(rng.choice(PART_COUNT, size=3, replace=False).tolist())
    ]
    names = ("batch_id", "thing_no", "part", "units", "units_sold", "is_whole")
    kinds = pl.DataFrame({"thing_no": [0, 1, 2], "thing": ["a", "b", "c"], "term": [None, 0, 1]})
    worth = UnitWorths(ROUTES, there, gross, cost, rng.uniform(1, 2, PART_COUNT))
    pieces = pl.DataFrame(rows, schema=names, orient="row")
    return Stock(None, kinds, pieces, PARTS.empty(), worth)


def by_hand(stock, routes):
    """One row at a time."""
    found = {}
    for batch, thing, part, units, _, _ in stock.pieces.iter_rows():
        route = routes.get(batch)
        at = ROUTES.index(route) if route in ROUTES else None
        if at is None or not units or not stock.worth.there[at, part]:
            continue
        each = (stock.worth.gross_usd[at, part], stock.worth.cost_usd[at, part])
        figures = units * np.array([*each, stock.worth.gross_kg[part]])
        found[batch, thing, route] = found.get((batch, thing, route), 0) + figures
    return found


def test_all_units_of_a_thing_are_recycled_on_the_route_of_their_batch(stock):
    routes = {"B0": "r1", "B1": "r2", "B2": None, "B3": "a route nobody planned"}
    frame = pl.DataFrame({"batch_id": list(routes), "route_id": list(routes.values())})
    found = {
        (batch, thing, route): figures
        for batch, thing, route, *figures in stock.recycled(frame).iter_rows()
    }
    wanted = by_hand(stock, routes)
    assert found.keys() == wanted.keys()
    for key, figures in found.items():
        known = [np.nan if figure is None else figure for figure in figures]
        np.testing.assert_allclose(known, wanted[key], rtol=1e-12)


def test_units_that_could_be_sold_add_up_by_thing(stock):
    found = stock.of_batches()
    summed = stock.pieces.group_by("batch_id", "thing_no").agg(pl.col("units_sold").sum())
    joined = found.join(summed, on=["batch_id", "thing_no"], validate="1:1")
    assert joined.height == summed.height == found.height
    assert joined["units"].to_list() == joined["units_sold"].to_list()
    assert dict(found.select("thing_no", "term").iter_rows()) == {0: None, 1: 0, 2: 1}


def test_nothing_to_sell_is_no_row(stock):
    empty = Stock(None, stock.kinds, stock.pieces.clear(), stock.parts, stock.worth)
    routes = pl.DataFrame({"batch_id": ["B0"], "route_id": ["r0"]})
    assert empty.recycled(routes).is_empty()
    assert empty.of_batches().is_empty()
