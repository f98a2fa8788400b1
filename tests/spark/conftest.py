"""One session of Spark for the tests that need one; skipped only where there is no Java."""

import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from valuation.engine import Engine
from valuation.inventory import read_inventory
from valuation.inventory.spark import Cluster, SparkTable, read_spark

TABLES = ("read_count", "read_form", "read_batch", "read_reject")


@pytest.fixture(scope="session")
def session():
    """A session on this machine, as the program starts one."""
    from valuation.engine.spark.session import java_of, session_of

    if java_of(os.environ) is None:
        pytest.skip("Spark needs Java, and there is none")
    with pytest.MonkeyPatch.context() as patch:
        # Few lines are read here: to make Java's own code better would take longer than to run it.
        patch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")
        with session_of(None, "local[2]", "2GB") as started:
            yield started


@pytest.fixture
def spark(session):
    """Spark as an engine of its own."""
    from valuation.engine.spark.engine import SparkEngine

    with Engine(threads=1) as beside, closing(SparkEngine(session, beside)) as engine:
        yield engine


class Left:
    """What a run of the inventory left behind: accounts, items, tables of the engine."""

    def __init__(self, inventory, engine):
        self.files = inventory.files.drop("file_id", "name", "sha256", "format", "layout")
        self.items = inventory.items
        self.warnings = inventory.warnings
        self.tables = {name: engine.frame(f"from {name}") for name in TABLES}
        self.lines = engine.frame("from read_line")


@pytest.fixture
def by_duckdb(tables):
    """Read Parquet as ever."""

    def reader(path: Path, **options):
        with Engine(threads=1) as engine:
            return Left(read_inventory(engine, [path], tables, **options), engine)

    return reader


@pytest.fixture
def by_spark(session, tables):
    """Read Parquet, or a table by name, with Spark."""

    def reader(place: Path | str, **options):
        given = [SparkTable(str(place), is_parquet=isinstance(place, Path))]
        with Engine(threads=1) as engine:
            cluster = Cluster(session=session)
            return Left(read_spark(engine, cluster, given, tables, **options), engine)

    return reader


@pytest.fixture
def in_parts(tmp_path):
    """Write a frame as a folder of so many Parquet files."""

    def write(frame, parts, name="fleet"):
        folder = tmp_path / f"{name}-{parts}" / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for part in range(parts):  # every so-many-th row: no part is a stretch of the table
            frame.gather_every(parts, part).write_parquet(folder / f"part-{part}.parquet")
        return folder

    return write
