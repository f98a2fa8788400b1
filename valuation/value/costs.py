"""What the steps of a route cost: each cost row times how much of its denominator there is.

An unknown cost is null in every batch, never free; a minimum charge is the least that is paid.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from valuation.deck import Deck
from valuation.shapes import BARE_MASS, CHEMISTRY, MASS, BatchContent, Cost, Route, Step
from valuation.uncertain import Source
from valuation.value.rows import COST_SCHEMA, Amount, Estimate, Gap
from valuation.value.yields import RouteMasses


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
    money = Estimate(quantity.mean * cost.amount.mean * rate, quantity.draws * drawn)
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


def cost_rows(route_id: str, lines: Sequence[CostLine], chunk: BatchContent) -> pl.DataFrame:
    """`batch_cost`: one batch x step x cost line."""
    if not lines:
        return pl.DataFrame(schema=COST_SCHEMA)
    estimates = [line.amount.estimate for line in lines]
    p10, _, p90 = np.stack([estimate.limits for estimate in estimates], axis=1)
    labels = [
        {
            "route_id": route_id,
            "step_no": line.step.step_no,
            "step_id": line.step.step_id,
            "cost_id": line.cost.cost_id,
            "title": line.cost.title,
            "cost_kind": line.cost.cost_kind,
            "denominator": line.cost.denominator,
            "basis": line.cost.basis,
        }
        for line in lines
    ]
    batches = len(chunk.batch_ids)
    columns: dict[str, Any] = {
        name: [row[name] for row in labels for _ in range(batches)] for name in labels[0]
    }
    columns |= {
        "batch_id": list(chunk.batch_ids) * len(lines),
        "reason": [reason for line in lines for reason in line.amount.reasons()],
        "quantity": np.concatenate([line.quantity.mean for line in lines]),
        "mean": np.concatenate([estimate.mean for estimate in estimates]),
        "p10": p10.ravel(),
        "p90": p90.ravel(),
        "unknown": np.concatenate([~estimate.known for estimate in estimates]),
    }
    frame = pl.DataFrame({name: columns[name] for name in COST_SCHEMA}, schema=COST_SCHEMA)
    return frame.with_columns(pl.col("mean", "p10", "p90").fill_nan(None))
