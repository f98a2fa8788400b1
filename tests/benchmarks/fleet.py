"""A fleet: ten columns, real model strings, batch after batch with a total below each, and dirt."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import polars as pl

from tests.benchmarks.blocks import Block, cut_into_blocks, picker, serial
from tests.benchmarks.catalogue import TYPES, catalogue
from tests.benchmarks.size import Size

COLUMNS: Final = (
    "Batch",
    "Asset Tag",
    "Serial Number",
    "Site",
    "Type",
    "Manufacturer",
    "Model",
    "Capacity",
    "Qty",
    "Install Date",
)
DIRTY_SHARE: Final = 0.06
"""Share of the lines that are not as they should be, each of `DIRT` as often as another. [1]"""
DIRT: Final = (
    "junk_model",
    "lower_case",
    "blanks_around",
    "cut",
    "one_cell",
    "no_capacity",
    "binary_capacity",
    "decimal_comma",
    "repeated",
    "no_quantity",
    "bad_quantity",
    "worded_quantity",
    "zero_quantity",
)
JUNK: Final = ("", "N/A", "UNKNOWN", "TBD", "?", "see ticket", "0", "null", "misc", "-")
"""What people write where they do not know the model."""
CUT_TO: Final = 16
LOT_SHARE, LOTS = 0.03, (2, 4, 10, 12, 24, 48, 60, 240)
SITES: Final = ("IAD1", "IAD2", "PDX3", "DFW2", "CMH1", "SJC4", "ATL1", "PHX2", "Council Bluffs")
FEWEST_LINES: Final = 8
"""Lines of a batch below which a total and the blank line before it would be most of it."""


def fleet_blocks(size: Size) -> Iterator[Block]:
    """The blocks of the inventory, the same for the same size."""
    if size.rows < FEWEST_LINES * size.batches:
        raise ValueError(f"{size.rows} rows are too few for {size.batches} batches")
    models = catalogue(size.items, np.random.default_rng(size.seed))
    for first_row, rows, rng in cut_into_blocks(size):
        yield _block(models, size, np.arange(first_row, first_row + rows), rng)


def _block(models: pl.DataFrame, size: Size, row: np.ndarray, rng: np.random.Generator) -> Block:
    batch = row * size.batches // size.rows
    ends = batch != (row + 1) * size.batches // size.rows
    starts = batch != (row - 1) * size.batches // size.rows
    fate = np.array(("clean", *DIRT))[_dirt(len(row), rng)]
    fate[starts] = "clean"
    fate[ends], fate[np.append(ends[1:], False)] = "total", "blank"
    place = np.arange(len(row))
    source = np.maximum.accumulate(np.where(fate == "clean", place, -1))
    fate[(fate == "repeated") & (source < 0)] = "lower_case"
    again = fate == "repeated"
    lot = rng.random(len(row)) < LOT_SHARE
    lines = pl.DataFrame(
        {
            "row": row,
            "batch": batch,
            "fate": fate,
            "quantity": np.where(lot, rng.choice(LOTS, len(row)), 1),
            "type_draw": rng.integers(0, 1 << 30, len(row)),
            "junk": pl.Series(JUNK).gather(rng.integers(0, len(JUNK), len(row))),
            "site": pl.Series(SITES).gather(rng.integers(0, len(SITES), len(row))),
            "day": rng.integers(0, 3650, len(row)),
        }
    ).hstack(models[picker(models, rng, len(row))])
    # a repeated line is the last good one again, under a new tag
    lines = lines[np.where(again, source, place)].with_columns(fate=pl.Series(fate), tag=row)
    lines = lines.with_columns(is_again=pl.Series(again))
    return Block(_cells(lines, size), _truth(lines))


def _dirt(count: int, rng: np.random.Generator) -> np.ndarray:
    """Number of the dirt of each line, 0 for a clean one."""
    return np.where(rng.random(count) < DIRTY_SHARE, rng.integers(1, len(DIRT) + 1, count), 0)


def _cells(lines: pl.DataFrame, size: Size) -> pl.DataFrame:
    """The texts of the export."""
    fate, model, capacity = pl.col("fate"), pl.col("model"), pl.col("capacity")
    one_cell = pl.concat_str("manufacturer", "model", "capacity", separator=" ", ignore_nulls=True)
    unknown = fate.is_in(["junk_model", "one_cell"])
    quantity = pl.col("quantity").cast(pl.String)
    cells = lines.select(
        pl.format("B{}", pl.col("batch").cast(pl.String).str.zfill(5)).alias("Batch"),
        pl.format("A{}", pl.col("tag") + 10_000_000).alias("Asset Tag"),
        serial(pl.col("row")).alias("Serial Number"),
        pl.col("site").alias("Site"),
        pl.when(fate != "junk_model").then(_type()).alias("Type"),
        pl.when(~unknown).then("manufacturer").alias("Manufacturer"),
        pl.when(fate == "junk_model")
        .then("junk")
        .when(fate == "lower_case")
        .then(model.str.to_lowercase())
        .when(fate == "blanks_around")
        .then(pl.format("  {} ", model))
        .when(fate == "cut")
        .then(model.str.slice(0, CUT_TO))
        .when(fate == "one_cell")
        .then(one_cell)
        .otherwise(model)
        .alias("Model"),
        pl.when(fate == "binary_capacity")
        .then(pl.format("{} TiB", (pl.col("capacity_gb") * 1e9 / 2**40).round(2)))
        .when(fate == "decimal_comma")
        .then(pl.format("{},0 GB", pl.col("capacity_gb").cast(pl.Int64)))
        .when(~unknown & (fate != "no_capacity"))
        .then(capacity)
        .alias("Capacity"),
        pl.when(fate == "bad_quantity")
        .then(pl.lit("many"))
        .when(fate == "worded_quantity")
        .then(pl.format("{} pcs", quantity))
        .when(fate == "zero_quantity")
        .then(pl.lit("0"))
        .when(fate != "no_quantity")
        .then(quantity)
        .alias("Qty"),
        (pl.date(2016, 1, 1) + pl.duration(days="day"))
        .dt.to_string("%Y-%m-%d")
        .alias("Install Date"),
    )
    total = lines["fate"] == "total"
    odd = total | (lines["fate"] == "blank")
    told = {"Batch": pl.lit("TOTAL"), "Qty": pl.lit(str(size.rows // size.batches))}
    return cells.select(
        pl.when(total).then(told.get(name)).when(~odd).then(name).alias(name) for name in COLUMNS
    ).with_columns(pl.col(pl.String).replace("", None))


def _type() -> pl.Expr:
    """A word for the kind, drawn anew for every line."""
    out = pl.lit(None, pl.String)
    for kind, words in TYPES.items():
        word = (pl.col("type_draw") % len(words)).replace_strict(
            dict(enumerate(words)), return_dtype=pl.String
        )
        out = pl.when(pl.col("kind") == kind).then(word).otherwise(out)
    return out


def _truth(lines: pl.DataFrame) -> pl.DataFrame:
    """What each line is and adds, whatever its cells say."""
    fate = pl.col("fate")
    ignored = fate.is_in(["total", "blank"])
    quantity = pl.when(fate == "no_quantity").then(1).otherwise("quantity")
    none = ignored | fate.is_in(["bad_quantity", "zero_quantity", "repeated"])
    return lines.select(
        "fate",
        pl.when(ignored)
        .then(pl.lit("ignored"))
        .when(fate == "bad_quantity")
        .then(pl.lit("rejected"))
        .otherwise(pl.lit("loaded"))
        .alias("state"),
        pl.when(fate == "junk_model").then(pl.lit("unidentified")).otherwise("kind").alias("kind"),
        pl.when(none).then(0).otherwise(quantity).alias("units"),
        pl.when(fate != "junk_model").then("capacity_gb").alias("capacity_gb"),
    )
