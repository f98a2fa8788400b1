"""Posterior: the levels of spread after measurements: shifted, narrowed, and no longer independent.

Before them every level error is a standard normal of its own. After them those that were touched
are normal together, with a mean and a covariance; the others are as they were.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from valuation.shapes import Means
from valuation.uncertain import Draws, Source

if TYPE_CHECKING:
    from valuation.content.library import Magnet

ROUNDING = 1e-10
"""Added to variances before a root is taken: what is pinned leaves no more than this."""


def level_weights(class_name: str, magnet: "Magnet", family_key: str) -> dict[str, float]:
    """Log-SD of the shared levels of one family's magnet mass, by the text key each is drawn by."""
    return {
        f"basis/{magnet.basis_key}": magnet.log_sd["basis"],
        f"class/{class_name}/{magnet.location}": magnet.log_sd["class"],
        f"family/{magnet.location}/{family_key}": magnet.log_sd["family"],
    }


def ndfeb_key(part_key: str) -> str:
    """Text key by which a part number is drawn to be NdFeB or not."""
    return f"ndfeb/{part_key}"


def nothing() -> Means:
    """An empty vector."""
    return np.zeros(0)


@dataclass(frozen=True)
class Posterior:
    """What measurements made of the level errors, and of part numbers that were looked at.

    Attributes:
        keys: Level errors that were touched, in the order of the arrays.
        mean: Their means, shape (keys,). [1]
        covariance: Their covariance, shape (keys, keys). [1]
        ndfeb: Whether a part number's magnets are NdFeB, where that was looked at.
    """

    keys: tuple[str, ...] = ()
    mean: Means = field(default_factory=nothing)
    covariance: Means = field(default_factory=lambda: np.zeros((0, 0)))
    ndfeb: Mapping[str, bool] = field(default_factory=dict)

    @cached_property
    def places(self) -> dict[str, int]:
        """Place of each key in the arrays."""
        return {key: i for i, key in enumerate(self.keys)}

    def log_moments(self, weights: Mapping[str, float]) -> tuple[float, float]:
        """Mean and variance of a weighted sum of level errors. [1]"""
        touched = {self.places[k]: w for k, w in weights.items() if k in self.places}
        variance = sum(w**2 for k, w in weights.items() if k not in self.places)
        if not touched:
            return 0.0, variance
        at, by = list(touched), np.array(list(touched.values()))
        held = self.covariance[np.ix_(at, at)]
        return float(by @ self.mean[at]), variance + float(by @ held @ by)

    def mean_g(self, class_name: str, magnet: "Magnet", family_key: str, part_key: str) -> float:
        """Mean NdFeB mass of one unit over all levels: exp(mean + variance/2) of its log. [g]"""
        share = magnet.mean_share
        if magnet.share is not None and part_key in self.ndfeb:
            share = float(self.ndfeb[part_key])
        weights = level_weights(class_name, magnet, family_key)
        if share == magnet.mean_share and not weights.keys() & self.places.keys():
            return magnet.mean_g
        mean, variance = self.log_moments(weights)
        variance += magnet.log_sd["piece"] ** 2
        return magnet.rotors * magnet.median_g * math.exp(mean + variance / 2) * share

    def given(self, source: Source) -> dict[str, tuple[float, Draws]]:
        """Draws of everything touched, made of the normals its keys had before.

        The mean plus a lower root of the covariance times those normals: the same draw index stays
        as near to the world it was as the measurements allow.
        """
        found = {
            ndfeb_key(part): (0.0 if yes else 1.0, np.full(source.draws, not yes, np.float32))
            for part, yes in self.ndfeb.items()
        }
        if not self.keys:
            return found
        root = np.linalg.cholesky(self.covariance + ROUNDING * np.eye(len(self.keys)))
        before = np.stack(
            [source.generator(k).standard_normal(source.draws, dtype=np.float32) for k in self.keys]
        )
        after = (self.mean[:, None] + root @ before).astype(np.float32)
        after.setflags(write=False)
        return found | {
            key: (float(mean), draws)
            for key, mean, draws in zip(self.keys, self.mean, after, strict=True)
        }


PRIOR = Posterior()
"""Nothing was measured."""
