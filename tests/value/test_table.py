"""Tables in the making: sorted by key as the frame would be, texts and nulls in their places."""

import numpy as np
import polars as pl

from valuation.value.table import Block, Table

SCHEMA = {
    "batch_id": pl.String,
    "step_no": pl.Int64,
    "element": pl.String,
    "mean": pl.Float64,
    "p10": pl.Float64,
    "unknown": pl.Boolean,
    "reason": pl.String,
}


def table() -> Table:
    return Table(SCHEMA, ("step_no", "element"), ("element", "step_no"))


def test_rows_are_sorted_by_batch_and_key_and_null_is_first():
    made = table()
    no = np.array([False, False])
    ids = ("b", "a")
    made.blocks.append(
        Block(ids, (10, "nd"), {"mean": np.array([1.0, np.nan]), "unknown": no}, [None, "why"])
    )
    more = table()
    more.blocks += [
        Block(ids, (2, "nd"), {"mean": np.array([3.0, 4.0]), "unknown": no}),
        Block(("a",), (2, None), {"mean": np.array([5.0]), "unknown": ~no[:1]}),
    ]
    made.extend(more)
    assert made.frame().rows() == [
        ("a", 2, None, 5.0, None, True, None),
        ("a", 2, "nd", 4.0, None, False, None),
        ("a", 10, "nd", None, None, False, "why"),
        ("b", 2, "nd", 3.0, None, False, None),
        ("b", 10, "nd", 1.0, None, False, None),
    ]


def test_a_table_of_nothing_has_its_columns():
    assert table().frame().schema == pl.Schema(SCHEMA)
    assert table().frame().is_empty()
