"""A user's own deck: a CSV file in the columns of `price.csv`, checked cell by cell.

A price without a tax status, a basis or a date is refused, never guessed.
"""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class DeckRow:
    """One row of a deck file.

    Attributes:
        number: Line of the file it ends on; the header is 1.
        cells: Its cells as written.
        price: The same with types, in the columns of `price.csv`.
    """

    number: int
    cells: Mapping[str, str]
    price: dict[str, Any]

    @property
    def key(self) -> tuple[str, date]:
        """Product and day: a deck has one price of each."""
        return self.price["product_id"], self.price["observed_on"]


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
    found: dict[str, Quotation] = {}
    for row in deck_rows(path, tables):
        if max(row.price["observed_on"], row.price["published_on"]) > observer.as_of:
            continue  # not known on that date
        quotation = observer.quotation(row.price, net_of_vat=True)
        if quotation is None:
            raise SettingsError(
                f"{path}, row {row.number}, column currency: no dated rate of "
                f"{row.price['currency']} is known.",
                "Give the price in USD.",
            )
        held = found.get(quotation.product_id)
        if held is None or held.observed_on < quotation.observed_on:
            found[quotation.product_id] = quotation
    if not found:
        raise SettingsError(f"{path} holds no price known on {observer.as_of}.")
    return found


def deck_rows(path: Path, tables: Tables) -> list[DeckRow]:
    """Every row of a deck file, checked, in the order of the file.

    Raises:
        SettingsError: As `read_deck_file`, but rates and dates to come are not looked at.
    """
    products = {r["product_id"]: r for r in tables.frame("product").iter_rows(named=True)}
    rows: list[DeckRow] = []
    seen: set[tuple[str, date]] = set()
    for number, cells in _records(path):
        row = DeckRow(number, cells, _checked(cells, products, path.stem, f"{path}, row {number}"))
        if row.key in seen:
            raise SettingsError(
                f"{path}, row {number}: {row.key[0]} has a price of that day already.",
                "Keep one basis for each product.",
            )
        seen.add(row.key)
        rows.append(row)
    return rows


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
    if row["published_on"] < row["observed_on"]:
        raise refuse("published_on", f"lies before the day of the price, {row['observed_on']}")
    row["vat_included"] = TRUTH[cells["vat_included"].lower()]
    form = products[product]["form"]
    if row["form"] not in (None, form):
        raise refuse("form", f"is not how {product} is priced here", f"Its form is {form}.")
    row["note"] = "; ".join(filter(None, (row["source_id"], row["note"]))) or None
    row["source_id"] = f"deck-{name}"
    return row | {"form": form, "volume_backed": None, "basis": "reported"}
