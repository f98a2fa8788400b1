"""Explain: a published figure unrolled to its parts, their factors, the rows and their sources.

Four steps lead from any figure to any source: part, factor, row, source. Only the file is read, so
what is told is what stood when the figure was made.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from valuation.explain.choosing import TOTAL, Figure, choose_figure
from valuation.explain.kilograms import mass_parts
from valuation.explain.masses import content_basis
from valuation.explain.money import basis_shares, cost_parts, sale_parts, stream_parts
from valuation.explain.reading import OPTIONAL, Stored, parameters, read_stored
from valuation.explain.resold import RESALE, resold_parts
from valuation.explain.rows import Rows
from valuation.value.money import GROUPS

__all__ = ["explain", "unrolled"]

AGREE: Final = 1e-9
"""Relative difference up to which parts and figure are one: both are float64 sums."""
NO_SALES: Final = ("cost_usd",)
NO_COSTS: Final = ("gross_usd", RESALE, *GROUPS)
FIGURE: Final = (
    "route_id", "product_id", "element", "measure", "mean", "p10", "p50", "p90",
    "standard_error", "mean_at_fixed_prices", "reason",
)  # fmt: skip
RUN: Final = (
    "run_id", "finished_at", "program_version", "data_version", "deck_id", "deck_version", "as_of",
    "seed", "draws", "options",
)  # fmt: skip


def explain(
    db: Path,
    batch_id: str,
    *,
    route_id: str | None = None,
    product_id: str | None = None,
    measure: str | None = None,
    element: str | None = None,
) -> dict[str, Any]:
    """Unroll one figure of a published file.

    Args:
        db: The published file.
        batch_id: The batch; another case, or a beginning that only one has, will do.
        route_id: The route; the one with the highest net when not given.
        product_id: A product of the route.
        measure: What is measured, as in `batch_value`; net_usd when nothing else is said, the
            sales of a product, the mass of an element.
        element: An element.

    Returns:
        `run`, `batch`, `notes`, `figure` (with `parts`, each with `factors`, each with `rows` by
        id), `check` (whether the parts add up), `basis` (shares of sales and costs), `flow` (the
        way of each element, step by step), `rows` and `sources` by id, and of a route's net
        `batch_sensitivity` and `batch_break_even` where the file has them.

    Raises:
        OutputBusy: Another program has the file open for writing.
        OutputError: There is no such file, it is not ours, or it is of an earlier version.
        UsageError: No such batch, route, product, measure or element; offers the nearest.
    """
    stored = read_stored(db, batch_id)
    found = unrolled(stored, route_id, product_id, measure, element)
    rows = found["rows"].values()
    drawn = parameters(db, sorted({row["parameter_key"] or "" for row in rows}))
    for row in rows:
        row["parameter"] = drawn.get(row.pop("parameter_key") or "")
    return {"db": str(db)} | found


def unrolled(
    stored: Stored,
    route_id: str | None = None,
    product_id: str | None = None,
    measure: str | None = None,
    element: str | None = None,
) -> dict[str, Any]:
    """What `explain` gives, of a batch that was read; rows name their draws but do not tell them.

    Raises:
        UsageError: No such route, product, measure or element; offers the nearest.
    """
    figure = choose_figure(stored, route_id, product_id, measure, element)
    tables = stored.tables
    reached = Rows(tables["reference_row"], tables["price"], tables["source"])
    parts = _parts(stored, reached, figure)
    basis = {}
    if figure.route_id and figure.unit == "USD" and figure.product_id is None:
        basis = basis_shares(stored, reached, figure.route_id, content_basis(stored))
    found: dict[str, Any] = {
        "run": {name: stored.run[name] for name in RUN} | _deck(stored),
        "batch": dict(stored.batch),
        "notes": [*stored.notes, *figure.notes],
        "figure": _figure(stored, figure) | {"parts": parts},
        "check": _check(figure, parts),
        "basis": basis,
        "flow": _flow(stored, figure),
    }
    for table in OPTIONAL:
        if table in tables and figure.route_id:
            found[table] = _of_route(tables[table], stored, figure)
    return found | {"rows": reached.used, "sources": reached.sources_used()}


def _parts(stored: Stored, reached: Rows, figure: Figure) -> list[dict[str, Any]]:
    if figure.unit == "kg":
        return mass_parts(stored, reached, figure)
    if figure.product_id:
        return stream_parts(stored, reached, figure)
    parts = []
    if figure.measure not in NO_SALES:
        if figure.measure not in GROUPS:
            parts += resold_parts(stored, reached, figure)
        if figure.measure != RESALE:
            parts += sale_parts(stored, reached, figure, GROUPS.get(figure.measure))
    if figure.measure not in NO_COSTS:
        costs = cost_parts(stored, reached, figure)
        if figure.measure in NO_SALES:  # told as costs, not as what they take from a net
            turned = {"p10": "p90", "p90": "p10"}
            signed = ("mean", "p10", "p50", "p90", "mean_at_fixed_prices")
            costs = [c | {n: _negative(c[turned.get(n, n)]) for n in signed} for c in costs]
        parts += costs
    return parts


def _negative(number: float | None) -> float | None:
    return None if number is None else -number


def _figure(stored: Stored, figure: Figure) -> dict[str, Any]:
    titles = dict(stored.tables["route"].select("route_id", "title").iter_rows())
    key = tuple(figure.row[name] for name in ("route_id", "product_id", "element", "measure"))
    return {name: figure.row[name] for name in FIGURE} | {
        "unit": figure.unit,
        "route_title": titles.get(figure.route_id),
        "product_id": figure.product_id or (TOTAL if figure.row["product_id"] else None),
        "draws_kept": stored.run["draws"] if key in stored.kept_draws else 0,
    }


def _check(figure: Figure, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Whether the parts add up to the figure; nothing to compare where one is not known."""
    column = "mean_at_fixed_prices" if figure.measure.endswith("at_fixed_prices") else "mean"
    known = [part[column] for part in parts if part[column] is not None]
    unknown = len(parts) - len(known)
    mean = figure.row["mean"]
    # before unknowns the known parts alone are summed
    comparable = mean is not None and (not unknown or figure.measure == "net_before_unknown_usd")
    total = sum(known)
    scale = max([abs(part) for part in known], default=0.0)
    difference = total - mean if comparable else None
    return {
        "sum_of_parts": total,
        "mean": mean,
        "difference": difference,
        "unknown_parts": unknown,
        "adds_up": None if difference is None else abs(difference) <= AGREE * max(scale, 1e-12),
    }


def _deck(stored: Stored) -> dict[str, Any]:
    rows = stored.tables["deck"].to_dicts()
    return {"deck_title": rows[0]["title"], "takes_asks": rows[0]["takes_asks"]} if rows else {}


def _flow(stored: Stored, figure: Figure) -> list[dict[str, Any]]:
    """The way of each element through the route, as `batch_flow` keeps it."""
    flows = stored.flows.filter(pl.col("route_id").is_in([figure.route_id]))
    if figure.element:
        flows = flows.filter(pl.col("element") == figure.element)
    return flows.drop("batch_id", "route_id").to_dicts()


def _of_route(frame: pl.DataFrame, stored: Stored, figure: Figure) -> list[dict[str, Any]]:
    """Rows of a batch and route; of several measures, those of its net or net before unknowns."""
    same = pl.col("batch_id") == stored.batch["batch_id"], pl.col("route_id") == figure.route_id
    rows = frame.filter(*same)
    if "measure" in rows.columns:
        rows = rows.filter(pl.col("measure").str.starts_with("net"))
        by_share = ["first_order_share", "parameter_group"]
        rows = rows.sort(by_share, descending=[True, False], nulls_last=True)
    return rows.drop("batch_id", "route_id").to_dicts()
