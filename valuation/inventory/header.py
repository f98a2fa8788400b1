"""Header: which row of a table names its columns, and what each column is in our words.

Names decide: the header is compared with the rows of `data/inventory/header.csv`, those of the
best fitting system first, then the common synonyms, then the same with filler words taken off
("Asset Serial No." is a serial number). What is left over is named, never dropped silently.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from valuation.errors import MissingColumns
from valuation.tables import Tables

HEADER_WITHIN_ROWS: Final = 50
"""A header further down than this is not looked for."""

ITEM_TEXTS: Final = ("manufacturer", "model", "part_number", "description", "type", "capacity")
"""Canonical columns that describe an item, in the order of its key."""

LINE_TEXTS: Final = ("serial", "asset_tag", "host", "site", "status", "purchase_date")
"""Canonical columns that belong to one line."""

NAMING: Final = frozenset({"model", "part_number", "description", "type"})
"""A table needs one of these, or a component name with one of `SUPPORTING`."""
SUPPORTING: Final = frozenset({"manufacturer", "capacity", "quantity", "serial"})

NUMBERED: Final = ("description", "part_number", "component_name")
"""Canonical columns whose names also stand over line numbers."""

COMMON: Final = "common"
"""The `system` of synonyms that belong to no system."""


def normalise(name: str) -> str:
    """A column name without case, blanks, punctuation and accents.

    >>> normalise(" Serial-Number "), normalise("S/N #"), normalise("Kapazität")
    ('serialnumber', 'sn', 'kapazitat')
    """
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return "".join(c for c in unicodedata.normalize("NFC", bare) if c.isalnum())


@dataclass(frozen=True)
class HeaderName:
    """One row of the header table: a known name and what it stands for."""

    system: str
    header: str
    normalised: str
    canonical: str | None
    rank: int


@dataclass(frozen=True)
class ColumnMap:
    """What the columns of one table are.

    Attributes:
        names: Header cells as written.
        columns: Canonical column to column positions, the one that speaks first in front.
        system: Name of the best fitting system; None when none fits.
        known: Columns whose name is known, whether or not we use them.
    """

    names: tuple[str, ...]
    columns: dict[str, tuple[int, ...]] = field(default_factory=dict)
    system: str | None = None
    known: int = 0

    @property
    def is_usable(self) -> bool:
        """Whether the columns name items: one that names, and a second beside it if there is."""
        found = set(self.columns)
        names_items = found & NAMING or ("component_name" in found and found & SUPPORTING)
        return bool(names_items) and (len(found) >= 2 or len(self.names) == 1)

    @property
    def score(self) -> int:
        """How much of a header this row is: used columns count twice."""
        return len(self.columns) + self.known

    def column_of(self) -> dict[str, str]:
        """Header as written to canonical column, for the columns that are used."""
        pairs = [(i, c) for c, positions in self.columns.items() for i in positions]
        return {self.label(i): c for i, c in sorted(pairs)}

    def unmapped(self) -> list[str]:
        """Headers that are not used, as written."""
        used = {i for positions in self.columns.values() for i in positions}
        return [
            self.label(i) for i, name in enumerate(self.names) if i not in used and name.strip()
        ]

    def label(self, position: int) -> str:
        """The header of a column, told apart where the file repeats it."""
        name = self.names[position].strip()
        repeated = sum(n.strip() == name for n in self.names) > 1
        return f"{name} (column {position + 1})" if repeated or not name else name


class HeaderTable:
    """The known column names, indexed for matching."""

    def __init__(self, names: Iterable[HeaderName], filler: Iterable[tuple[str, str]]) -> None:
        self._by_system: dict[str, dict[str, HeaderName]] = {}
        for name in names:
            self._by_system.setdefault(name.system, {})[name.normalised] = name
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


def find_header(rows: Sequence[Sequence[str]], table: HeaderTable) -> tuple[int, ColumnMap] | None:
    """Position and meaning of the best header among the first rows; the first of equals.

    Args:
        rows: The first rows of a table, as cells.
        table: The known names.
    """
    best: tuple[int, ColumnMap] | None = None
    for position, cells in enumerate(rows[:HEADER_WITHIN_ROWS]):
        found = table.match(cells)
        if found.is_usable and (best is None or found.score > best[1].score):
            best = position, found
    if best is None:
        return None
    position, columns = best
    while position + 1 < len(rows) and _says_again(columns, table.match(rows[position + 1])):
        position += 1
    return position, _without_line_numbers(columns, rows[position + 1 :])


def _says_again(columns: ColumnMap, following: ColumnMap) -> bool:
    """Whether the row below a header names the same columns in other words: another language."""
    written = [normalise(name) for name in columns.names]
    below = [normalise(name) for name in following.names]
    return following.columns == columns.columns and below != written


def _without_line_numbers(columns: ColumnMap, rows: Sequence[Sequence[str]]) -> ColumnMap:
    """The map without columns such as `Item` that only number the lines."""
    if len(rows) < 3:
        return columns
    numbered = set()
    for position in {i for name in NUMBERED for i in columns.columns.get(name, ())}:
        cells = [row[position].strip() for row in rows if position < len(row)]
        figures = [int(cell) for cell in cells if cell.isdecimal()]
        if len(figures) >= 3 and figures == list(range(figures[0], figures[0] + len(figures))):
            numbered.add(position)
    kept = {c: tuple(i for i in p if i not in numbered) for c, p in columns.columns.items()}
    return replace(columns, columns={c: p for c, p in kept.items() if p})


def with_batch_column(columns: ColumnMap, batch_by: str | None) -> ColumnMap:
    """The map with the column a user named as the batch.

    Raises:
        MissingColumns: The table has no such column.
    """
    if batch_by is None:
        return columns
    wanted = normalise(batch_by)
    for position, name in enumerate(columns.names):
        if normalise(name) == wanted:
            return replace(columns, columns={**columns.columns, "batch": (position,)})
    close = difflib.get_close_matches(batch_by, [n for n in columns.names if n], n=1, cutoff=0.0)
    raise MissingColumns(
        f"has no column `{batch_by}` to tell batches apart.", f"Did you mean `{close[0]}`?"
    )
