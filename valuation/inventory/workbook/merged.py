"""Merged: what a cell merged over several rows says of each of them.

A model written once for five serials is the model of all five; a quantity is not, and neither is
a serial of rows that name their own model. Cells merged sideways are titles and say nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from valuation.errors import InputError
from valuation.inventory.columns.column_map import ColumnMap
from valuation.inventory.workbook.survey import Merge

_OF_ONE_PIECE: Final = ("serial", "asset_tag")
_OWN_NAME: Final = ("model", "part_number")


@dataclass(frozen=True)
class Filled:
    """Rows with what merged cells say of them.

    Attributes:
        frame: The rows.
        rows: How many were given a text. [1]
    """

    frame: pl.DataFrame
    rows: int


def header_rows(rows: Sequence[Sequence[str]], merges: Iterable[Merge]) -> list[list[str]]:
    """The first rows of a sheet with each header cell in every row it is merged over.

    >>> header_rows([["Qty", "Device"], ["", "Model"]], [Merge(0, 0, 1, 0)])
    [['Qty', 'Device'], ['Qty', 'Model']]
    """
    out = [list(row) for row in rows]
    for top, left, bottom, _ in merges:
        if 0 <= top < len(out) and 0 <= left < len(out[top]):
            for row in out[top + 1 : bottom + 1]:
                row[left] = row[left] or out[top][left]
    return out


def fill_down(frame: pl.DataFrame, columns: ColumnMap, merges: Iterable[Merge]) -> Filled:
    """Give each row what a cell merged over it says; rows with nothing of their own stay blank.

    Args:
        frame: The rows under the header.
        columns: What the columns are.
        merges: Merged ranges, from row and column 0 of the frame.

    Raises:
        InputError: The ranges overlap so much that they cannot be meant.
    """
    upright = [
        merge
        for merge in merges
        if 0 <= merge.top < min(merge.bottom, frame.height) and 0 <= merge.left < frame.width
    ]
    if not upright:
        return Filled(frame, 0)
    if sum(merge.bottom - merge.top for merge in upright) > 4 * frame.height * frame.width:
        raise InputError("has merged cells that overlap.", "Save it again, or export CSV.")
    roles = {i: name for name, positions in columns.columns.items() for i in positions}
    own = _holds(frame, roles).to_list()
    named = _holds(frame, [i for i, name in roles.items() if name in _OWN_NAME]).to_list()
    texts: dict[int, dict[int, str]] = {}
    rows: set[int] = set()
    for top, left, bottom, _ in upright:
        text = frame.item(top, left)
        covered = [row for row in range(top + 1, min(bottom + 1, frame.height)) if own[row]]
        if text is None or not covered:
            continue
        role = roles.get(left)
        if role == "quantity":
            text = _share(text, len(covered) + 1)
            covered = [top, *covered]
        elif role in _OF_ONE_PIECE:
            covered = [row for row in covered if not named[row]]
        texts.setdefault(left, {}).update(dict.fromkeys(covered, text))
        rows.update(covered)
    filled = (frame.to_series(i).scatter(list(c), list(c.values())) for i, c in texts.items() if c)
    return Filled(frame.with_columns(filled), len(rows))


def _share(quantity: str, rows: int) -> str:
    """What each row holds of a quantity written once for all; unreadable when nobody can say.

    >>> _share("5", 5), _share("12", 5)
    ('1', '12 for 5 rows')
    """
    return "1" if quantity.strip() == str(rows) else f"{quantity} for {rows} rows"


def _holds(frame: pl.DataFrame, positions: Iterable[int]) -> pl.Series:
    """Whether a row holds anything in these columns."""
    tests = [pl.col(f"c{i}").str.strip_chars().fill_null("") != "" for i in positions]
    return frame.select(pl.any_horizontal(pl.lit(value=False), *tests).alias("holds"))["holds"]
