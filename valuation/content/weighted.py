"""Weighted sums of masses in the making, and the draws that batch after batch asks for again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from valuation.shapes import Means
from valuation.uncertain import Draws, Source

HELD_AT_ONCE = 16
"""Draws of so many masses are kept before they are added up: they are the bulk of memory."""
KEPT_BYTES = 64 * 1024 * 1024
"""Draws of families and part numbers kept from one chunk of batches to the next, at most."""

DIGITS = 9
"""Values per kilogram that agree to so many digits are one value."""


@dataclass
class Kept:
    """Draws of families, part numbers and alloys: batches ask for the same ones again."""

    by_key: dict[tuple[str, int, float], Draws] = field(default_factory=dict)
    held_bytes: int = 0

    def draws(
        self, source: Source, key: str, make: Callable[[Source, str], Draws], spread: float = 0.0
    ) -> Draws:
        """Draws of a key, and of the spread if it has several, made only where they are not held.

        What is made of a key must be the same whoever asks.
        """
        place = (key, source.draws, spread)
        if place in self.by_key:
            return self.by_key[place]
        made = make(source, key)
        if self.held_bytes + made.nbytes <= KEPT_BYTES:
            self.by_key[place] = made
            self.held_bytes += made.nbytes
        return made


@dataclass
class Sums:
    """Draws of weighted sums in the making, shape (sums, batches, draws)."""

    total: Draws
    _masses: list[tuple[Means, Draws]] = field(default_factory=list)
    _shared: list[tuple[Means, Draws]] = field(default_factory=list)

    def add(self, weight: Means, draws: Draws) -> None:
        """Add a mass of shape (batches, draws), at a weight for each sum."""
        if weight.any():
            self._masses.append((weight, draws))
        if len(self._masses) == HELD_AT_ONCE:
            self.add_up()

    def add_shared(self, mass_kg: Means, per_kg: Draws) -> None:
        """Add a mass of each batch times what a kilogram counts, shape (sums, draws), in all."""
        if per_kg.any():
            self._shared.append((mass_kg, per_kg))

    def add_up(self) -> Draws:
        """The total of everything added so far."""
        if self._masses:
            weights = np.stack([weight for weight, _ in self._masses], axis=1)
            draws = np.stack([draws for _, draws in self._masses])
            self.total += np.tensordot(weights.astype(np.float32), draws, axes=1)
        if self._shared:
            masses = np.stack([mass for mass, _ in self._shared], axis=1)
            per_kg = np.stack([per_kg for _, per_kg in self._shared], axis=1)
            for i, each in enumerate(per_kg):
                self.total[i] += masses.astype(np.float32) @ each
        self._masses, self._shared = [], []
        return self.total


def matmul(units: NDArray[np.floating], each: Draws) -> Draws:
    """Sum over parts of units times what each has, shape (batches, draws)."""
    return np.asarray(units.astype(np.float32) @ each, np.float32)


def mean_of_one(log_sd: float, source: Source, key: str) -> Draws:
    """Lognormal draws of mean one under `key`, shape (draws,). [1]"""
    drawn = np.float32(log_sd) * source.normal(key) - np.float32(log_sd**2 / 2)
    return np.asarray(np.exp(drawn), np.float32)


def per_kg_of(worth: Means, mass_kg: Means) -> Means:
    """Worth per kilogram, nothing where there is none; of one or more sums."""
    held = np.where(mass_kg > 0, mass_kg, 1.0)
    divided: Means = (worth.T / held).T
    return np.where((mass_kg > 0).reshape(-1, *[1] * (worth.ndim - 1)), divided, 0.0)


def alike(worth: Means, mean_kg: Means) -> Iterator[tuple[list[int], Means]]:
    """Members whose kilogram counts the same in every sum, and what it counts, shape (sums,)."""
    rows = np.flatnonzero(mean_kg > 0)
    if not rows.size:
        return
    scale = np.maximum(np.abs(worth).max(axis=0), 1e-300)
    rounded = np.round(worth[rows] / scale, DIGITS)
    _, place = np.unique(rounded, axis=0, return_inverse=True)
    for group in range(int(place.max()) + 1):
        found = rows[place.ravel() == group]
        yield found.tolist(), worth[found[0]]
