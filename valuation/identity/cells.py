"""Cells: what one cell that a person filled in says, or why it cannot be taken.

A cell is read when it can mean one thing only: `4 TB` is 4000 GB, a bare `4` is not.
"""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from valuation.errors import InputError
from valuation.identity.capacity import readings
from valuation.sheet import unguarded

Limits = Mapping[tuple[str, str], tuple[float, float]]
"""Lowest and highest number of an attribute of a kind."""

UNITS: Final[Mapping[str, Mapping[str, float]]] = {
    "form_factor_in": {"in": 1, "inch": 1, "inches": 1, '"': 1, "″": 1, "''": 1, "zoll": 1},
    "capacity_gb": {"gb": 1, "tb": 1000, "mb": 0.001},
    "rpm": {"rpm": 1, "1/min": 1, "k": 1000, "krpm": 1000, "k rpm": 1000},
    "power_w": {"w": 1, "watt": 1, "watts": 1, "kw": 1000},
    "fan_size_mm": {"mm": 1, "cm": 10},
    "u_height": {"u": 1, "ru": 1, "he": 1},
    "pieces": {},
}
"""Units an attribute may be written in, and what one of them is in its own."""
UNIT_NAMES: Final[Mapping[str, str]] = {
    "form_factor_in": "inches", "capacity_gb": "GB", "rpm": "rpm", "power_w": "W",
    "fan_size_mm": "mm", "u_height": "U",
}  # fmt: skip
ATTRIBUTES: Final = tuple(UNITS)
WHOLE: Final = ("rpm", "fan_size_mm", "pieces")
MOST_PIECES: Final = 100_000

_NUMBER: Final = re.compile(r"(\d+(?:[.,' ]\d+)*) *([^\d.,].*)?", re.DOTALL)
_YES: Final = {
    "yes": True, "y": True, "true": True, "1": True,
    "no": False, "n": False, "false": False, "0": False,
}  # fmt: skip
_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]\d\d:\d\d.*)?")
_YEAR_LAST: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_SHOWN_CHARACTERS: Final = 60


@dataclass(frozen=True)
class Fault:
    """Why one cell cannot be taken.

    Attributes:
        column: Its column.
        value: What stands in it.
        reason: What is wrong, continuing the sentence after the value.
        hint: What to do.
    """

    column: str
    value: str
    reason: str
    hint: str

    def at(self, file: str, row: int) -> InputError:
        """The fault of a row of a file, as an error.

        >>> print(Fault("reviewed_kind", "hdx", "is no kind.", "Try `hdd`.").at("a.csv", 3))
        a.csv, row 3, column reviewed_kind: `hdx` is no kind. Try `hdd`.
        """
        long = len(self.value) > _SHOWN_CHARACTERS
        shown = f"{self.value[:_SHOWN_CHARACTERS]}..." if long else self.value
        cell = f"`{shown}`" if shown else "the empty cell"
        return InputError(
            f"{file}, row {row}, column {self.column}: {cell} {self.reason}", self.hint
        )


def words(cell: str) -> str:
    r"""A person's text on one line, without what keeps a spreadsheet from changing it.

    >>> words(" '2.5\n inch ")
    '2.5 inch'
    """
    return " ".join(unguarded(cell.strip()).split())


def read_number(name: str, text: str, kind: str, limits: Limits) -> float | Fault:
    """The number of an attribute, in the attribute's unit.

    Args:
        name: The attribute, one of `ATTRIBUTES`.
        text: What stands in its cell.
        kind: What the item is.
        limits: Between what a number is believed.

    >>> limits = {("capacity_gb", "hdd"): (36.0, 60000.0)}
    >>> [read_number("capacity_gb", text, "hdd", limits) for text in ("4 TB", "4,000", "900")]
    [4000.0, 4000.0, 900.0]
    """
    column, unit = f"reviewed_{name}", UNIT_NAMES.get(name, "")
    low, high = (1, MOST_PIECES) if name == "pieces" else limits.get((name, kind), (0, 0))
    if not high:
        return Fault(column, text, f"is nothing that `{kind}` has.", "Leave it empty.")
    match = _NUMBER.fullmatch(text)
    written = (match[2] or "").strip().casefold() if match else ""
    factor = UNITS[name].get(written) if written else 1
    if match is None or factor is None:
        usual = f"{min(max(round((low * high) ** 0.5), low), high):g}"
        hint = f"Write a number{f' in {unit}' if unit else ''}, such as {usual}."
        return Fault(column, text, "cannot be read.", hint)
    values = dict.fromkeys(value * factor for value, _ in readings(match[1]))
    found = [value for value in values if low <= value <= high]
    if len(found) > 1:
        told = " or ".join(f"{value:.12g}" for value in found)
        return Fault(column, text, f"can be {told}.", "Write it without the separator.")
    if not found:
        is_bare = name == "capacity_gb" and not written
        hint = f"Write `{match[1]} TB` if it is terabytes." if is_bare else "Look again."
        limit = f"is not from {low:,g} to {high:,g} {unit}".rstrip()
        return Fault(column, text, f"{limit}, as believed of `{kind}`.", hint)
    if name in WHOLE and not float(found[0]).is_integer():
        return Fault(column, text, "is no whole number.", f"Is it {round(found[0])}?")
    return int(found[0]) if name in WHOLE else found[0]


def read_yes_or_no(column: str, text: str) -> bool | Fault | None:
    """Yes, no, or nothing."""
    known = _YES.get(text.casefold())
    if text and known is None:
        return Fault(
            column, text, "is neither yes nor no.", "Write `yes` or `no`, or leave it empty."
        )
    return known


def read_day(column: str, text: str, today: datetime.date) -> datetime.date | Fault:
    """A day written year first, or in the one order that gives a day; today where nothing stands.

    >>> read_day("on", "31/12/2025", datetime.date(2026, 11, 22))
    datetime.date(2025, 12, 31)
    """
    if not text:
        return today
    found: set[datetime.date] = set()
    if match := _YEAR_FIRST.fullmatch(text):
        found = {*_days(match[1], match[2], match[3])}
    elif match := _YEAR_LAST.fullmatch(text):
        found = {*_days(match[3], match[1], match[2]), *_days(match[3], match[2], match[1])}
    if len(found) != 1:
        reason = "can be two days." if found else "is no day."
        return Fault(column, text, reason, "Write year-month-day, such as 2026-01-31.")
    (day,) = found
    return Fault(column, text, "is a day to come.", f"Today is {today}.") if day > today else day


def _days(year: str, month: str, day: str) -> list[datetime.date]:
    try:
        return [datetime.date(int(year), int(month), int(day))]
    except ValueError:
        return []
