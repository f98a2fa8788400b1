"""Checks of what is pooled: evidence names its measurements, and no prior is counted twice."""

from collections import defaultdict
from collections.abc import Iterator

from valuation.check.sheet import Book, Problem, Row, Sheet

LEFT_OUT = "left_out"
DEFAULTS = (
    "pooling_indirect_error",
    "pooling_reporting_error",
    "pooling_samples_unstated",
    "pooling_t_degrees_of_freedom",
    "pooling_tau_scale",
)
"""Rows of `assumption` that pooling cannot do without."""
WITH_PRIOR = ("itself", "drive_mass")
"""Ways to a row whose prior can stand beside data: it is a number of the pooled quantity."""
KEY = ("component_class", "form_factor", "quantity", "source_id")


def check_pooling(book: Book) -> Iterator[Problem]:
    """Pooled quantities replace rows that exist, from readings that say what they are."""
    yield from _check_numbers(book)
    yield from _check_quantities(book)
    yield from _check_evidence(book)


def _check_numbers(book: Book) -> Iterator[Problem]:
    """Errors and scales are above zero, and every default is there."""
    assumption = book["assumption"]
    known = {row["assumption_id"]: row for row in assumption.rows}
    for name in DEFAULTS:
        if name not in known:
            yield assumption.fault(f"the default {name} is missing")
    pooled = [row for name, row in known.items() if name in DEFAULTS]
    numbers = [(assumption, row) for row in pooled]
    numbers += [(book["pooling_error"], row) for row in book["pooling_error"].rows]
    for sheet, row in numbers:
        number = row.number_in("value")
        if number is not None and number <= 0:
            yield sheet.problem(row, "value", "is not above zero, as an error or scale must be")


def _check_quantities(book: Book) -> Iterator[Problem]:
    """The row a quantity replaces exists, and its prior is used only if it is independent."""
    sheet = book["pooled_quantity"]
    used = [row for row in book["evidence"].rows if row["part"] != LEFT_OUT]
    sources = defaultdict(set)
    for row in used:
        sources[row["quantity_id"]].add(row["source_id"])
    groups = {row["source_id"]: row["group_id"] for row in book["measurement"].rows}
    for row in sheet.rows:
        name, table = row["quantity_id"], row["table_name"]
        if not sources[name]:
            yield sheet.problem(row, "quantity_id", "has no evidence that is used")
        prior = _row_of(book[table], row["row_key"]) if table in book else None
        if prior is None:
            yield sheet.problem(row, "row_key", f"is no key of {table}")
        if row["independent_of_data"] != "true":
            continue
        if row["reached_by"] not in WITH_PRIOR:
            reason = f"cannot be true of a row reached by {row['reached_by']}"
            yield sheet.problem(row, "independent_of_data", reason)
        pooled_groups = {groups.get(source) for source in sources[name]}
        rests_on = prior["source_id"] if prior else ""
        if rests_on in sources[name] or groups.get(rests_on, "") in pooled_groups:
            reason = f"is claimed, but the prior rests on {rests_on}, which is pooled too"
            yield sheet.problem(row, "independent_of_data", reason)
        elif prior and prior["basis"] == "derived":
            reason = "is claimed, but the prior is derived from sources: it is not used beside them"
            yield sheet.problem(row, "independent_of_data", reason)


def _check_evidence(book: Book) -> Iterator[Problem]:
    """Rows of one reading are of one group and agree; what is left out says why."""
    sheet = book["evidence"]
    measured = {tuple(row[c] for c in KEY): row for row in book["measurement"].rows}
    reached = {row["quantity_id"]: row["reached_by"] for row in book["pooled_quantity"].rows}
    readings: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sheet.rows:
        if row["part"] == LEFT_OUT:
            if not row["note"]:
                yield sheet.problem(row, "note", "is empty: evidence that is left out says why")
            continue
        readings[row["quantity_id"], row["reading_id"]].append(row)
        if not row["directness"]:
            yield sheet.problem(row, "directness", "is empty in a row that is used")
        of_drives = reached.get(row["quantity_id"]) in ("drive_mass", "desktop_ratio")
        if of_drives != bool(row["boundary"]):
            reason = "is filled for magnets of drives and for nothing else"
            yield sheet.problem(row, "boundary", reason)
        measurement = measured.get(tuple(row[c] for c in KEY))
        number = measurement.number_in("value") if measurement else None
        if number is not None and number <= 0:
            yield sheet.problem(row, "quantity", "is of a measurement that is not above zero")
    for (_, label), rows in readings.items():
        first = rows[0]
        if not any(row["part"] == "add" for row in rows):
            yield sheet.problem(first, "part", f"is not enough: {label} adds nothing")
        for column in ("directness", "boundary"):
            for row in rows[1:]:
                if row[column] != first[column]:
                    yield sheet.problem(row, column, f"differs from the other rows of {label}")
        found = [measured.get(tuple(row[c] for c in KEY)) for row in rows]
        groups = {row["group_id"] for row in found if row}
        if len(groups) > 1:
            reason = f"is of several research groups: {', '.join(sorted(groups))}"
            yield sheet.problem(first, "reading_id", reason)


def _row_of(sheet: Sheet, row_key: str) -> Row | None:
    """The row whose primary key, joined by a slash, is given."""
    key = sheet.resource["schema"].get("primaryKey", [])
    columns = [key] if isinstance(key, str) else key
    return next((r for r in sheet.rows if "/".join(r[c] for c in columns) == row_key), None)
