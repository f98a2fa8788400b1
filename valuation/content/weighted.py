"""Weighted sums of masses in the making, and the draws that batch after batch asks for again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from valuation.parameter_groups import CONTENT_DRAWS
from valuation.shapes import Means
from valuation.uncertain import Draws, Source

HELD_AT_ONCE = 16
"""Draws of so many masses are kept before they are added up: they are the bulk of memory."""
KEPT_BYTES = 64 * 1024 * 1024
"""First draws of families, part numbers and alloys kept for the batches of a run, at most."""
DIGITS = 9
"""Values per kilogram that agree to so many digits are one value."""


@dataclass
class Kept:
    """The first draws under keys of families, part numbers and alloys, as they were drawn.

    The masses of a batch ask for them first, then what depends on one group of parameters, then
    the next batches.
    """

    by_key: dict[tuple[str, int], Draws] = field(default_factory=dict)

    def keep(self, key: str, drawn: Draws) -> None:
        """Keep the first of what was drawn, while there is room."""
        first = drawn[:CONTENT_DRAWS]
        has_room = (len(self.by_key) + 1) * first.nbytes <= KEPT_BYTES
        if has_room and (key, len(first)) not in self.by_key:
            self.by_key[key, len(first)] = first.copy()

    def stacked(
        self, source: Source, keys: Sequence[str], make: Callable[[Source, str], Draws]
    ) -> Draws:
        """Draws of some keys, shape (keys, draws); made where they are not held.

        Args:
            source: How many, and where they come from.
            keys: The keys.
            make: How one is drawn.
        """
        found = np.empty((len(keys), source.draws), np.float32)
        for row, key in zip(found, keys, strict=True):
            held = self.by_key.get((key, source.draws))
            if held is None:
                held = make(source, key)
                self.keep(key, held)
            row[:] = held
        return found


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
