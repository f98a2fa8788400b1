"""The head of a phrase: parts by the names that inventories and agents give them."""

import pytest


@pytest.mark.parametrize(
    "text",
    [
        "Fan Module 3", "Fan 1 (Front)", "System Board Fan1A", "SYSTEM FAN 2", "CPU1 Fan",
        "Fan.Embedded.1A", "Fan.Slot.3", "PowerEdge R740 fan assembly", "Fan for PowerEdge R640",
        "R740xd High Performance Fan", "Fan PowerEdge R640", "DL380 Gen10 fan module",
        "HPE ProLiant DL360 Gen10 High Performance Fan Kit", "Hot-swap fan, 60x38mm",
        "Chassis 1 - Fan Tray 2", "FPC0 Fan Tray", "Nexus 93180YC-EX Fan Module",
        "FanTray1-Fan2", "PSU 1 Fan 2", "Power Supply 2 Fan", "Blower module",
        "Chassis Fan Tray A left", "System Fan Module 3", "Cooling fan tray upper",
        "Fan Module High Speed", "Fan 80mm 4500 RPM", "Lüfter für PowerEdge R730",
        "Lüftereinheit", "FAN ASSY,SYS,R720", "Switch 1 - C9300-48P - FAN 1",
    ],
)  # fmt: skip
def test_it_is_a_fan(identities_of, text):
    for found in identities_of({"model": text}, {"description": text}):
        assert (found["kind"], found["counted"]) == ("fan", True)


@pytest.mark.parametrize(
    "text",
    [
        "Power Supply 1", "PSU A", "PS 1 750W", "PSU.Slot.2", "PWR SPLY,750WP,RDNT,DELTA",
        "HP 500W FS Plat Ht Plg Pwr Supply Kit", "Power Entry Module 1", "PSU,AC,1100W",
        "Dell 750W Platinum hot plug redundant power supply", "Netzteil 750W für PowerEdge R730",
        "PSU for DL380 Gen9", "PSU DL380 Gen9", "PowerEdge R740 750W PSU",
        "Catalyst 9300 715W AC power supply", "Switch 2 - WS-C3850-24T - Power Supply B",
        "C9300-48P PWR-C1-1100WAC", "PWR-C1-1100WAC for C9300-48P", "Power supply (750 W)",
        "1U 920W redundant power supply module", "580W power supply NetApp DS2246",
        "Nexus7000 C7009 (9 Slot) Chassis Power Supply", "Power Supply 1, bay 2",
    ],
)  # fmt: skip
def test_it_is_a_power_supply(identities_of, text):
    for found in identities_of({"model": text}, {"description": text}):
        assert (found["kind"], found["counted"]) == ("psu", True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("System Board Fan1A RPM", "sensor"), ("FAN_MOD_1A_RPM", "sensor"),
        ("Fan Redundancy", "sensor"), ("Fan1A Tach", "sensor"), ("Fan 2 (%)", "sensor"),
        ("PS2 Voltage 2", "sensor"), ("PSU2 Pin", "sensor"), ("PSU1 VOUT", "sensor"),
        ("PSU 1 (W)", "sensor"), ("Power Supply 1 Output Power", "sensor"),
        ("PS1 Fan Fail", "sensor"), ("Lüfter 3 Drehzahl", "sensor"),
        ("NXA-FAN-30CFM-B RPM", "sensor"), ("Fans.Internal Control.Fan1", "sensor"),
        ("Switch 3 - C9200L-48P-4G - Fan 1 Container", "container"),
        ("FAN 1 slot", "empty_bay"), ("Netzteil-Schacht 2", "empty_bay"),
        ("Rack 0-Fan Tray Slot 1", "empty_bay"), ("DPS-750AB-3 A bay", "empty_bay"),
        ("NCS540 Route Processor Slot", "empty_bay"), ("Management Ethernet Port", "port"),
        ("Fan tray door", "not_a_part"), ("Power supply filler panel", "blank"),
    ],
)  # fmt: skip
def test_it_only_names_a_part(identities_of, text, reason):
    for found in identities_of({"model": text}, {"description": text}):
        assert (found["kind"], found["not_counted_reason"]) == ("other", reason)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("PowerEdge R740 with 2x 750W PSU", "server"),
        ("PowerEdge R740xd, 2 x PSU 1100W, 6 fans", "server"),
        ("PowerEdge R740 2x D750E-S6", "server"),
        ("DL380 Gen10 2x500W 8 fans", "server"),
        ("C9300-48P 1x PWR-C1-715WAC", "switch"),
        ("Nexus 5548P, 2 PSU, 2 fans", "switch"),
        ("Cisco Catalyst 3850-48P with 715W power supply", "switch"),
        ("NetApp DS4246 24 bay", "storage"),
        ("Catalyst 9300 24-port SFP+", "switch"),
    ],
)
def test_a_host_stays_the_host_of_what_it_is_said_to_hold(identities_of, text, kind):
    for found in identities_of({"model": text}, {"description": text}):
        assert found["kind"] == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Network adapter - PCIe 3.0 x8 - 10 Gigabit SFP+ x 2", "network_card"),
        ("Intel 4x10G SFP+ OCP 3.0", "network_card"),
        ("AOC-STGN-i2S", "network_card"),
        ("HP ProCurve Switch vl 20-Port Gig-T+ 4 SFP Module", "board"),
        ("QSFP-100G-CU3M", "cable"),
        ("SFP-10G-SR", "other"),
        ("2x SFP+", "other"),
        ("Midplane - MX10-T", "board"),
        ("N77-C7718-FAB-2", "board"),
        ("BIG-IP Virtual Edition", "other"),
    ],
)
def test_ports_and_hosts_named_in_passing_are_not_the_thing(identity_of, text, kind):
    assert identity_of(text)["kind"] == kind


def test_a_code_in_brackets_behind_another_is_no_part(identity_of):
    assert identity_of("G4014-6QGS-T (PWR-100-LV)")["kind"] == "unidentified"
    assert identity_of("Power Supply (PWR-C1-715WAC)")["kind"] == "psu"


def test_a_host_that_reports_its_processor_is_no_processor(identity_of):
    running = "amd64 Intel(R) Xeon(R) CPU E5-2620 v2 @ 2.10GHz running at 2100"
    assert identity_of(running)["kind"] == "unidentified"
    assert identity_of("Intel Xeon E5-2620 v2 2.10GHz")["kind"] == "cpu"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("FS S5860-20SQ, S5810-48FS PSU", "psu"),
        ("[FS S5860-20SQ, S5810-48FS fan](", "fan"),
        ("FS S5860-20SQ, S5810-48FS switch", "switch"),
        ("PowerEdge R740, PSU", "server"),  # comes with it
        ("PowerEdge R740, 2x 750W PSU", "server"),
    ],
)
def test_a_part_behind_a_list_of_hosts_is_for_all_of_them(identity_of, text, kind):
    assert identity_of({"description": text})["kind"] == kind


@pytest.mark.parametrize(
    ("description", "kind"),
    [
        ("QFX5120-48Y PSU", "psu"),
        ("QFX5120-48Y - Fan 2", "fan"),
        ("QFX5120-48Y", "switch"),
        ("QFX5120-48Y switch, 2 PSU", "switch"),
        ("QFX5120-48Y 2x PSU", "switch"),
        ("QFX5120-48Y PSU airflow out", "switch"),
    ],
)
def test_a_description_that_repeats_the_host_names_its_part(identity_of, description, kind):
    row = {"manufacturer": "Juniper", "model": "QFX5120-48Y", "description": description}
    assert identity_of(row)["kind"] == kind
