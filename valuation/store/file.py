"""The file on disk: lock, recognise, copy and swap; no table is read or written here.

DuckDB locks a file that is open, but the published file is never opened for writing, so two runs
would not meet there: a lock of our own stands beside it.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from valuation.engine.duckdb import quoted
from valuation.errors import OutputBusy, OutputError
from valuation.store.layout import SCHEMA_VERSION

STORAGE_VERSION = "v1.2.0"
"""Storage format written: every DuckDB client since 1.2 opens it."""
BUILT = f"storage_version '{STORAGE_VERSION}', recovery_mode no_wal_writes"
"""How a file is opened to be written: a log would be written twice and read by nobody, since what
is not checkpointed and swapped in is thrown away."""
DUCKDB_MAGIC = b"DUCK"
MAGIC_OFFSET_BYTES = 8
SPARE_BYTES = 64 * 1024 * 1024
"""Room asked for beside the copy, for what a small run adds."""


def attach(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, *, read_only: bool
) -> None:
    """Attach a DuckDB file under a name.

    Raises:
        OutputBusy: Another process, or a connection of this one, has it open for writing.
        OutputError: It is not a DuckDB file, or of a newer DuckDB than this one reads.
    """
    options = "read_only" if read_only else BUILT
    address = str(path).replace("'", "''")
    try:
        connection.execute(f"attach '{address}' as {quoted(name)} (type duckdb, {options})")
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        if "lock" in reason or "already attached" in reason or "file handle" in reason:
            raise OutputBusy(
                f"{path} is open for writing in another program: {reason}",
                "Close it there, or open it read-only, and run again.",
            ) from error
        raise OutputError(
            f"{path} cannot be opened: {reason}", "Give another --db, or move this file away."
        ) from error


def detach(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Let go of an attached file; nothing happens when none is attached under that name."""
    connection.execute(f"detach database if exists {quoted(name)}")


@contextmanager
def refusing(target: Path) -> Iterator[None]:
    """Say what the disk refused in words, with the old file left whole.

    Raises:
        OutputError: Names the file and what the system said.
    """
    try:
        yield
    except (duckdb.IOException, OSError) as error:
        raise OutputError(
            f"{target} cannot be written: {str(error).splitlines()[0]}",
            "What was there is as it was; look at the space on the disk and your rights.",
        ) from error


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """Hold the output for this process; the lock goes with the process, however it ends.

    Raises:
        OutputBusy: Another process holds it.
        OutputError: The folder is missing or not writable.
    """
    if not target.parent.is_dir():
        raise OutputError(f"The folder {target.parent} does not exist.", "Create it first.")
    path = target.with_name(f".{target.name}.lock")
    handle = _lock(path, target)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


def _lock(path: Path, target: Path) -> int:
    while True:
        try:
            handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o666)
        except OSError as error:
            raise OutputError(
                f"{target} cannot be written: {error.strerror}.", "Choose a folder you may write."
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            raise OutputBusy(
                f"Another run is writing {target}.", "Wait for it, or name another file."
            ) from error
        # The holder before us may have removed the file between our open and our lock.
        if _is_at(handle, path):
            return handle
        os.close(handle)


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def is_new(target: Path) -> bool:
    """Whether there is nothing at the path yet: no file, or one of no length.

    Raises:
        OutputError: There is a file, but not a DuckDB file, or a folder.
    """
    if target.is_dir():
        raise OutputError(f"{target} is a folder.", "Name a file in it, such as lots.duckdb.")
    if not target.exists() or target.stat().st_size == 0:
        return True
    with target.open("rb") as file:
        head = file.read(MAGIC_OFFSET_BYTES + len(DUCKDB_MAGIC))
    if head[MAGIC_OFFSET_BYTES:] != DUCKDB_MAGIC:
        raise OutputError(
            f"{target} is not a DuckDB file.", "It was left as it is; give another --db."
        )
    return False


def recognise(connection: duckdb.DuckDBPyConnection, name: str, target: Path) -> None:
    """Refuse an attached file that this program did not write, or a later version of it did.

    Raises:
        OutputError: The file is not ours, or newer.
    """
    query = f"select max(schema_version) from {quoted(name)}.main.run"
    try:
        ((version,),) = connection.execute(query).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise OutputError(
            f"{target} is a DuckDB file of another program.",
            "It was left as it is; give another --db.",
        ) from error
    if (version or 0) > SCHEMA_VERSION:
        raise OutputError(
            f"{target} has schema version {version}, this program writes {SCHEMA_VERSION}.",
            "Update the program, or give another --db.",
        )


def fingerprint(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is written or swapped; None when there is none."""
    if not path.exists():
        return None
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def log_of(path: Path) -> Path:
    """The write-ahead log DuckDB keeps beside a file that was not closed properly."""
    return path.with_name(f"{path.name}.wal")


def check_space(folder: Path, needed_bytes: int) -> None:
    """Refuse before anything is written when the disk cannot hold the result.

    Raises:
        OutputError: Names what is free and what is needed.
    """
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise OutputError(
            f"{folder} has {free / 1e9:.2f} GB free, {needed_bytes / 1e9:.2f} GB are needed.",
            "Free some space, or give a --db on another disk.",
        )


def copy(source: Path, build: Path) -> None:
    """Copy a file with its permissions, and its write-ahead log if it has one."""
    shutil.copy(source, build)
    if log_of(source).exists():
        shutil.copy(log_of(source), log_of(build))


def swap(build: Path, target: Path) -> None:
    """Put a finished database in the place of the old one, on disk before it has the name."""
    _sync(build)
    # The copy holds what the old file's log held; left there it would be read into the new file.
    log_of(target).unlink(missing_ok=True)
    put_in_place(build, target)


def put_in_place(build: Path, target: Path) -> None:
    """Give a finished file the name of the old one, once it is on disk."""
    _sync(build)
    build.replace(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
