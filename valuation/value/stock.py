"""What could be sold again in every batch: things, their units, and what recycling them brings.

A thing is a kind, class, family and capacity. It is priced when a row of the resale table is about
it; the most specific row counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from valuation.deck import Deck
from valuation.disposition import Resale, ResaleTerm
from valuation.frames import PartFrame
from valuation.shapes import Means, Plan, Series
from valuation.units import WHOLE
from valuation.value.money import Terms
from valuation.value.rows import stacked
from valuation.value.unit_costs import one_of_each, unit_costs
from valuation.value.worth import part_values

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
        pieces: One batch, thing and part: columns of `sellable_units`, with `thing` (its text
            key), `term` (place in the table; null where no row is about it), `part_kind` and
            `is_whole`.
        worth: One batch, thing and route: sales, costs and gross mass of all its units.
        things: By batch, the things that the table is about.
        sales: By batch and thing, mean, P10 and P90 of its resale, once sold. [USD]
    """

    resale: Resale | None
    pieces: pl.DataFrame
    worth: pl.DataFrame
    things: Mapping[str, Sequence[Thing]]
    sales: dict[tuple[str, str], tuple[float, float, float]] = field(default_factory=dict)

    def leaving(self) -> pl.DataFrame:
        """Units that pass on average: batch_id, part_id, kind of the part, units. [1]"""
        terms = self.resale.terms if self.resale else ()
        share = [term.share_passing.mean for term in terms]
        shares = pl.DataFrame(
            {"term": range(len(share)), "share": share},
            schema={"term": pl.Int64, "share": pl.Float64},
        )
        found = self.pieces.filter(pl.col("part_id").is_not_null()).join(shares, on="term")
        units = pl.col("units") * pl.col("share")
        return found.select("batch_id", "part_id", kind="part_kind", units=units)

    def unmatched(self) -> list[str]:
        """One warning if rows about a maker and model, which nothing vouches for, match nothing."""
        if self.resale is None:
            return []
        used = set(self.pieces["term"].drop_nulls())
        idle = [
            f"row {term.row} ({term.name})"
            for place, term in enumerate(self.resale.terms)
            if place not in used and "/" in term.name
        ]
        return (
            [f"{self.resale.path}: nothing here is what {', '.join(idle)} names."] if idle else []
        )


def take_stock(
    sellable: pl.DataFrame,
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
        sellable: Columns of `sellable_units`.
        parts: Parts, in the order of the masses.
        series: Series, in the order of the masses.
        unit_mean_kg: Mean mass of each series in one unit, shape (parts, series). [kg]
        unit_gross_kg: Mean gross mass of one unit, shape (parts,). [kg]
        plans: Routes.
        deck: Prices.
        terms: How feed is paid.
        resale: The table; None when none is given.
    """
    whole = pl.col("form").fill_null(WHOLE) == WHOLE
    about = parts.select("part_id", part_kind="kind", is_whole=whole)
    pieces = _named(sellable.join(about, on="part_id", how="left"), resale)
    by_form = {
        form: one_of_each(parts, series, unit_mean_kg, unit_gross_kg, form)
        for form in dict.fromkeys(plan.form for plan in plans)
    }
    schema = {"part_id": pl.String, "gross_kg": pl.Float64, "cost_usd": pl.Float64}
    costs = stacked(
        [
            pl.DataFrame(
                {
                    "part_id": list(by_form[plan.form].batch_ids),
                    "gross_kg": by_form[plan.form].gross_mean_kg,
                    "cost_usd": unit_costs(by_form[plan.form], plan, deck, terms),
                },
                schema=schema,
            ).with_columns(route_id=pl.lit(plan.route.route_id))
            for plan in plans
        ],
        schema | {"route_id": pl.String},
    )
    sales = part_values(parts, series, unit_mean_kg, list(plans), deck, terms)
    of_part = costs.with_columns(pl.col("cost_usd").fill_nan(None)).join(
        sales.select("part_id", "route_id", gross_usd="gross_usd_per_unit"),
        on=["part_id", "route_id"],
    )
    worth = _worth(pieces, of_part)
    return Stock(resale, pieces, worth, _things(pieces, worth, resale))


def _named(sellable: pl.DataFrame, resale: Resale | None) -> pl.DataFrame:
    """The units with the text key of their thing and the row of the table that is about it.

    What does not arrive whole is no unit any more, whatever the table says of the kind.
    """
    distinct = sellable.select(THING).unique()
    places = {term: place for place, term in enumerate(resale.terms)} if resale else {}
    names, found = [], []
    for kind, item_class, family_key, capacity_gb in distinct.iter_rows():
        size = "" if capacity_gb is None else f"{capacity_gb:g}"
        names.append(f"{kind}/{item_class or ''}/{family_key or ''}/{size}")
        term = resale.term(kind, item_class, family_key, capacity_gb) if resale else None
        found.append(None if term is None else places[term])
    named = distinct.with_columns(
        thing=pl.Series(names, dtype=pl.String), term=pl.Series(found, dtype=pl.Int64)
    )
    found_for = sellable.join(named, on=THING, how="left", nulls_equal=True)
    return found_for.with_columns(term=pl.when(pl.col("is_whole").fill_null(True)).then("term"))


def _worth(pieces: pl.DataFrame, of_part: pl.DataFrame) -> pl.DataFrame:
    """Sales, costs and mass of all units of a thing, by batch and route; null where one is."""
    columns = ("gross_usd", "cost_usd", "gross_kg")
    held = pieces.filter(pl.col("part_id").is_not_null(), pl.col("units") > 0)
    joined = held.join(of_part, on="part_id")
    summed = [
        pl.when(pl.col(name).is_null().any())
        .then(None)
        .otherwise((pl.col("units") * pl.col(name)).sum())
        .alias(name)
        for name in columns
    ]
    keys = ("batch_id", "thing", "route_id")
    return joined.group_by(keys).agg(summed).sort(keys)


def _things(
    pieces: pl.DataFrame, worth: pl.DataFrame, resale: Resale | None
) -> dict[str, list[Thing]]:
    if resale is None:
        return {}
    sold = (
        pieces.filter(pl.col("term").is_not_null())
        .group_by("batch_id", "thing")
        .agg(pl.col("units_sold").sum(), pl.col("term").first())
        .filter(pl.col("units_sold") > 0)
        .sort("batch_id", "thing")
    )
    by_route: dict[tuple[str, str], list[tuple[str, float, float, float]]] = {}
    for batch, thing, route, gross, cost, mass in worth.join(
        sold.select("batch_id", "thing"), on=["batch_id", "thing"]
    ).iter_rows():
        by_route.setdefault((batch, thing), []).append((route, gross, cost, mass))
    found: dict[str, list[Thing]] = {}
    for batch, name, units, term in sold.iter_rows():
        routes = by_route.get((batch, name), [])
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
