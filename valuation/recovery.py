"""Recovery: routes as rows -> what each step moves on, what leaves as product, what is lost where.

Everything is linear in the contained mass, so a route is a table of coefficients per series: the
share of the contained mass that enters, leaves and is lost at each step. Element mass is never
mixed with product mass, and what is contained is recovered or lost, to the last digit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import polars as pl

from valuation.disposition import Policy
from valuation.errors import TableError, UsageError
from valuation.shapes import CHEMISTRY, Capture, Cost, Flow, Plan, Route, Series, Step
from valuation.tables import Tables
from valuation.uncertain import Spread, spread_of
from valuation.units import PRODUCTS, WHOLE

CO_PRODUCT = "product:"
RARE_EARTH_PRODUCTS = PRODUCTS[: PRODUCTS.index("magnet_pieces")]
"""Oxides, alloy and magnets: what a magnet becomes where its plant gets it."""


def known_routes(tables: Tables, route_ids: Sequence[str]) -> tuple[str, ...]:
    """The routes wanted, in the order of `route.csv`; all when none is named.

    Raises:
        UsageError: No route has that id; the message offers the nearest.
    """
    known = tables.frame("route")["route_id"].to_list()
    for route_id in route_ids:
        if route_id not in known:
            near = get_close_matches(route_id, known, 1)
            raise UsageError(
                f"No route is called `{route_id}`.",
                f"Did you mean `{near[0]}`?" if near else f"Known routes: {', '.join(known)}.",
            )
    return tuple(r for r in known if r in route_ids or not route_ids)


def plan_recovery(
    tables: Tables,
    series: Sequence[Series],
    route_ids: Sequence[str],
    settlement: str | None,
    forms: Sequence[str] = (WHOLE,),
) -> list[Plan]:
    """Routes of `data/recovery/`, resolved for every series, in the order of `route.csv`.

    Args:
        tables: Reference data.
        series: Series of the content.
        route_ids: Routes wanted.
        settlement: Overrides the settlement of every route: own, sell_feed or toll.
        forms: How lots arrive; each has the plans of all routes, one form after the other.

    Raises:
        TableError: A route leaves a series undecided, a step has no share for a stream it names,
            neither a cost nor an unknown, or no row for a form.
    """
    plans = []
    for form in forms:
        held = streams_held(tables, form)
        there = [name for name in series if held is None or name[0] in held]
        plans += [
            Plan(route, tuple(_flows(route, there)), form)
            for route in _routes(tables, settlement, form)
            if route.route_id in route_ids
        ]
    return plans


def form_warnings(plans: Sequence[Plan], forms: Mapping[str, str]) -> list[str]:
    """One sentence per form other than whole: on which routes no magnet reaches its plant.

    Args:
        plans: Routes, of every form among the batches.
        forms: How batches arrive that do not arrive whole.
    """
    warnings = []
    for form in sorted(set(forms.values())):
        batches = ", ".join(sorted(batch for batch, named in forms.items() if named == form))
        cut = [
            plan.route.route_id
            for plan in plans
            if plan.form == form
            and any(step.is_skipped and step.stage in CHEMISTRY for step in plan.route.steps)
            and not any(str(f.to) in RARE_EARTH_PRODUCTS for f in plan.flows)
        ]
        if cut:
            warnings.append(
                f"{batches}: arrives as {form}, so no magnet reaches the plant of "
                f"{', '.join(cut)}; their skipped steps free nothing and cost nothing."
            )
    return warnings


def streams_held(tables: Tables, form: str) -> frozenset[str] | None:
    """Streams that a lot of a form holds; None when it holds all of them."""
    rows = tables.frame("form_share").filter(pl.col("form") == form)
    return frozenset(rows["stream"]) if rows.height else None


def _flows(route: Route, series: Sequence[Series]) -> Iterator[Flow]:
    for name in series:
        entering: float = 1.0
        path: tuple[Capture, ...] = ()
        for step in route.steps:
            try:
                capture = step.capture(*name)
            except KeyError as error:
                raise TableError(
                    f"capture.csv: step {step.step_id} names {name[0]} but has no share for "
                    f"{name[1]}, on route {route.route_id}.",
                    "Add a row for this element, or one for `*`.",
                ) from error
            if capture is None:
                if entering > 0:
                    yield Flow(step, name, entering, "next", None, path)
                continue
            rest = (*path, capture.rest())
            path = (*path, capture)
            kept = capture.mean
            if kept > 0:
                yield Flow(step, name, entering * kept, capture.to, None, path)
            if kept < 1:
                product = _co_product(capture.sink)
                sink = None if product else capture.sink
                yield Flow(step, name, entering * (1 - kept), product, sink, rest)
            entering = entering * kept if capture.to == "next" else 0.0
            if entering == 0:
                break
        if entering > 0:
            raise TableError(
                f"Route {route.route_id} ends with {name[1]} of {name[0]} undecided.",
                "Add a capture row for this stream to the last step in capture.csv.",
            )


def _co_product(sink: str) -> str | None:
    """The product behind a sink written `product:ID`: what a step does not keep may be sold."""
    return sink.removeprefix(CO_PRODUCT) if sink.startswith(CO_PRODUCT) else None


def _routes(tables: Tables, settlement: str | None, form: str) -> list[Route]:
    library = _Library(_captures(tables), _costs(tables), _acts(tables, form), form)
    steps: dict[str, list[Step]] = {}
    for row in tables.frame("route_step").sort("route_id", "step_no").iter_rows(named=True):
        steps.setdefault(row["route_id"], []).append(library.step(row))
    paid: dict[tuple[str, str], dict[str, Spread]] = {}
    for row in tables.frame("route_product").iter_rows(named=True):
        key = (row["route_id"], row["mode"])
        paid.setdefault(key, {})[row["product_id"]] = spread_of(row)
    return [
        Route(
            route_id=row["route_id"],
            title=row["title"],
            settlement=settlement or row["settlement"],
            point_of_sale=row["point_of_sale"],
            steps=tuple(steps[row["route_id"]]),
            payable=paid.get((row["route_id"], "own"), {}),
            returnable=paid.get((row["route_id"], "toll"), {}),
        )
        for row in tables.frame("route").iter_rows(named=True)
    ]


@dataclass(frozen=True)
class _Library:
    """Captures and costs by process, and what each process does with a form (as it is: no row)."""

    captures: Mapping[str, Mapping[tuple[str, str], Capture]]
    costs: Mapping[str, tuple[Cost, ...]]
    acts: Mapping[str, Mapping[str, Any]]
    form: str

    def step(self, row: Mapping[str, Any]) -> Step:
        """One row of `route_step.csv` as it acts on the form.

        Raises:
            TableError: No row says what it does with the form, or what it costs.
        """
        step_id, title = row["step_id"], row["title"]
        acts = self.acts.get(step_id)
        if acts is None and self.form != WHOLE:
            raise TableError(
                f"step_form.csv: no row says what {step_id} does with a lot that arrives "
                f"as {self.form}.",
                "Add one: as_is, skipped, or the process that acts instead.",
            )
        does = acts["acts"] if acts else "as_is"
        if acts and does == "instead":
            step_id, title = acts["instead_step_id"], acts["instead_title"]
        if does != "skipped" and step_id not in self.costs:
            raise TableError(
                f"cost.csv: step {step_id} of route {row['route_id']} has no cost and no row "
                "that says the cost is unknown.",
                "Add one, or it would be taken as free.",
            )
        return Step(
            step_no=row["step_no"],
            step_id=step_id,
            title=title,
            stage=row["stage"],
            captures={} if does == "skipped" else self.captures.get(step_id, {}),
            costs=() if does == "skipped" else self.costs[step_id],
            is_skipped=does == "skipped",
            reason=f"arrived as {self.form}: {acts['reason']}" if acts and acts["reason"] else None,
        )


def _acts(tables: Tables, form: str) -> dict[str, dict[str, Any]]:
    rows = tables.frame("step_form").filter(pl.col("form") == form)
    return {row["step_id"]: row for row in rows.iter_rows(named=True)}


def _captures(tables: Tables) -> dict[str, dict[tuple[str, str], Capture]]:
    found: dict[str, dict[tuple[str, str], Capture]] = {}
    for row in tables.frame("capture").iter_rows(named=True):
        capture = Capture(
            step_id=row["step_id"],
            stream=row["stream"],
            element=row["element"],
            to=row["to"],
            sink=row["sink"],
            share=spread_of(row),
        )
        found.setdefault(capture.step_id, {})[capture.stream, capture.element] = capture
    return found


def _costs(tables: Tables) -> dict[str, tuple[Cost, ...]]:
    found: dict[str, tuple[Cost, ...]] = {}
    for row in tables.frame("cost").iter_rows(named=True):
        cost = Cost(
            step_id=row["step_id"],
            cost_id=row["cost_id"],
            title=row["title"],
            cost_kind=row["cost_kind"],
            denominator=row["denominator"],
            unit_kind=row["unit_kind"],
            currency=row["currency"] or "USD",
            minimum=row["minimum"],
            amount=None if row["unknown"] else spread_of(row),
            unknown_reason=row["unknown_reason"],
            basis=row["basis"],
        )
        found[cost.step_id] = (*found.get(cost.step_id, ()), cost)
    return found


def owner_policy(tables: Tables, policy_id: str | None) -> Policy:
    """What an owner allows for data-bearing kit, as `policy.csv` has it; all where nothing is said.

    Raises:
        TableError: The data lack the policy.
    """
    kinds = tables.frame("data_bearing").filter("data_bearing")["kind"]
    rows = tables.frame("policy").filter(pl.col("policy_id").eq_missing(pl.lit(policy_id)))
    if policy_id is not None and rows.is_empty():
        raise TableError(f"policy.csv has no row of the policy `{policy_id}`.")
    return Policy(
        policy_id,
        dict(rows.select("route_id", "allowed").iter_rows()),
        dict(rows.select("route_id", "why").iter_rows()),
        frozenset(kinds),
    )
