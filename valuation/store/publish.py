"""A publication: what one run puts into the file, and how it enters the build file."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import duckdb
import polars as pl

from valuation.engine.duckdb import Stream, quoted, text_literal
from valuation.errors import ContractError
from valuation.store.layout import (
    SCHEMA_VERSION,
    TABLES,
    Table,
    checks,
    create_views,
    inside,
    schema_columns,
    sql,
)

Attempt = Callable[[Callable[[], None]], None]
"""How a transaction is done: once, or again where what it lacked can be given."""
STORE = "store"
"""Name under which the build file is attached."""
ROWS_AT_ONCE = 2**19
"""Rows of a large relation that are sorted and put in at once: some 200 MB of ordinary ones."""


@dataclass(frozen=True)
class Publication:
    """What one run publishes.

    Attributes:
        run: The row of table `run`; mappings among its values are written as JSON.
        replaced_batches: Batches read anew, or taken out: all their rows give way, lines too.
        revalued_batches: Kept batches valued again: their lines and files stay, the rest gives way.
        frames: Rows by table. Columns may be left out (null), none may be unknown.
        relations: The same for tables too large for a frame: a table or view of the engine.
        new_world: Whether no figure of an earlier run stays, so that no parameter of one does.
    """

    run: Mapping[str, Any]
    replaced_batches: Sequence[str] = ()
    revalued_batches: Sequence[str] = ()
    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    relations: Mapping[str, str] = field(default_factory=dict)
    new_world: bool = True


@dataclass(frozen=True)
class _Source:
    """What a table is filled from: a table, view or registered frame, and its columns.

    Attributes:
        is_large: Whether it is a relation of the engine, which may have rows in the millions.
    """

    relation: str
    columns: tuple[str, ...]
    is_large: bool = False


def write(
    connection: duckdb.DuckDBPyConnection,
    publication: Publication,
    progress: Callable[[str], None],
    attempt: Attempt,
) -> None:
    """Change the attached build file to what a publication says.

    Rows go in on the engine's connection, which sees its tables; what follows from them is made
    and checked on one that does not. Each is a transaction, and nobody sees either before the swap.

    Raises:
        ContractError: A table or column is not in the schema, or a check found offending rows.
    """
    attempt(lambda: _put_in(connection, publication, progress))
    progress("checking what was written")
    attempt(lambda: _complete(connection))


def _put_in(
    connection: duckdb.DuckDBPyConnection,
    publication: Publication,
    progress: Callable[[str], None],
) -> None:
    """Put the rows in, in one transaction."""
    with _sources(connection, publication) as sources, transaction(connection):
        given = _given(connection, publication, sources)
        if publication.new_world:
            given.pop("parameter")
        with _reading_times(connection, publication.revalued_batches):
            for place, table in enumerate(TABLES, 1):
                if table.name != "data_dictionary":
                    progress(f"writing {table.name}, table {place} of {len(TABLES)}")
                    _replace(connection, table, sources.get(table.name), given.get(table.gives_way))


def _complete(connection: duckdb.DuckDBPyConnection) -> None:
    """Make and check what follows from the rows, in one transaction."""
    with inside(connection, STORE) as own, transaction(own):
        own.execute(sql("tidy.sql"))
        create_views(own, STORE)
        run_checks(own)


def run_checks(connection: duckdb.DuckDBPyConnection) -> None:
    """Run every check on the current database.

    Raises:
        ContractError: A check returned rows: names the check and the first of them.
    """
    for name, query in checks().items():
        cursor = connection.execute(f"from ({query.rstrip().rstrip(';')}) limit 3")
        names = [column[0] for column in cursor.description or ()]
        rows = cursor.fetchall()
        if rows:
            found = "; ".join(
                ", ".join(f"{n} {v}" for n, v in zip(names, row, strict=True) if v is not None)
                for row in rows
            )
            raise ContractError(
                f"check {name} found rows that must not be: {found}.",
                "Nothing was published; please report this.",
            )


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit on leaving, roll back on any error or interrupt.

    Raises:
        KeyboardInterrupt: The engine reports an interrupted query as an error of its own.
    """
    connection.execute("begin")
    try:
        yield
        connection.execute("commit")
    except BaseException as error:
        with suppress(duckdb.Error):
            connection.execute("rollback")
        if isinstance(error, duckdb.InterruptException | RuntimeError) and "nterrupt" in str(error):
            raise KeyboardInterrupt from error
        raise


@contextmanager
def _sources(
    connection: duckdb.DuckDBPyConnection, publication: Publication
) -> Iterator[dict[str, _Source]]:
    """What each table is filled from; frames are registered meanwhile."""
    frames = {**publication.frames, "run": _run_row(publication.run)}
    unknown = {*frames, *publication.relations} - {table.name for table in TABLES}
    twice = frames.keys() & publication.relations.keys()
    if unknown or twice:
        raise ContractError(f"publication: unknown or doubled tables {sorted(unknown | twice)}")
    sources = {
        name: _Source(relation, _columns(connection, relation), is_large=True)
        for name, relation in publication.relations.items()
    }
    try:
        for name, frame in frames.items():
            sources[name] = _Source(f"publication_{name}", tuple(frame.columns))
            connection.register(sources[name].relation, Stream(_without_time_zones(frame)))
        _check_columns(connection, sources)
        yield sources
    finally:
        for name in frames:
            connection.unregister(f"publication_{name}")


def _run_row(run: Mapping[str, Any]) -> pl.DataFrame:
    row: dict[str, Any] = {"schema_version": SCHEMA_VERSION}
    for name, value in run.items():
        if isinstance(value, Mapping):
            row[name] = json.dumps(value, default=str)
        else:
            row[name] = list(value) if isinstance(value, tuple) else value
    return pl.DataFrame([row])


def _check_columns(connection: duckdb.DuckDBPyConnection, sources: Mapping[str, _Source]) -> None:
    known = schema_columns(connection, STORE)
    for name, source in sources.items():
        unknown = [c for c in source.columns if (name, c) not in known]
        if unknown:
            raise ContractError(f"publication: table {name} has no column {', '.join(unknown)}")


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[str, ...]:
    rows = connection.execute(f"describe select * from {relation}").fetchall()
    return tuple(row[0] for row in rows)


def _without_time_zones(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every instant as UTC without a zone, as the file holds them."""
    zoned = [
        name
        for name, kind in frame.schema.items()
        if isinstance(kind, pl.Datetime) and kind.time_zone is not None
    ]
    if not zoned:
        return frame
    return frame.with_columns(
        pl.col(name).dt.convert_time_zone("UTC").dt.replace_time_zone(None) for name in zoned
    )


def _given(
    connection: duckdb.DuckDBPyConnection, publication: Publication, sources: Mapping[str, _Source]
) -> dict[str, list[Any]]:
    """What the publication brings, by what makes old rows give way."""
    given: dict[str, list[Any]] = {
        "read": list(publication.replaced_batches),
        "valued": [*publication.replaced_batches, *publication.revalued_batches],
    }
    for kind, table, column in (
        ("item", "item", "item_id"),
        ("item_class", "content", "item_class"),
        ("file", "input_file", "file_id"),
        ("part", "part_value", "part_id"),
        ("parameter", "parameter_draw", "parameter_key"),
    ):
        given[kind] = []
        if table in sources:
            query = f"select distinct {column} from {sources[table].relation}"
            given[kind] = [row[0] for row in connection.execute(query).fetchall()]
    return given


@contextmanager
def _reading_times(
    connection: duckdb.DuckDBPyConnection, revalued_batches: Sequence[str]
) -> Iterator[None]:
    """Batches that are only valued again were read when they were read."""
    batch, before = f"{STORE}.main.batch", "publication_before"
    rows = f"select batch_id, read_at from {batch} where batch_id in (select unnest(?))"
    connection.execute(f"create temp table {before} as {rows}", [list(revalued_batches)])
    yield
    same = f"batch.batch_id = {before}.batch_id"
    connection.execute(f"update {batch} set read_at = {before}.read_at from {before} where {same}")
    connection.execute(f"drop table {before}")


def _slices(connection: duckdb.DuckDBPyConnection, table: Table, relation: str) -> Iterator[str]:
    """Conditions that take some batches of a relation at a time, in order: a sort stays small."""
    query = sql("slices.sql").replace("{relation}", relation).replace("{width}", table.width)
    rows = connection.execute(query, {"rows": ROWS_AT_ONCE}).fetchall()
    for first, last in rows:
        yield f"where batch_id between {text_literal(first)} and {text_literal(last)}"


def _take_out(connection: duckdb.DuckDBPyConnection, table: Table, given: list[Any] | None) -> bool:
    """Take out the rows that give way, and tell whether any stay."""
    target = f"{STORE}.main.{table.name}"

    def holds_rows() -> bool:
        ((some,),) = connection.execute(f"select exists (from {target})").fetchall()
        return bool(some)

    if not holds_rows():
        return False
    if given is not None:
        outgoing = f"delete from {target} where {table.column} in (select unnest(?))"
        connection.execute(outgoing, [given])
    elif table.gives_way in ("all", "parameter"):
        connection.execute(f"delete from {target}")
    return holds_rows()


def _replace(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    source: _Source | None,
    given: list[Any] | None,
) -> None:
    """Take out the rows that give way and put in the new ones, sorted together with what stays."""
    target = f"{STORE}.main.{table.name}"
    keeps_rows = _take_out(connection, table, given)
    if source is None:
        return
    rows = f"(select {', '.join(map(quoted, source.columns))} from {source.relation})"
    if not table.key:
        connection.execute(f"insert into {target} by name from {rows}")
        return
    if keeps_rows:
        connection.execute(f"create temp table publication_kept as from {target}")
        connection.execute(f"delete from {target}")
        rows = f"(from publication_kept union all by name from {rows})"
    by_batch = source.is_large and table.key[0] == "batch_id"  # a frame is there whole as it is
    for some in _slices(connection, table, rows) if by_batch else ("",):
        order = f"order by {', '.join(table.key)}"
        connection.execute(f"insert into {target} by name from {rows} {some} {order}")
    if keeps_rows:
        connection.execute("drop table publication_kept")
