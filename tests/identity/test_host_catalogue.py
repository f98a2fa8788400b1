"""The families of servers, switches, storage and chassis: each is its own, and none is a part."""

import re

import pytest

from valuation.identity.text import clean
from valuation.units import HOST_KINDS

KINDS = (*HOST_KINDS, "ups_pdu")
HIGHEST_U = 48


@pytest.fixture(scope="module")
def families(tables):
    """Rows of the catalogue for things that stand in racks."""
    return [r for r in tables.frame("catalogue").to_dicts() if r["kind"] in KINDS]


@pytest.fixture(scope="module")
def found(families, identities_of):
    """What the example of each family is identified as, in the same order."""
    return identities_of(*(row["example"] for row in families))


def test_the_catalogue_knows_the_series_of_every_large_maker(families):
    assert len(families) >= 150
    makers = {row["maker"] for row in families}
    assert makers >= {
        "Arista", "Brocade", "Cisco", "Dell", "Extreme", "Fujitsu", "HPE", "Huawei", "IBM",
        "Inspur", "Juniper", "Lenovo", "Mellanox", "NetApp", "Oracle", "Palo Alto", "Pure Storage",
        "Quanta", "Supermicro",
    }  # fmt: skip


def test_a_height_is_a_whole_or_half_unit_of_a_rack(families):
    heights = [row["u_height"] for row in families if row["u_height"] is not None]
    assert len(heights) > 0.8 * len(families)
    assert all(1 <= u <= HIGHEST_U and (2 * u).is_integer() for u in heights)


def test_every_example_has_the_height_of_its_family(families, found):
    wrong = [
        (row["family_key"], row["u_height"], identity["u_height"])
        for row, identity in zip(families, found, strict=True)
        if row["u_height"] is not None and row["u_height"] != identity["u_height"]
    ]
    assert wrong == []


CLASS_UP_TO_U = {
    "server": ((1, "server-1u"), (2, "server-2u"), (HIGHEST_U, "server-4u")),
    "switch": ((1, "switch-1u"), (3, "switch-2u"), (HIGHEST_U, "switch-modular")),
    "storage": ((3, "storage-2u"), (HIGHEST_U, "storage-4u")),
}


def expected_class(row):
    """The class of a family by its build, else by its height; None where neither is known."""
    if row["segment"]:
        return f"{row['kind']}-{row['segment']}"
    if row["u_height"] is None or row["kind"] == "ups_pdu":
        return None
    return next(name for u, name in CLASS_UP_TO_U[row["kind"]] if row["u_height"] <= u)


def test_every_example_has_the_class_of_its_build_or_height(families, found):
    wrong = [
        (row["family_key"], row["u_height"], identity["item_class"])
        for row, identity in zip(families, found, strict=True)
        if expected_class(row) not in (None, identity["item_class"])
    ]
    assert wrong == []


def test_no_two_families_claim_one_model(families, tables):
    patterns = [
        (row["family_key"], re.compile(rf"(?<![A-Z0-9])(?:{row['pattern']})")) for row in families
    ]
    texts = {clean(row["example"]) for row in families}
    texts |= {clean(row["example"]) for row in tables.frame("grammar").to_dicts()}
    claimed = {
        text: names
        for text in texts
        if len(names := [name for name, regex in patterns if regex.search(text)]) > 1
    }
    assert claimed == {}


def test_a_family_without_its_maker_before_it_is_found_too(identities_of):
    models = ("Dell PowerEdge R640", "HPE ProLiant DL380 Gen10", "Cisco Nexus N9K-C93180YC-EX")
    assert [i["family_key"] for i in identities_of(*models)] == [
        "dell-poweredge-r640", "hpe-proliant-dl380-gen10", "cisco-nexus-93180yc",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("model", "family", "u_height"),
    [
        ("DCS-7050SX-64-F", "arista-7050", 1),
        ("DCS-7050SX-128-F", "arista-7050-2u", 2),
        ("PowerEdge R940", "dell-poweredge-r940", 3),
        ("PowerEdge R940xa", "dell-poweredge-r940xa", 4),
        ("PowerEdge R740xd2", "dell-poweredge-r740xd2", 2),
        ("ProLiant DL360 Gen10 Plus", "hpe-proliant-dl360-gen10-plus", 1),
        ("DL360p Gen8", "hpe-proliant-dl360-gen8", 1),
        ("PowerVault MD3060e", "dell-md3060e", 4),
        ("PowerVault MD1000", "dell-md1000", 3),
        ("SSG-6049P-E1CR36H", "supermicro-6040-x11", 4),
        ("SYS-620C-TN12R", "supermicro-x12-620", 2),
        ("QFX5100-96S", "juniper-qfx5100-96s", 2),
        ("MX104", "juniper-mx104", 3.5),
        ("SUA1500RMI2U", "apc-smart-ups-rm", 2),
    ],
)
def test_neighbours_in_a_series_differ_in_height(identity_of, model, family, u_height):
    found = identity_of(model)
    assert (found["family_key"], found["u_height"]) == (family, u_height)


@pytest.mark.parametrize("model", ["PowerEdge C4140", "PowerEdge XE9680", "PowerEdge XR12"])
def test_a_server_of_one_node_is_no_multi_node_server(identity_of, model):
    assert identity_of(model)["item_class"] in {"server-1u", "server-2u", "server-4u"}


def test_a_shelf_of_three_units_is_no_dense_one(identity_of):
    assert identity_of("EqualLogic PS6000")["item_class"] == "storage-2u"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("N9K-C9300-FAN2", "fan"),
        ("N7K-C7010-FAN-S", "fan"),
        ("EX4300-FAN", "fan"),
        ("QFX5200-FAN-AFI", "fan"),
        ("UCSC-FAN-C220M5", "fan"),
        ("FFANTRAY-MX480-HC", "fan"),
        ("C9400-PWR-3200AC", "psu"),
        ("SRX5600-PWR-2400-AC", "psu"),
        ("SP-FG300E-PS", "psu"),
        ("C9300-NM-8X", "board"),
        ("C6880-X-LE-16P10G", "board"),
        ("ISR4431-X-4x1GE", "board"),
        ("7508R-FM", "board"),
        ("PowerEdge R740 fan", "fan"),
        ("Power supply for PowerEdge R640", "psu"),
        ("Netzteil für ProLiant DL380 Gen10", "psu"),
        ("Fan tray, Nexus 7010", "fan"),
        ("750W power supply PowerEdge R640", "psu"),
        ("Motherboard for Dell PowerEdge R630", "board"),
        ("600GB 10K SAS HDD for PowerEdge R620", "hdd"),
        ("Heatsink for PowerEdge R640", "other"),
        ("FortiGate VM", "other"),
        ("FortiGate fan", "fan"),
        ("PowerEdge R740 960GB SSD", "ssd"),
    ],
)
def test_a_part_that_names_its_host_is_the_part(identity_of, text, kind):
    assert identity_of(text)["kind"] == kind


@pytest.mark.parametrize(
    "text",
    [
        "N9K-C9508-FM", "C2960X-STACK", "WS-C4510-BKPL", "NCS-5502-FN-BK", "SRX650-PS-645AC",
        "ASR1013/06-PWR-AC", "PAN-PA-3400-PWR-AC", "EX9200-32XS",
    ],
)  # fmt: skip
def test_a_code_that_goes_on_behind_the_name_of_a_host_is_no_host(identity_of, text):
    assert identity_of(text)["kind"] not in KINDS


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("C6880-X-LE", "switch"),
        ("ISR4451-X/K9", "switch"),
        ("Server PowerEdge R640", "server"),
        ("Dell R640 2x 750W PSU", "server"),
        ("Catalyst 9300-48P with fan module", "switch"),
        ("F710-1U-Dual-512GB-2x1GE-2x100GE QSFP+-300TB SSD", "storage"),
        ("X410-4U-Dual-64GB-2x1GE-2x10GE SFP+-34TB-800GB SSD", "storage"),
    ],
)
def test_a_host_that_names_its_parts_is_the_host(identity_of, text, kind):
    assert identity_of(text)["kind"] == kind


def test_a_number_of_four_digits_is_a_server_where_a_port_has_three(identities_of):
    found = identities_of("XE9680", "XE7745", "xe968", "xe-9/6/80", "xe-9680/1")
    assert [i["kind"] for i in found] == ["server", "server", "other", "other", "other"]
