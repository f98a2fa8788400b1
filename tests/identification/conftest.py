"""Lines of exports identified, as frames."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from valuation.identification import identify_lines
from valuation.settings import Settings
from valuation.tables import Tables

HEADER = ["Serial Number", "Manufacturer", "Model", "Asset Type", "Capacity", "Quantity"]
ROWS = [
    ["Z1Z0001", "Seagate", "ST4000NM0033-9ZM170", "Hard Disk", "4 TB", 1],
    ["Z1Z0002", "HGST", "HUH721212ALE604", "Hard Disk", "12 TB", 3],
    ["S4X0003", "Samsung", "MZ7LH960HAJR-00005", "SSD", "960 GB", 2],
    [None, "Dell", "PowerEdge R740 12x 6TB SATA", "Server", None, 4],
    ["Z1Z0001", "Seagate", "ST4000NM0033-9ZM170", "Hard Disk", "4 TB", 1],
    [None, "Delta", "PFR0612XHE", "Fan", None, 0],
    ["Q0006", "Acme", "no such thing 12", "Widget", None, 1],
]


@dataclass(frozen=True)
class Lines:
    """What was written, and what was told of it."""

    frame: pl.DataFrame
    summary: dict[str, Any]
    exit_code: int
    out: Path


Identify = Callable[..., Lines]


@pytest.fixture(scope="session")
def identified(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Identify:
    """Identify the lines of files, written as Parquet when nothing else is asked for."""

    def identifier(*files: Path, out: Path | None = None, force: bool = False, **given: Any):
        target = out or tmp_path_factory.mktemp("out") / "lines.parquet"
        done = identify_lines(files, target, Settings(**given), tables=tables, force=force)
        frame = pl.read_parquet(target) if target.suffix == ".parquet" else pl.DataFrame()
        return Lines(frame, done.summary, done.exit_code, target)

    return identifier


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A small export with a repeated serial and a quantity of zero."""
    path = tmp_path / "in" / "export.csv"
    path.parent.mkdir()
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([HEADER, *ROWS])
    return path
