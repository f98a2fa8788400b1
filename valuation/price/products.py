"""What each product is paid: quoted, discounted, by scrap factor, or by board terms.

A product without a price says why; an exchange price never stands for scrap by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from valuation.deck import ProductPrice, Quotation
from valuation.errors import TableError
from valuation.shapes import MASS
from valuation.tables import Tables
from valuation.uncertain import STANDARD_NORMAL, Draws, Source, Spread, spread_of
from valuation.units import KG_PER_PRICE_UNIT, oxide_factor

OXIDES = {"nd": "nd_oxide", "pr": "pr_oxide", "dy": "dy_oxide", "tb": "tb_oxide"}
METALS = {"au": "gold", "ag": "silver", "pd": "palladium", "cu": "copper-exchange"}


@dataclass(frozen=True)
class Market:
    """Quotations of one deck on one date, and their draws."""

    tables: Tables
    source: Source
    quotations: Mapping[str, Quotation]
    log_normals: Mapping[str, Draws]

    def oxide_of(self, element: str) -> str:
        """The oxide whose quotation prices an element: Nd and Pr together where that is quoted."""
        together = element in ("nd", "pr") and "ndpr_oxide" in self.quotations
        return "ndpr_oxide" if together else OXIDES[element]

    def draws(self, product_id: str) -> Draws:
        """Price draws of a quoted product, mean at the quotation, shape (draws,). [USD/kg]"""
        quotation = self.quotations[product_id]
        own = self.source.normal(f"price/{product_id}")
        shared = self.log_normals[quotation.factor_id]
        variance = quotation.log_sd_quote**2 + quotation.log_sd_time**2
        log = quotation.log_sd_quote * own + quotation.log_sd_time * shared - variance / 2
        draws = np.asarray(quotation.usd_per_kg * np.exp(log), np.float32)
        return self.source.note(f"price/{product_id}", quotation.usd_per_kg, draws, "USD/kg")


def factor_draws(tables: Tables, source: Source) -> dict[str, Draws]:
    """Correlated standard normals of the price factors, each of shape (draws,)."""
    factors = sorted(r["factor_id"] for r in tables.frame("volatility").to_dicts())
    place = {factor: i for i, factor in enumerate(factors)}
    matrix = np.eye(len(factors))
    for row in tables.frame("factor_correlation").iter_rows(named=True):
        a, b = place[row["factor_a"]], place[row["factor_b"]]
        matrix[a, b] = matrix[b, a] = row["value"]
    try:
        lower = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError as error:
        raise TableError("factor_correlation.csv is not a correlation matrix.") from error
    normals = np.stack([source.normal(f"price-factor/{factor}") for factor in factors])
    correlated = (lower @ normals).astype(np.float32)
    return {
        factor: source.note(f"price-factor/{factor}", 0.0, draws, STANDARD_NORMAL)
        for factor, draws in zip(factors, correlated, strict=True)
    }


def product_price(
    market: Market, row: Mapping[str, Any], assumed: Mapping[str, Mapping[str, Any]]
) -> ProductPrice:
    """How a row of `product.csv` is paid on this market, by its price rule."""
    product_id, rule = row["product_id"], row["price_rule"]
    if product_id in market.quotations:  # a deck's own quotation comes before any rule
        price, draws = market.quotations[product_id].usd_per_kg, market.draws(product_id)
        return _priced(row, False, {MASS: price}, {MASS: draws}, {MASS: price})
    if rule == "mixed_oxide":
        return _mixed_oxide(market, row, spread_of(assumed["mixed_oxide_discount"]))
    if rule == "board_terms":
        return _boards(market, row)
    if rule == "exchange_factor":
        return _scrap(market, row)
    reason = row["note"] if rule == "unpriced" else None
    return _missing(row, reason or f"no {product_id} price on this deck's bases by that date")


def _mixed_oxide(market: Market, row: Mapping[str, Any], discount: Spread) -> ProductPrice:
    """Sum of separated oxide values times a discount, per kg of each element's oxide."""
    drawn = discount.draw(market.source, "price/mixed_oxide_discount")
    mean, draws = {}, {}
    for element in OXIDES:
        quoted = market.oxide_of(element)
        if quoted not in market.quotations:
            return _missing(row, f"no {quoted} price on this deck's bases by that date")
        mean[element] = market.quotations[quoted].usd_per_kg * discount.mean
        draws[element] = market.draws(quoted) * drawn
    return _priced(row, True, mean, draws, mean)


def _boards(market: Market, row: Mapping[str, Any]) -> ProductPrice:
    """Payable metals less the treatment charge, per kg of each metal and of board."""
    mean: dict[str, float] = {}
    draws: dict[str, Draws] = {}
    for term in market.tables.frame("board_term").iter_rows(named=True):
        spread = spread_of(term)
        if term["term"] == "treatment_charge":
            key = "price/board_treatment_charge"
            mean[MASS] = -spread.mean / KG_PER_PRICE_UNIT["t"]
            draws[MASS] = -spread.draw(market.source, key, "USD/t") / np.float32(
                KG_PER_PRICE_UNIT["t"]
            )
            continue
        element = term["element"]
        quoted = METALS[element]
        if quoted not in market.quotations:
            return _missing(row, f"no {quoted} price on this deck's bases by that date")
        payable = spread.draw(market.source, f"price/board_payable/{element}")
        mean[element] = market.quotations[quoted].usd_per_kg * spread.mean
        draws[element] = market.draws(quoted) * payable
    return _priced(row, True, mean, draws, mean)


def _scrap(market: Market, row: Mapping[str, Any]) -> ProductPrice:
    """Exchange price times a scrap factor; an exchange price never stands for scrap by itself."""
    quoted, product_id = row["exchange_product_id"], row["product_id"]
    factors = {r["product_id"]: r for r in market.tables.frame("exchange_factor").to_dicts()}
    if quoted not in market.quotations:
        return _missing(row, f"no {quoted} price on this deck's bases by that date")
    factor = spread_of(factors[product_id])
    price = market.quotations[quoted].usd_per_kg * factor.mean
    drawn = market.draws(quoted) * factor.draw(market.source, f"price/scrap_factor/{product_id}")
    return _priced(row, False, {MASS: price}, {MASS: drawn}, {MASS: price})


def _priced(
    row: Mapping[str, Any],
    by_element: bool,
    mean: dict[str, float],
    draws: dict[str, Draws],
    fixed: dict[str, float],
) -> ProductPrice:
    return ProductPrice(row["product_id"], row["mass_basis"], by_element, mean, draws, fixed)


def _missing(row: Mapping[str, Any], reason: str) -> ProductPrice:
    return ProductPrice(row["product_id"], row["mass_basis"], False, {}, {}, {}, reason)


def contained_prices(market: Market) -> dict[str, ProductPrice]:
    """USD per kg of rare-earth metal contained in feed: the oxide price times its oxide factor."""
    found = {}
    for element in OXIDES:
        quoted = market.oxide_of(element)
        if quoted not in market.quotations:
            continue
        factor = oxide_factor(element)
        mean = {element: market.quotations[quoted].usd_per_kg * factor}
        draws = {element: market.draws(quoted) * np.float32(factor)}
        found[element] = ProductPrice("magnet_pieces", "element", True, mean, draws, mean)
    return found
