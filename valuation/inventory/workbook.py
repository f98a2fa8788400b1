"""Workbook: the sheet of an XLSX file with the best header, every cell as text, as Parquet."""

from dataclasses import dataclass
from pathlib import Path

import fastexcel
import polars as pl

from valuation.errors import InputError
from valuation.inventory.header import HEADER_WITHIN_ROWS, ColumnMap, HeaderTable, find_header


@dataclass(frozen=True)
class Sheet:
    """The table found in a workbook.

    Attributes:
        columns: What its columns are.
        header_row: Row of the header within the used range of the sheet, from 1.
        records: Rows below the header. [1]
        warnings: Which sheets were left out.
    """

    columns: ColumnMap
    header_row: int
    records: int
    warnings: tuple[str, ...]


def read_workbook(path: Path, table: HeaderTable, target: Path) -> Sheet | list[list[str]]:
    """Write the best sheet of a workbook as Parquet with `source_line` and `c0`, `c1`, ...

    Args:
        path: The workbook.
        table: Known column names.
        target: File to write.

    Returns:
        The sheet; or, when no sheet has a header we know, the first rows of the fullest one.

    Raises:
        InputError: The workbook is damaged.
    """
    try:
        book = fastexcel.read_excel(path)
        heads = {name: _first_rows(book, name) for name in book.sheet_names}
    except fastexcel.FastExcelError as error:
        raise InputError(
            f"is a damaged workbook: {str(error).splitlines()[0]}.", "Save it again."
        ) from error
    found = {name: find_header(rows, table) for name, rows in heads.items()}
    usable = {name: hit for name, hit in found.items() if hit}
    if not usable:
        return max(heads.values(), key=len, default=[])
    best = max(usable, key=lambda name: usable[name][1].score)
    position, columns = usable[best]
    cells = _cells(book, best).slice(position + 1)
    cells.with_row_index("source_line", offset=1).with_columns(
        pl.col("source_line").cast(pl.Int64)
    ).write_parquet(target)
    others = [name for name in usable if name != best]
    return Sheet(
        ColumnMap(_padded(columns.names, cells.width), *_rest(columns)),
        position + 1,
        cells.height,
        _left_out(best, others),
    )


def _first_rows(book: fastexcel.ExcelReader, name: str) -> list[list[str]]:
    rows = _cells(book, name, HEADER_WITHIN_ROWS).fill_null("").rows()
    return [[cell.strip() for cell in row] for row in rows]


def _cells(book: fastexcel.ExcelReader, name: str, rows: int | None = None) -> pl.DataFrame:
    sheet = book.load_sheet(name, header_row=None, n_rows=rows, dtypes="string")
    frame: pl.DataFrame = sheet.to_polars()
    return frame.rename({name: f"c{i}" for i, name in enumerate(frame.columns)})


def _padded(names: tuple[str, ...], width: int) -> tuple[str, ...]:
    return names + ("",) * (width - len(names))


def _rest(columns: ColumnMap) -> tuple[dict[str, tuple[int, ...]], str | None, int]:
    return columns.columns, columns.system, columns.known


def _left_out(best: str, others: list[str]) -> tuple[str, ...]:
    if not others:
        return ()
    named = ", ".join(f"`{name}`" for name in others)
    return (f"sheet `{best}` was read; sheets that could also be tables were not: {named}",)
