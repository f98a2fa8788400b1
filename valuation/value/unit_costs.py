"""What one unit of each part costs a route: every cost that follows the unit, none of the lot's.

A part is taken as a batch of one unit, so its costs are worked out as a batch's are. What is paid
once per lot or shipment, whoever is in it, follows no unit and is left out.
"""

from typing import cast

import numpy as np

from valuation.deck import Deck
from valuation.frames import PartFrame
from valuation.shapes import BatchContent, Means, Plan, Series
from valuation.uncertain import Source
from valuation.units import WHOLE
from valuation.value.costs import cost_lines
from valuation.value.money import Terms
from valuation.value.yields import YieldDraws, recover

OF_THE_LOT = ("lot", "shipment")
"""Denominators that follow no unit."""
USE = "use"
"""Stage of the step in which units are wiped, tested and sold again."""


def one_of_each(
    parts: PartFrame,
    series: tuple[Series, ...],
    unit_mean_kg: Means,
    unit_gross_kg: Means,
    form: str = WHOLE,
) -> BatchContent:
    """Every part that arrives in a form as a batch of one unit, its means being its only draw.

    Args:
        parts: Parts, in the order of the masses.
        series: Series, in the order of the masses.
        unit_mean_kg: Mean mass of each series in one unit, shape (parts, series). [kg]
        unit_gross_kg: Mean gross mass of one unit, shape (parts,). [kg]
        form: The form.
    """
    here = (parts["form"].fill_null(WHOLE) == form).to_numpy()
    parts, unit_mean_kg = cast(PartFrame, parts.filter(here)), unit_mean_kg[here]
    unit_gross_kg = unit_gross_kg[here]
    kinds = parts["kind"].to_numpy()
    return BatchContent(
        batch_ids=tuple(parts["part_id"]),
        series=series,
        mean_kg=unit_mean_kg.T,
        draws_kg=unit_mean_kg.T[:, :, None].astype(np.float32),
        gross_mean_kg=unit_gross_kg,
        gross_draws_kg=unit_gross_kg[:, None].astype(np.float32),
        units={str(kind): (kinds == kind).astype(float) for kind in sorted(set(kinds))},
        unknown={},
        form=form,
    )


def unit_costs(units: BatchContent, plan: Plan, deck: Deck, terms: Terms) -> Means:
    """Mean cost of one unit of each part on a route, shape (parts,); nan where one is unknown.

    On a route that sells no material, what is spent before units are wiped and tested. [USD/unit]

    Args:
        units: Every part as a batch of one unit.
        plan: The route.
        deck: Exchange rates.
        terms: What a shipment carries.
    """
    source = Source(0, 1)  # only means are wanted
    masses = recover(plan, units, YieldDraws(source), terms.mass_basis)
    lines = cost_lines(plan.route, masses, units, deck, terms.shipment_kg, source)
    uses = [step.step_no for step in plan.route.steps if step.stage == USE]
    until = min(uses, default=None) if not plan.products() else None
    total = np.zeros(len(units.batch_ids))
    for line in lines:
        if line.cost.denominator in OF_THE_LOT:
            continue
        if until is None or line.step.step_no < until:
            total = total + line.amount.estimate.mean
    return total
