"""Quantity: how many pieces a cell stands for, decided file by file for commas and dots."""

import re
from collections.abc import Iterable
from typing import Final

from valuation.inventory.items import BLANKS

_WORDS: Final = (
    r"x|×|\*|pcs?|pieces?|ea|each|units?|nos?|qty|items?|drives?|lot|lot of|st|stk|stck|stück|"
    r"stueck|pz|pza|pezzi|pièces?|uds?|unidades?|szt|개|대|ea개|個|台|件|枚"
)
_TEXT: Final = re.compile(
    rf"(?:{_WORDS}|qty\s*[:=])?\.?\s*(?P<number>[+-]?\d[\d.,'\s]*?)\s*(?:{_WORDS})?\.?",
    re.IGNORECASE,
)
_SIGNS: Final = str.maketrans(
    dict.fromkeys("\u00a0\u202f\u2009\u3000", " ")
    | dict.fromkeys("\u2019\u02bc\u00b4`", "'")
    | {"−": "-", "٬": ",", "٫": "."}
    | {chr(code + 0xFEE0): chr(code) for code in range(ord("!"), ord("~") + 1)}
)
"""Blanks, apostrophes and minus signs of every kind, and the wide forms of East Asian type."""
_CHARACTERS: Final = 64
"""No number of pieces is written with more."""
_MOST_PIECES: Final = 100_000_000
"""Nor stands for more on one line."""
_APART: Final = re.compile(r"[+-]?\d{1,3}(?:[ ']\d{3})*(?:[.,]\d*)?|[+-]?\d[\d.,]*")
"""Blanks and apostrophes stand between groups of three digits only: `1 2` is no number."""
_GROUPED: Final = (
    r"[+-]?[1-9]\d{{0,2}}(?:{sign}\d{{3}})+|[+-]?[1-9]\d?(?:{sign}\d{{2}})+{sign}\d{{3}}"
)
"""Thousands, or lakhs and crores as in `1,00,000`."""


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
    # A spreadsheet marks a number kept as text with an apostrophe in front.
    plain = text.strip(BLANKS).translate(_SIGNS).strip().removeprefix("'")
    if not plain:
        return ""
    if len(plain) > _CHARACTERS:
        return None
    found = _TEXT.fullmatch(plain)
    if found is None or _APART.fullmatch(found["number"].strip()) is None:
        return None
    return re.sub(r"[\s']", "", found["number"])


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
        starts_with_zero = number.lstrip("+-").startswith("0")
        if len(set(signs)) == 2 or (len(signs) == 1 and (digits_after != 3 or starts_with_zero)):
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
    if group in whole and not re.fullmatch(_GROUPED.format(sign=re.escape(group)), whole):
        return None
    digits = whole.replace(group, "")
    if not re.fullmatch(r"[+-]?\d{1,15}", digits) or fraction.strip("0"):
        return None
    pieces = float(digits)
    return pieces if pieces <= _MOST_PIECES else None
