"""What one unit of each item class is made of, as the rows of `data/content/` state it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from valuation.errors import TableError
from valuation.tables import Tables
from valuation.uncertain import Spread, spread_of

VINTAGES = ("to-2012", "from-2013")


@dataclass(frozen=True)
class Magnet:
    """One magnet location of a class: mass of one rotor or magnet set and its levels of spread.

    Attributes:
        median_g: Median mass of one rotor. [g]
        basis_key: Text key of the basis error, shared by every class that names it.
        log_sd: SD of log mass by level: basis, class, family, piece.
        share: Beta shape of the share of part numbers that are NdFeB; None when all are.
    """

    location: str
    rotors: int
    median_g: float
    alloy_id: str
    share_id: str | None
    share: tuple[float, float] | None
    basis_key: str
    log_sd: Mapping[str, float]

    @property
    def mean_share(self) -> float:
        """Mean share of part numbers that are NdFeB."""
        return 1.0 if self.share is None else self.share[0] / sum(self.share)

    @property
    def mean_g(self) -> float:
        """Mean NdFeB mass of one unit over all levels: median times exp(variance/2). [g]"""
        variance = sum(sd**2 for sd in self.log_sd.values())
        return self.rotors * self.median_g * math.exp(variance / 2) * self.mean_share


@dataclass(frozen=True)
class Material:
    """One material's share of a class's bare mass, and what boards are like where it is a board."""

    material: str
    board_type: str | None
    share: Spread

    @property
    def composition_id(self) -> str:
        """Which rows of `material_element` hold its elements."""
        return self.board_type or self.material


@dataclass(frozen=True)
class ItemClass:
    """One unit of a class: gross mass, share left as bare frame, magnets and materials."""

    item_class: str
    kind: str
    gross_mass_kg: Spread
    bare_share: Spread
    magnets: tuple[Magnet, ...]
    materials: tuple[Material, ...]

    @cached_property
    def concentration(self) -> float:
        """Dirichlet concentration of the material shares: that of the least certain material.

        Taking the smallest keeps every material at least as wide as its row says.
        """
        spreads = [m.share for m in self.materials if not m.share.is_exact and m.share.variance > 0]
        if not spreads:
            return 1e6
        return min(s.mean * (1 - s.mean) / s.variance - 1 for s in spreads)


@dataclass(frozen=True)
class Alloy:
    """Composition rows of one alloy and vintage: fractions of bare alloy, and the coating share."""

    alloy_id: str
    vintage: str
    rows: Mapping[str, Spread]

    def __getitem__(self, quantity: str) -> Spread:
        if quantity not in self.rows:
            raise TableError(f"alloy.csv: {self.alloy_id} {self.vintage} has no row `{quantity}`.")
        return self.rows[quantity]

    @property
    def mean_pr_share(self) -> float:
        """Mean Pr share of the rare earths other than Dy."""
        alpha, beta = self["pr_share_alpha"].mean, self["pr_share_beta"].mean
        return self["pr_share_scale"].mean * alpha / (alpha + beta)

    def mean_fractions(self) -> dict[str, float]:
        """Mean element fractions of bare alloy, closed with iron as balance. [kg/kg]"""
        total, dy, tb = self["ree_total"].mean, self["dy_mean"].mean, self["tb"].mean
        pr = self.mean_pr_share * (total - dy)
        minor = self["boron"].mean + self["cobalt"].mean + self["minor"].mean
        return {
            "nd": total - dy - pr - tb,
            "pr": pr,
            "dy": dy,
            "tb": tb,
            "co": self["cobalt"].mean,
            "fe": 1 - total - minor,
        }


@dataclass(frozen=True)
class ContentLibrary:
    """Every class, alloy and composition of one data version."""

    classes: Mapping[str, ItemClass]
    alloys: Mapping[tuple[str, str], Alloy]
    compositions: Mapping[str, Mapping[str, Spread]]
    prior_mix: Mapping[str, Spread]
    share_from_2013: float
    last_old_year: int
    catalogue_mass_log_sd: float

    def alloy(self, alloy_id: str, vintage: str) -> Alloy:
        """Alloy of a vintage, falling back to the rows that hold for any year."""
        for candidate in (vintage, "any"):
            if (alloy_id, candidate) in self.alloys:
                return self.alloys[alloy_id, candidate]
        raise TableError(f"alloy.csv has no rows for {alloy_id}, {vintage}.")

    def has_vintages(self, alloy_id: str) -> bool:
        """Whether the alloy changed with the year of make."""
        return all((alloy_id, vintage) in self.alloys for vintage in VINTAGES)


def load_library(tables: Tables) -> ContentLibrary:
    """Read the content tables.

    Raises:
        TableError: A class without mass or materials, or a row that cannot be a spread.
    """
    compositions: dict[str, dict[str, Spread]] = {}
    for row in tables.frame("material_element").iter_rows(named=True):
        unit = 1e-6 if row["unit"] == "g/t" else 1.0
        compositions.setdefault(row["material_id"], {})[row["element"]] = spread_of(row, unit)
    mix = tables.frame("prior_mix").iter_rows(named=True)
    assumptions = {r["assumption_id"]: r for r in tables.frame("assumption").iter_rows(named=True)}
    alloys = _alloys(tables.frame("alloy"))
    from_2013 = [
        a["share_from_2013"].mean for (_, vintage), a in alloys.items() if vintage == "unknown"
    ]
    return ContentLibrary(
        classes=_classes(tables),
        alloys=alloys,
        compositions=compositions,
        prior_mix={row["item_class"]: spread_of(row) for row in mix},
        share_from_2013=from_2013[0],
        last_old_year=int(VINTAGES[0].removeprefix("to-")),
        catalogue_mass_log_sd=assumptions["catalogue_mass_log_sd"]["value"],
    )


def _alloys(frame: pl.DataFrame) -> dict[tuple[str, str], Alloy]:
    rows: dict[tuple[str, str], dict[str, Spread]] = {}
    for row in frame.iter_rows(named=True):
        key = (row["alloy_id"], row["vintage"])
        rows.setdefault(key, {})[row["quantity"]] = spread_of(row)
    shared = {alloy: found for (alloy, vintage), found in rows.items() if vintage == "any"}
    return {
        (alloy, vintage): Alloy(alloy, vintage, {**shared.get(alloy, {}), **found})
        for (alloy, vintage), found in rows.items()
    }


def _classes(tables: Tables) -> dict[str, ItemClass]:
    gross = {r["item_class"]: r for r in tables.frame("gross_mass").iter_rows(named=True)}
    bare = {r["item_class"]: r for r in tables.frame("bare_share").iter_rows(named=True)}
    magnets = _magnets(tables)
    materials: dict[str, list[Material]] = {}
    for row in tables.frame("material_share").iter_rows(named=True):
        material = Material(row["material"], row["board_type"], spread_of(row))
        materials.setdefault(row["item_class"], []).append(material)
    classes = {}
    for row in tables.frame("item_class").iter_rows(named=True):
        name = row["item_class"]
        if name == "other":
            continue
        if name not in gross or name not in materials:
            raise TableError(f"Class {name} lacks a row in gross_mass.csv or material_share.csv.")
        classes[name] = ItemClass(
            item_class=name,
            kind=row["kind"],
            gross_mass_kg=spread_of(gross[name]),
            bare_share=spread_of(bare[name]) if name in bare else Spread(1, None, None, "exact"),
            magnets=tuple(magnets.get(name, ())),
            materials=tuple(materials[name]),
        )
    return classes


def _magnets(tables: Tables) -> dict[str, list[Magnet]]:
    shapes: dict[str, dict[str, float]] = {}
    for row in tables.frame("ndfeb_share").iter_rows(named=True):
        shapes.setdefault(row["ndfeb_share_id"], {})[row["parameter"]] = row["value"]
    spreads: dict[tuple[str, str, str], tuple[float, str | None]] = {
        (r["item_class"], r["magnet_location"], r["level"]): (r["value"], r["shared_key"])
        for r in tables.frame("magnet_spread").iter_rows(named=True)
    }
    magnets: dict[str, list[Magnet]] = {}
    for row in tables.frame("magnet_mass").iter_rows(named=True):
        name, location, share_id = row["item_class"], row["magnet_location"], row["ndfeb_share_id"]
        levels = {
            level: spreads.get((name, location, level)) or spreads.get(("*", location, level))
            for level in ("basis", "class", "family", "piece")
        }
        absent = [level for level, found in levels.items() if found is None]
        if absent:
            raise TableError(f"magnet_spread.csv: no row for {name}, {location}, {absent[0]}.")
        found = {level: value for level, value in levels.items() if value is not None}
        shape = shapes[share_id] if share_id else None
        magnet = Magnet(
            location=location,
            rotors=row["rotors"],
            median_g=row["value"],
            alloy_id=row["alloy_id"],
            share_id=share_id,
            share=(shape["alpha"], shape["beta"]) if shape else None,
            basis_key=found["basis"][1] or location,
            log_sd={level: value for level, (value, _) in found.items()},
        )
        magnets.setdefault(name, []).append(magnet)
    return magnets
