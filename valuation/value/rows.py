"""Estimates (mean and draws) and the rows they become in `batch_value` and `batch_draw`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from valuation.shapes import Means
from valuation.uncertain import Draws, quantiles

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
DRAW_KEY = ("batch_id", "route_id", "product_id", "element", "measure")


@dataclass(frozen=True)
class Estimate:
    """A quantity per batch.

    Attributes:
        mean: Shape (batches,); analytic unless `standard_error` says otherwise.
        draws: Shape (batches, draws).
        standard_error: Monte Carlo error of the mean, shape (batches,); None when analytic.
    """

    mean: Means
    draws: NDArray[np.floating[Any]]
    standard_error: Means | None = None

    def __add__(self, other: "Estimate") -> "Estimate":
        errors = [e for e in (self.standard_error, other.standard_error) if e is not None]
        error = np.sqrt(np.sum(np.square(errors), axis=0)) if errors else None
        return Estimate(self.mean + other.mean, self.draws + other.draws, error)

    def __neg__(self) -> "Estimate":
        return Estimate(-self.mean, -self.draws, self.standard_error)

    def over_batches(self) -> "Estimate":
        """The sum over batches, draw by draw: one batch left."""
        error = self.standard_error
        return Estimate(
            self.mean.sum(keepdims=True),
            self.draws.sum(axis=0, keepdims=True, dtype=np.float64),
            None if error is None else np.sqrt(np.square(error).sum(keepdims=True)),
        )

    def summary(self) -> dict[str, float]:
        """Mean and quantiles of the first batch, as plain numbers."""
        p10, p50, p90 = quantiles(self.draws[0])
        mean = float(self.mean[0])
        return {"mean": mean, "p10": float(p10), "p50": float(p50), "p90": float(p90)}


def stacked(
    frames: Sequence[pl.DataFrame], schema: Mapping[str, pl.DataType | type[pl.DataType]]
) -> pl.DataFrame:
    """Frames under each other in the columns of a schema, also when there are none."""
    return pl.concat([pl.DataFrame(schema=dict(schema)), *(f.select(*schema) for f in frames)])


def zero(batches: int, draws: int) -> Estimate:
    """Nothing, surely."""
    return Estimate(np.zeros(batches), np.zeros((batches, draws), np.float32))


NUMBERS = ("mean", "p10", "p50", "p90", "standard_error", "mean_at_fixed_prices")
Labels = tuple[str | None, ...]


@dataclass
class ValueRows:
    """Rows of `batch_value` and `batch_draw` in the making: arrays now, one frame at the end."""

    _blocks: list[tuple[Sequence[str], Labels, Mapping[str, Means], str | None]] = field(
        default_factory=list
    )
    _draws: list[tuple[Sequence[str], Labels, Draws]] = field(default_factory=list)

    def add(
        self,
        batch_ids: Sequence[str],
        measure: str,
        estimate: Estimate,
        route_id: str | None = None,
        product_id: str | None = None,
        element: str | None = None,
        *,
        keep_draws: bool = False,
        at_fixed_prices: Estimate | None = None,
    ) -> None:
        """One row per batch; with `keep_draws` its draws as well."""
        p10, p50, p90 = quantiles(estimate.draws)
        numbers = {"mean": estimate.mean, "p10": p10, "p50": p50, "p90": p90}
        if estimate.standard_error is not None:
            numbers["standard_error"] = estimate.standard_error
        if at_fixed_prices is not None:
            numbers["mean_at_fixed_prices"] = at_fixed_prices.mean
        labels = (route_id, product_id, element, measure)
        self._blocks.append((batch_ids, labels, numbers, None))
        if keep_draws:
            self._draws.append((batch_ids, labels, np.asarray(estimate.draws, np.float32)))

    def missing(
        self,
        batch_ids: Sequence[str],
        measure: str,
        reason: str | None,
        route_id: str | None = None,
        product_id: str | None = None,
        element: str | None = None,
    ) -> None:
        """One row per batch without a number, with the reason why there is none."""
        self._blocks.append((batch_ids, (route_id, product_id, element, measure), {}, reason))

    def values(self) -> pl.DataFrame:
        """`batch_value`, sorted by key."""
        sizes = [len(batch_ids) for batch_ids, *_ in self._blocks]
        columns = _keys([(ids, labels) for ids, labels, *_ in self._blocks])
        for name in NUMBERS:
            nothing = [np.full(size, np.nan) for size in sizes]
            columns[name] = np.concatenate(
                [b[2].get(name, n) for b, n in zip(self._blocks, nothing, strict=True)]
                or [np.empty(0)]
            )
        columns["reason"] = [
            b[3] for b, size in zip(self._blocks, sizes, strict=True) for _ in range(size)
        ]
        frame = pl.DataFrame(columns, schema_overrides=VALUE_SCHEMA)
        known = frame.with_columns(pl.col(NUMBERS).fill_nan(None))
        return known.select(*VALUE_SCHEMA).sort(DRAW_KEY)

    def draws(self) -> pl.DataFrame:
        """`batch_draw`, sorted by key."""
        columns = _keys([(ids, labels) for ids, labels, _ in self._draws])
        keys = pl.DataFrame(columns, schema_overrides=dict.fromkeys(DRAW_KEY, pl.String))
        if not self._draws:
            return keys.with_columns(pl.lit(None, pl.List(pl.Float32)).alias("draws"))
        drawn = np.concatenate([draws for *_, draws in self._draws])
        return keys.with_columns(pl.Series("draws", drawn).cast(pl.List(pl.Float32))).sort(DRAW_KEY)


def _keys(blocks: Sequence[tuple[Sequence[str], Labels]]) -> dict[str, Any]:
    """Key columns of blocks under each other: batch, then the labels the block shares."""
    columns: dict[str, Any] = {"batch_id": [batch for ids, _ in blocks for batch in ids]}
    for i, name in enumerate(DRAW_KEY[1:]):
        columns[name] = [labels[i] for ids, labels in blocks for _ in ids]
    return columns
