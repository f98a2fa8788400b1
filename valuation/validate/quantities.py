"""The compared quantities: each is read from what the stages make of a case's lot.

Ratios are taken draw by draw, so their means are those of the draws.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from valuation.deck import Deck
from valuation.shapes import MASS, BatchContent, Plan, Series, mean_share
from valuation.tables import Tables
from valuation.uncertain import Draws, Source, quantiles
from valuation.units import KG_PER_PRICE_UNIT, RARE_EARTHS, oxide_factor
from valuation.validate.cases import Case
from valuation.validate.lots import streams_of
from valuation.value import Estimate, Terms, Valuing, value_batches
from valuation.value.money import settle
from valuation.value.yields import Recovery, RouteMasses, YieldDraws, recover

OXIDE: Final = "_oxide"
GRAMS_PER_KG: Final = 1000.0


def entering(plan: Plan, step_id: str | None) -> Plan:
    """The plan of a lot that enters a route at a step: what comes before it is left out.

    Raises:
        KeyError: The route has no such step.
    """
    if step_id is None:
        return plan
    names = [step.step_id for step in plan.route.steps]
    if step_id not in names:
        raise KeyError(f"{plan.route.route_id} has no step {step_id}")
    steps = plan.route.steps[names.index(step_id) :]
    kept = {step.step_id for step in steps}
    flows = []
    for flow in plan.flows:
        if flow.step.step_id in kept:
            captures = tuple(c for c in flow.captures if c.step_id in kept)
            flows.append(replace(flow, entering=mean_share(captures), captures=captures))
    return Plan(replace(plan.route, steps=steps), tuple(flows))


@dataclass(frozen=True)
class Figures:
    """Mean and quantiles of one compared quantity; None where the model has no number.

    Attributes:
        standard_error: Sampling error of the mean; None where the mean is analytic.
    """

    mean: float | None
    p10: float | None
    p90: float | None
    standard_error: float | None


NO_NUMBER: Final = Figures(None, None, None, None)


@dataclass(frozen=True)
class Bench:
    """A case laid out: its lot, the plan of its route from the step it enters, prices and terms."""

    case: Case
    chunk: BatchContent
    plan: Plan | None
    tables: Tables
    deck: Deck
    terms: Terms
    source: Source

    def contained(self, elements: tuple[str, ...], *, oxide: bool = False) -> Estimate:
        """Contained mass of some elements in the magnets the boundary counts. [kg]"""
        places = streams_of(self.case["boundary"])
        total = self.nothing
        for i, (stream, element) in enumerate(self.chunk.series):
            if stream in places and element in elements:
                factor = oxide_factor(element) if oxide else 1.0
                draws = self.chunk.draws_kg[i] * np.float32(factor)
                total = total + Estimate(self.chunk.mean_kg[i] * factor, draws)
        return total

    @property
    def nothing(self) -> Estimate:
        """Nothing, in the shape of the lot."""
        return Estimate(np.zeros(1), np.zeros((1, self.source.draws), np.float32))

    @property
    def route(self) -> Plan:
        """The plan, where the case has a route."""
        assert self.plan is not None  # `data check` asks for a route where one is needed
        return self.plan

    @cached_property
    def masses(self) -> RouteMasses:
        """What the route makes of the lot."""
        return recover(self.route, self.chunk, YieldDraws(self.source), self.terms.mass_basis)

    @property
    def oxides(self) -> Estimate:
        """All oxides recovered. [kg]"""
        return self.total([m for p, m in self.masses.products.items() if p.endswith(OXIDE)])

    def total(self, estimates: list[Estimate]) -> Estimate:
        """Sum of estimates, draw by draw."""
        return sum(estimates, start=self.nothing)


def over(above: Estimate, below: Estimate) -> Estimate:
    """A ratio, draw by draw."""
    return _sampled(above.draws / below.draws)


def _sampled(draws: Draws) -> Estimate:
    return Estimate(draws.mean(axis=1, dtype=np.float64), draws, sampled=True)


def _magnet_mass(bench: Bench) -> Estimate:
    mass = bench.contained((MASS,))
    if bench.case["making_loss"] == "gross":
        made = bench.terms.magnet_making["manufacturing_yield"]
        return _sampled(mass.draws / made.draw(bench.source, "magnet/manufacturing_yield"))
    return mass


def _element_share(bench: Bench) -> Estimate:
    return over(bench.contained((bench.case["element"],)), bench.contained(("nd", "pr", "dy")))


def _capture(bench: Bench) -> Estimate:
    series: Series = (bench.case["stream"], bench.case["element"])
    step = bench.case["step_id"]
    paths = [
        flow.captures
        for flow in bench.route.flows
        if flow.series == series and flow.step.step_id == step and flow.to is not None
    ]
    recovery = Recovery(bench.route, bench.chunk, YieldDraws(bench.source))
    kept = bench.total([recovery.sum({series: path}) for path in paths])
    return over(kept, recovery.sum({series: ()}))


def _product(bench: Bench) -> Estimate:
    return bench.masses.products[bench.case["product_id"]]


def _recovery(bench: Bench) -> Estimate:
    masses = bench.masses.elements.items()
    recovered = bench.total([mass for (_, element), mass in masses if element in RARE_EARTHS])
    return over(recovered, bench.contained(RARE_EARTHS))


def _gross_per_oxide(bench: Bench) -> Estimate:
    money = settle(
        bench.route.route, bench.masses, bench.chunk, bench.deck, bench.terms, bench.source
    )
    return over(money.totals()["gross_usd"].estimate, bench.oxides)


def _operating_cost(bench: Bench) -> Estimate:
    """Operating cost of the step at which the amount enters. [USD]"""
    money = settle(
        bench.route.route, bench.masses, bench.chunk, bench.deck, bench.terms, bench.source
    )
    lines = [
        line.amount.estimate
        for line in money.costs
        if line.step.step_id == bench.case["step_id"] and line.cost.cost_kind == "operating"
    ]
    return bench.total(lines)


def _per_piece(bench: Bench, total: Estimate, factor: float = 1.0) -> Estimate:
    each = factor / bench.case["amount"]
    return Estimate(total.mean * each, total.draws * np.float32(each), total.sampled)


def _plant_share(bench: Bench) -> Figures:
    """Magnets the oxides become, as a share of what the route's magnet plant makes in a year."""
    measure = "magnet_equivalent_kg"
    if bench.case["making_loss"] == "gross":
        measure = "magnet_equivalent_before_loss_kg"
    valuing = Valuing([bench.route], bench.deck, bench.terms, bench.source)
    values = value_batches(valuing, [bench.chunk])
    (row,) = values.values.filter(pl.col("measure") == measure).to_dicts()
    capacity = bench.tables.frame("capacity").filter(
        pl.col("route_id") == bench.case["route_id"], pl.col("boundary") == "magnet_out"
    )
    plant_kg = float(capacity["value"].max()) * KG_PER_PRICE_UNIT["t"]  # type: ignore[arg-type]
    figures = (row[name] for name in ("mean", "p10", "p90", "standard_error"))
    return Figures(*(None if kg is None else kg / plant_kg for kg in figures))


MEASURES: Final[Mapping[str, Callable[[Bench], Estimate]]] = {
    "all_products": lambda bench: bench.total(list(bench.masses.products.values())),
    "capture": _capture,
    "element_share": _element_share,
    "gross_per_oxide": _gross_per_oxide,
    "magnet_mass": _magnet_mass,
    "magnet_mass_per_piece": lambda b: _per_piece(b, _magnet_mass(b), GRAMS_PER_KG),
    "operating_cost_per_oxide": lambda bench: over(_operating_cost(bench), bench.oxides),
    "operating_cost_per_piece": lambda bench: _per_piece(bench, _operating_cost(bench)),
    "oxide_contained": lambda bench: bench.contained(RARE_EARTHS, oxide=True),
    "oxide_recovered": lambda bench: bench.oxides,
    "product": _product,
    "product_share": lambda bench: over(_product(bench), bench.oxides),
    "recovery": _recovery,
}
"""What each compared quantity is; `plant_share` and `unknown_share` are none of draws."""


def measured(bench: Bench) -> Figures:
    """The compared quantity of a case, in the unit of its row."""
    quantity = bench.case["quantity"]
    if quantity == "unknown_share":
        return NO_NUMBER
    if quantity == "plant_share":
        return _plant_share(bench)
    estimate = MEASURES[quantity](bench)
    mean = float(estimate.mean[0])
    if math.isnan(mean):  # a price this deck does not know on that day
        return NO_NUMBER
    p10, _, p90 = (float(q) for q in quantiles(estimate.draws[0]))
    error = estimate.standard_error
    return Figures(mean, p10, p90, None if error is None else float(error[0]))
