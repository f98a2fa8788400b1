"""Blocks: inventories of any length are made piece by piece, so that memory stays bounded."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from tests.benchmarks.size import Size

BLOCK_ROWS: Final = 250_000


@dataclass(frozen=True)
class Block:
    """Some records of an inventory.

    Attributes:
        cells: The texts of the export, one column each; null is an empty cell.
        truth: One row per record: `fate`, `state` (loaded, rejected, ignored), `kind`, the `units`
            it adds and the `capacity_gb` of each.
    """

    cells: pl.DataFrame
    truth: pl.DataFrame


def cut_into_blocks(size: Size) -> Iterator[tuple[int, int, np.random.Generator]]:
    """First row and number of rows of every block, and the generator it draws from."""
    for number, first in enumerate(range(0, size.rows, BLOCK_ROWS)):
        rng = np.random.default_rng([size.seed, number])
        yield first, min(BLOCK_ROWS, size.rows - first), rng


def picker(models: pl.DataFrame, rng: np.random.Generator, count: int) -> np.ndarray:
    """Rows of the models that so many lines name, by their shares."""
    reach = np.cumsum(models["share"].to_numpy())
    drawn = np.searchsorted(reach, rng.random(count) * reach[-1])
    return np.minimum(drawn, models.height - 1)


def serial(row: pl.Expr) -> pl.Expr:
    """A serial number of each row: the odd factor makes another one of every row below 2 ** 40."""
    return pl.format("S{}", ((row + 1) * 2_654_435_761 % (1 << 40)).cast(pl.String).str.zfill(13))
