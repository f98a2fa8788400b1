"""Exported: the items of a published file that are not settled, for a person to fill in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from valuation.errors import OutputError
from valuation.frames import RAW_TEXTS
from valuation.identity.answers import ITEM, AnswerRules, item_key
from valuation.identity.overrides import Overrides
from valuation.review.columns import COLUMNS
from valuation.sheet import MARKED, MAX_ROWS, sheet_text
from valuation.store import open_read_only, put_in_place, staged
from valuation.tables import Tables

WITH_CLASS_VALUES: Final = 4
"""Schema version from which on a file tells what one unit of each class brings."""

_ITEMS_SQL: Final = Path(__file__).with_name("items.sql")
_WORKBOOK: Final = ".xlsx"
_CENTS, _SHARE_DIGITS = 2, 6


@dataclass(frozen=True)
class Exported:
    """A file of items to review.

    Attributes:
        path: The file.
        items: Items in it.
        of_items: Items that are not settled.
        answered: Items left out since they are answered, though not valued again.
        at_stake_usd: What the items in it are expected to move together; None when unknown.
        is_new: Whether the file was not there with the same content already.
    """

    path: Path
    items: int
    of_items: int
    answered: int
    at_stake_usd: float | None
    is_new: bool = True


def export_items(
    db: Path,
    path: Path,
    overrides: Overrides,
    tables: Tables,
    *,
    below: float,
    most: int = MAX_ROWS,
    force: bool = False,
) -> Exported:
    """Write the items that are not settled, the one that matters most first.

    Args:
        db: A published file.
        path: The file to write: a workbook when its name ends in .xlsx, else CSV.
        overrides: Answers there are already.
        tables: Reference data.
        below: Confidence under which an item is doubtful. [1]
        most: The most items to write.
        force: Replace a file that is there with another content.

    Raises:
        OutputBusy: Another program has the published file open for writing.
        OutputError: There is no such file, it is of an earlier version, or the file cannot be
            written, or is there with another content.
    """
    rows = _unsettled(db, below)
    items = [row for row in rows if row["texts"] not in overrides.answers]
    taken = items[: min(most, MAX_ROWS)]
    stakes = [row["at_stake_usd"] for row in taken if row["at_stake_usd"] is not None]
    cells = [_cells(row) for row in taken]
    with staged(path) as beside:
        if path.suffix.lower() == _WORKBOOK:
            from valuation.review.workbook import write_workbook

            write_workbook(beside, COLUMNS, cells, AnswerRules(tables).kind_of_class)
        else:
            beside.write_text(sheet_text(COLUMNS, cells), encoding=MARKED, newline="")
        same = path.is_file() and path.read_bytes() == beside.read_bytes()
        if path.exists() and not same and not force:
            raise OutputError(
                f"{path} is there with another content, maybe with answers filled in.",
                "Nothing was written: import it first, give another name, or --force.",
            )
        put_in_place(beside, path)
    stake = sum(stakes) if stakes or not taken else None
    return Exported(path, len(taken), len(items), len(rows) - len(items), stake, not same)


def _unsettled(db: Path, below: float) -> list[dict[str, Any]]:
    """The items of a published file that are not settled, with their texts as a tuple."""
    with open_read_only(db) as connection:
        ((version,),) = connection.execute("select max(schema_version) from run").fetchall()
        if (version or 0) < WITH_CLASS_VALUES:
            raise OutputError(
                f"{db} was written by an earlier version, which kept no value of a class.",
                f"Value it again: `valuation value --db {db}`.",
            )
        cursor = connection.execute(_ITEMS_SQL.read_text(encoding="utf-8"), {"below": below})
        names = [column[0] for column in cursor.description or ()]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [row | {"texts": tuple(row[name] or "" for name in RAW_TEXTS)} for row in found]


def _cells(row: Mapping[str, Any]) -> dict[str, object]:
    """A row as cells: money in cents, whole numbers without a point."""
    cells: dict[str, object] = {ITEM: item_key(row["item_id"])}
    for name, value in row.items():
        if isinstance(value, float):
            rounded = round(value, _CENTS if name.endswith(("_usd", "_g", "0")) else _SHARE_DIGITS)
            cells[name] = int(rounded) if rounded.is_integer() else rounded
        else:
            cells[name] = value
    return cells
