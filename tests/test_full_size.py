"""The full size: a million dirty lines, every one accounted for, and memory that stays bounded."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

LINES = 1_000_000
BATCHES = 50
MODELS = (
    ("Seagate", "ST4000NM0033-9ZM170", "Hard Disk", "4 TB", "hdd"),
    ("HGST", "HUH721212ALE604", "HDD", "12TB", "hdd"),
    ("", "TOSHIBA MG07ACA14TE", "Storage", "12.73 TB", "hdd"),
    ("Samsung", "MZ7LH960HAJR-00005", "SSD", "960GB", "ssd"),
    ("Dell", "PowerEdge R740", "Server", "", "server"),
    ("Cisco", "NXA-FAN-30CFM-F", "Fan", "", "fan"),
)


def write_export(path: Path) -> dict[str, int]:
    """A seeded export with lots, blank quantities, damaged ones, totals and repeated serials.

    Returns:
        The account and the units it must give, counted while writing.
    """
    rng = np.random.default_rng(20261122)
    model = rng.integers(0, len(MODELS), LINES)
    quantity = np.where(rng.random(LINES) < 0.03, rng.integers(2, 60, LINES), 1)
    fate = rng.random(LINES)
    bad, blank, repeated = fate < 0.001, (fate >= 0.001) & (fate < 0.01), fate > 0.995
    repeated[0] = False
    bad[0] = False
    quantity = np.where(blank, 1, quantity)
    # a repeated line is the last good one again, under a new tag
    source = np.maximum.accumulate(np.where(~bad & ~repeated, np.arange(LINES), 0))
    serial = np.where(repeated, source, np.arange(LINES))
    model = np.where(repeated, model[source], model)
    quantity = np.where(repeated, quantity[source], quantity)
    batch = (serial * BATCHES) // LINES
    text = np.where(bad, "many", np.where(blank, "", quantity.astype(str)))
    columns = list(zip(*MODELS, strict=True))
    pl.DataFrame(
        {
            "Batch": [f"B{b:03d}" for b in batch],
            "Asset Tag": [f"T{i:08d}" for i in range(LINES)],
            "Serial Number": [f"S{s:09d}" for s in serial],
            "Manufacturer": np.array(columns[0])[model],
            "Model": np.array(columns[1])[model],
            "Type": np.array(columns[2])[model],
            "Capacity": np.array(columns[3])[model],
            "Quantity": text,
        }
    ).write_csv(path)
    with path.open("a", encoding="utf-8") as file:
        file.write("TOTAL,,,,,,,1000000\n\n")
    counted = ~bad & ~repeated
    kinds = np.array(columns[4])[model]
    units = {str(k): int(quantity[counted & (kinds == k)].sum()) for k in np.unique(kinds)}
    return {"read": LINES + 2, "rejected": int(bad.sum()), "ignored": 2} | units


@pytest.mark.long
def test_a_million_lines_balance_and_are_counted_exactly(tmp_path):
    truth = write_export(tmp_path / "fleet.csv")
    program = (
        "import json, resource, sys\n"
        "from pathlib import Path\n"
        "from valuation import Settings, run\n"
        "given = Settings(db=Path(sys.argv[2]), draws=500, keep_lines=False)\n"
        "result = run([sys.argv[1]], settings=given)\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(json.dumps(result.summary | {'peak_kib': peak}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "fleet.csv"), str(tmp_path / "x.duckdb")],
        capture_output=True,
        text=True,
        check=True,
    )
    summary = json.loads(done.stdout)
    (file,) = summary["files"]
    assert file["lines_read"] == truth["read"]
    assert file["lines_rejected"] == truth["rejected"]
    assert file["lines_ignored"] == truth["ignored"]
    assert file["lines_loaded"] == truth["read"] - truth["rejected"] - truth["ignored"]
    for kind in ("hdd", "ssd", "server", "fan"):
        assert summary["units"][kind] == truth[kind], kind
    assert summary["batches"] == BATCHES
    assert summary["peak_kib"] < 2 * 1024 * 1024
