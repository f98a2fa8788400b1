"""Writers: a table of texts as a file of one format, from which our reader gets the same cells."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from valuation.errors import UnknownFormat
from valuation.inventory.delimited.encoding import detect_encoding
from valuation.inventory.source import HEAD_BYTES

Row = Sequence[str]

WORKBOOK_ROWS: Final = 1 << 20
WORKBOOK_CELL_CHARACTERS: Final = 32_767
MARKED: Final = "utf-8-sig"
"""UTF-8 with a byte-order mark: what every spreadsheet program reads right."""

_CHUNK_ROWS: Final = 5_000
_NO_CHARACTER: Final = re.compile("[\ufffe\uffff]")
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)


class Unfit(Exception):
    """The format cannot hold the table; its text says why."""


@dataclass(frozen=True)
class Content:
    """A table to write.

    Attributes:
        names: Its header.
        rows: Makes its rows anew each time; told whether the file is one whose cells a spreadsheet
            program reads as if they were typed.
    """

    names: Row
    rows: Callable[..., Iterator[Row]]


def write_text(
    path: Path,
    content: Content,
    *,
    delimiter: str = ",",
    quote: str = '"',
    line_end: str = "\n",
    encoding: str = "utf-8",
) -> str:
    """Write a delimited text and return its encoding: another one where that cannot hold it."""
    try:
        _write_lines(path, content, delimiter, quote, line_end, encoding)
        if _is_read_as(path, encoding):
            return encoding
    except (UnicodeEncodeError, LookupError):
        pass
    _write_lines(path, content, delimiter, quote, line_end, MARKED)
    return MARKED


def _write_lines(
    path: Path, content: Content, delimiter: str, quote: str, line_end: str, encoding: str
) -> None:
    special = re.compile(f"[{re.escape(delimiter + quote)}\r\n]")
    with path.open("w", encoding=encoding, newline="") as out:
        for row in (content.names, *content.rows(is_read_as_typed=True)):
            cells = (
                f"{quote}{cell.replace(quote, quote * 2)}{quote}" if special.search(cell) else cell
                for cell in row
            )
            out.write(delimiter.join(cells) + line_end)


def _is_read_as(path: Path, encoding: str) -> bool:
    """Whether the file's bytes alone tell its encoding, as far as it matters."""
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        is_ascii = head.isascii()
        while is_ascii and (block := stream.read(HEAD_BYTES)):
            is_ascii = block.isascii()
    try:
        return is_ascii or detect_encoding(path, head) == encoding
    except UnknownFormat:
        return False


def write_workbook(path: Path, content: Content, sheet: str) -> None:
    """Write a workbook with one sheet, every cell as text and none as a formula.

    Raises:
        Unfit: It has more rows or longer cells than a workbook holds.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    book.set_properties({"created": _LONG_AGO})  # the same lines make the same bytes
    try:
        try:
            page = book.add_worksheet(sheet or None)
        except XlsxWriterException:  # a name that other programs allow
            page = book.add_worksheet()
        for number, row in enumerate((content.names, *content.rows(is_read_as_typed=False))):
            _check_fits_workbook(number, row)
            for place, cell in enumerate(row):
                if cell:
                    page.write_string(number, place, cell)
    finally:
        book.close()


def _check_fits_workbook(number: int, row: Row) -> None:
    if number >= WORKBOOK_ROWS:
        raise Unfit("a sheet does not hold so many lines")
    if any(len(cell.encode("utf-16-le")) > 2 * WORKBOOK_CELL_CHARACTERS for cell in row):
        raise Unfit("a sheet does not hold cells so long")
    if any(_NO_CHARACTER.search(cell) for cell in row):
        raise Unfit("a sheet does not hold some of its characters")


def write_parquet(path: Path, content: Content) -> None:
    """Write a Parquet file whose columns are all texts.

    Raises:
        Unfit: Two columns have one name.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = _distinct(content.names)
    schema = pa.schema([(name, pa.string()) for name in names])
    rows = content.rows(is_read_as_typed=False)
    with pq.ParquetWriter(path, schema) as out:
        while chunk := list(islice(rows, _CHUNK_ROWS)):
            columns = [pa.array(column, pa.string()) for column in zip(*chunk, strict=True)]
            out.write_table(pa.table(columns, schema=schema))


def write_json(path: Path, content: Content) -> None:
    """Write one JSON object a line.

    Raises:
        Unfit: Two columns have one name.
    """
    names = _distinct(content.names)
    with path.open("w", encoding="utf-8", newline="") as out:
        for row in content.rows(is_read_as_typed=False):
            line = json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False)
            out.write(line + "\n")


def _distinct(names: Row) -> Row:
    if len(set(names)) < len(names):
        raise Unfit("some of its columns have the same name")
    return names
