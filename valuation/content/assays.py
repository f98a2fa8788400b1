"""Assays: alloy rows after composites of a lot were analysed; they move shared means alone.

A composite says what a vintage's magnets hold on average. How single magnets scatter around that,
by family, it does not say, so those spreads stay as they are (model.md, section 6).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from valuation.uncertain import CI90_WIDTH, Spread

if TYPE_CHECKING:
    from valuation.content.library import Alloy, ContentLibrary
    from valuation.content.measured import Measurement

REPEATABILITY = 1e-6
"""Least variance of one assay by itself, over that of the mean it tells of: keeps rows apart."""
STEP = 1e-3
"""Step of the differences by which the derivatives of log gamma are taken; right to 1e-6."""


def log_mean_moments(shape: float, families: int) -> tuple[float, float]:
    """Mean and variance of the log of a mean over families, each Gamma of mean one. [1]

    A sum of Gammas of one scale is a Gamma, so they are the first two derivatives of log gamma.

    >>> [round(x, 3) for x in log_mean_moments(0.7, 1)]
    [-0.863, 2.834]
    """
    total = shape * families
    below, at, above = (math.lgamma(total + step) for step in (-STEP, 0, STEP))
    return (above - below) / (2 * STEP) - math.log(total), (above - 2 * at + below) / STEP**2


def measured_alloys(
    library: "ContentLibrary", rows: "Sequence[Measurement]"
) -> "Mapping[tuple[str, str], Alloy]":
    """Every alloy, with the means of those that were analysed updated by a conjugate normal."""
    alloys = dict(library.alloys)
    by_mean: dict[tuple[str, str, str], list[Measurement]] = {}
    for row in rows:
        alloy_id = row.magnet(library).alloy_id
        by_mean.setdefault((alloy_id, row.vintage or "any", row.quantity), []).append(row)
    for (alloy_id, vintage, quantity), found in by_mean.items():
        alloy = alloys.get((alloy_id, vintage)) or library.alloy(alloy_id, vintage)
        name, update = ("dy_mean", _dy) if quantity == "dy" else ("ree_total", _ree_total)
        rows_now = dict(alloy.rows) | {name: update(alloy, found)}
        alloys[alloy_id, vintage] = replace(alloy, rows=rows_now)
    return alloys


def _of_bare(alloy: "Alloy", row: "Measurement") -> float:
    """Fraction of bare alloy: a coating holds no rare earths. [kg/kg]"""
    return row.value if row.state == "bare" else row.value / (1 - alloy["coating"].mean)


def _ree_total(alloy: "Alloy", rows: "Sequence[Measurement]") -> Spread:
    before = alloy["ree_total"]
    values = np.array([_of_bare(alloy, row) for row in rows])
    own = [(row.sd or 0.0) ** 2 / row.n_pieces for row in rows]
    mean, sd = _normal(before.mean, before.variance, values, own, rows, before.mean)
    if before.kind == "ci90_beta":
        half = CI90_WIDTH / 2 * sd
        return Spread(mean, mean - half, mean + half, "ci90_beta")
    return Spread(mean, mean - sd, mean + sd, "sd_normal")


def _dy(alloy: "Alloy", rows: "Sequence[Measurement]") -> Spread:
    """Median and log-SD of the Dy mean; how families scatter makes few of them say little."""
    before = alloy["dy_mean"]
    shape = alloy["dy_family_shape"].value
    moments = [log_mean_moments(shape, row.n_families) for row in rows]
    logs = [
        math.log(_of_bare(alloy, row)) - mean for row, (mean, _) in zip(rows, moments, strict=True)
    ]
    own = [
        variance + math.log1p(((row.sd or 0.0) / row.value) ** 2 / row.n_pieces)
        for row, (_, variance) in zip(rows, moments, strict=True)
    ]
    log_mean, sd = _normal(math.log(before.value), before.log_sd**2, np.array(logs), own, rows, 1.0)
    factor = math.exp(CI90_WIDTH / 2 * sd)
    median = math.exp(log_mean)
    return Spread(median, median / factor, median * factor, "ci90_lognormal")


def _normal(
    mean: float,
    variance: float,
    values: np.ndarray,
    own: Sequence[float],
    rows: "Sequence[Measurement]",
    scale_weight: float,
) -> tuple[float, float]:
    """Mean and SD of a normal after observations that share the errors of their instruments.

    Rows of one instrument that state no scatter of their own are taken as their average.
    """
    scales = sorted({row.scale for row in rows})
    by_scale = np.zeros((len(rows), len(scales)))
    for i, row in enumerate(rows):
        by_scale[i, scales.index(row.scale)] = row.scale_error * scale_weight
    alone = np.maximum(np.asarray(own, np.float64), REPEATABILITY * variance)
    error = np.diag(alone) + by_scale @ by_scale.T
    gain = np.linalg.solve(variance + error, np.full(len(rows), variance))
    return float(mean + gain @ (values - mean)), math.sqrt(max(variance * (1 - gain.sum()), 0.0))
