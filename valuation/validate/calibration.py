"""Calibration of the arithmetic: the figures of the last run, kept with what they were made at.

The truths come from a second implementation that lives with the tests and is no part of the
program, so the figures are read from a card and not made anew. `tests.calibration.make_card` makes
the same card again; a card that was made with other rows is shown as such.
"""

import hashlib
import json
from typing import Any, Final

import polars as pl

from valuation.content.model.parameters import stored_model
from valuation.errors import ModelError
from valuation.tables import Tables

CARD: Final = "validation/calibration.json"
TABLES: Final = (
    "alloy", "assumption", "bare_share", "board_term", "capture", "cost", "deck_choice",
    "exchange_factor", "factor_correlation", "fx", "gross_mass", "item_class", "magnet_mass",
    "magnet_spread", "material_element", "material_share", "ndfeb_share", "price", "product",
    "route_product", "route_step", "volatility",
)  # fmt: skip
"""Tables that a lot of known classes is valued with."""
ASSUMED: Final = (
    "days_to_settlement", "received_ratio", "shipment_kg", "vat_china", "years_from_launch_to_make",
)  # fmt: skip
WORDS: Final = (
    "basis", "locator", "note", "owner", "review_on", "source_id", "source_ids", "title",
)  # fmt: skip
"""Columns no figure follows from."""
MEANING: Final = (
    "shows the arithmetic, not the priors: both sides draw from the same rows, so a prior that is "
    "wrong is wrong on both"
)
MAKE: Final = "Make it again with `python -m tests.calibration.make_card`."


def rows_hash(tables: Tables, route_id: str, deck_id: str) -> str:
    """First 12 hex digits over every row a figure of the calibration follows from.

    Args:
        tables: Reference data.
        route_id: Route of the lots.
        deck_id: Prices of their products.
    """
    model = stored_model(tables)
    fitted = {parameter.table_name for parameter in model.parameters}
    route = tables.frame("route_step").filter(pl.col("route_id") == route_id)
    chosen = {
        "route_id": [route_id],
        "step_id": route["step_id"].to_list(),
        "deck_id": [deck_id],
        "assumption_id": list(ASSUMED),
    }
    digest = hashlib.sha256()
    for name in TABLES:
        rows = model.rows(tables, name) if name in fitted else tables.frame(name)
        for column, values in chosen.items():
            if column in rows.columns:
                rows = rows.filter(pl.col(column).is_in(values))
        text = rows.drop(WORDS, strict=False).write_csv()
        digest.update(f"{name}\n{text}".encode())
    return digest.hexdigest()[:12]


def calibration_card(tables: Tables) -> dict[str, Any]:
    """The card, with what it means and whether it was made with the rows of these tables.

    Raises:
        ModelError: There is no card, or it cannot be read.
    """
    path = tables.directory / CARD
    try:
        card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        is_current = card["rows_hash"] == rows_hash(tables, card["route_id"], card["deck_id"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} cannot be read: {error}.", MAKE) from error
    return card | {"is_current": is_current, "meaning": MEANING}
