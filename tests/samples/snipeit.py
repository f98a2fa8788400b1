"""The Snipe-IT sample: an asset export with byte-order mark, custom fields and a batch column.

Categories come in every case, quantities as people type them, models cut to 16 characters beside
capacities as RAID controllers print them, lots hidden in model texts, and placeholder serials.
"""

import random
from pathlib import Path

from .ledger import Catalogue, Ledger, Part, Row, Serials, write_csv

NAME = "snipeit_assets.csv"
HEADER = [
    "Asset Tag", "Item Name", "Company", "Category", "Status", "Serial Number", "Manufacturer",
    "Model", "Model Number", "Quantity", "Capacity", "Batch", "Location", "Order Number",
    "Purchase Date", "Purchase Cost", "Notes",
]  # fmt: skip
BATCHES = ("2026-Q3-SJC", "2026-Q3-IAD", "2026-Q4-DFW")
UNASSIGNED = "snipeit_assets/unassigned"
CATEGORIES = {
    "hdd": ("HARD DRIVE", "Hard drive", "hdd", "Hard Disk", "Drives", "Hard Drvie"),
    "ssd": ("SSD", "ssd", "Hard drive", "Solid State Drive", "Drives"),
    "server": ("server", "Servers", "SERVER"),
    "switch": ("Network", "switches", "NETWORK"),
    "psu": ("power supply", "PSU", "Power Supply"),
    "fan": ("Fan", "FANS", "fan"),
    "storage": ("Storage", "storage array"),
    "memory": ("RAM", "Memory"),
    "gpu": ("GPU",),
    "cable": ("Cables",),
    "ups_pdu": ("Power",),
    "tape_drive": ("Tape drive",),
    "optical_drive": ("Optical drive",),
    "board": ("RAID controller",),
    "network_card": ("NIC",),
}
MIX = {
    "hdd": 300, "ssd": 130, "server": 40, "switch": 34, "psu": 60, "fan": 34, "storage": 10,
    "memory": 14, "gpu": 6, "ups_pdu": 6, "tape_drive": 4, "optical_drive": 3, "board": 5,
    "network_card": 8,
}  # fmt: skip
PLACEHOLDERS = ("N/A", "UNKNOWN", "TBD", "0000000000", "none")
REMARKS = ("wiped", "label torn", "« vérifié »", "from cage 7, see PO")
JUNK_MODELS = ("N/A", "UNKNOWN", "TBD", "?", "see ticket", "null", "")
# (host text, drives, SSDs): what the name of a host says it holds
DESCRIBED = (
    ("12x 6TB SATA", 12, 0),
    ("8x 4TB SAS, 2x 480GB SSD", 8, 2),
    ("24x 1.92TB SSD", 0, 24),
)
# text of the cell and the pieces it stands for
TYPED_QUANTITIES = (
    ("25x", 25),
    ("12 pcs", 12),
    (" 4 ", 4),
    ("6.0", 6),
    ("x10", 10),
    ("1,200", 1200),
)


def sold(capacity_gb: float) -> str:
    """A capacity the way a seller prints it."""
    return f"{capacity_gb / 1000:g} TB" if capacity_gb >= 1000 else f"{capacity_gb:g}GB"


def binary(capacity_gb: float) -> str:
    """The same capacity the way a RAID controller prints it: powers of two called TB or GB."""
    tebibytes = capacity_gb * 1e9 / 2**40
    return f"{tebibytes:.3f} TB" if tebibytes >= 1 else f"{tebibytes * 1024:.3f} GB"


class Sheet:
    """Builds rows under running asset tags and gives each one a batch."""

    def __init__(self, ledger: Ledger, rng: random.Random, serials: Serials) -> None:
        self.ledger, self.rng, self.serials = ledger, rng, serials
        self.tag = 20410

    def row(
        self,
        part: Part | None,
        *,
        serial: str = "",
        quantity: str = "1",
        model: str | None = None,
        capacity: str = "",
        name: str = "",
    ) -> tuple[Row, str]:
        """Cells of one asset and the batch they name; without a part only the model is known."""
        rng = self.rng
        self.tag += rng.choice((1, 1, 1, 2, 7))
        batch = "" if rng.random() < 0.03 else rng.choice(BATCHES)
        named = model if model is not None else part.model if part else ""
        # makers whose model and order number differ file the latter as model number
        number = part.part_number if part and part.part_number != named else ""
        host = part is not None and part.kind in ("server", "switch", "storage")
        cells = [
            f"{self.tag:08d}",
            name or (f"{rng.choice(('web', 'hdp', 'sw'))}{self.tag}" if host else ""),
            rng.choice(("Northwind Cloud", "Northwind Cloud", "Northwind Réseau")),
            rng.choice(CATEGORIES[part.kind]) if part else rng.choice(("", "Misc")),
            rng.choice(("Archived", "Ready to Deploy", "Broken", "Pending")),
            serial,
            part.manufacturer if part else "",
            named,
            number,
            quantity,
            capacity,
            batch,
            rng.choice(("SJC4", "IAD1", "DFW2 – cage 7")),
            f"PO-{rng.randrange(3000, 3400)}",
            f"{rng.randrange(1, 13):02d}/{rng.randrange(1, 29):02d}/{rng.randrange(2014, 2022)}",
            f"{rng.randrange(20, 6000):,}.00",
            rng.choice(REMARKS) if rng.random() < 0.1 else "",
        ]
        return cells, batch or UNASSIGNED

    def add(
        self, part: Part, units: int = 1, not_counted: str = "", capacity: str = "",
        **cells: str,
    ) -> None:  # fmt: skip
        """One loaded line of a known part."""
        text = capacity or (sold(part.capacity_gb) if part.capacity_gb else "")
        row, batch = self.row(part, capacity=text, **cells)
        self.ledger.load(row, part.kind, batch, units, part.capacity_gb, not_counted)


def assets(sheet: Sheet, catalogue: Catalogue) -> None:
    """The bulk of the export: single assets, models sometimes cut to 16 characters."""
    rng = sheet.rng
    kinds = [kind for kind, count in MIX.items() for _ in range(count)]
    rng.shuffle(kinds)
    for kind in kinds:
        part = catalogue.draw(kind, rng)
        serial = sheet.serials.digits() if rng.random() < 0.05 else sheet.serials.new()
        model, capacity = part.model, ""
        if kind in ("hdd", "ssd") and rng.random() < 0.15:
            model, capacity = part.model[:16], binary(part.capacity_gb)
        quantity = "" if rng.random() < 0.02 else "1"
        sheet.add(part, serial=serial, model=model, capacity=capacity, quantity=quantity)


def lots(sheet: Sheet, catalogue: Catalogue) -> None:
    """Lines that stand for many pieces, in the quantity cell or hidden in the text."""
    rng = sheet.rng
    cable = catalogue.named("SFP-H10GB-CU3M")
    for text, units in TYPED_QUANTITIES:
        part = cable if units > 100 else catalogue.draw(rng.choice(("hdd", "psu", "fan")), rng)
        sheet.add(part, units, quantity=text)
    for lot, model in ((40, "ST4000NM0033"), (24, "TOSHIBA MG07ACA14TE"), (18, "ST12000NM0007")):
        part = catalogue.named(model)
        sheet.add(part, lot, model=f"LOT OF {lot} - {model}")
    drive = catalogue.named("HDS723030ALA640")
    for carriers in (6, 9):
        text = f"{drive.model} (2x3TB tandem)"
        sheet.add(drive, 2 * carriers, model=text, quantity=str(carriers))


def hosts(sheet: Sheet, catalogue: Catalogue) -> None:
    """Servers whose item name says which drives are inside."""
    for text, drives, flash in DESCRIBED * 4:
        units = sheet.rng.choice((1, 1, 2))
        server = catalogue.named(sheet.rng.choice(("PowerEdge R730xd", "ProLiant DL380 Gen9")))
        sheet.add(server, units, quantity=str(units), name=f"storage node {text}")
        for kind, count in (("hdd", drives), ("ssd", flash)):
            if count:
                sheet.ledger.describe(kind, count * units)


def oddities(sheet: Sheet, catalogue: Catalogue) -> None:
    """Lines that load but need care: placeholder serials, junk models, no or negative quantity."""
    rng, ledger = sheet.rng, sheet.ledger
    for serial in PLACEHOLDERS * 3:
        sheet.add(catalogue.named("HGST HUH721212ALN604"), serial=serial)
    for model in JUNK_MODELS * 2:
        row, batch = sheet.row(None, serial=sheet.serials.new(), model=model)
        ledger.load(row, "unidentified", batch)
    for quantity in ("0", "-1"):
        sheet.add(
            catalogue.draw("hdd", rng), 0, quantity=quantity, not_counted="quantity_zero_or_less"
        )
    # a line typed by hand that ends after the batch
    part = catalogue.named("ST8000NM0055")
    row, _ = sheet.row(part, serial=sheet.serials.new(), capacity="8 TB")
    ledger.reject(row[: HEADER.index("Batch") + 1], "too_few_cells")


def dirt(sheet: Sheet, catalogue: Catalogue) -> list[tuple[Row, str, str]]:
    """Records that cannot be loaded or are no data."""
    found: list[tuple[Row, str, str]] = []
    for quantity in ("a few", "ask Jim", "#VALUE!", "1.2.3.4"):
        row, _ = sheet.row(catalogue.draw("psu", sheet.rng), quantity=quantity)
        found.append((row, "reject", "bad_quantity"))
    for _ in range(2):
        row, _ = sheet.row(catalogue.draw("fan", sheet.rng), serial=sheet.serials.new())
        found.append(([*row, "", "moved to cage 9"], "reject", "too_many_cells"))
    found.append((list(HEADER), "ignore", "repeated_header"))
    found += [([], "ignore", "blank")] * 2
    return found


def write(folder: Path, catalogue: Catalogue, rng: random.Random) -> Ledger:
    """Write the sample and return its account."""
    ledger = Ledger()
    sheet = Sheet(ledger, rng, Serials(rng))
    assets(sheet, catalogue)
    lots(sheet, catalogue)
    hosts(sheet, catalogue)
    oddities(sheet, catalogue)
    ledger.scatter(dirt(sheet, catalogue), rng)
    write_csv(folder / NAME, list(HEADER), ledger.rows, "utf-8-sig", "\n")
    return ledger
