"""`batch_reuse`: per batch and thing, reuse beside recycling, and the price that makes them equal.

With s the share that passes, c the cost of testing, h the pickup for the test, and r the net of
recycling one unit on the best route allowed, each per unit: reuse is worth s p - c - h + (1 - s) r
and recycling r, so they are equal at a price p of (c + h) / s + r. With every unit passing a free
test, that is h + r: no table can bring it lower while r is above zero.
"""

from collections.abc import Collection
from pathlib import Path

import polars as pl

from valuation.value.ruling import Rulings
from valuation.value.stock import Stock

SQL = Path(__file__).with_name("reuse.sql")
SALE = {
    "batch_id": pl.String,
    "thing": pl.String,
    "resale_usd": pl.Float64,
    "resale_usd_p10": pl.Float64,
    "resale_usd_p90": pl.Float64,
}
TOLD = {"batch_id": pl.String}
RULING = {
    "batch_id": pl.String,
    "recycling_route_id": pl.String,
    "route_no": pl.Int64,
    "reuse_route_no": pl.Int64,
    "is_reuse_allowed": pl.Boolean,
}


def compare_reuse(
    stock: Stock, rulings: Rulings, reuse_routes: list[str], told_of: Collection[str]
) -> pl.DataFrame:
    """Compare both for every batch and thing; leaves `thing_reuse`, the store's `batch_reuse`.

    There are as many rows as batches have things, so they stay in the engine; what they were made
    of goes.

    Args:
        stock: What could be sold.
        rulings: Best recycling route of each batch, and what is allowed.
        reuse_routes: Routes that sell units; none when the run leaves them out.
        told_of: Batches whose things are told together.

    Returns:
        One row per thing of those batches, most units first: `thing`, its kind, class, family and
        capacity, mean figures of one unit, `units`, of which `units_priced` and
        `units_better_sold`, what selling these adds (`better_sold_gain_usd`), `is_compared`, what
        selling all would add (`reuse_gain_usd`), `better` and `reason`. [USD, 1]
    """
    engine = stock.engine
    sales = [(*key, *figures) for key, figures in stock.sales.items()]
    engine.register("resale_sale", pl.DataFrame(sales, schema=SALE, orient="row"))
    engine.register("batch_ruling", _rulings(stock, rulings, reuse_routes))
    engine.register("told_batch", pl.DataFrame({"batch_id": sorted(told_of)}, schema=TOLD))
    engine.run("set variable has_resale = $1", [stock.resale is not None])
    engine.step(SQL)
    told = engine.frame("from reuse_told order by units desc, thing")
    # As many rows as what became of them.
    engine.drop("sellable_piece", "stock", "priced_thing", "priced_stock")
    gain = pl.col("reuse_gain_usd")
    return told.with_columns(
        better=pl.when(gain > 0)
        .then(pl.lit("reuse"))
        .when(gain.is_not_null())
        .then(pl.lit("recycle"))
    )


def _rulings(stock: Stock, rulings: Rulings, reuse_routes: list[str]) -> pl.DataFrame:
    """What each batch may do: numbers of its recycling route and of the one that sells units."""
    forbidden = rulings.routes().filter(
        pl.col("route_id").is_in(reuse_routes), ~pl.col("is_allowed")
    )
    best = pl.col("best_recycling_route_id")
    rows = rulings.batches().select(
        "batch_id",
        recycling_route_id=best,
        route_no=stock.route_numbers(best),
        reuse_route_no=stock.route_numbers(pl.lit(next(iter(reuse_routes), None), pl.String)),
        is_reuse_allowed=~pl.col("batch_id").is_in(forbidden["batch_id"].implode()),
    )
    return rows.cast(pl.Schema(RULING))
