"""A file of measurements: read cell by cell, everything that is wrong with it told in one pass.

A row says what was measured of which family, in which state, on how many units, by whom and on what
instrument. Nothing is guessed: a mass with its yoke on, a decimal comma, a number without a unit or
a row nobody signed is refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from valuation.content.library import ContentLibrary, Magnet, load_library
from valuation.content.masses import vintage_chances
from valuation.content.measured import (
    MASS_QUANTITIES,
    METHODS,
    NDFEB,
    STATES,
    Measured,
    Measurement,
)
from valuation.errors import InputError
from valuation.identity.cells import Fault, read_day, read_yes_or_no, words
from valuation.measuring import cells as read
from valuation.measuring.families import Families, Named, Resolved
from valuation.setting_values import today
from valuation.sheet import Sheet, read_sheet
from valuation.tables import Tables

NEEDED: Final = ("quantity", "value", "unit", "author")
COLUMNS: Final = (
    "family", "manufacturer", "part_number", "item_class", "location", "vintage", "quantity",
    "state", "n_pieces", "n_families", "value", "unit", "sd", "scale_error", "scale", "yoke_mass",
    "magnet_share", "measured_on", "author", "note",
)  # fmt: skip
WITHOUT_SHARED_MEAN: Final = ("nd", "pr", "tb")
MOST_TOLD: Final = 20
"""Problems told one by one in a message; the others are counted."""


def read_measured(paths: Sequence[Path], tables: Tables) -> Measured:
    """What files of measurements say.

    Args:
        paths: CSV files with the columns `COLUMNS`; those of `NEEDED` cannot be left out.
        tables: Reference data: families, classes, magnets, the error of an instrument unstated.

    Raises:
        InputError: A file cannot be read, lacks a column, or has cells that cannot be taken: every
            one is told with file, row, column, value and what to do.
    """
    rows: list[tuple[str, str, int, Mapping[str, str]]] = []
    for path in paths:
        sheet = _sheet(path)
        source = _source_id(path, paths)
        for number, cells in sheet.rows:
            told = {name: words(cells.get(name, "")) for name in COLUMNS}
            if any(told.values()) and not _is_open(told):
                rows.append((sheet.name, source, number, told))
    if not rows:
        raise InputError(
            f"{paths[0]} holds no measurement." if paths else "No measurement is given.",
            "Fill in `value`, `author` and what else is asked for.",
        )
    reader = _Reader(tables)
    found, faults = reader.rows(rows)
    if faults:
        raise _refusal(faults)
    return Measured.of(found)


def _sheet(path: Path) -> Sheet:
    sheet = read_sheet(path, COLUMNS)
    sheet.check_columns(NEEDED, COLUMNS)
    unknown = [name for name in sheet.columns if name and name not in COLUMNS]
    if unknown:
        raise InputError(
            f"{path}, row 1: the column `{unknown[0]}` is not known.",
            f"Known columns: {', '.join(COLUMNS)}.",
        )
    return sheet


def _is_open(cells: Mapping[str, str]) -> bool:
    """Whether a row of a form was left as it was: nobody wrote what was found, or who did."""
    return not any(cells[name] for name in ("value", "author", "measured_on", "sd", "n_pieces"))


def _source_id(path: Path, paths: Sequence[Path]) -> str:
    alike = [other for other in paths if other.stem == path.stem]
    return f"measured-{path.stem}" + (f"-{alike.index(path) + 1}" if len(alike) > 1 else "")


def _refusal(faults: Sequence[InputError]) -> InputError:
    if len(faults) == 1:
        return faults[0]
    told = "\n".join(f"  {fault}" for fault in faults[:MOST_TOLD])
    more = f"\n  and {len(faults) - MOST_TOLD} more" if len(faults) > MOST_TOLD else ""
    return InputError(f"{len(faults)} cells of measurements cannot be taken:\n{told}{more}")


@dataclass(frozen=True)
class _Row:
    """A row with its cells and what it names."""

    cells: Mapping[str, str]
    about: Resolved
    magnet: Magnet


class _Reader:
    def __init__(self, tables: Tables) -> None:
        self.families = Families(tables)
        self.library: ContentLibrary = load_library(tables)
        assumed = {r["assumption_id"]: r["value"] for r in tables.frame("assumption").to_dicts()}
        self.error = {method: assumed[f"{method}_error"] for method in ("weigh", "assay")} | {
            "xrf": 0.0
        }

    def rows(
        self, rows: Sequence[tuple[str, str, int, Mapping[str, str]]]
    ) -> tuple[list[Measurement], list[InputError]]:
        names = ("family", "part_number", "manufacturer", "item_class")
        resolved = self.families.resolve([Named(*(c[n] for n in names)) for *_, c in rows])
        found: list[Measurement] = []
        faults: list[InputError] = []
        seen: dict[str, tuple[str, int]] = {}
        for (file, source, number, cells), about in zip(rows, resolved, strict=True):
            made = self._row(cells, about)
            if isinstance(made, Measurement):
                made = replace(made, source_id=source, row=number)
                made = self._repeated(made, cells, seen, f"{file}, row {number}") or made
            if isinstance(made, list):
                faults += [fault.at(file, number) for fault in made]
            else:
                found.append(made)
        return found, faults

    def _repeated(
        self, row: Measurement, cells: Mapping[str, str], seen: dict[str, tuple[str, int]], at: str
    ) -> list[Fault] | None:
        """What is wrong with a row beside those before it."""
        said = repr(sorted(cells.items()))
        if said in seen:
            hint = "Add its pieces up in `n_pieces`, or tell the two apart in `note`."
            return [Fault("value", cells["value"], f"stands in {seen[said][0]} too.", hint)]
        seen[said] = (at, 0)
        if row.quantity == NDFEB:
            key = f"ndfeb {row.part_key}"
            before, answer = seen.setdefault(key, (at, int(row.value)))
            if answer != row.value:
                reason = f"is not what {before} says of {row.part_key}."
                return [Fault("value", cells["value"], reason, "Leave one of the two.")]
        return None

    def _row(self, cells: Mapping[str, str], about: Resolved | Fault) -> Measurement | list[Fault]:
        """The measurement of a row, or everything that is wrong with it."""
        faults = [about] if isinstance(about, Fault) else []
        if not cells["author"]:
            hint = "Say who measured it: a figure nobody signs is not taken."
            faults.append(Fault("author", "", "says nothing.", hint))
        quantity = self._quantity(cells["quantity"])
        if isinstance(quantity, Fault):
            return [*faults, quantity, *self._unit_missing(cells)]
        values: dict[str, Any] = self._numbers(quantity, cells)
        if not isinstance(about, Fault):
            magnet = self._magnet(quantity, about, cells["location"])
            values["location"] = magnet if isinstance(magnet, Fault) else magnet.location
            if not isinstance(magnet, Fault):
                values |= self._about(quantity, _Row(cells, about, magnet))
        faults += [value for value in values.values() if isinstance(value, Fault)]
        if faults:
            return faults
        quantity = "magnet_mass" if quantity in MASS_QUANTITIES else quantity
        return Measurement(quantity=quantity, author=cells["author"], **values)

    @staticmethod
    def _unit_missing(cells: Mapping[str, str]) -> list[Fault]:
        hint = "Write the unit of the value: g, wt%, yes/no."
        return [] if cells["unit"] else [Fault("unit", "", "says nothing.", hint)]

    @staticmethod
    def _quantity(text: str) -> str | Fault:
        if text.casefold() in WITHOUT_SHARED_MEAN:
            hint = "Give `ree_total` (Nd + Pr + Dy + Tb of the same sample) and `dy`."
            reason = "has no mean of its own that a composite could move."
            return Fault("quantity", text, reason, hint)
        return read.one_of("quantity", text, METHODS)

    def _numbers(self, quantity: str, cells: Mapping[str, str]) -> dict[str, Any]:
        """Value, error, state and count of a row; a fault in place of each that is wrong."""
        method = METHODS[quantity]
        kind = {"weigh": "mass", "assay": "assay", "xrf": "ndfeb"}[method]
        units = read.UNITS[kind]
        unit = read.one_of("unit", cells["unit"], units)
        on = read_day("measured_on", cells["measured_on"], today())
        found: dict[str, Any] = {
            "unit": unit,
            "measured_on": on if cells["measured_on"] or isinstance(on, Fault) else None,
            "scale": "/".join(filter(None, (cells["author"].casefold(), cells["scale"]))),
            "note": cells["note"] or None,
        }
        if quantity == NDFEB:
            yes = read_yes_or_no("value", cells["value"])
            if yes is None:
                yes = Fault("value", "", "says nothing.", "Write `yes` or `no`.")
            value = yes if isinstance(yes, Fault) else float(yes)
            return found | {"value": value, "unit": unit if isinstance(unit, Fault) else "1"}
        pieces = read.count("n_pieces", cells["n_pieces"])
        found["n_pieces"] = pieces
        if cells["n_families"]:
            found["n_families"] = read.count("n_families", cells["n_families"])
            if isinstance(pieces, int) and isinstance(found["n_families"], int):
                found |= _families(found["n_families"], pieces, cells)
        value = read.number("value", cells["value"])
        if isinstance(value, Fault) or isinstance(unit, Fault):
            return found | {"value": value, "state": _stated(quantity, cells)}
        value *= units[unit]
        if kind == "assay" and value >= 1:
            hint = "Is it in wt%?"
            return found | {"value": Fault("value", cells["value"], "is more than all.", hint)}
        found["value"] = value
        given = cells["scale_error"]
        found["scale_error"] = (
            read.error_share("scale_error", given, value, units) if given else self.error[method]
        )
        if cells["sd"]:
            sd = read.number("sd", cells["sd"])
            found["sd"] = sd if isinstance(sd, Fault) else sd * units[unit]
        found |= _state(quantity, cells, found, units[unit])
        mass = found["value"]
        if quantity == "magnet_mass_total" and isinstance(pieces, int) and isinstance(mass, float):
            found["value"] = mass / pieces
        return found | {"unit": "g" if kind == "mass" else "1"}

    def _magnet(self, quantity: str, about: Resolved, named: str) -> Magnet | Fault:
        """The location that was measured: as named, else the voice coil or the only one."""
        magnets = {m.location: m for m in self.library.classes[about.item_class].magnets}
        usual = "voice_coil" if "voice_coil" in magnets else min(magnets)
        name = read.one_of("location", named or usual, magnets)
        if isinstance(name, Fault):
            return name
        if quantity == NDFEB and magnets[name].share is None:
            reason = f"counts as NdFeB in every {about.item_class}."
            return Fault("location", name, reason, "Weigh it instead.")
        if quantity == NDFEB and about.part_key is None:
            hint = "Name it: magnets are NdFeB or not by part number."
            return Fault("part_number", "", "says nothing.", hint)
        return magnets[name]

    def _about(self, quantity: str, row: _Row) -> dict[str, Any]:
        """What was measured, and the vintage of its alloy."""
        about, alloy_id = row.about, row.magnet.alloy_id
        found: dict[str, Any] = {
            "item_class": about.item_class,
            "family_key": about.family_key,
            "part_key": about.part_key if quantity == NDFEB else None,
        }
        if METHODS[quantity] != "assay":
            return found
        dy = self.library.alloy(alloy_id, "any").rows.get("dy_mean")
        if quantity == "dy" and dy is not None and dy.is_exact:
            reason = f"is taken as none in {alloy_id}."
            return found | {"quantity": Fault("quantity", "dy", reason, "Give `ree_total`.")}
        if not self.library.has_vintages(alloy_id):
            return found
        vintages = [v for a, v in self.library.alloys if a == alloy_id and v[:2] in ("to", "fr")]
        if row.cells["vintage"]:
            vintage = read.one_of("vintage", row.cells["vintage"], sorted(vintages))
            return found | {"vintage": vintage}
        chances = vintage_chances(self.library, row.magnet, about.launch_year)
        if len(chances) > 1:
            hint = f"Write one of: {', '.join(sorted(vintages))}."
            return found | {"vintage": Fault("vintage", "", "says nothing.", hint)}
        return found | {"vintage": next(iter(chances))}


def _families(families: int, pieces: int, cells: Mapping[str, str]) -> dict[str, Any]:
    if families > pieces:
        hint = "A unit is of one family."
        return {"n_families": Fault("n_families", cells["n_families"], "is above n_pieces.", hint)}
    if families > 1 and (cells["family"] or cells["part_number"]):
        hint = "Name the item_class alone where several families were measured together."
        return {"n_families": Fault("n_families", cells["n_families"], "is not one family.", hint)}
    return {"n_families": families}


def _stated(quantity: str, cells: Mapping[str, str]) -> str | Fault:
    """The state as stated, with what tells the magnet from its yoke where it has one."""
    state = read.one_of("state", cells["state"], STATES)
    if state != "with_yoke":
        return state
    if quantity not in MASS_QUANTITIES:
        return Fault("state", state, "is no state to assay.", "Take the magnet off.")
    if not (cells["yoke_mass"] or cells["magnet_share"]):
        hint = "Take the yoke off, which weighs several times the magnet, or give its `yoke_mass`."
        return Fault("state", state, "does not tell what the magnet weighs.", hint)
    return state


def _state(
    quantity: str, cells: Mapping[str, str], found: Mapping[str, Any], unit: float
) -> dict[str, Any]:
    """The state of what was measured; the yoke is taken off a mass that is given with it."""
    state, yoke = _stated(quantity, cells), cells["yoke_mass"]
    if state != "with_yoke":
        return {"state": state}
    column = "yoke_mass" if yoke else "magnet_share"
    number = read.number(column, cells[column])
    if isinstance(number, Fault):
        return {column: number}
    magnet = found["value"] - number * unit if yoke else found["value"] * number
    if not 0 < magnet < found["value"]:
        reason = "leaves no magnet." if yoke else "is not below 1."
        return {
            column: Fault(column, cells[column], reason, "Look at its unit, that of the value.")
        }
    # what is weighed with its yoke carries the error of the whole
    error = found["scale_error"]
    share_of = error * found["value"] / magnet if yoke and isinstance(error, float) else error
    return {"state": "coated", "value": magnet, "scale_error": share_of}


def sources(paths: Iterable[Path]) -> dict[str, str]:
    """Title of each file of measurements, by its id as a source."""
    files = list(paths)
    return {_source_id(path, files): f"Measurements {path}, given by the user" for path in files}
