"""Identification: what every line of some exports is, as one file; nothing is valued or published.

Each record of each file has a row, also those set aside and ignored, so that whoever joins the rows
to their own table by file and line loses none. Units are those `value` counts.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from valuation.accounts import REFUSED, TOO_MANY_REJECTED, file_accounts
from valuation.engine import Engine
from valuation.engine.duckdb import OutOfMemory
from valuation.errors import UsageError
from valuation.frames import FileFrame
from valuation.helper_process import Helpers
from valuation.identification.output import COLUMNS, Output, output_of
from valuation.identity import identify, unnamed_warnings
from valuation.inventory import Inventory, StandardInput, read_inventory
from valuation.progress import Clock, Progress, Silent
from valuation.settings import Settings
from valuation.tables import Tables, load_tables

__all__ = ["COLUMNS", "Identification", "identify_lines"]

STANDARD_INPUT: Final = "-"
_SQL: Final = Path(__file__).parent
STAGES = ("inventory", "identity", "lines", "write")
"""Stages of a run, in order."""


@dataclass(frozen=True)
class Identification:
    """What a run gives.

    Attributes:
        summary: The object `identify --json` prints.
        exit_code: 0, or the code of the command line contract: 3 or 4.
        complaints: Why it is not 0, as sentences.
    """

    summary: dict[str, Any]
    exit_code: int
    complaints: list[str]


def identify_lines(
    files: Sequence[Path | str],
    out: Path,
    settings: Settings,
    *,
    tables: Tables | None = None,
    force: bool = False,
    progress: Progress | None = None,
    helpers: Helpers | None = None,
) -> Identification:
    """Read exports and write what each of their lines is.

    Args:
        files: Exports and folders; `-` is standard input.
        out: File to write; its name tells the format: `.csv`, `.csv.gz`, `.parquet`, `.xlsx`.
        settings: Maps, batches, memory, and what is asked of the files.
        tables: Reference data; the shipped data when not given.
        force: Whether `out` may replace a file that this function did not write.
        progress: Told which stage begins and how far it is.
        helpers: Processes that were begun while it was not known how much there is to do.

    Raises:
        UsageError: No file is named, or `out` is one of them or tells no format.
        SettingsError: A map cannot be read.
        TableError: Reference data that breaks its description.
        OutputBusy: Another process writes `out`.
        OutputError: `out` cannot be written, or is not ours.
    """
    if not files:
        raise UsageError("No file is named.", "Name the exports to read.")
    names = [str(file) for file in files]
    output = output_of(out, [name for name in names if name != STANDARD_INPUT], force=force)
    inputs = [
        StandardInput(sys.stdin.buffer) if name == STANDARD_INPUT else Path(name) for name in names
    ]
    clock = Clock(progress or Silent())
    try:
        with Engine(settings.memory) as engine, output.held() as staged:
            known = tables or load_tables()
            inventory = _read(engine, inputs, settings, known, clock)
            summary = _account(inventory, output, known)
            if not _is_refused(inventory.files, settings):
                summary |= _identify(engine, inventory, known, clock, helpers)
                with clock.stage("write"):
                    output.write(engine, summary["rows"], staged)
    except OutOfMemory as error:
        raise UsageError(
            f"The engine cannot do it in {settings.memory}.", "Give it more: --memory 4GB."
        ) from error
    code, complaints = _judged(inventory.files, settings)
    warnings = dict.fromkeys([*complaints, *inventory.warnings, *summary["warnings"]])
    summary |= {"warnings": list(warnings), "seconds": dict(clock.seconds), "exit_code": code}
    return Identification(summary, code, complaints)


def _read(
    engine: Engine,
    inputs: Sequence[Path | StandardInput],
    settings: Settings,
    tables: Tables,
    clock: Clock,
) -> Inventory:
    """The lines of the files in the engine, each with its number."""
    with clock.stage("inventory"):
        return read_inventory(
            engine,
            inputs,
            tables,
            batch=settings.batch,
            batch_by=settings.batch_by,
            maps=settings.map,
            number_lines=True,
            progress=clock.progress.update,
        )


def _is_refused(files: FileFrame, settings: Settings) -> bool:
    """Whether nothing is written: no file can be read, or one cannot and all must be."""
    refused = files["status"] == "refused"
    return bool(refused.all() or (settings.strict and refused.any()))


def _account(inventory: Inventory, output: Output, tables: Tables) -> dict[str, Any]:
    """What is told of a run whatever becomes of it; the figures are those of no line."""
    return {
        "out": str(output.path),
        "format": output.form,
        "written": False,
        "data_version": tables.version,
        "files": file_accounts(inventory.files),
        "rows": 0,
        "batches": 0,
        "lines": int(inventory.files["lines_loaded"].sum()),
        "items": 0,
        "units": {},
        "identified_share": {"lines": None, "units": None},
        "identified_by": {},
        "not_counted": {},
        "warnings": [],
    }


def _identify(
    engine: Engine, inventory: Inventory, tables: Tables, clock: Clock, helpers: Helpers | None
) -> dict[str, Any]:
    """Make `identified_line`, and tell what is in it."""
    with clock.stage("identity"):
        found = identify(inventory.items, tables, with_evidence=False, helpers=helpers)
    with clock.stage("lines"):
        engine.register("identity", found.items)
        names = inventory.files.select("file_id", "name").sort("name").with_row_index("file_place")
        engine.register("input_file", names)
        engine.step(_SQL / "lines.sql")
        figures = engine.frame((_SQL / "figures.sql").read_text(encoding="utf-8"))
        ((batches,),) = engine.run("select count(distinct batch_id) from read_count")
    loaded = figures.filter(pl.col("line_state") == "loaded")
    methods = _summed(loaded, "method", "lines")
    return {
        "written": True,
        "rows": int(figures["lines"].sum()),
        "batches": int(batches),
        "items": inventory.items.height,
        "units": _summed(loaded, "kind", "units"),
        "identified_share": {name: _identified(loaded, name) for name in ("lines", "units")},
        "identified_by": {m: round(n / sum(methods.values()), 6) for m, n in methods.items()},
        "not_counted": _summed(figures, "not_counted_reason", "lines"),
        "warnings": unnamed_warnings(found.unnamed),
    }


def _summed(figures: pl.DataFrame, by: str, what: str) -> dict[str, int]:
    """Sums by the values of a column, without those of nothing."""
    sums = figures.group_by(by).agg(pl.col(what).sum()).drop_nulls().sort(by)
    return {name: int(total) for name, total in sums.iter_rows() if total}


def _identified(loaded: pl.DataFrame, weight: str) -> float | None:
    """Share of lines or units whose kind is known. [1]"""
    total = int(loaded[weight].sum())
    known = int(loaded.filter(pl.col("kind") != "unidentified")[weight].sum())
    return round(known / total, 6) if total else None


def _judged(files: FileFrame, settings: Settings) -> tuple[int, list[str]]:
    """The exit code, and why it is not 0."""
    refused = files.filter(pl.col("status") == "refused").sort("name")["reason"].to_list()
    read, rejected = int(files["lines_read"].sum()), int(files["lines_rejected"].sum())
    if rejected <= settings.max_rejected * read:
        return (REFUSED if refused else 0), refused
    many = (
        f"{rejected:,} of {read:,} lines ({rejected / read:.1%}) were rejected, more than "
        f"{settings.max_rejected:.1%} (--max-rejected); each is written with its reason."
    )
    return (REFUSED if refused else TOO_MANY_REJECTED), [*refused, many]
