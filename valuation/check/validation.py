"""Checks of published cases: each can be computed, and its role holds in the data as they stand."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from valuation.check.sheet import Book, Problem, Row, Sheet

NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "all_products": ("route_id",),
    "capture": ("route_id", "step_id", "stream", "element"),
    "element_share": ("element",),
    "gross_per_oxide": ("route_id",),
    "operating_cost_per_oxide": ("route_id", "step_id"),
    "operating_cost_per_piece": ("route_id", "step_id"),
    "oxide_recovered": ("route_id",),
    "plant_share": ("route_id", "making_loss"),
    "product": ("route_id", "product_id"),
    "product_share": ("route_id", "product_id"),
    "recovery": ("route_id",),
}
"""Cells a compared quantity cannot do without."""
LEFT_OUT_BY_GROUP: Final = ("measurement", "evidence")
"""Tables of which a fit leaves out the rows of a group."""
OWN_TABLES: Final = ("validation_case", "case_mix", "sources")


def check_cases(book: Book) -> Iterator[Problem]:
    """Every case names its mix, route and step, and what its quantity needs."""
    sheet, mixes = book["validation_case"], book["case_mix"]
    known = {row["mix_id"] for row in mixes.rows}
    used = {row["mix_id"] for row in sheet.rows}
    for row in mixes.rows:
        if row["mix_id"] not in used:
            yield mixes.problem(row, "mix_id", "is the mix of no case")
    steps: dict[str, set[str]] = defaultdict(set)
    for row in book["route_step"].rows:
        steps[row["route_id"]].add(row["step_id"])
    instead = {
        (row["form"], row["step_id"]): row["instead_step_id"] for row in book["step_form"].rows
    }
    for row in sheet.rows:
        if row["mix_id"] not in known:
            yield sheet.problem(row, "mix_id", "has no row in validation/case_mix.csv")
        if row["route_id"] and row["route_id"] not in steps:
            yield sheet.problem(row, "route_id", "is no route")
        elif row["step_id"]:
            own = steps[row["route_id"]]
            taken = {instead.get((row["form"], step)) or step for step in own}
            if row["step_id"] not in taken:
                yield sheet.problem(row, "step_id", f"is no step of {row['route_id'] or 'a route'}")
        for column in NEEDS.get(row["quantity"], ()):
            if not row[column]:
                reason = f"is needed where {row['quantity']} is compared"
                yield sheet.problem(row, column, reason)
        yield from _check_published(sheet, row)


def _check_published(sheet: Sheet, row: Row) -> Iterator[Problem]:
    """A figure or a range, never both, never neither."""
    low, high = row.number_in("published_low"), row.number_in("published_high")
    if row["published"]:
        for column in ("published_low", "published_high"):
            if row[column]:
                yield sheet.problem(row, column, "stands beside a published figure")
    elif low is None or high is None:
        reason = "is needed, or both ends of the published range"
        yield sheet.problem(row, "published", reason)
    elif low >= high:
        yield sheet.problem(row, "published_low", f"is not below {row['published_high']}")


def check_roles(book: Book) -> Iterator[Problem]:
    """Nothing of a hold-out's source is in the model but rows its fit leaves out.

    An input is one because some row is taken from its source; nothing is claimed of it or of an
    arithmetic case, so only they may say why not.
    """
    sheet = book["validation_case"]
    groups_of: dict[str, set[str]] = defaultdict(set)
    for row in book["measurement"].rows:
        groups_of[row["source_id"]].add(row["group_id"])
    groups = set().union(*groups_of.values())
    cited: dict[str, list[tuple[str, Row]]] = defaultdict(list)
    for name, other in book.items():
        if name not in OWN_TABLES and "source_id" in other.columns:
            for row in other.rows:
                cited[row["source_id"]].append((name, row))
    for row in sheet.rows:
        left_out = row["groups_left_out"].split()
        for group in left_out:
            if group not in groups:
                reason = f"names `{group}`, which is no group of content/measurement.csv"
                yield sheet.problem(row, "groups_left_out", reason)
        found = cited[row["source_id"]]
        if row["role"] == "holdout":
            is_left_out = groups_of[row["source_id"]] <= set(left_out)
            in_model = [f for f in found if not (is_left_out and f[0] in LEFT_OUT_BY_GROUP)]
            yield from _check_holdout(sheet, row, in_model)
            continue
        if left_out:
            yield sheet.problem(row, "groups_left_out", "is filled for hold-outs only")
        if row["role"] == "input" and not found:
            yield sheet.problem(row, "role", f"is input, and no row is from {row['source_id']}")


def _check_holdout(sheet: Sheet, row: Row, in_model: list[tuple[str, Row]]) -> Iterator[Problem]:
    if row["not_claimed"]:
        yield sheet.problem(row, "not_claimed", "stands in a hold-out, of which inside is claimed")
    for table, cited in in_model[:1]:
        reason = f"is holdout, but row {cited.number} of table {table} is from {row['source_id']}"
        yield sheet.problem(row, "role", reason)
