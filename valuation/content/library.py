"""What one unit of each item class is made of: the rows of `data/content/`, and what is fitted.

A fitted parameter of `models/content/` takes the place of its prior row.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from valuation.content.model.parameters import ContentModel, stored_model
from valuation.content.posterior import PRIOR, Posterior
from valuation.errors import TableError
from valuation.shapes import BARE_MASS, MASS, Series
from valuation.tables import Tables
from valuation.uncertain import Spread, spread_of

VINTAGES = ("to-2012", "from-2013")
REMAINDER = "remainder"
SMALLEST_VARIANCE, SMALLEST_CONCENTRATION = 1e-9, 0.5
"""Bounds of a Beta that rows cannot ask for together; no shipped class meets them."""


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
class Stick:
    """One material's Beta part of what is left; None takes all of it."""

    material: int
    alpha: float | None
    beta: float | None


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
    def share_means(self) -> tuple[float, ...]:
        """Mean share of each material in what is left when the magnets are out.

        Rows state shares of the whole item, the magnets' place being in the remainder; so the
        other materials' shares grow by what the magnets weigh on average. [1]
        """
        bare_g = self.gross_mass_kg.mean * self.bare_share.mean * 1000
        magnets = sum(magnet.mean_g for magnet in self.magnets) / bare_g
        means = [m.share.mean for m in self.materials]
        rest = [i for i, m in enumerate(self.materials) if m.material == REMAINDER]
        if not rest or means[rest[0]] <= magnets:
            return tuple(means)
        grown = [mean / (1 - magnets) for mean in means]
        grown[rest[0]] = 1 - sum(grown[i] for i in range(len(grown)) if i != rest[0])
        return tuple(grown)

    @cached_property
    def sticks(self) -> tuple[Stick, ...]:
        """How the shares are drawn closed: a generalised Dirichlet, broken off one by one.

        Each share takes a Beta part of what the ones before it left, with the mean and the variance
        of its own row; the largest takes the rest. A plain Dirichlet has one concentration, and so
        would make the small shares, where the boards are, twice as wide as their rows.
        (Connor & Mosimann 1969, J. Am. Stat. Assoc. 64, 194-206.)
        """
        means = self.share_means
        order = sorted(range(len(means)), key=lambda i: (self._variance(i) > 0, means[i]))
        sticks = []
        left_mean, left_square = 1.0, 1.0
        for i in order[:-1]:
            part = means[i] / left_mean
            square = (self._variance(i) + means[i] ** 2) / left_square
            variance = max(square - part**2, SMALLEST_VARIANCE)
            total = max(part * (1 - part) / variance - 1, SMALLEST_CONCENTRATION)
            sticks.append(Stick(i, total * part, total * (1 - part)))
            left_mean *= 1 - part
            left_square *= (1 - part) ** 2 + part * (1 - part) / (total + 1)
        return (*sticks, Stick(order[-1], None, None))

    def _variance(self, i: int) -> float:
        """Variance of a material's share, as its row says, at the share it has here."""
        row = self.materials[i].share
        return row.variance * (self.share_means[i] / row.mean) ** 2 if row.mean else 0.0


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
    """Every class, alloy and composition of one data version, its fitted model and measurements."""

    classes: Mapping[str, ItemClass]
    alloys: Mapping[tuple[str, str], Alloy]
    compositions: Mapping[str, Mapping[str, Spread]]
    prior_mix: Mapping[str, Spread]
    unknown: Mapping[str, str]
    share_from_2013: float
    last_old_year: int
    years_from_launch_to_make: float
    model: ContentModel
    form_shares: Mapping[str, Mapping[str, Mapping[str, Spread]]] = field(default_factory=dict)
    posterior: Posterior = PRIOR

    def held(self, form: str | None, kind: str) -> Mapping[str, Spread] | None:
        """Share of each stream of a kind that is in a lot of a form; None when all of it is."""
        if form is None or form not in self.form_shares:
            return None
        return self.form_shares[form].get(kind, {})

    def alloy(self, alloy_id: str, vintage: str) -> Alloy:
        """Alloy of a vintage, falling back to the rows that hold for any year."""
        for candidate in (vintage, "any"):
            if (alloy_id, candidate) in self.alloys:
                return self.alloys[alloy_id, candidate]
        raise TableError(f"alloy.csv has no rows for {alloy_id}, {vintage}.")

    @cached_property
    def series(self) -> tuple[Series, ...]:
        """Every series that the classes can hold, in a fixed order."""
        found: set[Series] = set()
        for item_class in self.classes.values():
            for magnet in item_class.magnets:
                elements = ("nd", "pr", "dy", "tb", "fe", "co", MASS, BARE_MASS)
                found |= {(magnet.location, element) for element in elements}
            for material in item_class.materials:
                composition = self.compositions.get(material.composition_id, {})
                found |= {(material.material, element) for element in (*composition, MASS)}
        return tuple(sorted(found))

    def has_vintages(self, alloy_id: str) -> bool:
        """Whether the alloy changed with the year of make."""
        return all((alloy_id, vintage) in self.alloys for vintage in VINTAGES)


def load_library(tables: Tables, model: ContentModel | None = None) -> ContentLibrary:
    """Read the content tables with what is fitted in them.

    Args:
        tables: Reference data.
        model: Fitted parameters; those stored in `models/content` when not given.

    Raises:
        TableError: A class without mass or materials, or a row that cannot be a spread.
        ModelError: The stored model is missing, damaged or fitted to other data.
    """
    model = model or tables.made(stored_model)
    compositions: dict[str, dict[str, Spread]] = {}
    for row in model.rows(tables, "material_element").iter_rows(named=True):
        unit = 1e-6 if row["unit"] == "g/t" else 1.0
        compositions.setdefault(row["material_id"], {})[row["element"]] = spread_of(row, unit)
    mix = tables.frame("prior_mix").iter_rows(named=True)
    assumptions = {r["assumption_id"]: r for r in tables.frame("assumption").iter_rows(named=True)}
    alloys = _alloys(model.rows(tables, "alloy"))
    from_2013 = [
        a["share_from_2013"].mean for (_, vintage), a in alloys.items() if vintage == "unknown"
    ]
    return ContentLibrary(
        classes=_classes(tables, model),
        alloys=alloys,
        compositions=compositions,
        unknown=dict(tables.frame("null_reason").select("element", "reason").iter_rows()),
        prior_mix={row["item_class"]: spread_of(row) for row in mix},
        share_from_2013=from_2013[0],
        last_old_year=int(VINTAGES[0].removeprefix("to-")),
        years_from_launch_to_make=assumptions["years_from_launch_to_make"]["value"],
        model=model,
        form_shares=_form_shares(tables),
    )


def _form_shares(tables: Tables) -> dict[str, dict[str, dict[str, Spread]]]:
    found: dict[str, dict[str, dict[str, Spread]]] = {}
    for row in tables.frame("form_share").iter_rows(named=True):
        kinds = found.setdefault(row["form"], {})
        kinds.setdefault(row["kind"], {})[row["stream"]] = spread_of(row)
    return found


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


def _classes(tables: Tables, model: ContentModel) -> dict[str, ItemClass]:
    gross = {r["item_class"]: r for r in tables.frame("gross_mass").iter_rows(named=True)}
    bare = {r["item_class"]: r for r in tables.frame("bare_share").iter_rows(named=True)}
    magnets = _magnets(tables, model)
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


def _magnets(tables: Tables, model: ContentModel) -> dict[str, list[Magnet]]:
    shapes: dict[str, dict[str, float]] = {}
    for row in tables.frame("ndfeb_share").iter_rows(named=True):
        shapes.setdefault(row["ndfeb_share_id"], {})[row["parameter"]] = row["value"]
    spreads: dict[tuple[str, str, str], tuple[float, str | None]] = {
        (r["item_class"], r["magnet_location"], r["level"]): (r["value"], r["shared_key"])
        for r in model.rows(tables, "magnet_spread").iter_rows(named=True)
    }
    magnets: dict[str, list[Magnet]] = {}
    for row in model.rows(tables, "magnet_mass").iter_rows(named=True):
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
