"""`valuation identify`: what every line of some exports is, as one file."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from valuation.cli.exits import emit, reports_errors
from valuation.cli.summary import files_table, methods_text, set_aside_table
from valuation.cli.text import Table, percent, render
from valuation.cli.watch import print_warnings, watching
from valuation.settings import Settings, load_settings


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--out",
    metavar="F",
    required=True,
    type=click.Path(path_type=Path),
    help="File to write: .csv, .csv.gz, .parquet or .xlsx.",
)
@click.option("--force", is_flag=True, help="Replace a file that identify did not write.")
@click.option("--batch", metavar="ID", help="One batch for every line; needed for `-`.")
@click.option("--batch-by", metavar="COLUMN", help="Column that names the batch.")
@click.option(
    "--map", metavar="FILE", multiple=True, help="Columns of a source system; repeatable."
)
@click.option(
    "--memory", metavar="SIZE", help=f"What the engine may use.  [default: {Settings.memory}]"
)
@click.option("--strict", is_flag=True, help="Write nothing if one file cannot be read.")
@click.option(
    "--max-rejected", metavar="SHARE", help=f"Exit 4 above it.  [default: {Settings.max_rejected}]"
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a summary.")
@click.option("--quiet", is_flag=True, help="Nothing but why the exit code is not 0.")
@reports_errors
def identify(
    files: tuple[str, ...], out: Path, force: bool, as_json: bool, quiet: bool, **options: object
) -> int:
    """Write what every line of the files is: one row per line, with method and confidence.

    A FILE is an export or a folder of them; `-` is standard input. Nothing is valued or
    published. The columns of F begin with

    \b
      source_file source_line kind item_class manufacturer model family
      form_factor_in capacity_gb rpm power_w fan_size_mm units counted
      not_counted_reason method matched_on confidence runner_up
      runner_up_confidence

    Line 1 is the first under the header; rejected, blank and total lines have a row too, so every
    line read has one. `units` are the pieces the line adds to the lot, as `valuation value` counts
    them: 0 where `counted` is false, empty where the line was rejected. In CSV, a text that a
    spreadsheet would run as a formula has an apostrophe before it.

    A file that identify wrote is replaced, whole or not at all; any other only with --force.
    """  # noqa: D301  the sign keeps the lines below it as they are
    flags = {name: None if given is False else given for name, given in options.items()}
    settings = load_settings(flags, os.environ, Path.cwd())
    from valuation.helper_process import Helpers

    with watching(quiet=quiet) as watch, Helpers() as helpers:
        helpers.begin_for(files)
        from valuation.identification import STAGES, identify_lines

        watch.expect(STAGES)
        done = identify_lines(files, out, settings, force=force, progress=watch, helpers=helpers)
    summary = done.summary
    if as_json:
        emit(json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False))
        if not quiet:
            print_warnings(summary["warnings"])
    elif not quiet:
        click.echo(_text(summary), err=True)
    else:
        print_warnings(done.complaints)
    return done.exit_code


def _text(summary: Mapping[str, Any]) -> str:
    """The summary for people."""
    refused = {file["reason"] for file in summary["files"]}
    warnings = tuple(warning for warning in summary["warnings"] if warning not in refused)
    tables = [
        files_table(summary["files"]),
        set_aside_table(summary["files"]),
        _units(summary),
        Table("Lines that do not count, and why", ("reason", "lines"), _not_counted(summary)),
        Table("Warnings", (), (), notes=warnings),
        _where(summary),
    ]
    return render([table for table in tables if table.rows or table.notes], err=True)


def _units(summary: Mapping[str, Any]) -> Table:
    if not summary["written"]:
        return Table("", (), ())
    kinds = sorted(summary["units"].items(), key=lambda pair: (-pair[1], pair[0]))
    lines, units = (percent(summary["identified_share"][name]) for name in ("lines", "units"))
    counts = {"Batches": "batches", "Lines": "lines", "Distinct items": "items"}
    return Table(
        "Units",
        ("kind", "units"),
        [(kind, f"{units:,}") for kind, units in kinds],
        notes=(
            f"Identified: {lines} of lines, {units} of units{methods_text(summary)}.",
            " ".join(f"{title}: {summary[name]:,}." for title, name in counts.items()),
        ),
    )


def _not_counted(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Loaded lines that are not counted; the others are told file by file."""
    return [
        (reason.replace("_", " "), f"{lines:,}")
        for reason, lines in summary["not_counted"].items()
        if ": " not in reason
    ]


def _where(summary: Mapping[str, Any]) -> Table:
    written = (
        f"{summary['rows']:,} rows lie in {summary['out']}"
        if summary["written"]
        else f"Nothing was written; {summary['out']} is as it was."
    )
    return Table("Result", (), (), notes=(f"Data version {summary['data_version']}.", written))
