"""A chassis and its slot under one number: whichever rows carry the serial, one unit is left."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.inventory.conftest import Reader
from valuation import Settings, run

MODELS = ("N9K-C93180YC-EX", "N9K-C9372PX", "N5K-C5548UP", "ISR4331/K9", "N3K-C3064PQ-10GX")
Writer = Callable[..., Path]


def inventory(write: Writer, slot_serial: str) -> Path:
    """`show inventory` of five switches, each with its chassis and a slot that repeats it."""
    rows = []
    for number, model in enumerate(MODELS):
        serial = f"FDO2214{number}ABC"
        rows += [
            f"Chassis,{model} Chassis,{model},V01,{serial}",
            f"Slot 1,{model} Ethernet Module,{model},V01,{slot_serial and serial}",
        ]
    return write("inventory.csv", "\n".join(["NAME,DESCR,PID,VID,SN", *rows, ""]))


def test_the_chassis_counts_where_its_slot_says_its_serial(read: Reader, write: Writer) -> None:
    done = read(inventory(write, "same"))
    items = done.inventory.items.select("item_id", "description_raw")
    lines = done.tables["read_line"].join(items, on="item_id")
    counted = lines.filter(pl.col("counted"))["description_raw"].to_list()
    assert len(counted) == len(MODELS)
    assert all(text.startswith("Chassis") for text in counted)


@pytest.mark.parametrize("slot_serial", ["same", ""])
def test_one_switch_is_left_with_a_serial_on_the_slot_or_without(
    write: Writer, tmp_path: Path, slot_serial: str
) -> None:
    path = inventory(write, slot_serial)
    result = run([path], settings=Settings(db=tmp_path / "slots.duckdb", draws=50))
    assert result.summary["units"] == {"switch": len(MODELS)}
