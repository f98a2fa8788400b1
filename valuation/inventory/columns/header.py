"""Header: which row of a table names its columns."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Final

from valuation.inventory.columns.column_map import ColumnMap, normalise
from valuation.inventory.columns.map_fit import BY_OWNER
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.columns.place import place_columns, place_unnamed

HEADER_WITHIN_ROWS: Final = 50
"""A header further down than this is not looked for."""

_OWN_NAMES: Final = 3
_NAMES_SHARE: Final = 0.6
"""A header above the best one has this many known names, and this share of its cells."""
_DIGITS: Final = 18
"""Longer figures number nothing."""
NUMBERED: Final = ("description", "part_number", "component_name")
"""Canonical columns whose names also stand over line numbers."""


def find_header(rows: Sequence[Sequence[str]], table: HeaderTable) -> tuple[int, ColumnMap] | None:
    """Position and meaning of the best header among the first rows; the first of equals.

    Where lines stand between two headers, the first begins a table of its own and is taken: what
    stands above the header taken is titles, never lines. The position is -1 where a map tells
    columns by position and the first row is a line.

    Args:
        rows: The first rows of a table, as cells.
        table: The known names.
    """
    matched = [table.match(cells, at + 1) for at, cells in enumerate(rows[:HEADER_WITHIN_ROWS])]
    usable = [at for at, found in enumerate(matched) if found.is_usable]
    if not usable:
        return place_unnamed(rows, table)
    best = max(usable, key=lambda at: (matched[at].score, -at))
    earlier = (at for at in usable if at < best and _heads_lines(at, best, rows, matched))
    position = best if matched[best].map_name else next(earlier, best)
    columns = matched[position]
    if not columns.map_name:
        position, columns = _with_rows_around(position, columns, rows, table)
    while position + 1 < len(rows) and _says_again(columns, table.match(rows[position + 1])):
        position += 1
    below = rows[position + 1 :]
    return position, place_columns(_without_line_numbers(columns, below), below, table)


def _heads_lines(
    at: int, best: int, rows: Sequence[Sequence[str]], matched: Sequence[ColumnMap]
) -> bool:
    """Whether a row above the best header is one too, with lines of its own below it."""
    found, filled = matched[at], sum(map(bool, rows[at]))
    if found.known < _OWN_NAMES or found.known < _NAMES_SHARE * filled:
        return False
    if 2 * found.score < matched[best].score:
        return False
    between = zip(rows[at + 1 : best], matched[at + 1 : best], strict=True)
    return any(sum(map(bool, row)) > 1 and below.known == 0 for row, below in between)


def _with_rows_around(
    position: int, columns: ColumnMap, rows: Sequence[Sequence[str]], table: HeaderTable
) -> tuple[int, ColumnMap]:
    """The header with what the rows above and below it add to its names.

    A header over two rows says `Serial` in one and `Number` in the other, or a unit below a name.
    """
    if position:
        above = table.match(_joined(rows[position - 1], columns.names))
        columns = above if above.score > columns.score else columns
    below = position + 1
    while below < len(rows) and below <= position + 2:
        if any(rows[below]):
            if not _continues(columns.names, rows[below], table):
                break
            columns = table.match(_joined(columns.names, rows[below]))
            position = below
        below += 1
    return position, columns


def _continues(names: Sequence[str], row: Sequence[str], table: HeaderTable) -> bool:
    """Whether each cell of a row goes on with the name above it to a name that is known."""
    given = [(name, cell) for name, cell in zip_longest(names, row, fillvalue="") if cell]
    return all(table.match([f"{name} {cell}".strip()]).known for name, cell in given)


def _joined(names: Sequence[str], row: Sequence[str]) -> list[str]:
    return [f"{name} {cell}".strip() for name, cell in zip_longest(names, row, fillvalue="")]


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
    by_name = {i for i, placed in enumerate(columns.placements()) if placed.how not in BY_OWNER}
    for position in by_name & {i for name in NUMBERED for i in columns.columns.get(name, ())}:
        cells = [row[position].strip() for row in rows if position < len(row)]
        figures = [int(cell) for cell in cells if cell.isdecimal() and len(cell) <= _DIGITS]
        if len(figures) >= 3 and figures == list(range(figures[0], figures[0] + len(figures))):
            numbered.add(position)
    kept = {c: tuple(i for i in p if i not in numbered) for c, p in columns.columns.items()}
    return replace(columns, columns={c: p for c, p in kept.items() if p})
