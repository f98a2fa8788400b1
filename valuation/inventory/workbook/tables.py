"""Tables: where on a sheet a table stands, and the rows under its header.

A sheet may hold titles above a table, a second one beside or below it, and remarks: what is not
of the table is left out with its name, never read as an item.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from valuation.inventory.columns.column_map import NAMING, ColumnMap, normalise
from valuation.inventory.columns.header import HEADER_WITHIN_ROWS, find_header
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.workbook.cells import Cells
from valuation.inventory.workbook.merged import fill_down, header_rows
from valuation.inventory.workbook.survey import Merge, Survey

_NAME_CHARACTERS: Final = 200
"""How much of a cell is looked at to tell whether it is a name."""


@dataclass(frozen=True)
class SheetTable:
    """A table on a sheet.

    Attributes:
        sheet: Name of the sheet.
        is_shown: Whether a person sees it.
        columns: What its columns are.
        header_row: Row of the header in the sheet, from 1.
        places: Columns of the sheet it takes, the first being 0.
        frame: Rows under the header, `c0`, `c1`, ...
        wide_rows: Rows of the frame with a cell merged sideways, as titles are.
        filled_rows: Rows that were given the text of a merged cell. [1]
    """

    sheet: str
    is_shown: bool
    columns: ColumnMap
    header_row: int
    places: tuple[int, ...]
    frame: pl.DataFrame
    wide_rows: frozenset[int] = frozenset()
    filled_rows: int = 0

    @property
    def names(self) -> list[str]:
        """The names of the header, blank ones at the end left out."""
        return " ".join(map(normalise, self.columns.names)).rstrip().split(" ")


def find_tables(cells: Cells, survey: Survey, table: HeaderTable) -> list[SheetTable]:
    """The tables that share the best header row of a sheet; none when it has none we know.

    Args:
        cells: The sheet.
        survey: What its XML says beside the cells.
        table: Known column names.
    """
    first = first_filled(cells.frame)
    merges = [_moved(merge, first + 1, survey.first_column) for merge in survey.merges]
    rows = header_rows(head_rows(cells.frame, first), merges)
    found = find_header(rows, table)
    if found is None:
        return []
    position, columns = _lowest(rows, merges, *found, table)
    frame = cells.frame.slice(first + position + 1)
    under = [_moved(merge, position + 1, 0) for merge in merges]
    out = []
    for places in _blocks(columns, frame, table):
        block = frame.select(pl.nth(places))
        block.columns = [f"c{i}" for i in range(len(places))]
        known = columns if len(places) == frame.width else _of(rows[position:], places, table)
        own = [_moved(merge, 0, places[0]) for merge in under if merge.left in places]
        filled = fill_down(block, known, own)
        wide = frozenset(merge.top for merge in own if merge.right > merge.left)
        row = first + position + 1
        out.append(
            SheetTable(
                cells.name, cells.is_shown, known, row, places, filled.frame, wide, filled.rows
            )
        )
    return out


def first_filled(frame: pl.DataFrame) -> int:
    """Position of the first row with a value; 0 for a sheet without any."""
    filled = (column.is_not_null() for column in frame)
    return min((int(column.arg_max() or 0) for column in filled if column.any()), default=0)


def head_rows(frame: pl.DataFrame, first: int = 0) -> list[list[str]]:
    """The rows a header is looked for in, as stripped cells."""
    head = frame.slice(first, HEADER_WITHIN_ROWS).fill_null("")
    return [[cell[:_NAME_CHARACTERS].strip() for cell in row] for row in head.rows()]


def _moved(merge: Merge, rows: int, columns: int) -> Merge:
    return Merge(merge.top - rows, merge.left - columns, merge.bottom - rows, merge.right - columns)


def _lowest(
    rows: list[list[str]],
    merges: Sequence[Merge],
    position: int,
    columns: ColumnMap,
    table: HeaderTable,
) -> tuple[int, ColumnMap]:
    """The last row of a header whose cells are merged over several."""
    used = {i for places in columns.columns.values() for i in places}
    over = (m.bottom for m in merges if m.top <= position <= m.bottom and m.left in used)
    bottom = max(over, default=position)
    if bottom > position and bottom < len(rows):
        found = find_header(rows[bottom:], table)
        if found and found[0] == 0 and found[1].score >= columns.score:
            return bottom, found[1]
    return position, columns


def _of(rows: list[list[str]], places: tuple[int, ...], table: HeaderTable) -> ColumnMap:
    """What some columns of a table are by themselves; the first row is the header."""
    cut = [[row[i] for i in places] for row in rows]
    found = find_header(cut[:1], table)
    assert found is not None, "a block was told by its header"
    following = find_header(cut, table)
    return following[1] if following and following[0] == 0 else found[1]


def _blocks(columns: ColumnMap, frame: pl.DataFrame, table: HeaderTable) -> list[tuple[int, ...]]:
    """The columns of each table that stands beside another, with a blank column between them.

    What names items must be named in each of them: a column left blank splits no other table.
    """
    names = columns.names
    blank = [
        not name.strip() and frame.to_series(i).null_count() == frame.height
        for i, name in enumerate(names)
    ]
    blocks: list[list[int]] = [[]]
    for i, is_blank in enumerate(blank):
        if is_blank:
            blocks.append([])
        else:
            blocks[-1].append(i)
    maps = {tuple(b): table.match([names[i] for i in b]) for b in blocks if b}
    usable = {places: found for places, found in maps.items() if found.is_usable}
    shared = [set(found.columns) & NAMING for found in usable.values()]
    if len(usable) < 2 or not set.intersection(*shared):
        return [tuple(range(frame.width))]
    return list(usable)


def in_words(columns: ColumnMap) -> str:
    """The names of a header, for a message."""
    return ", ".join(f"`{name.strip()[:40]}`" for name in columns.names if name.strip())


def with_names(table: SheetTable) -> SheetTable:
    """The table with a name, if a blank one, for every column."""
    names = table.columns.names
    padded = names + ("",) * (table.frame.width - len(names))
    return replace(table, columns=replace(table.columns, names=padded))
