"""Column map: what the columns of one table are in our words, and which of them nobody knows."""

import difflib
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Final

from valuation.errors import MissingColumns

ITEM_TEXTS: Final = ("manufacturer", "model", "part_number", "description", "type", "capacity")
"""Canonical columns that describe an item, in the order of its key."""

LINE_TEXTS: Final = ("serial", "asset_tag", "host", "site", "status", "purchase_date")
"""Canonical columns that belong to one line."""

NAMING: Final = frozenset({"model", "part_number", "description", "type"})
"""A table needs one of these, or a component name with one of `SUPPORTING`."""
SUPPORTING: Final = frozenset({"manufacturer", "capacity", "quantity", "serial"})
REJECT_MARKS: Final = frozenset({"rejectkey", "sourcefile", "sourceline"})
"""Names, without punctuation, that only a file of lines set aside has; they make a header."""


def normalise(name: str) -> str:
    """A column name without case, blanks, punctuation and accents.

    >>> normalise(" Serial-Number "), normalise("S/N #"), normalise("Kapazität")
    ('serialnumber', 'sn', 'kapazitat')
    """
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return "".join(c for c in unicodedata.normalize("NFC", bare) if c.isalnum())


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
        if self.gives_back_lines:
            return True
        found = set(self.columns)
        names_items = found & NAMING or ("component_name" in found and found & SUPPORTING)
        return bool(names_items) and (len(found) >= 2 or len(self.names) == 1)

    @property
    def score(self) -> int:
        """How much of a header this row is: used columns count twice."""
        return len(self.columns) + self.known + len(self.names) * self.gives_back_lines

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
        used = {i for positions in self.columns.values() for i in positions}
        return [
            self.label(i) for i, name in enumerate(self.names) if i not in used and name.strip()
        ]

    def label(self, position: int) -> str:
        """The header of a column, told apart where the file repeats it."""
        name = self.names[position].strip()
        repeated = sum(n.strip() == name for n in self.names) > 1
        return f"{name} (column {position + 1})" if repeated or not name else name


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
