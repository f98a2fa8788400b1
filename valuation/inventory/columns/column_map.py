"""Column map: what the columns of one table are in our words, and which of them nobody knows."""

import difflib
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, Final

from valuation.errors import MissingColumns

ITEM_TEXTS: Final = ("manufacturer", "model", "part_number", "description", "type", "capacity")
"""Canonical columns that describe an item, in the order of its key."""

LINE_TEXTS: Final = ("serial", "asset_tag", "host", "site", "status", "purchase_date")
"""Canonical columns that belong to one line."""

CANONICAL: Final = (*ITEM_TEXTS, "component_name", "quantity", *LINE_TEXTS, "batch")
"""Every canonical column."""

NAMING: Final = frozenset({"model", "part_number", "description", "type"})
"""A table needs one of these, or a component name with one of `SUPPORTING`."""
SUPPORTING: Final = frozenset({"manufacturer", "capacity", "quantity", "serial"})
REJECT_MARKS: Final = frozenset({"rejectkey", "sourcefile", "sourceline"})
"""Names, without punctuation, that only a file of lines set aside has; they make a header."""

_JOINED: Final = 0.9
"""How sure it is what a column is that joined later. [1]"""
_SURE: Final = 1000
"""Added to the score of a row that a map names, taken from that of columns told by position."""


_NO_SIGN: Final = {n: None for n in range(128) if not chr(n).isalnum()}


@lru_cache(maxsize=1 << 14)
def normalise(name: str) -> str:
    """A column name without case, blanks, punctuation and accents.

    >>> normalise(" Serial-Number "), normalise("S/N #"), normalise("Kapazität")
    ('serialnumber', 'sn', 'kapazitat')
    """
    if name.isascii():
        return name.lower().translate(_NO_SIGN)
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return "".join(c for c in unicodedata.normalize("NFC", bare) if c.isalnum())


@dataclass(frozen=True)
class Placement:
    """How it was decided what one column is.

    Attributes:
        canonical: Our column; None when the column is not used.
        confidence: How sure that is, 0 to 1. [1]
        how: `name`, `name of SYSTEM`, `name after filler`, `look`, `map`, `position`, `option`;
            empty when nothing decided.
        rank: Order among columns of the same canonical column, 1 speaks first.
        runner_up: What else it might be; None when nothing else is near.
        runner_up_confidence: How sure that would be, 0 to 1. [1]
        conflict: What its cells plainly are instead, such as `date`; empty when they agree.
    """

    canonical: str | None = None
    confidence: float = 0.0
    how: str = ""
    rank: int = 0
    runner_up: str | None = None
    runner_up_confidence: float = 0.0
    conflict: str = ""


@dataclass(frozen=True)
class ColumnMap:
    """What the columns of one table are.

    Attributes:
        names: Header cells as written.
        columns: Canonical column to column positions, the one that speaks first in front.
        system: Name of the best fitting system; None when none fits.
        known: Columns whose name is known, whether or not we use them.
        decided: How each column was decided, by position; empty for columns given by hand.
        map_name: The map file that names the columns; empty when none does.
        decimal: What starts decimals by that map; None when it does not say.
        has_header: Whether the names stand in the table; without, they are positions.
        examples: Three cells per column, with what tells one piece from another masked.
        warnings: What a person should know about the columns.
    """

    names: tuple[str, ...]
    columns: dict[str, tuple[int, ...]] = field(default_factory=dict)
    system: str | None = None
    known: int = 0
    decided: tuple[Placement, ...] = ()
    map_name: str = ""
    decimal: str | None = None
    has_header: bool = True
    examples: tuple[tuple[str, ...], ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether the columns name items: one that names, and a second beside it if there is."""
        if self.gives_back_lines:
            return True
        found = set(self.columns)
        names_items = found & NAMING or ("component_name" in found and found & SUPPORTING)
        return bool(names_items) and (len(found) >= 2 or len(self.names) == 1)

    @property
    def score(self) -> int:
        """How much of a header this row is: used columns count twice, a map's row wins."""
        sure = 0 if not self.map_name else _SURE if self.has_header else -_SURE
        given_back = len(self.names) * self.gives_back_lines
        return sure + len(self.columns) + self.known + given_back

    @property
    def used(self) -> frozenset[int]:
        """Positions of the columns that are used."""
        return frozenset(i for positions in self.columns.values() for i in positions)

    @property
    def gives_back_lines(self) -> bool:
        """Whether this is the header of a file of lines that were set aside."""
        return {normalise(name) for name in self.names} >= REJECT_MARKS

    def column_of(self) -> dict[str, str]:
        """Header as written to canonical column, for the columns that are used."""
        pairs = [(i, c) for c, positions in self.columns.items() for i in positions]
        return {self.label(i): c for i, c in sorted(pairs)}

    def unmapped(self) -> list[str]:
        """Headers that are not used, as written."""
        return [
            self.label(i)
            for i, name in enumerate(self.names)
            if i not in self.used and name.strip()
        ]

    def label(self, position: int) -> str:
        """The header of a column, told apart where the file repeats it."""
        name = self.names[position].strip()
        repeated = self._often[name] > 1
        return f"{name} (column {position + 1})" if repeated or not name else name

    @cached_property
    def _often(self) -> Counter[str]:
        """How many columns have each name. [1]"""
        return Counter(name.strip() for name in self.names)

    def placements(self) -> tuple[Placement, ...]:
        """How every column was decided, by position, in step with `columns`."""
        canonical = {i: c for c, positions in self.columns.items() for i in positions}
        rest = range(len(self.decided), len(self.names))
        given = (*self.decided, *(_by_hand(canonical.get(i)) for i in rest))
        return tuple(_in_step(placement, canonical.get(i)) for i, placement in enumerate(given))

    def described(self) -> list[dict[str, Any]]:
        """Every column with its header and how it was decided, for the file table."""
        return [
            {
                "header": self.label(i).strip(),
                "canonical": placed.canonical,
                "confidence": round(placed.confidence, 3),
                "how": placed.how,
                "runner_up": placed.runner_up,
                "runner_up_confidence": round(placed.runner_up_confidence, 3),
                "conflict": placed.conflict or None,
            }
            for i, placed in enumerate(self.placements())
        ]


def _by_hand(canonical: str | None) -> Placement:
    """A column that joined later, as those of a second table in the file do: by its name."""
    return Placement(canonical, _JOINED, "name") if canonical else Placement()


def _in_step(placement: Placement, canonical: str | None) -> Placement:
    """A placement that says what the column is used as, also where that was changed since."""
    if canonical == placement.canonical:
        return placement
    if canonical is None:  # it was the column's name, and its cells or an option said otherwise
        return Placement(
            runner_up=placement.canonical, runner_up_confidence=placement.confidence / 2
        )
    return Placement(canonical, 1.0, "option")


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
