"""Reference tables as text: rows with their numbers, so that a check can point at a cell."""

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

TRUTH = {"true": True, "false": False}


@dataclass(frozen=True)
class Problem:
    """One thing wrong in the reference data; its text is a full sentence.

    Args:
        file: Path inside the data folder.
        row: Record as a spreadsheet counts it, the header being row 1; None for the file as such.
        column: Column, where one can be named.
        value: What stands in the cell, where one is to blame.
        reason: What is wrong, continuing the sentence after the value.

    >>> str(Problem("content/alloy.csv", 3, "value", "0,3", "is not a number"))
    'content/alloy.csv, row 3, column value: `0,3` is not a number.'
    """

    file: str
    row: int | None
    column: str | None
    value: str | None
    reason: str

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", column {self.column}"
        what = self.reason if self.value is None else f"`{self.value}` {self.reason}"
        return f"{place}: {what}."


@dataclass(frozen=True)
class Row:
    """One record: its number and its cells as text, an empty cell being an empty text."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def number_in(self, column: str) -> float | None:
        """The cell as a number, or None where it is empty or no number."""
        try:
            number = float(self[column])
        except ValueError:
            return None
        return number if math.isfinite(number) else None


@dataclass(frozen=True)
class Sheet:
    """One described table as text."""

    resource: Mapping[str, Any]
    rows: tuple[Row, ...]

    @property
    def name(self) -> str:
        """Name of the table."""
        return str(self.resource["name"])

    @property
    def file(self) -> str:
        """Path inside the data folder."""
        return str(self.resource["path"])

    @property
    def fields(self) -> list[dict[str, Any]]:
        """Descriptions of the columns."""
        return list(self.resource["schema"]["fields"])

    @property
    def columns(self) -> list[str]:
        """Names of the described columns."""
        return [field["name"] for field in self.fields]

    def problem(self, row: Row, column: str, reason: str) -> Problem:
        """A problem with one cell of this table."""
        return Problem(self.file, row.number, column, row[column] or None, reason)

    def fault(self, reason: str) -> Problem:
        """A problem with the table as a whole."""
        return Problem(self.file, None, None, None, reason)


Book = Mapping[str, Sheet]
"""All described tables by name."""


def read_sheet(resource: Mapping[str, Any], text: str) -> tuple[Sheet, list[Problem]]:
    """A table from its text, and what is wrong with its header and the length of its rows.

    A row with too few or too many cells is reported and read as far as it goes, so that one run
    finds everything.
    """
    file = str(resource["path"])
    names = [field["name"] for field in resource["schema"]["fields"]]
    try:
        records = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        return Sheet(resource, ()), [Problem(file, None, None, None, f"is not CSV: {error}")]
    if not records or records[0] != names:
        found = ", ".join(records[0]) if records else None
        reason = f"is the header, described is {', '.join(names)}"
        return Sheet(resource, ()), [Problem(file, 1, None, found or "nothing", reason)]
    problems, rows = [], []
    for number, record in enumerate(records[1:], start=2):
        if len(record) != len(names):
            reason = f"the row has {len(record)} cells, the header has {len(names)}"
            problems.append(Problem(file, number, None, None, reason))
        rows.append(Row(number, dict(zip(names, record, strict=False))))
    return Sheet(resource, tuple(rows)), problems


def parse(kind: str, text: str) -> object:
    """The value of a cell of a described type.

    Raises:
        ValueError: The text is not of that type.

    >>> parse("integer", "12"), parse("boolean", "true"), parse("date", "2026-01-31")
    (12, True, datetime.date(2026, 1, 31))
    """
    if kind == "number":
        number = float(text)
        if not math.isfinite(number) or "_" in text or not text.isascii():
            raise ValueError(text)
        return number
    if kind == "integer":
        if not re.fullmatch("-?[0-9]+", text):
            raise ValueError(text)
        return int(text)
    if kind == "boolean":
        if text not in TRUTH:
            raise ValueError(text)
        return TRUTH[text]
    if kind == "date":
        if len(text) != len("2026-01-31"):
            raise ValueError(text)
        return date.fromisoformat(text)
    return text


def sheets_with(book: Book, *columns: str) -> Iterator[Sheet]:
    """The tables that have all of these columns."""
    for sheet in book.values():
        if set(columns) <= set(sheet.columns):
            yield sheet
