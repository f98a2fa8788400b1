"""Mean mass of every series in one unit of each part: analytic, in float64, no draws.

Independent parameters multiply: mean magnet mass x share NdFeB x (1 - coating) x element fraction;
materials share what gross mass is left when drives, power supplies, fans and magnets are out.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from valuation.content.library import VINTAGES, Alloy, ContentLibrary, ItemClass, Magnet
from valuation.frames import PartFrame
from valuation.shapes import BARE_MASS, MASS, Means, Series
from valuation.uncertain import CI90_WIDTH, Spread

GRAMS_PER_KG = 1000.0


def mean_unit_masses(parts: PartFrame, library: ContentLibrary) -> tuple[Means, Means]:
    """Mean mass of each series in one unit of each part.

    A part whose identity is in doubt has the mean of its class and of its runner-up, weighted by
    the chance of each. A part that does not arrive whole has what its form holds of it.

    Returns:
        Masses by series, shape (parts, series) [kg], and gross mass (bare mass for hosts, whose
        drives, power supplies and fans are parts of their own), shape (parts,). [kg]
    """
    series = {name: i for i, name in enumerate(library.series)}
    masses = np.zeros((parts.height, len(series)))
    unit_gross = np.zeros(parts.height)
    units = _Units(library, series)
    for i, part in enumerate(parts.iter_rows(named=True)):
        candidates = [(part["item_class"], part["confidence"])]
        if part["runner_up"] is not None:
            candidates.append((part["runner_up"], 1 - part["confidence"]))
        for name, chance in candidates:
            if name not in library.classes:
                continue  # class `other`: holds nothing
            gross = library.classes[name].gross_mass_kg
            if name == part["item_class"] and part["unit_mass_g"] is not None:
                gross = own_mass_kg(part["unit_mass_g"], part["unit_mass_log_sd"])
            unit, bare = units.of(library.classes[name], part, gross.mean)
            unit_gross[i] += chance * bare
            masses[i] += chance * unit
        there = library.held(part["form"], part["kind"])
        if there is not None:
            masses[i] *= [there[s].mean if s in there else 0.0 for s, _ in library.series]
            unit_gross[i] = sum(masses[i, k] for (_, e), k in series.items() if e == MASS)
    return masses, unit_gross


def vintage_chances(
    library: ContentLibrary, magnet: Magnet, launch_year: int | None
) -> dict[str, float]:
    """Chance of each alloy vintage for a magnet of a drive launched in a year (null: unknown)."""
    if not library.has_vintages(magnet.alloy_id):
        return {"any": 1.0}
    if launch_year is None:
        return dict(
            zip(VINTAGES, (1 - library.share_from_2013, library.share_from_2013), strict=True)
        )
    made = launch_year + library.years_from_launch_to_make
    return {VINTAGES[made > library.last_old_year]: 1.0}


def own_mass_kg(unit_mass_g: float, log_sd: float | None) -> Spread:
    """Mass of one unit where the catalogue knows it, with the spread its row gives. [kg]"""
    median = unit_mass_g / GRAMS_PER_KG
    if not log_sd:
        return Spread(median, None, None, "exact")
    half = log_sd * CI90_WIDTH / 2
    return Spread(median, median * math.exp(-half), median * math.exp(half), "ci90_lognormal")


def unit_magnet_mean_kg(
    library: ContentLibrary, class_name: str, magnet: Magnet, part: Mapping[str, Any]
) -> float:
    """Mean NdFeB mass of one unit of a part at one location, as measured where it was. [kg]"""
    family = part["family_key"] or f"unlisted/{class_name}"
    found = library.posterior.mean_g(class_name, magnet, family, part["part_key"] or family)
    return found / GRAMS_PER_KG


@dataclass(frozen=True)
class _Units:
    """Masses of one unit: most parts of a class hold the same, which is worked out once."""

    library: ContentLibrary
    series: Mapping[Series, int]
    _made: dict[tuple[object, ...], tuple[Means, float]] = field(default_factory=dict)

    def of(
        self, item_class: ItemClass, part: Mapping[str, Any], gross_kg: float
    ) -> tuple[Means, float]:
        """Mass of every series, shape (series,), and bare mass, in a part of a class. [kg]"""
        name, year = item_class.item_class, part["launch_year"]
        magnets_kg = tuple(
            unit_magnet_mean_kg(self.library, name, magnet, part) for magnet in item_class.magnets
        )
        key = (name, year, gross_kg, magnets_kg)
        if key not in self._made:
            by_series, bare = _unit(self.library, item_class, year, gross_kg, magnets_kg)
            masses = np.zeros(len(self.series))
            for series, mass in by_series.items():
                masses[self.series[series]] = mass
            self._made[key] = masses, bare
        return self._made[key]


def _unit(
    library: ContentLibrary,
    item_class: ItemClass,
    launch_year: int | None,
    gross_kg: float,
    magnets_kg: Sequence[float],
) -> tuple[dict[Series, float], float]:
    masses: dict[Series, float] = {}
    for magnet, magnet_kg in zip(item_class.magnets, magnets_kg, strict=True):
        masses[magnet.location, MASS] = magnet_kg
        for vintage, chance in vintage_chances(library, magnet, launch_year).items():
            alloy = library.alloy(magnet.alloy_id, vintage)
            for element, fraction in coated_fractions(alloy).items():
                key = (magnet.location, element)
                masses[key] = masses.get(key, 0.0) + chance * magnet_kg * fraction
    bare = gross_kg * item_class.bare_share.mean
    for material, share in zip(item_class.materials, item_class.share_means, strict=True):
        material_kg = (bare - sum(magnets_kg)) * share
        _add(masses, (material.material, MASS), material_kg)
        for element, share_of in library.compositions.get(material.composition_id, {}).items():
            _add(masses, (material.material, element), material_kg * share_of.mean)
    return masses, bare


def coated_fractions(alloy: Alloy) -> dict[str, float]:
    """Mean element fractions of coated magnet, and its share that is bare. [kg/kg]"""
    bare = 1 - alloy["coating"].mean
    return {e: bare * f for e, f in alloy.mean_fractions().items()} | {BARE_MASS: bare}


def _add(masses: dict[Series, float], key: Series, mass: float) -> None:
    masses[key] = masses.get(key, 0.0) + mass
