"""Capacity as printed, in any notation, turned into the nominal size the drive was sold as.

Controllers print binary sizes with decimal units and cut digits; a printed number is therefore
read as an interval as wide as its last digit, decimal and binary, and the nearest sold size wins.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from valuation.tables import Tables
from valuation.units import DRIVE_KINDS

GB_PER_UNIT = {"B": 1e-9, "M": 1e-3, "G": 1.0, "T": 1e3, "P": 1e6}
BINARY_STEP = {"B": 0, "M": 2, "G": 3, "T": 4, "P": 5}
SLACK = 0.005
"""Formatted drives miss their nominal size by up to this share. [1]"""

MISLABELLED = 0.03
"""A broken number of TiB fits a binary size this much better than a decimal one. [1]"""

_NUMBER = r"\d+(?:[ ]?[.,'][ ]?\d+)*"
_AMOUNT = re.compile(
    rf"(?:(?<![\dA-Z.,/-])|(?<=\dX))(?P<number>{_NUMBER}) ?,?-?"
    r"(?P<unit>[PTGM]I?B|BYTES?|[TG](?=[^A-Z0-9]|$))(?! ?/ ?S|PS|E\b|IT|[A-Z])"
)
_PLAIN = re.compile(rf"^{_NUMBER}$")


@dataclass(frozen=True)
class SoldSizes:
    """Nominal sizes that are on sale, by kind, ascending. [GB]

    `telling` says which name the size where a code of a drive holds their digits: `alone`, without
    a unit too, or with a `unit`.
    """

    hdd: tuple[float, ...]
    ssd: tuple[float, ...]
    telling: Mapping[tuple[str, float], str] = field(default_factory=dict)

    def of(self, kind: str) -> tuple[float, ...]:
        """Sizes one kind is sold in; all sizes for any other kind."""
        if kind in DRIVE_KINDS:
            return self.hdd if kind == "hdd" else self.ssd
        return self._any

    @cached_property
    def _any(self) -> tuple[float, ...]:
        return tuple(sorted({*self.hdd, *self.ssd}))

    @cached_property
    def _only_kinds(self) -> dict[float, str]:
        hdd, ssd = set(self.hdd), set(self.ssd)
        return dict.fromkeys(hdd - ssd, "hdd") | dict.fromkeys(ssd - hdd, "ssd")

    def only_kind(self, capacity_gb: float) -> str:
        """The one kind sold in this size, empty when both or neither are."""
        return self._only_kinds.get(capacity_gb, "")


def sold_sizes(tables: Tables) -> SoldSizes:
    """The sizes of `sold_size.csv`."""
    rows = tables.frame("sold_size").sort("capacity_gb")
    hdd, ssd = (
        tuple(rows.filter(rows["kind"] == kind)["capacity_gb"].to_list()) for kind in DRIVE_KINDS
    )
    told = rows.drop_nulls("telling").select("kind", "capacity_gb", "telling").rows()
    return SoldSizes(hdd, ssd, {(kind, size): telling for kind, size, telling in told})


def nominal_gb(printed_gb: float, step_gb: float, sizes: tuple[float, ...]) -> float | None:
    """The sold size a printed number stands for, None when none is near.

    Args:
        printed_gb: Number as printed, in decimal units. [GB]
        step_gb: Worth of one in its last digit. [GB]
        sizes: Sizes on sale, ascending. [GB]

    >>> nominal_gb(1900, 100, (1600, 1800, 1920, 2000))
    1920
    """
    best, distance = None, float("inf")
    here = bisect_left(sizes, printed_gb)
    for size in sizes[max(0, here - 2) : here + 2]:
        # A printed number is rounded (half a step either way) or cut (a whole step short).
        slack = SLACK * size
        inside = printed_gb - step_gb / 2 - slack <= size < printed_gb + step_gb + slack
        if inside and abs(size - printed_gb) < distance:
            best, distance = size, abs(size - printed_gb)
    return best


def readings(number: str) -> list[tuple[float, float]]:
    """What digits with separators can mean, each with the worth of its last digit.

    >>> readings("1,8")
    [(1.8, 0.1)]
    >>> readings("1,920")
    [(1920.0, 1.0), (1.92, 0.001)]
    """
    digits = number.replace(" ", "").replace("'", "")
    separators = [c for c in digits if c in ".,"]
    if not separators:
        return [(float(digits), 1.0)]
    head, _, tail = digits.rpartition(separators[-1])
    whole = re.sub(r"[.,]", "", head)
    decimal = (float(f"{whole}.{tail}"), 10.0 ** -len(tail))
    thousands = (float(whole + tail), 1.0)
    if len(set(separators)) == 1 and len(separators) > 1:
        return [thousands]
    if len(separators) == 1 and len(tail) == 3 and whole != "0":
        return [thousands, decimal]
    return [decimal]


def amounts_gb(text: str, sizes: tuple[float, ...]) -> list[tuple[float, str]]:
    """Every amount of storage in a cleaned text with the words that say it, in order. [GB]

    Link speeds (`12GB/S`, `10GBE`) are no amounts; a count of bytes overrides what a bracket says.
    """
    found = []
    for match in _AMOUNT.finditer(text):
        unit = match["unit"]
        if unit == "G" and len(match["number"]) < 3:
            continue  # 12G SAS is a link speed
        gigabytes = _resolve(match["number"], unit, sizes)
        if gigabytes:
            if unit.startswith("BYTE"):
                return [(gigabytes, match[0])]
            found.append((gigabytes, match[0]))
    return found


def column_gb(text: str, sizes: tuple[float, ...]) -> float | None:
    """The capacity of a capacity column, which may hold a bare number. [GB]"""
    found = amounts_gb(text, sizes)
    if found:
        return found[0][0]
    if not _PLAIN.match(text):
        return None
    value, _ = readings(text)[0]
    if value >= 1e9:
        return nominal_gb(value * 1e-9, 0, sizes) or value * 1e-9
    # A bare number is gigabytes when drives of that size are sold; else nobody can say.
    return value if value in sizes else None


def _resolve(number: str, unit: str, sizes: tuple[float, ...]) -> float | None:
    letter = unit[0]
    scale = GB_PER_UNIT[letter]
    binary = (1.024 ** BINARY_STEP[letter]) if letter != "B" else 1.0
    explicit_binary = "I" in unit and letter != "B"
    best: tuple[float, float] | None = None
    for value, step in readings(number):
        for factor in {1.0, binary}:
            printed = value * scale * factor
            size = nominal_gb(printed, step * scale * factor, sizes)
            if size is None or printed <= 0:
                continue
            error = abs(size / printed - 1)
            # Whole numbers of TiB are decimal sizes mislabelled; broken ones are truly binary.
            if explicit_binary and factor == 1.0 and step < 1:
                error += MISLABELLED
            if best is None or error < best[0]:
                best = (error, size)
    if best:
        return best[1]
    value, _ = readings(number)[-1]
    plain = value * scale * (binary if explicit_binary else 1.0)
    return plain if plain > 0 else None
