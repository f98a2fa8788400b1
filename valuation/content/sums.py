"""Sums over classes in some batches, and what series they become.

What differs between classes is summed first, by alloy and by composition; the fractions that
classes share are taken once, of the sums. All arrays have the shape (batches, draws).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

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

    @property
    def parts(self) -> dict[str, Draws]:
        """What is summed over classes: mass by vintage, and `dy` and `pr`. [kg]"""
        found = {**self.mass_kg, "pr": self.pr_kg}
        return found if self.dy_kg is None else {**found, "dy": self.dy_kg}

    def of(self, batches: slice) -> "MagnetTotals":
        """Those of some of the batches, in the same place of memory."""
        return MagnetTotals(
            self.magnet,
            {vintage: mass[batches] for vintage, mass in self.mass_kg.items()},
            self.square_kg2[batches],
            None if self.dy_kg is None else self.dy_kg[batches],
            self.pr_kg[batches],
        )

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
        for mass in self.parts.values():
            np.multiply(mass, factor, out=mass)


@dataclass
class ClassTotals:
    """One class in some batches.

    Attributes:
        gross_kg: Gross mass before the bare share is taken, shape (batches, draws). [kg]
    """

    item_class: ItemClass
    gross_kg: Draws
    magnets: list[MagnetTotals]

    def add(self, other: "ClassTotals") -> None:
        """Add further units of the class."""
        self.gross_kg += other.gross_kg
        for magnet, more in zip(self.magnets, other.magnets, strict=True):
            magnet.add(more)

    def of(self, batches: slice) -> "ClassTotals":
        """Those of some of the batches, in the same place of memory."""
        magnets = [magnet.of(batches) for magnet in self.magnets]
        return ClassTotals(self.item_class, self.gross_kg[batches], magnets)


class Sums:
    """Sums over classes in some batches, class by class in key order.

    Args:
        library: What classes are made of.
        source: Seed and number of draws.
        place: Where each series stands in `out`.
        out: Where the mass of every series goes, shape (series, batches, draws). [kg]
        gross_kg: Where gross mass goes, shape (batches, draws). [kg]
    """

    def __init__(
        self,
        library: ContentLibrary,
        source: Source,
        place: dict[Series, int],
        out: Draws,
        gross_kg: Draws,
    ) -> None:
        self.library = library
        self.source = source
        self.place = place
        self.out = out
        self.gross_kg = gross_kg
        self.gross_kg[:] = 0
        self._alloys: dict[tuple[str, str, str], Draws] = {}
        self._materials: dict[tuple[str, str], Draws] = {}
        self._begun: set[Series] = set()

    def add(self, totals: ClassTotals, shares: list[Draws]) -> None:
        """Add a class; its arrays are overwritten.

        Args:
            totals: The class.
            shares: Shares of its materials, drawn closed. [1]
        """
        item_class, bare = totals.item_class, totals.gross_kg
        bare *= item_class.bare_share.draw(self.source, f"bare/{item_class.item_class}")
        gross = bare.copy()
        for found in totals.magnets:
            for mass in found.mass_kg.values():
                bare -= mass
            for name, part in found.parts.items():
                _add(self._alloys, (found.magnet.location, found.magnet.alloy_id, name), part)
        over = np.minimum(bare, 0)
        self.gross_kg += np.subtract(gross, over, out=gross)  # no part weighs less than its magnets
        np.maximum(bare, 0, out=bare)
        for material, share in zip(item_class.materials, shares, strict=True):
            _add(self._materials, (material.material, material.composition_id), bare * share)

    def finish(self) -> None:
        """Fill the mass of every series."""
        for location, alloy_id in dict.fromkeys((loc, alloy) for loc, alloy, _ in self._alloys):
            self._fill_alloy(location, alloy_id)
        for (material, composition_id), mass in self._materials.items():
            self._fill((material, MASS), mass, np.float32(1))
            for element, fraction in self.library.compositions.get(composition_id, {}).items():
                drawn = fraction.draw(self.source, f"element/{composition_id}/{element}")
                self._fill((material, element), mass, drawn)
        for series, i in self.place.items():
            if series not in self._begun:
                self.out[i] = 0

    def _fill(self, series: Series, mass: Draws, fraction: Draws | np.float32) -> None:
        row = self.out[self.place[series]]
        if series in self._begun:
            row += mass * fraction
        else:
            np.multiply(mass, fraction, out=row)
            self._begun.add(series)

    def _fill_alloy(self, location: str, alloy_id: str) -> None:
        """Elements of the magnets of one location and alloy, vintage by vintage."""
        held = {
            name: mass
            for (where, which, name), mass in self._alloys.items()
            if (where, which) == (location, alloy_id)
        }
        own = {element: held.pop(element) for element in ("dy", "pr") if element in held}
        for vintage, mass in held.items():
            alloy = self.library.alloy(alloy_id, vintage)
            self._fill((location, MASS), mass, np.float32(1))
            bare = 1 - alloy["coating"].draw(self.source, f"coating/{alloy_id}")
            bare_kg = np.multiply(mass, bare, out=mass)
            self._fill((location, BARE_MASS), bare_kg, np.float32(1))
            for element, fraction in self._fractions(alloy, f"{alloy_id}/{vintage}").items():
                self._fill((location, element), bare_kg, fraction)
        for element, mass in own.items():
            self._fill((location, element), mass, bare)
            self._fill((location, "nd"), mass, -bare)

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
