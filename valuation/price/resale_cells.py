"""The cells of a resale table: a small CSV file as rows of text, and how a cell is refused."""

import csv
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from valuation.errors import SettingsError

REQUIRED = ("match", "price", "currency", "share_passing", "cost_to_test", "observed_on")
OPTIONAL = (
    "capacity_gb", "price_low", "price_high", "share_passing_low", "share_passing_high", "source",
    "note",
)  # fmt: skip
NUMBERS = (
    "price", "price_low", "price_high", "share_passing", "share_passing_low", "share_passing_high",
    "cost_to_test", "capacity_gb",
)  # fmt: skip
NUMBER = re.compile(r"\d+(\.\d+)?|\.\d+")

Cells = Mapping[str, str]


class Row:
    """One row of the file, and how to refuse a cell of it."""

    def __init__(self, path: Path, number: int, cells: Cells) -> None:
        self.path, self.number, self.cells = path, number, cells

    def refuse(self, column: str, reason: str, hint: str = "") -> SettingsError:
        """The sentence that names a cell."""
        cell = self.cells.get(column, "")
        what = f"`{cell}` {reason}" if cell else f"the cell is empty, {reason}"
        return SettingsError(f"{self.path}, row {self.number}, column {column}: {what}.", hint)

    def read_number(self, column: str) -> float | None:
        """A cell as a number that can be read one way only; None where it is empty."""
        text = self.cells.get(column, "")
        if not text:
            return None
        if not NUMBER.fullmatch(text):
            raise self.refuse(column, "is no plain number", _plainly(text, column))
        return float(text)


def content_of(path: Path) -> bytes:
    """The bytes of the file.

    Raises:
        SettingsError: There is none, or it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SettingsError(
            f"There is no {path} with resale prices.", "Look at the name given with --resale."
        ) from error
    except OSError as error:
        raise SettingsError(f"The resale table {path} cannot be read: {error.strerror}.") from error


def rows_of(path: Path, content: bytes) -> list[Row]:
    """The rows under the header; blank ones are passed over.

    Raises:
        SettingsError: No text, no header of a resale table, or a row of another length.
    """
    try:
        text = content.decode("utf-8-sig")
        reader = csv.reader(text.splitlines(keepends=True), strict=True)
        records = [(reader.line_num, [cell.strip() for cell in record]) for record in reader]
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"The resale table {path} cannot be read: it is not UTF-8 text.",
            "Save it as CSV, UTF-8.",
        ) from error
    except csv.Error as error:
        raise SettingsError(f"The resale table {path} cannot be read: {error}.") from error
    filled = [(number, record) for number, record in records if any(record)]
    if not filled:
        raise SettingsError(f"The resale table {path} is empty.", _columns_hint())
    (_, header), *rest = filled
    _check_header(path, header)
    rows = []
    for number, record in rest:
        if len(record) != len(header):
            raise SettingsError(
                f"{path}, row {number}: the row has {len(record)} cells, the header {len(header)}.",
                "Write numbers without signs between thousands, and quote texts with commas.",
            )
        rows.append(Row(path, number, dict(zip(header, record, strict=True))))
    return rows


def _check_header(path: Path, header: list[str]) -> None:
    known = (*REQUIRED, *OPTIONAL)
    for name in header:
        if name not in known:
            near = get_close_matches(name.lower(), known, 1)
            hint = f"Did you mean `{near[0]}`?" if near else _columns_hint()
            raise SettingsError(f"{path}, row 1: `{name}` is no column of a resale table.", hint)
        if header.count(name) > 1:
            raise SettingsError(f"{path}, row 1: the column {name} stands there twice.")
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise SettingsError(f"{path} has no column {', '.join(missing)}.", _columns_hint())


def _columns_hint() -> str:
    return f"A resale table has the columns {', '.join(REQUIRED + OPTIONAL)}, commas between."


def _plainly(text: str, column: str) -> str:
    """How a number that was refused is written."""
    if text.endswith("%"):
        return "Write 35 % as 0.35."
    if re.fullmatch(r"-\d+(\.\d+)?", text):
        return "Nothing here is below zero."
    if re.fullmatch(r"\d{1,3}([,' ]\d{3})+(\.\d+)?", text):
        return f"Write {re.sub(r'[^0-9.]', '', text)}, without signs between thousands."
    if re.fullmatch(r"\d+,\d+", text):
        return f"Write decimals with a point: {text.replace(',', '.')}."
    if column == "capacity_gb":
        return "Write gigabytes: 16 TB are 16000."
    return "Write digits and at most one decimal point; the currency has a column of its own."
