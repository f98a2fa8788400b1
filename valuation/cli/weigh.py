"""`valuation weigh`: which families to weigh, assay or look at first in a batch."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from valuation.cli.exits import emit, reports_errors
from valuation.cli.options import published_file
from valuation.cli.text import Table, mass, number, percent, render

if TYPE_CHECKING:
    from valuation.weigh import ToMeasure

VERBS: Final = {"weigh": "weigh", "assay": "assay a composite", "xrf": "XRF"}
SMALL: Final = 0.01
"""Share of the range of net below which it is said that magnets are not what makes it wide."""


@click.command()
@click.argument("batch")
@published_file
@click.option("--route", metavar="ID", help="A route that has a net.  [default: the best]")
@click.option(
    "--pieces", metavar="N", type=click.IntRange(1, 100_000), help="Units of a family to weigh."
)
@click.option(
    "--template",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="CSV to fill in, for `value --measured`.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@reports_errors
def weigh(
    batch: str,
    db: Path,
    route: str | None,
    pieces: int | None,
    template: Path | None,
    as_json: bool,
) -> int:
    """Say what to weigh, assay or look at next in BATCH, best first.

    Ranked by how much the range P10 to P90 of the net narrows per piece, averaged over what the
    measurement may find.
    """
    from valuation.weigh import to_measure, write_form

    found = to_measure(db, batch, route=route, pieces=pieces)
    if template is not None:
        write_form(template, found)
    if as_json:
        told = {"batch": batch, "route": found.route, "measurements": list(found.rows)}
        emit(json.dumps(told, indent=2, ensure_ascii=False, default=str, allow_nan=False))
    else:
        emit(render([_table(found, template)]))
    return 0


def _table(found: "ToMeasure", template: Path | None) -> Table:
    best = found.rows[0]
    now = f"{number(found.width_usd)} USD for net, {mass(found.ree_width_kg)} for rare earths held"
    notes = [f"P10 to P90 now: {now}. Each row is by itself, not after the one above."]
    share = 1 - best["width_after_usd"] / found.width_usd
    if share < SMALL:
        notes.append(
            f"The first narrows the net by {percent(share)}: on this route the range comes from "
            "other materials and prices. What the magnets hold narrows as the last column says."
        )
    if template is not None:
        notes.append(f"Form to fill in: {template}; read it with `valuation value --measured`.")
    return Table(
        f"What to measure next in {found.batch}, on {found.title} ({found.route})",
        ("", "do", "what", "class", "magnet", "pieces", "of", "USD per piece", "net", "REE"),
        [_cells(row) for row in found.rows],
        text_columns=5,
        notes=tuple(notes),
    )


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    what = row["family_key"] or row["part_key"] or _alloy(row)
    return (
        str(row["rank"]),
        VERBS[row["method"]],
        what,
        row["item_class"],
        row["location"].replace("_", " "),
        f"{row['pieces']:,}",
        f"{row['units_in_batch']:,.0f}",
        number(row["narrowing_usd_per_piece"]),
        _narrowed(row["width_now_usd"], row["width_after_usd"]),
        _narrowed(row["ree_width_now_kg"], row["ree_width_after_kg"]),
    )


def _alloy(row: Mapping[str, Any]) -> str:
    made = "" if row["vintage"] == "any" else f", made {row['vintage']}"
    return f"{row['alloy_id']}{made}"


def _narrowed(now: float, after: float) -> str:
    """By how much of itself a range narrows."""
    share = 1 - after / now if now else 0.0
    return f"-{percent(share)}".replace("-< ", "< ") if share else "0 %"
