"""Workbook: the items to review as one that a person fills in, and back as a table of texts."""

import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import fastexcel
import xlsxwriter

from valuation.errors import InputError
from valuation.identity.answers import KIND, REVIEWED_COLUMNS
from valuation.inventory.workbook.parts import blocks
from valuation.review.columns import MEANINGS
from valuation.sheet import MAX_ROWS, Sheet, sheet_of
from valuation.units import KINDS

SHEET: Final = "review"
HELP_SHEET: Final = "what to fill in"
MAX_UNPACKED_BYTES: Final = 256 << 20
MAX_PARTS: Final = 1_000
MAX_CELL_CHARACTERS: Final = 32_767

_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_TO_FILL_IN: Final = "#FFF2CC"
_WIDTHS: Final = {"item": 23, "description_raw": 40, "settled_by": 36, "reviewed_why": 30}
_USUAL_WIDTH: Final = 15


def write_workbook(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Mapping[str, object]],
    classes: Mapping[str, str],
) -> None:
    """Write the items with the columns to fill in marked, and a sheet that explains them.

    Args:
        path: The file.
        columns: Columns of the items.
        rows: Items; texts stay texts, none becomes a formula.
        classes: Kind of each item class.

    Raises:
        InputError: A text is longer than a cell holds.
    """
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": _LONG_AGO})  # the same items make the same bytes
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    fill_in = book.add_format({"bold": True, "bg_color": _TO_FILL_IN, "valign": "top"})
    text = book.add_format({"num_format": "@", "bg_color": _TO_FILL_IN})
    page = book.add_worksheet(SHEET)
    for place, name in enumerate(columns):
        is_open = name in REVIEWED_COLUMNS
        page.write_string(0, place, name, fill_in if is_open else head)
        page.set_column(place, place, _WIDTHS.get(name, _USUAL_WIDTH), text if is_open else None)
    page.freeze_panes(1, 0)
    number = 0
    for number, row in enumerate(rows, start=1):
        for place, name in enumerate(columns):
            _write_cell(page, number, place, row.get(name))
    kinds = {"validate": "list", "source": list(KINDS), "error_type": "warning"}
    page.data_validation(1, columns.index(KIND), max(number, 1), columns.index(KIND), kinds)
    _explain(book, head, classes)
    book.close()


def _write_cell(page: Any, row: int, place: int, value: object) -> None:
    if isinstance(value, str):
        if len(value.encode("utf-16-le", "surrogatepass")) > 2 * MAX_CELL_CHARACTERS:
            raise InputError(
                f"The text of an item has {len(value):,} characters, more than a workbook's cell.",
                "Write a CSV file instead: give it a name that ends in .csv.",
            )
        if value:
            page.write_string(row, place, value)
    elif value is not None:
        page.write_number(row, place, value)


def _explain(book: Any, head: Any, classes: Mapping[str, str]) -> None:
    """A second sheet: what each column means, and the classes of each kind."""
    page = book.add_worksheet(HELP_SHEET)
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 100)
    lines = [("column", "meaning"), *MEANINGS.items(), ("", ""), ("kind", "its classes")]
    by_kind = {kind: [c for c, of in classes.items() if of == kind] for kind in KINDS}
    lines += [(kind, ", ".join(found)) for kind, found in by_kind.items()]
    for row, (name, said) in enumerate(lines):
        is_head = (name, said) in (("column", "meaning"), ("kind", "its classes"))
        page.write_string(row, 0, name, head if is_head else None)
        page.write_string(row, 1, said, head if is_head else None)


def read_workbook(path: Path) -> Sheet:
    """The items of a workbook, every cell as text.

    Raises:
        InputError: It is damaged, unpacks to more than is taken, or has no such table.
    """
    try:
        _check_size(path)
        book = fastexcel.read_excel(path)
        name = SHEET if SHEET in book.sheet_names else book.sheet_names[0]
        found = book.load_sheet(
            name, header_row=None, skip_rows=0, dtypes="string", n_rows=MAX_ROWS + 2
        )
        rows = found.to_polars().rows()
    except InputError as error:
        raise InputError(f"{path} {error.message}", error.hint) from error
    except (fastexcel.FastExcelError, zipfile.BadZipFile, zlib.error, ElementTree.ParseError,
            OSError, EOFError, NotImplementedError, IndexError, ValueError) as error:  # fmt: skip
        raise InputError(
            f"{path} cannot be read as a workbook: {str(error).splitlines()[0]}.", "Save it again."
        ) from error
    return sheet_of(str(path), (["" if cell is None else cell for cell in row] for row in rows))


def _check_size(path: Path) -> None:
    """Count what the parts really unpack to before a library unpacks them."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        declared = sum(part.file_size for part in parts)
        if len(parts) > MAX_PARTS or declared > MAX_UNPACKED_BYTES:
            raise InputError(
                f"unpacks to {declared >> 20:,} MiB in {len(parts):,} parts; up to "
                f"{MAX_UNPACKED_BYTES >> 20} MiB in {MAX_PARTS:,} are taken.",
                "Save only the rows that are filled in, or save it as CSV.",
            )
        for part in parts:
            for _ in blocks(archive, part.filename):
                pass  # raises when a part holds more than it declares
