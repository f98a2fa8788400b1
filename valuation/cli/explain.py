"""`valuation explain`: a published figure unrolled to its parts, factors, rows and sources."""

import json
from pathlib import Path
from typing import Any, Final

import click

from valuation.cli.exits import emit, reports_errors
from valuation.cli.explained import explained_text
from valuation.cli.options import published_file
from valuation.cli.watch import print_warnings

FULL: Final = 4
"""Steps from a figure to its sources: part, factor, row and its source."""


@click.command()
@click.argument("batch_id", metavar="BATCH")
@published_file
@click.option("--route", "route_id", metavar="ID", help="Route.  [default: the highest net]")
@click.option("--product", "product_id", metavar="ID", help="Product: its sales, or its mass.")
@click.option("--measure", metavar="NAME", help="What is measured.  [default: net_usd]")
@click.option("--element", metavar="SYMBOL", help="Element: its mass.")
@click.option(
    "--depth",
    metavar="1-4",
    type=click.IntRange(1, FULL),
    help="1 figure, 2 parts, 3 factors, 4 rows and sources.  [default: 2, and 3 in short]",
)
@click.option("--full", is_flag=True, help="Everything: --depth 4.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object that holds everything.")
@reports_errors
def explain(
    batch_id: str,
    db: Path,
    route_id: str | None,
    product_id: str | None,
    measure: str | None,
    element: str | None,
    depth: int | None,
    full: bool,
    as_json: bool,
) -> int:
    """Unroll a figure of BATCH: what adds up to it, by which masses, prices and costs, and why.

    Without options, the net of the best route. Only the file is read, so what is told is what
    stood when the figure was made.
    """
    from valuation.explain import explain as unroll

    found = unroll(
        db, batch_id, route_id=route_id, product_id=product_id, measure=measure, element=element
    )
    if as_json:
        emit(json.dumps(found, indent=1, ensure_ascii=False, default=str, allow_nan=False))
    else:
        emit(explained_text(found, FULL if full else depth))
    print_warnings(_warnings(found))
    return 0


def _warnings(found: dict[str, Any]) -> list[str]:
    said = []
    if found["run"].get("takes_asks"):
        deck = found["run"]["deck_id"]
        said.append(f"DECK {deck} IS A STRESS TEST, NOT AN OFFER: it reads asks and records.")
    if found["check"]["adds_up"] is False:
        said.append(
            "The parts do not add up to the figure: the batch was valued by another version. "
            f"Value it again: valuation value --db {found['db']}."
        )
    return said
