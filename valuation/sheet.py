"""Sheets: small tables of texts that a person edits, such that a spreadsheet program loses nothing.

In a text file a spreadsheet program takes `00123` for a number, `3-5` for a date and `=1+1` for a
formula. Such a cell is written with an apostrophe before it, and so is one that has one already:
taking it away gives the text back exactly.
"""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from valuation.errors import InputError

MARKED: Final = "utf-8-sig"
"""UTF-8 with a byte-order mark: what every spreadsheet program reads right."""
MAX_BYTES: Final = 64 << 20
MAX_ROWS: Final = 200_000
_GUARD: Final = "'"
_SEPARATORS: Final = (",", ";", "\t")
_MARKS: Final = {
    b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16",
}  # fmt: skip
_MONTH: Final = (
    r"(?:jan(?:uary?)?|feb(?:ruary?)?|mar(?:ch)?|mär(?:z)?|mrz|apr(?:il)?|may|mai|june?|juni|july?"
    r"|juli|aug(?:ust)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)\.?"
)
_BETWEEN: Final = r"[ ,./-]*"
_TAKEN_FOR_ELSE: Final = re.compile(
    r"[=+@\t\r'-].*|0\d+|\d{16,}|\d+(?:[.,]\d*)?e[+-]?\d+|true|false|wahr|falsch"
    rf"|\d*[.,:/%$€£¥() +-][\d.,:/%$€£¥() +-]*|\d{{1,2}}(?::\d\d){{0,2}} ?[ap]m?\.?"
    rf"|\d{{1,4}}{_BETWEEN}{_MONTH}(?:{_BETWEEN}\d{{1,4}})?"
    rf"|{_MONTH}(?:{_BETWEEN}\d{{1,4}}){{1,2}}",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Sheet:
    """A table of texts.

    Attributes:
        name: The file, as it was named.
        columns: Its columns.
        rows: Cells by column, each row with its number as a spreadsheet counts, the header being 1.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]

    def check_columns(self, needed: Iterable[str], known: Collection[str]) -> None:
        """Refuse a table that lacks a column or has one that only resembles a known one.

        Raises:
            InputError: Names the column and the nearest right one.
        """
        for column in self.columns:
            near = get_close_matches(column, known, n=1, cutoff=0.8)
            if column not in known and near and near[0] not in self.columns:
                raise InputError(
                    f"{self.name}, row 1: the column `{column}` is not known.",
                    f"Did you mean `{near[0]}`?",
                )
        if missing := [column for column in needed if column not in self.columns]:
            raise InputError(
                f"{self.name}, row 1: there is no column `{missing[0]}`.",
                f"Its columns are: {', '.join(filter(None, self.columns[:20]))}.",
            )


def guarded(text: str) -> str:
    """A text as a cell that no spreadsheet program changes.

    >>> [guarded(text) for text in ("00123", "ST4000NM0033", "=1+1", "5E10", "'x")]
    ["'00123", 'ST4000NM0033', "'=1+1", "'5E10", "''x"]
    """
    return _GUARD + text if _TAKEN_FOR_ELSE.fullmatch(text) else text


def unguarded(cell: str) -> str:
    """The text of a cell that `guarded` made."""
    return cell.removeprefix(_GUARD)


def sheet_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Rows as comma-separated text, every text guarded; numbers stay numbers."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        cells = (row.get(column) for column in columns)
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in cells])
    return out.getvalue()


def read_sheet(path: Path, known: Collection[str]) -> Sheet:
    """A table of a text file, whatever a spreadsheet program made of separators and encoding.

    Args:
        path: The file.
        known: Columns by which the header and its separator are told.

    Raises:
        InputError: It cannot be read, is too large, is no such table, or has a row that breaks it.
    """
    text = _text(path)
    if match := re.match(r"sep=.\r?\n", text):  # by which a spreadsheet program tells the separator
        text = "\n" + text[match.end() :]
    head = next((line for line in io.StringIO(text) if line.strip()), "")
    names = {s: {*_names(head.split(s))} for s in _SEPARATORS}
    separator = max(_SEPARATORS, key=lambda s: len(names[s] & {*known}))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    return sheet_of(str(path), _records(str(path), reader))


def sheet_of(name: str, records: Iterable[Sequence[str]]) -> Sheet:
    """A table of records, the first that is not blank being its header.

    Raises:
        InputError: Two columns have one name, a row has more cells than the header, or there are
            too many rows.
    """
    columns: list[str] = []
    rows: list[tuple[int, dict[str, str]]] = []
    for number, record in enumerate(records, start=1):
        if not any(cell.strip() for cell in record):
            continue
        if not columns:
            columns = _names(record)
            twice = {c for c in columns if c and columns.count(c) > 1}
            if twice:
                raise InputError(
                    f"{name}, row {number}: two columns are named `{min(twice)}`.",
                    "Take one of them out.",
                )
            continue
        if any(cell.strip() for cell in record[len(columns) :]):
            raise InputError(
                f"{name}, row {number}: it has {len(record)} cells under {len(columns)} columns.",
                "Put a cell that holds separators into quotes.",
            )
        if len(rows) == MAX_ROWS:
            raise InputError(
                f"{name} has more than {MAX_ROWS:,} rows, the most that are taken.", "Split it."
            )
        cells = dict.fromkeys(columns, "") | dict(zip(columns, record, strict=False))
        cells.pop("", None)
        rows.append((number, cells))
    return Sheet(name, tuple(columns), tuple(rows))


def _names(cells: Iterable[str]) -> list[str]:
    """Names of columns as they are compared."""
    return [cell.strip().strip('"').strip().casefold() for cell in cells]


def _records(name: str, reader: Iterator[list[str]]) -> Iterator[list[str]]:
    number = 0
    while True:
        number += 1
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(
                f"{name}, row {number}: the row cannot be told apart ({error}).",
                "Look for a quotation mark that is not closed.",
            ) from error


def _text(path: Path) -> str:
    """The text of a file, in the encoding its bytes tell."""
    try:
        if not path.is_dir() and path.stat().st_size > MAX_BYTES:
            raise InputError(
                f"{path} has more than {MAX_BYTES >> 20} MiB, the most that are taken.", "Split it."
            )
        content = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}.", "Look at its name and your rights."
        ) from error
    marked = next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(f"{path} is no text that can be read.", "Save it as CSV in UTF-8.")
