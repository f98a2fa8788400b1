"""The work of `value` up to the means, as an analyst would write it with pandas.

The export is read as text, cleaned, told into lines, totals and lines set aside, rid of repeated
serials and counted by batch and item; the counts are joined to what items are and hold, which is
given (`known.py`), and summed by batch. No draws, no routes, no file of results.

    python -m tests.benchmarks.pandas_value EXPORT FOLDER_OF_KNOWN_TABLES
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

import pandas as pd

from tests.benchmarks.known import HOSTS_FILE, ITEMS_FILE

NAMES: Final = {
    "Batch": "batch",
    "Asset Tag": "tag",
    "Serial Number": "serial",
    "Manufacturer": "manufacturer_raw",
    "Model": "model_raw",
    "Part Number": "part_number_raw",
    "Description": "description_raw",
    "Type": "type_raw",
    "Category": "type_raw",
    "Capacity": "capacity_raw",
    "Quantity": "quantity",
    "Qty": "quantity",
}
TEXTS: Final = [
    "manufacturer_raw",
    "model_raw",
    "part_number_raw",
    "description_raw",
    "type_raw",
    "capacity_raw",
]


def count(export: Path) -> tuple[pd.DataFrame, dict[str, int]]:
    """Pieces and lines by batch and item, and the account of the records that are not blank."""
    rows = pd.read_csv(
        export, dtype=str, keep_default_na=False, usecols=lambda name: name in NAMES
    ).rename(columns=NAMES)
    texts = [name for name in TEXTS if name in rows]
    for name in rows:
        rows[name] = rows[name].str.strip()
    named = [n for n in ("model_raw", "part_number_raw", "description_raw") if n in rows]
    nameless = (rows[[*named, "serial", "tag"]] == "").all(axis=1)
    total = nameless & rows["batch"].str.contains("total", case=False, regex=False)
    blank = nameless & (rows["batch"] == "") & (rows[texts] == "").all(axis=1)
    lines = rows[~total & ~blank]

    digits = lines["quantity"].str.replace(r"\s*(?:pcs|pieces|units|x)\.?$", "", regex=True)
    pieces = pd.to_numeric(digits.where(digits != "", "1"), errors="coerce")
    good = pieces.notna() & (pieces % 1 == 0)
    loaded = lines[good].assign(quantity=pieces[good])

    counted = loaded[loaded["quantity"] > 0]
    serial = counted["serial"].str.upper()
    maker = counted["manufacturer_raw"].str.split(" ", n=1).str[0].str.lower()
    keys = pd.DataFrame({"batch": counted["batch"], "maker": maker, "serial": serial})
    counted = counted[~keys.duplicated() | (serial == "")]

    ones = (counted["quantity"] == 1).astype(int)
    groups = counted.assign(lines_of_one=ones).groupby(["batch", *texts], sort=False)
    counts = groups[["quantity", "lines_of_one"]].sum().reset_index()
    for name in set(TEXTS) - set(texts):
        counts[name] = ""
    account = {"rejected": int((~good).sum()), "loaded": len(loaded)}
    return counts, account


def hold(counts: pd.DataFrame, items: pd.DataFrame, hosts: pd.DataFrame) -> dict[str, Any]:
    """What the counted pieces are and hold: units, capacity and mean masses of elements."""
    elements = [name for name in items if name.endswith("_kg")]
    listed = counts.merge(items, on=TEXTS, how="left", validate="many_to_one")
    each, lot = listed["pieces_rule"] == "each", listed["pieces_rule"] == "lot"
    units = listed["quantity"].where(~each, listed["quantity"] * listed["pieces"])
    units += (listed["lines_of_one"] * (listed["pieces"] - 1)).where(lot, 0)
    listed["units"] = units.where(listed["counted"], 0)

    hosted = listed[["batch", "item_id", "units"]].merge(hosts, on="item_id")
    hosted["units"] *= hosted["units_per_host"]
    # what is typical for a host gives way to what the batch lists of the kind
    kind = ["batch", "component_kind"]
    typical = hosted[hosted["origin"] == "typical"].groupby(kind)["units"].sum()
    own = listed.groupby(["batch", "kind"])["units"].sum().rename_axis(kind)
    kept = ((typical - own.reindex(typical.index, fill_value=0)).clip(lower=0) / typical).fillna(0)
    share = hosted.join(kept.rename("kept"), on=kind)["kept"]
    hosted["units"] *= share.where(hosted["origin"] == "typical", 1)

    both = pd.concat([listed[["batch", "units", *elements]], hosted[["batch", "units", *elements]]])
    masses = both[elements].mul(both["units"], axis=0).groupby(both["batch"]).sum()
    terabytes = listed["units"] * listed["capacity_gb"] / 1000
    return {
        "units": _positive(listed.groupby("kind")["units"].sum()),
        "embedded_units": _positive(hosted.groupby("component_kind")["units"].sum()),
        "capacity_tb": terabytes.groupby(listed["kind"]).sum()[["hdd", "ssd"]].to_dict(),
        "contained_kg": {name.removesuffix("_kg"): masses[name].sum() for name in elements},
        "batches": len(masses),
    }


def _positive(sums: pd.Series) -> dict[str, float]:
    return sums[sums > 0].to_dict()


def main() -> None:
    """Print what an export holds."""
    export, folder = Path(sys.argv[1]), Path(sys.argv[2])
    counts, account = count(export)
    items = pd.read_parquet(folder / ITEMS_FILE)
    hosts = pd.read_parquet(folder / HOSTS_FILE)
    print(json.dumps(account | hold(counts, items, hosts)))


if __name__ == "__main__":
    main()
