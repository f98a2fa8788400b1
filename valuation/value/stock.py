"""What could be sold again in every batch: things, their units, and what recycling them brings.

A thing is a kind, class, family and capacity. It is priced when a row of the resale table is about
it; the most specific row counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from valuation.deck import Deck
from valuation.disposition import Resale, ResaleTerm
from valuation.frames import PartFrame
from valuation.shapes import Means, Plan, Series
from valuation.units import WHOLE
from valuation.value.money import Terms
from valuation.value.unit_worth import UnitWorths, unit_worths

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

    Attributes:
        resale: The table; None when none is given.
        kinds: One thing: `thing_no`, its text key `thing`, kind, class, family and capacity, and
            `term` (place in the table; null where no row is about it).
        pieces: One batch, thing and part, in this order: batch_id, thing_no, part (its row among
            the parts), units, units_sold, and `is_whole`: whether it arrives as a whole unit.
        parts: Parts, in the order of their rows.
        worth: What recycling one unit of each part brings and costs.
        things: By batch, the things that the table is about.
        sales: By batch and thing, mean, P10 and P90 of its resale, once sold. [USD]
    """

    resale: Resale | None
    kinds: pl.DataFrame
    pieces: pl.DataFrame
    parts: PartFrame
    worth: UnitWorths
    things: Mapping[str, Sequence[Thing]] = field(default_factory=dict)
    sales: dict[tuple[str, str], tuple[float, float, float]] = field(default_factory=dict)

    def leaving(self) -> pl.DataFrame:
        """Units that pass on average: batch_id, part_id, kind of the part, units. [1]"""
        terms = self.resale.terms if self.resale else ()
        schema = {"term": pl.Int64, "share": pl.Float64}
        rows = [(place, term.share_passing.mean) for place, term in enumerate(terms)]
        shares = self.kinds.join(pl.DataFrame(rows, schema=schema, orient="row"), on="term")
        found = self.pieces.filter("is_whole", pl.col("part").is_not_null()).join(
            shares.select("thing_no", "share"), on="thing_no", maintain_order="left"
        )
        units = pl.col("units") * pl.col("share")
        about = self.parts[found["part"]]
        return found.select("batch_id", about["part_id"], kind=about["kind"], units=units)

    def unmatched(self) -> list[str]:
        """One warning if rows about a maker and model, which nothing vouches for, match nothing."""
        if self.resale is None:
            return []
        here = self.pieces.filter("is_whole")["thing_no"].unique()
        used = set(self.kinds.filter(pl.col("thing_no").is_in(here.implode()))["term"].drop_nulls())
        idle = [
            f"row {term.row} ({term.name})"
            for place, term in enumerate(self.resale.terms)
            if place not in used and "/" in term.name
        ]
        return (
            [f"{self.resale.path}: nothing here is what {', '.join(idle)} names."] if idle else []
        )

    def recycled(self, routes: pl.DataFrame) -> pl.DataFrame:
        """All units of each thing of a batch recycled on the route the batch takes.

        Args:
            routes: batch_id and route_id: one route of each batch that takes one.

        Returns:
            batch_id, thing_no, route_id and mean gross_usd, cost_usd, gross_kg of all its units,
            null where that of one is; no row where the route has no figures for any. [USD, kg]
        """
        held = self.pieces.filter(pl.col("part").is_not_null(), pl.col("units") > 0)
        places = {route: place for place, route in enumerate(self.worth.route_ids)}
        place = pl.col("route_id").replace_strict(places, default=None, return_dtype=pl.Int64)
        known = routes.select("batch_id", place=place).drop_nulls()
        taken = held.join(known, on="batch_id", maintain_order="left")
        part, route = taken["part"].to_numpy(), taken["place"].to_numpy()
        there = self.worth.there[route, part]
        taken, part, route = taken.filter(pl.Series(there)), part[there], route[there]
        first = _first_of_each(taken, "batch_id", "thing_no")
        units = taken["units"].to_numpy()
        each = (
            self.worth.gross_usd[route, part],
            self.worth.cost_usd[route, part],
            self.worth.gross_kg[part],
        )
        sums = [np.add.reduceat(units * one, first) if len(first) else units for one in each]
        made = dict(zip(("gross_usd", "cost_usd", "gross_kg"), sums, strict=True))
        names = pl.Series(self.worth.route_ids, dtype=pl.String).gather(route[first])
        rows = taken[first].select("batch_id", "thing_no", route_id=names)
        return rows.with_columns(**made).with_columns(pl.col(*made).fill_nan(None))

    def of_batches(self) -> pl.DataFrame:
        """One batch and thing: batch_id, thing_no, term, units (that could be sold), is_whole."""
        first = _first_of_each(self.pieces, "batch_id", "thing_no")
        if not len(first):
            return self.pieces.select(
                "batch_id", "thing_no", pl.lit(None, pl.Int64).alias("term"), "units", "is_whole"
            )
        whole = self.pieces["is_whole"].to_numpy()
        rows = self.pieces[first].select("batch_id", "thing_no", "is_whole")
        terms = self.kinds["term"].gather(rows["thing_no"])
        return rows.select(
            "batch_id",
            "thing_no",
            term=pl.when("is_whole").then(terms),
            units=pl.Series(np.add.reduceat(self.pieces["units_sold"].to_numpy(), first)),
            is_whole=pl.Series(np.logical_and.reduceat(whole, first)),
        )


def take_stock(
    sellable: tuple[pl.DataFrame, pl.DataFrame],
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
        sellable: Things and pieces, as `sellable_units` gives them.
        parts: Parts, in the order of the masses.
        series: Series, in the order of the masses.
        unit_mean_kg: Mean mass of each series in one unit, shape (parts, series). [kg]
        unit_gross_kg: Mean gross mass of one unit, shape (parts,). [kg]
        plans: Routes.
        deck: Prices.
        terms: How feed is paid.
        resale: The table; None when none is given.
    """
    kinds, held = sellable
    whole = parts["form"].fill_null(WHOLE) == WHOLE
    pieces = held.with_columns(is_whole=whole.gather(held["part"]).fill_null(True))
    worth = unit_worths(parts, series, unit_mean_kg, unit_gross_kg, plans, deck, terms)
    stock = Stock(resale, _named(kinds, resale), pieces, parts, worth)
    return stock if resale is None else replace(stock, things=_things(stock, resale))


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


def _first_of_each(frame: pl.DataFrame, *keys: str) -> NDArray[np.intp]:
    """First row of each run of rows that agree in some columns."""
    new = pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift()) for key in keys)
    starts = frame.select(new).to_series().to_numpy().copy()
    starts[:1] = True
    return np.flatnonzero(starts)


def _things(stock: Stock, resale: Resale) -> dict[str, list[Thing]]:
    sold = stock.of_batches().filter(pl.col("term").is_not_null(), pl.col("units") > 0)
    sold = sold.join(stock.kinds.select("thing_no", "thing"), on="thing_no")
    by_route: dict[tuple[str, int], list[tuple[str, float, float, float]]] = {}
    batches = sold.select("batch_id").unique()
    for route_id in stock.worth.route_ids:
        rows = stock.recycled(batches.with_columns(route_id=pl.lit(route_id)))
        for batch, thing, route, *figures in rows.join(
            sold.select("batch_id", "thing_no"), on=["batch_id", "thing_no"], how="semi"
        ).iter_rows():
            by_route.setdefault((batch, thing), []).append((route, *figures))
    found: dict[str, list[Thing]] = {}
    columns = ("batch_id", "thing_no", "thing", "units", "term")
    for batch, number, name, units, term in (
        sold.sort("batch_id", "thing").select(columns).iter_rows()
    ):
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
