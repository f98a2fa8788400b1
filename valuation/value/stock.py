"""What could be sold again in every batch: things, their units, and what recycling them brings.

A thing is a kind, class, family and capacity. It is priced when a row of the resale table is about
it; the most specific row counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from valuation.deck import Deck
from valuation.disposition import Resale, ResaleTerm
from valuation.engine.duckdb import Engine
from valuation.frames import PartFrame
from valuation.shapes import Means, Plan, Series
from valuation.units import WHOLE
from valuation.value.money import Terms
from valuation.value.unit_worth import unit_worths

SQL = Path(__file__).with_name("stock.sql")
TERM = {
    "term": pl.Int64,
    "resale_key": pl.String,
    "share_passing": pl.Float64,
    "price_usd_per_unit": pl.Float64,
    "test_usd_per_unit": pl.Float64,
}
THING = ("kind", "item_class", "family_key", "capacity_gb")
"""What makes a thing that is sold by the unit."""


@dataclass(frozen=True)
class Thing:
    """Units of one thing in one batch that a row of the resale table is about.

    Attributes:
        name: Its text key.
        units: Units that could be sold. [1]
        gross_kg: Mean gross mass of them all, with what goes along. [kg]
        gross_usd: Mean sales if all were recycled, by route. [USD]
        cost_usd: Mean cost of that, by route. [USD]
    """

    name: str
    term: ResaleTerm
    units: float
    gross_kg: float
    gross_usd: Mapping[str, float]
    cost_usd: Mapping[str, float]


@dataclass(frozen=True)
class Stock:
    """What could be sold again.

    What there is of it batch by batch stays in the engine: `stock` (batch_id, thing_no, units that
    could be sold, and whether they arrive whole), `stock_thing` (`kinds`), `stock_part` (part_no,
    `part_id`, kind, is_whole), `stock_worth` (what one unit of a part brings and costs on a route,
    by part_no and route_no) and `resale_term` (the rows of the table).

    Attributes:
        engine: Holds them.
        resale: The table; None when none is given.
        kinds: One thing: `thing_no`, its text key `thing`, kind, class, family and capacity, and
            `term` (place in the table; null where no row is about it).
        route_ids: Routes, in the order of their numbers.
        things: By batch, the things that the table is about.
        unmatched: One warning if rows about a maker and model, which nothing vouches for, match
            nothing.
        sales: By batch and thing, mean, P10 and P90 of its resale, once sold. [USD]
    """

    engine: Engine
    resale: Resale | None
    kinds: pl.DataFrame
    route_ids: tuple[str, ...]
    things: Mapping[str, Sequence[Thing]] = field(default_factory=dict)
    unmatched: Sequence[str] = ()
    sales: dict[tuple[str, str], tuple[float, float, float]] = field(default_factory=dict)

    def route_numbers(self, route_id: pl.Expr) -> pl.Expr:
        """The numbers of routes; null for a route that is not planned."""
        numbers = {route: number for number, route in enumerate(self.route_ids)}
        return route_id.replace_strict(numbers, default=None, return_dtype=pl.Int64)

    def leaving(self) -> pl.DataFrame:
        """Units that pass on average: batch_id, part_id, kind of the part, units. [1]"""
        return self.engine.frame("from leaving_unit order by batch_id, thing_no, part_no")


def take_stock(
    engine: Engine,
    things: pl.DataFrame,
    parts: PartFrame,
    series: tuple[Series, ...],
    unit_mean_kg: Means,
    unit_gross_kg: Means,
    plans: Sequence[Plan],
    deck: Deck,
    terms: Terms,
    resale: Resale | None,
) -> Stock:
    """What could be sold again, matched with the resale table, and what recycling it brings.

    Args:
        engine: Holds `part_number` and `sellable_piece`, as `sellable_things` left them.
        things: Things, as it gave them.
        parts: Parts, in the order of the masses.
        series: Series, in the order of the masses.
        unit_mean_kg: Mean mass of each series in one unit, shape (parts, series). [kg]
        unit_gross_kg: Mean gross mass of one unit, shape (parts,). [kg]
        plans: Routes.
        deck: Prices.
        terms: How feed is paid.
        resale: The table; None when none is given.
    """
    numbers = engine.frame("from part_number")
    here = parts.select("part_id", "kind", is_whole=pl.col("form").fill_null(WHOLE) == WHOLE).join(
        numbers, on="part_id", how="left", maintain_order="left"
    )
    worth = unit_worths(parts, series, unit_mean_kg, unit_gross_kg, plans, deck, terms)
    kinds = _named(things, resale)
    engine.register("stock_part", here)
    engine.register("stock_worth", worth.rows(here["part_no"]))
    engine.register("stock_thing", kinds)
    engine.register("resale_term", _terms(resale))
    engine.step(SQL)
    engine.set_aside()  # pieces and things by batch wait until all draws are made
    stock = Stock(engine, resale, kinds, worth.route_ids)
    if resale is None:
        return stock
    return replace(stock, things=_things(stock, resale), unmatched=_unmatched(engine, resale))


def _named(kinds: pl.DataFrame, resale: Resale | None) -> pl.DataFrame:
    """The things with their text keys and the row of the table that is about each."""
    places = {term: place for place, term in enumerate(resale.terms)} if resale else {}
    names, found = [], []
    for kind, item_class, family_key, capacity_gb in kinds.select(THING).iter_rows():
        size = "" if capacity_gb is None else f"{capacity_gb:g}"
        names.append(f"{kind}/{item_class or ''}/{family_key or ''}/{size}")
        term = resale.term(kind, item_class, family_key, capacity_gb) if resale else None
        found.append(None if term is None else places[term])
    return kinds.with_columns(
        thing=pl.Series(names, dtype=pl.String), term=pl.Series(found, dtype=pl.Int64)
    )


def _terms(resale: Resale | None) -> pl.DataFrame:
    """The rows of the table at their means; none without one. [1, USD]"""
    rows = [
        (place, term.key, term.share_passing.mean, term.price_usd, term.cost_to_test_usd)
        for place, term in enumerate(resale.terms if resale else ())
    ]
    return pl.DataFrame(rows, schema=TERM, orient="row")


def _unmatched(engine: Engine, resale: Resale) -> list[str]:
    used = {term for (term,) in engine.run("select term from matched_term")}
    idle = [
        f"row {term.row} ({term.name})"
        for place, term in enumerate(resale.terms)
        if place not in used and "/" in term.name
    ]
    return [f"{resale.path}: nothing here is what {', '.join(idle)} names."] if idle else []


def _things(stock: Stock, resale: Resale) -> dict[str, list[Thing]]:
    """The things of each batch that the table is about, in order of their names."""
    by_route: dict[tuple[str, int], list[tuple[str, float, float, float]]] = {}
    rows = stock.engine.frame("from priced_stock order by batch_id, thing_no, route_no")
    for batch, thing, route, *figures in rows.iter_rows():
        by_route.setdefault((batch, thing), []).append((stock.route_ids[route], *figures))
    found: dict[str, list[Thing]] = {}
    for batch, number, name, units, term in stock.engine.frame(
        "from priced_thing order by batch_id, thing"
    ).iter_rows():
        routes = by_route.get((batch, number), [])
        found.setdefault(batch, []).append(
            Thing(
                name=name,
                term=resale.terms[term],
                units=units,
                gross_kg=routes[0][3] if routes else 0.0,
                gross_usd={route: gross for route, gross, _, _ in routes},
                cost_usd={route: cost for route, _, cost, _ in routes},
            )
        )
    return found
