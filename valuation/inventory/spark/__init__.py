"""Spark: tables in Spark are read as files are, by the same steps, and their lines stay there."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from valuation.engine import Engine
from valuation.engine.spark import check_spark
from valuation.inventory import Inventory, Kept, opener_of
from valuation.tables import Tables

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class SparkTable:
    """What Spark is to read.

    Attributes:
        name: Name of a table or view, or where Parquet lies: a path, or an address Spark knows.
        is_parquet: Whether it is Parquet.
    """

    name: str
    is_parquet: bool = False


@dataclass(frozen=True)
class Cluster:
    """Where Spark is.

    Attributes:
        master: What a session is started at when none is given, such as `local[*]`.
        memory: What its driver may use then, such as `4GB`.
        session: A session of the caller.
    """

    master: str = "local[*]"
    memory: str = "4GB"
    session: "SparkSession | None" = None


def read_spark(
    engine: Engine,
    cluster: Cluster,
    given: Sequence[SparkTable],
    tables: Tables,
    *,
    batch: str | None = None,
    batch_by: str | None = None,
    maps: Sequence[Path] = (),
    lines_in: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Inventory:
    """Read tables of Spark; what is left in the engine is as `read_inventory` leaves it.

    `read_line` and `read_ignored` stay empty, and records have no numbers.

    Args:
        engine: Where everything after the lines is computed.
        cluster: Where the lines are, and stay.
        given: The tables.
        tables: Reference data.
        batch: Batch of every line; the tables' own batches when not given.
        batch_by: Name of the column that tells batches apart.
        maps: Map files, one per source system.
        lines_in: Folder, or an address Spark knows, to write lines to; None writes none.
        progress: Told what is being read.

    Raises:
        UsageError: Spark or Java is not installed.
        SettingsError: A map cannot be read.
        InputError: Spark does not start, or stopped while it counted what it had read.
    """
    check_spark()
    from valuation.engine.spark.engine import SparkEngine
    from valuation.engine.spark.session import session_of
    from valuation.inventory.spark.reading import LINES, read_tables

    kept = Kept(lines=lines_in is not None, numbers=False)
    opener = opener_of(tables, batch, batch_by, maps, kept, progress)
    progress("starting Spark")
    with (
        session_of(cluster.session, cluster.master, cluster.memory) as session,
        closing(SparkEngine(session, engine, LINES)) as spark,
    ):
        return read_tables(spark, given, opener, tables, lines_in)
