"""Reuse: units that are sold again, by thing and row of the user's table, and what is recycled."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from valuation.explain.choosing import TOTAL, Figure
from valuation.explain.money import SPREAD, largest_first
from valuation.explain.reading import Stored
from valuation.explain.rows import Rows

RESALE: Final = "resale_usd"
REST: Final = "The rest: explain the route it is recycled on for what it is made of"


def resold_parts(stored: Stored, reached: Rows, figure: Figure) -> list[dict[str, Any]]:
    """Sales of units and of what the rest is recycled to; none where nothing is sold again."""
    sold = _total(stored, figure, RESALE)
    if sold is None:
        return []
    units = {"kind": "sale", "id": "resale", "title": "Units that pass the test, sold again"}
    parts = [units | {name: sold[name] for name in SPREAD}]
    parts[0]["factors"] = _things(stored, reached)
    if figure.measure == RESALE:
        return parts
    gross = _total(stored, figure, "gross_usd")
    rest: dict[str, Any] = {
        "kind": "sale",
        "id": "recycled-rest",
        "title": REST,
        "reason": None,
        "factors": [],
    }
    for name in SPREAD[:-1]:
        additive = name.startswith("mean")
        both = gross is not None and gross[name] is not None and sold[name] is not None
        rest[name] = gross[name] - sold[name] if gross and both and additive else None
    if rest["mean"] is None:
        rest["reason"] = (gross or sold)["reason"]
    return largest_first([*parts, rest])


def _things(stored: Stored, reached: Rows) -> list[dict[str, Any]]:
    """One factor per thing that is sold again: its units, price, share that passes, and row."""
    batch = stored.batch["batch_id"]
    things = stored.tables["batch_reuse"].filter(
        pl.col("batch_id") == batch, pl.col("resale_key").is_not_null()
    )
    told = []
    for thing in things.sort("resale_usd", "thing", descending=[True, False]).to_dicts():
        text = (
            f"{thing['family'] or thing['component_class'] or thing['component_kind']}: "
            f"{thing['units']:,.0f} units x {thing['share_passing']:.3g} that pass "
            f"x {thing['price_usd_per_unit']:,.4g} USD"
        )
        factor = {"factor": "units", "text": text, "value": thing["resale_usd"], "unit": "USD"}
        told.append(factor | {"rows": _row(stored, reached, thing["resale_key"])})
    return told


def _row(stored: Stored, reached: Rows, key: str) -> list[str]:
    """The row of the user's table, as it was used."""
    rows = stored.tables["resale_price"].filter(pl.col("resale_key") == key)
    if rows.is_empty():
        return []
    row = rows.to_dicts()[0]
    told = row | {
        "value": row["price_usd"],
        "low": row["price_low_usd"],
        "high": row["price_high_usd"],
        "spread_kind": "5 % and 95 % of the price on its day",
        "unit": "USD/unit",
        "basis": "reported",
        "locator": f"{row['file']}, row {row['file_row']}",
        "note": row["source"],
        "source_id": _source_of(stored, row),
        "parameter_key": key,
    }
    return reached.reach_own("resale", key, told)


def _source_of(stored: Stored, row: Mapping[str, Any]) -> str | None:
    """The source behind a resale row, where the file names its table as one."""
    sources = stored.tables["source"]["source_id"].to_list()
    stem = str(row["file"]).rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return next((s for s in sources if s in (f"resale-{stem}", row["source"])), None)


def _total(stored: Stored, figure: Figure, measure: str) -> dict[str, Any] | None:
    rows = stored.values.filter(
        pl.col("route_id") == figure.route_id,
        pl.col("measure") == measure,
        pl.col("product_id").fill_null(TOTAL) == TOTAL,
        pl.col("element").is_null(),
    ).to_dicts()
    return rows[0] if rows else None
