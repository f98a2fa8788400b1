"""Checks of what owners allow: each policy decides on each route, each kind bears data or not."""

from collections.abc import Iterator

from valuation.check.sheet import Book, Problem
from valuation.settings import POLICIES
from valuation.units import KINDS


def check_policies(book: Book) -> Iterator[Problem]:
    """Every policy that can be chosen has a row for every route, and allows one at least."""
    sheet = book["policy"]
    decided = {(row["policy_id"], row["route_id"]): row["allowed"] for row in sheet.rows}
    routes = [row["route_id"] for row in book["route"].rows]
    for policy in POLICIES:
        for route in routes:
            if (policy, route) not in decided:
                yield sheet.fault(f"the policy {policy} has no row for the route {route}")
        if not any(decided.get((policy, route)) == "true" for route in routes):
            yield sheet.fault(f"the policy {policy} allows no route")


def check_bearing(book: Book) -> Iterator[Problem]:
    """Every kind has a row, and no row is about a kind that there is not."""
    sheet = book["data_bearing"]
    known = {row["kind"] for row in sheet.rows}
    for kind in KINDS:
        if kind not in known:
            yield sheet.fault(f"the kind {kind} has no row")
    for row in sheet.rows:
        if row["kind"] not in KINDS:
            yield sheet.problem(row, "kind", "is no kind")
