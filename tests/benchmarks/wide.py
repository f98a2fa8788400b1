"""A wide export: thirteen columns, descriptions with quotes, inches, commas, some odd spelling."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import polars as pl

from tests.benchmarks.blocks import Block, cut_into_blocks, picker, serial
from tests.benchmarks.catalogue import TYPES, catalogue
from tests.benchmarks.size import Size

COLUMNS: Final = (
    "Batch",
    "Site",
    "Asset Tag",
    "Serial Number",
    "Manufacturer",
    "Model",
    "Part Number",
    "Description",
    "Category",
    "Quantity",
    "Capacity",
    "Purchase Date",
    "Status",
)
SPELLED_OTHERWISE: Final = ("maker_in_capitals", "blanks_around_model", "blank_after_quantity")
SPELLED_SHARE: Final = 0.05
"""Share of the lines spelled otherwise. [1]"""
LOT_SHARE, LARGEST_LOT = 0.04, 40
SITES: Final = tuple(f"DC-{city}{n:02d}" for city in ("AMS", "DUB", "IAD", "SIN") for n in range(8))
STATUSES: Final = ("retired", "In Service", "decom", "spare", "on hold")
BATCH_SKEW: Final = 0.7
"""Shape of the Dirichlet distribution of the lines over batches."""


def wide_blocks(size: Size) -> Iterator[Block]:
    """The blocks of the inventory, the same for the same size; batches are in order in each."""
    rng = np.random.default_rng(size.seed)
    models = _described(catalogue(size.items, rng))
    shares = rng.dirichlet(np.full(size.batches, BATCH_SKEW))
    for first_row, rows, drawn in cut_into_blocks(size):
        batch = np.sort(drawn.choice(size.batches, rows, p=shares))
        yield _block(models, first_row + np.arange(rows), batch, drawn)


def _described(models: pl.DataFrame) -> pl.DataFrame:
    """The models with a part number, a category and a description each, as a catalogue writes."""
    number = np.arange(models.height)
    first_word = {kind: words[0] for kind, words in TYPES.items()}
    category = pl.col("kind").replace_strict(first_word, return_dtype=pl.String)
    size = pl.format('{} {}" hot-plug, ', "capacity", "form_factor")  # null where one is unknown
    return models.with_columns(
        part_number=pl.Series([f"{n % 9}{n:05d}-{n * 7 % 1000:03d}" for n in number]),
        category=category,
        description=pl.concat_str(
            category, pl.lit(', "as new", '), size, pl.lit("gen"), pl.Series(number % 11),
            ignore_nulls=True,
        ),
    )  # fmt: skip


def _block(
    models: pl.DataFrame, row: np.ndarray, batch: np.ndarray, rng: np.random.Generator
) -> Block:
    count = len(row)
    odd = np.where(rng.random(count) < SPELLED_SHARE, rng.integers(1, 4, count), 0)
    lot = rng.random(count) < LOT_SHARE
    lines = pl.DataFrame(
        {
            "row": row,
            "batch": batch,
            "fate": np.array(("clean", *SPELLED_OTHERWISE))[odd],
            "quantity": np.where(lot, rng.integers(2, LARGEST_LOT, count), 1),
            "day": rng.integers(0, 3650, count),
            "status": pl.Series(STATUSES).gather(rng.integers(0, len(STATUSES), count)),
        }
    ).hstack(models[picker(models, rng, count)])
    truth = lines.select(
        "fate", pl.lit("loaded").alias("state"), "kind", pl.col("quantity").alias("units"),
        "capacity_gb",
    )  # fmt: skip
    return Block(_cells(lines), truth)


def _cells(lines: pl.DataFrame) -> pl.DataFrame:
    """The texts of the export."""
    fate, quantity = pl.col("fate"), pl.col("quantity").cast(pl.String)
    bought = pl.date(2014, 1, 1) + pl.duration(days="day")
    return lines.select(
        pl.format("B{}", pl.col("batch").cast(pl.String).str.zfill(5)).alias("Batch"),
        pl.lit(pl.Series(SITES)).gather(pl.col("batch") % len(SITES)).alias("Site"),
        pl.format("AT{}", pl.col("row").cast(pl.String).str.zfill(9)).alias("Asset Tag"),
        serial(pl.col("row")).alias("Serial Number"),
        pl.when(fate == "maker_in_capitals")
        .then(pl.col("manufacturer").str.to_uppercase())
        .otherwise("manufacturer")
        .alias("Manufacturer"),
        pl.when(fate == "blanks_around_model")
        .then(pl.format(" {} ", "model"))
        .otherwise("model")
        .alias("Model"),
        pl.col("part_number").alias("Part Number"),
        pl.col("description").alias("Description"),
        pl.col("category").alias("Category"),
        pl.when(fate == "blank_after_quantity")
        .then(quantity + " ")
        .otherwise(quantity)
        .alias("Quantity"),
        pl.col("capacity").alias("Capacity"),
        bought.dt.to_string("%Y-%m-%d").alias("Purchase Date"),
        pl.col("status").alias("Status"),
    )
