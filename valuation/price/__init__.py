"""Price deck: USD per kg of each product as it was known on a date, on one declared basis.

A price is a martingale here: its mean stays at the quotation however old it is, its spread grows.
"""

import hashlib
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl

from valuation.deck import Deck, Quotation
from valuation.errors import SettingsError
from valuation.price.file import read_deck_file
from valuation.price.products import Market, contained_prices, factor_draws, product_price
from valuation.price.quotations import Observer, quotations_of
from valuation.tables import Tables
from valuation.uncertain import Source
from valuation.units import PRODUCTS

__all__ = ["file_of", "own_deck_files", "price_deck", "price_rows"]


DEFAULT_DECK = "china-net"
PRICE_SCHEMA = {
    "deck_id": pl.String,
    "product_id": pl.String,
    "price_basis": pl.String,
    "form": pl.String,
    "place": pl.String,
    "vat_included": pl.Boolean,
    "currency": pl.String,
    "unit": pl.String,
    "low": pl.Float64,
    "mid": pl.Float64,
    "high": pl.Float64,
    "observed_on": pl.Date,
    "published_on": pl.Date,
    "age_days": pl.Int64,
    "volume_backed": pl.Boolean,
    "usd_per_kg_low": pl.Float64,
    "usd_per_kg": pl.Float64,
    "usd_per_kg_high": pl.Float64,
    "conversion": pl.String,
    "basis": pl.String,
    "source_id": pl.String,
    "locator": pl.String,
    "note": pl.String,
}


def price_deck(
    tables: Tables, deck: str, as_of: date, source: Source, own_decks: Path | None = None
) -> Deck:
    """Prices of every product as known on a date.

    Args:
        tables: Reference data.
        deck: A deck of `data/price/deck.csv`, a deck kept in `own_decks`, or a CSV file in the
            columns of `price.csv`. The rows of one's own deck replace those of the default deck,
            and the warnings say so.
        as_of: Observations published later are not seen.
        source: Seed and number of draws.
        own_decks: Folder of the user's own decks.

    Raises:
        SettingsError: No deck has that id, or the file cannot be read as a deck.
        TableError: Correlations that are none.
    """
    path = file_of(deck, own_decks)
    row = _deck_row(tables, DEFAULT_DECK if path else deck, own_decks)
    seen_on = min(as_of, row["pinned_on"]) if row["pinned_on"] else as_of
    observer = Observer.of(tables, as_of, seen_on)
    takes_asks = row["takes_asks"]
    quotations = quotations_of(tables, row["deck_id"], seen_on, observer, takes_asks=takes_asks)
    warnings = _ask_warnings(row, quotations)
    if path:
        given = read_deck_file(path, tables, observer)
        rest = sorted(set(quotations) - set(given))
        quotations |= given
        if rest:
            warnings.append(
                f"Deck {path} gives no price of {', '.join(rest)}: deck {DEFAULT_DECK} is used."
            )
    assumed = {r["assumption_id"]: r for r in tables.frame("assumption").iter_rows(named=True)}
    market = Market(tables, source, quotations, factor_draws(tables, source))
    products = {
        p["product_id"]: product_price(market, p, assumed)
        for p in tables.frame("product").iter_rows(named=True)
    }
    warn_days = int(assumed["price_age_warning_days"]["value"])
    deck_id = path.stem if path else deck
    return Deck(
        deck_id=deck_id,
        version=_version(deck_id, quotations),
        as_of=as_of,
        products={k: v for k, v in products.items() if k in PRODUCTS},
        contained=contained_prices(market),
        usd_per_unit=observer.rates,
        quotations=quotations,
        warnings=(*warnings, *_warnings(quotations, warn_days, as_of)),
    )


def file_of(deck: str, own_decks: Path | None) -> Path | None:
    """The file behind a deck of one's own, by path or by its id; None for a shipped deck."""
    path = Path(deck)
    if path.suffix.lower() == ".csv" or path.is_file():
        return path
    return next((p for p in own_deck_files(own_decks) if p.stem == deck), None)


def own_deck_files(own_decks: Path | None) -> list[Path]:
    """Files of the user's own decks, by name; none when there is no such folder."""
    return sorted(own_decks.glob("[!.]*.csv")) if own_decks else []


def _deck_row(tables: Tables, deck_id: str, own_decks: Path | None) -> dict[str, Any]:
    decks = {r["deck_id"]: r for r in tables.frame("deck").iter_rows(named=True)}
    if deck_id not in decks:
        known = [*decks, *(path.stem for path in own_deck_files(own_decks))]
        near = get_close_matches(deck_id, known, 1)
        raise SettingsError(
            f"No price deck is called `{deck_id}`.",
            f"Did you mean `{near[0]}`?" if near else f"Known decks: {', '.join(known)}.",
        )
    return decks[deck_id]


def _ask_warnings(row: Mapping[str, Any], quotations: Mapping[str, Quotation]) -> list[str]:
    """A deck that takes asks says so loudly, whether or not it found one."""
    if not row["takes_asks"]:
        return []
    asks = sorted(p for p, q in quotations.items() if q.row["volume_backed"] is False)
    found = f"no trade stands behind its prices of {', '.join(asks)}" if asks else "none was known"
    loudly = f"DECK {row['deck_id']} IS A STRESS TEST, NOT AN OFFER"
    return [f"{loudly}: it reads asks and records beside traded prices; {found}."]


def _version(deck_id: str, quotations: Mapping[str, Quotation]) -> str:
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
    sentence = (
        f"{len(old)} of {len(quotations)} prices are older than {warn_days} days on {as_of}: "
        f"the newest is {newest.product_id} of {newest.observed_on}, "
        f"the oldest {oldest.product_id} of {oldest.observed_on}."
    )
    return [sentence]


def price_rows(deck: Deck) -> pl.DataFrame:
    """The store's `price` table: every observation the deck read, with its conversion."""
    rows = [
        {name: quotation.row[name] for name in PRICE_SCHEMA if name in quotation.row}
        | {
            "deck_id": deck.deck_id,
            "age_days": quotation.age_days,
            "usd_per_kg_low": quotation.low_usd_per_kg,
            "usd_per_kg": quotation.usd_per_kg,
            "usd_per_kg_high": quotation.high_usd_per_kg,
        }
        for quotation in deck.quotations.values()
    ]
    return pl.DataFrame(rows, schema=PRICE_SCHEMA).sort("product_id")
