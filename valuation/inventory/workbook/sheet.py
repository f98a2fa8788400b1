"""Sheet: the table of a workbook, every cell as text, as Parquet.

The sheet with the best header is read. Sheets with the same header, one per site or month, are
one table; hidden sheets are left out. Rows a filter hides are data.
"""

import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import polars as pl

from valuation.errors import InputError
from valuation.inventory.columns.column_map import ColumnMap
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.label import TotalLabels
from valuation.inventory.reading import lines_text
from valuation.inventory.rejects_file import REJECTS
from valuation.inventory.workbook.apart import read_apart
from valuation.inventory.workbook.cells import Cells, read_cells
from valuation.inventory.workbook.parts import worksheets
from valuation.inventory.workbook.remarks import set_aside
from valuation.inventory.workbook.survey import MAX_SHEET_CELLS, Styles, Survey, survey_sheet
from valuation.inventory.workbook.tables import (
    SheetTable,
    find_tables,
    first_filled,
    head_rows,
    in_words,
    with_names,
)


@dataclass(frozen=True)
class Sheet:
    """The table found in a workbook.

    Attributes:
        name: Name of the best sheet.
        columns: What its columns are.
        header_row: Row of the header in the best sheet, from 1.
        records: Rows below the header of every table read. [1]
        reasons: Of these, set aside, by reason.
        warnings: What a person should know about how it was read.
    """

    name: str
    columns: ColumnMap
    header_row: int
    records: int
    reasons: dict[str, int]
    warnings: tuple[str, ...]


@dataclass
class _Book:
    """What was found in a workbook, sheet by sheet."""

    tables: list[SheetTable] = field(default_factory=list)
    surveys: dict[str, Survey] = field(default_factory=dict)
    heads: list[list[list[str]]] = field(default_factory=list)


def read_sheet(
    path: Path, form: str, known: HeaderTable, labels: TotalLabels, target: Path, rejects: Path
) -> Sheet | list[list[str]]:
    """Write the table of a workbook as Parquet with `source_line` and `c0`, `c1`, ...

    Args:
        path: The workbook.
        form: `xlsx`, `xlsb`, `xls` or `ods`.
        known: Known column names.
        labels: Words that mark totals.
        target: File to write.
        rejects: File to write what is set aside to.

    Returns:
        The sheet; or, when no sheet has a header we know, the first rows of the fullest one.

    Raises:
        InputError: The workbook is damaged, larger than the limits, or has formulas without values.
    """
    try:
        book = _read_book(path, form, known, target.parent)
    except (
        zipfile.BadZipFile, zlib.error, ElementTree.ParseError, KeyError, OSError, ValueError,
        NotImplementedError, EOFError,
    ) as error:  # fmt: skip
        what = (str(error).splitlines() or ["unreadable"])[0]
        raise InputError(f"is a damaged workbook: {what}.", "Save it again.") from error
    if not book.tables:
        return max(book.heads, key=len, default=[])
    # A hidden sheet is read only when none that is shown can be.
    best = max(book.tables, key=lambda t: (t.is_shown, t.columns.score, t.frame.height))
    same = [t for t in book.tables if t.names == best.names and t.is_shown == best.is_shown]
    for table in same:
        _refuse_formulas(table, book.surveys[table.sheet])
    reasons, records = _write(same, known, labels, target, rejects)
    others = [table for table in book.tables if table not in same]
    warnings = (*_which(same, others), *_how(same, book.surveys, reasons))
    return Sheet(best.sheet, with_names(best).columns, best.header_row, records, reasons, warnings)


def _read_book(path: Path, form: str, known: HeaderTable, folder: Path) -> _Book:
    """The tables of every sheet."""
    book = _Book()
    for cells, survey in _sheets(path, form, folder):
        if not cells.frame.width:
            continue
        tables = find_tables(cells, survey, known)
        book.surveys[cells.name] = survey
        book.tables += tables
        if not tables:
            book.heads.append(head_rows(cells.frame, first_filled(cells.frame)))
        places = sum(table.frame.height * table.frame.width for table in book.tables)
        if places > MAX_SHEET_CELLS:
            raise InputError(
                f"holds tables of {places:,} cells; up to {MAX_SHEET_CELLS:,} are read.",
                "Export CSV instead.",
            )
    return book


def _sheets(path: Path, form: str, folder: Path) -> Iterator[tuple[Cells, Survey]]:
    """Sheets with their cells, and what their XML says beside them where it can be known."""
    if form != "xlsx":
        for cells in read_apart(path, folder):
            yield cells, Survey()
        return
    with zipfile.ZipFile(path) as archive:
        styles = Styles.of(archive)
        surveys = {
            name: survey_sheet(archive, part, name, styles)
            for name, part in worksheets(archive).items()
        }
    for cells in read_cells(path, list(surveys)):
        survey = surveys[cells.name]
        # Where the two see other columns, what the survey says of places is not relied on.
        is_placed = cells.frame.width == survey.width
        yield (_as_shown(cells, survey), survey) if is_placed else (cells, Survey())


def _as_shown(cells: Cells, survey: Survey) -> Cells:
    """The cells with numbers that are identifiers as a person sees them."""
    columns = [
        cells.frame.to_series(column - survey.first_column).scatter(
            [row - 1 for row in texts], list(texts.values())
        )
        for column, texts in survey.shown.items()
    ]
    return cells._replace(frame=cells.frame.with_columns(columns))


def _refuse_formulas(table: SheetTable, survey: Survey) -> None:
    """Refuse a sheet with formulas that were never computed in a column that is used."""
    used = {i for positions in table.columns.columns.values() for i in positions}
    without = {column - survey.first_column for column in survey.formula_columns}
    empty = sorted(i for i in used if table.places[i] in without)
    if empty:
        raise InputError(
            f"holds formulas without values in column `{table.columns.label(empty[0])}` of sheet "
            f"`{table.sheet}`.",
            "Open and save it in a spreadsheet program, or export CSV.",
        )


def _write(
    tables: list[SheetTable], known: HeaderTable, labels: TotalLabels, target: Path, rejects: Path
) -> tuple[dict[str, int], int]:
    """Write the rows of tables and those set aside; why, and how many rows there are in all."""
    records = 0
    loaded, aside = [], [pl.DataFrame(schema=REJECTS)]
    for table in tables:
        good, bad = set_aside(table, records, known, labels)
        loaded.append(good)
        aside.append(bad)
        records += table.frame.height
    pl.concat(loaded, how="diagonal").write_parquet(target)
    told = pl.concat(aside)
    told.write_parquet(rejects)
    return dict(sorted(Counter(told["reason_code"]).items())), records


def _which(same: list[SheetTable], others: list[SheetTable]) -> Iterator[str]:
    """Which tables were read, where a person might think of another."""
    sheets = list(dict.fromkeys(table.sheet for table in same))
    read = ", ".join(f"`{name}`" for name in sheets)
    if len(sheets) > 1:
        yield f"sheets {read} have the same header and were read as one"
    if len(same) > len(sheets):
        yield "tables with the same header stand side by side and were read as one"
    left = ", ".join(f"`{t.sheet}`" for t in others if t.sheet not in sheets)
    if left:
        which = f"sheet {read} was" if len(sheets) == 1 else "these sheets were"
        yield f"{which} read; sheets that could also be tables were not: {left}"
    for table in others:
        if table.sheet in sheets:
            yield (
                f"a table beside the one that was read, on sheet `{table.sheet}`, was not: "
                f"{in_words(table.columns)}"
            )


def _how(
    same: list[SheetTable], surveys: dict[str, Survey], reasons: dict[str, int]
) -> Iterator[str]:
    """What a person should know about the rows of tables that were read."""
    read = [surveys[name] for name in dict.fromkeys(table.sheet for table in same)]
    hidden = sum(survey.hidden_rows for survey in read)
    if hidden:
        rows = "1 row is" if hidden == 1 else f"{hidden:,} rows are"
        yield f"{rows} hidden, by a filter or by hand, and read all the same"
    filled = sum(table.filled_rows for table in same)
    if filled:
        yield f"{lines_text(filled)} with a text taken from a cell merged over several rows"
    long = sum(survey.long_numbers for survey in read)
    if long:
        cells = "1 cell holds a number" if long == 1 else f"{long:,} cells hold numbers"
        yield f"{cells} of more digits than the 15 a spreadsheet keeps"
    if "other_table" in reasons:
        lines = lines_text(reasons["other_table"])
        yield f"{lines} of another table, below the one that was read, set aside"
