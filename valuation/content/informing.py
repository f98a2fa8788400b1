"""Informing: how much of what is uncertain in a batch one more measurement would explain.

For a figure that is linear in contained mass the expectation given a measurement is known without
draws: log masses and what would be observed are normal together, so each family's mean mass given
an observation y is lognormal in y. The variance of that expectation is what the measurement takes
away on average, whatever it turns out to be.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from valuation.content.assays import log_mean_moments
from valuation.content.library import Alloy
from valuation.content.magnet_terms import MagnetCatalogue, MagnetTerms, Places
from valuation.content.measured import sampling_variance
from valuation.shapes import Means
from valuation.units import SHREDDED, WHOLE

MOST_FAMILIES: Final = 12
"""Families looked at in a batch: those with the most magnet mass."""
MOST_PART_NUMBERS: Final = 8
POWERS: Final = 8
"""Terms of an exponential series; at log-SD 1 those left out are below 1e-5 of the sum."""


@dataclass(frozen=True)
class Effort:
    """How a measurement would be made.

    Attributes:
        pieces: Units of a family weighed, or in a composite; fewer where a batch has fewer. [1]
        weigh_error: SD of the scale's error over the mass. [1]
        assay_error: SD of the instrument's error over the fraction. [1]
    """

    pieces: int
    weigh_error: float
    assay_error: float

    def of(self, units: float) -> int:
        """Pieces that can be had of so many units. [1]"""
        return max(min(self.pieces, int(units)), 1)


@dataclass(frozen=True)
class Candidate:
    """One measurement that could be made in a batch.

    Attributes:
        units: Units of the batch it speaks of. [1]
        magnet_kg: Mean NdFeB mass of those. [kg]
        explained: Variance of each figure's expectation given the outcome, shape (figures,).
        least_variance: Variance of each figure that magnet masses and alloys alone make, shape
            (figures,): a sampled variance of the figure can be less by chance, a true one never.
        log_variance: Variance of the log of a family's magnet mass as known now, where weighed. [1]
        piece_log_variance: Variance of the log of one piece about that. [1]
    """

    method: str
    pieces: int
    units: float
    magnet_kg: float
    explained: Means
    least_variance: Means
    item_class: str
    location: str
    family_key: str | None = None
    part_key: str | None = None
    alloy_id: str | None = None
    vintage: str | None = None
    log_variance: float | None = None
    piece_log_variance: float | None = None

    @cached_property
    def label(self) -> str:
        """What it speaks of, as a text."""
        names = (
            self.family_key,
            self.part_key,
            self.alloy_id,
            self.vintage,
            self.item_class,
            self.location,
        )
        return "/".join(map(str, names))


@dataclass(frozen=True)
class _Held:
    """The magnets of one batch: terms with units, mass, and what each adds to the figures."""

    catalogue: MagnetCatalogue
    terms: MagnetTerms
    units: Means
    kg: Means
    worth: Means

    @cached_property
    def least_variance(self) -> Means:
        """Variance that their masses and alloys alone make of each figure, shape (figures,)."""
        return _mass_variance(self) + _alloy_variance(self)

    @cached_property
    def by_alloy(self) -> dict[tuple[str, str], list[int]]:
        """Which kinds of magnet hold each alloy and vintage, in order of these."""
        found: dict[tuple[str, str], list[int]] = {}
        for k in np.flatnonzero(self.kg_of_kind).tolist():
            for vintage in self.catalogue.kinds[k].per_ree:
                alloy = self.catalogue.kinds[k].magnet.alloy_id, vintage
                found.setdefault(alloy, []).append(k)
        return dict(sorted(found.items()))

    @cached_property
    def kg_of_kind(self) -> Means:
        """Mass of each kind, shape (kinds,). [kg]"""
        return np.asarray(np.bincount(self.terms.kind, self.kg, len(self.catalogue.kinds)), float)

    @cached_property
    def covariance(self) -> Means:
        """Covariance of the log masses of the heaviest families with all, (heaviest, entries)."""
        return self.terms.covariance(self.heaviest)

    @cached_property
    def heaviest(self) -> Places:
        """An entry of each of the families with the most magnet mass that can be weighed."""
        return _first_of(
            self.terms.group, self.kg, np.flatnonzero(self.terms.weighable), MOST_FAMILIES
        )


def candidates(
    catalogue: MagnetCatalogue, units: Means, effort: Effort, form: str = WHOLE
) -> list[Candidate]:
    """Measurements that could be made in a batch; of a shredded one, composites alone.

    Args:
        catalogue: Magnets of all parts.
        units: Units of each part in the batch, shape (parts,). [1]
        effort: How a measurement would be made.
        form: How the batch arrives, one of `FORMS`.
    """
    every = catalogue.terms
    rows = np.flatnonzero(units[every.part] * every.unit_kg > 0)
    if not len(rows):
        return []
    terms = every.take(rows)
    count = units[terms.part]
    kg = count * terms.unit_kg
    held = _Held(catalogue, terms, count, kg, kg[:, None] * catalogue.per_kg[terms.kind])
    makers = [_assayed] if form == SHREDDED else [_weighed, _assayed, _looked_at]
    return [candidate for make in makers for candidate in make(held, effort)]


def _mass_variance(held: _Held) -> Means:
    """Variance that the masses of the heaviest families make of each figure, shape (figures,).

    Of lognormal masses, the sum over pairs of T_i T_j (exp(covariance) - 1).
    """
    terms, at = held.terms, held.heaviest
    if not len(at):
        return np.zeros(held.worth.shape[1])
    worth = np.stack([np.bincount(terms.group, each)[terms.group[at]] for each in held.worth.T], 1)
    of_pairs = np.expm1(held.covariance[:, at])
    return np.asarray((worth * (of_pairs @ worth)).sum(axis=0))


def _alloy_variance(held: _Held) -> Means:
    """Variance that the rare-earth fractions of alloys make of each figure, shape (figures,)."""
    found, catalogue, kg_of = np.zeros(held.worth.shape[1]), held.catalogue, held.kg_of_kind
    for (alloy_id, vintage), of in held.by_alloy.items():
        per_ree = sum(kg_of[k] * catalogue.kinds[k].per_ree[vintage] for k in of)
        total = catalogue.library.alloy(alloy_id, vintage)["ree_total"]
        found = found + np.asarray(per_ree) ** 2 * total.variance
    return np.asarray(found)


def _first_of(groups: Places, kg: Means, allowed: Places, most: int) -> Places:
    """One entry of each of the heaviest groups among those allowed, the heaviest first."""
    mass = np.bincount(groups, kg)
    first = np.full(len(mass), -1)
    first[groups[allowed[::-1]]] = allowed[::-1]
    entries = first[first >= 0]
    return entries[np.argsort(-mass[groups[entries]], kind="stable")][:most]


def _weighed(held: _Held, effort: Effort) -> Iterator[Candidate]:
    """Families weighed: the expectation of sum T exp(u) has variance sum_k (sum T rho^k)^2 / k!.

    T is what a family adds to the figure on average and rho the covariance of its log mass with
    what is observed, over the SD of that.
    """
    catalogue, terms, at = held.catalogue, held.terms, held.heaviest
    if not len(at):
        return
    units, mass = np.bincount(terms.group, held.units), np.bincount(terms.group, held.kg)
    covariance = held.covariance
    now = covariance[np.arange(len(at)), at]
    kinds = [catalogue.kinds[terms.kind[i]] for i in at]
    pieces = [effort.of(units[terms.group[i]]) for i in at]
    scatter = [sampling_variance(k.magnet, n) for k, n in zip(kinds, pieces, strict=True)]
    rho = covariance / np.sqrt(now + scatter + effort.weigh_error**2)[:, None]
    explained, power = np.zeros((len(at), held.worth.shape[1])), np.ones_like(rho)
    for k in range(1, POWERS + 1):
        power = power * rho
        explained += (power @ held.worth) ** 2 / math.factorial(k)
    for i, kind, n, variance, figures in zip(at, kinds, pieces, now, explained, strict=True):
        yield Candidate(
            "weigh",
            n,
            float(units[terms.group[i]]),
            float(mass[terms.group[i]]),
            figures,
            held.least_variance,
            kind.class_name,
            kind.magnet.location,
            family_key=catalogue.families[terms.family[i]],
            log_variance=float(variance),
            piece_log_variance=sampling_variance(kind.magnet, 1),
        )


def _assayed(held: _Held, effort: Effort) -> Iterator[Candidate]:
    """Composites of one alloy and vintage: its rare earths, and dysprosium among them."""
    catalogue, terms, figures = held.catalogue, held.terms, held.worth.shape[1]
    kg_of = held.kg_of_kind
    for (alloy_id, vintage), of in held.by_alloy.items():
        per_ree, per_dy = np.zeros(figures), np.zeros(figures)
        for k in of:
            per_ree = per_ree + kg_of[k] * catalogue.kinds[k].per_ree[vintage]
            per_dy = per_dy + kg_of[k] * catalogue.kinds[k].per_dy[vintage]
        rows = np.isin(np.arange(len(catalogue.kinds)), of)[terms.kind]
        units = float(held.units[rows].sum())
        n = effort.of(units)
        families = min(int(np.count_nonzero(np.bincount(terms.family[rows]))), n)
        alloy = catalogue.library.alloy(alloy_id, vintage)
        heaviest = catalogue.kinds[max(of, key=lambda k: kg_of[k])]
        yield Candidate(
            "assay",
            n,
            units,
            float(kg_of[of].sum()),
            _of_composite(alloy, families, effort.assay_error, per_ree, per_dy),
            held.least_variance,
            heaviest.class_name,
            heaviest.magnet.location,
            alloy_id=alloy_id,
            vintage=vintage,
        )


def _of_composite(
    alloy: Alloy, families: int, assay_error: float, per_ree: Means, per_dy: Means
) -> Means:
    total, dy = alloy["ree_total"], alloy["dy_mean"]
    error = (assay_error * total.mean) ** 2
    known = total.variance**2 / (total.variance + error) if total.variance else 0.0
    explained = per_ree**2 * known
    if dy.log_sd:
        _, scatter = log_mean_moments(alloy["dy_family_shape"].value, families)
        learnt = dy.log_sd**4 / (dy.log_sd**2 + scatter + assay_error**2)
        explained = explained + (per_dy * dy.mean) ** 2 * math.expm1(learnt)
    return np.asarray(explained)


def _looked_at(held: _Held, effort: Effort) -> Iterator[Candidate]:
    """Part numbers looked at by XRF: NdFeB or not, and what that says of the others' chance."""
    del effort  # one piece tells
    catalogue, terms = held.catalogue, held.terms
    of_share = catalogue.share_of_kind[terms.kind]
    in_doubt = (of_share >= 0) & ~catalogue.is_known[terms.part_number]
    allowed = np.flatnonzero(in_doubt & catalogue.is_named[terms.part_number])
    if not len(allowed):
        return
    worth_of_share = {
        share: held.worth[in_doubt & (of_share == share)].sum(axis=0)
        for share in set(of_share[allowed].tolist())
    }
    for i in _first_of(terms.part_number, held.kg, allowed, MOST_PART_NUMBERS):
        kind, share = catalogue.kinds[terms.kind[i]], int(of_share[i])
        chance, seen = kind.magnet.mean_share, sum(kind.magnet.share or (1.0, 1.0))
        same = np.flatnonzero(terms.part_number == terms.part_number[i])
        own = same[in_doubt[same] & (of_share[same] == share)]
        of_own = held.worth[own].sum(axis=0)
        whole = of_own / chance
        others = (worth_of_share[share] - of_own) / chance / (seen + 1)
        yield Candidate(
            "xrf",
            1,
            float(held.units[own].sum()),
            float(held.kg[own].sum()),
            chance * (1 - chance) * (whole + others) ** 2,
            held.least_variance,
            kind.class_name,
            kind.magnet.location,
            part_key=catalogue.part_numbers[terms.part_number[i]],
        )
