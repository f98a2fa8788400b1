"""An export with lines that are set aside, and ways to mend them and see what became of them."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from tests.exports import settings
from tests.inventory.conftest import Read
from valuation.api import run
from valuation.rejects import write_rejects

HEADER = "Serial,Manufacturer,Model,Qty,Purchase date\n"
BAD = (
    "S001,Seagate,ST4000NM0033,1,03/04/2020\n"
    "S002,Seagate,ST4000NM0033,one or two,05/06/2020\n"
    "S003,HGST,HUH721212ALE604,2,25/06/2020\n"
    "S004,HGST,HUH721212ALE604,see PO,\n"
    "S005,Seagate,ST4000NM0033,1,,left over, twice\n"
    ",,,7,\n"
)
MENDED = {"S002": ("Qty", "2"), "S004": ("Qty", "5")}


def rejects_of(*paths: Path, folder: Path, db: str = "out.duckdb", **given: object) -> list[Path]:
    """The files of lines set aside, of a run over some files."""
    result = run(list(paths), settings=settings(folder, db=folder / db, draws=50, **given))
    return [one.path for one in write_rejects(result.db, folder / f"{db}-rejects")]


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def save(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    rows = list(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def mend(path: Path, to: Path, mended: dict[str, tuple[str, str]]) -> Path:
    """Save a file of lines set aside with some cells changed, by serial."""
    rows = rows_of(path)
    for row in rows:
        column, cell = mended.get(row["Serial"], ("Serial", row["Serial"]))
        row[column] = cell
    return save(to, rows)


def accounts(read: Read) -> dict[str, tuple[int, int, int, int]]:
    """Lines read, loaded, rejected and ignored by file name."""
    counts = ("lines_read", "lines_loaded", "lines_rejected", "lines_ignored")
    rows = read.inventory.files.iter_rows(named=True)
    return {Path(row["name"]).name: tuple(row[count] for count in counts) for row in rows}


def lines(read: Read) -> pl.DataFrame:
    """What was loaded, whatever file it came from."""
    joined = read.tables["read_line"].join(read.inventory.items.drop("lines"), on="item_id")
    return joined.drop("file_id").sort(pl.all())


def check_books(read: Read) -> None:
    files = read.inventory.files
    told = files["lines_loaded"] + files["lines_rejected"] + files["lines_ignored"]
    assert files["lines_read"].to_list() == told.to_list()
    kept = dict(read.tables["read_reject"]["file_id"].value_counts().iter_rows())
    for row in files.iter_rows(named=True):
        assert kept.get(row["file_id"], 0) == row["lines_rejected"], row["name"]
