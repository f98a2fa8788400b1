"""Small exports and quick settings for tests of whole runs."""

from datetime import date
from pathlib import Path

import polars as pl

from valuation.settings import Settings
from valuation.store import open_read_only

AS_OF = date(2026, 3, 1)
HEADER = "Batch,Asset Tag,Serial Number,Manufacturer,Model,Asset Type,Capacity,Quantity\n"
DRIVE = "{batch},{tag},{serial},Seagate,ST4000NM0033-9ZM170,Hard Disk,4TB,{quantity}\n"
HELIUM = "{batch},{tag},{serial},HGST,HUH721212ALE604,Hard Disk,12TB,{quantity}\n"


def export(path: Path, *, batches=("A", "B"), drives=3, quantity=1, line=DRIVE) -> Path:
    """An export of some drives per batch."""
    rows = [
        line.format(batch=b, tag=f"{b}{i}", serial=f"Z1Z{b}{i:04d}", quantity=quantity)
        for b in batches
        for i in range(drives)
    ]
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return path


def settings(tmp_path: Path, **given) -> Settings:
    return Settings(**{"db": tmp_path / "out.duckdb", "as_of": AS_OF, "draws": 400} | given)


def table(result, name: str, *, drop=("run_id", "read_at")) -> pl.DataFrame:
    """A table without what is meant to differ between runs."""
    with open_read_only(result.db) as connection:
        frame = connection.table(name).pl()
    return frame.drop(*(c for c in drop if c in frame.columns))
