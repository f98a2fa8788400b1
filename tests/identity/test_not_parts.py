"""What has the name of a part and is none; and parts whose text names such things in passing."""

import pytest


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Temp Fan Inlet", "sensor"),
        ("Battery status", "sensor"),
        ("USB port", "port"),
        ("NIC port 2", "port"),
        ("xe-0/0/1", "port"),
        ("Te1/1/4", "port"),
        ("Eth1200/1", "port"),
        ("GE12", "port"),
        ("Vlan 1024", "port"),
        ("Bezel", "not_a_part"),
        ("Rail kit", "not_a_part"),
        ("disk shelf rail kit", "not_a_part"),
        ("Cable management arm", "not_a_part"),
        ("Mounting bracket", "caddy"),
        ("Fan filter", "not_a_part"),
        ("Care pack", "not_hardware"),
        ("Windows Server license", "not_hardware"),
        ("VMware Virtual Platform", "not_hardware"),
        ({"model": "Msft Virtual Disk", "type": "HDD"}, "not_hardware"),
        ("Fan tray 2 (not present)", "not_present"),
        ("Power Supply 2 not present", "not_present"),
        ("PSU 2 absent", "not_present"),
        ({"description": "PSU 2 - not present", "type": "Power supply"}, "not_present"),
        ({"type": "Fan", "description": "not installed"}, "not_present"),
        ("Drive bay 4 - empty", "empty_bay"),
        ("Laufwerksschacht 3", "empty_bay"),
        ("Laufwerksrahmen", "caddy"),
        ("Lüfterblende", "blank"),
        ("HDD 트레이", "caddy"),
        ("베젤", "not_a_part"),
        ("빈 슬롯", "empty_bay"),
        ({"description": "Fan filter", "type": "Fans"}, "not_a_part"),
    ],
)
def test_it_is_not_counted_and_says_why(identity_of, row, reason):
    found = identity_of(row)
    assert (found["kind"], found["counted"], found["not_counted_reason"]) == (
        "other", False, reason,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('HDD 3.5" with caddy', "hdd"),
        ("4TB HDD incl. caddy", "hdd"),
        ("4TB HDD w/ tray", "hdd"),
        ("Seagate 4TB HDD + caddy", "hdd"),
        ("HDD in tray 4TB", "hdd"),
        ("480GB SSD mit Rahmen und Schrauben", "ssd"),
        ("Fan assembly with cable", "fan"),
        ("PSU with power cord", "psu"),
        ("PowerEdge R740 with bezel and rails", "server"),
        ("R740 server incl. rail kit", "server"),
        ("Server ohne Schienen", "server"),
        ("MX480 chassis 8 slot", "switch"),
        ("Storage enclosure 24 bays", "storage"),
        ("24-bay storage shelf", "storage"),
        ("Blade chassis 16 slots", "chassis"),
        ("Tape library 24 slots", "storage"),
        ("APC PDU 24 outlets", "ups_pdu"),
        ("10-port switch", "switch"),
        ("Backplane 24 bay SAS", "board"),
        ("Dell PE C6420 sled", "server"),
        ("Drive bay fan", "fan"),
        ("팬 트레이", "fan"),
        ("Fan Tray", "fan"),
        ("FAN-MOD-4HS", "fan"),
        ("PWR-C1-715WAC", "psu"),
        ("Hot-plug bay power supply 750W", "psu"),
        ("SSD: 480GB", "ssd"),
        ("ST4000NM0033 36 month warranty", "hdd"),
        ("Kingston SEDC500M/960G", "ssd"),
    ],
)
def test_a_part_that_names_such_things_stays_a_part(identity_of, text, kind):
    found = identity_of(text)
    assert (found["kind"], found["counted"]) == (kind, True)


@pytest.mark.parametrize(
    ("model", "description"),
    [
        ("N9K-C9508", "Slot 3"),
        ("WS-C4510R+E", "Linecard(slot 1)"),
        ("N9K-C9372PX", "Slot 1 - 48x1/10G-T 6x40G Ethernet Module"),
        ("N5K-C5548UP", "Module 1 - O2 32X10GE/Modular Universal Platform Supervisor"),
    ],
)
def test_a_slot_that_repeats_the_number_of_its_chassis_is_no_second_one(
    identity_of, model, description
):
    found = identity_of({"model": model, "description": description})
    assert (found["counted"], found["not_counted_reason"]) == (False, "host_slot")
    assert identity_of({"model": model, "description": f"Chassis - {description}"})["counted"]


@pytest.mark.parametrize(
    "row",
    [
        {"model": "ST4000NM0033", "description": "Slot 3"},
        {"model": "PowerEdge M630", "description": "Slot 3"},  # a blade says where it sits
        {"model": "WS-C3850-48P", "description": "Switch 1"},  # of a stack
    ],
)
def test_a_place_in_the_description_of_a_part_changes_nothing(identity_of, row):
    assert identity_of(row)["counted"]


@pytest.mark.parametrize(
    ("texts", "parts"),
    [
        (("12 x 6TB HDD", ""), {"hdd": 12}),
        (("12x 6TB HDD", "12x 6TB HDD"), {"hdd": 12}),  # said twice, there once
        (("", "12x 6TB HDD, 12x 6TB HDD"), {"hdd": 24}),
        (("", "8 fans, 2 PSUs"), {"fan": 8, "psu": 2}),
        (("", "2 Netzteile 750W, 6 Lüfter"), {"fan": 6, "psu": 2}),
        (("", "12 Festplatten 6TB"), {"hdd": 12}),
        (("", "하드디스크 6TB 12개, SSD 480GB 2개"), {"hdd": 12, "ssd": 2}),
        (("", "6TB SATA x12"), {"hdd": 12}),
        (("", "12*6TB SATA"), {"hdd": 12}),
        (("", "24 pcs 1.2TB SAS"), {"hdd": 24}),
        (("", "1.2TB SAS 10K (x24)"), {"hdd": 24}),
        (("", "2x750W 12x6TB 8x32GB"), {"hdd": 12, "psu": 2}),
        (("", "PSU: 2, Fans: 6"), {"fan": 6, "psu": 2}),
        (("", "Fan 6EA, PSU 2EA"), {"fan": 6, "psu": 2}),
        (("", "fan 6, PSU 2"), {}),  # the sixth fan, the second supply
        (("", "8 GPU server"), {}),
        (("", "8x 64GB"), {}),  # modules of memory, most likely
        (("", "8x 16GB RAM"), {"memory": 8}),
        (("", "12x 6TB drives removed"), {}),
        (("", "12x 6TB (removed)"), {}),
        (("", "12 x 6TB Festplatten entfernt, 2 Netzteile"), {"psu": 2}),
        (("", "up to 12x 6TB SATA"), {}),
        (("", "slot 3 PSU, bay 2 fan"), {}),
        (("", "12 bays, 8 PCIe slots"), {}),
    ],
)
def test_a_host_holds_what_its_texts_count_out(result_of, texts, parts):
    name, description = texts
    row = {"model": f"PowerEdge R740xd {name}".strip(), "description": description}
    result = result_of(row)
    assert result.items["kind"].to_list() == ["server"]
    assert result.items["pieces"].to_list() == [1]
    found = result.host_parts.filter(result.host_parts["origin"] == "described")
    units: dict[str, float] = {}
    for part in found.iter_rows(named=True):
        kind = part["component_kind"]
        units[kind] = units.get(kind, 0) + part["units_per_host"]
    assert units == parts


@pytest.mark.parametrize(
    "text",
    [
        "Container of Power Supply", "Container of Container of Fan FRU 1", "Slot of PSU 2",
        "Temperature of PSU 1", "Status of fan 2", "Vin PSU2", "Vout PSU1",
    ],
)  # fmt: skip
def test_a_place_or_reading_of_a_part_is_no_part(identities_of, text):
    for found in identities_of({"model": text}, {"description": text}):
        assert (found["kind"], found["counted"]) == ("other", False)


@pytest.mark.parametrize(
    "text", ["Fan Tray 2", "fan tray #1", "FAN DRAWER 3", "FanTray-2 FanTray-2"]
)
def test_a_numbered_tray_with_nothing_else_may_be_empty(identities_of, text):
    for found in identities_of({"model": text}, {"description": text}):
        assert (found["kind"], found["runner_up_kind"]) == ("unidentified", "fan")


@pytest.mark.parametrize(
    "row",
    [
        {"description": "Fan tray"},  # a thing, not the number of a place
        {"description": "Fan Tray 2", "manufacturer": "Juniper"},
        {"description": "Fan Tray 2", "part_number": "760-021392"},
        {"description": "Fan Tray 2", "type": "Fan"},
        {"description": "Fan Tray 2", "model": "QFX5100-FAN-AFO"},
        {"description": "Fan Tray 2 Fan 1"},
        {"description": "Fan Tray 2, Front to Back Airflow"},
    ],
)
def test_a_tray_of_which_more_is_said_is_there(identity_of, row):
    assert identity_of(row)["kind"] == "fan"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Power cord for PWR-C1-715WAC", "cable"),
        ("Fan for PWR-MX480-2520-AC", "fan"),
        ("Power supply for PWR-C1-715WAC", "psu"),
    ],
)
def test_a_part_that_another_thing_is_for_is_not_the_thing(identities_of, text, kind):
    for found in identities_of({"model": text}, {"description": text}):
        assert found["kind"] == kind
