"""Contracts refuse frames from the wrong stage, by name of what is wrong."""

import polars as pl
import pytest

from valuation.errors import ContractError
from valuation.frames import BATCH_PARTS, HOST_PARTS

GOOD = pl.DataFrame({"units": [1.0, 2.0], "part_id": ["b", "a"], "batch_id": ["B", "B"]})


def test_a_frame_comes_back_in_contract_order_sorted_by_key():
    checked = BATCH_PARTS.check(GOOD)
    assert checked.columns == ["batch_id", "part_id", "units"]
    assert checked["part_id"].to_list() == ["a", "b"]


def test_columns_beyond_the_contract_are_dropped():
    assert "x" not in BATCH_PARTS.check(GOOD.with_columns(x=1)).columns


def test_a_missing_column_is_named():
    with pytest.raises(ContractError, match="no column units"):
        BATCH_PARTS.check(GOOD.drop("units"))


def test_a_wrong_type_is_named():
    with pytest.raises(ContractError, match="units is Int64"):
        BATCH_PARTS.check(GOOD.with_columns(pl.col("units").cast(pl.Int64)))


@pytest.mark.parametrize("part", [None, "b"])
def test_a_null_or_repeated_key_is_refused(part):
    broken = GOOD.with_columns(part_id=pl.Series(["b", part]))
    with pytest.raises(ContractError, match="null or repeated"):
        BATCH_PARTS.check(broken)


@pytest.mark.parametrize("second", [("B", None), (None, "b"), ("A", "b")])
def test_a_null_or_repeated_key_is_refused_where_the_keys_seem_to_rise(second):
    rows = [("A", "b", 1.0), (*second, 1.0)]
    broken = pl.DataFrame(rows, schema=dict(BATCH_PARTS.columns), orient="row")
    with pytest.raises(ContractError, match="null or repeated"):
        BATCH_PARTS.check(broken)


def test_any_order_of_rows_comes_back_as_the_same_frame():
    rows = [(batch, part, 1.0) for batch in ("", "A", "B") for part in ("", "a", "b")]
    frame = pl.DataFrame(rows, schema=dict(BATCH_PARTS.columns), orient="row")
    assert BATCH_PARTS.check(frame).rows() == rows
    for seed in range(5):
        assert BATCH_PARTS.check(frame.sample(fraction=1, shuffle=True, seed=seed)).rows() == rows


def test_a_value_outside_its_set_is_refused():
    row = {
        "item_id": 1, "origin": "guessed", "component_kind": "fan", "component_class": "fan-tray",
        "units_per_host": 1.0, "capacity_gb": None, "family_key": "x", "part_key": "x",
        "matched_on": None,
    }  # fmt: skip
    with pytest.raises(ContractError, match="origin holds"):
        HOST_PARTS.check(pl.DataFrame([row], schema=dict(HOST_PARTS.columns)))


def test_an_empty_frame_fulfils_its_contract():
    assert BATCH_PARTS.check(BATCH_PARTS.empty()).is_empty()
