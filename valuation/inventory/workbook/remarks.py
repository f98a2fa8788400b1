"""Remarks: rows of a sheet's table that are no line of it: titles, notes, another table, overlong.

They are set aside with the reason and the place, as the records of a text are.
"""

from typing import Final

import polars as pl

from valuation.inventory.columns.column_map import NAMING, ColumnMap, normalise
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.label import TotalLabels
from valuation.inventory.reasons import MAX_CELL_CHARACTERS, RAW_TEXT_CHARACTERS, REASONS
from valuation.inventory.rejects_file import REJECTS
from valuation.inventory.workbook.tables import SheetTable

TABLE_COLUMNS: Final = 3
"""A row of one cell is no line of a table of this many columns, though of a narrower one."""
HEADER_SCORE: Final = 4
"""How much of a header a row inside a table must be to begin another one."""

_LINE, _NEW = "source_line", "reason_code"
_NAMING: Final = {*NAMING, "component_name"}


def set_aside(
    table: SheetTable, lines_before: int, known: HeaderTable, labels: TotalLabels
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows to load, with `source_line`, and rows set aside, as `REJECTS`.

    Args:
        table: The table.
        lines_before: Records of the file above it. [1]
        known: Known column names.
        labels: Words that mark totals.
    """
    frame = table.frame
    reasons = _reasons(table, known, labels)
    numbered = frame.select(
        (pl.int_range(frame.height, dtype=pl.Int64) + lines_before + 1).alias(_LINE), pl.all()
    ).with_columns(reasons.alias(_NEW))
    loaded = numbered.filter(pl.col(_NEW).is_null()).drop(_NEW)
    return loaded, _rejects(numbered.filter(pl.col(_NEW).is_not_null()), frame.columns)


def _reasons(table: SheetTable, known: HeaderTable, labels: TotalLabels) -> pl.Series:
    """Why each row is set aside; null for those that are lines."""
    frame = table.frame
    code = pl.Series("code", [None], dtype=pl.String).new_from_index(0, frame.height)
    cells = filled_cells(frame)
    for wanted, rows in (
        ("single_cell", _titles(table, cells, labels)),
        ("below_table", _notes(table, cells, labels)),
        ("other_table", _others(table, cells, known)),
        ("cell_too_long", _long(frame)),
    ):
        code = code.scatter(rows, wanted) if len(rows) else code
    return code


def filled_cells(frame: pl.DataFrame) -> pl.Series:
    """Cells of each row that hold anything. [1]"""
    tests = [_is_filled(column).cast(pl.Int32) for column in frame.columns]
    return frame.select(pl.sum_horizontal(pl.lit(0), *tests).alias("cells"))["cells"]


def _is_filled(column: str) -> pl.Expr:
    return pl.col(column).str.strip_chars().fill_null("") != ""


def _is_full(cells: pl.Series) -> bool:
    """Whether most rows, down to the last such, hold three cells or more: less stands out."""
    wide = (cells >= TABLE_COLUMNS).arg_true()
    filled = cells.head(int(wide[-1]) + 1 if len(wide) else 0)
    filled = filled.filter(filled > 0)
    return filled.len() > 0 and (filled >= TABLE_COLUMNS).sum() * 2 > filled.len()


def _titles(table: SheetTable, cells: pl.Series, labels: TotalLabels) -> list[int]:
    """Rows of one cell that stand for no item."""
    frame = table.frame
    named = [name for name in table.columns.names if name.strip()]
    lone = (cells == 1).arg_true()
    if len(named) < TABLE_COLUMNS or lone.is_empty():
        return []
    roles = {i: role for role, places in table.columns.columns.items() for i in places}
    is_full = _is_full(cells)
    out = []
    for row, values in zip(lone.to_list(), frame[lone].iter_rows(), strict=True):
        place = next(i for i, value in enumerate(values) if value and value.strip())
        role = roles.get(place)
        if role in (None, "quantity") or labels.is_total((), [values[place]]):
            continue  # judged with the rows of every format
        if role not in _NAMING or is_full or row in table.wide_rows:
            out.append(row)
    return out


def _notes(table: SheetTable, cells: pl.Series, labels: TotalLabels) -> list[int]:
    """Rows below the table, after a blank one, that hold little and name no item."""
    naming = [i for role in _NAMING for i in table.columns.columns.get(role, ())]
    names = table.frame.select(
        pl.any_horizontal(pl.lit(value=False), *(_is_filled(f"c{i}") for i in naming)).alias("n")
    )["n"]
    lines = ((cells >= TABLE_COLUMNS) & names).arg_true()
    end = int(lines[-1]) if len(lines) else 0
    blank = (cells.slice(end) == 0).arg_true()
    if not _is_full(cells) or blank.is_empty():
        return []
    start = end + int(blank[0])
    below = (cells.slice(start).is_between(1, 2) & ~names.slice(start)).arg_true() + start
    rows = zip(below.to_list(), table.frame[below].iter_rows(), strict=True)
    return [row for row, values in rows if not labels.is_total((), [v or "" for v in values])]


def _others(table: SheetTable, cells: pl.Series, known: HeaderTable) -> list[int]:
    """Rows of tables that begin below, under another header."""
    frame = table.frame
    apart = (cells.shift(1, fill_value=2) <= 1) & (cells > 1)
    starts = {}
    for row in apart.arg_true().to_list():
        found = known.match([value or "" for value in frame.row(row)])
        if found.is_usable and found.score >= HEADER_SCORE and _is_mostly_known(found):
            starts[row] = _names(found) != _names(table.columns)
    ends = [*starts, frame.height][1:]
    return [
        row
        for (start, is_other), end in zip(starts.items(), ends, strict=True)
        if is_other
        for row in range(start, end)
        if cells[row]
    ]


def _is_mostly_known(columns: ColumnMap) -> bool:
    return 2 * columns.known >= sum(bool(name.strip()) for name in columns.names)


def _names(columns: ColumnMap) -> list[str]:
    return [key for name in columns.names if (key := normalise(name))]


def _long(frame: pl.DataFrame) -> list[int]:
    tests = (pl.col(c).str.len_bytes() > MAX_CELL_CHARACTERS for c in frame.columns)
    suspects = frame.select(pl.any_horizontal(pl.lit(value=False), *tests).alias("n"))["n"]
    rows = suspects.fill_null(value=False).arg_true()
    longest = (pl.col(c).str.len_chars().fill_null(0) for c in frame.columns)
    most = frame[rows].select(pl.max_horizontal(pl.lit(0), *longest).alias("n"))["n"]
    return rows.filter(most > MAX_CELL_CHARACTERS).to_list()


def _rejects(rows: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Rows set aside with their reason, as `REJECTS`."""
    told = {code: REASONS[code] for code in rows[_NEW].unique()}
    cut = [pl.col(column).str.head(RAW_TEXT_CHARACTERS) for column in columns]
    kept = [pl.col(column).fill_null("") for column in columns]
    is_long = pl.col(_NEW) == "cell_too_long"
    return rows.select(
        _LINE,
        _NEW,
        pl.col(_NEW)
        .replace_strict({c: t[0] for c, t in told.items()}, default=None)
        .alias("reason"),
        pl.concat_str(cut, separator=" | ", ignore_nulls=True)
        .str.head(RAW_TEXT_CHARACTERS)
        .alias("raw_text"),
        pl.col(_NEW)
        .replace_strict({c: t[1] for c, t in told.items()}, default=None)
        .alias("suggestion"),
        pl.when(is_long).then(pl.concat_list(cut)).otherwise(pl.concat_list(kept)).alias("cells"),
    ).cast(REJECTS)  # type: ignore[arg-type]  # a schema is a mapping of names
