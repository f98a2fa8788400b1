"""Decks as people handle them: listed, shown as of a day, and the user's own kept and added to.

A deck of one's own is a CSV file in the user's data folder. Prices are appended, never overwritten:
the same row again changes nothing, another price of the same product and day is refused.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from valuation.errors import SettingsError, UsageError
from valuation.price import file_of, own_deck_files, price_deck, price_rows
from valuation.price.file import OPTIONAL, REQUIRED, DeckRow, deck_rows, read_deck_file
from valuation.price.quotations import Observer
from valuation.store import held, put_in_place, staged
from valuation.tables import Tables
from valuation.uncertain import Source

COLUMNS: Final = REQUIRED + OPTIONAL
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
ENOUGH_DRAWS: Final = 2
"""A deck is shown by its means, which need no draws; two are the least there can be."""


@dataclass(frozen=True)
class Added:
    """What `add_deck` did.

    Attributes:
        deck_id: The deck added to.
        path: Its file.
        added: Rows that were new.
        known: Rows it held already.
        prices: Rows it holds now.
    """

    deck_id: str
    path: Path
    added: int
    known: int
    prices: int


def list_decks(tables: Tables, own_decks: Path, as_of: date) -> list[dict[str, Any]]:
    """Every deck, shipped ones first, with what it knows on a day.

    Args:
        tables: Reference data.
        own_decks: Folder of the user's own decks.
        as_of: Observations published later are not seen.

    Returns:
        One row per deck: deck_id, title, origin (`shipped` or `own`), is_default, declared_basis,
        takes_asks, pinned_on, file, prices, newest_on, oldest_on, note, error (why a deck cannot
        be read, else null).
    """
    shipped = tables.frame("deck").iter_rows(named=True)
    rows = [row | {"origin": "shipped", "file": None} for row in shipped]
    for path in own_deck_files(own_decks):
        about = {"title": "Your own, over the default deck", "is_default": False}
        about |= {"declared_basis": None, "pinned_on": None, "takes_asks": False, "note": None}
        rows.append({"deck_id": path.stem, "origin": "own", "file": str(path)} | about)
    return [row | _known(tables, row, own_decks, as_of) for row in rows]


def _known(tables: Tables, row: Mapping[str, Any], own_decks: Path, as_of: date) -> dict[str, Any]:
    """How many prices a deck knows on a day, and of which days; or why it cannot be read."""
    none: dict[str, Any] = {"prices": None, "newest_on": None, "oldest_on": None, "error": None}
    try:
        if row["file"]:
            prices = [r.price for r in deck_rows(Path(row["file"]), tables)]
            days = [p["observed_on"] for p in prices if p["published_on"] <= as_of]
        else:
            source = Source(1, ENOUGH_DRAWS)
            deck = price_deck(tables, row["deck_id"], as_of, source, own_decks)
            days = [quotation.observed_on for quotation in deck.quotations.values()]
    except SettingsError as error:
        return none | {"error": str(error)}
    ends = {"newest_on": max(days), "oldest_on": min(days)} if days else {}
    return none | {"prices": len(days)} | ends


def show_deck(tables: Tables, deck_id: str, own_decks: Path, as_of: date) -> dict[str, Any]:
    """What a deck pays for each product on a day, and why the others have no price.

    Args:
        tables: Reference data.
        deck_id: A shipped deck, one of the user's own, or a file.
        own_decks: Folder of the user's own decks.
        as_of: Observations published later are not seen.

    Returns:
        `deck_id title origin as_of pinned_on takes_asks note`; `prices`: every quotation read, in
        the columns of the store's table `price`; `by_rule`: products that are paid by a rule on
        quotations, with USD per kg of each element (`mass`: of the product itself);
        `without_price`: product and reason; `warnings`.

    Raises:
        SettingsError: No deck has that id, or the file cannot be read as a deck.
    """
    deck = price_deck(tables, deck_id, as_of, Source(1, ENOUGH_DRAWS), own_decks)
    path = file_of(deck_id, own_decks)
    shipped = {r["deck_id"]: r for r in tables.frame("deck").iter_rows(named=True)}
    about = shipped.get(deck_id, {}) if path is None else {}
    products = {r["product_id"]: r for r in tables.frame("product").iter_rows(named=True)}
    paid = {k: v for k, v in deck.products.items() if k not in deck.quotations}
    return {
        "deck_id": deck.deck_id,
        "title": about.get("title", "Your own, over the default deck"),
        "origin": "shipped" if path is None else "own",
        "file": None if path is None else str(path),
        "as_of": as_of,
        "pinned_on": about.get("pinned_on"),
        "takes_asks": about.get("takes_asks", False),
        "version": deck.version,
        "note": about.get("note"),
        "prices": [
            row | {"title": products[row["product_id"]]["title"]}
            for row in price_rows(deck).to_dicts()
        ],
        "by_rule": [
            {
                "product_id": product,
                "title": products[product]["title"],
                "price_rule": products[product]["price_rule"],
                "usd_per_kg": dict(price.mean),
            }
            for product, price in paid.items()
            if not price.missing
        ],
        "without_price": [
            {"product_id": product, "title": products[product]["title"], "reason": price.missing}
            for product, price in paid.items()
            if price.missing
        ],
        "warnings": list(deck.warnings),
    }


def add_deck(
    tables: Tables, file: Path, own_decks: Path, as_of: date, deck_id: str | None = None
) -> Added:
    """Check a deck file as `--deck FILE` does, and append its rows to a deck of the user's own.

    The deck's file is written whole beside itself and swapped in: an earlier one survives any
    fault.

    Args:
        tables: Reference data.
        file: The deck file.
        own_decks: Folder of the user's own decks.
        as_of: Today: currencies need a rate known by then.
        deck_id: Deck to add to; the stem of the file when not given.

    Raises:
        UsageError: The id is that of a shipped deck, or no name of a file.
        SettingsError: A cell cannot be used, or the deck has another price of the same product and
            day; the message names file, row and column.
        OutputBusy: Another process adds to the deck.
        OutputError: The disk refuses.
    """
    name = _checked_name(tables, file, deck_id)
    read_deck_file(file, tables, Observer.of(tables, as_of, as_of))
    given = deck_rows(file, tables)
    path = own_decks / f"{name}.csv"
    with held(path):
        before = deck_rows(path, tables) if path.exists() else []
        new = _new_rows(file, given, before)
        if new or not before:
            _keep(path, [*before, *new])
    return Added(name, path, len(new), len(given) - len(new), len(before) + len(new))


def _checked_name(tables: Tables, file: Path, deck_id: str | None) -> str:
    name = file.stem if deck_id is None else deck_id
    shipped = {known.casefold() for known in tables.frame("deck")["deck_id"]}
    if name.casefold() in shipped:
        raise UsageError(
            f"`{name}` is a deck that comes with the program and is not changed.",
            "Give the deck another name: --name ID.",
        )
    if not NAME.fullmatch(name) or name.lower().endswith(".csv"):
        raise UsageError(
            f"`{name}` cannot name a deck.",
            "Give --name ID of letters, digits, `-`, `_` and `.`, such as --name our-2026.",
        )
    return name


def _new_rows(file: Path, given: Sequence[DeckRow], before: Sequence[DeckRow]) -> list[DeckRow]:
    """Rows given that the deck does not hold yet.

    Raises:
        SettingsError: It holds another price of the same product and day.
    """
    held_rows = {row.key: row for row in before}
    for row in given:
        known = held_rows.get(row.key)
        if known is None:
            continue
        # the source's name is the deck's: what the user wrote stands in the note
        compared = [column for column in COLUMNS if column != "source_id"]
        for column in compared:
            if row.price[column] != known.price[column]:
                raise SettingsError(
                    f"{file}, row {row.number}, column {column}: `{row.price[column]}` differs "
                    f"from `{known.price[column]}`, which the deck has for {row.key[0]} on "
                    f"{row.key[1]}.",
                    "Prices are appended, never overwritten: mend the row, or give --name ID "
                    "for a deck of its own.",
                )
    return [row for row in given if row.key not in held_rows]


def _keep(path: Path, rows: Sequence[DeckRow]) -> None:
    """Write a deck whole, sorted by product and day, in the place of the old one."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(dict(row.cells) for row in sorted(rows, key=lambda row: row.key))
    with staged(path) as beside:
        beside.write_text(out.getvalue(), encoding="utf-8", newline="")
        put_in_place(beside, path)
