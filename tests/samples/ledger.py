"""What a sample is made of, and its account: parts, rows, and the truth they add up to.

Every row enters a sample through the ledger together with what it stands for, so the truth is kept
by construction and never by reading the file back.
"""

import csv
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Row = list[Any]
VENDOR_WORDS = ("WDC", "HGST", "TOSHIBA", "INTEL", "SAMSUNG", "SEAGATE", "LENOVO")


@dataclass(frozen=True)
class Part:
    """One real model: what it is and how often it turns up. `capacity_gb` as sold, 0 for none."""

    kind: str
    manufacturer: str
    model: str
    part_number: str
    description: str
    capacity_gb: float
    weight_lb: float
    share: float

    @property
    def bare_model(self) -> str:
        """The model without the vendor word a drive prints before it."""
        first, _, rest = self.model.partition(" ")
        return rest.strip() if first in VENDOR_WORDS else self.model

    @property
    def full_name(self) -> str:
        """Maker and model the way an asset register joins them, the maker never twice."""
        if self.bare_model.casefold().startswith(self.manufacturer.casefold()):
            return self.bare_model
        return f"{self.manufacturer} {self.bare_model}"


class Catalogue:
    """The models of `model.csv`, drawn by kind in proportion to their share."""

    def __init__(self, path: Path) -> None:
        with path.open(encoding="utf-8", newline="") as file:
            self.parts = [
                Part(
                    row["kind"],
                    row["manufacturer"],
                    row["model"],
                    row["part_number"],
                    row["description"],
                    float(row["capacity_gb"] or 0),
                    float(row["weight_lb"]),
                    float(row["share"]),
                )
                for row in csv.DictReader(file)
            ]

    def draw(self, kind: str, rng: random.Random) -> Part:
        """One part of a kind."""
        parts = [part for part in self.parts if part.kind == kind]
        return rng.choices(parts, [part.share for part in parts])[0]

    def named(self, model: str) -> Part:
        """The part with exactly this model string."""
        return next(part for part in self.parts if part.model == model)


@dataclass
class Ledger:
    """Rows of one sample in file order, and the account they add up to."""

    rows: list[Row] = field(default_factory=list)
    loaded: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    not_counted: Counter[str] = field(default_factory=Counter)
    batches: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    described_units: Counter[str] = field(default_factory=Counter)
    capacity_gb: Counter[str] = field(default_factory=Counter)

    def load(
        self,
        row: Row,
        kind: str,
        batch: str,
        units: int = 1,
        capacity_gb: float = 0,
        not_counted: str = "",
    ) -> None:
        """Add a line that is loaded.

        Args:
            row: Cells in column order.
            kind: What a careful person would say the line is.
            batch: Batch the line belongs to.
            units: Pieces the line stands for. [1]
            capacity_gb: Capacity of one piece as sold, 0 when it has none. [GB]
            not_counted: Why the line adds no units; empty when it does.
        """
        self.rows.append(row)
        self.loaded += 1
        self.batches[batch] += 1
        if not_counted:
            self.not_counted[not_counted] += 1
            return
        self.units[kind] += units
        if capacity_gb:
            self.capacity_gb[kind] += round(units * capacity_gb)

    def reject(self, row: Row, reason: str) -> None:
        """Add a line that has to be set aside."""
        self.rows.append(row)
        self.rejected[reason] += 1

    def ignore(self, row: Row, reason: str) -> None:
        """Add a record that is no data: a blank line, a repeated header, a subtotal, a total."""
        self.rows.append(row)
        self.ignored[reason] += 1

    def describe(self, kind: str, units: int) -> None:
        """Count parts that a host's own text says it holds."""
        self.described_units[kind] += units

    def scatter(self, dirt: list[tuple[Row, str, str]], rng: random.Random) -> None:
        """Insert rows that are rejected or ignored at random places, never first or last.

        Args:
            dirt: (cells, "reject" or "ignore", reason) per row.
            rng: Source of the places.
        """
        for row, action, reason in dirt:
            (self.reject if action == "reject" else self.ignore)(row, reason)
            self.rows.insert(rng.randrange(1, len(self.rows) - 1), self.rows.pop())

    def truth(self) -> dict[str, Any]:
        """The account as golden tables keep it; capacity in TB of 10^12 bytes."""
        rejected, ignored = sum(self.rejected.values()), sum(self.ignored.values())
        return {
            "lines_read": self.loaded + rejected + ignored,
            "lines_loaded": self.loaded,
            "lines_rejected": rejected,
            "lines_ignored": ignored,
            "reasons": dict(sorted(self.rejected.items())),
            "ignored": dict(sorted(self.ignored.items())),
            "not_counted": dict(sorted(self.not_counted.items())),
            "batches": dict(sorted(self.batches.items())),
            "units": dict(sorted(self.units.items())),
            "described_units": dict(sorted(self.described_units.items())),
            "capacity_tb": {k: self.capacity_gb[k] / 1000 for k in ("hdd", "ssd")},
        }


class Serials:
    """Serial numbers that never repeat unless a writer repeats them on purpose."""

    LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.used: set[str] = set()

    def new(self, length: int = 8) -> str:
        """Letters and digits, beginning with a letter so that no spreadsheet takes it for one."""
        while True:
            tail = "".join(self.rng.choice(self.LETTERS) for _ in range(length - 1))
            serial = self.rng.choice("KPSVWZ") + tail
            if serial not in self.used:
                self.used.add(serial)
                return serial

    def digits(self, length: int = 12) -> str:
        """Digits only, with leading zeros that must survive."""
        while True:
            serial = "00" + "".join(self.rng.choice("123456789") for _ in range(length - 2))
            if serial not in self.used:
                self.used.add(serial)
                return serial


def write_csv(path: Path, header: Row, rows: list[Row], encoding: str, line_end: str) -> None:
    """Write cells as they are, quoted only where needed; a row without cells is a blank line."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, lineterminator=line_end).writerows([header, *rows])
