"""The ServiceNow sample: an alm_hardware list export with labels, cp1252 and CRLF.

No maker, description or capacity column: the display name and the model carry everything. Cells
hold line breaks, typographic quotes, euro signs and names that only cp1252 reads.
"""

import random
from pathlib import Path

from .ledger import Catalogue, Ledger, Part, Row, Serials, write_csv

NAME = "servicenow_hardware.csv"
BATCH = "servicenow_hardware"
HEADER = [
    "Display name", "Asset tag", "Serial number", "Model", "Model category", "Configuration Item",
    "State", "Substate", "Stockroom", "Quantity", "Assigned to", "Cost", "Purchased", "Comments",
]  # fmt: skip
CATEGORIES = {
    "hdd": ("Hard Disk", "Storage Device", "Hard Disk"),
    "ssd": ("Storage Device", "Solid State Drive", "Hard Disk"),
    "server": ("Server",),
    "switch": ("Network Gear",),
    "psu": ("Power Supply",),
    "fan": ("Fan",),
    "storage": ("Storage Array",),
    "tape_drive": ("Tape Drive",),
    "ups_pdu": ("Power Equipment",),
    "memory": ("Memory",),
    "cpu": ("Processor",),
    "network_card": ("Network Adapter",),
    "chassis": ("Chassis",),
}
MIX = {
    "hdd": 290, "ssd": 120, "server": 62, "switch": 36, "psu": 52, "fan": 30, "storage": 9,
    "tape_drive": 4, "ups_pdu": 6, "memory": 12, "cpu": 6, "network_card": 8, "chassis": 2,
}  # fmt: skip
PLACES = ("Köln – Halle 2", "Montréal YUL-1", "Ashburn IAD-3", "Hillsboro PDX-2", "Dallas DFW-1")
PEOPLE = ("José Núñez", "Zoë Müller", "Björn Åkesson", "François Lefèvre", "Dana Whitfield", "")
STATES = (
    ("Retired", "Pending disposal"),
    ("Retired", "Disposed"),
    ("In stock", "Pending disposal"),
    ("In stock", "Available"),
    ("In use", ""),
    ("Missing", ""),
)
COMMENTS = (
    "“wiped”",
    "geprüft – ok",
    "décommissionné",
    "label missing\r\nsee photo",
    "owner’s request",
)


def row_of(part: Part | None, tag: str, serial: str, quantity: object, rng: random.Random) -> Row:
    """The cells of one asset; without a part the model is left blank."""
    name = part.full_name if part else ""
    category = rng.choice(CATEGORIES[part.kind]) if part else "Hardware"
    state, substate = rng.choice(STATES)
    euro = rng.random() < 0.2
    cost = rng.randrange(40, 9000)
    whole = f"{cost:,}"
    host = part is not None and part.kind in ("server", "switch", "storage")
    return [
        f"{tag} - {name}",
        tag,
        serial,
        name,
        category,
        f"{rng.choice(('esx', 'db', 'net', 'obj'))}-{tag[-4:]}" if host else "",
        state,
        substate,
        rng.choice(PLACES),
        quantity,
        rng.choice(PEOPLE),
        f"€ {whole.replace(',', '.')},00" if euro else f"${whole}.00",
        f"{rng.randrange(2014, 2022)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}",
        rng.choice(COMMENTS) if rng.random() < 0.12 else "",
    ]


def assets(ledger: Ledger, catalogue: Catalogue, rng: random.Random, serials: Serials) -> None:
    """Assets in the order of their tags: one piece each, some in bulk, a few blank quantities."""
    kinds = [kind for kind, count in MIX.items() for _ in range(count)]
    rng.shuffle(kinds)
    for number, kind in enumerate(kinds):
        part = catalogue.draw(kind, rng)
        bulk = kind in ("hdd", "ssd", "psu", "fan", "memory") and rng.random() < 0.05
        units = rng.choice((6, 10, 12, 24, 60)) if bulk else 1
        quantity = "" if units == 1 and rng.random() < 0.03 else str(units)
        serial = "" if bulk else serials.digits() if rng.random() < 0.04 else serials.new()
        row = row_of(part, f"P{1000412 + 3 * number}", serial, quantity, rng)
        ledger.load(row, kind, BATCH, units, part.capacity_gb)


def oddities(ledger: Ledger, catalogue: Catalogue, rng: random.Random, serials: Serials) -> None:
    """Lines that load but need care: no model, nothing left, and drives scanned twice."""
    for number in range(4):
        ledger.load(
            row_of(None, f"P{1009100 + number}", serials.new(), "1", rng), "unidentified", BATCH
        )
    for number, kind in enumerate(("psu", "hdd")):
        part = catalogue.draw(kind, rng)
        row = row_of(part, f"P{1009200 + number}", "", "0", rng)
        ledger.load(row, kind, BATCH, 0, not_counted="quantity_zero_or_less")
    drives = [row for row in ledger.rows if row[4] == "Hard Disk" and row[2] and row[9] == "1"]
    for number, first in enumerate(rng.sample(drives, 3)):
        tag = f"P{1009300 + number}"
        again = [f"{tag} - {first[3]}", tag, *first[2:]]
        ledger.load(again, "hdd", BATCH, not_counted="repeated_serial")


def dirt(catalogue: Catalogue, rng: random.Random, serials: Serials) -> list[tuple[Row, str, str]]:
    """Records that cannot be loaded or are no data."""
    found: list[tuple[Row, str, str]] = []
    for number, quantity in enumerate(("see PO", "#REF!", "1 or 2")):
        part = catalogue.draw("hdd", rng)
        row = row_of(part, f"P{1009400 + number}", serials.new(), quantity, rng)
        found.append((row, "reject", "bad_quantity"))
    for number in range(3):
        # a comma typed into the last cell without quotes makes two cells of it
        part = catalogue.draw("psu", rng)
        row = row_of(part, f"P{1009500 + number}", serials.new(), "1", rng)
        found.append(([*row[:-1], "wiped", " shredded label"], "reject", "too_many_cells"))
    found += [(list(HEADER), "ignore", "repeated_header")] * 2
    found += [([], "ignore", "blank")] * 2
    found.append(([""] * len(HEADER), "ignore", "blank"))
    return found


def write(folder: Path, catalogue: Catalogue, rng: random.Random) -> Ledger:
    """Write the sample and return its account."""
    ledger, serials = Ledger(), Serials(rng)
    assets(ledger, catalogue, rng, serials)
    oddities(ledger, catalogue, rng, serials)
    ledger.scatter(dirt(catalogue, rng, serials), rng)
    write_csv(folder / NAME, list(HEADER), ledger.rows, "cp1252", "\r\n")
    return ledger
