"""Uncertain quantities: spreads as rows give them, and draws keyed by text.

Every parameter draws from Philox keyed by BLAKE2b(seed, key), so adding a batch, a route or a file
changes no other draw, and the same draw index is the same world everywhere (model.md, section 3).
"""

import hashlib
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from statistics import NormalDist
from typing import cast

import numpy as np
from numpy.typing import NDArray

from valuation.errors import TableError
from valuation.threads import in_threads

Draws = NDArray[np.float32]

CI90_WIDTH = 2 * NormalDist().inv_cdf(0.95)
"""Distance between the 5 % and 95 % points of a standard normal, 3.29."""
QUANTILES = (0.1, 0.5, 0.9)
SORTED_AT_ONCE = 2**16
"""Draws that one thread sorts in one go."""
RANGE_CONCENTRATION = 6.0
"""alpha + beta of a Beta laid on a stated range, as in PERT: the range ends are improbable."""


_REUSED = threading.local()

STANDARD_NORMAL = "standard normal"
"""Unit of a level error as drawn, before its log-SD."""


@dataclass(frozen=True)
class Source:
    """Where draws come from: a seed and a number of draws.

    Attributes:
        noted: Shared parameters drawn so far, by key: mean, draws and unit. The store keeps
            these; errors of unlisted families, part numbers, items and pieces follow from keys.
        drawn: Draws of each spread under its key: classes and batches that share it ask again.
        given: Mean and draws of parameters that were measured, by key: what `normal` and `uniform`
            give in place of what nobody looked at.
        told: Told of everything that is drawn, with its key, before anybody makes anything of it.
    """

    seed: int
    draws: int
    noted: dict[str, tuple[float, Draws, str]] = field(
        default_factory=dict, compare=False, repr=False
    )

    drawn: dict[tuple[str, "Spread"], Draws] = field(
        default_factory=dict, compare=False, repr=False
    )
    given: dict[str, tuple[float, Draws]] = field(default_factory=dict, compare=False, repr=False)
    told: Callable[[str, Draws], None] | None = field(default=None, compare=False, repr=False)

    def tell(self, key: str, drawn: Draws) -> Draws:
        """Tell of what was drawn under a key, and return it."""
        if self.told is not None:
            self.told(key, drawn)
        return drawn

    def note(self, key: str, mean: float, draws: Draws, unit: str = "1") -> Draws:
        """Keep a shared parameter, and return its draws."""
        self.noted[key] = (mean, draws, unit)
        return draws

    def shared_normal(self, key: str) -> Draws:
        """Standard normal draws of a parameter that whole classes or factors share."""
        mean, _ = self.given.get(key, (0.0, None))
        return self.note(key, mean, self.normal(key), STANDARD_NORMAL)

    def generator(self, key: str) -> np.random.Generator:
        """A generator that belongs to `key` alone."""
        bits = np.random.Philox(key=int.from_bytes(self._digest(key), "little"))
        return np.random.Generator(bits)

    def stream(self, key: str) -> np.random.Generator:
        """The generator of `key`, good until the same thread asks for the next one.

        Setting one back takes a tenth of the time that making one takes.
        """
        if type(self) is not Source:  # one that has generators of its own
            return self.generator(key)
        if not hasattr(_REUSED, "bits"):
            _REUSED.bits = np.random.Philox(key=0)
            _REUSED.state = _REUSED.bits.state
            _REUSED.generator = np.random.Generator(_REUSED.bits)
        _REUSED.state["state"]["key"] = np.frombuffer(self._digest(key), np.dtype("<u8"))
        _REUSED.bits.state = _REUSED.state
        return cast(np.random.Generator, _REUSED.generator)

    def _digest(self, key: str) -> bytes:
        return hashlib.blake2b(f"{self.seed}\x1f{key}".encode(), digest_size=16).digest()

    def normal(self, key: str) -> Draws:
        """Standard normal draws of `key`, shape (draws,); as measured where it was."""
        if key in self.given:
            return self.given[key][1]
        return self.tell(key, self.stream(key).standard_normal(self.draws, dtype=np.float32))

    def uniform(self, key: str) -> Draws:
        """Uniform draws of `key` on [0, 1), shape (draws,); 0 or 1 where it was looked at."""
        if key in self.given:
            return self.given[key][1]
        return self.tell(key, self.stream(key).random(self.draws, dtype=np.float32))


@dataclass(frozen=True)
class Spread:
    """One uncertain number as a row of `data/` states it.

    Args:
        value: Median (`ci90_lognormal`) or mean (every other kind), in the row's unit.
        low: 5 % point, lower end or mean less one SD, as `kind` says.
        high: 95 % point, upper end or mean plus one SD.
        kind: `exact`, `ci90_lognormal`, `ci90_beta`, `range_beta` or `sd_normal`.

    Raises:
        ValueError: Unknown kind, or limits that do not enclose the value.

    >>> round(Spread(17, 9.5, 30, "ci90_lognormal").mean, 2)
    18.07
    """

    value: float
    low: float | None
    high: float | None
    kind: str

    def __post_init__(self) -> None:
        if self.kind == "exact":
            return
        if self.kind not in ("ci90_lognormal", "ci90_beta", "range_beta", "sd_normal"):
            raise ValueError(f"spread_kind `{self.kind}` is not known")
        if self.low is None or self.high is None or not self.low <= self.value <= self.high:
            raise ValueError(f"{self.value} does not lie in {self.low} to {self.high}")

    @property
    def is_exact(self) -> bool:
        """Whether the number has no spread."""
        return self.kind == "exact" or self.low == self.high

    @cached_property
    def log_sd(self) -> float:
        """SD of the logarithm of a lognormal spread."""
        return 0.0 if self.is_exact else math.log(self._high / self._low) / CI90_WIDTH

    @cached_property
    def mean(self) -> float:
        """Exact mean."""
        if self.kind == "ci90_lognormal":
            return self.value * math.exp(self.log_sd**2 / 2)
        if self.kind == "range_beta" and not self.is_exact:
            alpha, beta = self.beta_shape
            return self._low + (self._high - self._low) * alpha / (alpha + beta)
        return self.value

    @cached_property
    def inverse_mean(self) -> float | None:
        """Exact mean of one over the number; None where it has none that is finite.

        For a Beta on a range above zero it is the Gauss series 2F1(1, alpha; alpha + beta; -w) over
        the low end, w being the range over it; Euler's form of it converges for every w.
        (NIST Digital Library of Mathematical Functions, 15.8.1.)
        """
        if self.is_exact or self.kind == "ci90_lognormal":
            return math.exp(self.log_sd**2 / 2) / self.value
        if self.kind != "range_beta" or self._low <= 0:
            return None
        alpha, beta = self.beta_shape
        share = 1 - self._low / self._high
        total, term, k = 0.0, 1.0, 0
        while term > 1e-17 * total:
            total += term
            term *= share * (beta + k) / (alpha + beta + k)
            k += 1
        return total / self._high

    @property
    def variance(self) -> float:
        """Exact variance."""
        if self.is_exact:
            return 0.0
        if self.kind == "ci90_lognormal":
            return self.mean**2 * math.expm1(self.log_sd**2)
        if self.kind == "sd_normal":
            return ((self._high - self._low) / 2) ** 2
        alpha, beta = self.beta_shape
        unit = alpha * beta / ((alpha + beta) ** 2 * (alpha + beta + 1))
        return unit * (self._high - self._low) ** 2 if self.kind == "range_beta" else unit

    @cached_property
    def beta_shape(self) -> tuple[float, float]:
        """alpha and beta of a Beta spread: on [low, high] for `range_beta`, else on [0, 1]."""
        if self.kind == "range_beta":
            position = (self.value - self._low) / (self._high - self._low)
            position = min(max(position, 0.05), 0.95)
            return RANGE_CONCENTRATION * position, RANGE_CONCENTRATION * (1 - position)
        sd = (self._high - self._low) / CI90_WIDTH
        total = max(self.value * (1 - self.value) / sd**2 - 1, 0.1)
        return total * self.value, total * (1 - self.value)

    def draw(self, source: Source, key: str, unit: str = "1") -> Draws:
        """Draws of this number under `key`, shape (draws,), in the row's unit; noted as shared."""
        if (key, self) not in source.drawn:
            draws = self._drawn(source, key)
            draws.setflags(write=False)  # every caller gets the same ones
            source.drawn[key, self] = draws
        return source.note(key, self.mean, source.drawn[key, self], unit)

    def _drawn(self, source: Source, key: str) -> Draws:
        if self.is_exact:
            return np.full(source.draws, self.value, np.float32)
        if self.kind == "ci90_lognormal":
            return np.asarray(self.value * np.exp(self.log_sd * source.normal(key)), np.float32)
        if self.kind == "sd_normal":
            sd = (self._high - self._low) / 2
            return np.asarray(self.value + sd * source.normal(key), np.float32)
        alpha, beta = self.beta_shape
        unit = beta_draws(source, key, alpha, beta)
        if self.kind == "range_beta":
            return np.asarray(self._low + (self._high - self._low) * unit, np.float32)
        return unit

    @property
    def _low(self) -> float:
        assert self.low is not None
        return self.low

    @property
    def _high(self) -> float:
        assert self.high is not None
        return self.high


def spread_of(row: Mapping[str, object], unit: float = 1.0) -> Spread:
    """The spread a fact row of `data/` states (value, low, high, spread_kind), times `unit`.

    Raises:
        TableError: The row has no value, or its limits do not enclose it.
    """

    def number(name: str) -> float | None:
        value = row[name]
        return None if value is None else float(str(value)) * unit

    try:
        value = number("value")
        if value is None:
            raise ValueError("no value")
        return Spread(value, number("low"), number("high"), str(row["spread_kind"]))
    except ValueError as error:
        key = ", ".join(str(v) for v in list(row.values())[:4])
        raise TableError(f"The row {key}: {error}.") from error


def beta_draws(source: Source, key: str, alpha: float, beta: float) -> Draws:
    """Beta draws of `key`, shape (draws,). [1]"""
    drawn = source.stream(key).beta(alpha, beta, source.draws)
    return source.tell(key, np.asarray(drawn, np.float32))


def gamma_draws(source: Source, key: str, shape: float) -> Draws:
    """Gamma draws of mean one under `key`, shape (draws,). [1]"""
    drawn = source.stream(key).gamma(shape, 1 / shape, source.draws)
    return source.tell(key, np.asarray(drawn, np.float32))


def quantiles(draws: NDArray[np.floating], axis: int = -1) -> NDArray[np.float64]:
    """P10, P50 and P90 along an axis, stacked first: shape (3, ...); nan where any draw is.

    Linear between order statistics, as numpy's default. Sorting is faster than looking for the six
    draws that count, many times so where most draws of a row are equal, as of fans they are.
    """
    apart = np.ascontiguousarray(np.moveaxis(draws, axis, -1))
    if np.shares_memory(apart, draws):
        apart = apart.copy()
    rows = apart.reshape(-1, apart.shape[-1])
    found = np.empty((len(QUANTILES), len(rows)))
    at_once = max(SORTED_AT_ONCE // rows.shape[1], 1)
    some = [slice(start, start + at_once) for start in range(0, len(rows), at_once)]
    in_threads([partial(_by_sorting, rows[s], found[:, s]) for s in some])
    return found.reshape(len(QUANTILES), *apart.shape[:-1])


def _by_sorting(rows: NDArray[np.floating], found: NDArray[np.float64]) -> None:
    """Fill in the quantiles of each row, whose draws lose their order: nan is the largest."""
    rows.sort(axis=-1)
    last = rows.shape[1] - 1
    for i, share in enumerate(QUANTILES):
        at = int(share * last)
        value = _between(share * last - at, rows[:, at], rows[:, min(at + 1, last)])
        found[i] = np.where(np.isnan(rows[:, last]), np.nan, value)


def _between(
    part: float, low: NDArray[np.floating], high: NDArray[np.floating]
) -> NDArray[np.float64]:
    lower = low.astype(np.float64)
    return np.asarray(lower + part * (high.astype(np.float64) - lower))
