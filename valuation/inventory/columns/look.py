"""Look: what the cells of a column look like, told without its name.

What a sort of cell looks like is data (`look`, `look_pattern`, `look_conflict`); here is only how
a few dozen cells are held against it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

from valuation.inventory.columns.column_map import normalise
from valuation.tables import Tables

SAMPLE_ROWS: Final = 50
"""Rows below a header whose cells are looked at."""

_LONGEST_CELL: Final = 200
"""A longer cell is a text; it is cut before it is compared."""
_BOUND_FROM_CELLS: Final = 10
"""Fewer cells than this may all differ by chance: the greatest distinct share is not asked for."""
_WORDS_IN_NAME: Final = 5
_NO_WORDS: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True)
class Look:
    """One row of the look table: a sort of cell, and when a column is taken to be of it."""

    look: str
    canonical: str | None
    rank: int
    places: bool
    confidence: float
    minimum_share: float
    minimum_cells: int
    minimum_distinct: float
    maximum_distinct: float
    counts: bool

    def holds(self, share: float, cells: Sequence[str]) -> bool:
        """Whether a column is of this sort, by the share of its filled cells that fit."""
        if len(cells) < self.minimum_cells or share < self.minimum_share:
            return False
        distinct = len(set(cells)) / len(cells)
        too_many = len(cells) >= _BOUND_FROM_CELLS and distinct > self.maximum_distinct
        if distinct < self.minimum_distinct or too_many:
            return False
        return not self.counts or _counts_up(cells)


@dataclass(frozen=True)
class Pattern:
    """One row of the pattern table: how a cell of a sort is written."""

    look: str
    pattern: str
    words: frozenset[str] = _NO_WORDS
    minimum_length: int = 1
    maximum_length: int = _LONGEST_CELL

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.IGNORECASE)

    def fits(self, cell: str) -> bool:
        """Whether a cell is written so.

        >>> Pattern("x", "s?", frozenset({"harddisk"})).fits("Hard Disks")
        True
        """
        if not self.minimum_length <= len(cell) <= self.maximum_length:
            return False
        if not self.words:
            return self._compiled.fullmatch(cell) is not None
        parts = cell.split(maxsplit=_WORDS_IN_NAME)
        for count in range(min(len(parts), _WORDS_IN_NAME), 0, -1):
            end = _end_of(cell, parts[:count])
            for shorter in (end, *_before_suffix(cell, end)):
                known = normalise(cell[:shorter]) in self.words
                if known and self._compiled.fullmatch(cell, shorter):
                    return True
        return False


@dataclass(frozen=True)
class Seen:
    """What the cells of one column look like.

    Attributes:
        cells: The filled ones.
        looks: Sorts they are of, the one that is meant first, with the share that fits. [1]
    """

    cells: tuple[str, ...] = ()
    looks: tuple[tuple[Look, float], ...] = ()

    def named(self) -> frozenset[str]:
        """Names of the sorts that were seen."""
        return frozenset(look.look for look, _ in self.looks)

    def meant(self) -> tuple[Look, float] | None:
        """The sort that is meant, where exactly one of the lowest rank fits."""
        first = self.looks[:1]
        rival = self.looks[1:2]
        if not first or (rival and rival[0][0].rank == first[0][0].rank):
            return None
        return first[0]


class Looks:
    """The known sorts of cells."""

    def __init__(
        self,
        looks: Iterable[Look],
        patterns: Iterable[Pattern],
        conflicts: Iterable[tuple[str, str]],
        placeholders: Iterable[str] = (),
    ) -> None:
        self._patterns: dict[str, list[Pattern]] = {}
        for pattern in patterns:
            self._patterns.setdefault(pattern.look, []).append(pattern)
        self._looks = sorted(looks, key=lambda look: (look.rank, look.look))
        self._conflicts = frozenset(conflicts)
        self._placeholders = frozenset(text.casefold() for text in placeholders) | {"-", "?", "--"}

    @classmethod
    def from_tables(cls, tables: Tables) -> "Looks":
        """The shipped sorts."""
        return cls(
            [_look(row) for row in tables.frame("look").iter_rows(named=True)],
            [_pattern(row, tables) for row in tables.frame("look_pattern").iter_rows(named=True)],
            tables.frame("look_conflict").select("canonical", "look").iter_rows(),
            tables.frame("placeholder")["text"],
        )

    def fits(self, look: str, cell: str) -> bool:
        """Whether one cell is written as a sort is."""
        return any(pattern.fits(cell) for pattern in self._patterns.get(look, ()))

    def see(self, cells: Iterable[str]) -> Seen:
        """What the cells of a column look like; blanks and placeholders say nothing."""
        bare = (cell.strip()[:_LONGEST_CELL] for cell in cells)
        filled = tuple(c for c in bare if c and c.casefold() not in self._placeholders)
        often = Counter(filled)
        looks = [look for look in self._looks if len(filled) >= look.minimum_cells]
        shares = ((look, self._share(look, often)) for look in looks)
        return Seen(filled, tuple((k, share) for k, share in shares if k.holds(share, filled)))

    def _share(self, look: Look, often: Counter[str]) -> float:
        """Share of cells that fit; zero as soon as too few of them can. [1]"""
        cells = often.total()
        missed = 0
        for cell, times in often.items():
            if not self.fits(look.look, cell):
                missed += times
                if cells - missed < look.minimum_share * cells:
                    return 0.0
        return 1 - missed / cells

    def conflict(self, canonical: str, seen: Seen) -> str:
        """The sort of these cells that a column of that name plainly should not hold, if any."""
        if any(look.canonical == canonical for look, _ in seen.looks):
            return ""
        first = (look.look for look, _ in seen.looks if (canonical, look.look) in self._conflicts)
        return next(first, "")

    def data_share(self, cells: Sequence[str]) -> float:
        """Share of the filled cells of a row that look like data, not like names of columns. [1]

        Only sorts that no header is written in count: amounts, dates, addresses, capacities.
        """
        filled = [cell.strip() for cell in cells if cell.strip()]
        kinds = [look.look for look in self._looks if look.rank == 1 and _is_never_a_name(look)]
        data = sum(any(self.fits(kind, cell) for kind in kinds) for cell in filled)
        return data / len(filled) if filled else 0.0


def _is_never_a_name(look: Look) -> bool:
    """Whether no header is written so: makers, types, statuses and `x` may well be headers."""
    return look.canonical in ("capacity", "purchase_date") or (
        look.canonical is None and look.maximum_distinct == 1
    )


def _counts_up(cells: Sequence[str]) -> bool:
    numbers = [int(cell) for cell in cells if cell.isdecimal()]
    return len(numbers) == len(cells) and all(b - a == 1 for a, b in pairwise(numbers))


def _end_of(cell: str, parts: Sequence[str]) -> int:
    """Where the last of the first words of a cell ends."""
    end = 0
    for part in parts:
        end = cell.index(part, end) + len(part)
    return end


def _before_suffix(cell: str, end: int) -> Iterable[int]:
    """Where a word would end without a plural or a comma after it."""
    return (end - 1,) if end > 1 and cell[end - 1] in ",.sS" else ()


def _look(row: dict[str, Any]) -> Look:
    least, most = row["minimum_distinct"], row["maximum_distinct"]
    return Look(
        look=row["look"],
        canonical=row["canonical"],
        rank=row["rank"],
        places=row["places"],
        confidence=row["confidence"] or 0.0,
        minimum_share=row["minimum_share"],
        minimum_cells=row["minimum_cells"],
        minimum_distinct=0.0 if least is None else least,
        maximum_distinct=1.0 if most is None else most,
        counts=row["counts"],
    )


def _pattern(row: dict[str, Any], tables: Tables) -> Pattern:
    words = _NO_WORDS
    if row["words"]:
        table, column = row["words"].split(".")
        words = frozenset(normalise(word) for word in tables.frame(table)[column]) - {""}
    return Pattern(
        row["look"], row["pattern"] or "", words, row["minimum_length"], row["maximum_length"]
    )
