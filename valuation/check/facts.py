"""Checks of facts: every number has a unit, a spread that encloses it, a basis and a source."""

from collections.abc import Iterator

from valuation.check.sheet import Book, Problem, Row, Sheet, sheets_with
from valuation.uncertain import Spread

FACT_COLUMNS = ("value", "low", "high", "spread_kind", "unit", "basis", "source_id", "locator")
NEEDED = ("value", "spread_kind", "unit", "basis", "source_id", "locator")


def check_facts(book: Book) -> Iterator[Problem]:
    """All facts of all tables; a row marked unknown says why and where that was looked up."""
    for sheet in sheets_with(book, *FACT_COLUMNS):
        for row in sheet.rows:
            if row["unknown"] == "true":
                yield from _check_unknown(sheet, row)
            else:
                yield from _check_fact(sheet, row)
    for sheet in sheets_with(book, "basis", "owner", "review_on"):
        for row in sheet.rows:
            if row["basis"] == "assumed":
                for column in ("owner", "review_on"):
                    if not row[column]:
                        reason = "the number is assumed, so an owner and a day of review are needed"
                        yield sheet.problem(row, column, reason)


def _check_unknown(sheet: Sheet, row: Row) -> Iterator[Problem]:
    for column in ("unknown_reason", "source_id"):
        if not row[column]:
            yield sheet.problem(row, column, "the row is unknown and must say why, with a source")
    if row["value"]:
        yield sheet.problem(row, "value", "stands in a row that is marked unknown")


def _check_fact(sheet: Sheet, row: Row) -> Iterator[Problem]:
    required = {f["name"] for f in sheet.fields if f.get("constraints", {}).get("required")}
    for column in NEEDED:
        # a column the description requires is reported with the cells
        if not row[column] and column not in required:
            yield sheet.problem(row, column, "a number needs this cell")
    value, kind = row.number_in("value"), row["spread_kind"]
    if value is None or not kind:
        return
    if kind == "exact":
        for column in ("low", "high"):
            if row[column]:
                yield sheet.problem(row, column, "stands in a row that is exact")
        return
    low, high = row.number_in("low"), row.number_in("high")
    try:
        Spread(value, low, high, kind)
    except ValueError as error:
        yield sheet.problem(row, "value", f"has a wrong spread: {error}")
        return
    if low is not None and high is not None:
        yield from _check_limits(sheet, row, value, low, high)


def _check_limits(
    sheet: Sheet, row: Row, value: float, low: float, high: float
) -> Iterator[Problem]:
    """Limits that fit the kind of spread, once they enclose the value."""
    kind = row["spread_kind"]
    if low == high:
        yield sheet.problem(row, "high", "equals low: a number without spread is exact")
    if kind == "ci90_lognormal" and low <= 0:
        yield sheet.problem(row, "low", "is not above zero, and a lognormal has no zero")
    if kind == "ci90_beta" and not 0 <= low <= high <= 1:
        yield sheet.problem(row, "high" if low >= 0 else "low", "is no share between 0 and 1")
    if kind == "sd_normal" and abs((value - low) - (high - value)) > 1e-6 * abs(high - low):
        yield sheet.problem(row, "low", "lies further from the value than high: one SD is meant")
