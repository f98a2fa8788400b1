"""Units that could be sold again, thing by thing, and what is left of a batch when some are sold.

A thing is a kind, class, family and capacity. What of a batch is not sold is a batch like any
other: its content is drawn with the same keys, so the same draw is the same world in both.
"""

from dataclasses import replace
from pathlib import Path

import polars as pl

from valuation.content import Content
from valuation.engine.duckdb import Engine
from valuation.frames import BATCH_PARTS

SQL = Path(__file__).with_name("sellable.sql")


def sellable_things(engine: Engine) -> pl.DataFrame:
    """What could be sold again, once `count_parts` has been there.

    Args:
        engine: Holds what `count_parts` left. Leaves `sellable_piece`, one batch, thing and part of
            it: batch_id, thing_no, part_no (null where nobody knows what it is), units (of the
            part) and units_sold (of the thing; 0 for parts that go with their host). [1]

    Returns:
        One thing: thing_no, kind, item_class, family_key, family, capacity_gb. [GB]
    """
    engine.step(SQL)
    engine.drop("item_thing", "hosted_unit")
    return engine.frame("from sellable_thing order by thing_no")


def without_units(content: Content, sold: pl.DataFrame) -> Content:
    """The content of the same batches after some units have left.

    Args:
        content: The content.
        sold: batch_id, part_id, kind of the part, units that leave on average. [1]
    """
    contents = content.contents
    of_parts = sold.group_by("batch_id", "part_id").agg(gone=pl.col("units").sum())
    parts = contents.batch_parts.join(of_parts, on=["batch_id", "part_id"], how="left")
    left = (pl.col("units") - pl.col("gone").fill_null(0)).clip(lower_bound=0)
    of_kinds = sold.select("batch_id", "kind", origin=pl.lit("sold"), units=-pl.col("units"))
    return replace(
        content,
        contents=replace(
            contents,
            batch_parts=BATCH_PARTS.check(parts.with_columns(units=left)),
            units=pl.concat([contents.units, of_kinds], how="diagonal"),
        ),
    )
