"""What recycling things brings: sums over their parts, on the route the batch takes."""

import numpy as np
import polars as pl
import pytest

from valuation.engine.duckdb import Engine
from valuation.value.reuse import SQL as REUSE
from valuation.value.stock import SQL, Stock
from valuation.value.unit_worth import UnitWorths

ROUTES = ("r0", "r1", "r2")
PART_COUNT, BATCHES, THINGS = 6, 4, 3
UNKNOWN, NOT_PLANNED, NOT_WHOLE = 5, 4, 3
PIECE = {
    "batch_id": pl.String,
    "thing_no": pl.Int64,
    "part_no": pl.Int64,
    "units": pl.Float64,
    "units_sold": pl.Float64,
}
TAKEN = {"B0": "r1", "B1": "r2", "B2": None, "B3": "a route nobody planned"}
PICKUP = "r0"


@pytest.fixture
def worth(rng):
    """What one unit brings: one part has no cost, one no plan on a route."""
    gross, cost = rng.uniform(1, 9, (2, len(ROUTES), PART_COUNT))
    cost[:, UNKNOWN] = np.nan
    there = np.ones(gross.shape, bool)
    there[1, NOT_PLANNED] = False
    return UnitWorths(ROUTES, there, gross, cost, rng.uniform(1, 2, PART_COUNT))


@pytest.fixture
def pieces(rng):
    """Pieces of three things in four batches."""
    rows = [
        (f"B{b}", thing, part, float(rng.integers(0, 4)), float(rng.integers(0, 4)))
        for b in range(BATCHES)
        for thing in range(THINGS)
        for part in sorted(rng.choice(PART_COUNT, size=3, replace=False).tolist())
    ]
    return pl.DataFrame(rows, schema=PIECE, orient="row")


@pytest.fixture
def counted(worth, pieces):
    """The tables of an engine once stock is taken of some pieces, and compared."""
    with Engine() as engine:

        def tables(pieces=pieces):
            names = ("kind", "item_class", "family_key", "family")
            kinds = pl.DataFrame({"thing_no": [0, 1, 2], "thing": ["a", "b", "c"]})
            kinds = kinds.with_columns(
                *(pl.lit("x").alias(name) for name in names),
                term=pl.Series([None, 0, 1], dtype=pl.Int64),
                capacity_gb=pl.lit(None, pl.Float64),
            )
            stock = Stock(engine, None, kinds, ROUTES)
            rulings = pl.DataFrame({"batch_id": list(TAKEN), "route": list(TAKEN.values())})
            numbers = pl.Series(range(PART_COUNT), dtype=pl.Int64)
            part = pl.DataFrame({"part_no": numbers}).with_columns(
                part_id=pl.col("part_no").cast(pl.String),
                kind=pl.lit("x"),
                is_whole=pl.col("part_no") != NOT_WHOLE,
            )
            terms = pl.DataFrame({"term": [0, 1], "share_passing": [0.5, 0.25]})
            engine.register("sellable_piece", pieces)
            engine.register("stock_part", part)
            engine.register("stock_worth", worth.rows(numbers))
            engine.register("stock_thing", kinds)
            priced = ("resale_key", "price_usd_per_unit", "test_usd_per_unit")
            engine.register(
                "resale_term",
                terms.with_columns(pl.lit(None, pl.Float64).alias(name) for name in priced),
            )
            sale = ("batch_id", "thing", "resale_usd", "resale_usd_p10", "resale_usd_p90")
            engine.register("resale_sale", pl.DataFrame(schema=dict.fromkeys(sale, pl.String)))
            ruling = rulings.select(
                "batch_id",
                recycling_route_id="route",
                route_no=stock.route_numbers(pl.col("route")),
                reuse_route_no=stock.route_numbers(pl.lit(PICKUP)),
                is_reuse_allowed=pl.lit(value=True),
            )
            engine.register("batch_ruling", ruling)
            engine.register("told_batch", pl.DataFrame({"batch_id": list(TAKEN)}))
            engine.run("set variable has_resale = true")
            engine.step(SQL)
            engine.step(REUSE)
            return lambda name: engine.frame(f"from {name}")

        yield tables


def by_hand(pieces, worth, routes):
    """One row at a time: by batch and thing, sales and costs on the route of the batch."""
    found = {}
    for batch, thing, part, units, _ in pieces.iter_rows():
        route = routes.get(batch)
        at = ROUTES.index(route) if route in ROUTES else None
        if at is None or not units or not worth.there[at, part]:
            continue
        each = (worth.gross_usd[at, part], worth.cost_usd[at, part], worth.gross_kg[part])
        found[batch, thing] = found.get((batch, thing), 0) + units * np.array(each)
    return found


def known(figure):
    return np.nan if figure is None else figure


def test_all_units_of_a_thing_are_recycled_on_the_route_of_their_batch(counted, pieces, worth):
    recycled = by_hand(pieces, worth, TAKEN)
    picked = by_hand(pieces, worth, dict.fromkeys(TAKEN, PICKUP))
    rows = counted()("reuse_figure").to_dicts()
    assert {row["batch_id"] for row in rows} == set(TAKEN)
    for row in rows:
        key = row["batch_id"], row["thing_no"]
        gross, cost, _ = recycled.get(key, [np.nan] * 3)
        assert known(row["recycling_usd"]) == pytest.approx(gross - cost, abs=1e-8, nan_ok=True)
        cost = picked.get(key, [np.nan] * 3)[1]
        assert known(row["pickup_usd"]) == pytest.approx(cost, abs=1e-8, nan_ok=True)


def test_things_of_the_table_are_recycled_on_every_route(counted, pieces, worth):
    tables = counted()
    priced = {tuple(row) for row in tables("priced_thing").select("batch_id", "thing_no").rows()}
    by_route = [by_hand(pieces, worth, dict.fromkeys(TAKEN, route)) for route in ROUTES]
    found = tables("priced_stock").rows()
    wanted = {(*key, i) for i, held in enumerate(by_route) for key in held if key in priced}
    assert {row[:3] for row in found} == wanted
    assert {thing for _, thing, *_ in wanted} == {1, 2}
    for batch, thing, route, *figures in found:
        np.testing.assert_allclose(
            [known(figure) for figure in figures], by_route[route][batch, thing], atol=1e-8
        )


def test_units_that_could_be_sold_add_up_by_thing(counted, pieces):
    tables = counted()
    summed = pieces.group_by("batch_id", "thing_no").agg(
        pl.col("units_sold").sum(), whole=(pl.col("part_no") != NOT_WHOLE).all()
    )
    joined = tables("stock").join(summed, on=["batch_id", "thing_no"], validate="1:1")
    assert joined.height == summed.height == tables("stock").height
    assert joined["units"].to_list() == joined["units_sold"].to_list()
    assert joined["is_whole"].to_list() == joined["whole"].to_list()
    told = {row["thing"]: row["units"] for row in tables("reuse_told").to_dicts()}
    of_thing = summed.group_by("thing_no").agg(pl.col("units_sold").sum())
    assert told == {"abc"[thing]: units for thing, units in of_thing.iter_rows()}


def test_what_passes_leaves_part_by_part(counted, pieces):
    share = {1: 0.5, 2: 0.25}
    wanted = sorted(
        (batch, thing, part, units * share[thing])
        for batch, thing, part, units, _ in pieces.iter_rows()
        if thing in share and part != NOT_WHOLE
    )
    found = counted()("leaving_unit").select("batch_id", "thing_no", "part_no", "units")
    assert sorted(found.rows()) == wanted


def test_nothing_to_sell_is_no_row(counted, pieces):
    tables = counted(pieces.clear())
    names = ("stock", "priced_stock", "reuse_figure", "thing_reuse", "reuse_told")
    assert [tables(name).height for name in names] == [0] * len(names)
