"""Label: rows that add up other rows, told from rows that name an item."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import polars as pl

from valuation.inventory.columns.column_map import normalise
from valuation.tables import Tables

CELL_SEPARATOR: Final = "\x1f"
REPEATED_HEADER: Final = "\x1e"
"""What the scan puts in place of the text of a row that repeats the header."""
EMPTY_ROW: Final = "\x1d"
"""What it puts before the text of a row whose used columns are blank, but for the quantity."""

_CHARACTERS: Final = 100
"""No figure beside a label is longer."""
_FIGURE: Final = re.compile(
    r"(?:[A-Z]{3}\b|[^\w\s])?\s*[-(]?\d[\d.,'\s/:-]*\)?\s*(?:[^\W\d]{0,4}|[^\w\s])\.?"
)
"""A number, an amount, a weight, a date: what stands beside the label of a total."""


class TotalLabels:
    """The words that mark a total, such as `Subtotal` or `Grand total`."""

    def __init__(
        self, labels: Iterable[str], followers: Iterable[str] = (), places: Iterable[str] = ()
    ) -> None:
        self._labels = frozenset(normalise(label) for label in labels)
        self._followers = frozenset(normalise(word) for word in followers)
        shortest = [w for w in self._labels if not any(o != w and o in w for o in self._labels)]
        self.pattern = "(?i)" + "|".join(sorted(map(re.escape, shortest)))
        """What the text of a row must contain to be looked at more closely."""
        self._some = re.compile(self.pattern)
        self._ascii = [word for word in shortest if word.isascii()]
        self._compound = frozenset(
            w for w in self._labels if any(o != w and w.endswith(o) for o in self._labels)
        )
        """Labels such as `Subtotal`, which no product begins with, as `Total Access` does."""
        names = "|".join(re.escape(place) for place in places)
        self._place = re.compile(rf"(?i)(?:{names})[ (#:-]*(?:slot )?\d") if names else None

    @classmethod
    def from_tables(cls, tables: Tables) -> "TotalLabels":
        """The shipped words."""
        words = tables.frame("total_label").rows_by_key("role")
        places = tables.frame("slot_word")["word"]
        labels, followers = ([row[0] for row in words[role]] for role in ("label", "follower"))
        return cls(labels, followers, places)

    def is_place(self, description: str) -> bool:
        """Whether a description begins with the name of a slot, as in `Slot 3 - 48 ports`.

        Such a row may say the number and serial of its chassis again.
        """
        return self._place is not None and self._place.match(description) is not None

    def may_be_total(self, columns: Sequence[str]) -> pl.Expr:
        """Whether the texts of a row hold anything like a label: where not, `is_total` is false.

        What is not ASCII has many ways to be written and is left to be looked at.
        """
        text = pl.concat_str(columns)
        letters = text.str.to_lowercase().str.replace_all("[^a-z0-9]", "")
        return letters.str.contains_any(self._ascii) | text.str.contains(r"[^\x00-\x7F]")

    def is_total(self, naming: Sequence[str], others: Sequence[str]) -> bool:
        """Whether a row adds up others.

        It does when one cell is nothing but a label and no other cell names an item, or when a
        cell begins or ends with one and all others are figures.

        Args:
            naming: Cells that would name an item: model, part number, description.
            others: All other cells.
        """
        named = [cell for cell in naming if cell.strip()]
        cells = [*named, *(cell for cell in others if cell.strip())]
        if not any(self._some.search(normalise(cell)) for cell in cells):
            return False
        whole = [cell for cell in cells if normalise(cell) in self._labels]
        if whole and all(cell in whole for cell in named):
            return True
        broad = [cell for cell in cells if self._begins_or_ends(cell)]
        return bool(broad) and all(
            cell in broad or (len(cell) <= _CHARACTERS and _FIGURE.fullmatch(cell))
            for cell in cells
        )

    def judge(self, remark: str) -> str | None:
        """What a row is that names no item: a repeated header, a total, blank, a lost remark.

        Args:
            remark: Text of the row as the scan gives it.

        Returns:
            Why the row is no line; None when it is one all the same.
        """
        if remark == REPEATED_HEADER:
            return "repeated_header"
        text = remark.removeprefix(EMPTY_ROW)
        cells = [cell for cell in text.split(CELL_SEPARATOR) if cell.strip()]
        if cells and self.is_total((), cells):
            return "total"
        if text == remark:
            return None
        return "no_item" if cells else "blank"

    def _begins_or_ends(self, cell: str) -> bool:
        """Whether a cell reads like `Dell total`, `Total units` or `Subtotal Dell`."""
        words = [normalise(word) for word in re.findall(r"[\w-]+", cell)]
        if not words:
            return False
        if words[-1] in self._labels or "".join(words[-2:]) in self._labels:
            return True
        size = 2 if "".join(words[:2]) in self._labels else 1
        if "".join(words[:size]) not in self._labels:
            return False
        if "".join(words[:size]) in self._compound:
            return True
        rest = words[size:]
        return rest[0] in self._followers or all(
            word in self._followers or re.search(r"\d", word) for word in rest
        )


def _is_figure(cell: str) -> bool:
    return len(cell) <= _CHARACTERS and _FIGURE.fullmatch(cell) is not None
