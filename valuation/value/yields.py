"""Recovered masses: contained draws times the captures on each way, in element and product mass."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
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
from valuation.value.rows import FLOW_SCHEMA, Estimate, nothing, weighted
from valuation.value.table import Block, Labels, Table

FLOW_LABELS: Final = ("route_id", "step_no", "step_id", "element", "sink", "product_id", "reason")
FLOW_KEY: Final = ("route_id", "step_no", "element", "product_id", "sink")


Paths = Mapping[Series, Sequence[Capture]]
Way = tuple[tuple[str, bool], ...]


class YieldDraws:
    """Draws of captures, each made once and shared by everything the row acts on."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.by_key: dict[str, Draws] = {}
        self._by_way: dict[Way, Draws] = {}

    def share(self, captures: Sequence[Capture]) -> Draws:
        """Product of captures on a path, shape (draws,), not to be written to. [1]"""
        way = _way(captures)
        if way not in self._by_way:
            self._by_way[way] = self._share(captures)
        return self._by_way[way]

    def _share(self, captures: Sequence[Capture]) -> Draws:
        out = np.ones(self.source.draws, np.float32)
        for capture in captures:
            if capture.key not in self.by_key:
                self.by_key[capture.key] = capture.share.draw(self.source, capture.key)
            share = self.by_key[capture.key]
            out = out * (1 - share if capture.complement else share)
        return out


def _way(path: Sequence[Capture]) -> Way:
    """What tells a path from others: its captures, in order."""
    return tuple((capture.key, capture.complement) for capture in path)


def _moving(paths: Paths) -> dict[Series, tuple[Capture, ...]]:
    """Paths that anything goes along, with the captures that leave something out."""
    return {
        series: tuple(c for c in path if not (c.share.is_exact and c.mean == 1))
        for series, path in paths.items()
        if not any(c.share.is_exact and c.mean == 0 for c in path)
    }


def _ways(paths: Paths) -> tuple[tuple[Series, Way], ...]:
    return tuple((series, _way(path)) for series, path in paths.items())


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

    def rare_earths(self, none: Estimate) -> Estimate:
        """Rare earths recovered, in whatever product; nothing where there are none. [kg element]"""
        masses = (mass for (_, element), mass in self.elements.items() if element in RARE_EARTHS)
        return sum(masses, none)


class Recovery:
    """Sums of contained series along paths of captures, for one chunk of batches."""

    def __init__(self, plan: Plan, chunk: BatchContent, yields: YieldDraws) -> None:
        self.plan = plan
        self.chunk = chunk
        self.yields = yields
        self.place = {series: i for i, series in enumerate(chunk.series)}

    def sum(self, paths: Paths) -> Estimate:
        """Sum over series of contained mass times the captures on its path."""
        for path in paths.values():
            self.yields.share(path)  # notes every capture, those too that are exact
        moving = _moving(paths)
        return self.chunk.made.get((self.yields, _ways(moving)), partial(self._sum, moving))

    @cached_property
    def nothing(self) -> Estimate:
        """Nothing, in the shape of the batches."""
        return nothing(len(self.chunk.batch_ids), self.yields.source.draws)

    def _sum(self, paths: Paths) -> Estimate:
        return weighted(
            (
                (
                    Estimate(self.chunk.mean_kg[i], self.chunk.draws_kg[i]),
                    mean_share(path),
                    self.yields.share(path),
                )
                for i, path in ((self.place[series], path) for series, path in paths.items())
            ),
            self.nothing,
        )

    def elements(self, paths: Paths) -> dict[str, Estimate]:
        """The same, apart by element."""
        names = dict.fromkeys(element for _, element in paths)
        return {name: self.sum({s: p for s, p in paths.items() if s[1] == name}) for name in names}

    def sales(
        self, products: Mapping[str, Paths], mass_basis: Mapping[str, str]
    ) -> dict[str, Sale]:
        """Mass of each product as sold, and the elements in it."""
        found = {}
        for product, paths in products.items():
            elements = self.elements(paths)
            basis = mass_basis[product]
            mass = self.chunk.made.get(
                (self.yields, basis, _ways(_moving(paths))),
                partial(_product_mass, elements, basis, self.nothing),
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
        key = (self.yields, "oxide out", *map(_ways, ways))
        return self.chunk.made.get(key, partial(self._oxide, ways))

    def _oxide(self, ways: Sequence[Paths]) -> Estimate:
        factors = [oxide_factor(next(iter(way))[1]) for way in ways]
        parts = ((self.sum(way), f, np.float32(f)) for way, f in zip(ways, factors, strict=True))
        return weighted(parts, self.nothing)


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


def _product_mass(by_element: Mapping[str, Estimate], basis: str, none: Estimate) -> Estimate:
    if basis == "stream":
        return by_element.get(MASS, none)
    factors = {
        element: oxide_factor(element) if basis == "oxide" else 1.0
        for element in by_element
        if element not in PSEUDO_ELEMENTS
    }
    return weighted(((by_element[e], f, np.float32(f)) for e, f in factors.items()), none)
