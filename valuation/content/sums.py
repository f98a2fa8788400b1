"""Sums over classes in some batches, and what series they become.

What differs between classes is summed first, by alloy and by composition; the fractions that
classes share are taken once, of the sums. All arrays have the shape (batches, draws).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from valuation.content.library import Alloy, ContentLibrary, ItemClass, Magnet
from valuation.shapes import BARE_MASS, MASS, Series
from valuation.uncertain import Draws, Source, beta_draws


@dataclass
class MagnetTotals:
    """Magnets of one location of one class in some batches.

    Attributes:
        mass_kg: By alloy vintage, each of shape (batches, draws). [kg]
        square_kg2: Sum over units of squared mass per unit, shape (batches, draws). [kg2]
        dy_kg: Dysprosium before the coating is taken off; None where the alloy holds none. [kg]
        pr_kg: Praseodymium, the same. [kg]
    """

    magnet: Magnet
    mass_kg: dict[str, Draws]
    square_kg2: Draws
    dy_kg: Draws | None
    pr_kg: Draws

    def add(self, other: "MagnetTotals") -> None:
        """Add the magnets of further units of the class."""
        for vintage, mass in other.mass_kg.items():
            _add(self.mass_kg, vintage, mass)
        self.square_kg2 += other.square_kg2
        self.pr_kg += other.pr_kg
        if other.dy_kg is not None:
            self.dy_kg = other.dy_kg if self.dy_kg is None else self.dy_kg + other.dy_kg

    def scatter(self, normals: Draws) -> None:
        """Multiply by the scatter between pieces, a factor of mean one.

        Lognormal with the exact mean and variance of a sum over independent pieces, given what
        they share: the squared coefficient of variation is cv^2 x sum(n m^2) / sum(n m)^2.

        Args:
            normals: Standard normal draws of each batch, shape (batches, draws); overwritten.
        """
        squared_cv = np.float32(np.expm1(self.magnet.log_sd["piece"] ** 2) / self.magnet.rotors)
        total = sum(self.mass_kg.values(), np.zeros_like(normals))
        np.square(total, out=total)
        variance = np.divide(self.square_kg2, total, out=np.zeros_like(total), where=total > 0)
        np.log1p(np.multiply(variance, squared_cv, out=variance), out=variance)
        np.multiply(normals, np.sqrt(variance, out=total), out=normals)
        normals -= np.multiply(variance, np.float32(0.5), out=variance)
        factor = np.exp(normals, out=normals)
        for mass in (*self.mass_kg.values(), self.dy_kg, self.pr_kg):
            if mass is not None:
                np.multiply(mass, factor, out=mass)


class Sums:
    """Sums over classes, class by class in key order."""

    def __init__(self, library: ContentLibrary, source: Source, batches: int) -> None:
        self.library = library
        self.source = source
        self.gross_kg: Draws = np.zeros((batches, source.draws), np.float32)
        self._alloys: dict[tuple[str, str, str], Draws] = {}
        self._materials: dict[tuple[str, str], Draws] = {}

    def add(self, item_class: ItemClass, gross_kg: Draws, magnets: list[MagnetTotals]) -> None:
        """Add a class: its gross mass before the bare share is taken, and its magnets. [kg]

        The arrays given are overwritten.
        """
        bare = gross_kg
        bare *= item_class.bare_share.draw(self.source, f"bare/{item_class.item_class}")
        self.gross_kg += bare
        for found in magnets:
            parts = {**found.mass_kg, "dy": found.dy_kg, "pr": found.pr_kg}
            for name, mass in parts.items():
                if mass is not None:
                    key = (found.magnet.location, found.magnet.alloy_id, name)
                    _add(self._alloys, key, mass)
            for mass in found.mass_kg.values():
                bare -= mass
        np.maximum(bare, 0, out=bare)
        shares = closed_shares(self.source, item_class)
        for material, share in zip(item_class.materials, shares, strict=True):
            _add(self._materials, (material.material, material.composition_id), bare * share)

    def series(self, place: dict[Series, int]) -> Draws:
        """Mass of every series, shape (series, batches, draws). [kg]"""
        out = np.zeros((len(place), *self.gross_kg.shape), np.float32)
        for location, alloy_id in dict.fromkeys((loc, alloy) for loc, alloy, _ in self._alloys):
            rows = {e: out[i] for (stream, e), i in place.items() if stream == location}
            self._fill_alloy(location, alloy_id, rows)
        for (material, composition_id), mass in self._materials.items():
            out[place[material, MASS]] += mass
            for element, fraction in self.library.compositions.get(composition_id, {}).items():
                drawn = fraction.draw(self.source, f"element/{composition_id}/{element}")
                out[place[material, element]] += mass * drawn
        return out

    def _fill_alloy(
        self, location: str, alloy_id: str, rows: dict[str, NDArray[np.float32]]
    ) -> None:
        """Elements of the magnets of one location and alloy, vintage by vintage."""
        held = {
            name: mass
            for (where, which, name), mass in self._alloys.items()
            if (where, which) == (location, alloy_id)
        }
        own = {name: held.pop(name) for name in ("dy", "pr") if name in held}
        for vintage, mass in held.items():
            alloy = self.library.alloy(alloy_id, vintage)
            rows[MASS] += mass
            bare = 1 - alloy["coating"].draw(self.source, f"coating/{alloy_id}")
            bare_kg = np.multiply(mass, bare, out=mass)
            rows[BARE_MASS] += bare_kg
            for element, fraction in self._fractions(alloy, f"{alloy_id}/{vintage}").items():
                rows[element] += bare_kg * fraction
        for element, mass in own.items():
            bare_kg = np.multiply(mass, bare, out=mass)
            rows[element] += bare_kg
            rows["nd"] -= bare_kg

    def _fractions(self, alloy: Alloy, label: str) -> dict[str, Draws]:
        """Fractions of bare alloy that its families share; neodymium still with Dy and Pr. [1]"""
        names = ("ree_total", "tb", "boron", "cobalt", "minor")
        total, tb, *others = (alloy[q].draw(self.source, f"{q}/{label}") for q in names)
        return {"tb": tb, "nd": total - tb, "co": others[1], "fe": 1 - total - sum(others)}


def closed_shares(source: Source, item_class: ItemClass) -> list[Draws]:
    """Material shares of a class, drawn closed, in the order of its materials. [1]"""
    left = np.ones(source.draws, np.float32)
    shares: dict[int, Draws] = {}
    for stick in item_class.sticks:
        if stick.alpha is None or stick.beta is None:
            shares[stick.material] = left
            continue
        name = item_class.materials[stick.material]
        key = f"shares/{item_class.item_class}/{name.material}/{name.composition_id}"
        mean = stick.alpha / (stick.alpha + stick.beta)
        part = source.note(key, mean, beta_draws(source, key, stick.alpha, stick.beta))
        shares[stick.material] = left * part
        left = left * (1 - part)
    return [shares[i] for i in range(len(item_class.materials))]


def _add(sums: dict[Any, Draws], key: object, mass: Draws) -> None:
    if key in sums:
        sums[key] += mass
    else:
        sums[key] = mass
