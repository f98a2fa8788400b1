"""Reading the file: a connection that sees the newest one, and the data dictionary."""

from pathlib import Path

import duckdb
import polars as pl

from valuation.errors import OutputError
from valuation.store.file import attach, is_new, recognise
from valuation.store.layout import create_tables, create_views, frame

PUBLISHED = "store"
"""Name under which readers attach the file."""


def open_read_only(path: Path) -> duckdb.DuckDBPyConnection:
    """Open the published file for reading; its tables and views go by their bare names.

    A plain `duckdb.connect` would share a file that a connection of this process still holds, so
    after a swap it would go on reading the old one. Attached to a database in memory, every
    connection sees the file that has the name now.

    Args:
        path: The published file.

    Raises:
        OutputBusy: Another program has it open for writing.
        OutputError: There is no such file, or it is not ours.
    """
    if is_new(path):
        raise OutputError(f"There is no {path}.", "Write it with `valuation value FILE --db PATH`.")
    connection = duckdb.connect()
    try:
        attach(connection, path, PUBLISHED, read_only=True)
        recognise(connection, PUBLISHED, path)
        connection.execute(f"use {PUBLISHED}")
    except BaseException:
        connection.close()
        raise
    return connection


def dictionary(path: Path | None = None) -> pl.DataFrame:
    """One row per column of every table and view: type, unit, meaning, whether it may be summed.

    Args:
        path: A published file; without one, the schema this program would write.

    Raises:
        OutputBusy: Another program has the file open for writing.
        OutputError: There is no such file, or it is not ours.
    """
    with duckdb.connect() if path is None else open_read_only(path) as connection:
        if path is None:
            create_tables(connection)
            create_views(connection, "memory")
        return frame(connection, "from data_dictionary order by rowid")
