"""`valuation validate`: the published cases, and how far the model's figures can be trusted."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from valuation.cli.exits import emit, reports_errors
from valuation.cli.text import Table, number, percent, render
from valuation.settings import Settings, load_settings

if TYPE_CHECKING:
    from valuation.validate import Validation

FEWEST_TESTED = 8
"""Cases below which nothing is concluded from how many are inside."""
PRINTED_DIGITS = 6
"""Digits of what was published: it is shown as it was printed."""
QUANTITIES = {
    "nd_kg": "Nd contained",
    "ndpr_oxide_kg": "NdPr oxide recovered",
    "net_usd": "net",
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
@click.option("--seed", metavar="N", help=f"Where the samples start.  [default: {Settings.seed}]")
@click.option("--draws", metavar="N", help=f"Joint samples.  [default: {Settings.draws}]")
@reports_errors
def validate(as_json: bool, seed: str | None, draws: str | None) -> int:
    """Put published cases beside what the model says of them.

    That P10-P90 holds what was published is claimed for hold-outs only: cases of which nothing is
    in the model. Below are research groups left out one by one, the calibration of the arithmetic,
    and the spread that a lot of many families keeps.
    """
    settings = load_settings({"seed": seed, "draws": draws}, os.environ, Path.cwd())
    from valuation.tables import load_tables
    from valuation.validate import validate as run

    found = run(load_tables(), settings)
    if as_json:
        emit(json.dumps(found.as_dict(), indent=1, ensure_ascii=False, allow_nan=False))
    else:
        emit(render([*_cases(found), _left_out(found), *_calibration(found), _many(found)]))
    return 0


def _cases(found: "Validation") -> list[Table]:
    results, settings = found.cases, found.settings
    columns = ("case", "role", "unit", "published", "mean", "P10", "P90", "inside")
    rows, reasons = [], []
    for result in results:
        row, figures = result.case.row, result.figures
        inside = {True: "yes", False: "NO", None: "-"}[result.inside]
        rows.append(
            (
                row["case_id"],
                row["role"],
                "" if row["unit"] == "1" else row["unit"],
                _published(row),
                number(figures.mean),
                number(figures.p10),
                number(figures.p90),
                inside,
            )
        )
        reasons.append((row["case_id"], result.reason))
    claimed = [r.inside for r in results if r.inside is not None]
    told = f"{sum(claimed)} of {len(claimed)} hold-outs lie in P10-P90, where 80 % are expected"
    told += (
        ": too few to test, and some are of one source." if len(claimed) < FEWEST_TESTED else "."
    )
    world = (
        f"Data version {found.data_version}, seed {settings.seed}, {settings.draws:,} draws; "
        f"money: deck {settings.deck} as of {settings.as_of}."
    )
    went_in = [(r.case["case_id"], r.case["source_id"], r.case.input_text) for r in results]
    return [
        Table("Published cases", columns, rows, text_columns=3, notes=(told, world)),
        Table("What each answer rests on", ("case", "reason"), reasons, text_columns=2),
        Table("What went in", ("case", "source", "input"), went_in, text_columns=3),
    ]


def _published(row: "dict[str, Any] | Any") -> str:
    if row["published"] is not None:
        return number(row["published"], PRINTED_DIGITS)
    ends = (number(row[end], PRINTED_DIGITS) for end in ("published_low", "published_high"))
    return " to ".join(ends)


def _left_out(found: "Validation") -> Table:
    told = found.left_out
    rows = [("together", _hits(told["together"]), "")]
    for name, hits in told["by_quantity"].items():
        chances = told["chance_below"][name].items()
        known = [f"{group} {chance:.2f}" for group, chance in chances if chance is not None]
        places = ", ".join(known)
        rows.append((name, _hits(hits), places))
    notes = (
        "Each group is predicted by the others, with its own error; beside its name stands the",
        "chance that they give to less than it reads.",
        f"Together, {told['caution']}.",
    )
    columns = ("quantity", "inside P10-P90", "groups")
    return Table("Left-out sources", columns, rows, text_columns=3, notes=notes)


def _hits(hits: "dict[str, Any]") -> str:
    counted = f"{hits['hits']} of {hits['n']}"
    if "region" not in hits:
        return f"{counted}, {hits['verdict']}"
    low, high = hits["region"]
    return f"{counted}, {hits['verdict']} the exact 95 % region of {low} to {high}"


def _calibration(found: "Validation") -> list[Table]:
    card = found.calibration
    fresh = [
        (
            QUANTITIES[name],
            f"{figures['lots']:,}",
            percent(figures["coverage"]),
            f"{figures['ranks_p_value']:.3f}",
        )
        for name, figures in card["fresh_worlds"].items()
    ]
    inside = [
        (QUANTITIES[name], *(percent(figures[p]) for p in ("p5", "p50", "p95")))
        for name, figures in card["one_world"].items()
    ]
    made = f"Made with rows {card['rows_hash']}, route {card['route_id']}, deck {card['deck_id']}"
    if not card["is_current"]:
        made += ": NOT those of this data, so nothing is shown for it. " + card["make"]
    lots, worlds = card["one_world"]["net_usd"]["lots"], card["one_world"]["net_usd"]["worlds"]
    return [
        Table(
            "Calibration of the arithmetic: lots in fresh worlds",
            ("quantity", "lots", "inside P10-P90", "p of uniform ranks"),
            fresh,
            notes=(f"It {card['meaning']}.", made + ("" if made.endswith(".") else ".")),
        ),
        Table(
            f"Share of {lots} lots inside, in one world at a time ({worlds} worlds)",
            ("quantity", "P5", "P50", "P95"),
            inside,
            notes=("In one world the lots share its errors: they are right together or wrong so.",),
        ),
    ]


def _many(found: "Validation") -> Table:
    rows = [
        (f"{s.families:,}", f"{s.log_sd:.3f}", f"{s.sampling_error:.3f}", f"{s.floor:.3f}")
        for s in found.families
    ]
    columns = ("families", "log-SD of magnet mass", "sampling error", "floor, sqrt(g²+c²)")
    notes = (
        "Errors that all drives share do not average out: a lot never falls below the floor.",
        "Only what families and pieces add to it is sampled.",
    )
    title = f"Many families: a lot of one class, {found.families[0].item_class}"
    return Table(title, columns, rows, notes=notes)
