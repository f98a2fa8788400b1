"""Estimates (mean and draws) and the rows they become in `batch_value` and `batch_draw`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from valuation.shapes import Means
from valuation.uncertain import Draws, quantiles
from valuation.value.table import Block, Labels, Order, Table

VALUE_SCHEMA: Final = {
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
FLOW_SCHEMA: Final = {
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
COST_SCHEMA: Final = {
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
DRAW_KEY = ("route_id", "product_id", "element", "measure")


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
        if self.is_nothing or other.is_nothing:
            return other if self.is_nothing else self
        sampled = self.sampled or other.sampled
        return Estimate(self.mean + other.mean, self.draws + other.draws, sampled)

    def __sub__(self, other: "Estimate") -> "Estimate":
        if other.is_nothing:
            return self
        sampled = self.sampled or other.sampled
        return Estimate(self.mean - other.mean, self.draws - other.draws, sampled)

    def __neg__(self) -> "Estimate":
        return Estimate(-self.mean, -self.draws, self.sampled)

    def times(self, mean: float, draws: Draws | np.float32) -> "Estimate":
        """The same times a factor that is drawn independently, of shape (draws,) or exact."""
        if self.is_nothing or (mean == 1 and np.all(draws == 1)):
            return self
        return Estimate(self.mean * mean, self.draws * draws, self.sampled)

    @property
    def is_nothing(self) -> bool:
        """Whether it is made by `nothing`: it takes no memory, and is not added up."""
        # all of it is one number, which is looked at alone: this is asked of every sum
        return not any(self.draws.strides) and not self.draws[:1, :1].any()

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
        if self.is_nothing or not self.known.any():
            return np.tile(self.mean, (3, 1))
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
    """Nothing, to be filled in."""
    return Estimate(np.zeros(batches), np.zeros((batches, draws), np.float32))


def nothing(batches: int, draws: int) -> Estimate:
    """Nothing, surely: what it is added to stays as it is, and nobody writes to it."""
    return Estimate(np.zeros(batches), np.broadcast_to(np.float32(0), (batches, draws)))


def weighted(
    parts: Iterable[tuple[Estimate, float, Draws | np.float32]], none: Estimate
) -> Estimate:
    """Sum of estimates times factors that are drawn independently of them.

    Args:
        parts: Each estimate, with the mean of its factor and the draws of that, shape (draws,), or
            the factor itself where it is exact.
        none: What there is where there are no parts.
    """
    total = none
    moved: NDArray[np.floating[Any]] | None = None  # there once the total is an array of our own
    for held, mean, factor in parts:
        if held.is_nothing or total.is_nothing:
            total = total + held.times(mean, factor)
        elif moved is None:
            total, moved = total + held.times(mean, factor), np.empty_like(held.draws)
        else:
            draws = np.add(total.draws, np.multiply(held.draws, factor, out=moved), out=total.draws)
            total = Estimate(total.mean + held.mean * mean, draws, total.sampled or held.sampled)
    return total


@dataclass
class ValueRows:
    """Rows of `batch_value` and `batch_draw` in the making: arrays now, frames at the end.

    Attributes:
        table: Rows of `batch_value`.
        drawn: Batches, labels and draws of one figure each, shape of those (batches, draws).
    """

    table: Table = field(default_factory=lambda: Table(VALUE_SCHEMA, DRAW_KEY, DRAW_KEY))
    drawn: list[tuple[Sequence[str], Labels, Draws]] = field(default_factory=list)

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
        self.table.blocks.append(Block(batch_ids, labels, numbers, amount.reasons()))
        if keep_draws and estimate.known.any():
            kept = tuple(b for b, known in zip(batch_ids, estimate.known, strict=True) if known)
            drawn = (
                estimate.draws if len(kept) == len(batch_ids) else estimate.draws[estimate.known]
            )
            # a part of a larger array would keep the whole of it
            drawn = drawn.astype(np.float32, copy=drawn.base is not None)
            self.drawn.append((kept, labels, drawn))

    def missing(
        self,
        batch_ids: Sequence[str],
        measure: str,
        reason: str,
        element: str,
    ) -> None:
        """One row per batch of an element without a number, with the reason why there is none."""
        labels, reasons = (None, None, element, measure), [reason] * len(batch_ids)
        self.table.blocks.append(Block(batch_ids, labels, {}, reasons))

    def values(self) -> pl.DataFrame:
        """`batch_value`, sorted by key."""
        return self.table.frame()

    def draws(self) -> pl.DataFrame:
        """`batch_draw`, sorted by key, only batches in which the figure is known; lets go of them.

        Draws are the bulk of memory: each goes to its place, and is not held besides.
        """
        order = Order.of([(ids, labels) for ids, labels, _ in self.drawn], DRAW_KEY, DRAW_KEY)
        frame = pl.DataFrame(order.columns(VALUE_SCHEMA)).select("batch_id", *DRAW_KEY)
        if not self.drawn:
            return frame.with_columns(pl.Series("draws", [], DRAWS))
        place = np.empty_like(order.rows)
        place[order.rows] = np.arange(len(place))
        every = np.empty((len(place), self.drawn[0][2].shape[1]), np.float32)
        self.drawn.reverse()
        start = 0
        while self.drawn:
            ids, _, drawn = self.drawn.pop()
            every[place[start : start + len(ids)]] = drawn
            start += len(ids)
        return frame.with_columns(pl.Series("draws", every).cast(DRAWS))
