"""Sizes within part numbers: what the digits of a drive's code say where no pattern reads them.

How codes spell a size is data (`code_size.csv`), as are the sizes. It is read last, and only where
one size stands out: two in one code leave it open.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from valuation.identity.capacity import SoldSizes, nominal_gb
from valuation.tables import Tables
from valuation.units import DRIVE_KINDS

GB_PER_TB: Final = 1000.0
ALONE: Final = "alone"
"""What sizes are called that tell without a unit."""
SHORTEST_END: Final = 3
"""Digits of a size that other digits run into: two of them would be found by chance."""
_DIGITS: Final = "0123456789"
_THREE_OR_UNIT: Final = re.compile(r"\d\d[\dGT]|\dT\d")
"""What every form needs, so that most texts are looked at once."""


@dataclass(frozen=True)
class CodeForm:
    """One way in which codes spell a size.

    Attributes:
        rank: The least is read first.
        kinds: Kinds of drives that are written so.
        regex: Where it stands, with one group for its digits.
        is_end: Whether the end of the digits may be the size.
        is_bare: Whether the digits have no unit, so that only sizes that tell alone are believed.
        weight: Chance by which a telling size speaks for a kind that is sold in it. [1]
    """

    rank: int
    kinds: frozenset[str]
    regex: re.Pattern[str]
    is_end: bool
    is_bare: bool
    weight: float


@dataclass(frozen=True)
class CodedSize:
    """A size that a code spells.

    Attributes:
        capacity_gb: The size. [GB]
        matched: The letters and digits that say it.
        weight: Chance by which it speaks for the kind, zero where other things have it too. [1]
    """

    capacity_gb: float
    matched: str
    weight: float


class CodeSizes:
    """The forms in which codes spell sizes, compiled.

    Args:
        forms: Ways to spell a size.
        sizes: Sizes on sale.
    """

    def __init__(self, forms: Sequence[CodeForm], sizes: SoldSizes) -> None:
        self._forms = {
            kind: sorted((f for f in forms if kind in f.kinds), key=lambda f: f.rank)
            for kind in DRIVE_KINDS
        }
        self._sizes = sizes
        self._sold = {kind: frozenset(sizes.of(kind)) for kind in self._forms}

    def of(self, text: str, kind: str, *, is_cut: bool = False) -> CodedSize | None:
        """The one size the code of a drive spells, None where it spells none or several.

        Args:
            text: Cleaned text.
            kind: What the thing is, or may be.
            is_cut: The text may break off, so digits at its end may be half a number.
        """
        if is_cut:
            text = text.rstrip(_DIGITS)
        if kind not in self._forms or not _THREE_OR_UNIT.search(text):
            return None
        rank, found = 0, dict[float, CodedSize]()
        for form in self._forms[kind]:
            if found and form.rank > rank:
                break
            rank = form.rank
            for said in self._said(form, text, kind):
                found.setdefault(said.capacity_gb, said)
        return next(iter(found.values())) if len(found) == 1 else None

    def _said(self, form: CodeForm, text: str, kind: str) -> Iterator[CodedSize]:
        for match in form.regex.finditer(text):
            size = self._size_gb(form, match, kind)
            if size is None:
                continue
            telling = self._sizes.telling.get((kind, size))
            if telling == ALONE or not form.is_bare:
                yield CodedSize(size, match[0], form.weight if telling else 0.0)

    def _size_gb(self, form: CodeForm, match: re.Match[str], kind: str) -> float | None:
        group, digits = match.lastgroup, match[match.lastgroup or 0]
        if group == "tb":
            whole, _, decimals = digits.partition("T")
            step_gb = GB_PER_TB * 10.0 ** -len(decimals)
            return nominal_gb(float(f"{whole}.{decimals}") * GB_PER_TB, step_gb,
                              self._sizes.of(kind))  # fmt: skip
        if group == "tb_tenths":
            step_gb = GB_PER_TB / 10
            return nominal_gb(float(digits) * step_gb, step_gb, self._sizes.of(kind))
        if float(digits) in self._sold[kind]:
            return float(digits)
        ends = (digits[n:] for n in range(1, len(digits) - SHORTEST_END + 1) if form.is_end)
        return next((float(d) for d in ends if d[0] != "0" and float(d) in self._sold[kind]), None)


def code_sizes(tables: Tables, sizes: SoldSizes) -> CodeSizes:
    """The forms of `code_size.csv`."""
    rows = tables.frame("code_size").iter_rows(named=True)
    forms = [
        CodeForm(
            rank=row["rank"],
            kinds=frozenset(row["kinds"].split()),
            regex=re.compile(row["pattern"]),
            is_end=row["digits"] == "end",
            is_bare=row["sizes"] == "telling",
            weight=row["weight"] or 0.0,
        )
        for row in rows
    ]
    return CodeSizes(forms, sizes)
