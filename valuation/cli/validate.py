"""`valuation validate`: the published cases, and how far the model's figures can be trusted."""

import json
from typing import TYPE_CHECKING

import click

from valuation.cli.exits import emit, reports_errors
from valuation.cli.text import UNKNOWN, Table, number, percent, render

if TYPE_CHECKING:
    from valuation.validate import CaseResult, Validation


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
@click.option("--seed", metavar="N", help="Where the draws start.  [default: 1]")
@click.option("--draws", metavar="N", help="Joint samples.  [default: 2000]")
@reports_errors
def validate(as_json: bool, seed: str | None, draws: str | None) -> int:
    """Put published cases beside what the model says of them.

    Being inside P10-P90 is claimed for hold-outs only: cases of which nothing is in the model.
    """
    from valuation.settings import load_settings
    from valuation.tables import load_tables
    from valuation.validate import validate as run

    found = run(load_tables(), load_settings({"seed": seed, "draws": draws}))
    if as_json:
        emit(json.dumps(found.as_dict(), indent=1, ensure_ascii=False))
        return 0
    emit(render(_tables(found)))
    return 0
