"""A user's resale table: a CSV file of what working units fetch, checked cell by cell.

A number that can be read two ways is refused, never guessed; so are two rows about one thing.
"""

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path

import polars as pl

from valuation.disposition import Resale, ResaleTerm, same_capacity
from valuation.errors import SettingsError
from valuation.price.quotations import DAYS_PER_YEAR
from valuation.price.resale_cells import NUMBERS, Row, content_of, rows_of
from valuation.tables import Tables
from valuation.uncertain import CI90_WIDTH, Spread
from valuation.units import KINDS

SHARES = ("share_passing", "share_passing_low", "share_passing_high")
NOT_SOLD = ("other", "unidentified")
"""Kinds nobody sells a unit of: nothing that counts, and nobody knows what."""


def read_resale(
    path: Path, tables: Tables, as_of: date, usd_per_unit: Mapping[str, float]
) -> Resale:
    """The resale prices of a file as they were known on a date.

    Args:
        path: CSV, UTF-8, columns `match price currency share_passing cost_to_test observed_on` and,
            where known, `capacity_gb price_low price_high share_passing_low share_passing_high
            source note`. `match` is a family (its key or name), an item class or a kind; price
            limits are 5 % and 95 % points; the cost of wiping and testing is per unit tested, in
            the currency of the row.
        tables: Reference data: families, classes, days to settlement, volatility of resale.
        as_of: Day whose prices are used.
        usd_per_unit: Dated exchange rates. [USD per unit of currency]

    Raises:
        SettingsError: The file is missing or empty, a column is missing or unknown, a cell cannot
            be used, or two rows are equally specific about one thing; the message names file, row
            and column.
    """
    content = content_of(path)
    families = _family_names(tables)
    classes = {r["item_class"] for r in tables.frame("item_class").iter_rows(named=True)}
    assumed = {r["assumption_id"]: r["value"] for r in tables.frame("assumption").to_dicts()}
    terms: list[ResaleTerm] = []
    for row in rows_of(path, content):
        level, name = _match(row, families, classes)
        term = _term(row, level, name, as_of, assumed, usd_per_unit)
        for other in terms:
            if (other.level, other.name) == (level, name) and (
                same_capacity(other.capacity_gb, term.capacity_gb)
                or other.capacity_gb is term.capacity_gb is None
            ):
                raise row.refuse(
                    "match",
                    f"stands in row {other.row} already, equally specific",
                    "Keep one of the two, or give each a capacity_gb of its own.",
                )
        terms.append(term)
    if not terms:
        raise SettingsError(f"{path} holds no resale price.", "Give at least one row.")
    digest = hashlib.sha256(content).hexdigest()[:12]
    return Resale(str(path), digest, tuple(terms), tuple(_old(path, terms, as_of, assumed)))


def resale_rows(resale: Resale | None) -> pl.DataFrame:
    """The store's `resale_price` table: every row of the file, as used."""
    terms = resale.terms if resale else ()
    rows = [
        {
            "resale_key": term.key,
            "file": resale.path if resale else None,
            "file_row": term.row,
            "level": term.level,
            "name": term.name,
            "capacity_gb": term.capacity_gb,
            "currency": term.currency,
            "price_usd": term.price_usd,
            "price_low_usd": term.price_low_usd,
            "price_high_usd": term.price_high_usd,
            "share_passing": term.share_passing.mean,
            "share_passing_low": term.share_passing.low,
            "share_passing_high": term.share_passing.high,
            "cost_to_test_usd": term.cost_to_test_usd,
            "observed_on": term.observed_on,
            "age_days": term.age_days,
            "source": term.source,
        }
        for term in terms
    ]
    texts = ("resale_key", "file", "level", "name", "currency", "source")
    kinds = dict.fromkeys(texts, pl.String) | {"file_row": pl.Int64, "age_days": pl.Int64}
    names = (
        "resale_key", "file", "file_row", "level", "name", "capacity_gb", "currency", "price_usd",
        "price_low_usd", "price_high_usd", "share_passing", "share_passing_low",
        "share_passing_high", "cost_to_test_usd", "observed_on", "age_days", "source",
    )  # fmt: skip
    schema = {name: kinds.get(name, pl.Float64) for name in names} | {"observed_on": pl.Date}
    return pl.DataFrame(rows, schema=schema).sort("resale_key")


def _family_names(tables: Tables) -> dict[str, set[str]]:
    """Family keys by what a family may be called: its key, its name, maker and name."""
    found: dict[str, set[str]] = {}
    for row in tables.frame("catalogue").iter_rows(named=True):
        key, family, maker = row["family_key"], row["family"] or "", row["maker"] or ""
        for name in (key, family, f"{maker} {family}"):
            if name.strip():
                found.setdefault(name.strip().lower(), set()).add(key)
    return found


def _match(row: Row, families: Mapping[str, set[str]], classes: Iterable[str]) -> tuple[str, str]:
    """What a row is about: level and name."""
    given = row.cells["match"]
    name = given.lower()
    if not name:
        raise row.refuse("match", "and says of nothing what it fetches")
    if name in NOT_SOLD:
        raise row.refuse("match", "is nothing that can be sold by the unit")
    if name in KINDS:
        return "kind", name
    if name in classes:
        return "class", name
    if name in families:
        keys = sorted(families[name])
        if len(keys) > 1:
            raise row.refuse("match", "is the name of several families", f"Name one: {keys}.")
        return "family", keys[0]
    if re.fullmatch(r"[^\s/][^/]*/[^/]*[^\s/]", name):
        return "family", name  # maker/model, as families that the catalogue does not know are kept
    near = get_close_matches(name, [*families, *classes, *KINDS], 3, 0.5)
    hint = f"Did you mean {', '.join(f'`{n}`' for n in near)}?" if near else "Give a kind: `hdd`."
    raise row.refuse("match", "is no family, item class or kind", hint)


def _term(
    row: Row,
    level: str,
    name: str,
    as_of: date,
    assumed: Mapping[str, float],
    usd_per_unit: Mapping[str, float],
) -> ResaleTerm:
    numbers = {column: row.read_number(column) for column in NUMBERS}
    for column in ("price", "share_passing", "cost_to_test"):
        if numbers[column] is None:
            raise row.refuse(column, "and every row needs it")
    currency = row.cells["currency"].upper()
    if currency not in usd_per_unit:
        known = ", ".join(sorted(usd_per_unit))
        raise row.refuse(
            "currency", f"has no dated rate by {as_of}", f"Give it in one of these: {known}."
        )
    price, cost = numbers["price"] or 0.0, numbers["cost_to_test"] or 0.0
    low, high = _limits(row, "price", price, numbers)
    if low <= 0:
        raise row.refuse("price_low" if price > 0 else "price", "is not above zero")
    if numbers["capacity_gb"] == 0:
        raise row.refuse("capacity_gb", "is no capacity", "Leave it empty where none is meant.")
    observed_on = _day(row, as_of)
    age_days = (as_of - observed_on).days
    rate = usd_per_unit[currency]
    years = (age_days + assumed["days_to_settlement"]) / DAYS_PER_YEAR
    return ResaleTerm(
        row=row.number,
        level=level,
        name=name,
        capacity_gb=numbers["capacity_gb"],
        price_usd=price * rate,
        price_low_usd=low * rate,
        price_high_usd=high * rate,
        log_sd_quote=math.log(high / low) / CI90_WIDTH,
        log_sd_time=assumed["resale_volatility"] * math.sqrt(years),
        share_passing=_share(row, numbers),
        cost_to_test_usd=cost * rate,
        currency=currency,
        observed_on=observed_on,
        age_days=age_days,
        source=row.cells.get("source") or None,
    )


def _limits(
    row: Row, column: str, value: float, numbers: Mapping[str, float | None]
) -> tuple[float, float]:
    """Low and high of a number: both given and around it, or neither."""
    low, high = numbers[f"{column}_low"], numbers[f"{column}_high"]
    if low is None and high is None:
        return value, value
    if low is None or high is None:
        empty = f"{column}_low" if low is None else f"{column}_high"
        raise row.refuse(empty, "though the other limit is given", "Give both, or neither.")
    if not low <= value <= high:
        raise row.refuse(column, f"does not lie between {low:g} and {high:g}")
    return low, high


def _share(row: Row, numbers: Mapping[str, float | None]) -> Spread:
    for column in SHARES:
        if (numbers[column] or 0.0) > 1:
            hint = f"Write {numbers[column]:g} % as {(numbers[column] or 0) / 100:g}."
            raise row.refuse(column, "is no share from 0 to 1", hint)
    value = numbers["share_passing"] or 0.0
    low, high = _limits(row, "share_passing", value, numbers)
    if low == high:
        return Spread(value, None, None, "exact")
    if value in (0, 1):
        raise row.refuse("share_passing", "is certain, and has limits around it")
    return Spread(value, low, high, "ci90_beta")


def _day(row: Row, as_of: date) -> date:
    text = row.cells["observed_on"]
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise row.refuse("observed_on", "is no date", "Write it as 2026-11-22.") from error
    if day > as_of:
        hint = f"Give --as-of {day}, or leave the row out."
        raise row.refuse("observed_on", f"was not known on {as_of}", hint)
    return day


def _old(
    path: Path, terms: list[ResaleTerm], as_of: date, assumed: Mapping[str, float]
) -> list[str]:
    limit = int(assumed["price_age_warning_days"])
    old = [term for term in terms if term.age_days > limit]
    if not old:
        return []
    oldest = max(old, key=lambda term: term.age_days)
    sentence = (
        f"{len(old)} of {len(terms)} resale prices in {path} are older than {limit} days on "
        f"{as_of}: the oldest is that of {oldest.name}, {oldest.observed_on}."
    )
    return [sentence]
