"""`valuation review`: items nobody could settle go out to a person, answers come back."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from valuation.cli.exits import emit, reports_errors
from valuation.errors import UsageError
from valuation.setting_values import today
from valuation.settings import Settings, load_settings

if TYPE_CHECKING:
    from valuation.identity.answers import Answer
    from valuation.review import Exported, Imported

FAULTY = 3
TEXT_CHARACTERS = 40
_OVERRIDES = click.option(
    "--overrides", metavar="FILE", help="Where answers are kept.  [default: the user's data folder]"
)
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")


@click.group()
def review() -> None:
    """Have a person say what the program cannot: export items, fill them in, import them."""


@review.command("export")
@click.argument("items", metavar="ITEMS", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--db", metavar="PATH", help="The published file.")
@click.option(
    "--below",
    "review_below",
    metavar="SHARE",
    help=f"Confidence under which an item is doubtful.  [default: {Settings.review_below}]",
)
@click.option("--top", metavar="N", type=click.IntRange(1), help="The first N items only.")
@_OVERRIDES
@click.option("--force", is_flag=True, help="Replace a file that is there with another content.")
@_JSON
@reports_errors
def export_command(
    items: Path, top: int | None, force: bool, as_json: bool, **options: object
) -> int:
    """Write unidentified and doubtful items to ITEMS, the one that matters most first.

    ITEMS is a workbook when its name ends in .xlsx, else CSV. Fill in the columns that begin with
    `reviewed_` and give it to `valuation review import`.
    """
    settings = load_settings(options, os.environ, Path.cwd())
    if settings.db is None:
        raise UsageError("No published file is named.", "Give --db PATH.")
    from valuation.identity import read_overrides
    from valuation.review import export_items
    from valuation.sheet import MAX_ROWS
    from valuation.tables import load_tables

    tables = load_tables()
    overrides = read_overrides(settings.overrides_file, tables)
    done = export_items(
        settings.db,
        items,
        overrides,
        tables,
        below=settings.review_below,
        most=top or MAX_ROWS,
        force=force,
    )
    if as_json:
        emit(json.dumps(_exported(done), ensure_ascii=False))
    else:
        emit(_export_sentence(done))
        click.echo(
            "Fill in the columns that begin with `reviewed_`, then: "
            f"valuation review import {done.path} --by NAME",
            err=True,
        )
    return 0


def _exported(done: "Exported") -> dict[str, object]:
    return {
        "path": str(done.path),
        "items": done.items,
        "of_items": done.of_items,
        "answered": done.answered,
        "at_stake_usd": None if done.at_stake_usd is None else round(done.at_stake_usd, 2),
        "written": done.is_new,
    }


def _export_sentence(done: "Exported") -> str:
    from valuation.cli.text import number

    told = _count(done.items, "item")
    if done.items < done.of_items:
        told = f"the first {told} of {done.of_items:,} that are not settled"
    stake = f"their answers are expected to move the totals by {number(done.at_stake_usd)} USD"
    if done.at_stake_usd is None:
        stake = "what their answers would move is not known, so they are ranked by units"
    notes = [f"{done.path}: {told}; {stake}."]
    if not done.is_new:
        notes.append("The same was there already.")
    if done.answered:
        waiting = _count(done.answered, "item")
        notes.append(f"Left out: {waiting} answered since; `valuation value` uses the answers.")
    return " ".join(notes)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


@review.command("import")
@click.argument("items", metavar="ITEMS", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--by", metavar="NAME", default="", help="Who says so, where the file does not.")
@click.option("--why", metavar="TEXT", default="", help="Why, where the file does not.")
@click.option("--on", metavar="DATE", default="", help="When.  [default: today]")
@click.option("--db", metavar="PATH", help="A published file that must know the items.")
@click.option("--skip-bad", is_flag=True, help="Keep sound rows though others are not; exit 3.")
@_OVERRIDES
@_JSON
@reports_errors
def import_command(
    items: Path, by: str, why: str, on: str, skip_bad: bool, as_json: bool, **options: object
) -> int:
    """Keep what a person filled in; `valuation value` uses it from then on.

    Rows left empty are left open. If one row cannot be taken, none is, unless --skip-bad.
    """
    settings = load_settings(options, os.environ, Path.cwd())
    from valuation.review import import_answers
    from valuation.tables import load_tables

    done = import_answers(
        items,
        settings.overrides_file,
        load_tables(),
        signed={"reviewed_by": by, "reviewed_on": on, "reviewed_why": why},
        today=today(),
        db=settings.db,
        skip_bad=skip_bad,
    )
    for fault in done.faults:
        click.echo(str(fault), err=True)
    if as_json:
        emit(json.dumps(_imported(done), ensure_ascii=False))
    else:
        emit(_import_sentence(done))
        if done.is_written:
            click.echo("Use them: valuation value --db PATH values again what it holds.", err=True)
    return FAULTY if done.faults else 0


def _imported(done: "Imported") -> dict[str, object]:
    return {
        "path": str(done.path),
        "overrides": str(done.overrides),
        "written": done.is_written,
        "added": done.added,
        "changed": done.changed,
        "known": done.known,
        "open": done.open,
        "faults": [{"message": f.message, "hint": f.hint} for f in done.faults],
        "exit_code": FAULTY if done.faults else 0,
    }


def _import_sentence(done: "Imported") -> str:
    faults, taken = _count(len(done.faults), "fault"), done.added + done.changed + done.known
    if not taken and done.faults:
        return f"{done.path}: {faults}; nothing was taken. Mend them, or give --skip-bad."
    if not taken:
        rows = _count(done.open, "row")
        return f"{done.path}: no answer; the `reviewed_` columns of its {rows} are empty."
    told = [_count(done.added, "new answer"), f"{done.changed:,} changed"]
    told += [f"{done.known:,} known already", f"{_count(done.open, 'row')} left open"]
    if done.faults:
        told.append(f"{faults}, their rows skipped")
    return f"{done.path}: {', '.join(told)}. Answers are in {done.overrides}."


@review.command("list")
@click.option("--history", is_flag=True, help="Every entry, not only the latest of each item.")
@_OVERRIDES
@_JSON
@reports_errors
def list_command(history: bool, as_json: bool, **options: object) -> int:
    """Show the answers there are: what, who said so, when and why."""
    settings = load_settings(options, os.environ, Path.cwd())
    from valuation.identity import read_overrides
    from valuation.tables import load_tables

    overrides = read_overrides(settings.overrides_file, load_tables())
    answers = list(overrides.entries if history else overrides.answers.values())
    if as_json:
        found = [answer.cells() for answer in answers]
        path = str(settings.overrides_file)
        emit(json.dumps({"overrides": path, "answers": found}, ensure_ascii=False))
    elif answers:
        emit(_listing(answers))
    else:
        emit(f"No item is reviewed in {settings.overrides_file}.")
    return 0


def _listing(answers: "list[Answer]") -> str:
    from valuation.cli.text import Table, render

    rows = []
    for answer in answers:
        texts = " ".join(filter(None, answer.texts))
        shown = f"{texts[:TEXT_CHARACTERS]}..." if len(texts) > TEXT_CHARACTERS else texts
        key = answer.cells()["item"]
        rows.append((key, shown, _said(answer), answer.by, f"{answer.on}", answer.why))
    columns = ("item", "texts", "is", "by", "on", "why")
    return render([Table("", columns, rows, text_columns=len(columns))])


def _said(answer: "Answer") -> str:
    """What an answer says, in a few words."""
    from valuation.identity.cells import ATTRIBUTES, UNIT_NAMES

    if not answer.kind:
        return "(taken back)"
    told = [answer.item_class or answer.kind, answer.manufacturer, answer.family]
    numbers = {name: getattr(answer, name) for name in ATTRIBUTES}
    told += [f"{n:.12g} {UNIT_NAMES.get(name, name)}" for name, n in numbers.items() if n]
    counted = {True: "counted", False: "not counted", None: None}[answer.counted]
    return ", ".join(filter(None, [*told, counted]))


@review.command("remove")
@click.argument("keys", metavar="ITEM...", nargs=-1, required=True)
@click.option("--by", metavar="NAME", required=True, help="Who takes the answers back.")
@click.option("--why", metavar="TEXT", required=True, help="Why.")
@_OVERRIDES
@_JSON
@reports_errors
def remove_command(
    keys: tuple[str, ...], by: str, why: str, as_json: bool, **options: object
) -> int:
    """Take answers back; the file keeps that they were given."""
    settings = load_settings(options, os.environ, Path.cwd())
    from valuation.review import remove_answers
    from valuation.tables import load_tables

    if not by.strip() or not why.strip():
        raise UsageError("Who takes the answers back and why is empty.", "Give --by and --why.")
    path = settings.overrides_file
    removed = remove_answers(path, keys, load_tables(), by=by, why=why, on=today())
    if as_json:
        emit(json.dumps({"overrides": str(path), "removed": [a.cells() for a in removed]}))
    else:
        emit(f"{path}: {_count(len(removed), 'answer')} taken back.")
    return 0
