"""Assumptions: every assumed row of the reference data that a run's figures rest on, as one table.

Defaults of the model stand in the table where they are used (a capture, a level of spread, the
volatility of a price); here they are told together, each by its table and key.
"""

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from valuation.deck import Deck
from valuation.tables import Tables

OWN_TABLE = "assumption"
COLUMNS = (
    "assumption_id", "title", "value", "low", "high", "spread_kind", "unit", "basis", "source_id",
    "locator", "owner", "review_on", "note",
)  # fmt: skip
UNUSED = ("case_mix", "measurement")
"""Tables that no figure is made of: what others measured, kept to be compared with."""


def assumptions_used(
    tables: Tables,
    deck: Deck,
    routes: Collection[str],
    forms: Collection[str],
    scenario: str | None,
) -> pl.DataFrame:
    """The store's `assumption` table.

    Content and identity are listed whole, since the classes of what is unidentified enter; routes,
    prices and terms as far as they were used.

    Args:
        tables: Reference data.
        deck: Prices used.
        routes: Routes valued.
        forms: How the lots of the file arrive.
        scenario: Terms chosen.

    Returns:
        One row per default of `assumption.csv` and per assumed row elsewhere: the columns of that
        file, table_name and row_key.
    """
    prices = [quotation.row.get("price_id") for quotation in deck.quotations.values()]
    used: dict[str, Collection[object]] = {
        "step_id": _steps(tables, routes, forms),
        "route_id": routes,
        "form": forms,
        "scenario_id": [scenario],
        "price_id": prices,
    }
    frames = [_of_table(tables, resource, used) for resource in tables.description["resources"]]
    return pl.concat([frame for frame in frames if frame is not None]).sort("assumption_id")


def _of_table(
    tables: Tables, resource: Mapping[str, Any], used: Mapping[str, Collection[object]]
) -> pl.DataFrame | None:
    """Assumed rows of one table; None where its rows are no numbers with a basis."""
    name = resource["name"]
    columns = [field["name"] for field in resource["schema"]["fields"]]
    if name in UNUSED or not {"basis", "owner", "unit"} <= set(columns):
        return None
    key = resource["schema"]["primaryKey"]
    row_key = pl.concat_str(pl.col(key).cast(pl.String).fill_null(""), separator="/")
    rows = tables.frame(name).with_columns(row_key=row_key, table_name=pl.lit(name))
    if name != OWN_TABLE:
        rows = rows.filter(pl.col("basis") == "assumed")
        if key[0] in used:
            wanted = [str(value) for value in used[key[0]] if value is not None]
            rows = rows.filter(pl.col(key[0]).is_in(wanted))
        rows = rows.with_columns(assumption_id=pl.lit(f"{name}/") + pl.col("row_key"))
    if "title" not in columns:
        rows = rows.with_columns(title=pl.lit(f"{resource['title']}: ") + pl.col("row_key"))
    if "mid" in columns:  # a price
        unit = pl.concat_str("currency", "unit", separator="/")
        spread = pl.lit(None, pl.String)
        rows = rows.with_columns(value="mid", unit=unit, spread_kind=spread)
    return rows.select(*COLUMNS, "table_name", "row_key")


def _steps(tables: Tables, routes: Collection[str], forms: Collection[str]) -> set[str]:
    """Processes that some route takes for some form, those that act instead of others included."""
    steps = tables.frame("route_step").filter(pl.col("route_id").is_in(list(routes)))
    acts = tables.frame("step_form").filter(
        pl.col("form").is_in(list(forms)), pl.col("step_id").is_in(steps["step_id"].to_list())
    )
    return {*steps["step_id"], *acts["instead_step_id"].drop_nulls()}
