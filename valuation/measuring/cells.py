"""Cells of a file of measurements: numbers with their unit, read when they mean one thing only."""

import math
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

from valuation.identity.cells import Fault

NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
WITH_UNIT: Final = re.compile(rf"({NUMBER.pattern})\s*(.*)", re.DOTALL)
UNITS: Final[Mapping[str, Mapping[str, float]]] = {
    "mass": {"g": 1.0, "kg": 1000.0, "mg": 0.001},
    "assay": {"wt%": 0.01, "%": 0.01, "fraction": 1.0, "kg/kg": 1.0},
    "ndfeb": {"yes/no": 1.0},
}
"""Units of what is measured, and what one of them is in the model's own."""
MOST_PIECES: Final = 1_000_000


def near(text: str, known: Iterable[str], otherwise: str) -> str:
    """A hint that offers the nearest known word, or says what is known."""
    found = get_close_matches(text.lower(), list(known), n=1)
    return f"Did you mean `{found[0]}`?" if found else otherwise


def one_of(column: str, text: str, known: Iterable[str]) -> str | Fault:
    """One of a few words, whatever its case."""
    words = list(known)
    if text.casefold() in words:
        return text.casefold()
    reason = "is not known." if text else "says nothing."
    return Fault(column, text, reason, near(text, words, f"Write one of: {', '.join(words)}."))


def number(column: str, text: str) -> float | Fault:
    """A number above zero, with a point before its decimals.

    >>> number("value", "17.25")
    17.25
    >>> print(number("value", "17,25").at("a.csv", 2))
    a.csv, row 2, column value: `17,25` can be read in two ways. Write a point before decimals.
    """
    if not text:
        return Fault(column, text, "says nothing.", "Give a number.")
    if "," in text and NUMBER.fullmatch(text.replace(",", "")):
        return Fault(column, text, "can be read in two ways.", "Write a point before decimals.")
    if not NUMBER.fullmatch(text):
        return Fault(column, text, "is no number.", "Write it as 17.25; its unit has a column.")
    value = float(text)
    if not 0 < value < math.inf:
        return Fault(column, text, "is not above zero.", "Leave out what was not found.")
    return value


def count(column: str, text: str) -> int | Fault:
    """How many pieces or families: a whole number from one."""
    value = number(column, text)
    if isinstance(value, Fault):
        return value
    if not value.is_integer() or value > MOST_PIECES:
        wanted = f"is no whole number from 1 to {MOST_PIECES:,}."
        return Fault(column, text, wanted, "Count the units measured.")
    return int(value)


def error_share(column: str, text: str, value: float, units: Mapping[str, float]) -> float | Fault:
    """An error as a share of what it is of: `2 %`, `0.02`, or in a unit of the value. [1]

    Args:
        column: The column.
        text: What stands in it.
        value: What was measured, in the model's unit.
        units: Units an absolute error may have.

    >>> [error_share("scale_error", t, 20.0, {"g": 1.0}) for t in ("2 %", "0.02", "0.4 g")]
    [0.02, 0.02, 0.02]
    """
    match = WITH_UNIT.fullmatch(text)
    if match is None:
        return Fault(column, text, "is no number.", "Write `2 %`, or `0.1 g`.")
    amount, unit = float(match[1]), match[2].strip()
    if unit in ("", "%"):
        share = amount / 100 if unit else amount
    elif unit in units:
        share = amount * units[unit] / value
    else:
        known = ", ".join(["%", *units])
        return Fault(column, text, "has a unit that is not known.", f"Known units: {known}.")
    if not 0 <= share <= 1:
        return Fault(column, text, "is not from 0 to all of the value.", "Write 2 % as `2 %`.")
    return share
