"""Traces: what leads from a published figure back to the rows it was made of.

Everything here is told by what the run itself used (parts, plans, deck), so that the file explains
its figures without the reference data beside it.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import polars as pl

from valuation.content.model.parameters import ContentModel
from valuation.pipeline import Valued
from valuation.price.paid import FEED, PAID_SCHEMA, feed_rows, paid_rows
from valuation.shapes import (
    BARE_MASS,
    MASS,
    Capture,
    Plan,
    Series,
    mean_share,
)
from valuation.tables import Tables
from valuation.units import RARE_EARTHS
from valuation.world import World

Schema = dict[str, pl.DataType | type[pl.DataType]]
FACT: Final = (
    "value", "low", "high", "spread_kind", "unit", "basis", "source_id", "locator",
)  # fmt: skip
ROW_SCHEMA: Final[Schema] = {
    "table_name": pl.String,
    "row_key": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "spread_kind": pl.String,
    "unit": pl.String,
    "basis": pl.String,
    "source_id": pl.String,
    "locator": pl.String,
    "owner": pl.String,
    "review_on": pl.Date,
    "note": pl.String,
    "attributes": pl.String,
    "source_ids": pl.List(pl.String),
}
PATH_SCHEMA: Final[Schema] = {
    "route_id": pl.String,
    "form": pl.String,
    "purpose": pl.String,
    "step_no": pl.Int64,
    "product_id": pl.String,
    "stream": pl.String,
    "element": pl.String,
    "share": pl.Float64,
    "takes_rest": pl.Boolean,
    "captures": pl.List(pl.String),
}
SALE_SCHEMA: Final[Schema] = {
    "route_id": pl.String,
    "form": pl.String,
    "product_id": pl.String,
    "settlement": pl.String,
    "mode": pl.String,
    "payable_share": pl.Float64,
    "row_key": pl.String,
}
DECK_SCHEMA: Final[Schema] = {
    "deck_id": pl.String,
    "title": pl.String,
    "origin": pl.String,
    "declared_basis": pl.String,
    "takes_asks": pl.Boolean,
    "pinned_on": pl.Date,
    "seen_on": pl.Date,
    "deck_version": pl.String,
    "note": pl.String,
}
Way = tuple[str, int, str | None, Series, Sequence[Capture]]


def traces(world: World, valued: Valued) -> dict[str, pl.DataFrame]:
    """Rows of the store's tables that explain figures, by table."""
    paths = pl.concat(
        [pl.DataFrame(schema=PATH_SCHEMA), *(path_rows(plan) for plan in valued.plans)]
    )
    return {
        "reference_row": reference_rows(world.tables, valued.content.library.model),
        "deck": _deck(world),
        "part": valued.contents.parts.drop("identity_key").sort("part_id"),
        "part_mass": _part_masses(valued),
        "route_path": paths,
        "route_sale": pl.DataFrame(
            [row for plan in valued.plans for row in _sales(plan)], schema=SALE_SCHEMA
        ),
        "product_price": _prices(world, paths),
    }


def reference_rows(tables: Tables, model: ContentModel) -> pl.DataFrame:
    """Every row of the reference data that states a number, as the run used it.

    Args:
        tables: Reference data.
        model: Fitted numbers, which take the place of their prior rows.
    """
    fitted = {parameter.table_name for parameter in model.parameters}
    frames = [pl.DataFrame(schema=ROW_SCHEMA)]
    for resource in tables.description["resources"]:
        names = [field["name"] for field in resource["schema"]["fields"]]
        if not set(FACT) <= set(names):
            continue
        key = resource["schema"]["primaryKey"]
        others = [n for n in names if n not in ROW_SCHEMA and n not in key]
        name = resource["name"]
        frame = model.rows(tables, name) if name in fitted else tables.frame(name)
        told = [
            json.dumps({k: v for k, v in row.items() if v is not None}, default=str)
            for row in frame.select(*key, *others).iter_rows(named=True)
        ]
        keys = [pl.col(column).cast(pl.String).fill_null("") for column in key]
        rows = frame.select(n for n in ROW_SCHEMA if n in names).with_columns(
            table_name=pl.lit(name),
            row_key=frame.select(pl.concat_str(keys, separator="/")).to_series(),
            attributes=pl.Series(told, dtype=pl.String),
            source_ids=frame["source_ids" if name in fitted else "source_id"],
        )
        if name not in fitted:
            rows = rows.with_columns(pl.concat_list("source_ids"))
        frames.append(rows)
    return pl.concat(frames, how="diagonal").sort("table_name", "row_key")


def path_rows(plan: Plan) -> pl.DataFrame:
    """The store's `route_path` of one route: every series, its destinations and the way there."""
    rows = [
        {
            "route_id": plan.route.route_id,
            "form": plan.form,
            "purpose": purpose,
            "step_no": step_no,
            "product_id": product_id,
            "stream": stream,
            "element": element,
            "share": mean_share(captures),
            "takes_rest": any(capture.complement for capture in captures),
            "captures": [f"{c.step_id}/{c.stream}/{c.element}" for c in captures],
        }
        for purpose, step_no, product_id, (stream, element), captures in _paths(plan)
    ]
    return pl.DataFrame(rows, schema=PATH_SCHEMA)


def _paths(plan: Plan) -> Iterator[Way]:
    feed = plan.route.settlement == "sell_feed"
    sold = plan.products(sold_before_feed=feed)
    for product, series in plan.products().items():
        for name, captures in series.items():
            purpose = "product" if name in sold.get(product, ()) else "recovered"
            yield purpose, 0, product, name, captures
    for name, captures in plan.liberated().items():
        yield "liberated", 0, None, name, captures
        if feed and name[1] in RARE_EARTHS:
            yield "feed", 0, FEED, name, captures
    there = {flow.series for flow in plan.flows}
    for name, captures in (plan.magnet_feed(there) or {}).items():
        yield "magnet_feed", 0, None, name, captures
    for index, step in enumerate(plan.route.steps):
        per = {cost.denominator for cost in step.costs}
        for denominator, pseudo in (("kg_step_feed", MASS), ("kg_bare_magnet", BARE_MASS)):
            if denominator in per:
                for name, captures in plan.entering(index, pseudo, there).items():
                    yield denominator, step.step_no, None, name, captures
        if "kg_oxide_out" in per:
            for flow in plan.oxides_out(index):
                yield "kg_oxide_out", step.step_no, flow.to, flow.series, flow.captures


def _sales(plan: Plan) -> Iterator[dict[str, Any]]:
    """How each product of a route is paid."""
    route = plan.route
    sold = plan.products(sold_before_feed=route.settlement == "sell_feed")
    rare = {p for p, series in plan.products().items() if any(e in RARE_EARTHS for _, e in series)}
    for product in sold:
        mode = "toll" if route.settlement == "toll" and product in rare else "own"
        yield _sale(plan, product, mode)
    if route.settlement == "sell_feed":
        feed = {"mode": "feed", "payable_share": 1.0, "row_key": None}
        yield _sale(plan, FEED, "own") | feed


def _sale(plan: Plan, product: str, mode: str) -> dict[str, Any]:
    route = plan.route
    shares = route.returnable if mode == "toll" else route.payable
    known = product in shares
    return {
        "route_id": route.route_id,
        "form": plan.form,
        "product_id": product,
        "settlement": route.settlement,
        "mode": mode,
        "payable_share": shares[product].mean if known else None,
        "row_key": f"{route.route_id}/{product}/{mode}" if known else None,
    }


def _prices(world: World, paths: pl.DataFrame) -> pl.DataFrame:
    sold = paths.filter(pl.col("purpose").is_in(["product", "recovered"]))
    made = set(sold.select("product_id", "element").unique().iter_rows())
    rows = paid_rows(world.tables, world.deck, made)
    feed = pl.DataFrame(schema=PAID_SCHEMA)
    if "feed" in paths["purpose"].unique() and world.settings.scenario:
        feed = feed_rows(world.deck, world.settings.scenario, world.terms.feed_payable)
    others = rows.join(feed, on=["product_id", "element"], how="anti")
    return pl.concat([others, feed]).sort("product_id", "element")


def _part_masses(valued: Valued) -> pl.DataFrame:
    """Mean mass of each series in one unit of each part, where it holds any. [kg]"""
    masses = valued.content.unit_mean_kg
    part, series = np.nonzero(masses)
    names = pl.DataFrame(valued.content.series, schema=["stream", "element"], orient="row")
    return pl.DataFrame({"part_id": valued.contents.parts["part_id"][part]}).hstack(
        [*names[series].get_columns(), pl.Series("kg_per_unit", masses[part, series])]
    )


def _deck(world: World) -> pl.DataFrame:
    """The deck used, as the store's `deck` tells it."""
    rows = world.tables.frame("deck").filter(pl.col("deck_id") == world.deck.deck_id).to_dicts()
    own = {"title": "Your own, over the default deck", "origin": "own", "takes_asks": False}
    row: dict[str, Any] = rows[0] | {"origin": "shipped"} if rows else own
    as_of = world.deck.as_of
    told = {name: row.get(name) for name in DECK_SCHEMA}
    told |= {"deck_id": world.deck.deck_id, "deck_version": world.deck.version}
    told["seen_on"] = min(as_of, row.get("pinned_on") or as_of)
    return pl.DataFrame([told], schema=DECK_SCHEMA)
