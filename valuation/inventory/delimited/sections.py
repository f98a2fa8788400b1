"""Sections: several tables in one text, each under a header of its own.

A row is a header when most of its cells are known column names. The table's own header again is
passed over; another one that names items begins another section, whose cells stand in the columns
that mean the same, or in new ones; one that names none begins rows that are set aside.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from valuation.inventory.columns.column_map import ColumnMap, normalise
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.delimited.encoding import readable
from valuation.inventory.delimited.ragged import Widths

_NAMES_AT_LEAST: Final = 3
_NAMES_SHARE: Final = 0.6
"""A row of which this share are known column names is a header."""


@dataclass
class Section:
    """One table of a text.

    Attributes:
        number: Its place among the tables of the text, from 0.
        columns: What its columns are.
        positions: Where each of its cells stands among the columns of the whole text.
        widths: How its rows end.
        names_items: Whether its rows can be loaded.
    """

    number: int
    columns: ColumnMap
    positions: tuple[int, ...]
    widths: Widths
    names_items: bool

    @property
    def width(self) -> int:
        """Cells of its header. [1]"""
        return self.widths.width

    def placed(self, cells: list[str]) -> list[str]:
        """The cells of a row where they stand among the columns of the whole text."""
        if not self.number or not self.names_items:
            return cells
        out = [""] * (max(self.positions) + 1)
        for position, cell in zip(self.positions, cells, strict=False):
            out[position] = cell
        return out + cells[self.width :]


class Sections:
    """The tables of a text in the order they were met; the last one is open."""

    def __init__(self, columns: ColumnMap, table: HeaderTable) -> None:
        self._table = table
        self._columns = columns
        self._known: list[Section] = []
        self._words: frozenset[str] = frozenset()
        self._spellings: set[str] = set()
        self.open = self._begin(columns)

    def __iter__(self) -> Iterator[Section]:
        return iter(self._known)

    @property
    def is_one(self) -> bool:
        """Whether no other table was met yet."""
        return len(self._known) == 1

    @property
    def names(self) -> frozenset[str]:
        """What cells of a header may say, two of them at least, as it is written."""
        return frozenset(self._spellings)

    def is_header(self, cells: list[str]) -> bool:
        """Whether a row is a header; the section it heads is open then."""
        if len(self._spellings.intersection(cells)) < 2:  # nearly every row ends here
            return False
        given = [cell for cell in cells if cell.strip()]
        names = sum(_plain(cell) in self._words for cell in given)
        if names < 2 or names < _NAMES_SHARE * len(given):
            return False
        for section in self._known:
            if _is_same(section.columns.names, cells):
                self.open = section
                return True
        columns = self._table.match([readable(cell.strip()) for cell in cells])
        is_narrow = columns.known == len(given) and columns.is_usable
        if columns.known < _NAMES_AT_LEAST and not is_narrow:
            return False
        self.open = self._begin(columns)
        return True

    def columns(self) -> ColumnMap:
        """The columns of all sections as those of one table."""
        return self._columns

    def _begin(self, columns: ColumnMap) -> Section:
        """A section: its cells stand where those of the same meaning do, others in new columns."""
        number, before = len(self._known), self._columns
        names = list(before.names) if number else list(columns.names)
        if number and not columns.is_usable:
            return self._keep(Section(number, columns, (), Widths(len(columns.names)), False))
        positions = dict(enumerate(range(len(columns.names)))) if not number else {}
        merged = dict(before.columns)
        for name, found in columns.columns.items() if number else ():
            positions |= zip(found, merged.get(name, ()), strict=False)
        for position, name in enumerate(columns.names):
            if position not in positions:
                positions[position] = len(names)
                names.append(name)
        for name, found in columns.columns.items() if number else ():
            known = merged.get(name, ())
            merged[name] = known + tuple(positions[i] for i in found[len(known) :])
        self._columns = replace(before, names=tuple(names), columns=merged)
        placed = tuple(positions[i] for i in range(len(columns.names)))
        return self._keep(Section(number, columns, placed, Widths(len(columns.names)), True))

    def _keep(self, section: Section) -> Section:
        self._known.append(section)
        named = {_plain(name) for known in self._known for name in known.columns.names}
        self._words = (self._table.words | named) - {""}
        spelt = (str.lower, str.upper, str.title, str.capitalize)
        as_written = {name.strip() for known in self._known for name in known.columns.names}
        self._spellings = as_written.union(spell(w) for w in self._words for spell in spelt) - {""}
        return section


def _plain(cell: str) -> str:
    return cell.strip().casefold()


def _is_same(names: tuple[str, ...], cells: list[str]) -> bool:
    """Whether a row says the names of a header again, in whatever letters."""
    said = [normalise(cell) for cell in cells]
    written = [normalise(name) for name in names]
    while said and not said[-1]:
        said.pop()
    return bool(said) and said == written[: len(said)] and len(said) * 2 > len(written)
