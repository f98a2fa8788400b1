"""The net of a route as a sum of terms: contained mass x captures on its way x money per kilogram.

Masses, captures, prices and costs are drawn independently, so the expectation given one of them
takes the means of the others. A cost with a minimum charge is no such sum: it is a line of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from valuation.deck import Deck
from valuation.shapes import (
    BARE_MASS,
    MASS,
    BatchContent,
    Capture,
    Cost,
    Means,
    Plan,
    Series,
    mean_share,
)
from valuation.uncertain import Draws, Source
from valuation.units import RARE_EARTHS, oxide_factor
from valuation.value.costs import borne
from valuation.value.money import FEED, Terms
from valuation.value.worth import price_of
from valuation.value.yields import YieldDraws

KIT: Series = ("kit", MASS)
LOT: Series = ("kit", "lot")
SHIPMENT: Series = ("kit", "shipment")
ONCE_PER_LOT = (LOT, SHIPMENT)
"""Quantities that do not grow with the number of pieces received."""
ROUNDING = 1e-6
"""Difference of two means of one net, over the sums it is made of, that is rounding."""
NOT_KNOWN = "part of this net is not among the sums it is worked out from"
OF_NDPR = ("ndpr_oxide", "nd_oxide", "pr_oxide", "mixed_oxide", FEED)
"""Products whose neodymium and praseodymium are paid by the price of their oxide."""


@dataclass(frozen=True)
class Term:
    """One part of a net: a mass or count of the batch, what of it gets there, what it brings.

    Attributes:
        column: A series; or the kit's mass, its pieces of a kind, one lot, its shipments.
        group: `prices` or `costs`: what the money is drawn with.
        usd: Mean money per kilogram or piece; negative for a cost. [USD]
        usd_draws: The same as draws, shape (draws,). [USD]
        product_id: What is sold; None for a cost.
    """

    column: Series
    captures: tuple[Capture, ...]
    group: str
    usd: float
    usd_draws: Draws
    product_id: str | None = None

    @property
    def mean(self) -> float:
        """Mean money per kilogram or piece contained. [USD]"""
        return mean_share(self.captures) * self.usd

    @property
    def follows_ndpr(self) -> bool:
        """Whether it moves with the price of NdPr oxide."""
        return self.product_id in OF_NDPR and self.column[1] in ("nd", "pr")


@dataclass(frozen=True)
class Form:
    """Terms that are added up, and the least they come to where there is anything at all.

    Attributes:
        terms: The parts.
        least_usd: A minimum charge; None where the sum is linear. [USD]
    """

    terms: tuple[Term, ...]
    least_usd: float | None = None

    def weights(self, columns: Sequence[Series]) -> Means:
        """What a kilogram or piece of each column counts on average, shape (columns,). [USD]"""
        place = {column: i for i, column in enumerate(columns)}
        found = np.zeros(len(columns))
        for term in self.terms:
            found[place[term.column]] += term.mean
        return found

    def drawn(self, group: str, columns: Sequence[Series], yields: YieldDraws) -> Draws:
        """What a kilogram or piece counts given one group, shape (columns, draws). [USD]

        Args:
            group: `yields`, `prices` or `costs`.
            columns: The columns wanted.
            yields: Draws of captures.
        """
        place = {column: i for i, column in enumerate(columns)}
        found = np.zeros((len(columns), yields.source.draws), np.float32)
        for term in self.terms:
            if group == "yields":
                drawn = yields.share(term.captures) * np.float32(term.usd)
            elif group == term.group:
                drawn = term.usd_draws * np.float32(mean_share(term.captures))
            else:
                drawn = np.full(1, term.mean, np.float32)
            found[place[term.column]] += drawn
        return found


@dataclass(frozen=True)
class LinearNet:
    """The net of a route before what is unknown: one sum, less charges that have a minimum.

    Attributes:
        plan: The route.
        main: Everything that is linear.
        charges: Costs with a minimum, as positive amounts.
    """

    plan: Plan
    main: Form
    charges: tuple[Form, ...]
    _drawn: dict[str, list[Draws]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """Every sum the net is made of."""
        return (self.main, *self.charges)

    def leaves_out(self, columns: Sequence[Series], means: Means, net_usd: Means) -> bool:
        """Whether a mean net is more, or less, than these sums come to: then they do not tell it.

        Args:
            columns: Columns of the terms.
            means: How much of each the batches hold, shape (batches, columns).
            net_usd: The mean net before what is unknown, shape (batches,). [USD]
        """
        if self.charges:
            return False  # the mean of a charge with a minimum is that of its draws
        weights = self.main.weights(columns)
        size = np.abs(means) @ np.abs(weights)
        apart = np.abs(means @ weights - net_usd)
        return bool((apart > ROUNDING * np.maximum(size, 1)).any())

    def drawn(self, group: str, columns: Sequence[Series], yields: YieldDraws) -> list[Draws]:
        """What a kilogram or piece counts in each sum given one group, the same in any batch."""
        if group not in self._drawn:
            self._drawn[group] = [form.drawn(group, columns, yields) for form in self.forms]
        return self._drawn[group]

    def combine(self, sums: Sequence[NDArray[np.floating]]) -> NDArray[np.floating]:
        """The net, from its sums in the order of `forms`, whatever their shape. [USD]"""
        net = sums[0]
        for form, amount in zip(self.charges, sums[1:], strict=True):
            net = net - np.where(amount > 0, np.maximum(amount, form.least_usd or 0.0), 0)
        return net


def linear_net(
    plan: Plan, series: Sequence[Series], deck: Deck, terms: Terms, source: Source
) -> LinearNet:
    """The net of a route as sums of terms: what `settle` adds up, term by term.

    Products without a price and unknown costs are left out.

    Args:
        plan: The route.
        series: Series of the content.
        deck: Prices.
        terms: How feed is paid.
        source: Seed and number of draws.
    """
    main = list(_sales(plan, deck, terms, source))
    charges = []
    for step_index, cost in borne(plan.route):
        found = tuple(_cost(plan, series, step_index, cost, deck, source))
        if cost.minimum is None:
            main += found
        elif found:
            positive = tuple(
                Term(t.column, t.captures, t.group, -t.usd, -t.usd_draws) for t in found
            )
            charges.append(Form(positive, cost.minimum * deck.usd_per_unit[cost.currency]))
    return LinearNet(plan, Form(tuple(main)), tuple(charges))


@dataclass(frozen=True)
class LinearNets:
    """The nets of routes as sums of terms, each made once."""

    deck: Deck
    terms: Terms
    source: Source
    _made: dict[tuple[str, str], LinearNet] = field(default_factory=dict)

    def of(self, plans: Sequence[Plan], chunk: BatchContent) -> list[LinearNet]:
        """The net of each route, in order."""
        return [self._of(plan, chunk.series) for plan in plans]

    def _of(self, plan: Plan, series: Sequence[Series]) -> LinearNet:
        place = (plan.route.route_id, plan.form)
        if place not in self._made:
            self._made[place] = linear_net(plan, series, self.deck, self.terms, self.source)
        return self._made[place]


def columns_of(chunk: BatchContent, nets: Sequence[LinearNet]) -> tuple[Series, ...]:
    """Columns of the terms: every series, then what else the batches are counted by."""
    used = {t.column for net in nets for form in net.forms for t in form.terms}
    return (*chunk.series, *sorted({KIT} | used - set(chunk.series)))


def column_means(chunk: BatchContent, columns: Sequence[Series], shipment_kg: float) -> Means:
    """How much of each column the batches hold on average, shape (batches, columns). [kg or 1]"""
    gross = chunk.gross_mean_kg
    found = [*chunk.mean_kg]
    for stream, what in columns[len(chunk.series) :]:
        if stream == "units":
            kinds = [what] if what else list(chunk.units)
            found.append(sum((chunk.units.get(kind, 0 * gross) for kind in kinds), 0 * gross))
        else:
            made = {KIT: gross, LOT: (gross > 0) * 1.0, SHIPMENT: np.ceil(gross / shipment_kg)}
            found.append(made[stream, what])
    return np.stack(found, axis=1)


def _sales(plan: Plan, deck: Deck, terms: Terms, source: Source) -> Iterator[Term]:
    """What is sold: each product's series, at the share of it that is paid and its price."""
    route = plan.route
    feed = route.settlement == "sell_feed"
    for product, paths in plan.products(sold_before_feed=feed).items():
        rare = any(element in RARE_EARTHS for _, element in plan.products()[product])
        tolled = route.settlement == "toll" and rare
        share = (route.returnable if tolled else route.payable).get(product)
        price = deck.products[product]
        if share is None or share.mean == 0 or price.missing:
            continue
        paid = share.draw(source, f"payable/{route.route_id}/{route.settlement}/{product}")
        for series, captures in paths.items():
            found = price_of(price, series[1])
            if found is not None:
                key, factor = found
                usd = factor * price.mean[key] * share.mean
                drawn = np.float32(factor) * price.draws[key] * paid
                yield Term(series, captures, "prices", usd, drawn, product)
    if not feed:
        return
    for series, captures in plan.liberated().items():
        element = series[1]
        known = element in terms.feed_payable and element in deck.contained
        if element in RARE_EARTHS and known:
            share_paid, price = terms.feed_payable[element], deck.contained[element]
            usd = share_paid * price.mean[element]
            drawn = np.float32(share_paid) * price.draws[element]
            yield Term(series, captures, "prices", usd, drawn, FEED)


def _cost(
    plan: Plan, series: Sequence[Series], step_index: int, cost: Cost, deck: Deck, source: Source
) -> Iterator[Term]:
    """What a cost row is charged on: each mass or count of its denominator at its step."""
    if cost.amount is None or cost.currency not in deck.usd_per_unit:
        return
    rate = deck.usd_per_unit[cost.currency]
    unit = f"{cost.currency}/{cost.denominator}"
    drawn = cost.amount.draw(source, cost.key, unit) * np.float32(rate)
    usd = cost.amount.mean * rate
    for column, captures, factor in _charged_on(plan, series, step_index, cost):
        yield Term(column, captures, "costs", -usd * factor, -drawn * np.float32(factor))


def _charged_on(
    plan: Plan, series: Sequence[Series], step_index: int, cost: Cost
) -> Iterator[tuple[Series, tuple[Capture, ...], float]]:
    whole: dict[str, Series] = {
        "unit": ("units", cost.unit_kind or ""), "kg_kit": KIT, "lot": LOT, "shipment": SHIPMENT,
    }  # fmt: skip
    if cost.denominator in whole:
        yield whole[cost.denominator], (), 1.0
    elif cost.denominator == "kg_oxide_out":
        for flow in plan.oxides_out(step_index):
            yield flow.series, flow.captures, oxide_factor(flow.series[1])
    else:
        pseudo = BARE_MASS if cost.denominator == "kg_bare_magnet" else MASS
        for entering, path in plan.entering(step_index, pseudo, series).items():
            yield entering, path, 1.0
