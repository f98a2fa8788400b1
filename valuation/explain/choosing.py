"""Choosing: which batch, route, product and measure are meant, and the nearest when none is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from valuation.errors import UsageError

if TYPE_CHECKING:
    from valuation.explain.reading import Stored

TOTAL: Final = "total"
NET: Final = "net_usd"
MOST_NAMED: Final = 12
OF_THE_BATCH: Final = ("contained_kg", "contained_ree_kg", "contained_fan_ree_kg")
"""Measures that no route changes."""


@dataclass(frozen=True)
class Figure:
    """One row of `batch_value`, and why it was taken where that was not asked for."""

    row: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    @property
    def measure(self) -> str:
        """What it measures."""
        return str(self.row["measure"])

    @property
    def route_id(self) -> str | None:
        """Its route; None for what the batch contains."""
        route: str | None = self.row["route_id"]
        return route

    @property
    def product_id(self) -> str | None:
        """Its product; None for a total."""
        product: str | None = self.row["product_id"]
        return None if product == TOTAL else product

    @property
    def element(self) -> str | None:
        """Its element; None where none is meant."""
        element: str | None = self.row["element"]
        return element

    @property
    def unit(self) -> str:
        """USD or kg."""
        return "kg" if self.measure.endswith("_kg") else "USD"


def chosen(
    what: str, asked: str, known: Sequence[str], where: str, *, begins: bool = True
) -> tuple[str, tuple[str, ...]]:
    """The name meant, and a sentence when it is not the one asked for.

    Args:
        what: What is named: batch, route ...
        asked: The name as given.
        known: Names there are.
        where: Where they are.
        begins: Whether the beginning of a name will do.

    Raises:
        UsageError: No name is it, or more than one could be; offers the nearest.
    """
    if asked in known:
        return asked, ()
    folded = asked.casefold()
    alike = [name for name in known if name.casefold() == folded]
    if not alike and begins and asked:
        alike = [name for name in known if name.casefold().startswith(folded)]
    if len(alike) == 1:
        return alike[0], (f"There is no {what} `{asked}`; {what} {alike[0]} is shown.",)
    if alike:
        raise UsageError(
            f"More than one {what} of {where} begins with `{asked}`: {_listed(alike)}.",
            "Give the whole name.",
        )
    by_folded = {name.casefold(): name for name in known}
    near = [by_folded[n] for n in get_close_matches(folded, by_folded, 3, cutoff=0.5)]
    raise UsageError(
        f"There is no {what} `{asked}` in {where}.",
        f"Did you mean {_listed(near)}?" if near else f"It has: {_listed(known)}.",
    )


def choose_figure(
    stored: "Stored",
    route_id: str | None,
    product_id: str | None,
    measure: str | None,
    element: str | None,
) -> Figure:
    """The row of `batch_value` that is meant; without more, the net of the best route.

    Raises:
        UsageError: The batch has no such figure; the message offers the nearest.
    """
    values, where = stored.values, f"batch {stored.batch['batch_id']}"
    notes: list[str] = []

    def pick(what: str, asked: str | None, column: str) -> str | None:
        if asked is None:
            return None
        known = sorted(set(values[column].drop_nulls()) - ({TOTAL} if asked != TOTAL else set()))
        name, said = chosen(what, asked, known, where, begins=False)
        notes.extend(said)
        return name

    measure, element = pick("measure", measure, "measure"), pick("element", element, "element")
    route_id, product_id = (
        pick("route", route_id, "route_id"),
        pick("product", product_id, "product_id"),
    )
    if product_id == TOTAL:
        product_id = None
    measure = measure or _measure_for(route_id, product_id, element)
    if measure in OF_THE_BATCH:
        if product_id:
            raise UsageError(
                f"`{measure}` is of a batch, not of a product.", "Leave --product out."
            )
        route_id = None
    elif route_id is None:
        route_id, said = _best_route(values, product_id)
        notes += said
    row = _row(values, route_id, product_id, measure, element, where)
    return Figure(row, tuple(notes))


def _measure_for(route_id: str | None, product_id: str | None, element: str | None) -> str:
    if product_id:
        return "recovered_element_kg" if element else "gross_usd"
    if element:
        return "liberated_kg" if route_id else "contained_kg"
    return NET


def _best_route(values: pl.DataFrame, product_id: str | None) -> tuple[str, list[str]]:
    """The route with the highest net, of those that make the product; else before unknowns."""
    totals = values.filter(pl.col("product_id") == TOTAL)
    if product_id:
        makes = values.filter(pl.col("product_id") == product_id)["route_id"].unique()
        totals = totals.filter(pl.col("route_id").is_in(makes.to_list()))
    for measure in (NET, "net_before_unknown_usd"):
        known = totals.filter(pl.col("measure") == measure, pl.col("mean").is_not_null())
        if known.height:
            best = known.sort(["mean", "route_id"], descending=[True, False])["route_id"][0]
            reason = (
                "has the highest net"
                if measure == NET
                else "no route has a net; this one has the highest before unknown costs"
            )
            return best, [f"No route was named: {best} {reason}."]
    routes = sorted(totals["route_id"].unique())
    if not routes:
        raise UsageError("The file has no figure of any route.", "Value it again with --route.")
    return routes[0], [f"No route has a net: {routes[0]} is shown."]


def _row(
    values: pl.DataFrame,
    route_id: str | None,
    product_id: str | None,
    measure: str,
    element: str | None,
    where: str,
) -> dict[str, Any]:
    same = values.filter(
        pl.col("route_id").eq_missing(pl.lit(route_id, pl.String)), pl.col("measure") == measure
    )
    names = same["product_id"].fill_null(TOTAL)
    rows = same.filter(
        names == (product_id or TOTAL),
        pl.col("element").eq_missing(pl.lit(element, pl.String)),
    )
    if rows.height:
        return rows.to_dicts()[0]
    said = [f"measure {measure}", f"product {product_id}", f"element {element}"]
    said = [text for text in said if not text.endswith(" None")]
    there = sorted(
        {
            " ".join(filter(None, (r["product_id"], r["element"]))) or "the total alone"
            for r in same.to_dicts()
        }
    )
    of = f" on route {route_id}" if route_id else ""
    hint = (
        f"It has {measure} of {_listed(there)}."
        if there
        else (f"Measures there: {_listed(sorted(set(_of_route(values, route_id)['measure'])))}.")
    )
    raise UsageError(f"There is no {', '.join(said)} of {where}{of}.", hint)


def _of_route(values: pl.DataFrame, route_id: str | None) -> pl.DataFrame:
    return values.filter(pl.col("route_id").eq_missing(pl.lit(route_id, pl.String)))


def _listed(names: Sequence[str]) -> str:
    shown = [f"`{name}`" for name in names[:MOST_NAMED]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")
