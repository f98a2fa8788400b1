"""What a thing is: the model outweighs the type, the last noun names the thing, doubt abstains."""

import pytest


@pytest.mark.parametrize("type_word", ["SSD", "Power Supply", "Server", "Fan", "Storage", "", "??"])
def test_the_model_outweighs_the_type_column(identity_of, type_word):
    found = identity_of({"model": "ST4000NM0033-9ZM170", "type": type_word})
    assert (found["kind"], found["item_class"]) == ("hdd", "hdd-3.5-nearline-air")


def test_a_conflict_lowers_confidence_and_names_the_rival(identity_of):
    agreed = identity_of({"model": "ST4000NM0033", "type": "HDD"})
    disputed = identity_of({"model": "ST4000NM0033", "type": "SSD"})
    assert disputed["confidence"] < agreed["confidence"]
    assert disputed["runner_up_kind"] == "ssd"
    assert disputed["runner_up"] == "ssd-unspecified" or disputed["runner_up"].startswith("ssd")
    assert disputed["runner_up_confidence"] == pytest.approx(1 - disputed["confidence"])
    assert agreed["runner_up"] is None


@pytest.mark.parametrize("type_word", ["Hard Disk", "Hard Drive", "Disk Drive", "Festplatte"])
def test_a_word_of_two_meanings_is_no_rival_to_what_it_also_means(identities_of, type_word):
    blank, loose, exact = identities_of(
        "ST4000NM0033",
        {"model": "ST4000NM0033", "type": type_word},
        {"model": "ST4000NM0033", "type": "HDD"},
    )
    assert blank["confidence"] <= loose["confidence"] == exact["confidence"]
    assert loose["runner_up_kind"] is None
    flash = identities_of({"model": "MZ7L3960HCJR", "type": type_word})[0]
    assert (flash["kind"], flash["runner_up_kind"]) == ("ssd", None)


def test_a_word_of_two_meanings_alone_leaves_both_open(identity_of):
    found = identity_of({"type": "Hard Disk", "model": "QZX-1"})
    assert (found["kind"], found["runner_up_kind"]) == ("hdd", "ssd")


@pytest.mark.parametrize(
    "row",
    [
        {"model": "Intel Xeon E5-2690 v4", "type": "CPU"},  # E5-2 is also how a router begins
        {"model": "ADATA SU650", "type": "SSD"},  # SU650 alone is an uninterruptible supply
        {"model": "C8300-PWR-CC1-650WAC", "type": "Power Supply"},
        {"model": "X710-DA2", "type": "NIC"},
        {"manufacturer": "Cisco", "model": "Fan 1"},  # its maker mostly makes switches
        {"model": "MZ7L3960HCJR", "type": "Hard Disk"},  # no hard disk holds 960 GB
    ],
)
def test_a_chance_match_is_no_runner_up(identity_of, row):
    assert identity_of(row)["runner_up_kind"] is None


@pytest.mark.parametrize("model", ["FAN-7000-F", "Power Supply A", "FanTray2", "ES3510MA"])
@pytest.mark.parametrize("place", ["container", "Sensor"])
def test_a_row_typed_as_a_place_is_not_the_part_that_belongs_there(identity_of, model, place):
    found = identity_of({"model": model, "type": place})
    assert (found["kind"], found["counted"]) == ("other", False)


def test_a_part_number_stands_where_the_type_is_the_slot_it_sits_in(identity_of):
    assert identity_of({"model": "ST4000NM0033", "type": "Container"})["kind"] == "hdd"
    assert identity_of({"model": "DPS-750AB-3 A", "type": "PSU slot"})["kind"] == "psu"
    assert identity_of({"model": "Power Supply A", "type": "PSU slot"})["kind"] == "other"


def test_a_fan_of_a_supply_is_a_fan_though_the_model_is_the_supply(identity_of):
    assert identity_of({"model": "LE PSU", "description": "PSU 1 fan"})["kind"] == "fan"
    assert identity_of({"model": "LE PSU", "description": "PSU 1"})["kind"] == "psu"


def test_what_follows_its_own_code_says_what_a_part_is(identity_of):
    row = {"model": "XQ8MM82FBX", "description": "Finished Board,NetEngine 8000,XQ8MM82FBX,Fan Box"}
    assert identity_of(row)["kind"] == "fan"


def test_a_host_reported_by_its_processor_is_a_host(identity_of):
    row = {"model": "amd64 Intel(R) Xeon(R) CPU E5-2620 v2", "type": "Storage Array"}
    assert identity_of(row)["kind"] == "storage"


def test_a_host_named_before_a_cut_is_left_open(identity_of):
    assert identity_of("Switch 3 - WS-C2")["kind"] == "unidentified"
    assert identity_of({"model": "Switch 3 - WS-C2", "type": "Power Supply"})["kind"] == "psu"


@pytest.mark.parametrize(
    "row",
    [
        *({"model": text} for text in (
            "", "N/A", "UNKNOWN", "TBD", "?", "0", "null", "HDD", "see ticket", "Generic Drive",
            "generic drive", " hdd ", "QZX-1", "Part 7",
        )),
        {"type": "Storage"},
        {"type": "Misc", "model": "1042004438-01"},
        {"manufacturer": "Seagate"},
        {"type": "Disk", "model": "N/A"},
    ],
)  # fmt: skip
def test_what_nobody_could_tell_is_unidentified(identity_of, row):
    found = identity_of(row)
    assert (found["kind"], found["item_class"], found["method"]) == (
        "unidentified", None, "abstain",
    )  # fmt: skip
    assert found["counted"]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"model": "HDD", "type": "Hard Disk"}, "hdd"),
        ({"type": "Power Supply"}, "psu"),
        ({"type": "Hard Disk", "capacity": "480 GB"}, "ssd"),  # no hard drive has 480 GB
        ({"manufacturer": "ATA", "model": "ST4000NM0033-9ZM"}, "hdd"),
        ("Nexus 5500 750W AC Power Supply", "psu"),
        ("Nexus 5548P Fan Module", "fan"),
        ("PowerSupply2 Fan 1", "fan"),
        ("Power Supply for NSa 3700 Series", "psu"),
        ("Dell PowerEdge 13G (R630 R730) 1100W Power Supply, Hotplug", "psu"),
        ("Festplatte 4 TB SATA", "hdd"),
        ("Lüfter 80mm", "fan"),
        ("Netzteil 750W", "psu"),
        ("전원공급장치 1100W", "psu"),
        ("SSHD-8GB Seagate ST1000LX015", "hdd"),
        ("1.6TB NVMe AIC", "ssd"),
        ("SAS adapter 6gb/s", "board"),
        ("SanDisk USB flash drive 32GB", "other"),
        ("LTO-6 tape cartridge", "other"),
        ("NetApp DS4246", "storage"),
        ("FortiGate 60F", "switch"),
    ],
)
def test_the_kind_follows_the_head_of_the_text(identity_of, row, kind):
    assert identity_of(row)["kind"] == kind


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("FanTray2", "container"),
        ("PowerSupplyBay-1", "empty_bay"),
        ("Outlet #1", "port"),
        ("Power Supply Line 1", "port"),
        ("PSU 1 Status", "sensor"),
        ("FAN1_SPEED", "sensor"),
        ("Network Interface Module Subslot", "empty_bay"),
        ("Fan Tray Slot 3", "empty_bay"),
        ("PSU 2 bay", "empty_bay"),
        ("Fan Speed Sensor", "sensor"),
        ("DOM Temperature Sensor for Eth30/1(Port30)", "sensor"),
        ("GigabitEthernet1/0/52", "port"),
        ("Power Supply A Container", "container"),
        ("SSD caddy 2.5", "caddy"),
        ("hard drive caddy", "caddy"),
        ("Blanking Panel 2U", "blank"),
        ("Fan controller board", "not_a_part"),
        ("hard drive cable", "not_a_part"),
    ],
)
def test_what_is_named_like_a_part_and_is_none_is_not_counted(identity_of, text, reason):
    found = identity_of(text)
    assert (found["kind"], found["item_class"]) == ("other", "other")
    assert (found["counted"], found["not_counted_reason"]) == (False, reason)


def test_other_real_things_are_counted(identities_of):
    for found in identities_of("ACM7008-2-L", "HP LaserJet 4250", "Dell Latitude 7490"):
        assert (found["kind"], found["counted"]) == ("other", True)


@pytest.mark.parametrize(
    ("model", "item_class"),
    [
        ("MG06ACA10TE", "hdd-3.5-nearline-air"),  # 10 TB in air
        ("ST10000NM0016", "hdd-3.5-nearline-helium"),
        ("ST14000NM0081", "hdd-3.5-nearline-helium-dual"),
        ("MB010000JWAYK", "hdd-3.5-nearline-helium"),
        ("ST2400MM0129", "hdd-2.5-enterprise"),
        ("ST3600057SS", "hdd-3.5-15k"),
        ("WDC WD40EFRX-68N32N0", "hdd-3.5-desktop"),
        ("ST12000VN0007", "hdd-3.5-nearline-helium"),
        ("HTS545050A7E680", "hdd-2.5-notebook"),
        ("4TB 7.2K SAS 3.5in LFF HDD", "hdd-3.5-nearline-air"),
        ("PowerEdge R740xd", "server-2u"),
        ("ProLiant BL460c Gen9", "server-blade"),
        ("N9K-C9508", "switch-modular"),
        ("PWS-1K28P-SQ", "psu-1100"),
        ("1600W power supply", "psu-1600"),
        ("9GA0412P3K01", "fan-40-fast"),
        ("ULT3580-TD5", "tape-lto-full"),
    ],
)
def test_the_class_follows_size_speed_and_fill(identity_of, model, item_class):
    assert identity_of(model)["item_class"] == item_class


def test_the_string_wins_over_the_capacity_column_and_the_evidence_says_so(result_of):
    result = result_of({"model": "ST4000NM0033", "capacity": "3 TB"})
    assert result.items["capacity_gb"].to_list() == [4000]
    assert result.items["capacity_source"].to_list() == ["model"]
    assert "disagrees: 3000 GB (capacity)" in result.evidence["candidate"].to_list()


def test_a_capacity_that_nobody_states_stays_unknown(identity_of):
    found = identity_of({"model": "OCZ-VERTEX3"})
    assert (found["capacity_gb"], found["capacity_source"]) == (None, None)
    found = identity_of({"model": "OCZ-VERTEX3", "capacity": "223.6 GB"})
    assert (found["capacity_gb"], found["capacity_source"]) == (240, "column")


def test_every_clue_is_kept_and_marked_used_or_not(result_of):
    evidence = result_of({"model": "ST4000NM0033", "type": "SSD"}).evidence
    assert evidence["used"].to_list().count(True) >= 1
    unused = evidence.filter(~evidence["used"])
    assert unused["candidate"].to_list() == ["ssd: SSD (type)"]


@pytest.mark.parametrize(
    ("kind", "conflict"), [("SSD", "type: ssd"), ("Storage", None), ("Hard Disk", None)]
)
def test_a_type_that_says_another_medium_is_a_conflict_and_storage_is_none(
    identity_of, kind, conflict
):
    found = identity_of({"model": "ST4000NM0033-9ZM170", "type": kind})
    assert (found["kind"], found["conflict"]) == ("hdd", conflict)
