"""`valuation deck`: price decks listed, shown as of a day, and one's own added to."""

import json
import os
from pathlib import Path
from typing import Any, Final

import click

from valuation.cli.exits import emit, reports_errors
from valuation.cli.text import Table, number, render
from valuation.cli.watch import print_warnings
from valuation.settings import Settings, load_settings

UNREADABLE: Final = 3
_JSON = click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
_AS_OF = click.option(
    "--as-of", metavar="DATE", help="Day whose prices are shown.  [default: today]"
)


@click.group()
def deck() -> None:
    """Look at price decks, and keep decks of your own."""


@deck.command("list")
@_AS_OF
@_JSON
@reports_errors
def list_command(as_of: str | None, as_json: bool) -> int:
    """List the decks that come with the program, and your own. Exit 3 if one cannot be read."""
    settings = _settings(as_of)
    from valuation.decks import list_decks
    from valuation.tables import load_tables

    decks = list_decks(load_tables(), settings.own_decks, settings.as_of)
    if as_json:
        emit(_json(decks))
    else:
        emit(_list_text(decks, settings))
    faults = [row["error"] for row in decks if row["error"]]
    print_warnings(faults)
    return UNREADABLE if faults else 0


@deck.command("show")
@click.argument("deck_id", metavar="ID|FILE")
@_AS_OF
@_JSON
@reports_errors
def show_command(deck_id: str, as_of: str | None, as_json: bool) -> int:
    """Show what a deck pays for each product on a day, how it was converted, and its sources."""
    settings = _settings(as_of)
    from valuation.decks import show_deck
    from valuation.tables import load_tables

    shown = show_deck(load_tables(), deck_id, settings.own_decks, settings.as_of)
    emit(_json(shown) if as_json else _show_text(shown))
    print_warnings(shown["warnings"])
    return 0


@deck.command("add")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--name", "deck_id", metavar="ID", help="Deck to add to.  [default: the file's name]")
@_JSON
@reports_errors
def add_command(file: Path, deck_id: str | None, as_json: bool) -> int:
    """Check the prices of FILE and append them to a deck of your own.

    FILE is a CSV with product_id price_basis vat_included currency unit mid observed_on and, where
    known, low high form place published_on source_id locator note. The deck is kept in your data
    folder; `valuation value --deck ID` uses it. Prices are appended, never overwritten.
    """
    settings = _settings(None)
    from valuation.decks import add_deck
    from valuation.tables import load_tables

    added = add_deck(load_tables(), file, settings.own_decks, settings.as_of, deck_id)
    if as_json:
        emit(_json(vars(added)))
    else:
        emit(
            f"Deck {added.deck_id}: {added.added:,} prices added, {added.known:,} known already, "
            f"{added.prices:,} in all, in {added.path}."
        )
    return 0


def _settings(as_of: str | None) -> Settings:
    return load_settings({"as_of": as_of}, os.environ, Path.cwd())


def _json(found: object) -> str:
    return json.dumps(found, indent=2, ensure_ascii=False, default=str, allow_nan=False)


def _list_text(decks: list[dict[str, Any]], settings: Settings) -> str:
    rows = [
        (
            row["deck_id"],
            ", ".join(filter(None, _marks(row))),
            "unreadable" if row["error"] else f"{row['prices']:,}",
            str(row["newest_on"] or ""),
            str(row["oldest_on"] or ""),
            row["title"],
        )
        for row in decks
    ]
    columns = ("deck", "", "prices", "newest", "oldest", "title")
    asks = [row["deck_id"] for row in decks if row["takes_asks"]]
    notes = [f"Your own decks are kept in {settings.own_decks}."]
    notes += [
        f"{deck}: no trade stands behind some of its prices; never an offer." for deck in asks
    ]
    title = f"Price decks, as of {settings.as_of}"
    return render([Table(title, columns, rows, text_columns=6, notes=tuple(notes))])


def _marks(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        "default" if row["is_default"] else "",
        "yours" if row["origin"] == "own" else "",
        "ASKS" if row["takes_asks"] else "",
        f"pinned {row['pinned_on']}" if row["pinned_on"] else "",
    )


def _show_text(shown: dict[str, Any]) -> str:
    head = f"Deck {shown['deck_id']} as of {shown['as_of']}: {shown['title']}"
    notes = [shown["note"]] if shown["note"] else []
    if shown["takes_asks"]:
        notes.insert(0, "STRESS TEST: asks and records are read beside traded prices.")
    quoted = Table(
        f"{head}\n\nQuotations, in USD per kg as used",
        ("product", "basis", "place", "low", "mid", "high", "observed", "age", "traded"),
        [_quotation(row) for row in shown["prices"]],
        text_columns=3,
        notes=tuple(notes),
    )
    converted = Table(
        "As published, and where",
        ("product", "VAT", "conversion", "source", "place in it"),
        [
            (
                row["product_id"],
                "included" if row["vat_included"] else "none",
                row["conversion"],
                row["source_id"],
                row["locator"] or "",
            )
            for row in shown["prices"]
        ],
        text_columns=5,
    )
    ruled = Table(
        "Paid by a rule on these, in USD per kg (of product, or of each element in it)",
        ("product", "rule", "pays"),
        [
            (
                row["product_id"],
                row["price_rule"].replace("_", " "),
                ", ".join(f"{e} {number(usd)}" for e, usd in row["usd_per_kg"].items()),
            )
            for row in shown["by_rule"]
        ],
        text_columns=3,
    )
    without = Table(
        "Without a price",
        ("product", "why"),
        [(row["product_id"], row["reason"]) for row in shown["without_price"]],
        text_columns=2,
    )
    return render([t for t in (quoted, converted, ruled, without) if t.rows])


def _quotation(row: dict[str, Any]) -> tuple[str, ...]:
    traded = {True: "yes", False: "NO", None: "not said"}[row["volume_backed"]]
    prices = (row["usd_per_kg_low"], row["usd_per_kg"], row["usd_per_kg_high"])
    return (
        row["product_id"],
        row["price_basis"],
        row["place"] or "",
        *map(number, prices),
        str(row["observed_on"]),
        f"{row['age_days']:,} d",
        traded,
    )
