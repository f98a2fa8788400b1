"""Quantity: how many pieces a cell stands for, decided file by file for commas and dots."""

import re
from collections.abc import Iterable
from typing import Final

_WORDS: Final = (
    r"x|×|\*|pcs?|pieces?|ea|each|units?|nos?|qty|items?|drives?|lot|lot of|st|stk|stück|stueck|"
    r"pz|pza|개|대|ea개|個|台"
)
_TEXT: Final = re.compile(
    rf"(?:{_WORDS}|qty\s*[:=])?\.?\s*(?P<number>[+-]?\d[\d.,'\s]*?)\s*(?:{_WORDS})?\.?",
    re.IGNORECASE,
)
_BLANKS: Final = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "−": "-"})


def read_quantities(
    texts: Iterable[str], decimal_comma: bool = False, decimal: str | None = None
) -> dict[str, float | None]:
    """Pieces for each text of one file; a blank is one piece, None cannot be read.

    Whether a comma groups thousands or starts decimals is one decision per file: by texts that
    can be read one way only, else by `decimal_comma`.

    Args:
        texts: The distinct texts of a quantity column.
        decimal_comma: What the file's layout suggests, when its quantities leave it open.
        decimal: The sign that starts decimals where a map says it, whatever the quantities.

    >>> read_quantities(["", "25x", "1,200", " 4 ", "12.0", "-1", "many"])
    {'': 1.0, '25x': 25.0, '1,200': 1200.0, ' 4 ': 4.0, '12.0': 12.0, '-1': -1.0, 'many': None}
    """
    numbers = {text: _number(text) for text in texts}
    sign = decimal or _decimal_sign([n for n in numbers.values() if n], decimal_comma)
    return {
        text: 1.0 if number == "" else _pieces(number, sign) for text, number in numbers.items()
    }


def _number(text: str) -> str | None:
    """The digits of a quantity with their signs; empty for a blank, None for anything else."""
    plain = text.translate(_BLANKS).strip()
    if not plain:
        return ""
    found = _TEXT.fullmatch(plain)
    return re.sub(r"[\s']", "", found["number"]) if found else None


def _decimal_sign(numbers: list[str], decimal_comma: bool) -> str:
    """The sign that starts decimals in this file: comma or dot."""
    sure: set[str] = set()
    for number in numbers:
        signs = [c for c in number if c in ".,"]
        if not signs:
            continue
        last = signs[-1]
        other = "," if last == "." else "."
        digits_after = len(number) - number.rindex(last) - 1
        if len(set(signs)) == 2 or (len(signs) == 1 and digits_after != 3):
            sure.add(last)
        elif len(signs) > 1 or not number.endswith("000"):
            sure.add(other)  # 1.234.567, or 1.234 that could not be a whole number otherwise
    if len(sure) == 1:
        return sure.pop()
    return "," if decimal_comma else "."  # 1.000 and 12.000 can be read either way


def _pieces(number: str | None, decimal: str) -> float | None:
    """Whole pieces of a number written with digits, groups and decimals."""
    if number is None:
        return None
    group = "." if decimal == "," else ","
    whole, _, fraction = number.partition(decimal)
    if group in whole and not re.fullmatch(rf"[+-]?\d{{1,3}}(\{group}\d{{3}})+", whole):
        return None
    digits = whole.replace(group, "")
    if not re.fullmatch(r"[+-]?\d{1,15}", digits) or fraction.strip("0"):
        return None
    return float(digits)
