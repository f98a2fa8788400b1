"""Checks of what steps move and charge: shares close, costs count something, freight is paid."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from valuation.check.routes import chains_of
from valuation.check.sheet import Book, Problem, Row
from valuation.shapes import MAGNET_STREAMS

CLOSED_SPREADS = ("exact", "ci90_beta", "range_beta")
"""Spreads that stay between 0 and 1: with any other a draw could move more than there is."""
UNIT_OF = {
    "unit": "unit",
    "kg_kit": "kg",
    "kg_step_feed": "kg",
    "kg_bare_magnet": "kg",
    "kg_oxide_out": "kg",
    "lot": "lot",
    "shipment": "shipment",
}
"""What the unit of a cost ends in, by its denominator."""


def check_shares(book: Book) -> Iterator[Problem]:
    """A share that is moved or paid closes with its rest: no draw of it leaves 0 to 1."""
    for table in ("capture", "route_product"):
        for row in book[table].rows:
            if row["spread_kind"] and row["spread_kind"] not in CLOSED_SPREADS:
                reason = "can leave 0 to 1, so that the rest would not close"
                yield book[table].problem(row, "spread_kind", reason)


def check_costs(book: Book) -> Iterator[Problem]:
    """A cost has the unit of its denominator, finds something to count, holds capital once."""
    sheet = book["cost"]
    streams: dict[str, set[str]] = defaultdict(set)
    oxides = set()
    for row in book["capture"].rows:
        streams[row["step_id"]].add(row["stream"])
        if row["to"].endswith("_oxide"):
            oxides.add(row["step_id"])
    with_capital = {row["step_id"] for row in sheet.rows if row["cost_kind"] == "capital"}
    for row in sheet.rows:
        wanted = UNIT_OF.get(row["denominator"])
        if wanted and row["unit"] and row["unit"] != f"{row['currency']}/{wanted}":
            reason = f"should be {row['currency']}/{wanted}: the cost is per {row['denominator']}"
            yield sheet.problem(row, "unit", reason)
        if row["unit_kind"] and row["denominator"] != "unit":
            yield sheet.problem(row, "unit_kind", "stands beside a cost that is not per piece")
        if row["unknown"] == "false" and not _counts(row, streams[row["step_id"]], oxides):
            reason = "finds nothing to count at this step, which would read as free"
            yield sheet.problem(row, "denominator", reason)
        if (
            row["cost_kind"] == "operating"
            and row["includes_capital"] == "true"
            and row["step_id"] in with_capital
        ):
            reason = "is said of a step that has a capital charge too: it would be paid twice"
            yield sheet.problem(row, "includes_capital", reason)


def _counts(row: Row, streams: set[str], oxides: set[str]) -> bool:
    if row["denominator"] == "kg_step_feed":
        return bool(streams)
    if row["denominator"] == "kg_bare_magnet":
        return bool(streams & set(MAGNET_STREAMS))
    return row["denominator"] != "kg_oxide_out" or row["step_id"] in oxides


def check_freight(book: Book) -> Iterator[Problem]:
    """A route begins with a freight and has another wherever it goes to another country."""
    steps = book["route_step"]
    freight = {row["step_id"] for row in book["cost"].rows if row["cost_kind"] == "freight"}
    rows = {(row["route_id"], row["step_no"]): row for row in steps.rows}
    for route, _ in chains_of(book):
        own = [row for (route_id, _), row in rows.items() if route_id == route["route_id"]]
        own.sort(key=lambda row: row.number_in("step_no") or 0)
        if own and own[0]["step_id"] not in freight:
            yield steps.problem(own[0], "step_id", "begins a route and has no cost of freight")
        for before, after in pairwise(own):
            if before["country"] != after["country"] and after["step_id"] not in freight:
                reason = f"comes after {before['country']} and has no cost of freight"
                yield steps.problem(after, "country", reason)
