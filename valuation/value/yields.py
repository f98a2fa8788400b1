"""Recovered masses: contained draws times the captures on each way, in element and product mass."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from valuation.shapes import (
    MASS,
    PSEUDO_ELEMENTS,
    BatchContent,
    Capture,
    Means,
    Plan,
    Series,
    Step,
    mean_share,
)
from valuation.uncertain import Draws, Source
from valuation.units import ELEMENTS, RARE_EARTHS, oxide_factor
from valuation.value.rows import FLOW_SCHEMA, Estimate, zero
from valuation.value.table import Block, Labels, Table

FLOW_LABELS: Final = ("route_id", "step_no", "step_id", "element", "sink", "product_id", "reason")
FLOW_KEY: Final = ("route_id", "step_no", "element", "product_id", "sink")


class YieldDraws:
    """Draws of captures, each made once and shared by everything the row acts on."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.by_key: dict[str, Draws] = {}

    def share(self, captures: Sequence[Capture]) -> Draws:
        """Product of captures on a path, shape (draws,). [1]"""
        out = np.ones(self.source.draws, np.float32)
        for capture in captures:
            if capture.key not in self.by_key:
                self.by_key[capture.key] = capture.share.draw(self.source, capture.key)
            share = self.by_key[capture.key]
            out = out * (1 - share if capture.complement else share)
        return out


Paths = Mapping[Series, Sequence[Capture]]


def _way(paths: Paths) -> tuple[object, ...]:
    """What tells paths from others: their series and captures, in order."""
    return tuple(
        (series, tuple((capture.key, capture.complement) for capture in path))
        for series, path in paths.items()
    )


@dataclass(frozen=True)
class Sale:
    """A product that is sold: its mass, and the element masses in it. [kg]"""

    mass: Estimate
    elements: dict[str, Estimate]


@dataclass(frozen=True)
class RouteMasses:
    """What one route makes of some batches.

    Attributes:
        elements: Recovered mass by product and element, pseudo-elements included. [kg element]
        products: Product mass as sold. [kg]
        sold: Those of them, with their elements, that the chain itself sells: all of them, but
            under `sell_feed` only what is not magnet and leaves before the feed is sold.
        liberated: Element mass leaving the last preprocess step, by element. [kg]
        rare_earth_products: Products that hold rare earths.
        entering: Mass entering a step: (step index, pseudo-element, magnets only). [kg]
        oxide_out: Oxide leaving a step. [kg]
        magnet_feed: Magnets, with their coating, as the first plant that takes them gets them;
            None where none does. [kg]
    """

    elements: dict[tuple[str, str], Estimate]
    products: dict[str, Estimate]
    sold: dict[str, Sale]
    liberated: dict[str, Estimate]
    rare_earth_products: frozenset[str]
    entering: Callable[[int, str], Estimate]
    oxide_out: Callable[[int], Estimate]
    magnet_feed: Estimate | None = None

    def rare_earths(self, nothing: Estimate) -> Estimate:
        """Rare earths recovered, in whatever product. [kg element]"""
        masses = (mass for (_, element), mass in self.elements.items() if element in RARE_EARTHS)
        return sum(masses, nothing)


class Recovery:
    """Sums of contained series along paths of captures, for one chunk of batches."""

    def __init__(self, plan: Plan, chunk: BatchContent, yields: YieldDraws) -> None:
        self.plan = plan
        self.chunk = chunk
        self.yields = yields
        self.place = {series: i for i, series in enumerate(chunk.series)}

    def sum(self, paths: Paths) -> Estimate:
        """Sum over series of contained mass times the captures on its path."""
        return self.chunk.made.get((self.yields, _way(paths)), partial(self._sum, paths))

    def _sum(self, paths: Paths) -> Estimate:
        total = zero(len(self.chunk.batch_ids), self.yields.source.draws)
        mean, draws = total.mean, total.draws
        moved = np.empty_like(draws)
        for series, path in paths.items():
            i = self.place[series]
            mean = mean + self.chunk.mean_kg[i] * mean_share(path)
            draws += np.multiply(self.chunk.draws_kg[i], self.yields.share(path), out=moved)
        return Estimate(mean, draws)

    def elements(self, paths: Paths) -> dict[str, Estimate]:
        """The same, apart by element."""
        names = dict.fromkeys(element for _, element in paths)
        return {name: self.sum({s: p for s, p in paths.items() if s[1] == name}) for name in names}

    def sales(
        self, products: Mapping[str, Paths], mass_basis: Mapping[str, str]
    ) -> dict[str, Sale]:
        """Mass of each product as sold, and the elements in it."""
        found = {}
        nothing = zero(len(self.chunk.batch_ids), self.yields.source.draws)
        for product, paths in products.items():
            elements = self.elements(paths)
            basis = mass_basis[product]
            mass = self.chunk.made.get(
                (self.yields, basis, _way(paths)),
                partial(_product_mass, elements, basis, nothing),
            )
            found[product] = Sale(mass, elements)
        return found

    def entering(self, step_index: int, pseudo: str) -> Estimate:
        """Mass of the streams a step acts on as it enters: `mass`, or `bare_mass` of magnets."""
        return self.sum(self.plan.entering(step_index, pseudo, self.place))

    def magnet_feed(self) -> Estimate | None:
        """Magnets entering the first step after preprocessing that acts on any."""
        paths = self.plan.magnet_feed(self.place)
        return None if paths is None else self.sum(paths)

    def oxide_out(self, step_index: int) -> Estimate:
        """Oxide leaving a step: rare-earth element mass times its oxide factor."""
        ways = [{flow.series: flow.captures} for flow in self.plan.oxides_out(step_index)]
        key = (self.yields, "oxide out", *map(_way, ways))
        return self.chunk.made.get(key, partial(self._oxide, ways))

    def _oxide(self, ways: Sequence[Paths]) -> Estimate:
        total = zero(len(self.chunk.batch_ids), self.yields.source.draws)
        for way in ways:
            factor = oxide_factor(next(iter(way))[1])
            part = self.sum(way)
            total = total + Estimate(part.mean * factor, part.draws * np.float32(factor))
        return total


def recover(
    plan: Plan, chunk: BatchContent, yields: YieldDraws, mass_basis: Mapping[str, str]
) -> RouteMasses:
    """Recovered and liberated masses of one route.

    Args:
        plan: The route.
        chunk: Contained masses.
        yields: Capture draws, shared by all routes.
        mass_basis: How the mass of each product as sold follows: `oxide` (element times oxide
            factor), `element`, or `stream` (its own mass).
    """
    recovery = Recovery(plan, chunk, yields)
    made = recovery.sales(plan.products(), mass_basis)
    sold = made
    if plan.route.settlement == "sell_feed":
        sold = recovery.sales(plan.products(sold_before_feed=True), mass_basis)
    elements = {(p, e): mass for p, sale in made.items() for e, mass in sale.elements.items()}
    liberated = {
        element: mass
        for element, mass in recovery.elements(plan.liberated()).items()
        if element in ELEMENTS
    }
    return RouteMasses(
        elements=elements,
        products={product: sale.mass for product, sale in made.items()},
        sold=sold,
        liberated=liberated,
        rare_earth_products=frozenset(p for p, e in elements if e in RARE_EARTHS),
        entering=recovery.entering,
        oxide_out=recovery.oxide_out,
        magnet_feed=recovery.magnet_feed(),
    )


def flow_rows(plan: Plan, chunk: BatchContent) -> Table:
    """`batch_flow`: one batch x route x step x element x destination, element mass, means. [kg]

    Each row is one destination, so in = out + lost in every row and sums hold at any grouping.
    """
    mean_kg: dict[Labels, Means] = {}
    place = {series: i for i, series in enumerate(chunk.series)}
    route_id = plan.route.route_id
    for flow in plan.flows:
        element, step = flow.series[1], flow.step
        if element in PSEUDO_ELEMENTS:
            continue
        product = None if flow.to in (None, "next") else flow.to
        reason = _reason(step, flow.sink)
        labels = (route_id, step.step_no, step.step_id, element, flow.sink, product, reason)
        entering = flow.entering * chunk.mean_kg[place[flow.series]]
        mean_kg[labels] = mean_kg[labels] + entering if labels in mean_kg else entering
    table, nothing = flow_table(), np.zeros(len(chunk.batch_ids))
    for key, entering in mean_kg.items():
        is_lost = key[FLOW_LABELS.index("sink")] is not None
        out, lost = (nothing, entering) if is_lost else (entering, nothing)
        numbers = {"in_kg": entering, "out_kg": out, "lost_kg": lost}
        table.blocks.append(Block(chunk.batch_ids, key, numbers))
    return table


def flow_table() -> Table:
    """Rows of `batch_flow` in the making."""
    return Table(FLOW_SCHEMA, FLOW_LABELS, FLOW_KEY)


def _reason(step: Step, sink: str | None) -> str | None:
    """Why a skipped step passes everything on, or why a process that acts instead loses some."""
    return step.reason if step.is_skipped or sink is not None else None


def _product_mass(by_element: Mapping[str, Estimate], basis: str, nothing: Estimate) -> Estimate:
    total = nothing
    for element, mass in by_element.items():
        if basis == "stream":
            if element == MASS:
                total = total + mass
        elif element in PSEUDO_ELEMENTS:
            continue
        else:
            factor = oxide_factor(element) if basis == "oxide" else 1.0
            total = total + Estimate(mass.mean * factor, mass.draws * np.float32(factor))
    return total
