"""Sums over the batches of interest, of what the summary of a run shows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from valuation.value.rows import Estimate


@dataclass
class Totals:
    """Sums over the batches of interest, draw by draw, of what the summary shows.

    A figure that is not known in one of them has no sum.

    Attributes:
        batches: Batches of interest.
        contained_kg: By element, and of rare earths in fans.
        recovered_kg: By route and product.
        gross_usd: By route and product.
        net_usd: By route.
        no_net: Why a route has no net.
        net_shares: What the net rests on: share of its variance by route and parameter group. [1]
    """

    batches: frozenset[str]
    contained_kg: dict[str, Estimate] = field(default_factory=dict)
    recovered_kg: dict[tuple[str, str], Estimate] = field(default_factory=dict)
    gross_usd: dict[tuple[str, str], Estimate] = field(default_factory=dict)
    net_usd: dict[str, Estimate] = field(default_factory=dict)
    no_net: dict[str, str] = field(default_factory=dict)
    net_shares: dict[str, dict[str, float]] = field(default_factory=dict)

    def add(
        self, sums: dict[Any, Estimate], key: object, batch_ids: Sequence[str], found: Estimate
    ) -> None:
        """Add a chunk's batches of interest to a running sum; nan stays nan."""
        rows = np.array([batch in self.batches for batch in batch_ids])
        if rows.any():
            summed = found.over_batches(rows)
            sums[key] = sums[key] + summed if key in sums else summed
