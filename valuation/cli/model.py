"""`valuation model`: fits what is learnt and pooled, and tells how good it is."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from valuation.cli.exits import emit, reports_errors
from valuation.cli.text import Table, render

if TYPE_CHECKING:
    from valuation.tables import Tables

SAME = 1e-6
"""Largest difference between chances of the committed model and one trained again. [1]"""
NOT_SAME = 3
MODELS = ("identity", "content")
PART = click.option("--only", type=click.Choice(MODELS), help="One of the two models.")


@click.group()
def model() -> None:
    """Fit the two models again, or look at their cards.

    Identity: the classifier that names texts nobody has a pattern for. Content: medians and means
    pooled from published evidence.
    """


@model.command()
@click.option("--out", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="Write here instead of replacing the models in use: identity into DIR, content "
                   "into DIR/content.")  # fmt: skip
@PART
@click.option("--json", "as_json", is_flag=True,
              help="Print the card as JSON: identity's, or that of --only.")  # fmt: skip
@reports_errors
def train(out: Path | None, only: str | None, as_json: bool) -> int:
    """Fit both models, measure them on what is left out, write their cards.

    Identity learns the labelled strings and leaves out series; content pools the published
    evidence and leaves out research groups.

    With --out, exit 3 when the chances differ from those of the model in use by more than 1e-6, or
    a fitted parameter or its card differs at all.
    """
    from valuation.tables import load_tables

    tables = load_tables()
    cards: dict[str, dict[str, Any]] = {}
    code = 0
    for name in [only] if only else MODELS:
        cards[name], same = (_train_identity if name == "identity" else _train_content)(tables, out)
        code = code if same else NOT_SAME
    _print(cards, as_json)
    return code


def _train_identity(tables: "Tables", out: Path | None) -> tuple[dict[str, Any], bool]:
    """The card of the classifier, and whether it is the one in use."""
    from valuation.identity.model.training import largest_difference
    from valuation.identity.model.training import train as fit

    in_use = tables.models / "identity"
    card = fit(tables, out or in_use, _say)
    if out is None:
        return card, True
    difference = largest_difference(tables, out, in_use)
    _say(f"Chances differ from those of the model in use by {difference:.1e}.")
    return card, difference <= SAME


def _train_content(tables: "Tables", out: Path | None) -> tuple[dict[str, Any], bool]:
    """The card of the content model, and whether it is the one in use."""
    from valuation.content.model.training import differs
    from valuation.content.model.training import train as fit

    in_use = tables.models / "content"
    place = out / "content" if out else in_use
    card = fit(tables, place, _say)
    if out is None:
        return card, True
    different = differs(place, in_use)
    said = f"{' and '.join(different)} differ from" if different else "are"
    _say(f"Fitted parameters {said} those of the model in use.")
    return card, not different


def _say(words: str) -> None:
    click.echo(words, err=True)


@model.command()
@PART
@click.option("--json", "as_json", is_flag=True,
              help="The whole card as JSON: identity's, or that of --only.")  # fmt: skip
@reports_errors
def card(only: str | None, as_json: bool) -> int:
    """How good identity is on series it has not seen, and what content pools from which group."""
    from valuation.content.model.parameters import read_card
    from valuation.identity.model.classifier import Model
    from valuation.tables import load_tables

    models = load_tables().models
    cards: dict[str, dict[str, Any]] = {}
    if only != "content":
        cards["identity"] = Model(models / "identity").card
    if only != "identity":
        cards["content"] = read_card(models / "content")
    _print(cards, as_json)
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


def _print(cards: dict[str, dict[str, Any]], as_json: bool) -> None:
    if as_json:
        emit(json.dumps(next(iter(cards.values())), indent=1, ensure_ascii=False))
        return
    tables = []
    if "identity" in cards:
        shown = cards["identity"]
        tables += [
            _table("Series left out", shown["left_out"]),
            _table("All strings", shown["seen"]),
        ]
    if "content" in cards:
        tables += _content_tables(cards["content"])
    emit(render(tables))


def _content_tables(card: dict[str, Any]) -> list[Table]:
    from valuation.content.model.card import card_lines, group_lines, left_out_lines

    fitted = ("quantity", "pooled", "its row", "prior row")
    by_group = ("quantity", "group", "reads", "weight", "moves", "below")
    by_group_notes = (
        "weight: how much of a change of the reading the mean follows.",
        "moves: what the group does to the mean of the others.",
        "below: the chance of less, as the others foretell it.",
    )
    left_out = ("quantity", "tau", "groups left out that lie in P10 to P90")
    return [
        Table("Content fitted to published evidence", fitted, card_lines(card)),
        Table("What each research group adds", by_group, group_lines(card), 2, by_group_notes),
        Table("Research groups left out", left_out, left_out_lines(card), text_columns=3),
    ]


def _table(title: str, figures: dict[str, Any]) -> Table:
    from valuation.identity.model.metrics import figure_lines

    return Table(title, ("", ""), figure_lines(figures), text_columns=2)
