"""Measured: what people weighed, assayed or looked at, and the library as it is after that.

Magnet masses (model.md, sections 3 and 6): with log mass = log median + basis + class + family +
piece, a mean over n units is an observation of the first three with an error of its own and one of
its scale, and all of them are normal together, so conditioning is exact. The basis error is updated
too: it is by how much the published figures of every class are wrong together (coating, yoke, mean
against median), and what is weighed here in a stated state is free of it. Its share of the surprise
is that of its variance, the least of the three.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np

from valuation.content.assays import measured_alloys
from valuation.content.library import ContentLibrary, Magnet
from valuation.content.posterior import Posterior, level_weights
from valuation.shapes import Means

MASS_QUANTITIES: Final = ("magnet_mass", "magnet_mass_total")
"""How a file may state a mass: of one unit, or of all that were weighed together."""
ASSAY_QUANTITIES: Final = ("ree_total", "dy")
NDFEB: Final = "ndfeb"
STATES: Final = ("bare", "coated", "with_yoke")
METHODS: Final = {
    "magnet_mass": "weigh", "magnet_mass_total": "weigh", "ree_total": "assay", "dy": "assay",
    NDFEB: "xrf",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One row of a file of measurements, in the units of the model.

    Attributes:
        quantity: `magnet_mass`, `ree_total`, `dy` or `ndfeb`.
        family_key: Model family; None where units of several were measured together.
        n_pieces: Units measured. [1]
        n_families: Families among them. [1]
        value: Magnet mass of one unit [g], fraction of the magnet [kg/kg], or 1 or 0 for NdFeB.
        sd: SD between the units, in the unit of the value; None where it is not stated.
        scale_error: SD of the error of the instrument, over the value. [1]
        scale: What shares that error: the author and the instrument.
        state: `bare` or `coated`; the yoke has been taken off.
        source_id: The file, as a source.
        row: Its row there, the header being 1.
    """

    quantity: str
    item_class: str
    location: str
    family_key: str | None = None
    part_key: str | None = None
    vintage: str | None = None
    state: str = "coated"
    n_pieces: int = 1
    n_families: int = 1
    value: float
    unit: str = "g"
    sd: float | None = None
    scale_error: float = 0.0
    scale: str = ""
    measured_on: date | None = None
    author: str = ""
    note: str | None = None
    source_id: str = "measured"
    row: int = 0

    def magnet(self, library: ContentLibrary) -> Magnet:
        """The magnet location that was measured."""
        magnets = library.classes[self.item_class].magnets
        return next(magnet for magnet in magnets if magnet.location == self.location)


@dataclass(frozen=True)
class Measured:
    """Everything that was measured, in an order of its own: that of the rows does not matter."""

    rows: tuple[Measurement, ...] = ()

    @staticmethod
    def of(rows: Iterable[Measurement]) -> "Measured":
        """Measurements sorted by what they say."""
        return Measured(tuple(sorted(rows, key=_content)))

    @cached_property
    def version(self) -> str:
        """Hash of what was measured; empty when nothing was."""
        text = "\n".join(_content(row) for row in self.rows)
        return hashlib.sha256(text.encode()).hexdigest()[:12] if self.rows else ""

    def apply(self, library: ContentLibrary) -> ContentLibrary:
        """The library after the measurements; itself when there are none."""
        if not self.rows:
            return library
        ndfeb = {r.part_key: r.value > 0 for r in self.rows if r.quantity == NDFEB and r.part_key}
        assays = [row for row in self.rows if row.quantity in ASSAY_QUANTITIES]
        masses = [row for row in self.rows if row.quantity == "magnet_mass"]
        posterior = _conditioned(masses, library)
        classes = dict(library.classes)
        shares = self._shares(library)
        for name, item_class in classes.items():
            if any(magnet.share_id in shares for magnet in item_class.magnets):
                magnets = tuple(
                    replace(m, share=shares.get(m.share_id or "", m.share))
                    for m in item_class.magnets
                )
                classes[name] = replace(item_class, magnets=magnets)
        return replace(
            library,
            classes=classes,
            alloys=measured_alloys(library, assays),
            posterior=replace(posterior, ndfeb=ndfeb),
        )

    def _shares(self, library: ContentLibrary) -> dict[str, tuple[float, float]]:
        """Beta shapes of the shares of NdFeB, one count for each part number looked at."""
        seen: dict[tuple[str, str | None], bool] = {}
        prior: dict[str, tuple[float, float]] = {}
        for row in self.rows:
            magnet = row.magnet(library) if row.quantity == NDFEB else None
            if magnet is not None and magnet.share_id and magnet.share:
                seen[magnet.share_id, row.part_key] = row.value > 0
                prior[magnet.share_id] = magnet.share
        found = {}
        for share_id, (alpha, beta) in prior.items():
            answers = [yes for (of, _), yes in seen.items() if of == share_id]
            found[share_id] = (alpha + sum(answers), beta + len(answers) - sum(answers))
        return found


NOTHING_MEASURED: Final = Measured()


def _content(row: Measurement) -> str:
    """What a row says, apart from the file it stands in."""
    said = asdict(row) | {"source_id": None, "row": None}
    return json.dumps(said, sort_keys=True, default=str)


def sampling_variance(magnet: Magnet, n_pieces: int, sd_share: float = 0.0) -> float:
    """Variance of the log of a mean over units, from the scatter between pieces. [1]

    A mean of n lognormal pieces is taken as lognormal with its exact mean and variance, as where
    batches are drawn. A stated scatter counts where it is more than the model's: of a few pieces it
    is too uncertain to narrow anything.

    Args:
        magnet: The magnet location.
        n_pieces: Units. [1]
        sd_share: SD between the units as stated, over their mean. [1]
    """
    squared = math.expm1(magnet.log_sd["piece"] ** 2) / magnet.rotors
    return math.log1p(max(squared, sd_share**2) / n_pieces)


@dataclass(frozen=True)
class _Observation:
    """A log mass: a weighted sum of errors by key, plus an error of its own."""

    log_excess: float
    weights: Mapping[str, float]
    variance: float


def _observation(row: Measurement, library: ContentLibrary) -> _Observation:
    magnet = row.magnet(library)
    coating = library.alloy(magnet.alloy_id, row.vintage or "any")["coating"]
    value, weights = row.value, level_weights(row.item_class, magnet, row.family_key or "")
    sd_share = (row.sd or 0.0) / row.value
    variance = sampling_variance(magnet, row.n_pieces, sd_share)
    # the model's mass is a mean over pieces, so it lies above the median by half their variance
    log_excess = -(magnet.log_sd["piece"] ** 2) / 2 + variance / 2
    if row.family_key is None:  # several families: their errors are averaged, and are unknown
        weights.pop(next(key for key in weights if key.startswith("family/")))
        family = magnet.log_sd["family"] ** 2
        of_families = math.log1p(math.expm1(family) / row.n_families)
        log_excess += of_families / 2 - family / 2
        variance += of_families
    if row.state == "bare":
        weights[f"coating/{magnet.alloy_id}"] = math.sqrt(coating.variance) / (1 - coating.mean)
        value = row.value / (1 - coating.mean)
    weights[f"scale/{row.scale}"] = row.scale_error
    log_excess += math.log(value / (magnet.rotors * magnet.median_g))
    return _Observation(log_excess, weights, variance)


SURPRISING: Final = 4.0
"""Standard deviations from what was expected from which a mass is doubted aloud."""


def surprises(measured: Measured, library: ContentLibrary) -> list[str]:
    """Masses so far from what was expected that they may be of something else, as sentences.

    Args:
        measured: What was measured.
        library: What classes are made of, without it.
    """
    told = []
    for row in measured.rows:
        if row.quantity != "magnet_mass":
            continue
        observed = _observation(row, library)
        sd = math.sqrt(sum(w**2 for w in observed.weights.values()) + observed.variance)
        if abs(observed.log_excess) > SURPRISING * sd:
            told.append(
                f"{row.source_id}, row {row.row}: {row.value:.4g} g of magnet in one unit of "
                f"{row.family_key or row.item_class} is {math.exp(observed.log_excess):.2g} times "
                "what was expected; is it the mass of one unit, without its yoke?"
            )
    return told


def _conditioned(rows: Sequence[Measurement], library: ContentLibrary) -> Posterior:
    """Level errors given the masses that were weighed: exact normal conditioning.

    With errors z of unit variance and observations y = A z + e, the mean is A' S^-1 y and the
    covariance I - A' S^-1 A, where S = A A' + var(e). Errors of scales and coatings are among z and
    are left out of what is told.
    """
    if not rows:
        return Posterior()
    observed = [_observation(row, library) for row in rows]
    keys = sorted({key for one in observed for key in one.weights}, key=_by_level)
    place = {key: i for i, key in enumerate(keys)}
    weights: Means = np.zeros((len(observed), len(keys)))
    for i, one in enumerate(observed):
        for key, weight in one.weights.items():
            weights[i, place[key]] = weight
    own = np.diag([one.variance for one in observed])
    gain = np.linalg.solve(weights @ weights.T + own, weights).T
    mean = gain @ np.array([one.log_excess for one in observed])
    covariance = np.eye(len(keys)) - gain @ weights
    told = [i for i, key in enumerate(keys) if key.split("/", maxsplit=1)[0] in LEVELS]
    held = covariance[np.ix_(told, told)]
    return Posterior(tuple(keys[i] for i in told), mean[told], (held + held.T) / 2)


LEVELS: Final = ("basis", "class", "family")


def _by_level(key: str) -> tuple[int, str]:
    """Shared levels first, so that a root of the covariance moves them least."""
    level = key.split("/", maxsplit=1)[0]
    return (LEVELS.index(level) if level in LEVELS else len(LEVELS), key)
