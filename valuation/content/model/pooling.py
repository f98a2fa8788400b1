"""Pooling: one number from what several research groups say of it, each group counted once.

y_i ~ Normal(theta_i, s_i), theta_i ~ mu + tau x Student t, tau ~ half-normal: the random-effects
model of meta-analysis with heavy tails between groups, so that an outlying group pulls less than
it would on a Gaussian (Lee & Thompson 2008, Stat. Med. 27, 418-434; Roever 2020, J. Stat. Softw.
93(6)). mu and tau lie on a grid and the t is a mixture of normals over its precision: nothing is
drawn, so the same readings give the same figures.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

Grid = NDArray[np.float64]

MU_POINTS: Final = 201
TAU_POINTS: Final = 31
PRECISION_POINTS: Final = 25
TAU_REACH: Final = 5.0
"""End of the grid of tau, in scales of its prior: beyond lie 6e-7 of a half-normal."""
MU_REACH: Final = 12.0
"""End of the grid of mu beyond the outermost readings, in errors and scales of tau."""
LOG_PRECISION: Final = (-9.0, 3.5)
"""Ends of the grid of the logarithm of the t's precision."""
NORMAL_REACH: Final = 8.0
NORMAL_POINTS: Final = 8001
"""Table of the normal distribution: linear between points 0.002 apart, right to 1e-7."""


@dataclass(frozen=True, order=True)
class Reading:
    """What one row, or one group, says of a quantity on the scale it is pooled on.

    Attributes:
        estimate: The number.
        error: One SD of it, above zero.
        group_id: Research group: readings of one group are not independent.
    """

    estimate: float
    error: float
    group_id: str


@dataclass(frozen=True)
class Between:
    """What is taken for granted of the differences between groups.

    Attributes:
        tau_scale: Scale of the half-normal prior of tau.
        degrees_of_freedom: Of the Student t between groups; infinity gives a Gaussian.
    """

    tau_scale: float
    degrees_of_freedom: float


@dataclass(frozen=True)
class Normal:
    """A prior of the pooled mean that does not rest on the readings."""

    mean: float
    sd: float


def by_group(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """One reading per group, in order of group.

    Readings of a group are weighted by 1/error^2. Their errors are taken as one, so that many rows
    of a group say no more than one; what they differ by is added in quadrature.
    """
    groups: dict[str, list[Reading]] = {}
    for reading in sorted(readings):
        groups.setdefault(reading.group_id, []).append(reading)
    return tuple(_combined(groups[name]) for name in sorted(groups))


def _combined(readings: list[Reading]) -> Reading:
    if len(set(readings)) == 1:
        return readings[0]
    estimates = np.array([r.estimate for r in readings])
    errors = np.array([r.error for r in readings])
    weights = errors**-2 / (errors**-2).sum()
    mean = float(weights @ estimates)
    scatter = float(weights @ (estimates - mean) ** 2)
    error = math.hypot(float(weights @ errors), math.sqrt(scatter))
    return Reading(mean, error, readings[0].group_id)


@dataclass(frozen=True)
class Pooled:
    """The pooled quantity, on its scale: what the groups say of the mean of all groups.

    Attributes:
        readings: One per group, in order of group.
        mu: Points of the grid of the mean, shape (mu,).
        tau: Points of the grid of the SD between groups, shape (tau,).
        weight: Posterior weight of each point, shape (mu, tau); adds up to 1.
        sway: Change of the mean per change of each reading, shape (groups,).
        spread: Precisions of the t and their weights, shape (2, precisions).
    """

    readings: tuple[Reading, ...]
    mu: Grid
    tau: Grid
    weight: Grid
    sway: Grid
    spread: Grid

    @cached_property
    def mean(self) -> float:
        """Posterior mean of the mean over groups."""
        return float(self.weight.sum(axis=1) @ self.mu)

    @cached_property
    def sd(self) -> float:
        """Posterior SD of the mean over groups."""
        return math.sqrt(float(self.weight.sum(axis=1) @ (self.mu - self.mean) ** 2))

    @cached_property
    def tau_mean(self) -> float:
        """Posterior mean of the SD between groups: the scale of the t."""
        return float(self.weight.sum(axis=0) @ self.tau)

    @cached_property
    def new_group_sd(self) -> float:
        """SD of what a new group would find without an error of its own."""
        precision, share = self.spread
        variance = float(self.weight.sum(axis=0) @ self.tau**2) * float(share @ (1 / precision))
        return math.sqrt(self.sd**2 + variance)

    def chance_below(self, estimate: float, error: float) -> float:
        """Chance that a new group with this error reads less: its probability integral transform.

        Args:
            estimate: What it read.
            error: Its own error, one SD.
        """
        precision, share = self.spread
        sd = np.sqrt(error**2 + self.tau[:, None] ** 2 / precision)
        z = (estimate - self.mu)[:, None, None] / sd
        below = np.interp(z, *_normal_table())
        return float(np.einsum("mt,mtk,k->", self.weight, below, share))


def pool(readings: Sequence[Reading], between: Between, prior: Normal | None = None) -> Pooled:
    """Pool what groups say of one quantity.

    Args:
        readings: At least one; rows of one group are combined first.
        between: How groups may differ.
        prior: A prior of the mean that is independent of the readings; flat when None.

    Raises:
        ValueError: No reading, or an error or scale that is not above zero.
    """
    groups = by_group(readings)
    if not groups:
        raise ValueError("there is no reading to pool")
    if between.tau_scale <= 0 or any(r.error <= 0 for r in groups):
        raise ValueError("errors and the scale of tau must be above zero")
    estimates = np.array([r.estimate for r in groups])
    errors = np.array([r.error for r in groups])
    reach = MU_REACH * (between.tau_scale + errors.max())
    mu = np.linspace(estimates.min() - reach, estimates.max() + reach, MU_POINTS)
    # closer together near zero, where the likelihood changes fastest
    root = np.linspace(0, math.sqrt(TAU_REACH), TAU_POINTS)
    tau = between.tau_scale * root**2
    spread = _precisions(between.degrees_of_freedom)
    log_weight = -0.5 * root[None, :] ** 4 + np.log(np.maximum(root, 1e-300))[None, :]
    log_weight = np.repeat(log_weight, MU_POINTS, axis=0)
    if prior is not None:
        log_weight = log_weight - 0.5 * ((mu - prior.mean) / prior.sd)[:, None] ** 2
    slopes = []
    for estimate, error in zip(estimates, errors, strict=True):
        log_density, slope = _density(estimate - mu, error, tau, spread)
        log_weight = log_weight + log_density
        slopes.append(slope)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    off = (mu - float(weight.sum(axis=1) @ mu))[:, None]
    sway = np.array([float((weight * off * slope).sum()) for slope in slopes])
    return Pooled(groups, mu, tau, weight, sway, spread)


@cache
def _normal_table() -> tuple[Grid, Grid]:
    """Points of a standard normal and the chance below each; numpy has no error function."""
    points = np.linspace(-NORMAL_REACH, NORMAL_REACH, NORMAL_POINTS)
    chances = [0.5 * (1 + math.erf(z / math.sqrt(2))) for z in points.tolist()]
    return points, np.array(chances)


def _precisions(degrees_of_freedom: float) -> Grid:
    """Precisions of a Student t as a mixture of normals, and the share of each, shape (2, n).

    A Gamma of mean one, on an even grid of its logarithm: the trapezoid rule is exact to far more
    digits than are shown, as the integrand falls to nothing at both ends.
    """
    if math.isinf(degrees_of_freedom):
        return np.ones((2, 1))
    log_precision = np.linspace(*LOG_PRECISION, PRECISION_POINTS)
    half = degrees_of_freedom / 2
    log_share = half * (log_precision - np.exp(log_precision))
    share = np.exp(log_share - log_share.max())
    return np.stack([np.exp(log_precision), share / share.sum()])


def _density(off: Grid, error: float, tau: Grid, spread: Grid) -> tuple[Grid, Grid]:
    """Log density of a reading on the grid, and its slope by the reading, shape (mu, tau) each."""
    precision, share = spread
    variance = error**2 + tau[:, None] ** 2 / precision  # (tau, precisions)
    scaled = off[:, None, None] ** 2 / variance
    log_parts = np.log(share) - 0.5 * (np.log(variance) + scaled)
    top = log_parts.max(axis=2)
    parts = np.exp(log_parts - top[:, :, None])
    density = parts.sum(axis=2)
    slope = -off[:, None] * (parts / variance).sum(axis=2) / density
    return top + np.log(density), slope
