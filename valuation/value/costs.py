"""What the steps of a route cost: each cost row times how much of its denominator there is.

An unknown cost is null in every batch, never free; a minimum charge is the least that is paid.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from valuation.deck import Deck
from valuation.shapes import BARE_MASS, CHEMISTRY, MASS, BatchContent, Cost, Route, Step
from valuation.uncertain import Source
from valuation.value.rows import COST_SCHEMA, Amount, Estimate, Gap
from valuation.value.table import Block, Table
from valuation.value.yields import RouteMasses

COST_LABELS: Final = (
    "route_id", "step_no", "step_id", "cost_id", "title", "cost_kind", "denominator", "basis",
)  # fmt: skip
COST_KEY: Final = ("route_id", "step_no", "cost_id")


@dataclass(frozen=True)
class CostLine:
    """One cost of one step: how much of its denominator, and the money where it is known."""

    step: Step
    cost: Cost
    quantity: Estimate
    amount: Amount


def cost_lines(
    route: Route,
    masses: RouteMasses,
    chunk: BatchContent,
    deck: Deck,
    shipment_kg: float,
    source: Source,
) -> tuple[CostLine, ...]:
    """Every cost the chain bears under the route's settlement, and what it comes to."""
    lines = []
    for index, cost in borne(route):
        quantity = denominator(cost, index, masses, chunk, shipment_kg, source)
        key = (cost, id(quantity), id(deck), id(source))
        amount, *_ = chunk.made.get(key, partial(_priced, cost, quantity, deck, source))
        lines.append(CostLine(route.steps[index], cost, quantity, amount))
    return tuple(lines)


def borne(route: Route) -> Iterator[tuple[int, Cost]]:
    """The cost rows the chain bears under the route's settlement, each with its step's index.

    `sell_feed` bears no step after the last preprocess step; under `toll` the processor's costs
    are in the toll, which is unknown where no row gives one.
    """
    for index, step in enumerate(route.steps):
        after = index > route.last_preprocess
        if after and route.settlement == "sell_feed":
            continue
        for cost in _borne(step, tolled=after and route.settlement == "toll"):
            yield index, cost


def _borne(step: Step, *, tolled: bool) -> Sequence[Cost]:
    if not tolled:
        return [cost for cost in step.costs if cost.cost_kind != "toll"]
    tolls = [cost for cost in step.costs if cost.cost_kind in ("toll", "freight")]
    if step.stage in CHEMISTRY and not any(cost.cost_kind == "toll" for cost in tolls):
        tolls.append(_unknown_toll(step))
    return tolls


def _unknown_toll(step: Step) -> Cost:
    return Cost(
        step_id=step.step_id,
        cost_id=f"{step.step_id}-toll",
        title=f"Toll for {step.title}",
        cost_kind="toll",
        denominator="lot",
        unit_kind=None,
        currency="USD",
        minimum=None,
        amount=None,
        unknown_reason="no toll is published for this step",
        basis=None,
    )


def _priced(
    cost: Cost, quantity: Estimate, deck: Deck, source: Source
) -> tuple[Amount, Estimate, Deck, Source]:
    """A cost, with what it is known by: while that is kept, nothing else comes to have its id."""
    return _amount(cost, quantity, deck, source), quantity, deck, source


def _amount(cost: Cost, quantity: Estimate, deck: Deck, source: Source) -> Amount:
    everywhere = np.ones(len(quantity.mean), bool)
    reason = None
    if cost.amount is None:
        reason = cost.unknown_reason or "nobody could bracket it"
    elif cost.currency not in deck.usd_per_unit:
        reason = f"no dated {cost.currency} rate by {deck.as_of}"
    if cost.amount is None or reason is not None:
        gap = Gap(f"{cost.title}: {reason}", everywhere)
        return Amount(quantity.only_if(~everywhere), (gap,))
    rate = deck.usd_per_unit[cost.currency]
    unit = f"{cost.currency}/{cost.denominator}"
    drawn = cost.amount.draw(source, cost.key, unit) * np.float32(rate)
    money = quantity.times(cost.amount.mean * rate, drawn)
    if cost.minimum is not None:
        # a minimum is not linear: the mean is that of the draws, with its error
        floor = np.where(quantity.draws > 0, cost.minimum * rate, 0)
        draws = np.maximum(money.draws, floor)
        money = Estimate(draws.mean(axis=1, dtype=np.float64), draws, sampled=True)
    return Amount(money)


def denominator(
    cost: Cost,
    index: int,
    masses: RouteMasses,
    chunk: BatchContent,
    shipment_kg: float,
    source: Source,
) -> Estimate:
    """How much of a cost's denominator the batches have at a step: pieces, kg, lots, shipments.

    Raises:
        KeyError: The denominator is none of those `cost.csv` allows.
    """
    if cost.denominator in OF_ROUTE:
        return OF_ROUTE[cost.denominator](masses, index)
    return chunk.made.get(
        (cost.denominator, cost.unit_kind, shipment_kg, source.draws),
        partial(_of_batches, cost, chunk, shipment_kg, source),
    )


OF_ROUTE: Mapping[str, Callable[[RouteMasses, int], Estimate]] = {
    "kg_step_feed": lambda masses, index: masses.entering(index, MASS),
    "kg_bare_magnet": lambda masses, index: masses.entering(index, BARE_MASS),
    "kg_oxide_out": lambda masses, index: masses.oxide_out(index),
}


def _of_batches(cost: Cost, chunk: BatchContent, shipment_kg: float, source: Source) -> Estimate:
    """A denominator that is the same on every route."""
    gross = chunk.gross_mean_kg
    if cost.denominator == "kg_kit":
        return Estimate(gross, chunk.gross_draws_kg)
    if cost.denominator == "unit":
        kinds = [cost.unit_kind] if cost.unit_kind else list(chunk.units)
        values = sum((chunk.units.get(k, 0 * gross) for k in kinds), 0 * gross)
    else:
        counts = {"lot": (gross > 0).astype(float), "shipment": np.ceil(gross / shipment_kg)}
        values = counts[cost.denominator]
    draws = np.repeat(values.astype(np.float32)[:, None], source.draws, axis=1)
    return Estimate(values.astype(np.float64), draws)


def cost_rows(route_id: str, lines: Sequence[CostLine], chunk: BatchContent) -> Table:
    """`batch_cost`: one batch x step x cost line."""
    table = cost_table()
    for line in lines:
        step, cost, estimate = line.step, line.cost, line.amount.estimate
        p10, _, p90 = estimate.limits
        numbers = {
            "quantity": line.quantity.mean,
            "mean": estimate.mean,
            "p10": p10,
            "p90": p90,
            "unknown": ~estimate.known,
        }
        told = (cost.cost_id, cost.title, cost.cost_kind, cost.denominator, cost.basis)
        labels = (route_id, step.step_no, step.step_id, *told)
        table.blocks.append(Block(chunk.batch_ids, labels, numbers, line.amount.reasons()))
    return table


def cost_table() -> Table:
    """Rows of `batch_cost` in the making."""
    return Table(COST_SCHEMA, COST_LABELS, COST_KEY)
