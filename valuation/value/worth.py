"""What one unit of each part brings on each route: mean sales, shared out by where mass goes.

Sales are linear in contained mass, so every series has a value per contained kilogram on a route,
and a part is worth its masses times those values: a drive's board at what its gold brings, a fan's
rotor at nothing where no step keeps it. Parts times units add up to the batch's sales.
"""

from typing import cast

import numpy as np
import polars as pl

from valuation.deck import Deck, ProductPrice
from valuation.frames import PartFrame
from valuation.shapes import (
    MAGNET_STREAMS,
    MASS,
    PSEUDO_ELEMENTS,
    Means,
    Plan,
    Series,
    mean_share,
)
from valuation.units import RARE_EARTHS, WHOLE, oxide_factor
from valuation.value.money import Terms

SCHEMA = {
    "part_id": pl.String,
    "route_id": pl.String,
    "gross_usd_per_unit": pl.Float64,
    "ree_gross_usd_per_unit": pl.Float64,
}
WORTH = {"gross_usd_per_unit": False, "ree_gross_usd_per_unit": True}
"""Columns of worth, and whether each counts only products that hold rare earths."""


def part_values(
    parts: PartFrame,
    series: tuple[Series, ...],
    unit_mean_kg: Means,
    plans: list[Plan],
    deck: Deck,
    terms: Terms,
) -> pl.DataFrame:
    """Mean sales per unit, one row per part and route; null where what it yields has no price.

    A part is valued by the plans of the form it arrives in.

    Args:
        parts: Parts, in the order of the masses.
        series: Series, in the order of the masses.
        unit_mean_kg: Mean mass of each series in one unit, shape (parts, series). [kg]
        plans: Routes.
        deck: Prices.
        terms: How feed is paid.

    Returns:
        Columns part_id, route_id, gross_usd_per_unit and, from products that hold rare earths,
        ree_gross_usd_per_unit. [USD/unit]
    """
    worth: dict[str, list[Means]] = {name: [np.empty(0)] for name in WORTH}
    forms = parts["form"].fill_null(WHOLE).to_list()
    ids: list[str] = []
    routes: list[str] = []
    for plan in plans:
        here = [form == plan.form for form in forms]
        ids += parts["part_id"].filter(pl.Series(here, dtype=pl.Boolean)).to_list()
        routes += [plan.route.route_id] * sum(here)
        held_kg = unit_mean_kg if all(here) else unit_mean_kg[here]
        for name, rare_only in WORTH.items():
            values = np.array(
                [series_usd_per_kg(plan, s, deck, terms, rare_only=rare_only) for s in series]
            )
            unknown = np.isnan(values)
            usd = held_kg @ np.where(unknown, 0, values)
            usd[(held_kg[:, unknown] > 0).any(axis=1)] = np.nan
            worth[name].append(usd)
    frame = pl.DataFrame(
        {
            "part_id": ids,
            "route_id": routes,
            **{name: np.concatenate(usd) for name, usd in worth.items()},
        },
        schema=SCHEMA,
    )
    return frame.with_columns(pl.col(*WORTH).fill_nan(None)).sort("part_id", "route_id")


def class_values(
    classes: pl.DataFrame,
    series: tuple[Series, ...],
    unit_mean_kg: Means,
    plans: list[Plan],
    deck: Deck,
    terms: Terms,
) -> pl.DataFrame:
    """What one whole unit of each class brings, one row per class and route. [USD/unit]

    Args:
        classes: `item_class` and `has_masses`; those with masses in the order of the masses.
        series: Series, in the order of the masses.
        unit_mean_kg: Mean mass of each series in one unit, shape (classes, series). [kg]
        plans: Routes.
        deck: Prices.
        terms: How feed is paid.

    Returns:
        The columns given but `has_masses`, and those of `part_values`; a class without masses
        brings nothing.
    """
    plans = [plan for plan in plans if plan.form == WHOLE]
    known = classes.filter("has_masses").select(part_id="item_class", form=pl.lit(WHOLE))
    values = part_values(cast(PartFrame, known), series, unit_mean_kg, plans, deck, terms)
    routes = pl.DataFrame({"route_id": [plan.route.route_id for plan in plans]})
    rows = classes.join(routes, how="cross").join(
        values, left_on=["item_class", "route_id"], right_on=["part_id", "route_id"], how="left"
    )
    worthless = pl.when("has_masses").then(pl.col("^.*_usd_per_unit$")).otherwise(0.0)
    return rows.with_columns(worthless).drop("has_masses")


def series_usd_per_kg(
    plan: Plan, series: Series, deck: Deck, terms: Terms, *, rare_only: bool
) -> float:
    """Mean sales on a route per contained kilogram of a series; nan when a price is missing.

    Args:
        plan: The route.
        series: The series.
        deck: Prices.
        terms: How feed is paid.
        rare_only: Count products that hold rare earths, and no others.
    """
    route = plan.route
    if not plan.products():
        return float("nan")  # a route that sells no material: what it brings is not priced here
    total = 0.0
    feed = route.settlement == "sell_feed"
    if feed and series[0] in MAGNET_STREAMS and series[1] in RARE_EARTHS:
        path = plan.liberated().get(series)
        if path is None:
            return 0.0
        if series[1] not in deck.contained or not terms.feed_payable:
            return float("nan")
        contained = deck.contained[series[1]].mean[series[1]]
        return mean_share(path) * terms.feed_payable.get(series[1], np.nan) * contained
    for product, paths in plan.products(sold_before_feed=feed).items():
        if series not in paths:
            continue
        rare = any(element in RARE_EARTHS for _, element in paths)
        if rare_only and not rare:
            continue
        toll = route.settlement == "toll" and rare  # as `settle` has it: steel of magnets is sold
        share = (route.returnable if toll else route.payable).get(product)
        if share is None:
            return float("nan")
        if share.mean == 0:
            continue
        price = deck.products[product]
        if price.missing:
            return float("nan")
        paid = price_of(price, series[1])
        if paid is not None:
            key, factor = paid
            total += mean_share(paths[series]) * share.mean * (factor * price.mean[key])
    return total


def price_of(price: ProductPrice, element: str) -> tuple[str, float] | None:
    """Which price a series' element has in a product, and how often a kilogram of it is paid.

    None where this element of the product is not paid.
    """
    oxide = price.mass_basis == "oxide" and element in RARE_EARTHS
    factor = oxide_factor(element) if oxide else 1.0
    if price.by_element:
        return (element, factor) if element in price.mean else None
    if price.mass_basis == "stream":
        return (MASS, 1.0) if element == MASS else None
    return None if element in PSEUDO_ELEMENTS else (MASS, factor)
