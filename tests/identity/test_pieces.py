"""Pieces hidden in text: read where a person would read them, and never multiplied by chance."""

import pytest


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("MG08ACA16TE 12x", 12),
        ("MG08ACA16TE x12", 12),
        ("MG08ACA16TE *12", 12),
        ("12 x MG08ACA16TE", 12),
        ("12× MG08ACA16TE", 12),
        ("12x4TB SATA HDD", 12),
        ("1,200 x ST4000NM0033", 1200),
        ("1.200 Stück ST4000NM0033", 1200),
        ("LOT 40 ST4000NM0033", 40),
        ("lot of (25) ST4000NM0033", 25),
        ("ST4000NM0033 (qty 12)", 12),
        ("qty=24 ST4000NM0033", 24),
        ("25 qty ST4000NM0033", 25),
        ("Anzahl: 5 Festplatte 4TB", 5),
        ("수량 24 ST4000NM0033", 24),
        ("ST4000NM0033 [25 pcs]", 25),
        ("(25) ST4000NM0033", 25),
        ("ST4000NM0033 - 25 pieces", 25),
        ("carton of 20 ST4000NM0033", 20),
        ("pallet of 300 Seagate ST4000NM0033", 300),
        ("ST4000NM0033 pack of 10", 10),
        ("10-pack ST4000NM0033", 10),
        ("10er-Pack ST4000NM0033", 10),
        ("10 Stk. ST4000NM0033", 10),
        ("ST4000NM0033 10개", 10),
        ("20개입 하드디스크 4TB", 20),
        ("서버 R740 3대", 3),
        ("lot of 30 x 4TB HDD", 30),
        ("HDD 4TB SATA x 12", 12),
        ("fan x4", 4),
        ("PowerEdge R740 8 EA", 8),
        ("LOT OF 10 R740 with 12x 6TB SATA", 10),
        ("Qty 5 - ProLiant DL380 Gen10 8x 600GB 10K", 5),
        ("MTFDDAK480TBY (x24)", 24),
        ("PWR-C1-715WAC x6", 6),
    ],
)
def test_a_count_in_the_text_is_read(identity_of, text, pieces):
    found = identity_of(text)
    assert (found["pieces"], found["pieces_rule"]) == (pieces, "lot")
    assert found["kind"] not in ("unidentified", "other")


@pytest.mark.parametrize("description", ["25x", "x25", "qty: 25", "25 pcs", "25개", "LOT OF 25"])
@pytest.mark.parametrize("model", ["ST4000NM0033", "PowerEdge R740", "DPS-750AB-3 A"])
def test_a_description_that_is_only_a_count_counts_the_model(identity_of, model, description):
    found = identity_of({"model": model, "description": description})
    assert (found["pieces"], found["pieces_rule"]) == (25, "lot")


@pytest.mark.parametrize(
    "text",
    [
        "Seagate Exos X12",
        "Seagate EXOS X16",
        "WD Ultrastar X12",
        "WD Gold X12",
        "Exos X18 18TB",
        "Intel P4600 2TB PCIe 3.0 x4",
        "NVMe SSD x4",
        "SSD PCIe x8",
        "Samsung PM1725 HHHL x8",
        "Samsung PM1733 U.2 x4",
        "Intel X710 2x10GbE",
        "Mellanox ConnectX-5 x16",
        "Quadro GPU x16",
        "HBA (x8)",
        "16x DVD drive",
        "DVD 8x",
        "DVD+RW 24x",
        "HPE 8GB (1x8GB) Dual Rank x8 DDR4",
        "HPE 16GB (1x16GB) Dual Rank x4",
        "Samsung 32GB 2Rx4 PC4-2400T",
        "Fan 120 x 120 x 38",
        "fan 40x40x28",
        "Fan 80mm x 25",
        "PSU 750W 1+1",
        "DL380 12LFF",
        "PowerEdge R740xd 24x 2.5",
        "PowerEdge R740xd 2x16-core",
        "PowerEdge R740 (8 EA 2.4TB)",
        "Box 4 ST4000NM0033",
        "Pallet 3 - ST4000NM0033",
        "Lot 24-117 ST4000NM0033",
        "Lot 4711 ST4000NM0033",
        "Lot #40 ST4000NM0033",
        "LOT 12 TB drives",
        "core count 12 E5-2680",
        "disk 3 of 12 ST4000NM0033",
        "ST4000NM0033 36개월 보증",
        "UPS battery pack 12V",
        "42U rack 42 units",
    ],
)
def test_a_number_that_counts_something_else_multiplies_nothing(identity_of, text):
    assert (identity_of(text)["pieces"], identity_of(text)["pieces_rule"]) == (1, None)


@pytest.mark.parametrize(
    "text",
    ["4x32GB DDR4 memory kit", "128GB (4x32GB) DDR4-2400", "DDR4 kit of 4x 32GB"],
)
def test_a_memory_kit_is_its_modules(identity_of, text):
    found = identity_of(text)
    assert (found["kind"], found["pieces"], found["pieces_rule"]) == ("memory", 4, "each")


def test_a_size_memory_is_sold_in_tells_no_drive(identity_of):
    assert identity_of("4x32GB")["kind"] == "unidentified"
    assert identity_of({"type": "SSD", "capacity": "64 GB"})["kind"] == "ssd"


def test_an_unsupported_ssd_that_a_controller_calls_a_hard_drive_is_in_doubt(identity_of):
    found = identity_of("UBUnsp, 0 KB, HDD")
    assert (found["kind"], found["runner_up_kind"]) == ("hdd", "ssd")
    found = identity_of({"type": "HDD", "capacity": "0 KB", "model": "SSDSC2KB480G8"})
    assert found["kind"] == "ssd"
