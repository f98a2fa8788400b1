"""Quotations: the observation each product has on a date, in USD per kg on the deck's basis.

Observations are append only; the latest one published on or before the date is taken, in the deck's
order of preference of market bases. Every conversion of tax, unit and currency is kept as text.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from valuation.deck import Quotation
from valuation.tables import Tables
from valuation.uncertain import CI90_WIDTH
from valuation.units import KG_PER_PRICE_UNIT

DAYS_PER_YEAR = 365


@dataclass(frozen=True)
class Observer:
    """Turns price rows into quotations as they are known on a date.

    Attributes:
        rates: Latest rate of each currency by then. [USD per unit]
        volatility: By price factor. [1/sqrt(a)]
        factors: Price factor of each product.
        settle_days: From quote to settlement. [d]
        vat: Share of value-added tax on top of a net price.
    """

    as_of: date
    rates: Mapping[str, float]
    volatility: Mapping[str, float]
    factors: Mapping[str, str]
    settle_days: float
    vat: float

    @staticmethod
    def of(tables: Tables, as_of: date, seen_on: date) -> "Observer":
        """An observer with the rates, volatilities and defaults of the reference data."""
        assumed = {r["assumption_id"]: r["value"] for r in tables.frame("assumption").to_dicts()}
        known = tables.frame("fx").filter(pl.col("observed_on") <= seen_on).sort("observed_on")
        rates = {r["currency"]: r["value"] for r in known.iter_rows(named=True)}
        return Observer(
            as_of=as_of,
            rates={"USD": 1.0} | rates,
            volatility={r["factor_id"]: r["value"] for r in tables.frame("volatility").to_dicts()},
            factors={r["product_id"]: r["factor_id"] for r in tables.frame("product").to_dicts()},
            settle_days=assumed["days_to_settlement"],
            vat=assumed["vat_china"],
        )

    def quotation(self, row: Mapping[str, Any], *, net_of_vat: bool) -> Quotation | None:
        """A price row in USD per kg; None when no dated rate of its currency is known yet.

        Args:
            row: A row of `price.csv`, or of a deck file in its columns.
            net_of_vat: Whether the deck is net of a tax that the row includes.
        """
        if row["currency"] not in self.rates:
            return None
        tax = 1 + self.vat if net_of_vat and row["vat_included"] else 1.0
        rate = self.rates[row["currency"]]
        usd = rate / KG_PER_PRICE_UNIT[row["unit"]] / tax
        age = (self.as_of - row["observed_on"]).days
        factor = self.factors[row["product_id"]]
        years = (age + self.settle_days) / DAYS_PER_YEAR
        return Quotation(
            product_id=row["product_id"],
            form=row["form"],
            usd_per_kg=row["mid"] * usd,
            low_usd_per_kg=row["low"] * usd,
            high_usd_per_kg=row["high"] * usd,
            observed_on=row["observed_on"],
            age_days=age,
            log_sd_quote=math.log(row["high"] / row["low"]) / CI90_WIDTH,
            log_sd_time=self.volatility[factor] * math.sqrt(years),
            factor_id=factor,
            row={**row, "conversion": conversion(row, tax, rate)},
        )


def quotations_of(
    tables: Tables, deck_id: str, seen_on: date, observer: Observer, *, takes_asks: bool = False
) -> dict[str, Quotation]:
    """The quotation a deck reads for each product, latest first, preferred basis first."""
    # an ask or a record that almost nothing was traded at is information, never the price of a
    # deck that does not say that it takes them
    prices = tables.frame("price").filter(
        pl.col("volume_backed") | pl.lit(takes_asks),
        pl.col("published_on") <= seen_on,
        pl.col("observed_on") <= seen_on,
    )
    rows = prices.sort("observed_on", "published_on", "price_id").iter_rows(named=True)
    latest = {(row["product_id"], row["price_basis"]): row for row in rows}
    choices = tables.frame("deck_choice").filter(pl.col("deck_id") == deck_id)
    found: dict[str, Quotation] = {}
    for choice in choices.sort("product_id", "rank").iter_rows(named=True):
        product_id = choice["product_id"]
        row = latest.get((product_id, choice["price_basis"]))
        if product_id in found or row is None:
            continue
        quotation = observer.quotation(row, net_of_vat=choice["net_of_vat"])
        if quotation is not None:
            found[product_id] = quotation
    return found


def conversion(row: Mapping[str, Any], net: float, rate: float) -> str:
    """The conversion of a quotation in words, as the price table shows it."""
    steps = [f"{row['mid']:g} {row['currency']}/{row['unit']}"]
    if net != 1:
        steps.append(f"/ {net:g} (VAT)")
    if KG_PER_PRICE_UNIT[row["unit"]] != 1:
        steps.append(f"/ {KG_PER_PRICE_UNIT[row['unit']]:g} kg")
    if row["currency"] != "USD":
        steps.append(f"x {rate:.5g} USD/{row['currency']}")
    return " ".join(steps)
