"""A reader for the tests: files in, the inventory and its engine tables out."""

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
        with Engine() as engine:
            inventory = read_inventory(engine, paths, tables, **options)
            names = ("read_count", "read_batch", "read_line", "read_reject")
            return Read(inventory, {name: engine.frame(f"from {name}") for name in names})

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
