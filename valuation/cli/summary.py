"""The summary of a run for people: what was read, what it holds, what it is worth, how sure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from valuation.cli.owner import policy_notes, reuse_table
from valuation.cli.text import UNKNOWN, Table, mass, number, percent, render
from valuation.units import ELEMENTS, PRODUCTS, RARE_EARTH_PRODUCTS

Summary = Mapping[str, Any]

TOLD: Final = 0.02
"""Share of the variance of a net from which a group of parameters is named. [1]"""
LEAST_SHARE: Final = 0.001
"""Plants of which the lots fill less of a year are only counted. [1]"""
NAMED_COLUMNS: Final = 4
"""Columns of a file that are not used are named up to this many."""

CO_PRODUCTS: Final = PRODUCTS[PRODUCTS.index("magnet_pieces") + 1 : -1]


def summary_text(summary: Summary, *, warnings: bool) -> str:
    """The result of `value` as text.

    Args:
        summary: The object that `value --json` prints.
        warnings: Whether to list the warnings.
    """
    tables = [
        files_table(summary["files"]),
        _lines_set_aside(summary),
        *((_units(summary), _contained(summary), _routes(summary)) if summary["published"] else ()),
        _plants(summary),
        reuse_table(summary),
        _prices(summary),
        Table("Warnings", (), (), notes=_warnings(summary) if warnings else ()),
        _where(summary),
    ]
    return render([table for table in tables if table.rows or table.notes])


def files_table(files: Sequence[Summary]) -> Table:
    """What was read of every file."""
    counts = ("lines_read", "lines_loaded", "lines_rejected", "lines_ignored")
    return Table(
        "Files",
        ("file", "status", "read", "loaded", "rejected", "ignored"),
        [
            (file["name"], file["status"], *(f"{file[count] or 0:,}" for count in counts))
            for file in files
        ],
        text_columns=2,
        notes=(
            *(f["reason"] for f in files if f["status"] == "refused"),
            *filter(None, map(_columns_not_used, files)),
        ),
    )


def _columns_not_used(file: Summary) -> str:
    """Which columns of a file were not used: a few by name, the others counted."""
    names = list(file.get("unmapped_columns") or ())
    if not names:
        return ""
    more = f" and {len(names) - NAMED_COLUMNS} more" if len(names) > NAMED_COLUMNS else ""
    return f"{file['name']}, columns not used: {', '.join(names[:NAMED_COLUMNS])}{more}."


def _lines_set_aside(summary: Summary) -> Table:
    is_kept = summary["published"] and any(f["lines_rejected"] for f in summary["files"])
    hint = f"Rejected lines as files to mend: valuation rejects --db {summary['db']} --out DIR"
    return set_aside_table(summary["files"], (hint,) if is_kept else ())


def set_aside_table(files: Sequence[Summary], notes: tuple[str, ...] = ()) -> Table:
    """Why lines of every file were rejected or ignored."""
    reasons: Counter[tuple[str, str]] = Counter()
    for file in files:
        for reason, lines in (*file["reasons"].items(), *file["ignored_reasons"].items()):
            reasons[file["name"], reason.replace("_", " ")] += lines
    return Table(
        "Lines rejected or ignored, and why",
        ("file", "reason", "lines"),
        [(name, reason, f"{lines:,}") for (name, reason), lines in sorted(reasons.items())],
        text_columns=2,
        notes=notes,
    )


def _units(summary: Summary) -> Table:
    listed, embedded = summary["units"], summary["embedded_units"]
    share = summary["identified_share"]
    counts = {"Batches": "batches", "Lines": "lines", "Distinct items": "items"}
    lines, units = percent(share["lines"]), percent(share["units"])
    notes = [
        f"Identified: {lines} of lines, {units} of units{methods_text(summary)}.",
        *_reviewed(summary),
        *_measured(summary),
        " ".join(f"{title}: {summary[name]:,}." for title, name in counts.items()),
    ]
    forms = summary.get("forms", {})
    if set(forms) - {"whole"}:
        told = ", ".join(f"{count:,} {form}" for form, count in sorted(forms.items()))
        notes.append(f"Batches by how they arrive: {told}.")
    notes += _capacity(summary)
    kinds = sorted({*listed, *embedded}, key=lambda kind: (-listed.get(kind, 0), kind))
    return Table(
        "Units",
        ("kind", "listed", "inside hosts"),
        [(kind, f"{listed.get(kind, 0):,.0f}", f"{embedded.get(kind, 0):,.0f}") for kind in kinds],
        notes=tuple(notes),
    )


def _capacity(summary: Summary) -> list[str]:
    """Capacity by kind of drive, and how many drives are in none because no size is stated."""
    missing = summary.get("units_without_size", {})
    told = []
    for kind, tb in sorted(summary["capacity_tb"].items()):
        size = f"{number(tb)} TB" if tb else "unknown"
        if missing.get(kind):
            more = "more " if tb else ""
            told.append(f"{kind} {size} ({missing[kind]:,.0f} {more}without a size)")
        elif tb:
            told.append(f"{kind} {size}")
    return [f"Capacity listed: {', '.join(told)}."] if told else []


def _reviewed(summary: Summary) -> list[str]:
    """How much a person said what it is, and by which file."""
    answers, reviewed = summary["overrides"]["answers"], summary["reviewed"]
    if not answers:
        return []
    items, units = reviewed["items"], reviewed["units"]
    path = summary["overrides"]["path"]
    noun = "answer" if answers == 1 else "answers"
    return [f"Reviewed: {items:,} items, {units:,.0f} units, by {answers:,} {noun} in {path}."]


def _measured(summary: Summary) -> list[str]:
    """How many measurements of one's own moved the figures, and of which files."""
    measured = summary.get("measured") or {"rows": 0}
    if not measured["rows"]:
        return []
    noun = "measurement" if measured["rows"] == 1 else "measurements"
    return [f"Measured: {measured['rows']:,} {noun} in {', '.join(measured['files'])}."]


def methods_text(summary: Summary) -> str:
    """Which methods identified the lines, in brackets."""
    methods = summary["identified_by"]
    told = (f"{method} {percent(share)}" for method, share in sorted(methods.items()))
    return f" (lines by method: {', '.join(told)})" if methods else ""


def _contained(summary: Summary) -> Table:
    """Contained masses; they are the same for every route, so the first one tells them."""
    routes = summary["totals"].values()
    contained: Summary = next((route["contained_kg"] for route in routes), {})
    known = [e for e in ELEMENTS if contained.get(e) and contained[e]["mean"]]
    notes = []
    fans = summary["rare_earths_kg"].get("in_fans")
    if fans and fans["mean"]:
        notes.append(
            f"Of the rare earths, {mass(fans['mean'])} are in fans ({mass(fans['p10'])} to "
            f"{mass(fans['p90'])}): a guess per part number, and most routes lose them."
        )
    allowance = summary["unidentified_allowance_kg"]
    if allowance["mean"]:
        notes.append(
            f"Not in these totals: unidentified items may hold {mass(allowance['mean'])} of rare "
            f"earths more ({mass(allowance['p10'])} to {mass(allowance['p90'])})."
        )
    return Table(
        "Contained, batches of this run (8 of 10 times between P10 and P90)",
        ("element", "mean", "P10", "P90"),
        [(e, *(mass(contained[e][at]) for at in ("mean", "p10", "p90"))) for e in known],
        notes=tuple(notes),
    )


def _routes(summary: Summary) -> Table:
    """Value by route, best first; what the owner forbids and what has no net come last."""

    def rank(item: tuple[str, Summary]) -> tuple[bool, bool, float, str]:
        net = item[1]["net_usd"]["mean"]
        return item[0] in forbidden, net is None, -(net or 0.0), item[0]

    forbidden = (summary.get("policy") or {}).get("forbidden", {})

    assumed = summary.get("assumed_cost_share", {})
    ranked = sorted(summary["totals"].items(), key=rank)
    return Table(
        "Value in USD by route, before any payment to the owner",
        (
            "route",
            "status",
            "net mean",
            "P10",
            "P90",
            "rare earths",
            "co-products",
            "cost assumed",
        ),
        [
            (
                route_id,
                "forbidden"
                if route_id in forbidden
                else summary["routes"][route_id]["status"].replace("_", " "),
                *(number(route["net_usd"].get(at)) for at in ("mean", "p10", "p90")),
                _sales(route, RARE_EARTH_PRODUCTS),
                _sales(route, CO_PRODUCTS),
                percent(assumed.get(route_id)),
            )
            for route_id, route in ranked
        ],
        text_columns=2,
        notes=(
            *policy_notes(summary),
            *_rests_on(ranked),
            *(
                f"{route_id}: {route['net_usd']['reason']}"
                for route_id, route in ranked
                if route["net_usd"].get("reason")
            ),
        ),
    )


def _plants(summary: Summary) -> Table:
    """What the lots bring to each plant at its own boundary; readings that differ side by side."""
    every = [row for row in summary.get("capacity", ()) if row["batch_kg"]]
    rows = [row for row in every if row["share_of_year"] >= LEAST_SHARE]
    small = len(every) - len(rows)
    return Table(
        "Share of a plant's year, every stated capacity at its own boundary" if every else "",
        ("route", "plant or reading", "boundary", "these lots", "plant, a year", "share"),
        [
            (
                row["route_id"],
                row["reading"],
                row["boundary"].replace("_", " "),
                mass(row["batch_kg"]),
                mass(row["plant_kg"]),
                percent(row["share_of_year"]),
            )
            for row in rows
        ],
        text_columns=3,
        notes=(f"{small} stated capacities are filled by less than 0.1 %.",) if small else (),
    )


def _rests_on(ranked: Sequence[tuple[str, Summary]]) -> list[str]:
    """What makes the net of the best route uncertain; the others differ little."""
    if not ranked or not ranked[0][1].get("net_rests_on"):
        return []
    route_id, route = ranked[0]
    shares = sorted(route["net_rests_on"].items(), key=lambda pair: -pair[1])
    told = (f"{group} {share * 100:.0f} %" for group, share in shares if share >= TOLD)
    groups = ", ".join(told).replace("_", " ")
    return [f"What the spread of the net of {route_id} rests on (shares of variance): {groups}."]


def _sales(route: Summary, products: tuple[str, ...]) -> str:
    """Mean sales of some products of a route; means may be summed."""
    gross = route["gross_usd"]
    if "resale" in gross:
        return "-"  # units are sold, and what is not is recycled on another route
    means = [gross[product]["mean"] for product in products if product in gross]
    return UNKNOWN if not means or None in means else number(sum(means))


def _prices(summary: Summary) -> Table:
    ages: Mapping[str, int] = summary["price_age_days"]
    deck = f"Deck {summary['deck_id']} as of {summary['as_of']}: {len(ages)} prices"
    if not ages:
        return Table("Prices", (), (), notes=(f"{deck}.",))
    oldest = max(sorted(ages), key=ages.__getitem__)
    told = f"{min(ages.values())} to {ages[oldest]} days old, the oldest for {oldest}."
    return Table("Prices", (), (), notes=(f"{deck}, {told}",))


def _warnings(summary: Summary) -> tuple[str, ...]:
    """Warnings that the tables above do not already tell word for word."""
    nets = [route["net_usd"] for route in summary["totals"].values()]
    told = [file["reason"] for file in summary["files"]] + [net.get("reason") for net in nets]
    return tuple(
        warning
        for warning in summary["warnings"]
        if not any(reason and reason in warning for reason in told)
    )


def _where(summary: Summary) -> Table:
    world = (
        f"Data version {summary['data_version']}, seed {summary['seed']}, "
        f"{summary['draws']:,} draws."
    )
    file = (
        f"Run {summary['run_id']} lies in {summary['db']}"
        if summary["published"]
        else f"Nothing was published; {summary['db']} is as it was."
    )
    return Table("Result", (), (), notes=(world, file))
