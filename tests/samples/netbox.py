"""The NetBox sample: inventory items of servers and switches with their parts, UTF-8 and LF.

One line is one item, so there is no quantity. Beside real parts stand empty bays, sensors named
like parts, a switch listed again as stack member under the same serial, and serials that a
spreadsheet damaged.
"""

import random
from pathlib import Path

from .ledger import Catalogue, Ledger, Part, Row, Serials, write_csv

NAME = "netbox_inventory_items.csv"
BATCH = "netbox_inventory_items"
HEADER = [
    "device", "parent", "name", "label", "status", "role", "manufacturer", "part_id", "serial",
    "asset_tag", "discovered", "description",
]  # fmt: skip
SERVERS, SWITCHES = 44, 18
STATUSES = ("Active", "Offline", "Decommissioning")
# transceivers as librenms test data names them
OPTICS = (
    ("Cisco", "SFP-10G-LR", "Cisco SFP+ 10G LR Pluggable Optics Module"),
    ("Cisco", "SFP-10G-ER", "Cisco SFP+ 10G ER Pluggable Optics Module"),
    ("Cisco", "GLC-LH-SMD", "1000BASE-LX/LH SFP transceiver module"),
)
SERVER_PSUS = {"Dell": ("4V8KD", "PJMDN"), "HPE": ("865414-B21",), "Cisco": ("UCSC-PSU1-770W",)}
SWITCH_PSUS = {"Cisco": ("NXA-PAC-650W-PI", "PWR-C1-350WAC-P"), "Arista": ("PWR-745AC-R",)}
SWITCH_FANS = ("NXA-FAN-30CFM-B", "NXA-FAN-35CFM-PI", "FAN-T2")
SERVER_FANS = ("PFR0612XHE", "9GV0812P1F03")


class Host:
    """One device whose items are written; keeps the columns that repeat."""

    def __init__(self, ledger: Ledger, device: str, rng: random.Random, serials: Serials) -> None:
        self.ledger, self.device, self.rng, self.serials = ledger, device, rng, serials
        self.parent = ""
        self.status = rng.choice(STATUSES)

    def cells(self, name: str, role: str, maker: str, part_id: str, serial: str, text: str) -> Row:
        """The cells of one inventory item."""
        tag = f"NB{self.rng.randrange(10**6):06d}" if serial and self.rng.random() < 0.3 else ""
        label = f"étiquette {self.rng.randrange(1000):04d}" if self.rng.random() < 0.03 else ""
        discovered = "true" if self.rng.random() < 0.7 else "false"
        return [
            self.device, self.parent, name, label, self.status, role, maker, part_id, serial, tag,
            discovered, text,
        ]  # fmt: skip

    def part(self, name: str, role: str, part: Part, serial: str) -> None:
        """A real part."""
        model = part.part_number if part.kind == "switch" else part.model
        row = self.cells(name, role, part.manufacturer, model, serial, part.description)
        self.ledger.load(row, part.kind, BATCH, 1, part.capacity_gb)

    def absent(self, name: str, role: str, text: str, reason: str) -> None:
        """A line that is not a part: an empty bay or a sensor."""
        self.ledger.load(
            self.cells(name, role, "", "", "", text), "other", BATCH, not_counted=reason
        )


def server(host: Host, catalogue: Catalogue) -> None:
    """A server, its drives, empty bays, power supplies, fans and fan sensors."""
    rng, serials = host.rng, host.serials
    makers = set(SERVER_PSUS)
    system = catalogue.draw("server", rng)
    while system.manufacturer not in makers:
        system = catalogue.draw("server", rng)
    host.part("System", "Server", system, serials.new(7))
    host.parent = "System"
    bays = rng.choice((8, 10, 12))
    filled = rng.randrange(bays // 2, bays + 1)
    drive, flash = catalogue.draw("hdd", rng), catalogue.draw("ssd", rng)
    for bay in range(bays):
        if bay < filled:
            serial = serials.digits() if rng.random() < 0.08 else serials.new()
            host.part(f"Disk {bay}", "Drive", flash if bay < 2 else drive, serial)
        else:
            host.absent(f"Disk Bay {bay}", "Bay", "Empty", "empty_bay")
    supply = catalogue.named(rng.choice(SERVER_PSUS[system.manufacturer]))
    host.part("PSU 1", "Power supply", supply, serials.new(14))
    if rng.random() < 0.85:
        host.part("PSU 2", "Power supply", supply, serials.new(14))
    else:
        host.absent("PSU Bay 2", "Bay", "Empty", "empty_bay")
    if rng.random() < 0.4:
        fan = catalogue.named(rng.choice(SERVER_FANS))
        for number in range(1, 7):
            host.part(f"Fan {number}", "Fan", fan, "")
    else:
        for number in range(1, 5):
            host.absent(f"Fan {number} RPM", "Sensor", "Fan speed sensor", "sensor")
    host.absent("Inlet Temp", "Sensor", "Temperature sensor", "sensor")


def switch(host: Host, catalogue: Catalogue) -> None:
    """A switch, once more as member of its own stack, with supplies, fans and transceivers."""
    rng, serials = host.rng, host.serials
    chassis = catalogue.draw("switch", rng)
    while chassis.manufacturer not in SWITCH_PSUS:
        chassis = catalogue.draw("switch", rng)
    serial = serials.new(11)
    host.part("Chassis", "Switch", chassis, serial)
    if chassis.part_number.startswith("C9300"):
        row = host.cells("Switch 1", "Switch", "Cisco", chassis.part_number, serial, "")
        host.ledger.load(row, "switch", BATCH, not_counted="repeated_serial")
    host.parent = "Chassis"
    supply = catalogue.named(rng.choice(SWITCH_PSUS[chassis.manufacturer]))
    for number in (1, 2):
        host.part(f"Power Supply {number}", "Power supply", supply, serials.new(11))
    if chassis.manufacturer == "Cisco":
        fan = catalogue.named(rng.choice(SWITCH_FANS))
        for number in range(1, 4):
            host.part(f"Fan Module {number}", "Fan", fan, serials.new(11))
        for port in range(1, rng.randrange(2, 6)):
            maker, model, text = rng.choice(OPTICS)
            row = host.cells(
                f"TenGigabitEthernet1/1/{port}", "Transceiver", maker, model, serials.new(11), text
            )
            host.ledger.load(row, "other", BATCH)
    host.absent("Hotspot 0", "Sensor", "Temperature sensor", "sensor")


def damaged(host: Host, catalogue: Catalogue) -> None:
    """Serials that went through a spreadsheet: equal by damage, so never one drive."""
    drive = catalogue.named("TOSHIBA MG07ACA14TE")
    for number in range(2):
        host.part(f"Disk {number}", "Drive", drive, "1.2E+11")
    serial = host.serials.new()
    host.part("Disk 2", "Drive", drive, serial)
    row = host.cells("Disk 3", "Drive", drive.manufacturer, drive.model, serial, "")
    host.ledger.load(row, "hdd", BATCH, not_counted="repeated_serial")


def write(folder: Path, catalogue: Catalogue, rng: random.Random) -> Ledger:
    """Write the sample and return its account."""
    ledger, serials = Ledger(), Serials(rng)
    for number in range(SERVERS):
        server(Host(ledger, f"iad3-stor-{number:03d}", rng, serials), catalogue)
    for number in range(SWITCHES):
        switch(Host(ledger, f"iad3-tor-{number:02d}", rng, serials), catalogue)
    spare = Host(ledger, "iad3-spares", rng, serials)
    damaged(spare, catalogue)
    # an export cut off by a person: the last two cells of this line are missing
    psu = catalogue.named("4V8KD")
    row = spare.cells("PSU 9", "Power supply", psu.manufacturer, psu.model, serials.new(14), "")
    ledger.reject(row[:-2], "too_few_cells")
    bad = spare.cells("PSU 10", "Power supply", "Dell", "PJMDN", serials.new(14), "750W")
    rows: list[tuple[Row, str, str]] = [([*bad, " label torn"], "reject", "too_many_cells")]
    rows += [(list(HEADER), "ignore", "repeated_header")]
    rows += [([], "ignore", "blank")] * 2
    ledger.scatter(rows, rng)
    write_csv(folder / NAME, list(HEADER), ledger.rows, "utf-8", "\n")
    return ledger
