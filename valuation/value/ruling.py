"""What the owner's policy rules out, batch by batch, and what it costs in money and rare earths.

A policy binds a batch that holds anything that bears data; other batches may take every route.
What it costs is the net of the best route of all less that of the best one allowed, draw by draw;
in rare earths, what the best route for them recovers less what the best one allowed does. A route
that is ruled out keeps its figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from valuation.disposition import NOT_STATED, Policy
from valuation.shapes import BatchContent, Means
from valuation.uncertain import quantiles
from valuation.units import WHOLE
from valuation.value.rows import Estimate, stacked, zero

POLICY_SCHEMA = {
    "batch_id": pl.String,
    "policy_id": pl.String,
    "data_bearing_units": pl.Float64,
    "is_bound": pl.Boolean,
    "best_route_id": pl.String,
    "best_allowed_route_id": pl.String,
    "best_recycling_route_id": pl.String,
    "policy_cost_usd": pl.Float64,
    "policy_cost_usd_p10": pl.Float64,
    "policy_cost_usd_p90": pl.Float64,
    "ree_route_id": pl.String,
    "ree_allowed_route_id": pl.String,
    "ree_forgone_kg": pl.Float64,
    "ree_forgone_kg_p10": pl.Float64,
    "ree_forgone_kg_p90": pl.Float64,
    "reason": pl.String,
}
ROUTE_SCHEMA = {
    "batch_id": pl.String,
    "route_id": pl.String,
    "policy_id": pl.String,
    "is_allowed": pl.Boolean,
    "reason": pl.String,
}
NOTHING_BEARS_DATA = "nothing in the batch bears data, so every route is allowed"
NO_ROUTE_ALLOWED = "no route that the policy allows has a net"


@dataclass
class Outcomes:
    """What the routes gave for one chunk of batches.

    Attributes:
        net: Net by route; nan where it is not known. [USD]
        ree: Rare earths recovered, by route. [kg]
        recycling: Routes that sell material.
    """

    net: dict[str, Estimate] = field(default_factory=dict)
    ree: dict[str, Estimate] = field(default_factory=dict)
    recycling: set[str] = field(default_factory=set)


@dataclass
class Rulings:
    """The rulings on all batches in the making, and their sums over the batches of interest.

    Attributes:
        policy: What the owner allows.
        summed_over: Batches of interest.
        bound: Of those, how many the policy binds.
        cost_usd: Their policy cost, summed draw by draw; None where it is not known.
        ree_kg: Their rare earths forgone, summed so.
    """

    policy: Policy
    summed_over: frozenset[str]
    bound: int = 0
    cost_usd: Estimate | None = None
    ree_kg: Estimate | None = None
    _batches: list[pl.DataFrame] = field(default_factory=list)
    _routes: list[pl.DataFrame] = field(default_factory=list)

    def binds(self, chunk: BatchContent) -> NDArray[np.bool_]:
        """Which batches the policy binds, shape (batches,)."""
        stated = self.policy.policy_id is not None
        return (self.bearing(chunk) > 0) & stated

    def bearing(self, chunk: BatchContent) -> Means:
        """Units that bear data, listed or inside hosts, shape (batches,). [1]

        What arrives shredded, or as modules taken out of drives, has left its data behind.
        """
        if chunk.form != WHOLE:
            return 0 * chunk.gross_mean_kg
        kinds = [kind for kind in sorted(self.policy.data_bearing) if kind in chunk.units]
        return sum((chunk.units[kind] for kind in kinds), 0 * chunk.gross_mean_kg)

    def rest_on(
        self, chunk: BatchContent, outcomes: Outcomes, reuse_route: str
    ) -> list[str | None]:
        """Route that takes what of a batch is not sold again: the best one allowed.

        Where selling itself is ruled out, the best of all: what forbidding it costs does not depend
        on what else is forbidden.
        """
        bound = self.binds(chunk)
        if self.policy.forbids(reuse_route):
            bound = np.zeros_like(bound)
        return _best(outcomes.net, self._open(outcomes.recycling, bound), len(bound))

    def rule(self, chunk: BatchContent, outcomes: Outcomes) -> None:
        """Rule on the batches of a chunk."""
        count, bound = len(chunk.batch_ids), self.binds(chunk)
        everywhere = self._open(set(outcomes.net), np.zeros_like(bound))
        allowed = self._open(set(outcomes.net), bound)
        best = _best(outcomes.net, everywhere, count)
        best_allowed = _best(outcomes.net, allowed, count)
        richest = _best(outcomes.ree, everywhere, count)
        richest_allowed = _best(outcomes.ree, allowed, count)
        cost = _difference(outcomes.net, best, best_allowed, chunk)
        ree = _difference(outcomes.ree, richest, richest_allowed, chunk)
        recycling = self._open(outcomes.recycling, bound)
        columns: dict[str, Any] = {
            "batch_id": list(chunk.batch_ids),
            "policy_id": [self.policy.policy_id] * count,
            "data_bearing_units": self.bearing(chunk),
            "is_bound": bound,
            "best_route_id": best,
            "best_allowed_route_id": best_allowed,
            "best_recycling_route_id": _best(outcomes.net, recycling, count),
            "ree_route_id": richest,
            "ree_allowed_route_id": richest_allowed,
            "reason": [
                self._reason(is_bound, known)
                for is_bound, known in zip(bound, cost.known, strict=True)
            ],
        }
        if self.policy.policy_id is None:  # what was not said costs nobody knows what
            unknown = np.zeros(count, bool)
            cost, ree = cost.only_if(unknown), ree.only_if(unknown)
        columns |= _limits("policy_cost_usd", cost) | _limits("ree_forgone_kg", ree)
        frame = pl.DataFrame(columns, schema_overrides=POLICY_SCHEMA)
        numbers = [name for name, kind in POLICY_SCHEMA.items() if kind == pl.Float64]
        rows = frame.select(*POLICY_SCHEMA).with_columns(pl.col(numbers).fill_nan(None))
        self._batches.append(rows)
        self._routes.append(self._route_rows(chunk, bound, list(outcomes.net)))
        self._sum(chunk, bound, cost, ree)

    def batches(self) -> pl.DataFrame:
        """`batch_policy`: one row per batch."""
        return stacked(self._batches, POLICY_SCHEMA).sort("batch_id")

    def routes(self) -> pl.DataFrame:
        """`batch_route_policy`: one row per batch and route."""
        return stacked(self._routes, ROUTE_SCHEMA).sort("batch_id", "route_id")

    def _open(
        self, routes: Sequence[str] | set[str], bound: NDArray[np.bool_]
    ) -> dict[str, NDArray[np.bool_]]:
        """For every route, the batches that may take it."""
        return {r: ~bound if self.policy.forbids(r) else np.ones_like(bound) for r in routes}

    def _reason(self, bound: bool, known: bool) -> str | None:
        if self.policy.policy_id is None:
            return NOT_STATED
        if not bound:
            return NOTHING_BEARS_DATA
        return None if known else NO_ROUTE_ALLOWED

    def _route_rows(
        self, chunk: BatchContent, bound: NDArray[np.bool_], routes: Sequence[str]
    ) -> pl.DataFrame:
        rows = []
        for batch, is_bound in zip(chunk.batch_ids, bound.tolist(), strict=True):
            for route in routes:
                ruled_out = is_bound and self.policy.forbids(route)
                if is_bound:
                    reason = self.policy.why.get(route)
                else:
                    reason = NOTHING_BEARS_DATA if self.policy.policy_id else NOT_STATED
                rows.append((batch, route, self.policy.policy_id, not ruled_out, reason))
        return pl.DataFrame(rows, schema=ROUTE_SCHEMA, orient="row")

    def _sum(
        self, chunk: BatchContent, bound: NDArray[np.bool_], cost: Estimate, ree: Estimate
    ) -> None:
        of_interest = np.array([batch in self.summed_over for batch in chunk.batch_ids], bool)
        if not of_interest.any() or self.policy.policy_id is None:
            return
        self.bound += int((bound & of_interest).sum())
        costs, masses = cost.over_batches(of_interest), ree.over_batches(of_interest)
        self.cost_usd = costs if self.cost_usd is None else self.cost_usd + costs
        self.ree_kg = masses if self.ree_kg is None else self.ree_kg + masses


def _best(
    figures: Mapping[str, Estimate], open_to: Mapping[str, NDArray[np.bool_]], count: int
) -> list[str | None]:
    """Route with the highest mean in each batch, of those open to it; None where there is none."""
    found: list[str | None] = []
    for b in range(count):
        known = [
            (-float(figure.mean[b]), route)
            for route, figure in figures.items()
            if route in open_to and open_to[route][b] and figure.known[b]
        ]
        found.append(min(known)[1] if known else None)
    return found


def _difference(
    figures: Mapping[str, Estimate],
    best: Sequence[str | None],
    allowed: Sequence[str | None],
    chunk: BatchContent,
) -> Estimate:
    """What the best route has more than the best one allowed; unknown where either is."""
    count = len(chunk.batch_ids)
    draws = chunk.draws_kg.shape[-1]
    nothing = zero(count, draws)
    mean, drawn = nothing.mean, nothing.draws
    for b, (one, other) in enumerate(zip(best, allowed, strict=True)):
        if one is None or other is None:
            mean[b], drawn[b] = np.nan, np.nan
        elif one != other:
            mean[b] = figures[one].mean[b] - figures[other].mean[b]
            drawn[b] = figures[one].draws[b] - figures[other].draws[b]
    return Estimate(mean, drawn)


def _limits(name: str, estimate: Estimate) -> dict[str, Means]:
    p10, _, p90 = quantiles(estimate.draws)
    return {name: estimate.mean, f"{name}_p10": p10, f"{name}_p90": p90}
