"""`batch_reuse`: per batch and thing, reuse beside recycling, and the price that makes them equal.

With s the share that passes, c the cost of testing, h the pickup for the test, and r the net of
recycling one unit on the best route allowed, each per unit: reuse is worth s p - c - h + (1 - s) r
and recycling r, so they are equal at a price p of (c + h) / s + r. With every unit passing a free
test, that is h + r: no table can bring it lower while r is above zero.
"""

import polars as pl

from valuation.disposition import ResaleTerm
from valuation.value.ruling import Rulings
from valuation.value.stock import Stock

REUSE_SCHEMA = {
    "batch_id": pl.String,
    "thing": pl.String,
    "component_kind": pl.String,
    "component_class": pl.String,
    "family_key": pl.String,
    "family": pl.String,
    "capacity_gb": pl.Float64,
    "units": pl.Float64,
    "recycling_route_id": pl.String,
    "recycling_usd_per_unit": pl.Float64,
    "pickup_usd_per_unit": pl.Float64,
    "resale_key": pl.String,
    "share_passing": pl.Float64,
    "price_usd_per_unit": pl.Float64,
    "test_usd_per_unit": pl.Float64,
    "resale_usd": pl.Float64,
    "resale_usd_p10": pl.Float64,
    "resale_usd_p90": pl.Float64,
    "reuse_usd": pl.Float64,
    "recycling_usd": pl.Float64,
    "better": pl.String,
    "flip_price_usd_per_unit": pl.Float64,
    "least_flip_price_usd_per_unit": pl.Float64,
    "is_priced": pl.Boolean,
    "is_reuse_allowed": pl.Boolean,
    "reason": pl.String,
}
NO_TABLE = "not priced: no resale table is given"
NO_ROW = "not priced: no row of the resale table is about it"
NOT_IDENTIFIED = "not priced: nobody knows what it is"
NOT_WHOLE = "not priced: it does not arrive whole, so no unit is left to sell"
NO_RECYCLING = "no allowed route that recycles it has a net"
NEVER_PASSES = "no unit passes, so no price makes reuse the better"


def reuse_rows(stock: Stock | None, rulings: Rulings, reuse_routes: list[str]) -> pl.DataFrame:
    """One row per batch and thing that could be sold by the unit.

    Args:
        stock: What could be sold.
        rulings: Best recycling route of each batch, and what is allowed.
        reuse_routes: Routes that sell units; none when the run leaves them out.
    """
    if stock is None:
        return pl.DataFrame(schema=REUSE_SCHEMA)
    keys = ["batch_id", "thing"]
    each = ["batch_id", "thing_no"]
    things = stock.of_batches().filter(pl.col("units") > 0)
    routes = rulings.batches().select("batch_id", route_id="best_recycling_route_id")
    usd = pl.col("gross_usd") - pl.col("cost_usd")
    recycled = stock.recycled(routes).select(*each, recycling_usd=usd)
    reuse = pl.lit(next(iter(reuse_routes), None), pl.String)
    picked = stock.recycled(routes.select("batch_id", route_id=reuse))
    forbidden = rulings.routes().filter(
        pl.col("route_id").is_in(reuse_routes), ~pl.col("is_allowed")
    )
    rows = (
        things.join(routes.rename({"route_id": "recycling_route_id"}), on="batch_id", how="left")
        .join(recycled, on=each, how="left")
        .join(picked.select(*each, pickup_usd="cost_usd"), on=each, how="left")
        .join(stock.kinds.drop("term"), on="thing_no")
        .join(_terms(stock), on="term", how="left")
        .join(_sales(stock), on=keys, how="left")
        .with_columns(is_reuse_allowed=~pl.col("batch_id").is_in(forbidden["batch_id"].implode()))
    )
    named = rows.rename({"kind": "component_kind", "item_class": "component_class"})
    return _judged(named, stock).select(*REUSE_SCHEMA).sort(keys)


def _judged(rows: pl.DataFrame, stock: Stock) -> pl.DataFrame:
    """The rows with what one unit is worth either way, the flip price and the better option."""
    units, share = pl.col("units"), pl.col("share_passing")
    each = rows.with_columns(
        recycling_usd_per_unit=pl.col("recycling_usd") / units,
        pickup_usd_per_unit=pl.col("pickup_usd") / units,
    )
    recycling, pickup = pl.col("recycling_usd_per_unit"), pl.col("pickup_usd_per_unit")
    spent = pl.col("test_usd_per_unit") + pickup
    reuse = share * pl.col("price_usd_per_unit") - spent + (1 - share) * recycling
    found = each.with_columns(
        reuse_usd=units * reuse,
        flip_price_usd_per_unit=pl.when(share > 0).then(spent / share + recycling),
        least_flip_price_usd_per_unit=pl.when("is_whole").then(pickup + recycling),
        is_priced=pl.col("term").is_not_null(),
    )
    better = pl.when(pl.col("reuse_usd") > pl.col("recycling_usd")).then(pl.lit("reuse"))
    known = pl.col("reuse_usd").is_not_null() & pl.col("recycling_usd").is_not_null()
    unpriced = NO_TABLE if stock.resale is None else NO_ROW
    return found.with_columns(
        better=pl.when(known).then(better.otherwise(pl.lit("recycle"))),
        reason=pl.when(pl.col("component_kind") == "unidentified")
        .then(pl.lit(NOT_IDENTIFIED))
        .when(~pl.col("is_whole"))
        .then(pl.lit(NOT_WHOLE))
        .when(~pl.col("is_priced"))
        .then(pl.lit(unpriced))
        .when(pl.col("recycling_usd").is_null())
        .then(pl.lit(NO_RECYCLING))
        .when(share == 0)
        .then(pl.lit(NEVER_PASSES)),
    )


def _terms(stock: Stock) -> pl.DataFrame:
    terms: tuple[ResaleTerm, ...] = stock.resale.terms if stock.resale else ()
    schema = {
        "term": pl.Int64,
        "resale_key": pl.String,
        "share_passing": pl.Float64,
        "price_usd_per_unit": pl.Float64,
        "test_usd_per_unit": pl.Float64,
    }
    rows = [
        (place, term.key, term.share_passing.mean, term.price_usd, term.cost_to_test_usd)
        for place, term in enumerate(terms)
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _sales(stock: Stock) -> pl.DataFrame:
    names = ("resale_usd", "resale_usd_p10", "resale_usd_p90")
    schema = {"batch_id": pl.String, "thing": pl.String} | dict.fromkeys(names, pl.Float64)
    rows = [(*key, *figures) for key, figures in stock.sales.items()]
    return pl.DataFrame(rows, schema=schema, orient="row")
