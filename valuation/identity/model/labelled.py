"""Labelled strings: what real exports write, with what the thing is.

The classifier learns from them and identity is measured on them. They are the tables
`drive_string` and `device_string`; other files of their columns can be measured too.
"""

from pathlib import Path
from typing import Final

import polars as pl

from valuation.errors import InputError
from valuation.frames import ITEMS, ItemFrame
from valuation.tables import Tables
from valuation.units import KINDS

TEXTS: Final = ("manufacturer", "model", "part_number", "description")
TABLES: Final = ("drive_string", "device_string")
COLUMNS: Final = {
    **dict.fromkeys(TEXTS, pl.String),
    "kind": pl.String,
    "form_factor_in": pl.Float64,
    "rpm": pl.Int64,
    "capacity_gb": pl.Float64,
    "series": pl.String,
    "n_seen": pl.Int64,
}
"""What a labelled string says; all but a text, the kind and the series may be null."""


def labelled_strings(tables: Tables) -> pl.DataFrame:
    """The labelled strings of the reference data: `COLUMNS`, one row per distinct text.

    Raises:
        TableError: A table breaks its description.
    """
    return _distinct(pl.concat([_shaped(tables.frame(name)) for name in TABLES]))


def read_labelled(path: Path) -> pl.DataFrame:
    """Labelled strings of a CSV file that has some of `COLUMNS`.

    Raises:
        InputError: The file cannot be read, names no kind or series, or holds an unknown kind.
    """
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(f"{path} cannot be read: {str(error).splitlines()[0]}.") from error
    missing = [c for c in ("kind", "series") if c not in frame.columns]
    if missing or not any(c in frame.columns for c in TEXTS):
        raise InputError(
            f"{path} has no column {' or '.join(missing or TEXTS)}.",
            f"Columns are {', '.join(COLUMNS)}; some of the first four, kind and series must be.",
        )
    shaped = _shaped(frame)
    odd = (~shaped["kind"].is_in(KINDS).fill_null(False)).arg_true()
    if len(odd):
        raise InputError(
            f"{path}, row {odd[0] + 2}, column kind: `{shaped['kind'][odd[0]]}` is no kind.",
            f"Kinds are {', '.join(KINDS)}.",
        )
    return _distinct(shaped)


def items_of(strings: pl.DataFrame, *, with_capacity: bool = False) -> ItemFrame:
    """The strings as items, `item_id` being the row; the capacity column filled only if asked."""
    capacity = pl.concat_str(pl.col("capacity_gb").round(0).cast(pl.Int64), pl.lit(" GB"))
    return ITEMS.check(
        strings.with_row_index("item_id").select(
            pl.col("item_id").cast(pl.Int64),
            *(pl.col(c).fill_null("").alias(f"{c}_raw") for c in TEXTS),
            type_raw=pl.lit(""),
            capacity_raw=capacity.fill_null("") if with_capacity else pl.lit(""),
            lines=pl.lit(1, pl.Int64),
        )
    )


def _shaped(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None))
        .cast(kind, strict=False)
        .alias(name)
        for name, kind in COLUMNS.items()
    )


def _distinct(frame: pl.DataFrame) -> pl.DataFrame:
    """One row per text, sorted; a text of two kinds cannot teach or test anything."""
    texts = [pl.col(c).fill_null("") for c in TEXTS]
    kinds = pl.col("kind").n_unique().over(texts)
    return frame.filter(kinds == 1).unique(TEXTS, keep="first", maintain_order=True).sort(TEXTS)
