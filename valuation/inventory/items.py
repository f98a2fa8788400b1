"""Items: the distinct descriptions of a file, cleaned in Python and given their stable ids."""

import re
from typing import Final

import polars as pl

from valuation.frames import RAW_TEXTS, item_id
from valuation.inventory.columns.column_map import normalise
from valuation.inventory.label import TotalLabels

SCANNED_TEXTS: Final = (
    "manufacturer",
    "model",
    "part_number",
    "description",
    "component_name",
    "other_model",
    "type",
    "capacity",
)
"""The texts the scan groups by; component name and second model become part of the description."""

BLANKS: Final = (
    " \t\r\n\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
    "\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""Blanks of every kind, which may surround a text and mean nothing."""
_JUDGED: Final = {
    "item_id": pl.Int64,
    "maker": pl.String,
    "is_label": pl.Boolean,
    "is_place": pl.Boolean,
}
_SCIENTIFIC: Final = r"^\d+([.,]\d+)?[eE]\+\d+$"


def clean_items(
    scanned: pl.DataFrame, capacity_unit: str | None, labels: TotalLabels
) -> pl.DataFrame:
    """One row per distinct description of a file.

    Args:
        scanned: `item_key` and the texts the scan grouped by.
        capacity_unit: Unit in the header of the capacity column, for cells that hold a number.
        labels: Words that mark totals.

    Returns:
        `item_key`, `item_id`, the raw texts, `maker` (key of the maker for serial numbers),
        `is_label` (the texts are those of a total) and `is_place` (they begin with a slot).
    """
    texts = scanned.with_columns(pl.col(SCANNED_TEXTS).fill_null("").str.strip_chars(BLANKS))
    model = pl.col("model").str.to_lowercase()
    # What only says the model again adds nothing to the description.
    parts = [
        pl.when((pl.col(name) != "") & (pl.col(name).str.to_lowercase() != model)).then(name)
        for name in ("component_name", "other_model", "description")
    ]
    raw = texts.select(
        "item_key",
        pl.col("manufacturer").alias("manufacturer_raw"),
        pl.col("model").alias("model_raw"),
        pl.col("part_number").alias("part_number_raw"),
        pl.concat_str(parts, separator=" - ", ignore_nulls=True).alias("description_raw"),
        pl.col("type").alias("type_raw"),
        _with_unit(pl.col("capacity"), capacity_unit).alias("capacity_raw"),
    )
    makers = {text: _maker(text) for text in raw["manufacturer_raw"].unique()}
    judged = pl.DataFrame(
        {
            "item_id": [item_id(row) for row in raw.select(RAW_TEXTS).iter_rows()],
            "maker": raw["manufacturer_raw"].replace_strict(makers, return_dtype=pl.String),
            "is_label": _are_labels(raw, labels),
            "is_place": [labels.is_place(text) for text in raw["description_raw"]],
        },
        schema=_JUDGED,
    )
    return raw.hstack(judged)


def damaged_part_numbers(items: pl.DataFrame) -> list[str]:
    """Part numbers and models that a spreadsheet turned into powers of ten."""
    texts = pl.concat([items["part_number_raw"], items["model_raw"]])
    return texts.filter(texts.str.contains(_SCIENTIFIC)).unique().sort().to_list()


def _with_unit(text: pl.Expr, unit: str | None) -> pl.Expr:
    """A bare number with the unit its header names: `4000` under `Size (GB)` is `4000 GB`."""
    if unit is None:
        return text
    is_number = text.str.contains(r"^\d[\d.,\s]*$")
    return pl.when(is_number).then(text + pl.lit(f" {unit}")).otherwise(text)


def _maker(text: str) -> str:
    """The first word of a maker's name, so that `Dell` and `DELL Inc.` share serial numbers."""
    words = re.split(r"[^\w]+", text.strip())
    return normalise(words[0]) if words else ""


def _are_labels(raw: pl.DataFrame, labels: TotalLabels) -> pl.Series:
    """Whether the texts of each item are those of a total; few may be and are looked at closely."""
    may_be = raw.select(labels.may_be_total(RAW_TEXTS).alias("is_label")).to_series()
    rows = raw.select(RAW_TEXTS).filter(may_be).iter_rows()
    return may_be.scatter(may_be.arg_true(), [_is_label(row, labels) for row in rows])


def _is_label(row: tuple[str, ...], labels: TotalLabels) -> bool:
    manufacturer, model, part_number, description, kind, capacity = row
    return labels.is_total((model, part_number, description), (manufacturer, kind, capacity))
