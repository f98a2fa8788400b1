"""What a run knows of its items, taken from its file: what an analyst would join an export to.

Kinds, sizes and pieces of items, what hosts hold, and the mean mass of every element in one unit.
"""

import sys
from pathlib import Path
from typing import Final

import polars as pl

from valuation.frames import ITEMS, RAW_TEXTS
from valuation.identity import identify
from valuation.store import open_read_only
from valuation.tables import load_tables
from valuation.units import ELEMENTS

ITEMS_FILE, HOSTS_FILE = "items.parquet", "hosts.parquet"
_FACTS: Final = ("kind", "capacity_gb", "counted", "pieces", "pieces_rule")


def write_known(db: Path, folder: Path) -> None:
    """Write two tables of the items of a run.

    `items.parquet`: the texts of an item, its `item_id`, what it is, and `<element>_kg` in one
    unit. `hosts.parquet`: one host item and one kind of part in it, with `units_per_host`.
    """
    with open_read_only(db) as connection:
        items = connection.table("item").pl()
        held = connection.table("batch_item").pl()
        masses = connection.table("part_mass").pl()
    key = ["item_id", "origin", "component_class"]
    parts = held.select(*key, "part_id").unique()
    unit = masses.filter(pl.col("element").is_in(ELEMENTS)).pivot(
        "element", index="part_id", values="kg_per_unit", aggregate_function="sum"
    )
    unit = unit.rename({e: f"{e}_kg" for e in ELEMENTS if e in unit.columns})
    listed = parts.filter(pl.col("origin") == "listed").select("item_id", "part_id")
    listed = listed.join(unit, on="part_id", how="left").drop("part_id")
    items.select("item_id", *RAW_TEXTS, *_FACTS).join(
        listed, on="item_id", how="left"
    ).write_parquet(folder / ITEMS_FILE)
    texts = ITEMS.check(items.select("item_id", *RAW_TEXTS, "lines"))
    hosted = identify(texts, load_tables(), with_evidence=False).host_parts
    columns = ("component_kind", "capacity_gb", "units_per_host")
    hosted = hosted.select(*key, *columns).join(parts, on=key)  # less what the text replaces
    hosted.join(unit, on="part_id", how="left").drop("part_id").write_parquet(folder / HOSTS_FILE)


if __name__ == "__main__":
    write_known(Path(sys.argv[1]), Path(sys.argv[2]))
