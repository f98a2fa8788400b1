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


@dataclass
class ValueRows:
    """Rows of `batch_value` and `batch_draw` in the making."""

    _values: list[pl.DataFrame] = field(default_factory=list)
    _draws: list[pl.DataFrame] = field(default_factory=list)

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
    ) -> None:
        """One row per batch; with `keep_draws` its draws as well."""
        p10, p50, p90 = quantiles(estimate.draws)
        error = estimate.standard_error
        keys = self._keys(batch_ids, measure, route_id, product_id, element)
        self._values.append(
            keys.with_columns(
                mean=pl.Series(estimate.mean),
                p10=pl.Series(p10),
                p50=pl.Series(p50),
                p90=pl.Series(p90),
                standard_error=pl.lit(None, pl.Float64) if error is None else pl.Series(error),
                reason=pl.lit(None, pl.String),
            )
        )
        if keep_draws:
            draws: Draws = np.ascontiguousarray(estimate.draws, np.float32)
            column = pl.Series("draws", draws).cast(pl.List(pl.Float32))
            self._draws.append(keys.with_columns(column))

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
        keys = self._keys(batch_ids, measure, route_id, product_id, element)
        numbers = ("mean", "p10", "p50", "p90", "standard_error")
        self._values.append(
            keys.with_columns(
                *(pl.lit(None, pl.Float64).alias(n) for n in numbers),
                reason=pl.lit(reason, pl.String),
            )
        )

    def values(self) -> pl.DataFrame:
        """`batch_value`, sorted by key."""
        return stacked(self._values, VALUE_SCHEMA).sort(DRAW_KEY)

    def draws(self) -> pl.DataFrame:
        """`batch_draw`, sorted by key."""
        schema: dict[str, Any] = {key: pl.String for key in DRAW_KEY}
        schema["draws"] = pl.List(pl.Float32)
        return stacked(self._draws, schema).sort(DRAW_KEY)

    @staticmethod
    def _keys(
        batch_ids: Sequence[str],
        measure: str,
        route_id: str | None,
        product_id: str | None,
        element: str | None,
    ) -> pl.DataFrame:
        return pl.DataFrame({"batch_id": list(batch_ids)}).with_columns(
            pl.lit(route_id, pl.String).alias("route_id"),
            pl.lit(product_id, pl.String).alias("product_id"),
            pl.lit(element, pl.String).alias("element"),
            pl.lit(measure).alias("measure"),
        )
