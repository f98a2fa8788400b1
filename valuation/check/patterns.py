"""Checks of patterns: each is a regular expression, and the codes its groups name are there."""

import re
from collections.abc import Iterator
from functools import cache

from valuation.check.sheet import Book, Problem, Row, Sheet, sheets_with

CODE = "code_"


def check_patterns(book: Book) -> Iterator[Problem]:
    """All columns called `pattern`; named groups of codes need rows in `part_code`."""
    sets = {row["code_set"] for row in book["part_code"].rows}
    for sheet in sheets_with(book, "pattern"):
        for row in sheet.rows:
            if row["pattern"]:
                yield from _check_pattern(sheet, row, sets)


def _check_pattern(sheet: Sheet, row: Row, sets: set[str]) -> Iterator[Problem]:
    try:
        groups = _groups(row["pattern"])
    except re.error as error:
        yield sheet.problem(row, "pattern", f"is not a regular expression: {error}")
        return
    for group in groups:
        if group.startswith(CODE) and group.removeprefix(CODE) not in sets:
            yield sheet.problem(row, "pattern", f"names the group {group}, a set without codes")


@cache
def _groups(pattern: str) -> tuple[str, ...]:
    """Names of a pattern's groups; kept, as `re` itself keeps fewer patterns than the tables hold.

    Raises:
        re.error: It is no regular expression.
    """
    return tuple(re.compile(pattern).groupindex)
