"""A user's own deck: a CSV file in the columns of `price.csv`, checked cell by cell.

A price without a tax status, a basis or a date is refused, never guessed.
"""

import csv
import math
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from valuation.deck import Quotation
from valuation.errors import SettingsError
from valuation.price.quotations import Observer
from valuation.tables import Tables
from valuation.units import KG_PER_PRICE_UNIT

REQUIRED = ("product_id", "price_basis", "vat_included", "currency", "unit", "mid", "observed_on")
OPTIONAL = ("form", "place", "low", "high", "published_on", "source_id", "locator", "note")
TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def read_deck_file(path: Path, tables: Tables, observer: Observer) -> dict[str, Quotation]:
    """Quotations of a deck file, by product; the latest row of a product by the as-of date holds.

    Args:
        path: CSV, UTF-8, columns `product_id price_basis vat_included currency unit mid
            observed_on` and, where known, `low high form place published_on source_id locator
            note`. A price that includes value-added tax is taken net of it.
        tables: Reference data: products and their forms.
        observer: Rates and volatility on the as-of date.

    Raises:
        SettingsError: The file is missing or empty, a column is missing, or a cell cannot be used;
            the message names file, row and column.
    """
    products = {r["product_id"]: r for r in tables.frame("product").iter_rows(named=True)}
    found: dict[str, Quotation] = {}
    for number, cells in _records(path):
        row = _checked(cells, products, path.stem, f"{path}, row {number}")
        if max(row["observed_on"], row["published_on"]) > observer.as_of:
            continue  # not known on that date
        quotation = observer.quotation(row, net_of_vat=True)
        if quotation is None:
            raise SettingsError(
                f"{path}, row {number}, column currency: no dated rate of "
                f"{row['currency']} is known.",
                "Give the price in USD.",
            )
        held = found.get(quotation.product_id)
        if held is not None and held.observed_on == quotation.observed_on:
            raise SettingsError(
                f"{path}, row {number}: {quotation.product_id} has a price of that day already.",
                "Keep one basis for each product.",
            )
        if held is None or held.observed_on <= quotation.observed_on:
            found[quotation.product_id] = quotation
    if not found:
        raise SettingsError(f"{path} holds no price known on {observer.as_of}.")
    return found


def _records(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            names = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = names
            missing = [name for name in REQUIRED if name not in names]
            if missing:
                raise SettingsError(
                    f"{path} has no column {', '.join(missing)}.",
                    f"A deck file has the columns {', '.join(REQUIRED + OPTIONAL)}.",
                )
            return [
                (reader.line_num, {k: (v or "").strip() for k, v in row.items() if k in names})
                for row in reader
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SettingsError(f"The deck {path} cannot be read: {reason}.") from error


def _checked(
    cells: Mapping[str, str], products: Mapping[str, Mapping[str, Any]], name: str, where: str
) -> dict[str, Any]:
    """The row with types, or a sentence that names the cell."""

    def refuse(column: str, reason: str, hint: str = "") -> SettingsError:
        return SettingsError(f"{where}, column {column}: `{cells[column]}` {reason}.", hint)

    for column in REQUIRED:
        if not cells[column]:
            raise SettingsError(f"{where}, column {column}: is empty.", "Every price needs it.")
    product = cells["product_id"]
    if product not in products:
        near = get_close_matches(product, products, 1)
        raise refuse("product_id", "is no product", f"Did you mean `{near[0]}`?" if near else "")
    if cells["vat_included"].lower() not in TRUTH:
        raise refuse("vat_included", "is neither true nor false")
    if cells["unit"] not in KG_PER_PRICE_UNIT:
        known = ", ".join(KG_PER_PRICE_UNIT)
        raise refuse("unit", "is no unit of a price", f"Known units: {known}.")
    row: dict[str, Any] = {name: cells.get(name) or None for name in REQUIRED + OPTIONAL}
    for column in ("mid", "low", "high"):
        text = cells.get(column) or cells["mid"]
        try:
            row[column] = float(text)
        except ValueError as error:
            raise refuse(column, "is no number") from error
    if not 0 < row["low"] <= row["mid"] <= row["high"] < math.inf:
        raise refuse("mid", "does not lie between low and high, above zero")
    for column in ("observed_on", "published_on"):
        try:
            row[column] = date.fromisoformat(cells.get(column) or cells["observed_on"])
        except ValueError as error:
            raise refuse(column, "is no date", "Write it as 2026-11-22.") from error
    row["vat_included"] = TRUTH[cells["vat_included"].lower()]
    form = products[product]["form"]
    if row["form"] not in (None, form):
        raise refuse("form", f"is not how {product} is priced here", f"Its form is {form}.")
    row["note"] = "; ".join(filter(None, (row["source_id"], row["note"]))) or None
    row["source_id"] = f"deck-{name}"
    return row | {"form": form, "volume_backed": None}
