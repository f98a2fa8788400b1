"""The build file: a copy of the published file beside it, changed there and swapped in.

Everything happens inside `open_store`; what it does not publish leaves no trace.
"""

import json
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from valuation.engine.duckdb import quoted
from valuation.errors import ContractError, OutputBusy, OutputError
from valuation.frames import ITEMS, ItemFrame
from valuation.store import file
from valuation.store.layout import create_tables, frame, inside, schema_columns, sql
from valuation.store.publish import STORE, Attempt, Publication, write

HELD = "published"
"""Name under which the old file is attached, so that nobody can write to it meanwhile."""
WORLD = (
    "data_version", "deck_id", "deck_version", "as_of", "seed", "draws", "routes", "options",
    "world_id",
)  # fmt: skip


class Store:
    """The file as it was, to be read, and the way to publish what it becomes.

    Attributes:
        target: The published file.
        build: Its copy, attached to the connection as `store`.
    """

    def __init__(self, target: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.target = target
        self.build = target.with_name(f".{target.name}.build")
        self.connection = connection
        self._seen: tuple[int, int, int] | None = None

    def world(self) -> dict[str, Any] | None:
        """Data version, deck, date, seed, draws, routes and options of the last run, if any."""
        query = f"select {', '.join(WORLD)} from store.main.run order by rowid desc limit 1"
        rows = self.connection.execute(query).fetchall()
        if not rows:
            return None
        world = dict(zip(WORLD, rows[0], strict=True))
        return {**world, "options": json.loads(world["options"] or "{}")}

    def batches(self) -> pl.DataFrame:
        """One row per batch the file holds: table `batch`, with names and ids of its files."""
        return frame(self.connection, sql("batches.sql"))

    def kept_counts(self, into: str = "kept_count", except_batches: Collection[str] = ()) -> None:
        """Make a temporary table of what the batches that stay list.

        Its grain is batch x item; columns: batch_id, item_id, lines, lines_counted, quantity,
        lines_of_one.

        Args:
            into: Name of the table.
            except_batches: Batches that do not stay.
        """
        query = f"create or replace temp table {quoted(into)} as {sql('kept_count.sql')}"
        self.connection.execute(query, {"except_batches": list(except_batches)})

    def kept_items(self, except_batches: Collection[str] = ()) -> ItemFrame:
        """Items that the batches that stay list, as received.

        Args:
            except_batches: Batches that do not stay.
        """
        parameters = {"except_batches": list(except_batches)}
        return ITEMS.check(frame(self.connection, sql("kept_items.sql"), parameters))

    def publish(
        self,
        publication: Publication,
        progress: Callable[[str], None] = lambda _: None,
        attempt: Attempt = lambda transaction: transaction(),
    ) -> None:
        """Change the build file, check it, and swap it in: whole, or not at all.

        Args:
            publication: What it becomes.
            progress: Told what is being done.
            attempt: How each of the two transactions is done.

        Raises:
            ContractError: The publication does not fit the schema, or a check found offending rows.
            OutputBusy: Another program wrote to the published file meanwhile.
            OutputError: The disk refuses.
        """
        if not self.build.exists():
            raise ContractError("This store was published before: open it again.")
        with file.refusing(self.target):
            write(self.connection, publication, progress, attempt)
            self.connection.execute(f"checkpoint {STORE}")
            file.detach(self.connection, STORE)
            self._hold()
            file.swap(self.build, self.target)

    def prepare(self, *, replace: bool, growth_bytes: int) -> None:
        """Make the build file: a copy of the published file, or a new one, with every table."""
        self._seen = file.fingerprint(self.target)
        old_bytes = 0
        if not file.is_new(self.target):
            self._hold()
            file.recognise(self.connection, HELD, self.target)
            old_bytes = 0 if replace else self.target.stat().st_size
        needed_bytes = old_bytes + growth_bytes + file.SPARE_BYTES
        file.check_space(self.target.parent, needed_bytes)
        if old_bytes:
            file.copy(self.target, self.build)
            self._hold()
        else:
            self.build.write_bytes(_empty_store())
        file.attach(self.connection, self.build, STORE, read_only=False)
        if old_bytes:
            self._grow()
            with inside(self.connection, STORE) as own:
                create_tables(own)

    def discard(self) -> None:
        """Let go of both files and remove the build file, if it is still there."""
        for name in (STORE, HELD):
            with suppress(duckdb.Error):
                file.detach(self.connection, name)
        self.build.unlink(missing_ok=True)
        file.log_of(self.build).unlink(missing_ok=True)

    def _hold(self) -> None:
        """Attach the published file anew, which fails while somebody writes, and see it unchanged.

        Closing any handle on a file ends this process's locks on it, so after a copy, and after
        a run in which somebody else in this process read it, it has to be taken again.
        """
        file.detach(self.connection, HELD)
        if not file.is_new(self.target):
            file.attach(self.connection, self.target, HELD, read_only=True)
        if file.fingerprint(self.target) != self._seen:
            raise OutputBusy(
                f"{self.target} was changed by another program during the run.", "Run again."
            )

    def _grow(self) -> None:
        """Add the columns that the tables of an earlier schema version lack.

        Raises:
            OutputError: A column has another type than in this version.
        """
        with duckdb.connect() as fresh:
            create_tables(fresh, with_comments=False)
            wanted = schema_columns(fresh, "memory")
        found = schema_columns(self.connection, STORE)
        tables = {table for table, _ in found}
        for (table, column), kind in wanted.items():
            if table not in tables:
                continue
            if (table, column) not in found:
                added = f"alter table {STORE}.main.{table} add column {quoted(column)} {kind}"
                self.connection.execute(added)
            elif found[table, column] != kind:
                raise OutputError(
                    f"{self.target}: {table}.{column} is {found[table, column]}, not {kind}.",
                    "Start the file afresh with --replace.",
                )


@cache
def _empty_store() -> bytes:
    """A file with every table and no row, made once: to explain them all takes a fifth of a run.

    A run of a few lines, that is; a process that serves many begins each from the same bytes.
    """
    with (
        tempfile.TemporaryDirectory(prefix="valuation-") as folder,
        duckdb.connect(config={"threads": 1}) as maker,  # more only wait for each other
    ):
        path = Path(folder) / "empty.duckdb"
        file.attach(maker, path, STORE, read_only=False)
        with inside(maker, STORE) as own:
            create_tables(own)
        maker.execute(f"checkpoint {STORE}")
        file.detach(maker, STORE)
        return path.read_bytes()


@contextmanager
def open_store(
    path: Path,
    connection: duckdb.DuckDBPyConnection,
    *,
    replace: bool = False,
    growth_bytes: int = 0,
) -> Iterator[Store]:
    """Hold the output file for one run: read what it has, then publish.

    Args:
        path: The published file; it need not exist yet.
        connection: The engine's connection; the copy is attached to it as `store`.
        replace: Start the file afresh instead of from what it holds.
        growth_bytes: What the run is expected to add; space is checked for it. [B]

    Raises:
        OutputBusy: Another run holds the output, or another program has it open for writing.
        OutputError: It cannot be written, or is not a file of this program.
    """
    target = path.resolve()
    with file.locked(target):
        store = Store(target, connection)
        store.discard()  # left by a run that was killed
        try:
            with file.refusing(target):
                store.prepare(replace=replace, growth_bytes=growth_bytes)
            yield store
        finally:
            store.discard()
