"""`valuation data`: checks the reference data and explains the tables of a result."""

import json
from pathlib import Path

import click

from valuation.cli.exits import emit, reports_errors
from valuation.cli.text import Table, render
from valuation.cli.watch import print_warnings
from valuation.setting_values import today

BAD_DATA = 3


@click.group()
def data() -> None:
    """Look at the reference data and at the tables of a result."""


@data.command()
@reports_errors
def check() -> int:
    """Check the reference data: types, keys, sources, sums. Exit 3 if anything is wrong."""
    import polars as pl

    from valuation.check import check_tables
    from valuation.tables import load_tables

    tables = load_tables()
    problems = check_tables(tables)
    if problems:
        emit("\n".join(str(problem) for problem in problems))
        return BAD_DATA
    names = [resource["name"] for resource in tables.description["resources"]]
    frames = [tables.frame(name) for name in names]
    facts = [f.filter(pl.col("basis") == "assumed") for f in frames if "basis" in f.columns]
    overdue = sum(int((f["review_on"] < today()).sum()) for f in facts if "review_on" in f.columns)
    emit(
        f"The reference data is sound: {len(names)} tables, {sum(map(len, frames)):,} rows, "
        f"{len(tables.frame('sources'))} sources, {sum(map(len, facts)):,} assumed rows "
        f"({overdue} overdue for review). Data version {tables.version}."
    )
    if overdue:
        print_warnings([f"{overdue} assumed rows are past the day they were to be reviewed on."])
    return 0


@data.command()
@click.option(
    "--db",
    metavar="PATH",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Explain this file; the tables of this version when not given.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
@reports_errors
def dictionary(db: Path | None, as_json: bool) -> int:
    """Explain every column of every table and view of the DuckDB file."""
    from valuation.store import dictionary as read_dictionary

    frame = read_dictionary(db)
    if as_json:
        emit(json.dumps(frame.to_dicts(), indent=1, ensure_ascii=False, default=str))
    else:
        rows = [tuple("" if cell is None else str(cell) for cell in row) for row in frame.rows()]
        emit(render([Table("", tuple(frame.columns), rows, text_columns=len(frame.columns))]))
    return 0
