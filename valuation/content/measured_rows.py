"""Measured rows: every measurement as the store keeps it, with what was known before and after."""

import math
from typing import Any, Final

import polars as pl

from valuation.content.library import ContentLibrary
from valuation.content.measured import ASSAY_QUANTITIES, METHODS, NDFEB, Measured, Measurement
from valuation.content.posterior import level_weights

SCHEMA: Final = {
    "source_id": pl.String,
    "source_row": pl.Int64,
    "quantity": pl.String,
    "method": pl.String,
    "item_class": pl.String,
    "location": pl.String,
    "family_key": pl.String,
    "part_key": pl.String,
    "vintage": pl.String,
    "state": pl.String,
    "n_pieces": pl.Int64,
    "n_families": pl.Int64,
    "value": pl.Float64,
    "unit": pl.String,
    "sd": pl.Float64,
    "scale_error": pl.Float64,
    "measured_on": pl.Date,
    "author": pl.String,
    "note": pl.String,
    "basis": pl.String,
    "before_value": pl.Float64,
    "before_cv": pl.Float64,
    "after_value": pl.Float64,
    "after_cv": pl.Float64,
}


def measurement_rows(
    measured: Measured, before: ContentLibrary, after: ContentLibrary
) -> pl.DataFrame:
    """One row per measurement: what it says, and what its family, alloy or part number was and is.

    Args:
        measured: What was measured.
        before: The library without it.
        after: The library with all of it.
    """
    rows: list[dict[str, Any]] = []
    for row in measured.rows:
        was, is_now = _known(row, before), _known(row, after)
        rows.append(
            {name: getattr(row, name) for name in SCHEMA if hasattr(row, name)}
            | {
                "source_row": row.row,
                "method": METHODS[row.quantity],
                "basis": "measured",
                "before_value": was[0],
                "before_cv": was[1],
                "after_value": is_now[0],
                "after_cv": is_now[1],
            }
        )
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort("source_id", "source_row")


def _known(row: Measurement, library: ContentLibrary) -> tuple[float, float]:
    """Mean of what was measured, and the SD of what its family, alloy or number shares over it."""
    magnet = row.magnet(library)
    if row.quantity == NDFEB:
        chance = magnet.mean_share
        seen = library.posterior.ndfeb.get(row.part_key or "")
        if seen is not None:
            chance = float(seen)
        return chance, math.sqrt((1 - chance) / chance) if chance else 0.0
    if row.quantity in ASSAY_QUANTITIES:
        name = "dy_mean" if row.quantity == "dy" else "ree_total"
        fraction = library.alloy(magnet.alloy_id, row.vintage or "any")[name]
        return fraction.mean, math.sqrt(fraction.variance) / fraction.mean
    family = row.family_key or f"unlisted/{row.item_class}"
    mean, variance = library.posterior.log_moments(level_weights(row.item_class, magnet, family))
    piece = magnet.log_sd["piece"] ** 2
    mass = magnet.rotors * magnet.median_g * math.exp(mean + (variance + piece) / 2)
    return mass, math.sqrt(math.expm1(variance))
