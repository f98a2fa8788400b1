"""The same lines in five formats are worth the same: every table of the batch is equal."""

from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from tests.exports import settings, table
from tests.inventory.test_same_counts import write_all
from valuation import run

HEADER = ["Serial Number", "Manufacturer", "Model", "Asset Type", "Capacity", "Quantity"]
ROWS = [
    ["Z1Z0001", "Seagate", "ST4000NM0033-9ZM170", "Hard Disk", "4 TB", 1],
    ["Z1Z0002", "HGST", "HUH721212ALE604", "Hard Disk", "12 TB", 3],
    ["S4X0003", "Samsung", "MZ7LH960HAJR-00005", "SSD", "960 GB", 2],
    [None, "Dell", "PowerEdge R740 12x 6TB SATA", "Server", None, 4],
    [None, "Delta", "PFR0612XHE", "Fan", None, 40],
    ["Q0006", "Acme", "no such thing 12", "Widget", None, 1],
]
TABLES = ("batch", "batch_item", "batch_value", "batch_flow", "batch_cost", "item")


ALL = pytest.param((".xlsx", ".parquet", ".json", ".jsonl"), marks=pytest.mark.long)


@pytest.mark.parametrize("endings", [(".xlsx",), ALL], ids=["workbook", "every format"])
def test_the_same_lines_in_another_format_give_the_same_batch(
    endings: tuple[str, ...], tmp_path: Path
) -> None:
    results = {}
    written = {path.suffix: path for path in write_all(tmp_path, HEADER, ROWS)}
    for path in (written[ending] for ending in (".csv", *endings)):
        db = tmp_path / f"{path.suffix}.duckdb"
        results[path.suffix] = run([path], settings=settings(tmp_path, db=db, batch="B"))
    first = results.pop(".csv")
    assert first.summary["files"][0]["lines_loaded"] == len(ROWS)
    for name in TABLES:
        expected = table(first, name)
        for result in results.values():
            assert_frame_equal(table(result, name), expected, check_exact=True)
