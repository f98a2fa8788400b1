"""`run`: read files, value their batches, publish one DuckDB file; what the command line calls.

One file holds one world. Batches the files name are replaced, others are kept; when the world
differs from the file's, the kept ones are valued again and the summary says how far they moved.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import polars as pl

from valuation.choice import Choice, check_something_to_value, choose_batches
from valuation.engine.duckdb import Engine, OutOfMemory
from valuation.errors import UsageError
from valuation.forms import Forms, decide_forms
from valuation.frames import ITEMS, ItemFrame
from valuation.inventory import Inventory, StandardInput
from valuation.inventory.spark import SparkTable
from valuation.movement import MOVED_MEASURES
from valuation.pipeline import STAGES as VALUED_IN
from valuation.pipeline import read_files, value_counts
from valuation.progress import Clock, Progress, Silent
from valuation.publishing import BATCH, publication_of, run_id_of, world_row
from valuation.settings import Settings
from valuation.store import Store, open_read_only, open_store
from valuation.summary import Outcome, summarise
from valuation.tables import Tables, load_tables
from valuation.version import __version__
from valuation.world import World, open_world

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    from pyspark.sql import SparkSession

STAGES = (*VALUED_IN, "publish")
"""Stages of a run, in order."""
COUNTS = Path(__file__).with_name("api.sql")
SMALL_FILES_BYTES, SMALL_STORE_BYTES = 1 << 20, 32 << 20
"""Up to which size of what is read and of what is kept one thread is faster, and nothing is packed:
waking others for each of hundreds of statements takes longer than they save."""


@dataclass(frozen=True)
class Result:
    """What a run gives.

    Attributes:
        db: The published file.
        summary: The object `value --json` prints.
        exit_code: 0, or the code of the command line contract: 3, 4 or 5.
    """

    db: Path
    summary: dict[str, Any]
    exit_code: int

    @cached_property
    def connection(self) -> "duckdb.DuckDBPyConnection":
        """A read-only connection to the published file, opened when first asked for.

        Raises:
            OutputError: Nothing has been published there.
        """
        return open_read_only(self.db)

    def frame(self, name: str) -> pl.DataFrame:
        """A table or view of the published file as a polars frame."""
        frame: pl.DataFrame = self.connection.table(name).pl()
        return frame

    def to_pandas(self, name: str) -> "pd.DataFrame":
        """A table or view of the published file as a pandas frame."""
        return self.frame(name).to_pandas()


def run(
    files: Sequence[Path | str] | Path | str = (),
    *,
    settings: Settings,
    tables: Tables | None = None,
    progress: Progress | None = None,
    spark_table: Sequence[str] | str = (),
    spark: "SparkSession | None" = None,
) -> Result:
    """Value the batches of some export files and publish them.

    Args:
        files: Exports, or one; none values again what the output file holds. A file that cannot
            be read is no exception: it is told in the summary, with exit code 3.
        settings: What may be chosen; `settings.db` names the output.
        tables: Reference data; the shipped data when not given.
        progress: Told which stage begins and how far it is.
        spark_table: Tables or views of `spark`, beside those that settings name.
        spark: A session to read them with, which is left as it was; `files` are Parquet then, as
            with the engine `spark`.

    Returns:
        The summary, the exit code, and a way into the published file.

    Raises:
        UsageError: No output named, nothing to value, an unknown route or scenario.
        SettingsError: A deck that cannot be read.
        TableError: Reference data that breaks its description.
        OutputBusy: Another process holds the output.
        OutputError: The output cannot be written, or is not ours.
    """
    if isinstance(files, (str, Path)):
        files = (files,)
    if spark_table or spark is not None:
        named = (spark_table,) if isinstance(spark_table, str) else tuple(spark_table)
        tables_of_spark = (*settings.spark_tables, *named)
        settings = replace(settings, engine="spark", spark_tables=tables_of_spark)
    if settings.db is None:
        raise UsageError("No output is named.", "Give a DuckDB file: --db lots.duckdb.")
    if not files and not settings.spark_tables and not settings.db.exists():
        raise UsageError(f"There is no {settings.db} to value again.", "Give export files to read.")
    clock = Clock(progress or Silent())
    try:
        outcome = _run(_inputs(files, settings), settings, tables, clock, spark)
    except OutOfMemory as error:
        raise UsageError(
            f"The engine cannot do it in {settings.memory}.", "Give it more: --memory 4GB."
        ) from error
    return Result(settings.db, summarise(outcome), outcome.exit_code)


def _run(
    inputs: Sequence[Path | StandardInput | SparkTable],
    settings: Settings,
    tables: Tables | None,
    clock: Clock,
    session: "SparkSession | None",
) -> Outcome:
    """Read, and value and publish what can be, holding the output all the while."""
    started_at = datetime.now(UTC)
    db = cast(Path, settings.db)
    files = [p for p in inputs if isinstance(p, Path) and p.is_file()]
    read_bytes = sum(p.stat().st_size for p in files)
    kept_bytes = db.stat().st_size if db.is_file() and not settings.replace else 0
    is_small = (
        len(files) == len(inputs)  # nobody knows yet what a folder or a stream holds
        and read_bytes <= SMALL_FILES_BYTES
        and kept_bytes <= SMALL_STORE_BYTES
    )
    with (
        Engine(settings.memory, threads=1 if is_small else None, packs=not is_small) as engine,
        open_store(
            db, engine.connection, replace=settings.replace, growth_bytes=read_bytes
        ) as store,
    ):
        world = open_world(tables or load_tables(), settings, clock)
        inventory = read_files(engine, inputs, world, clock, session)
        engine.set_aside()
        refused = inventory.files.filter(pl.col("status") == "refused")["name"].to_list()
        nothing_read = bool(inputs) and len(refused) == inventory.files.height
        if nothing_read or (settings.strict and refused):
            return Outcome(settings, world, inventory, clock.seconds, str(db))
        return _value_and_publish(engine, store, world, inventory, refused, started_at, clock)


def _value_and_publish(
    engine: Engine,
    store: Store,
    world: World,
    inventory: Inventory,
    refused: Sequence[str],
    started_at: datetime,
    clock: Clock,
) -> Outcome:
    settings = world.settings
    now = world_row(world)
    before = store.world()
    choice = choose_batches(
        store.batches(),
        engine.frame("select batch_id, file_id, lines from read_batch"),
        refused,
        accept_smaller=settings.accept_smaller,
        partial=inventory.partial_batches,
    )
    if inventory.files.is_empty():
        check_something_to_value(choice, str(settings.db))
    same_world = before is not None and before["world_id"] == now["world_id"]
    leave_kept = same_world and bool(inventory.files.height)
    items = _count(engine, store, inventory, choice, leave_kept=leave_kept)
    counted = choice.read if inventory.files.height else choice.kept
    forms = _forms(engine, store, world, choice)
    valued = value_counts(engine, items, world, clock, counted, forms)
    old_values = engine.frame(
        "from store.main.batch_value where list_contains($1, measure)",
        [[] if same_world else list(MOVED_MEASURES)],
    )
    with clock.stage("publish"):
        row = now | {
            "run_id": run_id_of(now, inventory.files, started_at),
            "started_at": started_at,
            "finished_at": datetime.now(UTC),
            "program_version": __version__,
            "batches": len(valued.batch_ids),
            "lines": int(inventory.files["lines_loaded"].sum()),
            "items": items.height,
        }
        outcome = Outcome(
            settings,
            world,
            inventory,
            clock.seconds,
            str(settings.db),
            run=row,
            valued=valued,
            choice=choice,
            before=None if same_world else before,
            old_values=old_values,
            unchanged=_unchanged(engine, store, choice),
        )
        row |= {"seconds": dict(clock.seconds), "warnings": outcome.warnings}
        publication = publication_of(
            engine, row, world, valued, choice, inventory.files, new_world=not same_world
        )
        store.publish(publication, clock.progress.update, engine.with_memory)
    return outcome


def _forms(engine: Engine, store: Store, world: World, choice: Choice) -> Forms:
    """How each batch arrives: as chosen, as its lines say, or as it was."""
    kept = store.batches().filter(pl.col("batch_id").is_in(list(choice.kept)))
    said = engine.frame("from read_form")
    return decide_forms(choice.read, said, kept, world.settings.form, world.tables)


def _unchanged(engine: Engine, store: Store, choice: Choice) -> frozenset[str]:
    """Batches the file held before whose lines are the same now: kept, or read from equal files."""
    now = dict(
        engine.frame(
            "select batch_id, list(file_id order by file_id) from read_batch group by all"
        ).iter_rows()
    )
    before = store.batches()
    same = {
        batch
        for batch, files in before.select("batch_id", "file_ids").iter_rows()
        if sorted(files) == now.get(batch)
    }
    return frozenset(choice.kept) | same


def _inputs(
    files: Sequence[Path | str], settings: Settings
) -> Sequence[Path | StandardInput | SparkTable]:
    """What is read: files, `-` for standard input, or with Spark its tables and Parquet."""
    if settings.engine == "spark":
        tables = [SparkTable(name) for name in settings.spark_tables]
        return [*tables, *(SparkTable(str(file), is_parquet=True) for file in files)]
    return [StandardInput(sys.stdin.buffer) if str(f) == "-" else Path(f) for f in files]


def _count(
    engine: Engine, store: Store, inventory: Inventory, choice: Choice, *, leave_kept: bool
) -> ItemFrame:
    """Make `batch_count`: what was read, and what is kept where it must be valued again."""
    engine.register("replaced_batch", pl.DataFrame({"batch_id": choice.read}, schema=BATCH))
    store.kept_counts("kept_count", except_batches=choice.read)
    engine.step(COUNTS, kept="where false" if leave_kept else "")
    if leave_kept:
        return inventory.items
    items = pl.concat([inventory.items, store.kept_items(except_batches=choice.read)])
    texts = [c for c in items.columns if c not in ("item_id", "lines")]
    return ITEMS.check(items.group_by("item_id").agg(pl.col(texts).first(), pl.col("lines").sum()))
