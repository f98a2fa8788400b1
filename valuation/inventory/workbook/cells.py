"""Cells: every cell of a workbook's sheets as text, by the library that reads them.

Run as a program it reads a workbook for another process, which limits what it may take: it
needs nothing but the library, and leaves each sheet as an Arrow file.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import fastexcel
import polars as pl

_ERROR: Final = re.compile(r"Error\((\w+)\)")
_ERROR_TEXTS: Final = {"NA": "#N/A", "Div0": "#DIV/0!", "Name": "#NAME?"}
_MIDNIGHT: Final = r"^(\d{4}-\d\d-\d\d) 00:00:00$"
_TIME_OF_DAY: Final = r"^1(?:899-12-3[01]|904-01-01) (\d\d:\d\d:\d\d)$"


class Cells(NamedTuple):
    """A sheet: its name, whether a person sees it, its cells from its first row on."""

    name: str
    is_shown: bool
    frame: pl.DataFrame


def read_cells(path: Path, names: list[str] | None = None) -> Iterator[Cells]:
    """Sheets of a workbook with their cells as text; the first column is the first that is used.

    Args:
        path: The workbook.
        names: Sheets to read; all when not given.

    Raises:
        ValueError: The workbook or a sheet of it is damaged.
    """
    name = None
    try:
        book = fastexcel.read_excel(path)
        for name in book.sheet_names if names is None else names:
            # Without rows to skip the library begins at the first row that is used.
            sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            yield Cells(name, sheet.visible == "visible", _frame(sheet))
    except fastexcel.FastExcelError as error:
        raise ValueError(_reason(error, name)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise ValueError(_reason(error, name)) from None


def _reason(error: BaseException, name: str | None) -> str:
    """What is wrong, and on which sheet."""
    first = (str(error).splitlines() or ["unreadable"])[0]
    return f"{first} (sheet `{name}`)" if name is not None else first


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
    frame = frame.with_columns(
        frame.to_series(column).scatter(list(texts), list(texts.values()))
        for column, texts in shown.items()
    )
    plain = pl.col(pl.String).str.replace(_MIDNIGHT, "$1").str.replace(_TIME_OF_DAY, "$1")
    return frame.with_columns(plain)


def _leave(path: Path, folder: Path) -> dict[str, object]:
    """Leave the sheets of a workbook in a folder."""
    try:
        sheets = []
        for number, cells in enumerate(read_cells(path)):
            cells.frame.write_ipc(folder / f"{number}.arrow")
            sheets.append([cells.name, cells.is_shown])
    except ValueError as error:
        return {"error": str(error)}
    return {"sheets": sheets}


if __name__ == "__main__":
    print(json.dumps(_leave(Path(sys.argv[1]), Path(sys.argv[2]))))
