"""Sheet: the one of an XLSX file with the best header, every cell as text, as Parquet.

Sheets with the same header, one per site or month, are one table; hidden ones are left out.
"""

import re
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import fastexcel
import polars as pl

from valuation.errors import InputError
from valuation.inventory.columns.column_map import ColumnMap, normalise
from valuation.inventory.columns.header import HEADER_WITHIN_ROWS, find_header
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.workbook.formula import columns_without_values

_ERROR: Final = re.compile(r"Error\((\w+)\)")
_ERROR_TEXTS: Final = {"NA": "#N/A", "Div0": "#DIV/0!", "Name": "#NAME?"}


@dataclass(frozen=True)
class Sheet:
    """The table found in a workbook.

    Attributes:
        name: Name of the best sheet.
        columns: What its columns are.
        header_row: Row of the header within the used range of the best sheet, from 1.
        records: Rows below the header of every sheet read. [1]
        warnings: Which sheets were read together or left out.
    """

    name: str
    columns: ColumnMap
    header_row: int
    records: int
    warnings: tuple[str, ...]


def read_sheet(path: Path, table: HeaderTable, target: Path) -> Sheet | list[list[str]]:
    """Write the best sheet of a workbook as Parquet with `source_line` and `c0`, `c1`, ...

    Args:
        path: The workbook.
        table: Known column names.
        target: File to write.

    Returns:
        The sheet; or, when no sheet has a header we know, the first rows of the fullest one.

    Raises:
        InputError: The workbook is damaged, or has formulas without values.
    """
    try:
        book = fastexcel.read_excel(path)
        heads = {name: _first_rows(book, name) for name in book.sheet_names}
    except fastexcel.FastExcelError as error:
        raise _damaged(error) from error
    found = {name: find_header(head.rows, table) for name, head in heads.items()}
    usable = {name: hit for name, hit in found.items() if hit}
    if not usable:
        return max((head.rows for head in heads.values()), key=len, default=[])
    # A hidden sheet is read only when none that is shown can be.
    best = max(usable, key=lambda name: (heads[name].is_shown, usable[name][1].score))
    columns = usable[best][1]
    same = [
        name
        for name, hit in usable.items()
        if _names(hit[1]) == _names(columns) and heads[name].is_shown == heads[best].is_shown
    ]
    for name in same:
        _refuse_formulas(path, name, columns)
    parts = [_cells(book, name).slice(usable[name][0] + 1) for name in same]
    cells = pl.concat(parts, how="diagonal")
    cells.with_row_index("source_line", offset=1).with_columns(
        pl.col("source_line").cast(pl.Int64)
    ).write_parquet(target)
    return Sheet(
        best,
        replace(columns, names=_padded(columns.names, cells.width)),
        usable[best][0] + 1,
        cells.height,
        _warnings(same, [name for name in usable if name not in same]),
    )


@dataclass(frozen=True)
class _Head:
    """The first rows of a sheet, and whether a person sees it."""

    rows: list[list[str]]
    is_shown: bool


def _damaged(error: Exception) -> InputError:
    return InputError(f"is a damaged workbook: {str(error).splitlines()[0]}.", "Save it again.")


def _names(columns: ColumnMap) -> list[str]:
    """The names of a header, blank ones at the end left out."""
    return " ".join(map(normalise, columns.names)).rstrip().split(" ")


def _refuse_formulas(path: Path, name: str, columns: ColumnMap) -> None:
    """Refuse a sheet with formulas that were never computed in a column that is used."""
    used = {i for positions in columns.columns.values() for i in positions}
    try:
        empty = sorted(used & columns_without_values(path, name))
    except (zipfile.BadZipFile, zlib.error, ElementTree.ParseError, KeyError, OSError) as error:
        raise _damaged(error) from error
    if empty:
        raise InputError(
            f"holds formulas without values in column `{columns.label(empty[0])}` of sheet "
            f"`{name}`.",
            "Open and save it in a spreadsheet program, or export CSV.",
        )


def _first_rows(book: fastexcel.ExcelReader, name: str) -> _Head:
    sheet = _sheet(book, name, HEADER_WITHIN_ROWS)
    rows = _frame(sheet).fill_null("").rows()
    return _Head([[cell.strip() for cell in row] for row in rows], sheet.visible == "visible")


def _cells(book: fastexcel.ExcelReader, name: str) -> pl.DataFrame:
    return _frame(_sheet(book, name, None))


def _sheet(book: fastexcel.ExcelReader, name: str, rows: int | None) -> fastexcel.ExcelSheet:
    return book.load_sheet(name, header_row=None, n_rows=rows, dtypes="string")


def _frame(sheet: fastexcel.ExcelSheet) -> pl.DataFrame:
    """The cells as text; an error such as `#REF!` stays one instead of turning blank."""
    batch, errors = sheet.to_arrow_with_errors()
    frame = pl.DataFrame(batch)
    frame.columns = [f"c{i}" for i in range(frame.width)]
    shown: dict[int, dict[int, str]] = {}
    for error in errors.errors if errors else ():
        row, column = error.offset_position
        if found := _ERROR.search(error.detail):
            text = _ERROR_TEXTS.get(found[1], f"#{found[1].upper()}!")
            shown.setdefault(column, {})[row] = text
    return frame.with_columns(
        frame.to_series(column).scatter(list(texts), list(texts.values()))
        for column, texts in shown.items()
    )


def _padded(names: tuple[str, ...], width: int) -> tuple[str, ...]:
    return names + ("",) * (width - len(names))


def _warnings(same: list[str], others: list[str]) -> tuple[str, ...]:
    """Which sheets were read, where a person might think of another."""
    read = ", ".join(f"`{name}`" for name in same)
    out = [f"sheets {read} have the same header and were read as one"] if len(same) > 1 else []
    if others:
        left = ", ".join(f"`{name}`" for name in others)
        which = f"sheet {read} was" if len(same) == 1 else "these sheets were"
        out.append(f"{which} read; sheets that could also be tables were not: {left}")
    return tuple(out)
