"""Units per part: listed, described and typical, with the guard against counting twice."""

import polars as pl
import pytest

from valuation.content.parts import BatchContents, count_parts
from valuation.engine.duckdb import Engine
from valuation.frames import HOST_PARTS, IDENTITY

COUNT_SCHEMA = {
    "batch_id": pl.String,
    "item_id": pl.Int64,
    "lines": pl.Int64,
    "lines_counted": pl.Int64,
    "quantity": pl.Float64,
    "lines_of_one": pl.Int64,
}


def identity_of(**items):
    """Identity rows by item id: kind, class and whatever else is said."""
    rows = []
    for name, given in items.items():
        row = dict.fromkeys(IDENTITY.columns) | {
            "item_id": int(name[1:]),
            "family_key": f"maker/{name}",
            "part_key": f"maker/{name}",
            "pieces": 1,
            "counted": True,
            "confidence": 1.0,
            "method": "catalogue",
        }
        rows.append(row | given)
    return IDENTITY.check(pl.DataFrame(rows, schema=dict(IDENTITY.columns)))


def host_parts_of(*rows):
    """Host parts: item id, origin, kind, class, units per host."""
    names = ("item_id", "origin", "component_kind", "component_class", "units_per_host")
    made = [
        dict.fromkeys(HOST_PARTS.columns)
        | dict(zip(names, row, strict=True))
        | {"family_key": f"host/{row[0]}", "part_key": f"host/{row[0]}"}
        for row in rows
    ]
    return HOST_PARTS.check(pl.DataFrame(made, schema=dict(HOST_PARTS.columns)))


def counted(counts, identity, host_parts=None) -> tuple[BatchContents, dict]:
    """Run the step on (batch, item, quantity, lines of one) and give units by (kind, origin)."""
    with Engine() as engine:
        rows = [(b, i, 1, 1, float(q), ones) for b, i, q, ones in counts]
        engine.register("batch_count", pl.DataFrame(rows, schema=COUNT_SCHEMA, orient="row"))
        contents = count_parts(
            engine, identity, host_parts if host_parts is not None else HOST_PARTS.empty(), set()
        )
    rows = contents.units.select("batch_id", "kind", "origin", "units").iter_rows()
    units = {(b, k, o): u for b, k, o, u in rows}
    return contents, units


SERVER = {"kind": "server", "item_class": "server-1u"}
FAN = {"kind": "fan", "item_class": "fan-40-fast"}


def test_typical_contents_stand_for_parts_nobody_listed():
    _, units = counted(
        [("B", 1, 10, 0)],
        identity_of(i1=SERVER),
        host_parts_of((1, "typical", "fan", "fan-40-fast", 6), (1, "typical", "psu", "psu-750", 2)),
    )
    assert units["B", "fan", "typical"] == 60
    assert units["B", "psu", "typical"] == 20


def test_listed_parts_are_taken_off_the_typical_ones_in_their_own_batch():
    _, units = counted(
        [("A", 1, 10, 0), ("A", 2, 45, 0), ("B", 1, 10, 0)],
        identity_of(i1=SERVER, i2=FAN),
        host_parts_of((1, "typical", "fan", "fan-40-fast", 6)),
    )
    assert units["A", "fan", "listed"] == 45
    assert units["A", "fan", "typical"] == pytest.approx(15)
    assert units["B", "fan", "typical"] == 60


def test_typical_contents_never_fall_below_zero():
    _, units = counted(
        [("A", 1, 1, 0), ("A", 2, 100, 0)],
        identity_of(i1=SERVER, i2=FAN),
        host_parts_of((1, "typical", "fan", "fan-40-fast", 6)),
    )
    assert units["A", "fan", "typical"] == 0


def test_what_the_row_describes_replaces_what_is_typical_of_that_kind_only():
    _, units = counted(
        [("A", 1, 2, 0)],
        identity_of(i1=SERVER),
        host_parts_of(
            (1, "described", "psu", "psu-1600", 4),
            (1, "typical", "psu", "psu-750", 2),
            (1, "typical", "fan", "fan-40-fast", 6),
        ),
    )
    assert units["A", "psu", "described"] == 8
    assert ("A", "psu", "typical") not in units
    assert units["A", "fan", "typical"] == 12


def test_a_lot_named_in_the_text_counts_where_the_quantity_is_one():
    identity = identity_of(i1=FAN | {"pieces": 40, "pieces_rule": "lot"})
    _, units = counted([("A", 1, 1 + 12, 1)], identity)  # a line of one and a line of twelve
    assert units["A", "fan", "listed"] == 40 + 12


def test_pieces_per_carrier_multiply_every_quantity():
    identity = identity_of(
        i1={"kind": "hdd", "item_class": "hdd-unspecified", "pieces": 2, "pieces_rule": "each"}
    )
    _, units = counted([("A", 1, 7, 3)], identity)
    assert units["A", "hdd", "listed"] == 14


def test_what_is_not_a_part_has_no_units_and_no_part():
    bay = {"kind": "other", "item_class": "other", "counted": False}
    contents, units = counted([("A", 1, 4, 0)], identity_of(i1=bay))
    assert units["A", "other", "listed"] == 0
    assert contents.parts.is_empty()


def test_unidentified_items_are_counted_but_have_no_part():
    contents, units = counted([("A", 1, 4, 0)], identity_of(i1={"kind": "unidentified"}))
    assert units["A", "unidentified", "listed"] == 4
    assert contents.batch_parts.is_empty()


def test_items_that_differ_only_in_spelling_share_a_part():
    same = {"kind": "hdd", "item_class": "hdd-unspecified", "family_key": "seagate/st4000nm0033"}
    contents, _ = counted([("A", 1, 4, 0), ("A", 2, 5, 0)], identity_of(i1=same, i2=same))
    assert contents.parts.height == 1
    assert contents.batch_parts["units"].to_list() == [9]


def test_doubt_about_identity_keeps_a_part_of_its_own():
    sure = {"kind": "hdd", "item_class": "hdd-3.5-desktop", "family_key": "x"}
    doubt = sure | {"confidence": 0.8, "runner_up": "hdd-3.5-nearline-air"}
    contents, _ = counted([("A", 1, 4, 0), ("A", 2, 5, 0)], identity_of(i1=sure, i2=doubt))
    assert contents.parts.height == 2
    assert contents.parts["identity_key"].drop_nulls().to_list() == ["maker/i2"]
