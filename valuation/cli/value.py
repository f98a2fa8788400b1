"""`valuation value`: values exports and publishes the DuckDB file."""

import json
import os
from pathlib import Path

import click

from valuation.cli.exits import emit, reports_errors
from valuation.cli.summary import summary_text
from valuation.cli.watch import print_warnings, watching
from valuation.errors import UsageError
from valuation.settings import ENGINES, POLICIES, Settings, load_settings
from valuation.units import FORMS

STANDARD_INPUT = "-"


@click.command()
@click.argument("files", metavar="[FILE]...", nargs=-1)
@click.option("--db", metavar="PATH", help="DuckDB file to publish to.")
@click.option("--batch", metavar="ID", help="One batch for every line; needed for `-`.")
@click.option("--batch-by", metavar="COLUMN", help="Column that names the batch.")
@click.option(
    "--map", metavar="FILE", multiple=True, help="Columns of a source system; repeatable."
)
@click.option("--route", "routes", metavar="ID", multiple=True, help="Route to value; repeatable.")
@click.option(
    "--form", metavar="|".join(FORMS), help="How the lots arrive.  [default: as their status says]"
)
@click.option("--deck", metavar="ID|FILE", help=f"Price deck.  [default: {Settings.deck}]")
@click.option("--as-of", metavar="DATE", help="Day whose prices are used.  [default: today]")
@click.option("--draws", metavar="N", help=f"Joint samples.  [default: {Settings.draws}]")
@click.option("--seed", metavar="N", help=f"Where the samples start.  [default: {Settings.seed}]")
@click.option("--policy", metavar="|".join(POLICIES), help="What the owner of the drives allows.")
@click.option("--resale", metavar="FILE", help="CSV of what working units fetch.")
@click.option(
    "--overrides", metavar="FILE", help="Reviewed items.  [default: those of `valuation review`]"
)
@click.option("--no-overrides", is_flag=True, help="Leave reviewed items out.")
@click.option(
    "--measured", metavar="FILE", multiple=True, help="What was weighed or assayed; repeatable."
)
@click.option("--no-lines", is_flag=True, help="Keep counts, not every line.")
@click.option("--replace", is_flag=True, help="Start the file afresh.")
@click.option("--accept-smaller", is_flag=True, help="Let a batch lose more than 5 % of its lines.")
@click.option(
    "--engine", metavar="|".join(ENGINES), help="Where lines are kept.  [default: duckdb]"
)
@click.option(
    "--memory", metavar="SIZE", help=f"What the engine may use.  [default: {Settings.memory}]"
)
@click.option(
    "--spark-master", metavar="URL", help=f"Where Spark runs.  [default: {Settings.spark_master}]"
)
@click.option(
    "--spark-table", "spark_tables", metavar="NAME", multiple=True, help="Table; repeatable."
)
@click.option("--spark-lines", metavar="DIR", help="Where it writes lines.  [default: by --db]")
@click.option("--strict", is_flag=True, help="Publish nothing if one file cannot be read.")
@click.option(
    "--max-rejected", metavar="SHARE", help=f"Exit 4 above it.  [default: {Settings.max_rejected}]"
)
@click.option("--max-price-age", metavar="DAYS", help="Exit 5 if a price is older.")
@click.option("--require-prices", is_flag=True, help="Exit 5 if a price is missing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a summary.")
@click.option("--quiet", is_flag=True, help="No progress and no warnings.")
@reports_errors
def value(
    files: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    no_lines: bool,
    no_overrides: bool,
    **options: object,
) -> int:
    """Value every batch in the files and publish the result.

    A FILE is an export: CSV, TSV, XLSX, Parquet, plain or gz; `-` is standard input. Without
    files, what is in --db is valued again. An option not given is looked for in the environment
    (VALUATION_DRAWS), then in valuation.toml here.
    """
    flags = {name: None if given is False else given for name, given in options.items()}
    flags |= {
        "keep_lines": False if no_lines else None,
        "use_overrides": False if no_overrides else None,
    }
    settings = load_settings(flags, os.environ, Path.cwd())
    _check_usage(files, settings)
    from valuation.api import STAGES, run

    paths = [name if name == STANDARD_INPUT else Path(name) for name in files]
    with watching(quiet=quiet) as watch:
        watch.expect(STAGES)
        result = run(paths, settings=settings, progress=watch)
    if as_json:
        emit(json.dumps(result.summary, indent=2, ensure_ascii=False, default=str, allow_nan=False))
    else:
        emit(summary_text(result.summary, warnings=not quiet))
    if not quiet and as_json:
        print_warnings(result.summary["warnings"])
    elif not quiet:
        print_warnings([f["reason"] for f in result.summary["files"] if f["status"] == "refused"])
    return int(result.exit_code)


def _check_usage(files: tuple[str, ...], settings: Settings) -> None:
    if settings.db is None:
        raise UsageError("No file is named to publish to.", "Give --db PATH.")
    if STANDARD_INPUT in files and settings.engine == "spark":
        raise UsageError("Spark reads no standard input.", "Leave --engine spark out.")
    if STANDARD_INPUT in files and settings.batch is None:
        raise UsageError("Standard input has no name to call its batch by.", "Give --batch ID.")
    if not files and not settings.spark_tables and not settings.db.is_file():
        raise UsageError(
            f"Nothing to value: no files are given, and {settings.db} does not exist.",
            "Name the exports to value.",
        )
