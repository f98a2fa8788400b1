"""DuckDB as the engine: one in-memory connection that runs SQL steps kept beside the stages.

Everything a stage leaves behind is a temporary table: it spills to disk when memory runs out, is
found whatever file is attached, and does not depend on a Python object staying alive.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import duckdb
import polars as pl

Parameters = Mapping[str, Any] | list[Any] | None
T = TypeVar("T")

EngineError: Final = duckdb.Error
"""What DuckDB raises."""
_NOT_THE_CONTENT: Final = (
    duckdb.OutOfMemoryException,
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ParserException,
)


_READING_BYTES: Final = 640 * 1024 * 1024
"""Memory in which files of any size are read, beside that of each thread: nothing else is held."""
_SPARING_BYTES: Final = 256 * 1024 * 1024
"""Memory in which tables and sorts of any size are worked through once others need some too."""
_SPARING_BYTES_PER_THREAD: Final = 128 * 1024 * 1024
"""Memory one more thread needs: buffers of the file it reads, hash tables, blocks it writes."""
_ASIDE_BYTES: Final = 64 * 1024 * 1024
"""What tables set aside may keep of the memory."""
_FEW_BYTES: Final = 192 * 1024 * 1024
"""Memory in which rows are taken in while draws are held elsewhere."""
_SLOW_TO_TRY: Final = ("alp", "alprd", "fsst", "zstd")
"""Ways of storing a column that read its values first to see what they would save."""


def is_damage(error: duckdb.Error) -> bool:
    """Whether an error is the fault of the file being read: a bad line, a damaged page."""
    return not isinstance(error, _NOT_THE_CONTENT)


OutOfMemory: Final = duckdb.OutOfMemoryException
"""What DuckDB raises when its limit is too small even with spilling to disk."""


class Stream:
    """Columns as any library may hand them to another, by the interface Arrow has for it.

    With nothing else to look at, neither DuckDB nor polars imports `pyarrow` to read them, which
    would take longer than a small file.
    """

    # Not typed as what it is: a union with a class of DuckDB keeps that alive, and it complains.
    def __init__(self, columns: Any) -> None:
        self.columns = columns

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.columns.__arrow_c_stream__(requested_schema)


class Engine:
    """An in-memory DuckDB connection, closed with its `with` block.

    Tables go to disk long before the limit, which costs next to nothing: they are written and read
    again in order. Only a statement that cannot be done so is given all the memory allowed.

    Args:
        memory: The most that DuckDB may use, such as `4GB`.
        temp_directory: Folder for spilled and rewritten files; a private one when not given.
        threads: How many work on one statement; one for each core when not given.
        packs: Whether a file is made as small as can be: for one of a few rows, trying out how on
            each of hundreds of columns takes longer than writing them, and saves nothing.
    """

    def __init__(
        self,
        memory: str = "4GB",
        temp_directory: Path | None = None,
        threads: int | None = None,
        *,
        packs: bool = True,
    ) -> None:
        self._own_folder = tempfile.TemporaryDirectory(prefix="valuation-", dir=temp_directory)
        self.temp_directory = Path(self._own_folder.name)
        config: dict[str, Any] = {
            "memory_limit": memory,
            "temp_directory": str(self.temp_directory / "spill"),
        }
        if threads is not None:
            config["threads"] = threads
        self.connection = duckdb.connect(config=config)
        self._spare(memory)
        # Else what a statement let go of is given back when a later one lets go of as much.
        self.run("set allocator_background_threads = true")
        # Else tables are packed anew each time some rows more were added to one of them.
        self.run("set checkpoint_threshold = '1TB'")
        # Asked how far it is, DuckDB answers only while it keeps a bar, which it need not print.
        self.run("set enable_progress_bar = true")
        self.run("set enable_progress_bar_print = false")
        if not packs:  # as a key of `config` it is passed over in silence
            self.run(f"set disabled_compression_methods = '{','.join(_SLOW_TO_TRY)}'")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection and remove what was spilled or rewritten."""
        self.connection.close()
        self._own_folder.cleanup()

    def interrupt(self) -> None:
        """End the statement that is running, from another thread: it raises an `EngineError`."""
        self.connection.interrupt()

    def _spare(self, memory: str) -> None:
        """Use less than is allowed, as long as that is enough."""
        asked = "select parse_formatted_bytes($1), current_setting('threads')"
        ((self._all_bytes, threads),) = self.connection.execute(asked, [memory]).fetchall()
        of_threads = threads * _SPARING_BYTES_PER_THREAD
        self._enough_bytes = min(_SPARING_BYTES + of_threads, self._all_bytes)
        self._limit(min(_READING_BYTES + of_threads, self._all_bytes))

    def _limit(self, limit_bytes: int) -> None:
        self.connection.execute(f"set memory_limit = '{limit_bytes}B'")
        self._limit_bytes = limit_bytes

    def with_memory(self, task: Callable[[], T]) -> T:
        """Do a task of one statement or transaction; with all memory where less is too little.

        Raises:
            OutOfMemory: All that is allowed is too little.
        """
        try:
            return task()
        except duckdb.OutOfMemoryException:
            if self._limit_bytes == self._all_bytes:
                raise
        self._enough_bytes = self._all_bytes
        self._limit(self._all_bytes)
        return task()

    def set_aside(self) -> None:
        """Let the tables go to disk until they are wanted: what comes next needs the memory.

        From here on less is used than to read files.
        """
        with suppress(duckdb.OutOfMemoryException):  # what is in use stays
            self._limit(min(_ASIDE_BYTES, self._enough_bytes))
        self._limit(self._enough_bytes)

    @contextmanager
    def sparing(self) -> Iterator[None]:
        """Use little memory in the block: what goes on beside it needs some too."""
        self._limit(min(_FEW_BYTES, self._enough_bytes))
        try:
            yield
        finally:
            self._limit(self._enough_bytes)

    def run(self, sql: str, parameters: Parameters = None) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows, for statements that answer with few."""
        return self.with_memory(lambda: self.connection.execute(sql, parameters).fetchall())

    def share_done(self) -> float | None:
        """How far the running statement is, 0-1, asked from another thread. [1]

        DuckDB's own estimate: each part of a plan is taken to last as long as it has rows. None
        while nothing runs, and where it cannot tell.
        """
        percent = self.connection.query_progress()
        return percent / 100 if percent >= 0 else None

    def frame(self, sql: str, parameters: Parameters = None) -> pl.DataFrame:
        """Rows of a query as a polars frame."""
        # Run before polars takes the rows: an error on the way would be none of DuckDB's.
        rows = self.with_memory(lambda: self.connection.sql(sql, params=parameters).materialize())
        return pl.DataFrame(Stream(rows))

    def register(self, name: str, frame: pl.DataFrame) -> None:
        """Copy a frame into the engine as table `name`, replacing one of that name."""
        with self._seen(name, frame) as view:
            self.run(f"create or replace temp table {quoted(name)} as from {view}")

    def append(self, name: str, frame: pl.DataFrame) -> None:
        """Add the rows of a frame to table `name`, column by column of equal names."""
        with self._seen(name, frame) as view:
            self.run(f"insert into {quoted(name)} by name from {view}")

    @contextmanager
    def _seen(self, name: str, frame: pl.DataFrame) -> Iterator[str]:
        """A frame as a view the engine sees in the block."""
        view = f"{name}_frame"
        self.connection.register(view, Stream(frame))
        try:
            yield quoted(view)
        finally:
            self.connection.unregister(view)

    def drop(self, *names: str) -> None:
        """Remove tables; one that is not there is no error."""
        for name in names:
            self.run(f"drop table if exists temp.{quoted(name)}")

    def step_by_rows(
        self, path: Path, parameters: Mapping[str, Any] | None = None, **names: str
    ) -> None:
        """Run a step that looks up the rows of a file in small tables.

        The engine does not know how long a file is: taking it for the short side of a join, it
        would keep all of it first.

        Args:
            path: The file, beside the stage it belongs to.
            parameters: Values of `$name` in it.
            names: Text put in place of `{name}`.
        """
        self.run("set disabled_optimizers = 'build_side_probe_side'")
        try:
            self.step(path, parameters, **names)
        finally:
            self.run("reset disabled_optimizers")

    def step(self, path: Path, parameters: Mapping[str, Any] | None = None, **names: str) -> None:
        """Run the statements of a .sql file.

        Args:
            path: The file, beside the stage it belongs to.
            parameters: Values of `$name` in it; each statement is given those it names.
            names: Text put in place of `{name}`: tables and columns, never values.
        """
        sql = path.read_text(encoding="utf-8")
        for name, text in names.items():
            sql = sql.replace("{" + name + "}", text)
        for statement in self.connection.extract_statements(sql):
            wanted = {k: (parameters or {})[k] for k in statement.named_parameters}
            self.with_memory(partial(self._do, statement, wanted))

    def _do(self, statement: duckdb.Statement, parameters: Mapping[str, Any]) -> None:
        self.connection.execute(statement, parameters).fetchall()


def quoted(name: str) -> str:
    """An identifier as SQL wants it.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def text_literal(text: str) -> str:
    """A text as SQL writes it.

    >>> text_literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"
