"""What passes from price to value: quotations, what each product is paid, and the deck of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from valuation.uncertain import Draws


@dataclass(frozen=True)
class Quotation:
    """A price as the deck reads it: one dated observation on a declared basis, in USD per kg.

    Attributes:
        usd_per_kg: Mid of the quotation after conversion of tax, unit and currency.
        low_usd_per_kg: 5 % point of the quotation on its day.
        high_usd_per_kg: 95 % point of the quotation on its day.
        age_days: Days from observation to the as-of date.
        log_sd_quote: Spread of the quotation on its day, of log price.
        log_sd_time: Spread from age and days to settlement, of log price.
        factor_id: Price factor the time spread is shared with.
    """

    product_id: str
    form: str
    usd_per_kg: float
    low_usd_per_kg: float
    high_usd_per_kg: float
    observed_on: date
    age_days: int
    log_sd_quote: float
    log_sd_time: float
    factor_id: str
    row: Mapping[str, object]


@dataclass(frozen=True)
class ProductPrice:
    """How one product is paid: per kg of product, or per kg of each element and of its own mass.

    Attributes:
        mean: USD per kg of `oxide`/`element`/`stream` mass by series element; the key `mass`
            prices the product's own mass (negative for a treatment charge).
        draws: The same as draws, each of shape (draws,).
        fixed: The same with every price at its mid and every share at its mean.
        missing: Why there is no price; None when there is one.
    """

    product_id: str
    mass_basis: str
    by_element: bool
    mean: Mapping[str, float]
    draws: Mapping[str, Draws]
    fixed: Mapping[str, float]
    missing: str | None = None


@dataclass(frozen=True)
class Deck:
    """Prices of every product as they were known on a date, on one declared basis.

    Attributes:
        products: Price of each product.
        contained: USD per kg of metal contained, by rare earth, for feed sold by assay.
        usd_per_unit: Dated exchange rates. [USD per unit of currency]
        quotations: The observations read, by product.
        warnings: Sentences on age and gaps.
    """

    deck_id: str
    version: str
    as_of: date
    products: Mapping[str, ProductPrice]
    contained: Mapping[str, ProductPrice]
    usd_per_unit: Mapping[str, float]
    quotations: Mapping[str, Quotation]
    warnings: tuple[str, ...]
