"""How large an inventory is, and the process that makes one.

Who measures imports no more than this: a child's peak memory starts from what its parent holds.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

NAMES: Final = ("wide", "fleet")


@dataclass(frozen=True)
class Size:
    """How large an inventory is.

    Attributes:
        rows: Records below the header. [1]
        batches: Batches they are shared among. [1]
        items: Models they name, before dirt makes more spellings of them. [1]
        seed: Of all that is drawn.
    """

    rows: int = 10_000_000
    batches: int = 500
    items: int = 3_000
    seed: int = 20261130


def size_options(parser: argparse.ArgumentParser, rows: int = Size.rows) -> None:
    """The options that say how large an inventory is."""
    parser.add_argument("--rows", type=int, default=rows)
    parser.add_argument("--batches", type=int, default=Size.batches)
    parser.add_argument("--items", type=int, default=Size.items)
    parser.add_argument("--seed", type=int, default=Size.seed)


def size_of(given: argparse.Namespace) -> Size:
    """The size that was asked for."""
    return Size(given.rows, given.batches, given.items, given.seed)


def make(name: str, size: Size, csv: Path, parquet: Path | None = None) -> dict[str, Any]:
    """Write one in another process and return its truth."""
    words = [name, str(csv), "--rows", size.rows, "--batches", size.batches]
    words += ["--items", size.items, "--seed", size.seed]
    words += ["--parquet", parquet] if parquet else []
    command = [sys.executable, "-m", "tests.benchmarks.inventories", *map(str, words)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(told)
