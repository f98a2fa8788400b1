"""What recycling one unit of each part brings and costs on each route, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from valuation.deck import Deck
from valuation.frames import PartFrame
from valuation.shapes import Means, Plan, Series
from valuation.units import WHOLE
from valuation.value.money import Terms
from valuation.value.unit_costs import one_of_each, unit_costs
from valuation.value.worth import part_values


@dataclass(frozen=True)
class UnitWorths:
    """Mean sales and costs of one unit of each part on each route.

    Attributes:
        route_ids: Routes, in the order of the arrays.
        there: Whether the route is planned for the form the part arrives in, (routes, parts).
        gross_usd: Sales, same shape; nan where not known. [USD]
        cost_usd: Costs, same shape; nan where not known. [USD]
        gross_kg: Gross mass, shape (parts,). [kg]
    """

    route_ids: tuple[str, ...]
    there: NDArray[np.bool_]
    gross_usd: Means
    cost_usd: Means
    gross_kg: Means

    def rows(self, part_no: pl.Series) -> pl.DataFrame:
        """One row per part and route of its form: part_no, route_no, and the figures of a unit.

        Args:
            part_no: Numbers of the parts, in the order of the arrays.
        """
        route, part = np.nonzero(self.there)
        return pl.DataFrame(
            {
                "part_no": part_no.gather(part),
                "route_no": pl.Series(route, dtype=pl.Int64),
                "gross_usd": self.gross_usd[route, part],
                "cost_usd": self.cost_usd[route, part],
                "gross_kg": self.gross_kg[part],
            }
        ).with_columns(pl.col("gross_usd", "cost_usd", "gross_kg").fill_nan(None))


def unit_worths(
    parts: PartFrame,
    series: tuple[Series, ...],
    unit_mean_kg: Means,
    unit_gross_kg: Means,
    plans: Sequence[Plan],
    deck: Deck,
    terms: Terms,
) -> UnitWorths:
    """Mean sales and costs of one unit of each part, by the plans of the form it arrives in.

    Args:
        parts: Parts, in the order of the masses.
        series: Series, in the order of the masses.
        unit_mean_kg: Mean mass of each series in one unit, shape (parts, series). [kg]
        unit_gross_kg: Mean gross mass of one unit, shape (parts,). [kg]
        plans: Routes.
        deck: Prices.
        terms: How feed is paid.
    """
    routes = tuple(dict.fromkeys(plan.route.route_id for plan in plans))
    gross, cost = np.full((2, len(routes), parts.height), np.nan)
    there = np.zeros(gross.shape, bool)
    forms = parts["form"].fill_null(WHOLE)
    whole = {
        form: one_of_each(parts, series, unit_mean_kg, unit_gross_kg, form)
        for form in dict.fromkeys(plan.form for plan in plans)
    }
    sales = part_values(parts, series, unit_mean_kg, list(plans), deck, terms)
    rows = parts.select("part_id").with_row_index("part")
    for route, found in (
        sales.join(rows, on="part_id").partition_by("route_id", as_dict=True).items()
    ):
        at = routes.index(str(route[0]))
        gross[at, found["part"].to_numpy()] = found["gross_usd_per_unit"].to_numpy()
    for plan in plans:
        here = (forms == plan.form).to_numpy()
        at = routes.index(plan.route.route_id)
        there[at, here] = True
        cost[at, here] = unit_costs(whole[plan.form], plan, deck, terms)
    return UnitWorths(routes, there, gross, cost, unit_gross_kg)
