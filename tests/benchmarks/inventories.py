"""Inventories as files, with the account a run over them must give, counted while writing.

python -m tests.benchmarks.inventories fleet OUT.csv --rows 1000000 --parquet OUT.parquet
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow.parquet as pq

from tests.benchmarks.blocks import Block
from tests.benchmarks.fleet import fleet_blocks
from tests.benchmarks.size import NAMES, Size, size_of, size_options
from tests.benchmarks.wide import wide_blocks

INVENTORIES: Final[dict[str, Callable[[Size], Iterator[Block]]]] = {
    "wide": wide_blocks,
    "fleet": fleet_blocks,
}


@dataclass
class Truth:
    """What a run must find.

    Attributes:
        read: Records below the header. [1]
        batches: Batches with a line. [1]
        units: Pieces that count, by kind. [1]
        capacity_tb: Of them, by kind. [TB]
    """

    read: int = 0
    rejected: int = 0
    ignored: int = 0
    batches: int = 0
    units: Counter[str] = field(default_factory=Counter)
    capacity_tb: Counter[str] = field(default_factory=Counter)

    def told(self) -> dict[str, Any]:
        """It as plain JSON."""
        return {name: dict(v) if isinstance(v, Counter) else v for name, v in vars(self).items()}

    def add(self, truth: pl.DataFrame) -> None:
        """Count the records of a block."""
        states = Counter(dict(truth["state"].value_counts().iter_rows()))
        self.read += truth.height
        self.rejected += states["rejected"]
        self.ignored += states["ignored"]
        terabytes = (pl.col("units") * pl.col("capacity_gb")).sum() / 1000
        for kind, units, capacity_tb in (
            truth.filter(pl.col("units") > 0)
            .group_by("kind", maintain_order=True)
            .agg(pl.col("units").sum(), terabytes.alias("capacity_tb"))
            .iter_rows()
        ):
            self.units[kind] += units
            if capacity_tb:
                self.capacity_tb[kind] += capacity_tb


def write_inventory(name: str, size: Size, csv: Path, parquet: Path | None = None) -> Truth:
    """Write an inventory as CSV, and the same records as Parquet where asked."""
    truth, batches = Truth(), set[str]()
    with ExitStack() as stack:
        file = stack.enter_context(csv.open("wb"))
        writer: pq.ParquetWriter | None = None
        for number, block in enumerate(INVENTORIES[name](size)):
            file.write(_csv(block.cells, with_header=number == 0))
            if parquet:
                table = block.cells.to_arrow()
                writer = writer or stack.enter_context(pq.ParquetWriter(parquet, table.schema))
                writer.write_table(table)
            truth.add(block.truth)
            loaded = block.truth["state"] == "loaded"
            batches.update(block.cells.filter(loaded)["Batch"].unique())
    truth.batches = len(batches)
    return truth


def _csv(cells: pl.DataFrame, *, with_header: bool) -> bytes:
    """Records as CSV; one without any cell is an empty line, as tools write it below a table."""
    out = BytesIO()
    cells.write_csv(out, include_header=with_header)
    nothing = b"," * (cells.width - 1)
    return out.getvalue().replace(b"\n" + nothing + b"\n", b"\n\n")


def main() -> None:
    """Write one and print its truth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("csv", type=Path)
    parser.add_argument("--parquet", type=Path)
    size_options(parser)
    given = parser.parse_args()
    truth = write_inventory(given.name, size_of(given), given.csv, given.parquet)
    print(json.dumps(truth.told()))


if __name__ == "__main__":
    main()
