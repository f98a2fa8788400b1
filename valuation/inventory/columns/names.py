"""Names: the known column names, and what each column of a table is by its name.

The names of the best fitting system come first, then the common synonyms, then the same with
filler words taken off ("Asset Serial No." is a serial number). What is left over is named, never
dropped silently.
"""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Final

from valuation.inventory.columns.column_map import ITEM_TEXTS, ColumnMap, Placement, normalise
from valuation.inventory.columns.look import Looks
from valuation.inventory.columns.map_file import MapFile
from valuation.inventory.columns.map_fit import best_map, map_columns
from valuation.tables import Tables

_FIELDS_AT_LEAST: Final = 4
COMMON: Final = "common"
"""The `system` of synonyms that belong to no system."""

BY_NAME: Final = "name"
BY_FILLER: Final = "name after filler"

_CONFIDENCE: Final = {"system": 0.98, "common": 0.95, "other": 0.85, "filler": 0.8}
"""How sure a name makes us, by where it is known from. [1]"""
_FULL_RANK: Final = 2
_LESS_PER_RANK: Final = 0.05
"""Names that speak late, as `Item` does for a description, are less sure. [1]"""
_FILLER_RANK: Final = 10


@dataclass(frozen=True)
class HeaderName:
    """One row of the header table: a known name and what it stands for."""

    system: str
    header: str
    normalised: str
    canonical: str | None
    rank: int


class HeaderTable:
    """The known column names, indexed for matching."""

    def __init__(
        self,
        names: Iterable[HeaderName],
        filler: Iterable[tuple[str, str]],
        looks: Looks | None = None,
    ) -> None:
        self._by_system: dict[str, dict[str, HeaderName]] = {}
        names = tuple(names)
        for name in names:
            self._by_system.setdefault(name.system, {})[name.normalised] = name
        self.words = frozenset(name.header.strip().casefold() for name in names)
        """Every known name as written, without regard to case."""
        words = list(filler)
        self._leading = {word for place, word in words if place == "leading"}
        self._trailing = {word for place, word in words if place == "trailing"}
        self.looks = looks or Looks((), (), ())
        self.maps: tuple[MapFile, ...] = ()

    @classmethod
    def from_tables(cls, tables: Tables) -> "HeaderTable":
        """The shipped table, with what cells look like."""
        columns = ("system", "header", "normalised", "canonical", "rank")
        rows = tables.frame("header").select(columns)
        names = [
            HeaderName(system, header, normalised, canonical, rank or 0)
            for system, header, normalised, canonical, rank in rows.iter_rows()
        ]
        filler = tables.frame("header_filler").select("place", "word").iter_rows()
        return cls(names, filler, Looks.from_tables(tables))

    def with_maps(self, maps: Sequence[MapFile]) -> "HeaderTable":
        """The same names, with the maps of a run."""
        other = copy(self)
        other.maps = tuple(maps)
        return other

    def match(self, cells: Sequence[str], line: int | None = None) -> ColumnMap:
        """What the cells of a row would be, were the row a header.

        Args:
            cells: The cells.
            line: Where the row stands, from 1, for maps that say where the header is.
        """
        by_name = self.match_names(cells)
        chosen = best_map(self.maps, cells, line)
        return map_columns(chosen, by_name) if chosen else by_name

    def match_names(self, cells: Sequence[str]) -> ColumnMap:
        """What they would be by their names alone, without any map."""
        keys = [normalise(cell) for cell in cells]
        system = self._best_system(keys, cells)
        decided = [
            self._place(key, cell, system) if key else None
            for key, cell in zip(keys, cells, strict=True)
        ]
        return ColumnMap(
            tuple(cells),
            in_order([placed or Placement() for placed in decided]),
            system,
            sum(placed is not None for placed in decided),
            tuple(placed or Placement() for placed in decided),
        )

    def is_known(self, name: str) -> bool:
        """Whether any system has a column of this name, used or not."""
        key = normalise(name)
        known = any(key in names for names in self._by_system.values())
        return bool(key) and (known or self._find(key, name, None) is not None)

    def nearest(self, name: str) -> str | None:
        """The known column name most like one that is not known; the plainest of those."""
        known = {
            key: found
            for names in self._by_system.values()
            for key, found in names.items()
            if found.canonical
        }
        close = difflib.get_close_matches(normalise(name), sorted(known), n=5, cutoff=0.75)
        plain = [key for key in close if key == normalise(known[key].canonical or "")]
        return known[(plain or close)[0]].header if close else None

    def _best_system(self, keys: Sequence[str], cells: Sequence[str]) -> str | None:
        """The system that knows most of the names: at least four, and seven in ten.

        Of two that know the same names, the one that writes them so: `serial_number` is a field of
        an interface, `Serial number` its label on a screen.
        """
        present = {key for key in keys if key}
        written = set(cells)
        fits: list[tuple[float, str]] = []
        for system, names in sorted(self._by_system.items()):
            found = present & names.keys()
            hits = len(found)
            if system == COMMON or hits < 4 or hits * 10 < len(present) * 7:
                continue
            spelt = {names[key].header for key in found} & written
            if self._is_believed(names, found, spelt):
                share = (hits + len(spelt)) / len(present)
                fits.append((share + hits / len(names), system))
        return max(fits, key=lambda fit: fit[0])[1] if fits else None

    def _is_believed(
        self, names: Mapping[str, HeaderName], found: set[str], spelt: set[str]
    ) -> bool:
        """Whether names of a system speak for it: common ones alone are anybody's.

        Without a name of its own it takes names written as fields of an interface are, or one in
        five of its names, none of which may mean another kind of thing than it commonly does.
        """
        common = self._by_system.get(COMMON, {})
        if found - common.keys() or sum("_" in name for name in spelt) >= _FIELDS_AT_LEAST:
            return True
        same = all(_kind_of(names[key]) == _kind_of(common[key]) for key in found)
        return same and len(found) * 5 >= len(names)

    def _place(self, key: str, text: str, system: str | None) -> Placement | None:
        """What a column is by its name; None when nobody knows the name."""
        found = self._find(key, text, system)
        if found is None:
            return None
        name, place = found
        if name.canonical is None:
            return Placement(None, 0.0, _how(name, place))
        rival = self._rival(key, name.canonical)
        return Placement(
            name.canonical,
            _confidence(name, place),
            _how(name, place),
            name.rank,
            rival.canonical if rival else None,
            _confidence(rival, "other") / 2 if rival else 0.0,
        )

    def _rival(self, key: str, canonical: str) -> HeaderName | None:
        """The same name where it stands for another column."""
        known = (self._by_system[name].get(key) for name in sorted(self._by_system))
        others = [n for n in known if n and n.canonical and n.canonical != canonical]
        return min(others, key=lambda n: (n.system != COMMON, n.rank, n.system), default=None)

    def _find(self, key: str, text: str, system: str | None) -> tuple[HeaderName, str] | None:
        """The known name, and where it is known from."""
        places = {system: "system", COMMON: "common"}
        order = [s for s in (system, COMMON) if s in self._by_system]
        for name in order:
            if key in self._by_system[name]:
                return self._by_system[name][key], places[name]
        for name in sorted(self._by_system):
            found = self._by_system[name].get(key)
            if found and found.canonical:
                return found, "other"
        for shorter in self._without_filler(text):
            for name in order:
                found = self._by_system[name].get(shorter)
                if found and found.canonical:
                    # A name that fits only after trimming speaks after one that fits as it is.
                    return replace(found, rank=found.rank + _FILLER_RANK), "filler"
        return None

    def _without_filler(self, text: str) -> list[str]:
        """The name without bracketed remarks, filler words and plural, longest first."""
        bare = re.sub(r"[(\[{].*?[)\]}]", " ", text)
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", bare)
        words = [normalise(word) for word in re.split(r"[\W_]+", spaced)]
        words = [word for word in words if word]
        out = ["".join(words)]
        while len(words) > 1 and (words[0] in self._leading or words[-1] in self._trailing):
            words = words[1:] if words[0] in self._leading else words[:-1]
            out.append("".join(words))
        return out + [name[:-1] for name in out if len(name) > 4 and name.endswith("s")]


def in_order(decided: Sequence[Placement]) -> dict[str, tuple[int, ...]]:
    """Canonical column to positions: the lowest rank speaks first, then the leftmost."""
    claims: dict[str, list[tuple[int, int]]] = {}
    for position, placed in enumerate(decided):
        if placed.canonical:
            claims.setdefault(placed.canonical, []).append((placed.rank, position))
    return {c: tuple(i for _, i in sorted(ranked)) for c, ranked in claims.items()}


def _kind_of(name: HeaderName) -> str | None:
    """What a column is about: the item, or one property of a line."""
    texts = (*ITEM_TEXTS, "component_name")
    return "item" if name.canonical in texts else name.canonical


def _how(name: HeaderName, place: str) -> str:
    if place == "filler":
        return BY_FILLER
    return BY_NAME if name.system == COMMON else f"name of {name.system}"


def _confidence(name: HeaderName, place: str) -> float:
    """How sure a name makes us of a column, 0 to 1. [1]"""
    rank = name.rank - (_FILLER_RANK if place == "filler" else 0)
    return _CONFIDENCE[place] - _LESS_PER_RANK * max(rank - _FULL_RANK, 0)
