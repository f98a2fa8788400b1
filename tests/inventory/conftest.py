"""A reader for the tests: files in, the inventory and its engine tables out."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from valuation.engine import Engine
from valuation.inventory import Inventory, StandardInput, read_inventory
from valuation.tables import Tables


@dataclass(frozen=True)
class Read:
    """What one run of the inventory left behind, as frames."""

    inventory: Inventory
    tables: dict[str, pl.DataFrame]

    def account(self, name: str) -> dict[str, Any]:
        """The row of the file with this name."""
        files = self.inventory.files
        return files.filter(pl.col("name").str.ends_with(name)).row(0, named=True)

    def counts(self) -> pl.DataFrame:
        """Counts by batch with the text of each item, sorted."""
        items = self.inventory.items.drop("lines")
        joined = self.tables["read_count"].join(items, on="item_id")
        return joined.sort("batch_id", "item_id")


Reader = Callable[..., Read]


@pytest.fixture(scope="session")
def read(tables: Tables) -> Reader:
    """Read files in a fresh engine."""

    def reader(*paths: Path | StandardInput, **options: Any) -> Read:
        with Engine(threads=1) as engine:  # as a small run does
            inventory = read_inventory(engine, paths, tables, **options)
            names = ("read_count", "read_batch", "read_line", "read_reject")
            return Read(inventory, {name: engine.frame(f"from {name}") for name in names})

    return reader


@dataclass(frozen=True)
class Records:
    """What became of each record of some files: its number, `line` or a reason, a text of it."""

    files: pl.DataFrame
    records: pl.DataFrame

    def check(self) -> None:
        """Numbers run from 1 to lines_read, and the account has as many of each."""
        for row in self.files.iter_rows(named=True):
            of_file = self.records.filter(file_id=row["file_id"])
            assert of_file["source_line"].to_list() == list(range(1, row["lines_read"] + 1)), row[
                "name"
            ]
            states = dict(of_file["state"].value_counts().iter_rows())
            assert states.pop("line", 0) == row["lines_loaded"]
            assert states == json.loads(row["reasons"]) | json.loads(row["ignored_reasons"]), row[
                "name"
            ]


Numbered = Callable[..., Records]

RECORDS = """
    select file_id, source_line, 'line' as state, serial as text from read_line
    union all select file_id, source_line, reason_code, raw_text from read_reject
    union all select file_id, source_line, reason_code, null from read_ignored
    order by file_id, source_line
"""


@pytest.fixture(scope="session")
def numbered(tables: Tables) -> Numbered:
    """Read files and tell what became of each record."""

    def reader(*paths: Path, **options: Any) -> Records:
        with Engine(threads=1) as engine:
            inventory = read_inventory(engine, paths, tables, number_lines=True, **options)
            return Records(inventory.files, engine.frame(RECORDS))

    return reader


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a text file and return its path."""

    def writer(name: str, text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(encoding))
        return path

    return writer
