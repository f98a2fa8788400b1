"""Reading: tables of Spark counted there; what they come to is left in DuckDB.

The counts by batch, item and quantity, the distinct texts, which are cleaned here, and some of the
lines set aside are all that ever leaves Spark.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl

from valuation.engine.spark.engine import SparkEngine
from valuation.inventory import Inventory, read_gathered
from valuation.inventory.opening import Opener
from valuation.inventory.spark import SparkTable
from valuation.inventory.spark.given import TableOpener, gather_tables
from valuation.tables import Tables

MOST_REJECTS: Final = 10_000
"""Lines set aside that are brought back, with their texts."""
MOST_CHARACTERS: Final = 1 << 16
"""A line set aside with more comes without its cells."""
LINES: Final = (
    "scan_record",
    "read_reject",
    "serial_candidate",
    "serial_line",
    "repeated_serial",
    "settled_line",
    "scan_date",
)
"""Tables that may have a row for every line."""

_SQL: Final = Path(__file__).parent


def read_tables(
    spark: SparkEngine,
    given: Sequence[SparkTable],
    opener: Opener,
    tables: Tables,
    lines_in: str | None,
) -> Inventory:
    """Read tables of Spark; see `read_spark`."""
    gathered = gather_tables(spark, given, opener.batch)
    as_tables = TableOpener(
        opener.header, opener.labels, opener.batch, opener.batch_by, opener.kept, opener.progress
    )
    inventory = read_gathered(spark, gathered, as_tables, tables)
    lines_in = lines_in if "loaded" in inventory.files["status"] else None
    told = []
    if lines_in is not None:
        opener.progress("writing lines by Spark")
        spark.write("read_line", f"{lines_in}/line")
        spark.write("read_reject", f"{lines_in}/rejected_line")
        told.append(f"Lines are in {lines_in}/line, as Parquet, and not in the table `line`.")
    told += _bring_rejects(spark, inventory, lines_in)
    spark.engine.step(_SQL.parent / "no_line.sql")
    return replace(inventory, warnings=[*inventory.warnings, *told])


def _bring_rejects(spark: SparkEngine, inventory: Inventory, lines_in: str | None) -> list[str]:
    """Copy lines set aside, up to a bound; a sentence when there are more."""
    loaded = inventory.files.filter(pl.col("status") == "loaded")
    rejected = int(loaded["lines_rejected"].sum())
    sql = (_SQL / "rejects.sql").read_text(encoding="utf-8")
    bounds = {"most_characters": MOST_CHARACTERS, "file_ids": loaded["file_id"].to_list()}
    rejects = spark.frame(sql.replace("{most_lines}", str(MOST_REJECTS)), bounds)
    spark.register("read_reject", rejects)
    if rejected <= rejects.height:
        return []
    where = f"all are in {lines_in}/rejected_line" if lines_in else "the others were only counted"
    return [f"{rejects.height:,} of {rejected:,} rejected lines are kept with their text; {where}."]
