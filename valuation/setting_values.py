"""How the value of a setting is read, wherever it was said: text, path, number, date, choice.

A value that cannot be used is refused with its name and the nearest right one.
"""

import datetime
import os
import re
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from valuation.errors import SettingsError

_BOOLEANS: Final = {
    "1": True, "true": True, "yes": True, "on": True,
    "0": False, "false": False, "no": False, "off": False, "": False,
}  # fmt: skip
_AMOUNT: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT])(i?)B?", re.IGNORECASE)


def today() -> datetime.date:
    """The date where the program runs."""
    return datetime.datetime.now().astimezone().date()


def nearest(word: str, words: Iterable[str], show: Callable[[str], str] = lambda near: near) -> str:
    """A hint that offers the word nearest to one nobody knows; empty when none is near."""
    near = get_close_matches(word.lower(), words, n=1)
    return f"Did you mean `{show(near[0])}`?" if near else ""


def _wrong(name: str, value: object, wanted: str, hint: str = "") -> SettingsError:
    return SettingsError(f"The setting `{name}` is `{value}`, which is not {wanted}.", hint)


def text(name: str, value: object) -> str:
    """A text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise _wrong(name, value, "a text", "Give at least one character.")
    return value.strip()


def path(name: str, value: object) -> Path:
    """A path; `~` is the home of the user."""
    return value if isinstance(value, Path) else Path(text(name, value)).expanduser()


def paths(name: str, value: object) -> tuple[Path, ...]:
    """Paths; a text holds several with the sign between them that the system uses in PATH."""
    parts = value.split(os.pathsep) if isinstance(value, str) else value
    if isinstance(parts, Path):
        parts = (parts,)
    if not isinstance(parts, (list, tuple)):
        raise _wrong(name, value, "a list of files")
    return tuple(dict.fromkeys(path(name, part) for part in parts))


def texts(name: str, value: object) -> tuple[str, ...]:
    """Texts, each once; one text holds several with commas between."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)):
        raise _wrong(name, value, "a list of texts")
    return tuple(dict.fromkeys(text(name, part) for part in parts))


def day(name: str, value: object) -> datetime.date:
    """A date, as year-month-day where it is text."""
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(str(value).strip())
    except ValueError as error:
        hint = f"Write year-month-day, such as {today()}."
        raise _wrong(name, value, "a date", hint) from error


def flag(name: str, value: object) -> bool:
    """Yes or no."""
    if isinstance(value, bool):
        return value
    known = _BOOLEANS.get(str(value).strip().lower())
    if known is None:
        raise _wrong(name, value, "yes or no", "Write `true` or `false`.")
    return known


def _number(name: str, value: object, wanted: str, hint: str = "") -> Decimal:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise _wrong(name, value, wanted, hint) from error
    if not number.is_finite():
        raise _wrong(name, value, wanted, hint)
    return number


def whole(low: int, high: int) -> Callable[[str, object], int]:
    """A reader of whole numbers from `low` to `high`."""
    wanted = f"a whole number from {low:,} to {high:,}"

    def read(name: str, value: object) -> int:
        number = _number(name, value, wanted)
        nearest = min(max(round(number), low), high)
        if number != nearest:
            raise _wrong(name, value, wanted, f"The nearest is {nearest}.")
        return nearest

    return read


def share(name: str, value: object) -> float:
    """A share from 0 to 1."""
    hint = "Write 5 % as 0.05."
    number = _number(name, value, "a share from 0 to 1", hint)
    if 1 < number <= 100:
        hint = f"Did you mean {number / 100:g}, which is {number:g} %?"
    if not 0 <= number <= 1:
        raise _wrong(name, value, "a share from 0 to 1", hint)
    return float(number)


def choice(options: tuple[str, ...]) -> Callable[[str, object], str]:
    """A reader of one of a few words."""

    def read(name: str, value: object) -> str:
        if value not in options:
            wanted = " or ".join(f"`{option}`" for option in options)
            raise _wrong(name, value, wanted, nearest(str(value), options))
        return str(value)

    return read


def memory(name: str, value: object) -> str:
    """An amount of memory as the engine reads it."""
    match = _AMOUNT.fullmatch(str(value).strip())
    if match is None or float(match[1]) == 0:
        number = str(value).strip()
        hint = f"Did you mean `{number}GB`?" if number.isdigit() and number != "0" else ""
        raise _wrong(name, value, "an amount of memory such as `4GB`", hint)
    return f"{match[1]}{match[2].upper()}{match[3].lower()}B"
