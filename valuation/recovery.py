"""Recovery: routes as rows -> what each step moves on, what leaves as product, what is lost where.

Everything is linear in the contained mass, so a route is a table of coefficients per series: the
share of the contained mass that enters, leaves and is lost at each step. Element mass is never
mixed with product mass, and what is contained is recovered or lost, to the last digit.
"""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from valuation.errors import TableError, UsageError
from valuation.shapes import Capture, Cost, Flow, Plan, Route, Series, Step
from valuation.tables import Tables
from valuation.uncertain import Spread, spread_of

CO_PRODUCT = "product:"


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
    tables: Tables, series: Sequence[Series], route_ids: Sequence[str], settlement: str | None
) -> list[Plan]:
    """Routes of `data/recovery/`, resolved for every series, in the order of `route.csv`.

    Args:
        tables: Reference data.
        series: Series of the content.
        route_ids: Routes wanted.
        settlement: Overrides the settlement of every route: own, sell_feed or toll.

    Raises:
        TableError: A route leaves a series undecided.
    """
    return [
        Plan(route, tuple(_flows(route, series)))
        for route in _routes(tables, settlement)
        if route.route_id in route_ids
    ]


def _flows(route: Route, series: Sequence[Series]) -> Iterator[Flow]:
    for name in series:
        entering: float = 1.0
        path: tuple[Capture, ...] = ()
        for step in route.steps:
            capture = step.capture(*name)
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


def _routes(tables: Tables, settlement: str | None) -> list[Route]:
    captures = _captures(tables)
    costs = _costs(tables)
    steps: dict[str, list[Step]] = {}
    for row in tables.frame("route_step").sort("route_id", "step_no").iter_rows(named=True):
        step_id = row["step_id"]
        step = Step(
            step_no=row["step_no"],
            step_id=step_id,
            title=row["title"],
            stage=row["stage"],
            captures=captures.get(step_id, {}),
            costs=costs.get(step_id, ()),
        )
        steps.setdefault(row["route_id"], []).append(step)
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
