"""Units that are sold again, as parts of a figure: each thing's units, share that passes and price.

What is not sold again is recycled on another route: its sales are one part, explained there.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from valuation.explain.choosing import TOTAL, Figure
from valuation.explain.reading import Stored

REST = "recycled_rest"


def resale_parts(stored: Stored, figure: Figure) -> list[dict[str, Any]]:
    """Sales of units on a route that sells any, the largest first; none on every other route."""
    rows = stored.values.filter(
        pl.col("route_id") == figure.route_id, pl.col("product_id") == TOTAL
    )
    totals = {row["measure"]: row for row in rows.to_dicts()}
    sold = totals.get("resale_usd")
    if sold is None or "batch_reuse" not in stored.tables:
        return []
    things = stored.tables["batch_reuse"].filter(
        pl.col("batch_id") == stored.batch["batch_id"], pl.col("is_priced")
    )
    table = {row["resale_key"]: row for row in stored.tables["resale_price"].to_dicts()}
    sales = things.sort("resale_usd", "thing", descending=[True, False]).to_dicts()
    return [
        *(_thing(row, table[row["resale_key"]]) for row in sales),
        _rest(totals["gross_usd"], sold),
    ]


def _thing(row: Mapping[str, Any], term: Mapping[str, Any]) -> dict[str, Any]:
    where = f"{term['file']}, row {term['file_row']}, of {term['observed_on']}"
    source = f", {term['source']}" if term["source"] else ""
    factors = (
        ("units", "units in the batch", row["units"], "unit"),
        ("share passing", f"of the units tested ({where})", row["share_passing"], "1"),
        ("price", f"{where}{source}", row["price_usd_per_unit"], "USD/unit"),
    )
    return {
        "kind": "sale",
        "id": "/".join(row["thing"].split("/")[2:]).strip("/") or row["thing"],
        "title": f"Units that pass: {row['family'] or row['component_class']}",
        "mean": row["resale_usd"],
        "p10": row["resale_usd_p10"],
        "p50": None,
        "p90": row["resale_usd_p90"],
        "mean_at_fixed_prices": row["resale_usd"],
        "reason": None,
        "factors": [
            {"factor": name, "text": text, "value": value, "unit": unit, "rows": []}
            for name, text, value, unit in factors
        ],
    }


def _rest(gross: Mapping[str, Any], sold: Mapping[str, Any]) -> dict[str, Any]:
    """Sales of the rest: those of the route less those of units."""

    def less(column: str) -> float | None:
        known = gross[column] is not None and sold[column] is not None
        return float(gross[column] - sold[column]) if known else None

    return {
        "kind": "sale",
        "id": REST,
        "title": "What is not sold again, recycled",
        "mean": less("mean"),
        "p10": None,
        "p50": None,
        "p90": None,
        "mean_at_fixed_prices": less("mean_at_fixed_prices"),
        "reason": gross["reason"],
        "factors": [],
    }
