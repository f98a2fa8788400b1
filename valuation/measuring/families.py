"""Families: which class, family and part number a row of measurements names."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

import polars as pl

from valuation.content import magnet_classes
from valuation.frames import ITEMS, RAW_TEXTS, item_id
from valuation.identity import identify
from valuation.identity.cells import Fault
from valuation.measuring.cells import near
from valuation.tables import Tables

KEY: Final = re.compile(r"[a-z0-9.+-]+/[^\s/][^/]*")
"""Shape of a key that is no catalogue family: maker/model, or host family/class."""
ALIKE: Final = 0.85
"""Likeness from which a family nobody knows is taken for a misspelt one."""
UNLISTED: Final = "unlisted/"
UNKNOWN: Final = "is no family or part number that is known."


@dataclass(frozen=True)
class Named:
    """What a row names, as texts."""

    family: str
    part_number: str
    manufacturer: str
    item_class: str


@dataclass(frozen=True)
class Resolved:
    """What a row is about; no family where units of several were measured together."""

    item_class: str
    family_key: str | None = None
    part_key: str | None = None
    launch_year: int | None = None


class Families:
    """Looks up names: keys as the program writes them, catalogue families, else any text.

    Args:
        tables: Reference data.
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.classes = magnet_classes(tables)
        rows = tables.frame("catalogue").to_dicts()
        self.catalogue: dict[str, dict[str, Any]] = {row["family_key"]: row for row in rows}
        self.names: dict[str, str] = {}
        for row in rows:
            self.names[f"{row['maker']} {row['family']}".casefold()] = row["family_key"]
        plain = Counter(row["family"].casefold() for row in rows)
        for row in rows:
            if plain[row["family"].casefold()] == 1:
                self.names.setdefault(row["family"].casefold(), row["family_key"])

    def resolve(self, rows: Sequence[Named]) -> list[Resolved | Fault]:
        """What each row is about, or why that is not known."""
        found: list[Resolved | Fault | None] = [self._direct(row) for row in rows]
        asked = {row: self._texts(row) for row, known in zip(rows, found, strict=True) if not known}
        identified = self._identified(list(asked.values())) if asked else {}
        return [
            known or self._of_text(row, identified[item_id(asked[row])])
            for row, known in zip(rows, found, strict=True)
        ]

    def _direct(self, row: Named) -> Resolved | Fault | None:
        if row.item_class and row.item_class not in self.classes:
            hint = near(
                row.item_class, self.classes, "`valuation data dictionary` tells the classes."
            )
            return Fault("item_class", row.item_class, "is no class that holds magnets.", hint)
        if not (row.family or row.part_number):
            if row.item_class:
                return Resolved(row.item_class)
            return Fault("family", "", "says nothing.", "Name a family, or an item_class.")
        if not row.item_class:
            return None
        if row.family.startswith(UNLISTED):
            return Resolved(row.item_class, part_key=row.part_number or None)
        part = row.part_number if KEY.fullmatch(row.part_number) else None
        if row.part_number and part is None:
            return None
        key = self._family_key(row)
        if key in self.catalogue:
            return Resolved(row.item_class, key, part, self.catalogue[key]["launch_year"])
        if KEY.fullmatch(key) or (part and not key):
            return Resolved(row.item_class, key or None, part)
        return None

    def _is_misspelt(self, row: Named) -> bool:
        """Whether a family resembles one of the catalogue so much that it is meant."""
        known = [*self.catalogue, *self.names]
        is_near = bool(get_close_matches(row.family.lower(), known, n=1, cutoff=ALIKE))
        return is_near and self._family_key(row) not in self.catalogue

    def _family_key(self, row: Named) -> str:
        named = " ".join(filter(None, (row.manufacturer, row.family))).casefold()
        return self.names.get(named) or self.names.get(row.family.casefold()) or row.family

    def _texts(self, row: Named) -> tuple[str, ...]:
        """The item that a row names; a catalogue family is asked for by its own example."""
        known = self.catalogue.get(self._family_key(row))
        model, maker = row.family, row.manufacturer
        if known is not None and not row.part_number:
            model, maker = str(known["example"]), str(known["maker"] or maker)
        return (maker, model, row.part_number, "", "", "")

    def _identified(self, texts: Sequence[tuple[str, ...]]) -> Mapping[int, Mapping[str, Any]]:
        distinct = {item_id(text): text for text in texts}
        rows = [
            {"item_id": key, "lines": 1} | dict(zip(RAW_TEXTS, text, strict=True))
            for key, text in sorted(distinct.items())
        ]
        items = ITEMS.check(pl.DataFrame(rows, schema=dict(ITEMS.columns)))
        found = identify(items, self.tables, with_evidence=False)
        return {row["item_id"]: row for row in found.items.iter_rows(named=True)}

    def _of_text(self, row: Named, found: Mapping[str, Any]) -> Resolved | Fault:
        named = row.family or row.part_number
        column = "family" if row.family else "part_number"
        hint = near(named, [*self.catalogue, *self.names], "Give an item_class beside it.")
        if found["item_class"] is None and not row.item_class:
            return Fault(column, named, UNKNOWN, hint)
        family = str(found["family_key"])
        item_class = row.item_class or str(found["item_class"])
        if item_class not in self.classes:
            reason = f"is a {found['kind']} of class {item_class}, which holds no magnet."
            return Fault(column, named, reason, "Look at the name.")
        if family.startswith(UNLISTED) or (family not in self.catalogue and self._is_misspelt(row)):
            return Fault(column, named, UNKNOWN, hint)
        key = self._family_key(row)
        if key in self.catalogue:
            family = key
        part = str(found["part_key"])
        year = self.catalogue.get(family, {}).get("launch_year")
        return Resolved(item_class, family, None if part.startswith(UNLISTED) else part, year)
