"""Which models an inventory holds and how often: real labelled strings, Zipf within each kind."""

import re
from typing import Final

import numpy as np
import polars as pl

from tests.benchmarks.descriptions import TYPES as DRIVE_TYPES
from tests.benchmarks.descriptions import changed
from valuation.identity.model.labelled import labelled_strings
from valuation.tables import load_tables

KIND_SHARES: Final = {
    "hdd": 0.50,
    "ssd": 0.28,
    "psu": 0.08,
    "fan": 0.05,
    "server": 0.04,
    "switch": 0.03,
    "storage": 0.01,
    "ups_pdu": 0.01,
}
"""Shares of the lines. [1]"""
TYPES: Final = DRIVE_TYPES | {
    "server": ("Server",),
    "switch": ("Network", "Switch"),
    "storage": ("Storage Array",),
    "ups_pdu": ("Power",),
}
"""What a type column calls a kind."""
ZIPF: Final = 1.1
"""The n-th model of a kind is met n ** -ZIPF times as often as the first."""
COLUMNS: Final = (
    "kind",
    "manufacturer",
    "model",
    "capacity",
    "capacity_gb",
    "form_factor",
    "share",
)
_MAKER_FIRST: Final = re.compile(r"([A-Za-z]{2,}) +(?=.*\d)(.+)")


def catalogue(items: int, rng: np.random.Generator) -> pl.DataFrame:
    """So many models, the most frequent first; beyond the labelled ones they are changed copies.

    Returns:
        `COLUMNS`: what the export says of a model, its capacity as sold, null for what has none,
        and the share of the lines that name it, which add up to 1.
    """
    known = _known()
    copies = -(-items // known.height)
    every = pl.concat([known, *(_copy(known, number, rng) for number in range(1, copies))])
    place = pl.int_range(1, pl.len() + 1).over("kind")
    share = pl.col("kind").replace_strict(KIND_SHARES, return_dtype=pl.Float64)
    weighed = every.with_columns(share=share * place.cast(pl.Float64) ** -ZIPF)
    per_kind = pl.col("share") / pl.col("share").sum().over("kind") * share
    kept = weighed.with_columns(share=per_kind).sort("share", descending=True, maintain_order=True)
    kept = kept.head(items)
    return kept.with_columns(pl.col("share") / pl.col("share").sum()).select(COLUMNS)


def _known() -> pl.DataFrame:
    """Labelled strings that name a model and nothing else, the most seen of each kind first."""
    tables = load_tables()
    strings = labelled_strings(tables)
    drives = pl.col("kind").is_in(["hdd", "ssd"])
    named = pl.col("model").str.len_chars() > 3
    whole = drives & pl.col("capacity_gb").is_not_null() | ~drives & pl.col("description").is_null()
    rows = strings.filter(pl.col("kind").is_in(list(KIND_SHARES)), named, whole)
    rows = rows.sort(pl.col("n_seen").fill_null(0), descending=True, maintain_order=True)
    texts = [_maker_apart(*row) for row in rows.select("manufacturer", "model").iter_rows()]
    rows = _as_sold(rows, tables.frame("sold_size"))
    return rows.with_columns(
        pl.DataFrame(texts, schema=["manufacturer", "model"], orient="row"),
    ).select(
        "kind",
        "manufacturer",
        "model",
        pl.col("capacity_gb").map_elements(capacity_text, return_dtype=pl.String).alias("capacity"),
        "capacity_gb",
        pl.col("form_factor_in").alias("form_factor"),
    )


def _copy(known: pl.DataFrame, number: int, rng: np.random.Generator) -> pl.DataFrame:
    models = [f"{changed(model, rng)}.{number}" for model in known["model"]]
    return known.with_columns(model=pl.Series(models))


def _maker_apart(manufacturer: str | None, model: str) -> tuple[str | None, str]:
    """A model without the maker it begins with, which asset systems keep in a column of its own."""
    found = None if manufacturer else _MAKER_FIRST.fullmatch(model)
    return (found[1], found[2]) if found else (manufacturer, model)


def _as_sold(rows: pl.DataFrame, sizes: pl.DataFrame) -> pl.DataFrame:
    """The rows in their order, with the size their maker prints: a label may say 1,900.2 GB."""
    sold = sizes.select("kind", pl.col("capacity_gb").cast(pl.Float64).alias("sold_gb"))
    near = rows.with_row_index("place").sort("capacity_gb")
    near = near.join_asof(
        sold.sort("sold_gb"), left_on="capacity_gb", right_on="sold_gb", by="kind",
        strategy="nearest", check_sortedness=False,
    )  # fmt: skip
    return near.sort("place").with_columns(capacity_gb="sold_gb")


def capacity_text(capacity_gb: float) -> str:
    """A capacity as exports write it.

    >>> [capacity_text(size) for size in (480, 1920, 12000)]
    ['480 GB', '1.92 TB', '12 TB']
    """
    return f"{capacity_gb:g} GB" if capacity_gb < 1000 else f"{capacity_gb / 1000:g} TB"
