"""What one kilogram of each element in a product is paid, and on which rows that rests.

The same rules as `products`, told instead of drawn: which quotation, times which row.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

import polars as pl

from valuation.deck import Deck, ProductPrice
from valuation.price.products import METALS, OXIDES
from valuation.shapes import MASS, PSEUDO_ELEMENTS
from valuation.tables import Tables
from valuation.units import RARE_EARTHS, oxide_factor

PAID_SCHEMA: Final = {
    "product_id": pl.String,
    "element": pl.String,
    "usd_per_kg": pl.Float64,
    "kg_per_kg": pl.Float64,
    "product_kg_per_kg": pl.Float64,
    "quoted_product_id": pl.String,
    "factor_table": pl.String,
    "factor_key": pl.String,
    "reason": pl.String,
}
FEED: Final = "magnet_pieces"


def paid_rows(tables: Tables, deck: Deck, sold: Collection[tuple[str, str]]) -> pl.DataFrame:
    """The store's `product_price`: one row per product and element in it.

    Args:
        tables: Reference data.
        deck: Prices.
        sold: Products and the elements that leave in them.
    """
    products = {r["product_id"]: r for r in tables.frame("product").iter_rows(named=True)}
    rows = []
    for product_id, element in sorted(sold):
        price, product = deck.products[product_id], products[product_id]
        row: dict[str, Any] = {"product_id": product_id, "element": element}
        row["reason"] = price.missing
        row["product_kg_per_kg"] = _product_kg(element, product["mass_basis"])
        if not price.missing:
            row |= _paid(price, element) | _rests_on(deck, product, element)
        rows.append(row)
    return pl.DataFrame(rows, schema=PAID_SCHEMA)


def feed_rows(deck: Deck, scenario: str, payable: Mapping[str, float]) -> pl.DataFrame:
    """The same for magnet feed sold by assay: payable share times contained price, by rare earth.

    Args:
        deck: Prices.
        scenario: Named set of payable shares.
        payable: Payable share by rare earth.
    """
    rows = [
        {
            "product_id": FEED,
            "element": element,
            "usd_per_kg": share * deck.contained[element].mean[element],
            "kg_per_kg": 1.0,
            "product_kg_per_kg": 0.0,
            "quoted_product_id": _oxide_of(deck, element),
            "factor_table": "payable_scenario",
            "factor_key": f"{scenario}/{element}",
        }
        for element, share in payable.items()
        if element in deck.contained
    ]
    return pl.DataFrame(rows, schema=PAID_SCHEMA)


def _paid(price: ProductPrice, element: str) -> dict[str, float]:
    """USD per kg as priced, and kilograms priced per kilogram of the element. [USD/kg, kg/kg]"""
    oxide = price.mass_basis == "oxide" and element in RARE_EARTHS
    factor = oxide_factor(element) if oxide else 1.0
    if price.by_element:
        return {"usd_per_kg": price.mean.get(element, 0.0), "kg_per_kg": factor}
    counts = (element == MASS) if price.mass_basis == "stream" else element not in PSEUDO_ELEMENTS
    return {"usd_per_kg": price.mean[MASS], "kg_per_kg": factor if counts else 0.0}


def _product_kg(element: str, mass_basis: str) -> float:
    if mass_basis == "stream":
        return float(element == MASS)
    if element in PSEUDO_ELEMENTS:
        return 0.0
    return oxide_factor(element) if mass_basis == "oxide" else 1.0


def _rests_on(deck: Deck, product: Mapping[str, Any], element: str) -> dict[str, str | None]:
    """The quotation behind a price, and the row it is multiplied by."""
    product_id, rule = product["product_id"], product["price_rule"]
    if product_id in deck.quotations:  # a deck's own quotation comes before any rule
        return {"quoted_product_id": product_id}
    if rule == "exchange_factor":
        quoted = product["exchange_product_id"]
        return _times(quoted, "exchange_factor", product_id)
    if rule == "mixed_oxide" and element in OXIDES:
        return _times(_oxide_of(deck, element), "assumption", "mixed_oxide_discount")
    if rule == "board_terms" and element in METALS:
        return _times(METALS[element], "board_term", f"payable/{element}")
    if rule == "board_terms" and element == MASS:
        return _times(None, "board_term", "treatment_charge/*")
    return {}


def _times(quoted: str | None, table: str, key: str) -> dict[str, str | None]:
    return {"quoted_product_id": quoted, "factor_table": table, "factor_key": key}


def _oxide_of(deck: Deck, element: str) -> str:
    together = element in ("nd", "pr") and "ndpr_oxide" in deck.quotations
    return "ndpr_oxide" if together else OXIDES[element]
