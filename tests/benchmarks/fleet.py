"""A seeded fleet export with dirt, and the account it must give."""

import sys
from pathlib import Path

import numpy as np
import polars as pl

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


def write_export(path: Path, lines: int = LINES) -> dict[str, int]:
    """A seeded export with lots, blank quantities, damaged ones, totals and repeated serials.

    Returns:
        The account and the units it must give, counted while writing.
    """
    rng = np.random.default_rng(20261122)
    model = rng.integers(0, len(MODELS), lines)
    quantity = np.where(rng.random(lines) < 0.03, rng.integers(2, 60, lines), 1)
    fate = rng.random(lines)
    bad, blank, repeated = fate < 0.001, (fate >= 0.001) & (fate < 0.01), fate > 0.995
    repeated[0] = False
    bad[0] = False
    quantity = np.where(blank, 1, quantity)
    # a repeated line is the last good one again, under a new tag
    source = np.maximum.accumulate(np.where(~bad & ~repeated, np.arange(lines), 0))
    serial = np.where(repeated, source, np.arange(lines))
    model = np.where(repeated, model[source], model)
    quantity = np.where(repeated, quantity[source], quantity)
    batch = (serial * BATCHES) // lines
    text = np.where(bad, "many", np.where(blank, "", quantity.astype(str)))
    columns = list(zip(*MODELS, strict=True))
    pl.DataFrame(
        {
            "Batch": [f"B{b:03d}" for b in batch],
            "Asset Tag": [f"T{i:08d}" for i in range(lines)],
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
    return {"read": lines + 2, "rejected": int(bad.sum()), "ignored": 2} | units


if __name__ == "__main__":
    write_export(Path(sys.argv[1]))
