"""Spark as the engine of lines: the same SQL steps, translated as they are run.

Tables with a row for every line stay in Spark; every other one is as small as what is distinct in
them, and is kept by DuckDB. A statement that names a table of Spark is run there, with the small
tables it names sent to it, and what it makes comes to DuckDB unless it is one of lines again; any
other statement is DuckDB's own, in its own words.

A table of lines is computed when it is made or filled, and kept without the way it was come by:
plans would grow from step to step until making them took longer than the rows.
"""

import re
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark.errors import AnalysisException, ParseException, PySparkException
from pyspark.sql import DataFrame, SparkSession
from sqlglot import exp

from valuation.engine.duckdb import Engine, Parameters, quoted
from valuation.engine.spark.translation import (
    Names,
    macro_of,
    parsed,
    spark_type,
    statements,
    translated,
)
from valuation.errors import InputError

_SET_VARIABLE: Final = re.compile(r"(?i)set variable (\w+) = \$1")
_SETTINGS: Final = {
    "spark.sql.ansi.enabled": "true",  # what cannot be cast is an error, as in DuckDB
    "spark.sql.caseSensitive": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.legacy.sizeOfNull": "false",
    # Kept rows still tell of columns they were made from, which stops a union of them; and to tell
    # what follows from long expressions takes longer than small tables.
    "spark.sql.constraintPropagation.enabled": "false",
}
"""What every statement counts on, whatever the session that is given or its cluster sets."""
_ROW: Final = "rowid"
"""What tells the records of a table apart, as in DuckDB; written to no file."""
_SMALL_ROWS: Final = 1_000_000
"""A frame of no more rows is sent to every executor, so that joining it moves no line."""


class SparkEngine:
    """A session of Spark beside DuckDB, running steps written for that; see `Steps`.

    Views and settings are its own: those of the session it is given are not touched.

    Args:
        session: Where the rows are.
        engine: Where tables that do not grow with the lines are kept.
        lines: Names of tables that do, which stay in Spark when a step makes them.
    """

    def __init__(self, session: SparkSession, engine: Engine, lines: Collection[str] = ()) -> None:
        self.engine = engine
        self.temp_directory = engine.temp_directory
        self._lines = frozenset(lines)
        self._given = session
        self.session = session.newSession()
        for name, value in _SETTINGS.items():
            self.session.conf.set(name, value)
        self._names = Names()
        self._views: dict[str, str] = {}
        self._filled: set[str] = set()
        self._made = 0
        self._global_views: list[str] = []

    def close(self) -> None:
        """Let go of what Spark keeps for us; the session itself is left."""
        for name in self._global_views:
            self._given.catalog.dropGlobalTempView(name)
        for view in self._views.values():
            self.session.catalog.dropTempView(view)
        self._global_views, self._views = [], {}

    def open_table(self, name: str) -> DataFrame:
        """A table or view of the session that was given, by its name there.

        Raises:
            InputError: There is none.
        """
        view = f"valuation_{uuid.uuid4().hex}"
        with _told(is_ours=False):
            self._given.table(name).createGlobalTempView(view)
            self._global_views.append(view)
            return self.session.table(f"global_temp.{view}")

    def open_parquet(self, location: str) -> DataFrame:
        """The rows of a Parquet file or folder, wherever Spark can read it.

        Raises:
            InputError: There is none.
        """
        with _told(is_ours=False):
            return self.session.read.parquet(location)

    def write(self, name: str, location: str) -> None:
        """Write a table of lines as a folder of Parquet files.

        Raises:
            InputError: There is such a folder, or Spark cannot write it.
        """
        with _told():
            self.session.table(self._views[name]).drop(_ROW).write.parquet(location)

    def run(self, sql: str, parameters: Parameters = None) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows, for statements that answer with few."""
        variable = _SET_VARIABLE.fullmatch(sql)
        if variable is not None:
            self._names.variables[variable[1]] = _by_name(parameters)["1"]
        tree = None if variable else self._of_lines(sql)
        if tree is None:
            return self.engine.run(sql, parameters)
        rows = self._execute(tree, _by_name(parameters))
        with _told():
            return [] if rows is None else [tuple(row) for row in rows.collect()]

    def share_done(self) -> float | None:
        """Nobody tells here how far Spark is."""
        return None

    def interrupt(self) -> None:
        """Stop what Spark is running for this session."""
        self.session.interruptAll()

    def frame(self, sql: str, parameters: Parameters = None) -> pl.DataFrame:
        """Rows of a query as a polars frame."""
        tree = self._of_lines(sql)
        if tree is None:
            return self.engine.frame(sql, parameters)
        rows = self._execute(tree, _by_name(parameters))
        assert rows is not None, "a frame is asked for by a query"
        return _fetched(rows)

    def register(self, name: str, frame: pl.DataFrame) -> None:
        """Keep a frame as table `name`, replacing one of that name."""
        self.engine.register(name, frame)

    def append(self, name: str, frame: pl.DataFrame) -> None:
        """Add the rows of a frame to table `name`, which is none of lines, by names of columns."""
        self.engine.append(name, frame)

    def send(self, name: str, frame: pl.DataFrame) -> None:
        """Copy a frame to Spark as table `name`, so that what is asked of it is answered there."""
        self.view(name, self._sent(frame))

    def drop(self, *names: str) -> None:
        """Remove tables; one that is not there is no error."""
        for name in names:  # what is kept of it stays for the tables made of it
            view = self._views.pop(name, None)
            if view is None:
                self.engine.drop(name)
            else:
                self.session.catalog.dropTempView(view)

    def step(self, path: Path, parameters: Mapping[str, Any] | None = None, **names: str) -> None:
        """Run the statements of a .sql file where what they name is; see `Engine.step`."""
        sql = path.read_text(encoding="utf-8")
        for name, text in names.items():
            sql = sql.replace("{" + name + "}", text)
        for statement in statements(sql):
            macro = macro_of(statement.query)
            if macro is not None:
                self._names.macros[macro[0]] = macro[1]
            tree = None if macro else self._of_lines(statement.query)
            if tree is None:
                wanted = {name: (parameters or {})[name] for name in statement.named_parameters}
                self.engine.run(statement.query, wanted)
            else:
                self._execute(tree, parameters or {})

    def step_by_rows(
        self, path: Path, parameters: Mapping[str, Any] | None = None, **names: str
    ) -> None:
        """Run a step that looks up rows in small tables, which are sent to them as ever."""
        self.step(path, parameters, **names)

    def view(self, name: str, rows: DataFrame) -> None:
        """Make rows of Spark known to steps by a name.

        Spark knows them by another one each time: a view that is put in another's place would take
        what is kept of that with it, and could not be made from it.
        """
        self._made += 1
        self._views[name] = f"{name}_{self._made}"
        rows.createTempView(self._views[name])

    def _of_lines(self, statement: str) -> exp.Expression | None:
        """A statement as a tree if it makes or names a table of lines; None if it is DuckDB's."""
        if not any(name in statement for name in {*self._lines, *self._views}):
            return None
        tree = parsed(statement)
        found = {table.name for table in tree.find_all(exp.Table)}
        made = isinstance(tree, exp.Create) and isinstance(tree.this, exp.Schema)
        return tree if found & (self._lines if made else self._views.keys()) else None

    def _execute(self, tree: exp.Expression, parameters: Mapping[str, Any]) -> DataFrame | None:
        """Run a statement in Spark; rows for a query, which are computed when they are asked for.

        Raises:
            NotImplementedError: A statement that changes rows in place.
        """
        if isinstance(tree, exp.Create) and isinstance(tree.this, exp.Schema):
            self._make_empty(tree.this)
            return None
        query = tree.expression if isinstance(tree, exp.Create | exp.Insert) else tree
        if not isinstance(query, exp.Query):
            raise NotImplementedError(f"not for Spark: {tree.sql('duckdb')}")
        with _told():
            sent = self._send_named(query)
            rows = self.session.sql(translated(query, self._names, parameters, self._views | sent))
            for view in sent.values():
                self.session.catalog.dropTempView(view)
        if isinstance(tree, exp.Insert):
            self._fill(tree.this.name, rows)
        elif isinstance(tree, exp.Create):
            self._make(tree.this.name, rows, is_view=tree.kind == "VIEW")
        else:
            return rows
        return None

    def _send_named(self, query: exp.Expression) -> dict[str, str]:
        """Send the tables of DuckDB that a query names; what Spark calls them, by their names."""
        within = {part.alias for part in query.find_all(exp.CTE)}
        named = {table.name for table in query.find_all(exp.Table)} - within - self._views.keys()
        sent = {}
        for name in sorted(named - {""}):
            self._made += 1
            sent[name] = f"{name}_{self._made}"
            self._sent(self.engine.frame(f"from {quoted(name)}")).createTempView(sent[name])
        return sent

    def _sent(self, frame: pl.DataFrame) -> DataFrame:
        """A frame as rows of Spark; a small one goes to every machine, so joining moves no line."""
        rows = self.session.createDataFrame(_as_arrow(frame))
        return rows.hint("broadcast") if frame.height <= _SMALL_ROWS else rows

    def _make(self, name: str, rows: DataFrame, *, is_view: bool) -> None:
        """Keep what a statement makes where it belongs."""
        if is_view:
            self.view(name, rows)
        elif name in self._lines:
            self.view(name, self._kept(rows))
        else:
            self.engine.register(name, _fetched(rows))

    def _make_empty(self, table: exp.Schema) -> None:
        columns = [
            f"cast(null as {spark_type(column.kind)}) as `{column.name}`"
            for column in table.expressions
        ]
        columns.append(f"cast(null as string) as {_ROW}")
        self.view(table.this.name, self.session.sql(f"select {', '.join(columns)} where false"))
        self._filled.discard(table.this.name)

    def _fill(self, name: str, rows: DataFrame) -> None:
        """Put rows into a table, column by column, each with what tells it from all others."""
        table = self.session.table(self._views[name])
        columns = [column for column in table.columns if column != _ROW]
        kinds = dict(table.dtypes)
        casts = [f"cast(`{column}` as {kinds[column]}) as `{column}`" for column in columns]
        number = f"concat('{self._made}', '.', monotonically_increasing_id()) as {_ROW}"
        with _told():
            added = self._kept(rows.toDF(*columns).selectExpr(*casts, number))
        self.view(name, table.unionAll(added) if name in self._filled else added)
        self._filled.add(name)

    def _kept(self, rows: DataFrame) -> DataFrame:
        """Rows computed once, where a lost machine loses them only if it must."""
        with _told():
            is_safe = self.session.sparkContext.getCheckpointDir() is not None
            return rows.checkpoint() if is_safe else rows.localCheckpoint()


def _fetched(rows: DataFrame) -> pl.DataFrame:
    with _told():
        return pl.DataFrame(rows.toArrow())


@contextmanager
def _told(*, is_ours: bool = True) -> Iterator[None]:
    """Errors of Spark as one of ours, but those that mean a statement of ours is wrong.

    Args:
        is_ours: Whether what is asked of Spark comes from us alone.

    Raises:
        InputError: Spark could not read or compute what was asked.
    """
    try:
        yield
    except (PySparkException, Py4JError) as error:
        if is_ours and isinstance(error, AnalysisException | ParseException):
            raise
        what = (str(error).splitlines() or ["it gave no reason"])[0]
        raise InputError(
            f"cannot be read by Spark: {what}", "Look at its place, and at what Spark may do there."
        ) from error


def _by_name(parameters: Parameters) -> dict[str, Any]:
    """Parameters by name; those of a list are called by their place, from 1."""
    if isinstance(parameters, list):
        return {str(place): value for place, value in enumerate(parameters, start=1)}
    return dict(parameters or {})


def _as_arrow(frame: pl.DataFrame) -> pa.Table:
    """A frame as Spark takes it, with its whole numbers signed."""
    unsigned = [name for name, kind in frame.schema.items() if kind == pl.UInt64]
    return frame.with_columns(pl.col(unsigned).reinterpret(signed=True)).to_arrow(
        compat_level=pl.CompatLevel.oldest()
    )
