"""Parts inside hosts and pieces inside lines: read where they are said, and nowhere else."""

import polars as pl
import pytest

from valuation.identity import identify, unnamed_warnings
from valuation.tables import Tables


def described(result):
    """(class, units, capacity) of the parts described in any host."""
    parts = result.host_parts.filter(pl.col("origin") == "described")
    return sorted(parts.select("component_class", "units_per_host", "capacity_gb").rows())


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("12x 6TB SATA", [("hdd-3.5-nearline-air", 12, 6000)]),
        ("2 x 512GB SSD", [("ssd-unspecified", 2, 512)]),
        ("WITH 2 x 240GB SSD onboard storage", [("ssd-unspecified", 2, 240)]),
        ("24 1.2TB 10K SAS 2.5in drives", [("hdd-2.5-enterprise", 24, 1200)]),
        ("2x 1100W PSU, 16x 32GB DDR4", [("memory-dimm", 16, 32), ("psu-1100", 2, None)]),
        ("4x 16TB SATA; 2x 16TB SAS", [("hdd-3.5-nearline-helium", 6, 16000)]),
        ("2x Xeon Gold 6130, 12 bays", []),
        ("up to 12x 6TB SATA", []),
        ("WITHOUT 2 x 240GB SSD", []),
        ("12x 6TB SATA, without drives", []),
        ("4x 10GbE, 24x1G", []),
    ],
)
def test_a_host_describes_what_it_counts_out(result_of, text, parts):
    result = result_of({"model": "PowerEdge R740", "description": text})
    assert result.items["kind"].to_list() == ["server"]
    assert described(result) == parts


def test_only_hosts_describe_parts(result_of):
    assert described(result_of("12x 6TB SATA HDD", "Intel Xeon 2x 512GB SSD")) == []


@pytest.fixture
def with_contents(tables):
    """Reference data whose host contents are written here."""
    contents = pl.DataFrame(
        {
            "host_key": [
                "server-1u",
                "server-1u",
                "server-2u",
                "server-2u",
                "switch-1u",
                "switch-1u",
                "dell-poweredge-r640",
                "cisco-catalyst-3560c",
            ],
            "component_kind": ["fan", "psu", "fan", "psu", "fan", "psu", "fan", "fan"],
            "component_class": [
                "fan-40-fast",
                "psu-750",
                "fan-60-fast",
                "psu-750",
                "fan-40-fast",
                "psu-500",
                "fan-40-fast",
                "fan-40-standard",
            ],
            "value": [7.0, 2.0, 6.0, 2.0, 4.0, 1.0, 8.0, 0.0],
        }
    )
    frames = {"host_content": contents}
    return Tables(tables.directory, tables.description, "test", tables.models, frames)


def test_typical_parts_come_by_family_first_and_by_class_else(with_contents, item_rows):
    rows = [("", m, "", "", "", "") for m in ("PowerEdge R640", "PowerEdge R740", "ST4000NM0033")]
    parts = identify(item_rows(rows), with_contents).host_parts
    assert parts.select("item_id", "component_class", "units_per_host").rows() == [
        (0, "fan-40-fast", 8),
        (0, "psu-750", 2),  # the family says nothing of supplies, its class does
        (1, "fan-60-fast", 6),
        (1, "psu-750", 2),
    ]
    assert parts["part_key"].to_list()[0] == "dell-poweredge-r640/fan-40-fast"


def test_a_family_that_says_zero_holds_none(with_contents, item_rows):
    rows = [("", "WS-C3560CX-12PC-S", "", "", "", "")]
    parts = identify(item_rows(rows), with_contents).host_parts
    assert parts.select("component_class", "units_per_host").rows() == [("psu-500", 1)]


def test_every_typical_number_lies_in_its_range_and_names_what_is_known(tables):
    rows = tables.frame("host_content")
    ranged = rows.filter(pl.col("low").is_not_null())
    assert ranged.height > 60
    assert ranged.filter(~pl.col("value").is_between("low", "high")).height == 0
    assert (
        rows.filter((pl.col("spread_kind") == "exact") == pl.col("low").is_not_null()).height == 0
    )
    families = set(tables.frame("catalogue")["family_key"])
    of_families = rows.filter(pl.col("host_key").is_in(list(families)))
    assert of_families["host_key"].n_unique() >= 60
    classes = set(tables.frame("item_class")["item_class"])
    assert set(rows["host_key"]) <= families | classes


def test_a_blade_holds_no_fans_and_no_supplies_of_its_own(tables, result_of):
    blades = tables.frame("catalogue").filter(
        (pl.col("kind") == "server") & (pl.col("segment") == "blade")
    )
    assert blades.height > 15
    assert result_of(*blades["example"]).host_parts.is_empty()


def test_every_frame_for_blades_holds_fans_and_supplies(tables, result_of):
    frames = tables.frame("catalogue").filter(pl.col("kind") == "chassis")
    parts = result_of(*frames["example"]).host_parts
    held = parts.group_by("item_id").agg(pl.col("component_kind").unique().sort())
    assert held["component_kind"].to_list() == [["fan", "psu"]] * frames.height


def test_a_described_kind_has_no_typical_part(with_contents, item_rows):
    rows = [("", "PowerEdge R740", "", "2x 1100W PSU", "", "")]
    parts = identify(item_rows(rows), with_contents).host_parts
    assert sorted(parts.select("origin", "component_class").rows()) == [
        ("described", "psu-1100"),
        ("typical", "fan-60-fast"),
    ]


@pytest.mark.parametrize(
    ("model", "pieces", "rule"),
    [
        ("ST4000NM0033", 1, None),
        ("LOT 40 ST4000NM0033", 40, "lot"),
        ("Lot of 1,200 ST4000NM0033", 1200, "lot"),
        ("25x PowerEdge R740", 25, "lot"),
        ("ST4000NM0033 (24x)", 24, "lot"),
        ("Seagate 4TB HDD qty: 12", 12, "lot"),
        ("2x3TB tandem SATA HDD", 2, "each"),
        ("2 drives per carrier ST3000NM0033", 2, "each"),
        ("Catalyst 9300 4x 10GbE", 1, None),
        ("Nexus 24x1G switch", 1, None),
        ("PowerEdge R740 2x Xeon 12x 6TB", 1, None),
        ("NVIDIA A40 PCIe x16", 1, None),
        ("2Rx4 PC4-2666V RDIMM", 1, None),
        ("12x 3.5 bay server", 1, None),
    ],
)
def test_a_quantity_is_read_only_where_it_is_one(identity_of, model, pieces, rule):
    found = identity_of(model)
    assert (found["pieces"], found["pieces_rule"]) == (pieces, rule)


@pytest.mark.parametrize(
    ("text", "unnamed"),
    [
        ("PowerEdge R740xd, 12x 8TB", "12x 8TB"),
        ("PowerEdge R740xd, 12x 8TB, 2x 960GB SSD", "12x 8TB"),
        ("PowerEdge R740xd 12 x 8TB; 2x 4TB", "12 x 8TB; 2x 4TB"),
        ("PowerEdge R740xd, 12x 8TB SAS", None),
        ("PowerEdge R740xd, HDD 12x 8TB", None),
        ("PowerEdge R740xd HDD: 12x 8TB", None),
        ("PowerEdge R740xd, 12x 6TB", None),
        ("PowerEdge R740xd, 12x 16GB", None),
        ("PowerEdge R740xd, up to 12x 8TB", None),
        ("PowerEdge R740xd, 12x 8TB, drives removed", None),
    ],
)
def test_drives_told_by_size_alone_are_left_out_and_said_to_be(result_of, text, unnamed):
    found = result_of({"description": text, "type": "Server"})
    told = found.unnamed["matched_on"].to_list()
    assert told == ([unnamed.upper()] if unnamed else [])
    assert "unidentified" not in found.host_parts["component_kind"]
    (warning,) = unnamed_warnings(found.unnamed) or [None]
    assert (f"`{unnamed.upper()}`" in warning) if unnamed else warning is None
