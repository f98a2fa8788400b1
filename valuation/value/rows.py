"""Estimates (mean and draws) and the rows they become in `batch_value` and `batch_draw`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from valuation.shapes import Means
from valuation.uncertain import quantiles

VALUE_SCHEMA = {
    "batch_id": pl.String,
    "route_id": pl.String,
    "product_id": pl.String,
    "element": pl.String,
    "measure": pl.String,
    "mean": pl.Float64,
    "p10": pl.Float64,
    "p50": pl.Float64,
    "p90": pl.Float64,
    "standard_error": pl.Float64,
    "mean_at_fixed_prices": pl.Float64,
    "reason": pl.String,
}
FLOW_SCHEMA = {
    "batch_id": pl.String,
    "route_id": pl.String,
    "step_no": pl.Int64,
    "step_id": pl.String,
    "element": pl.String,
    "in_kg": pl.Float64,
    "out_kg": pl.Float64,
    "lost_kg": pl.Float64,
    "sink": pl.String,
    "product_id": pl.String,
    "reason": pl.String,
}
COST_SCHEMA = {
    "batch_id": pl.String,
    "route_id": pl.String,
    "step_no": pl.Int64,
    "step_id": pl.String,
    "cost_id": pl.String,
    "title": pl.String,
    "cost_kind": pl.String,
    "denominator": pl.String,
    "quantity": pl.Float64,
    "mean": pl.Float64,
    "p10": pl.Float64,
    "p90": pl.Float64,
    "unknown": pl.Boolean,
    "reason": pl.String,
    "basis": pl.String,
}
DRAWS = pl.List(pl.Float32)
DRAW_KEY = ("batch_id", "route_id", "product_id", "element", "measure")


@dataclass(frozen=True)
class Estimate:
    """A quantity per batch; nan in a batch in which it is not known.

    Attributes:
        mean: Shape (batches,); analytic unless it was sampled.
        draws: Shape (batches, draws).
        sampled: Whether the mean is that of the draws, and so has a sampling error.
    """

    mean: Means
    draws: NDArray[np.floating[Any]]
    sampled: bool = False

    def __add__(self, other: "Estimate") -> "Estimate":
        sampled = self.sampled or other.sampled
        return Estimate(self.mean + other.mean, self.draws + other.draws, sampled)

    def __neg__(self) -> "Estimate":
        return Estimate(-self.mean, -self.draws, self.sampled)

    @property
    def known(self) -> NDArray[np.bool_]:
        """In which batches it is known, shape (batches,)."""
        return ~np.isnan(self.mean)

    @property
    def standard_error(self) -> Means | None:
        """Sampling error of the mean, shape (batches,); None where the mean is analytic."""
        if not self.sampled:
            return None
        return np.asarray(self.draws.std(axis=1) / np.sqrt(self.draws.shape[1]), np.float64)

    @cached_property
    def limits(self) -> Means:
        """P10, P50 and P90, shape (3, batches)."""
        return quantiles(self.draws)

    def or_zero(self) -> "Estimate":
        """The same with nothing where it is not known."""
        draws = np.where(self.known[:, None], self.draws, 0)
        return Estimate(np.where(self.known, self.mean, 0), draws, self.sampled)

    def only_if(self, known: NDArray[np.bool_]) -> "Estimate":
        """The same, but unknown in the batches that are not among `known`."""
        draws = np.where(known[:, None], self.draws, np.float32(np.nan))
        return Estimate(np.where(known, self.mean, np.nan), draws, self.sampled)

    def over_batches(self, rows: NDArray[np.bool_]) -> "Estimate":
        """The sum over some batches, draw by draw: one batch left."""
        return Estimate(
            self.mean[rows].sum(keepdims=True),
            self.draws[rows].sum(axis=0, keepdims=True, dtype=np.float64),
            self.sampled,
        )

    def summary(self) -> dict[str, float]:
        """Mean and quantiles of the first batch, as plain numbers."""
        p10, p50, p90 = quantiles(self.draws[0])
        mean = float(self.mean[0])
        return {"mean": mean, "p10": float(p10), "p50": float(p50), "p90": float(p90)}


@dataclass(frozen=True)
class Gap:
    """Why a figure is not known, and in which batches."""

    reason: str
    batches: NDArray[np.bool_]


@dataclass(frozen=True)
class Amount:
    """Money per batch: nan where it is not known, with the reasons why.

    Attributes:
        at_fixed_prices: The same with every quotation at its mid; None where no price enters.
    """

    estimate: Estimate
    gaps: tuple[Gap, ...] = ()
    at_fixed_prices: Estimate | None = None

    def reasons(self) -> list[str | None]:
        """For each batch, why the amount is not known there; None where it is."""
        if not any(gap.batches.any() for gap in self.gaps):
            return [None] * len(self.estimate.mean)
        return [
            "; ".join(g.reason for g in self.gaps if g.batches[i]) or None
            for i in range(len(self.estimate.mean))
        ]


def stacked(
    frames: Sequence[pl.DataFrame], schema: Mapping[str, pl.DataType | type[pl.DataType]]
) -> pl.DataFrame:
    """Frames of one schema under each other, also when there are none."""
    return pl.concat([pl.DataFrame(schema=dict(schema)), *frames])


def zero(batches: int, draws: int) -> Estimate:
    """Nothing, surely."""
    return Estimate(np.zeros(batches), np.zeros((batches, draws), np.float32))


NUMBERS = ("mean", "p10", "p50", "p90", "standard_error", "mean_at_fixed_prices")
Labels = tuple[str | None, ...]
Reasons = Sequence[str | None]


@dataclass
class ValueRows:
    """Rows of `batch_value` and `batch_draw` in the making: arrays now, frames at the end.

    Attributes:
        blocks: Batches, labels, numbers and reasons of one figure each; so `drawn` its draws.
    """

    blocks: list[tuple[Sequence[str], Labels, Mapping[str, Means], Reasons]] = field(
        default_factory=list
    )
    drawn: list[tuple[Sequence[str], Labels, pl.Series]] = field(default_factory=list)

    def add(
        self,
        batch_ids: Sequence[str],
        measure: str,
        amount: Amount | Estimate,
        route_id: str | None = None,
        product_id: str | None = None,
        element: str | None = None,
        *,
        keep_draws: bool = False,
    ) -> None:
        """One row per batch, null with a reason where it is not known; draws are kept if asked."""
        if isinstance(amount, Estimate):
            amount = Amount(amount)
        estimate = amount.estimate
        p10, p50, p90 = estimate.limits
        numbers = {"mean": estimate.mean, "p10": p10, "p50": p50, "p90": p90}
        if estimate.standard_error is not None:
            numbers["standard_error"] = estimate.standard_error
        if amount.at_fixed_prices is not None:
            numbers["mean_at_fixed_prices"] = amount.at_fixed_prices.mean
        labels = (route_id, product_id, element, measure)
        self.blocks.append((batch_ids, labels, numbers, amount.reasons()))
        if keep_draws and estimate.known.any():
            kept = [batch for batch, known in zip(batch_ids, estimate.known, strict=True) if known]
            drawn = np.ascontiguousarray(estimate.draws[estimate.known], np.float32)
            self.drawn.append((kept, labels, pl.Series(drawn).cast(DRAWS)))

    def missing(
        self,
        batch_ids: Sequence[str],
        measure: str,
        reason: str,
        element: str,
    ) -> None:
        """One row per batch of an element without a number, with the reason why there is none."""
        reasons = [reason] * len(batch_ids)
        self.blocks.append((batch_ids, (None, None, element, measure), {}, reasons))

    def extend(self, others: "ValueRows") -> None:
        """Add rows made apart."""
        self.blocks += others.blocks
        self.drawn += others.drawn

    def values(self) -> pl.DataFrame:
        """`batch_value`, sorted by key."""
        columns = _keys([(ids, labels) for ids, labels, *_ in self.blocks])
        for name in NUMBERS:
            arrays = [b[2].get(name, np.full(len(b[0]), np.nan)) for b in self.blocks]
            columns[name] = np.concatenate(arrays or [np.empty(0)])
        columns["reason"] = [reason for *_, reasons in self.blocks for reason in reasons]
        frame = pl.DataFrame(columns, schema_overrides=VALUE_SCHEMA)
        known = frame.with_columns(pl.col(NUMBERS).fill_nan(None))
        return known.select(*VALUE_SCHEMA).sort(DRAW_KEY)

    def draws(self) -> pl.DataFrame:
        """`batch_draw`, sorted by key; only batches in which the figure is known."""
        columns = _keys([(ids, labels) for ids, labels, _ in self.drawn])
        frame = pl.DataFrame(columns, schema=dict.fromkeys(DRAW_KEY, pl.String))
        # Not put together in one piece before they are sorted: the draws are the bulk of memory.
        drawn = pl.concat([pl.Series("draws", [], DRAWS), *(d for *_, d in self.drawn)])
        return frame.with_columns(drawn).sort(DRAW_KEY)


def _keys(blocks: Sequence[tuple[Sequence[str], Labels]]) -> dict[str, Any]:
    """Key columns of blocks under each other: batch, then the labels the block shares."""
    columns: dict[str, Any] = {"batch_id": [batch for ids, _ in blocks for batch in ids]}
    for i, name in enumerate(DRAW_KEY[1:]):
        columns[name] = [labels[i] for ids, labels in blocks for _ in ids]
    return columns
