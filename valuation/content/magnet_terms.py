"""Magnet terms: the magnets of every part as arrays: mean mass, levels of spread, worth of a kg."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from valuation.content.library import Alloy, ContentLibrary, Magnet
from valuation.content.masses import coated_fractions, unit_magnet_mean_kg, vintage_chances
from valuation.content.posterior import Posterior, level_weights
from valuation.frames import PartFrame
from valuation.shapes import MASS, Means, Series
from valuation.uncertain import Spread

UNLISTED: Final = "unlisted/"
Places = NDArray[np.int64]


@dataclass(frozen=True)
class MagnetKind:
    """Magnets of one class, location and chance of vintages, and what a kilogram adds to figures.

    Attributes:
        per_kg: What one kilogram adds, less the materials in whose place it is, shape (figures,).
        per_ree: What a rise of the rare-earth fraction by one adds per kilogram, by vintage.
        per_dy: The same for dysprosium in place of other rare earths.
    """

    class_name: str
    magnet: Magnet
    per_kg: Means
    per_ree: Mapping[str, Means]
    per_dy: Mapping[str, Means]


@dataclass(frozen=True)
class MagnetTerms:
    """Magnets of parts at their locations, one entry each, as arrays of the same length.

    Attributes:
        part: Row of the part.
        kind: Place among the kinds.
        unit_kg: Mean NdFeB mass in one unit, its class in doubt included. [kg]
        family: Place among the families.
        part_number: Place among the part numbers.
        group: Family, class and location together.
        keys: Level errors of the log mass, shape (entries, levels).
        weights: Log-SD of each, same shape. [1]
        learnt: What measurements have taken from the covariance already, as a root.
        weighable: Whether weighing would tell the mass of a named family.
    """

    part: Places
    kind: Places
    unit_kg: Means
    family: Places
    part_number: Places
    group: Places
    keys: Places
    weights: Means
    learnt: Means
    weighable: NDArray[np.bool_]

    def take(self, rows: Places) -> "MagnetTerms":
        """Some of the entries."""
        return MagnetTerms(*(getattr(self, field.name)[rows] for field in fields(self)))

    def covariance(self, of: Places) -> Means:
        """Covariance of the log masses of some entries with all, shape (of, entries). [1]"""
        found = -self.learnt[of] @ self.learnt.T
        for level in range(self.keys.shape[1]):
            same = self.keys[of, level][:, None] == self.keys[None, :, level]
            found += same * self.weights[of, level][:, None] * self.weights[None, :, level]
        return np.asarray(found)


class MagnetCatalogue:
    """Terms of some parts, with the names their places stand for.

    Args:
        library: What classes are made of, after what is measured already.
        parts: Parts.
        series: Series, in the order of the gradients.
        gradients: What one kilogram of each series adds, shape (figures, series).
    """

    def __init__(
        self,
        library: ContentLibrary,
        parts: PartFrame,
        series: Sequence[Series],
        gradients: Means,
    ) -> None:
        self.library, self.gradients = library, gradients
        self.place = {name: i for i, name in enumerate(series)}
        self.kinds: list[MagnetKind] = []
        self._kind_places: dict[tuple[Any, ...], int] = {}
        self._places: dict[tuple[str, Any], int] = {}
        self._counts: dict[str, int] = {}
        self.terms = self._terms(parts)
        self.families = self._names("family")
        self.part_numbers = self._names("part_number")
        known = library.posterior.ndfeb
        self.is_known = np.array([name in known for name in self.part_numbers], bool)
        self.is_named = np.array([not n.startswith(UNLISTED) for n in self.part_numbers], bool)
        shares = [kind.magnet.share_id or "" for kind in self.kinds]
        at = {name: i for i, name in enumerate(sorted({*shares} - {""}))}
        self.share_of_kind = np.array([at.get(name, -1) for name in shares], np.int64)

    @cached_property
    def per_kg(self) -> Means:
        """What a kilogram of each kind adds to each figure, shape (kinds, figures)."""
        return np.array([kind.per_kg for kind in self.kinds])

    def _number(self, what: str, name: object) -> int:
        key = (what, name)
        if key not in self._places:
            self._places[key] = self._counts.get(what, 0)
            self._counts[what] = self._places[key] + 1
        return self._places[key]

    def _names(self, what: str) -> list[str]:
        return [name for of, name in self._places if of == what]

    def _terms(self, parts: PartFrame) -> MagnetTerms:
        posterior = self.library.posterior
        root = _learnt(posterior)
        entries: list[tuple[Any, ...]] = []
        for row, part in enumerate(parts.iter_rows(named=True)):
            there = self.library.held(part["form"], part["kind"])
            for name, magnet, chance in self._magnets(part):
                held = _share(there, magnet.location)
                family = part["family_key"] or f"{UNLISTED}{name}"
                part_key = part["part_key"] or family
                named = level_weights(name, magnet, family)
                learnt = np.zeros(root.shape[1])
                for key in named.keys() & posterior.places.keys():
                    learnt = learnt + named[key] * root[posterior.places[key]]
                is_ndfeb = magnet.share is None or posterior.ndfeb.get(part_key, False)
                entries.append(
                    (
                        row,
                        self._kind(name, magnet, part),
                        held * chance * unit_magnet_mean_kg(self.library, name, magnet, part),
                        self._number("family", family),
                        self._number("part_number", part_key),
                        self._number("group", (name, magnet.location, family)),
                        [self._number("level", key) for key in named],
                        list(named.values()),
                        learnt,
                        is_ndfeb and not family.startswith(UNLISTED),
                    )
                )
        columns = [list(column) for column in zip(*entries, strict=True)]
        part_row, kind, unit_kg, family, number, group, keys, weights, taken, can = columns or (
            [[]] * len(fields(MagnetTerms))
        )
        return MagnetTerms(
            part=np.array(part_row, np.int64),
            kind=np.array(kind, np.int64),
            unit_kg=np.array(unit_kg, np.float64),
            family=np.array(family, np.int64),
            part_number=np.array(number, np.int64),
            group=np.array(group, np.int64),
            keys=np.array(keys, np.int64),
            weights=np.array(weights, np.float64),
            learnt=np.array(taken, np.float64),
            weighable=np.array(can, bool),
        )

    def _magnets(self, part: Mapping[str, Any]) -> list[tuple[str, Magnet, float]]:
        """Magnets a part may have: its class's, and its runner-up's, with the chance of each."""
        found = []
        for name, chance in (
            (part["item_class"], part["confidence"]),
            (part["runner_up"], 1 - part["confidence"]),
        ):
            held = self.library.classes.get(name)
            found += [(name, magnet, chance) for magnet in (held.magnets if held else ())]
        return found

    def _kind(self, class_name: str, magnet: Magnet, part: Mapping[str, Any]) -> int:
        chances = vintage_chances(self.library, magnet, part["launch_year"])
        there = self.library.held(part["form"], part["kind"])
        key = (
            class_name,
            magnet.location,
            tuple(chances.items()),
            part["kind"] if there is not None else None,
        )
        if key not in self._kind_places:
            at = magnet.location
            alloys = {v: self.library.alloy(magnet.alloy_id, v) for v in chances}
            whole = sum(c * self._of_coated(at, alloys[v]) for v, c in chances.items())
            self._kind_places[key] = len(self.kinds)
            self.kinds.append(
                MagnetKind(
                    class_name,
                    magnet,
                    np.asarray(whole - self._displaced(class_name, there)),
                    {v: c * self._in_place(at, alloys[v], "ree") for v, c in chances.items()},
                    {v: c * self._in_place(at, alloys[v], "dy") for v, c in chances.items()},
                )
            )
        return self._kind_places[key]

    def _one(self, stream: str, element: str) -> Means:
        """What one kilogram of a series adds, shape (figures,)."""
        return self.gradients[:, self.place[stream, element]]

    def _of_coated(self, at: str, alloy: Alloy) -> Means:
        parts = coated_fractions(alloy).items()
        return np.asarray(self._one(at, MASS) + sum(f * self._one(at, e) for e, f in parts))

    def _displaced(self, class_name: str, there: Mapping[str, Spread] | None) -> Means:
        """What the kilogram of other materials in whose place a magnet is would have added.

        Of a lot that does not arrive whole, what there is of them.
        """
        found = np.zeros(len(self.gradients))
        item_class = self.library.classes[class_name]
        for material, share in zip(item_class.materials, item_class.share_means, strict=True):
            held = share * _share(there, material.material)
            found = found + held * self._one(material.material, MASS)
            composition = self.library.compositions.get(material.composition_id, {})
            for element, part in composition.items():
                found = found + held * part.mean * self._one(material.material, element)
        return found

    def _in_place(self, at: str, alloy: Alloy, what: str) -> Means:
        """Nd and Pr in the place of iron, or Dy in the place of Nd and Pr, per kg of magnet."""
        pr = alloy.mean_pr_share
        light = (1 - pr) * self._one(at, "nd") + pr * self._one(at, "pr")
        change = light - self._one(at, "fe") if what == "ree" else self._one(at, "dy") - light
        return np.asarray((1 - alloy["coating"].mean) * change)


def _share(there: Mapping[str, Spread] | None, stream: str) -> float:
    """Mean share of a stream that is in a lot; all of it where the lot arrives whole. [1]"""
    if there is None:
        return 1.0
    return there[stream].mean if stream in there else 0.0


def _learnt(posterior: Posterior) -> Means:
    """A root of what measurements took from the covariance, shape (keys, anything). [1]"""
    if not posterior.keys:
        return np.zeros((0, 0))
    values, vectors = np.linalg.eigh(np.eye(len(posterior.keys)) - posterior.covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))
