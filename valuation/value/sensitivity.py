"""What the net of a route rests on: shares of its variance by group of parameters, and a tornado.

A net is a sum of products of independent parameters, so its expectation given one group is known
draw by draw, without a second model and without more draws of the whole.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from valuation.parameter_groups import (
    CONTENT_DRAWS,
    CONTENT_GROUPS,
    COUNT,
    INTERACTION,
    MAGNET_GROUPS,
    ROUTE_GROUPS,
)
from valuation.shapes import BatchContent, Means, Series, Weights
from valuation.threads import in_threads
from valuation.uncertain import Draws, Source, quantiles
from valuation.units import RARE_EARTHS
from valuation.value.linear import (
    KIT,
    NOT_KNOWN,
    ONCE_PER_LOT,
    Form,
    LinearNet,
    column_means,
    columns_of,
)
from valuation.value.money import Terms
from valuation.value.rows import Amount, Estimate, stacked
from valuation.value.shares import Shares, first_order_shares
from valuation.value.yields import YieldDraws

SCHEMA = {
    "batch_id": pl.String,
    "route_id": pl.String,
    "measure": pl.String,
    "parameter_group": pl.String,
    "in_quantiles": pl.Boolean,
    "first_order_share": pl.Float64,
    "standard_error": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "reason": pl.String,
}
KEY = ("batch_id", "route_id", "measure", "parameter_group")
GROUPS = (*CONTENT_GROUPS, *ROUTE_GROUPS)
RATIO_DRAWS = 20_000
NOTHING_VARIES = "nothing in it is uncertain"


@dataclass
class Sensitivity:
    """What makes rows of `batch_sensitivity`, and sums the same over all batches of interest.

    Attributes:
        terms: Holds the ratio of units received to units on the manifest.
        yields: Draws of captures, shared by all routes.
        batches: Batches whose sum is told.
    """

    terms: Terms
    yields: YieldDraws
    batches: frozenset[str]
    summed: dict[str, list[Draws]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.draws = min(self.yields.source.draws, CONTENT_DRAWS)
        ratio = self.terms.received_ratio
        drawn = ratio.draw(Source(self.yields.source.seed, RATIO_DRAWS), f"{COUNT}/received_ratio")
        self._ratio_ends = quantiles(drawn)[[0, 2]]

    def rows(
        self,
        chunk: BatchContent,
        nets: Sequence[LinearNet],
        totals: Mapping[str, Mapping[str, Amount]],
        rare_earths: Estimate,
    ) -> pl.DataFrame:
        """`batch_sensitivity` of some batches, sorted by key; they are added to the sums.

        Args:
            chunk: Their contained masses.
            nets: The net of each route as sums of terms.
            totals: Their figures, by route and measure.
            rare_earths: Rare earths contained. [kg]
        """
        if chunk.given is None:
            return pl.DataFrame(schema=SCHEMA)
        columns = columns_of(chunk, nets)
        means = column_means(chunk, columns, self.terms.shipment_kg)
        forms = [form for net in nets for form in net.forms]
        given = chunk.given(_weights(forms, columns, chunk.series), self.draws)
        start = 1
        contained = [given[group][0] for group in MAGNET_GROUPS]
        tasks: list[Callable[[], pl.DataFrame]] = [
            partial(
                self._figure, chunk.batch_ids, "contained_ree_kg", Amount(rare_earths),
                MAGNET_GROUPS, contained, rare_earths.mean,
            )
        ]  # fmt: skip
        for net in nets:
            sums = {group: given[group][start : start + len(net.forms)] for group in CONTENT_GROUPS}
            start += len(net.forms)
            of_route = totals[net.plan.route.route_id]
            self.summed.setdefault(net.plan.route.route_id, [])  # in order, whoever ends first
            tasks.append(partial(self._net, chunk, net, columns, means, sums, of_route))
        return stacked(in_threads(tasks), SCHEMA).sort(KEY)

    def totals(self) -> dict[str, dict[str, float]]:
        """Shares of the summed net of the batches of interest, by route and group. [1]"""
        found: dict[str, dict[str, float]] = {}
        for route_id, (figure, *given) in (
            (route, parts) for route, parts in self.summed.items() if parts
        ):
            shares = first_order_shares([g[None] for g in given], figure[None])
            if shares.variance[0] > 0:
                pairs = zip(GROUPS, shares.share[:, 0].tolist(), strict=True)
                found[route_id] = dict(pairs) | {INTERACTION: float(shares.interaction[0])}
        return found

    def _net(
        self,
        chunk: BatchContent,
        net: LinearNet,
        columns: Sequence[Series],
        means: Means,
        sums: Mapping[str, Draws],
        totals: Mapping[str, Amount],
    ) -> pl.DataFrame:
        """Rows of one route: its net, or its net before what is unknown where that is not known."""
        route_id = net.plan.route.route_id
        known = totals["net_usd"].estimate.known
        before = totals["net_before_unknown_usd"]
        form_means = [means @ form.weights(columns) for form in net.forms]
        given: list[Draws] = [
            net.combine(
                [
                    mean[:, None] + drawn - drawn.mean(axis=-1, keepdims=True)
                    for mean, drawn in zip(form_means, sums[group], strict=True)
                ]
            )
            for group in CONTENT_GROUPS
        ]
        for group in ROUTE_GROUPS:
            drawn = net.drawn(group, columns, self.yields)
            given.append(net.combine([means.astype(np.float32) @ each for each in drawn]))
        once = [i for i, column in enumerate(columns) if column in ONCE_PER_LOT]
        varying = form_means[0] - means[:, once] @ net.main.weights(columns)[once]
        reasons = totals["net_usd"].reasons()
        if net.leaves_out(columns, means, before.estimate.mean):
            before = Amount(before.estimate.only_if(np.zeros_like(known)))
            reasons = [NOT_KNOWN] * len(reasons)
        wanted = np.array([batch in self.batches for batch in chunk.batch_ids])
        if wanted.any():
            figure = before.estimate.draws[wanted].sum(axis=0, dtype=np.float64)
            parts = [figure, *(g[wanted].sum(axis=0, dtype=np.float64) for g in given)]
            self._sum(route_id, parts)
        return self._figure(
            chunk.batch_ids, np.where(known, "net_usd", "net_before_unknown_usd").tolist(),
            before, GROUPS, given, varying, reasons, route_id,
        )  # fmt: skip

    def _sum(self, route_id: str, parts: list[Draws]) -> None:
        held = self.summed.get(route_id)
        self.summed[route_id] = (
            [a + b for a, b in zip(held, parts, strict=True)] if held and parts else held or parts
        )

    def _figure(
        self,
        batch_ids: Sequence[str],
        measure: str | list[str],
        figure: Amount,
        groups: Sequence[str],
        given: Sequence[Draws],
        varying: Means,
        reasons: Sequence[str | None] | None = None,
        route_id: str | None = None,
    ) -> pl.DataFrame:
        """Rows of one figure: every group, the count, the interaction."""
        mean = figure.estimate.mean
        shares = first_order_shares(given, figure.estimate.draws)
        points = [_ends(g) for g in given]
        count = self._count(shares, varying)
        ends = np.sort(varying * (self._ratio_ends[:, None] - 1), axis=0)
        nothing = np.full(len(batch_ids), np.nan)
        share = [*shares.share, count[0], shares.interaction]
        error = [*shares.standard_error, count[1], shares.interaction_error]
        names = [*groups, COUNT, INTERACTION]
        missing = [NOTHING_VARIES if v == 0 else None for v in shares.variance]
        told = [a or b for a, b in zip(reasons or [None] * len(missing), missing, strict=True)]
        frame = pl.DataFrame(
            {
                "batch_id": list(batch_ids) * len(names),
                "route_id": pl.Series([route_id] * len(batch_ids) * len(names), dtype=pl.String),
                "measure": ([measure] * len(batch_ids) if isinstance(measure, str) else measure)
                * len(names),
                "parameter_group": [name for name in names for _ in batch_ids],
                "in_quantiles": [name != COUNT for name in names for _ in batch_ids],
                "first_order_share": np.concatenate(share),
                "standard_error": np.concatenate(error),
                "low": np.concatenate([*(mean + p[0] for p in points), mean + ends[0], nothing]),
                "high": np.concatenate([*(mean + p[2] for p in points), mean + ends[1], nothing]),
                "reason": pl.Series(list(told) * len(names), dtype=pl.String),
            },
            schema=SCHEMA,
        )
        numbers = ("first_order_share", "standard_error", "low", "high")
        return frame.with_columns(pl.col(numbers).fill_nan(None))

    def _count(self, shares: Shares, varying: Means) -> tuple[Means, Means]:
        """What pieces that do not arrive would add, over the variance that is published. [1]"""
        with np.errstate(divide="ignore", invalid="ignore"):
            added = varying**2 * self.terms.received_ratio.variance / shares.variance
        return np.where(shares.variance > 0, added, np.nan), np.full(len(varying), np.nan)


def _ends(given: NDArray[np.floating]) -> Means:
    """Quantiles about the mean, shape (3, batches)."""
    about = (given - given.mean(axis=-1, keepdims=True)).astype(np.float32, copy=False)
    return quantiles(about) if about.any() else np.zeros((3, len(about)))


def _weights(forms: Sequence[Form], columns: Sequence[Series], series: Sequence[Series]) -> Weights:
    """The sums whose content is asked for: rare earths contained, then every form."""
    rare = np.array([float(element in RARE_EARTHS) for _, element in series])
    rows = np.stack([form.weights(columns) for form in forms]) if forms else np.zeros((0, 0))
    per_kg = np.vstack([rare, rows[:, : len(series)]]) if forms else rare[None]
    of_kit = rows[:, list(columns).index(KIT)] if forms else np.zeros(0)
    return Weights(tuple(series), per_kg, np.concatenate([np.zeros(1), of_kit]))
