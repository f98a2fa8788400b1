"""Reuse as a route: units that pass the test are sold, all else goes on to be recycled.

For a thing of n units, of which a share s passes at a price p, each tested at a cost c and picked
up at h:

    net of reuse = n (s p - c - h) + n (1 - s) r

with r the net of recycling one unit on the route that takes the rest. What fails is picked up again
by the recycler, whose pickup is inside r. What the table says nothing of is recycled untested. What
is paid once per lot is paid by both, and is in no figure of a thing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valuation.disposition import ResaleTerm
from valuation.shapes import BatchContent, Means, Plan
from valuation.uncertain import Draws, Source, quantiles
from valuation.value.costs import CostLine
from valuation.value.money import RouteMoney
from valuation.value.rows import Amount, Estimate, Gap, zero
from valuation.value.stock import Stock, Thing
from valuation.value.unit_costs import OF_THE_LOT, USE

NOTHING_COVERED = "the resale table says nothing of what is in the batch"
NO_TAKER = "no route with a net takes what is not sold again"
TEST = "Wipe and test, by the resale table"
RECYCLE = "What is not sold: every cost of its route"
RESALE_FACTOR = "price-factor/resale"


@dataclass(frozen=True)
class ResoldMoney:
    """Money of the route that sells units: of those that pass, and of the rest that is recycled.

    Attributes:
        sold: Sales of units that pass. [USD]
        rest: Sales of what the rest is recycled to. [USD]
        costs: Every cost line, those of the rest in one.
    """

    sold: Amount
    rest: Amount
    costs: tuple[CostLine, ...]
    payable_kg: Mapping[str, Estimate]
    gross_usd: Mapping[str, Amount]

    def totals(self) -> dict[str, Amount]:
        """As of any route, with the sale of units apart; null where the table says nothing."""
        sold, rest = self.sold, self.rest
        gross = sold.estimate + rest.estimate
        fixed = (sold.at_fixed_prices or sold.estimate) + (rest.at_fixed_prices or rest.estimate)
        cost = sum((line.amount.estimate for line in self.costs), _nothing_like(gross))
        gaps = sold.gaps + rest.gaps
        net, net_fixed = gross + -cost, fixed + -cost
        return {
            "resale_usd": sold,
            "gross_usd": Amount(gross, gaps, fixed),
            "cost_usd": Amount(cost, gaps),
            "net_before_unknown_usd": Amount(net, gaps),
            "net_usd": Amount(net, gaps, net_fixed),
            "net_usd_at_fixed_prices": Amount(net_fixed, gaps),
        }


@dataclass(frozen=True)
class Sales:
    """What selling units brings in the batches of a chunk.

    Attributes:
        sold: Sales of units that pass. [USD]
        fixed: The same at the prices of the table. [USD]
        test: Cost of wiping and testing. [USD]
        units: Units tested. [1]
        share: Share of the gross mass of the batch that is tested. [1]
        more_gross: Sales of recycling beyond the average, from more units that fail. [USD]
        more_cost: Costs of that. [USD]
    """

    sold: Estimate
    fixed: Estimate
    test: Estimate
    units: Means
    share: Means
    more_gross: NDArray[np.floating[Any]]
    more_cost: NDArray[np.floating[Any]]


def sell(stock: Stock, chunk: BatchContent, rest_on: Sequence[str | None], source: Source) -> Sales:
    """Sell the units of a chunk's batches, draw by draw; notes the sales of each thing.

    Units that pass are binomial given the share, so their scatter shrinks with their number; price
    and share are shared by everything a row is about.

    Args:
        stock: What could be sold.
        chunk: The batches.
        rest_on: Route on which the rest of each batch is recycled.
        source: Seed and number of draws.
    """
    shape = (len(chunk.batch_ids), source.draws)
    mean, test, units, mass = (np.zeros(shape[0]) for _ in range(4))
    sold, fixed, more_gross, more_cost = (np.zeros(shape) for _ in range(4))
    for b, batch in enumerate(chunk.batch_ids):
        of_things = []
        for thing in stock.things.get(batch, ()):
            term, route = thing.term, rest_on[b]
            passing = units_passing(thing, batch, source)
            sales = passing * _price(term, source)
            expected = thing.units * term.share_passing.mean * term.price_usd
            of_things.append((thing.name, expected, sales))
            mean[b] += expected
            sold[b] += sales
            fixed[b] += passing * term.price_usd
            test[b] += thing.units * term.cost_to_test_usd
            units[b] += thing.units
            mass[b] += thing.gross_kg
            if route is not None:
                more_fail = term.share_passing.mean - passing / thing.units
                more_gross[b] += more_fail * thing.gross_usd[route]
                more_cost[b] += more_fail * thing.cost_usd[route]
        _keep(stock, batch, of_things)
    whole = chunk.gross_mean_kg
    return Sales(
        sold=Estimate(mean, sold.astype(np.float32)),
        fixed=Estimate(mean, fixed.astype(np.float32)),
        test=_constant(test, source.draws),
        units=units,
        share=np.minimum(np.divide(mass, whole, out=np.zeros_like(mass), where=whole > 0), 1),
        more_gross=more_gross.astype(np.float32),
        more_cost=more_cost.astype(np.float32),
    )


def _keep(stock: Stock, batch: str, of_things: Sequence[tuple[str, float, Draws]]) -> None:
    """Note mean, P10 and P90 of the sales of each thing, sorted together: one takes as long."""
    if not of_things:
        return
    p10, _, p90 = quantiles(np.stack([sales for _, _, sales in of_things])).tolist()
    for (name, expected, _), low, high in zip(of_things, p10, p90, strict=True):
        stock.sales[batch, name] = (expected, low, high)


def _price(term: ResaleTerm, source: Source) -> Draws:
    """Price draws of a row, mean at its price, shape (draws,). [USD]"""
    if term.key not in source.noted:
        log_sd = term.log_sd_quote, term.log_sd_time
        own, shared = source.normal(term.key), source.shared_normal(RESALE_FACTOR)
        log = log_sd[0] * own + log_sd[1] * shared - (log_sd[0] ** 2 + log_sd[1] ** 2) / 2
        draws = np.asarray(term.price_usd * np.exp(log), np.float32)
        source.note(term.key, term.price_usd, draws, "USD/unit")
    return source.noted[term.key][1]


def units_passing(thing: Thing, batch: str, source: Source) -> Draws:
    """Units of a thing that pass, shape (draws,); a broken count passes in proportion. [1]"""
    key = thing.term.key
    share = thing.term.share_passing.draw(source, f"{key}/share_passing")
    chance = np.clip(share.astype(np.float64), 0, 1)
    whole = round(thing.units)
    if whole == 0:
        return np.asarray(thing.units * chance, np.float32)
    passed = source.generator(f"{key}/passing/{batch}/{thing.name}").binomial(whole, chance)
    return np.asarray(passed * (thing.units / whole), np.float32)


def resold_money(
    plan: Plan,
    money: RouteMoney,
    sales: Sales,
    rest: Mapping[str, RouteMoney],
    rest_on: Sequence[str | None],
    rest_chunk: BatchContent,
) -> ResoldMoney:
    """The money of the route that sells units, with every cost line of its own.

    Args:
        plan: The route.
        money: Its money without a resale table: the cost lines.
        sales: What selling brings.
        rest: Money of the rest, by recycling route.
        rest_on: Route on which the rest of each batch is recycled.
        rest_chunk: The rest.
    """
    draws = sales.sold.draws.shape[1]
    covered = sales.units > 0
    gross, fixed, cost, taken = _of_rest(rest, rest_on, rest_chunk, draws)
    gross = replace(gross, draws=gross.draws + sales.more_gross)
    fixed = replace(fixed, draws=fixed.draws + sales.more_gross)
    cost = replace(cost, draws=cost.draws + sales.more_cost)
    nothing = (Gap(NOTHING_COVERED, ~covered),) if not covered.all() else ()
    left = covered & ~taken
    no_taker = (Gap(NO_TAKER, left),) if left.any() else ()
    known = covered & taken
    use = min(step.step_no for step in plan.route.steps if step.stage == USE)
    before = [line for line in money.costs if line.step.step_no < use]
    of_test, of_rest = _first_of_each(money.costs, use)
    tested = Amount(sales.test.only_if(covered), nothing)
    recycled = Amount(cost.only_if(known), nothing + no_taker)
    lines = (
        *(_scaled(line, np.where(covered, sales.share, 1), draws) for line in before),
        _told(of_test, TEST, _constant(sales.units, draws), tested, "reported"),
        _told(of_rest, RECYCLE, _mass(rest_chunk), recycled, "derived"),
    )
    return ResoldMoney(
        sold=Amount(sales.sold.only_if(covered), nothing, sales.fixed.only_if(covered)),
        rest=Amount(gross.only_if(known), no_taker, fixed.only_if(known)),
        costs=lines,
        payable_kg={},
        gross_usd={},
    )


def _of_rest(
    rest: Mapping[str, RouteMoney],
    rest_on: Sequence[str | None],
    chunk: BatchContent,
    draws: int,
) -> tuple[Estimate, Estimate, Estimate, NDArray[np.bool_]]:
    """Sales, sales at fixed prices and costs of the rest, and where somebody takes it. [USD]"""
    gross = fixed = cost = zero(len(chunk.batch_ids), draws)
    taken = chunk.gross_mean_kg == 0
    for route_id, money in rest.items():
        here = np.array([route == route_id for route in rest_on])
        totals = money.totals()
        sales = totals["gross_usd"]
        gross = _where(here, sales.estimate, gross)
        fixed = _where(here, sales.at_fixed_prices or sales.estimate, fixed)
        cost = _where(here, totals["cost_usd"].estimate, cost)
        taken = taken | here
    return gross, fixed, cost, taken


def _where(here: NDArray[np.bool_], one: Estimate, other: Estimate) -> Estimate:
    draws = np.where(here[:, None], one.draws, other.draws)
    return Estimate(np.where(here, one.mean, other.mean), draws)


def _first_of_each(costs: Sequence[CostLine], use: int) -> list[CostLine]:
    """A line of the step that tests and one of those after it; others take their places."""
    return [
        next(line for line in costs if line.step.step_no == use),
        next(line for line in costs if line.step.step_no > use),
    ]


def _scaled(line: CostLine, share: Means, draws: int) -> CostLine:
    """A cost of what is tested: its part of the mass, or the whole where it is the lot's."""
    if line.cost.denominator in OF_THE_LOT:
        return line
    part = _constant(share, draws)
    return replace(
        line,
        quantity=_product(line.quantity, part),
        amount=Amount(_product(line.amount.estimate, part), line.amount.gaps),
    )


def _told(line: CostLine, title: str, quantity: Estimate, cost: Amount, basis: str) -> CostLine:
    told = replace(line.cost, title=title, unknown_reason=None, basis=basis)
    return CostLine(line.step, told, quantity, cost)


def _product(one: Estimate, other: Estimate) -> Estimate:
    return Estimate(one.mean * other.mean, one.draws * other.draws)


def _constant(values: Means, draws: int) -> Estimate:
    return Estimate(values, np.repeat(values.astype(np.float32)[:, None], draws, axis=1))


def _mass(chunk: BatchContent) -> Estimate:
    return Estimate(chunk.gross_mean_kg, chunk.gross_draws_kg)


def _nothing_like(estimate: Estimate) -> Estimate:
    return zero(*estimate.draws.shape)
