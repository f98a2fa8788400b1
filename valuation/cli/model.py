"""`valuation model`: trains the classifier of identity, and tells how good it is."""

import json
from pathlib import Path
from typing import Any

import click

from valuation.cli.exits import emit, reports_errors
from valuation.cli.text import Table, render

SAME = 1e-6
"""Largest difference between chances of the committed model and one trained again. [1]"""
NOT_SAME = 3


@click.group()
def model() -> None:
    """Train the classifier that names texts nobody has a pattern for, or look at its card."""


@model.command()
@click.option("--out", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="Write model and card here instead of replacing the ones in use.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the card as JSON.")
@reports_errors
def train(out: Path | None, as_json: bool) -> int:
    """Fit the classifier to the labelled strings, measure it on series left out, write its card.

    With --out, exit 3 when the chances differ from those of the model in use by more than 1e-6.
    """
    from valuation.identity.model.training import largest_difference
    from valuation.identity.model.training import train as fit
    from valuation.tables import load_tables

    tables = load_tables()
    in_use = tables.models / "identity"
    card = fit(tables, out or in_use, lambda words: click.echo(words, err=True))
    _print(card, as_json)
    if out is None:
        return 0
    difference = largest_difference(tables, out, in_use)
    click.echo(f"Chances differ from those of the model in use by {difference:.1e}.", err=True)
    return 0 if difference <= SAME else NOT_SAME


@model.command()
@click.option("--json", "as_json", is_flag=True, help="The whole card as JSON.")
@reports_errors
def card(as_json: bool) -> int:
    """How good identity is on series it has not seen, and what it is bad at."""
    from valuation.identity.model.classifier import Model
    from valuation.tables import load_tables

    _print(Model(load_tables().models / "identity").card, as_json)
    return 0


@model.command()
@click.argument("files", nargs=-1, required=True,
                type=click.Path(exists=True, dir_okay=False, path_type=Path))  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="All figures as JSON.")
@reports_errors
def evaluate(files: tuple[Path, ...], as_json: bool) -> int:
    """Measure identity on labelled strings of CSV files: as it is, and with their series left out.

    Columns: manufacturer, model, part_number, description, kind, series, and where known
    form_factor_in, rpm, capacity_gb, n_seen.
    """
    import polars as pl

    from valuation.identity.model.labelled import read_labelled
    from valuation.identity.model.training import evaluate as measure
    from valuation.tables import load_tables

    strings = pl.concat([read_labelled(path) for path in files]).unique(maintain_order=True)
    found = measure(strings, load_tables(), lambda words: click.echo(words, err=True))
    if as_json:
        emit(json.dumps(found, indent=1, ensure_ascii=False))
        return 0
    emit(
        render(
            [_table("As it is", found["as_it_is"]), _table("Series left out", found["left_out"])]
        )
    )
    return 0


def _print(card: dict[str, Any], as_json: bool) -> None:
    if as_json:
        emit(json.dumps(card, indent=1, ensure_ascii=False))
    else:
        emit(
            render(
                [_table("Series left out", card["left_out"]), _table("All strings", card["seen"])]
            )
        )


def _table(title: str, figures: dict[str, Any]) -> Table:
    from valuation.identity.model.metrics import figure_lines

    return Table(title, ("", ""), figure_lines(figures), text_columns=2)
