"""Size and watts that the part numbers of fans and power supplies spell out."""

import pytest


@pytest.mark.parametrize(
    ("number", "size_mm", "item_class"),
    [
        ("AFB0412SHB-TP22", 40, "fan-40-standard"),
        ("AFB1212SHE", 120, "fan-120-standard"),
        ("QFR0812UHE", 80, "fan-80-fast"),
        ("GFC0412DS-TP03", 40, "fan-40-fast"),
        ("PFC0912DE", 92, "fan-92-fast"),
        ("PFR0612XHE", 60, "fan-60-fast"),
        ("9GA0412P3K01", 40, "fan-40-fast"),
        ("9CRV0412P5J201", 40, "fan-40-fast"),
        ("9HVB0812P1G001", 80, "fan-80-fast"),
        ("109R0612H402", 60, "fan-60-standard"),
        ("V80E12BHA5-57", 80, "fan-80-fast"),
        ("TA450DC B34262-33", 120, "fan-120-standard"),
        ("3610KL-04W-B50", 92, "fan-92-standard"),
        ("04028DA-12R-AUF", 40, "fan-40-fast"),
        ("PF40281BX-000U-S99", 40, "fan-40-fast"),
        ("PMD1204PQBX-A", 40, "fan-40-fast"),  # 12 V and 40 mm, not 120 mm
        ("PMD1238PQB1-A", 120, "fan-120-fast"),
        ("KDE1208PTB1-6", 80, "fan-80-standard"),
        ("PVA092G12S", 92, "fan-92-fast"),
        ("Papst 8412NH", 80, "fan-80-standard"),
        ("Papst TYP 4414FNH", 120, "fan-120-standard"),
        ("FBA08A12H", 80, "fan-80-standard"),
        ("MGT8012YR-W25", 80, "fan-80-standard"),
        ("AFB0712HHB", 70, "fan-unspecified"),  # no class of that size
    ],
)
def test_a_fan_is_as_large_as_its_number_says(identity_of, number, size_mm, item_class):
    found = identity_of(number)
    assert (found["kind"], found["fan_size_mm"], found["item_class"]) == (
        "fan", size_mm, item_class,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("number", "watts"),
    [
        ("DPS-750AB-3 A", 750),
        ("D1100E-S0", 1100),
        ("0YT39YA01", 1100),
        ("PWR-C1-715WAC-P", 715),
        ("PWR-C6-1KWAC", 1000),
        ("N7K-AC-6.0KW", 6000),
        ("PSU2KW-ACPI", 2000),
        ("NXA-PAC-650W-PI", 650),
        ("UCSC-PSU1-1050W", 1050),
        ("JPSU-1600W-AC-AFO", 1600),
        ("JNP-PWR2200-AC", 2200),
        ("PWR-460AC-F", 460),
        ("PAC1K2S12-PB", 1200),
        ("PS-2751-3Q", 750),
        ("PS-2112-5L", 1100),
        ("R1CA2551A", 550),
        ("R1CA2122A-P", 1200),
        ("PFE1100-12-054NA", 1100),
        ("G1136-0550WNA", 550),
        ("M1W-6460P", 460),
        ("PWS-505P-1H", 500),
        ("PWS-1K28P-SQ", 1280),
        ("PWS-2K04A-1R", 2000),
        ("865414-B21", 800),
        ("511777-001", 460),
        ("7N67A00885", 1100),
        ("Aruba-J9829A", 1100),
        ("PWR-4450-AC", None),  # the number is the router
        ("UCS-PSU-6332-AC", None),
    ],
)
def test_a_supply_gives_as_many_watts_as_its_number_says(identity_of, number, watts):
    found = identity_of(number)
    assert (found["kind"], found["power_w"]) == ("psu", watts)


def test_the_watts_a_text_names_are_the_watts_of_its_number(tables, identities_of):
    rows = [
        {c: r[c] or "" for c in ("manufacturer", "model", "part_number", "description")}
        for r in tables.frame("device_string").to_dicts()
        if r["kind"] == "psu" and r["model"] and "W " in f"{r['description'] or ''} "
    ]
    with_text = identities_of(*({**row, "model": "", "part_number": ""} for row in rows))
    by_number = identities_of(*({**row, "description": ""} for row in rows))
    compared = [
        (row["model"], number["power_w"], text["power_w"])
        for row, number, text in zip(rows, by_number, with_text, strict=True)
        if number["power_w"] and text["power_w"]
    ]
    assert len(compared) > 50
    assert [c for c in compared if c[1] != c[2]] == []


def test_a_family_tells_its_maker_and_when_it_came(identity_of):
    found = identity_of("PWR-C1-715WAC")
    assert (found["manufacturer"], found["family_key"]) == ("Cisco", "cisco-pwr-c1")
    assert found["launch_year"] == 2013


def test_there_are_many_series_of_fans_and_supplies(tables):
    kinds = tables.frame("catalogue")["kind"].to_list()
    assert kinds.count("fan") >= 60
    assert kinds.count("psu") >= 60
