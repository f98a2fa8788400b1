"""Ragged: which rows wider or narrower than their header are whole all the same.

Some writers leave out blank cells at the end of a row, others end every row with separators. Both
do it throughout, so the file as a whole tells. A row that is odd for no such habit has lost or won
a separator somewhere: nobody can say where, so it is set aside, never shifted into wrong columns.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

HABIT_SHARE: Final = 0.2
"""What this share of the rows does is how the file was written."""


@dataclass
class Widths:
    """What the rows of a table show of how their writer ends them.

    Attributes:
        width: Cells of the header. [1]
        whole: Rows as wide as it. [1]
        ending_blank: Of these, whose last cell is blank; one counts for many. [1]
        narrower: Rows with fewer cells. [1]
        wider: Rows with more cells whose surplus is blank, by their number of cells.
    """

    width: int
    whole: int = 0
    ending_blank: int = 0
    narrower: int = 0
    wider: Counter[int] = field(default_factory=Counter)

    def add_whole(self, last: str) -> None:
        """Count a row as wide as the header by its last cell."""
        self.whole += 1
        self.ending_blank += not last or last.isspace()

    def add_plain(self, rows: int, *, ends_blank: bool) -> None:
        """Count rows as wide as the header, and whether the last cell of one is blank."""
        self.whole += rows
        self.ending_blank += ends_blank

    def add_odd(self, cells: list[str]) -> None:
        """Count a row of another width."""
        if len(cells) < self.width:
            self.narrower += 1
        elif not has_surplus(cells, self.width):
            self.wider[len(cells)] += 1

    def reason(self, cells: list[str]) -> str | None:
        """Why a row of another width cannot be loaded; None when it can."""
        if len(cells) < self.width:
            return None if self._leaves_out_blanks() else "too_few_cells"
        if has_surplus(cells, self.width):
            return "too_many_cells"
        return None if self._is_surplus_at_the_end(cells) else "too_many_cells"

    def _leaves_out_blanks(self) -> bool:
        """Whether the writer leaves out blank cells at the end: then no row ends with one."""
        rows = self.whole + self.narrower
        return not self.ending_blank and self.narrower >= HABIT_SHARE * rows

    def _is_surplus_at_the_end(self, cells: list[str]) -> bool:
        """Whether blank cells too many stand at the end, not where a separator was doubled."""
        if self.wider[len(cells)] >= HABIT_SHARE * (self.whole + self.wider.total()):
            return True
        # Where the last column is always filled, a filled last cell has its place.
        return not self.ending_blank and self.whole > 0 and bool(cells[self.width - 1].strip())


def has_surplus(cells: list[str], width: int) -> bool:
    """Whether a row has cells beyond a width that hold anything."""
    return any(cell and not cell.isspace() for cell in cells[width:])
