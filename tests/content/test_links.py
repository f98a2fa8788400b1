"""Doubts about hosts: drives told twice, hosts whose own listing looks partial."""

import polars as pl
import pytest

from tests.content.test_parts import COUNT_SCHEMA, host_parts_of, identity_of
from valuation.content.links import BATCHES_NAMED, host_warnings
from valuation.content.parts import count_parts
from valuation.engine.duckdb import Engine

LINE_SCHEMA = {
    "batch_id": pl.String,
    "item_id": pl.Int64,
    "quantity": pl.Float64,
    "serial": pl.String,
    "asset_tag": pl.String,
    "host": pl.String,
    "counted": pl.Boolean,
}
SERVER = {"kind": "server", "item_class": "server-2u"}
DRIVE = {"kind": "hdd", "item_class": "hdd-3.5-nearline-air", "capacity_gb": 6000.0}
SUPPLY = {"kind": "psu", "item_class": "psu-750"}
IDENTITY = identity_of(i1=SERVER, i2=DRIVE, i3=SUPPLY, i4=SERVER)
HOST_PARTS = host_parts_of(
    (1, "described", "hdd", "hdd-3.5-nearline-air", 12),
    (1, "typical", "psu", "psu-750", 2),
    (4, "typical", "psu", "psu-750", 2),
).with_columns(capacity_gb=pl.when(pl.col("component_kind") == "hdd").then(6000.0))


def told(lines, keep_lines=True):
    """Warnings about (batch, item, quantity, serial, tag, host) lines."""
    frame = pl.DataFrame([(*line, True) for line in lines], schema=LINE_SCHEMA, orient="row")
    counts = (
        frame.group_by("batch_id", "item_id")
        .agg(
            lines=pl.len().cast(pl.Int64),
            lines_counted=pl.len().cast(pl.Int64),
            quantity=pl.col("quantity").sum(),
            lines_of_one=(pl.col("quantity") == 1).sum().cast(pl.Int64),
        )
        .select(list(COUNT_SCHEMA))
    )
    with Engine() as engine:
        engine.register("batch_count", counts)
        engine.run("set preserve_insertion_order = true")
        engine.register("line_frame", frame if keep_lines else frame.clear())
        engine.run("create or replace temp table read_line as from line_frame")
        count_parts(engine, IDENTITY, HOST_PARTS, set())
        return host_warnings(engine)


def drives(count, host=None, batch="A"):
    """Lines of single drives of the size the servers describe."""
    return [(batch, 2, 1.0, f"D{n}{host}", None, host) for n in range(count)]


def server(name="srv1", item=1, batch="A"):
    """One server with a name, a tag and a serial."""
    return (batch, item, 1.0, f"S-{name}", f"T-{name}", name)


def test_a_host_whose_drives_nobody_lists_gives_no_doubt():
    assert told([server()]) == []
    assert told(drives(12, "srv1")) == []


def test_loose_drives_of_a_described_size_are_told_but_never_taken_off():
    (warning,) = told([server(), *drives(8)])
    assert warning == (
        "A: 12 hard drives of 6 TB are described in 1 host and 8 of the same size are listed: they "
        "may be the same."
    )


def test_a_few_loose_drives_of_the_size_are_no_coincidence():
    assert told([server(), *drives(5)]) == []


def test_drives_that_name_their_host_are_told_as_such():
    (warning,) = told([server(), *drives(12, "srv1")])
    assert warning.endswith("may be the same; 12 of them name a host that describes its own.")


@pytest.mark.parametrize("name", ["srv1", "SRV1", "T-srv1", "S-srv1"])
def test_a_drive_may_name_its_host_by_name_tag_or_serial(name):
    warnings = told([server(), *drives(10, name)])
    assert "A: fewer hard drives are listed in 1 host than their text describes, 10 of 12." in (
        warnings
    )


def test_a_host_that_lists_all_or_none_is_not_partial():
    lines = [server("srv1"), server("srv2"), *drives(12, "srv1")]
    assert not any("fewer" in warning for warning in told(lines))


def test_fewer_supplies_than_typical_are_told():
    lines = [server("srv1", 4), server("srv2", 4), ("A", 3, 1.0, "P1", None, "srv1")]
    assert told(lines) == ["A: fewer power supplies are listed in 1 host than is typical, 1 of 2."]


def test_a_quantity_counts_as_pieces():
    assert told([server("srv1", 4), ("A", 3, 2.0, "P1", None, "srv1")]) == []


def test_the_same_name_in_another_batch_is_another_host():
    lines = [server(batch="A"), *drives(10, "srv1", batch="B")]
    assert told(lines) == []


def test_without_lines_only_the_counts_speak():
    (warning,) = told([server(), *drives(10, "srv1")], keep_lines=False)
    assert "10 of the same size are listed" in warning
    assert "name a host" not in warning


def test_many_batches_are_told_in_one_sentence_at_the_end():
    batches = [f"B{n:02d}" for n in range(BATCHES_NAMED + 3)]
    lines = [line for b in batches for line in (server(batch=b), *drives(6, batch=b))]
    warnings = told(lines)
    assert len(warnings) == BATCHES_NAMED + 1
    assert warnings[-1] == "The same of hard drives in 3 more batches."


def test_no_warning_names_a_host():
    lines = [server("secret"), *drives(3, "secret")]
    assert not any("secret" in warning for warning in told(lines))
