"""The ITAD sample: a settlement workbook with title rows, the header in row 6, subtotals, a total.

Title cells are merged, a second sheet holds notes, numbers are numbers and serials are text. Every
disposition order is a batch.
"""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import xlsxwriter

from .ledger import Catalogue, Ledger, Part, Row, Serials

NAME = "itad_settlement.xlsx"
HEADER = [
    "Disposition Order", "IT Asset", "Status", "Serial Number", "Asset Tag", "Asset Type",
    "Manufacturer", "Model", "Weight", "Quantity", "Condition Grade", "Missing Parts",
    "Disposition Route", "Wipe Result", "Received Date", "Fair Market Value",
]  # fmt: skip
WEIGHT, QUANTITY, RECEIVED = (HEADER.index(n) for n in ("Weight", "Quantity", "Received Date"))
ORDERS = ("DO-24117", "DO-24118", "DO-24131", "DO-24140", "DO-24152")
CATEGORIES = {
    "hdd": ("Hard Drive", "HDD", "Hard Drive"),
    "ssd": ("SSD", "Hard Drive"),
    "server": ("Server",),
    "switch": ("Network Equipment", "Switch"),
    "psu": ("Power Supply",),
    "fan": ("Fan Module",),
    "storage": ("Storage Array",),
    "tape_drive": ("Tape Drive",),
    "ups_pdu": ("UPS / PDU",),
    "memory": ("Memory",),
    "chassis": ("Chassis",),
    "rack": ("Rack",),
    "battery": ("Battery",),
    "other": ("Console Server",),
}
MIX = {
    "hdd": 46, "ssd": 18, "server": 16, "switch": 8, "psu": 9, "fan": 5, "storage": 3,
    "tape_drive": 1, "ups_pdu": 2, "memory": 2,
}  # fmt: skip
RARE = ("chassis", "rack", "battery", "other")
GRADES = ("A", "B", "C", "D", "Non-functional")


class Statement:
    """Builds the lines of one order after another and the sums its subtotals show."""

    def __init__(self, ledger: Ledger, rng: random.Random) -> None:
        self.ledger, self.rng, self.serials = ledger, rng, Serials(rng)
        self.order, self.asset = "", 700100
        self.weight_lb = self.total_lb = 0.0
        self.pieces = self.total_pieces = 0

    def cells(self, part: Part | None, serial: str, quantity: object, model: str) -> Row:
        """The cells of one settled line."""
        rng = self.rng
        self.asset += 1
        units = quantity if isinstance(quantity, int) else 1
        weight = round(part.weight_lb * units if part else rng.uniform(1, 20), 1)
        self.weight_lb += weight
        self.pieces += units
        grade = rng.choice(GRADES)
        drive = part is not None and part.kind in ("hdd", "ssd")
        return [
            self.order,
            f"ITA-{self.asset:07d}",
            rng.choice(("Settled", "Settled", "Graded")),
            serial,
            f"{rng.randrange(10**8):08d}" if rng.random() < 0.6 else "",
            rng.choice(CATEGORIES[part.kind]) if part else "Unknown",
            part.manufacturer if part else "",
            model,
            weight,
            quantity,
            grade,
            rng.choice(("", "", "bezel", "rails")) if part and part.kind == "server" else "",
            "Resale" if grade in "AB" else "Commodity recovery",
            rng.choice(("Pass", "Pass", "Fail")) if drive else "",
            date(2026, 9, 1) + timedelta(days=rng.randrange(40)),
            round(rng.uniform(0.5, 400), 2),
        ]

    def add(self, part: Part, units: int = 1, serial: str = "", model: str = "") -> None:
        """One loaded line of a known part."""
        row = self.cells(part, serial, units, model or part.model)
        self.ledger.load(row, part.kind, self.order, units, part.capacity_gb)

    def close_order(self) -> None:
        """The subtotal of the order and the blank row after it."""
        row: Row = [""] * len(HEADER)
        row[0], row[WEIGHT], row[QUANTITY] = (
            f"Subtotal {self.order}", round(self.weight_lb, 1), self.pieces,
        )  # fmt: skip
        self.ledger.ignore(row, "subtotal")
        self.ledger.ignore([""] * len(HEADER), "blank")
        self.total_lb += self.weight_lb
        self.total_pieces += self.pieces
        self.weight_lb, self.pieces = 0.0, 0

    def close(self) -> None:
        """The grand total under the last order."""
        row: Row = [""] * len(HEADER)
        row[0], row[WEIGHT], row[QUANTITY] = (
            "Grand Total", round(self.total_lb, 1), self.total_pieces,
        )  # fmt: skip
        self.ledger.ignore(row, "total")


def order_lines(statement: Statement, catalogue: Catalogue, rng: random.Random) -> None:
    """The usual lines of one order: single assets with serials, lots without."""
    kinds = [kind for kind, count in MIX.items() for _ in range(count)]
    kinds.append(rng.choice(RARE))
    for kind in sorted(kinds):
        part = catalogue.draw(kind, rng)
        if kind in ("psu", "fan", "memory") or (kind == "hdd" and rng.random() < 0.06):
            statement.add(part, rng.choice((4, 8, 12, 24, 48)))
        else:
            serial = statement.serials.digits() if rng.random() < 0.06 else statement.serials.new()
            statement.add(part, serial=serial)


def odd_lines(statement: Statement, catalogue: Catalogue) -> None:
    """Lines of one order that need care: drives inside a host, no model, no readable quantity."""
    ledger, serials = statement.ledger, statement.serials
    host = catalogue.named("PowerEdge R740xd")
    statement.add(host, serial=serials.new(7), model=f"{host.model} 12x 6TB SAS")
    ledger.describe("hdd", 12)
    drive = catalogue.named("ST16000NM001G")
    row = statement.cells(drive, serials.new(), "", drive.model)
    ledger.load(row, "hdd", statement.order, 1, drive.capacity_gb)
    row = statement.cells(None, serials.new(), 1, "")
    ledger.load(row, "unidentified", statement.order)


def write_workbook(path: Path, rows: list[Row]) -> None:
    """Lay the lines out as a statement: merged titles, blank row, header in row 6, notes sheet."""
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties(
            {"created": datetime(2026, 10, 15, tzinfo=UTC), "title": "Settlement statement"}
        )
        bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("Settlement")
        last = len(HEADER) - 1
        sheet.merge_range(0, 0, 0, last, "Settlement statement – asset recovery", bold)
        sheet.merge_range(1, 0, 1, last, "Customer: Northwind Cloud, Inc. · Period: Q3 2026")
        sheet.write_row(2, 0, ["Statement", "ST-2026-0917", "", "Currency", "USD"])
        sheet.write_row(3, 0, ["Weights in lb", "", "", "Prepared", "2026-10-15"])
        sheet.write_row(5, 0, HEADER, bold)
        for line, row in enumerate(rows, start=6):
            for column, cell in enumerate(row):
                if cell == "":
                    continue
                if column == RECEIVED:
                    sheet.write_datetime(line, column, cell, day)
                elif isinstance(cell, str):
                    sheet.write_string(line, column, cell)
                else:
                    sheet.write_number(line, column, cell)
        notes = book.add_worksheet("Notes")
        notes.write_column(0, 0, ["Grades", "A like new", "B good", "C worn", "D damaged"])
        notes.write(6, 0, "Non-functional drives are shredded; serials are kept for seven years.")


def write(folder: Path, catalogue: Catalogue, rng: random.Random) -> Ledger:
    """Write the sample and return its account."""
    ledger = Ledger()
    statement = Statement(ledger, rng)
    for number, order in enumerate(ORDERS):
        statement.order = order
        order_lines(statement, catalogue, rng)
        odd_lines(statement, catalogue)
        if number % 2 == 0:
            row = statement.cells(catalogue.draw("psu", rng), "", "to follow", "")
            row[HEADER.index("Model")] = "865414-B21"
            ledger.reject(row, "bad_quantity")
        statement.close_order()
    statement.close()
    write_workbook(folder / NAME, ledger.rows)
    return ledger
