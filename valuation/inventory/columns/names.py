"""Names: the known column names, and what each column of a table is by its name.

The names of the best fitting system come first, then the common synonyms, then the same with
filler words taken off ("Asset Serial No." is a serial number). What is left over is named, never
dropped silently.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from valuation.inventory.columns.column_map import ColumnMap, normalise
from valuation.tables import Tables

COMMON: Final = "common"
"""The `system` of synonyms that belong to no system."""


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

    def __init__(self, names: Iterable[HeaderName], filler: Iterable[tuple[str, str]]) -> None:
        self._by_system: dict[str, dict[str, HeaderName]] = {}
        names = tuple(names)
        for name in names:
            self._by_system.setdefault(name.system, {})[name.normalised] = name
        self.words = frozenset(name.header.strip().casefold() for name in names)
        """Every known name as written, without regard to case."""
        words = list(filler)
        self._leading = {word for place, word in words if place == "leading"}
        self._trailing = {word for place, word in words if place == "trailing"}

    @classmethod
    def from_tables(cls, tables: Tables) -> "HeaderTable":
        """The shipped table."""
        columns = ("system", "header", "normalised", "canonical", "rank")
        rows = tables.frame("header").select(columns)
        names = [
            HeaderName(system, header, normalised, canonical, rank or 0)
            for system, header, normalised, canonical, rank in rows.iter_rows()
        ]
        return cls(names, tables.frame("header_filler").select("place", "word").iter_rows())

    def match(self, cells: Sequence[str]) -> ColumnMap:
        """What the cells of a row would be, were the row a header."""
        keys = [normalise(cell) for cell in cells]
        system = self._best_system(keys)
        claims: dict[str, list[tuple[int, int]]] = {}
        known = 0
        for position, key in enumerate(keys):
            found = self._find(key, cells[position], system) if key else None
            if found is None:
                continue
            known += 1
            if found.canonical:
                claims.setdefault(found.canonical, []).append((found.rank, position))
        columns = {c: tuple(i for _, i in sorted(ranked)) for c, ranked in claims.items()}
        return ColumnMap(tuple(cells), columns, system, known)

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

    def _best_system(self, keys: Sequence[str]) -> str | None:
        """The system that knows most of the names: at least four, and seven in ten."""
        present = {key for key in keys if key}
        fits: list[tuple[float, str]] = []
        for system, names in sorted(self._by_system.items()):
            hits = len(present & names.keys())
            if system != COMMON and hits >= 4 and hits * 10 >= len(present) * 7:
                fits.append((hits / len(present) + hits / len(names), system))
        return max(fits, key=lambda fit: fit[0])[1] if fits else None

    def _find(self, key: str, text: str, system: str | None) -> HeaderName | None:
        order = [s for s in (system, COMMON) if s in self._by_system]
        for name in order:
            if key in self._by_system[name]:
                return self._by_system[name][key]
        for name in sorted(self._by_system):
            found = self._by_system[name].get(key)
            if found and found.canonical:
                return found
        for shorter in self._without_filler(text):
            for name in order:
                found = self._by_system[name].get(shorter)
                if found and found.canonical:
                    # A name that fits only after trimming speaks after one that fits as it is.
                    return replace(found, rank=found.rank + 10)
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
