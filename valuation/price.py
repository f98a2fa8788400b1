"""Price deck: USD per kg of each product as it was known on a date, on one declared basis.

Observations are append only; the deck takes the latest one published on or before the date, in its
order of preference of market bases. Every conversion of tax, unit and currency is kept as text.
A price is a martingale here: its mean stays at the quotation however old it is, its spread grows.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any

import numpy as np
import polars as pl

from valuation.errors import SettingsError, TableError
from valuation.shapes import MASS, Deck, ProductPrice, Quotation
from valuation.tables import Tables
from valuation.uncertain import CI90_WIDTH, Draws, Source, Spread, spread_of
from valuation.units import KG_PER_PRICE_UNIT, PRODUCTS, oxide_factor

DAYS_PER_YEAR = 365
OXIDES = {"nd": "nd_oxide", "pr": "pr_oxide", "dy": "dy_oxide", "tb": "tb_oxide"}
METALS = {"au": "gold", "ag": "silver", "pd": "palladium", "cu": "copper-exchange"}


@dataclass
class _Market:
    """Quotations of one deck on one date, and their draws."""

    tables: Tables
    source: Source
    as_of: date
    usd_per_unit: dict[str, float]
    quotations: dict[str, Quotation]
    log_normals: dict[str, Draws] = field(default_factory=dict)

    def draws(self, product_id: str) -> Draws:
        """Price draws of a quoted product, mean at the quotation, shape (draws,). [USD/kg]"""
        quotation = self.quotations[product_id]
        own = self.source.normal(f"price/{product_id}")
        shared = self.log_normals[quotation.factor_id]
        variance = quotation.log_sd_quote**2 + quotation.log_sd_time**2
        log = quotation.log_sd_quote * own + quotation.log_sd_time * shared - variance / 2
        draws = np.asarray(quotation.usd_per_kg * np.exp(log), np.float32)
        return self.source.note(f"price/{product_id}", quotation.usd_per_kg, draws)


def price_deck(tables: Tables, deck_id: str, as_of: date, source: Source) -> Deck:
    """Prices of every product as known on a date.

    Args:
        tables: Reference data.
        deck_id: A deck of `data/price/deck.csv`.
        as_of: Observations published later are not seen.
        source: Seed and number of draws.

    Raises:
        SettingsError: No deck has that id.
        TableError: A price row without conversion (unit, currency).
    """
    row = _deck_row(tables, deck_id)
    seen_on = min(as_of, row["pinned_on"]) if row["pinned_on"] else as_of
    assumed = {r["assumption_id"]: r for r in tables.frame("assumption").iter_rows(named=True)}
    rates = _exchange_rates(tables, seen_on)
    quotations = _quotations(tables, deck_id, seen_on, as_of, rates, assumed)
    market = _Market(tables, source, as_of, rates, quotations)
    market.log_normals = _factor_draws(tables, source)
    products = {
        p["product_id"]: _product(market, p, assumed)
        for p in tables.frame("product").iter_rows(named=True)
    }
    warn_days = int(assumed["price_age_warning_days"]["value"])
    return Deck(
        deck_id=deck_id,
        version=_version(tables, deck_id, quotations),
        as_of=as_of,
        products={k: v for k, v in products.items() if k in PRODUCTS},
        contained=_contained(market),
        usd_per_unit=rates,
        quotations=quotations,
        warnings=tuple(_warnings(quotations, warn_days, as_of)),
    )


def _deck_row(tables: Tables, deck_id: str) -> dict[str, Any]:
    decks = {r["deck_id"]: r for r in tables.frame("deck").iter_rows(named=True)}
    if deck_id not in decks:
        near = get_close_matches(deck_id, decks, 1)
        raise SettingsError(
            f"No price deck is called `{deck_id}`.",
            f"Did you mean `{near[0]}`?" if near else f"Known decks: {', '.join(decks)}.",
        )
    return decks[deck_id]


def _exchange_rates(tables: Tables, seen_on: date) -> dict[str, float]:
    """Latest rate of each currency observed on or before a date. [USD per unit]"""
    known = tables.frame("fx").filter(pl.col("observed_on") <= seen_on).sort("observed_on")
    return {"USD": 1.0} | {r["currency"]: r["value"] for r in known.iter_rows(named=True)}


def _quotations(
    tables: Tables,
    deck_id: str,
    seen_on: date,
    as_of: date,
    rates: Mapping[str, float],
    assumed: Mapping[str, Mapping[str, Any]],
) -> dict[str, Quotation]:
    # an ask or a record that almost nothing was traded at is information, never a deck's price
    prices = tables.frame("price").filter(
        pl.col("volume_backed"), pl.col("published_on") <= seen_on, pl.col("observed_on") <= seen_on
    )
    choices = tables.frame("deck_choice").filter(pl.col("deck_id") == deck_id)
    factors = {r["product_id"]: r["factor_id"] for r in tables.frame("product").to_dicts()}
    volatility = {r["factor_id"]: r["value"] for r in tables.frame("volatility").to_dicts()}
    settle_days = assumed["days_to_settlement"]["value"]
    vat = assumed["vat_china"]["value"]
    found: dict[str, Quotation] = {}
    for choice in choices.sort("product_id", "rank").iter_rows(named=True):
        product_id = choice["product_id"]
        rows = prices.filter(
            pl.col("product_id") == product_id, pl.col("price_basis") == choice["price_basis"]
        ).sort("observed_on", "published_on", "price_id")
        if product_id in found or rows.is_empty():
            continue
        row = rows.row(-1, named=True)
        if row["currency"] not in rates:
            continue  # no dated rate yet: the price is not known in USD on that date
        net = 1 + vat if choice["net_of_vat"] and row["vat_included"] else 1.0
        usd = rates[row["currency"]] / KG_PER_PRICE_UNIT[row["unit"]] / net
        age = (as_of - row["observed_on"]).days
        years = (age + settle_days) / DAYS_PER_YEAR
        found[product_id] = Quotation(
            product_id=product_id,
            form=row["form"],
            usd_per_kg=row["mid"] * usd,
            low_usd_per_kg=row["low"] * usd,
            high_usd_per_kg=row["high"] * usd,
            observed_on=row["observed_on"],
            age_days=age,
            log_sd_quote=math.log(row["high"] / row["low"]) / CI90_WIDTH,
            log_sd_time=volatility[factors[product_id]] * math.sqrt(years),
            factor_id=factors[product_id],
            row=row | {"conversion": _conversion(row, net, rates[row["currency"]])},
        )
    return found


def _conversion(row: Mapping[str, Any], net: float, rate: float) -> str:
    """The conversion of a quotation in words, as the price table shows it."""
    steps = [f"{row['mid']:g} {row['currency']}/{row['unit']}"]
    if net != 1:
        steps.append(f"/ {net:g} (VAT)")
    if KG_PER_PRICE_UNIT[row["unit"]] != 1:
        steps.append(f"/ {KG_PER_PRICE_UNIT[row['unit']]:g} kg")
    if row["currency"] != "USD":
        steps.append(f"x {rate:.5g} USD/{row['currency']}")
    return " ".join(steps)


def _factor_draws(tables: Tables, source: Source) -> dict[str, Draws]:
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
    normals = np.stack([source.shared_normal(f"price-factor/{factor}") for factor in factors])
    return dict(zip(factors, (lower @ normals).astype(np.float32)))


def _product(
    market: _Market, row: Mapping[str, Any], assumed: Mapping[str, Mapping[str, Any]]
) -> ProductPrice:
    product_id, rule = row["product_id"], row["price_rule"]
    if rule == "mixed_oxide":
        return _mixed_oxide(market, row, spread_of(assumed["mixed_oxide_discount"]))
    if rule == "board_terms":
        return _boards(market, row)
    if rule == "exchange_factor":
        return _scrap(market, row)
    if rule == "unpriced" or product_id not in market.quotations:
        reason = row["note"] if rule == "unpriced" else None
        return _missing(row, reason or f"no {product_id} price on this deck's bases by that date")
    price = market.quotations[product_id].usd_per_kg
    draws = market.draws(product_id)
    return _priced(row, False, {MASS: price}, {MASS: draws}, {MASS: price})


def _mixed_oxide(market: _Market, row: Mapping[str, Any], discount: Spread) -> ProductPrice:
    """Sum of separated oxide values times a discount, per kg of each element's oxide."""
    drawn = discount.draw(market.source, "price/mixed_oxide_discount")
    mean, draws = {}, {}
    for element, oxide in OXIDES.items():
        quoted = oxide
        if element in ("nd", "pr") and "ndpr_oxide" in market.quotations:
            quoted = "ndpr_oxide"
        if quoted not in market.quotations:
            return _missing(row, f"no {quoted} price on this deck's bases by that date")
        mean[element] = market.quotations[quoted].usd_per_kg * discount.mean
        draws[element] = market.draws(quoted) * drawn
    return _priced(row, True, mean, draws, mean)


def _boards(market: _Market, row: Mapping[str, Any]) -> ProductPrice:
    """Payable metals less the treatment charge, per kg of each metal and of board."""
    mean: dict[str, float] = {}
    draws: dict[str, Draws] = {}
    for term in market.tables.frame("board_term").iter_rows(named=True):
        spread = spread_of(term)
        if term["term"] == "treatment_charge":
            key = "price/board_treatment_charge"
            mean[MASS] = -spread.mean / KG_PER_PRICE_UNIT["t"]
            draws[MASS] = -spread.draw(market.source, key) / np.float32(KG_PER_PRICE_UNIT["t"])
            continue
        element = term["element"]
        quoted = METALS[element]
        if quoted not in market.quotations:
            return _missing(row, f"no {quoted} price on this deck's bases by that date")
        payable = spread.draw(market.source, f"price/board_payable/{element}")
        mean[element] = market.quotations[quoted].usd_per_kg * spread.mean
        draws[element] = market.draws(quoted) * payable
    return _priced(row, True, mean, draws, mean)


def _scrap(market: _Market, row: Mapping[str, Any]) -> ProductPrice:
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


def _contained(market: _Market) -> dict[str, ProductPrice]:
    """USD per kg of rare-earth metal contained in feed: the oxide price times its oxide factor."""
    found = {}
    for element, oxide in OXIDES.items():
        if element in ("nd", "pr") and "ndpr_oxide" in market.quotations:
            oxide = "ndpr_oxide"
        if oxide not in market.quotations:
            continue
        factor = oxide_factor(element)
        mean = {element: market.quotations[oxide].usd_per_kg * factor}
        draws = {element: market.draws(oxide) * np.float32(factor)}
        found[element] = ProductPrice("magnet_pieces", "element", True, mean, draws, mean)
    return found


def _version(tables: Tables, deck_id: str, quotations: Mapping[str, Quotation]) -> str:
    """First 12 hex digits over everything the deck read: two decks that agree have one version."""
    text = "\n".join(
        f"{k} {q.usd_per_kg!r} {q.low_usd_per_kg!r} {q.high_usd_per_kg!r} {q.observed_on}"
        for k, q in sorted(quotations.items())
    )
    return hashlib.sha256(f"{deck_id}\n{text}".encode()).hexdigest()[:12]


def _warnings(quotations: Mapping[str, Quotation], warn_days: int, as_of: date) -> list[str]:
    old = [q for q in quotations.values() if q.age_days > warn_days]
    if not old:
        return []
    oldest = max(old, key=lambda q: q.age_days)
    newest = min(quotations.values(), key=lambda q: q.age_days)
    return [
        f"{len(old)} of {len(quotations)} prices are older than {warn_days} days on {as_of}: "
        f"the newest is {newest.product_id} of {newest.observed_on}, "
        f"the oldest {oldest.product_id} of {oldest.observed_on}."
    ]


def price_rows(deck: Deck) -> pl.DataFrame:
    """The store's `price` table: every observation the deck read, with its conversion."""
    rows = []
    for quotation in deck.quotations.values():
        row = quotation.row
        names = (
            "product_id", "price_basis", "form", "place", "vat_included", "currency", "unit",
            "low", "mid", "high", "observed_on", "published_on", "volume_backed", "conversion",
            "source_id", "locator", "note",
        )  # fmt: skip
        rows.append(
            {"deck_id": deck.deck_id}
            | {name: row[name] for name in names}
            | {
                "age_days": quotation.age_days,
                "usd_per_kg_low": quotation.low_usd_per_kg,
                "usd_per_kg": quotation.usd_per_kg,
                "usd_per_kg_high": quotation.high_usd_per_kg,
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None).sort("product_id")
