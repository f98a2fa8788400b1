"""Spark session: one that was given, one that runs already, or one started quietly for a run."""

import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from py4j.protocol import Py4JError
from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkException
from pyspark.java_gateway import launch_gateway
from pyspark.logger import PySparkLogger
from pyspark.sql import SparkSession

from valuation.errors import InputError, UsageError

_SHOWN_LINES: Final = 3
"""How much of what Spark said is shown when it does not start."""
_ERRORS_TOLD: Final = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")
"""Where pyspark writes every error it raises."""
_QUIET: Final = {
    "spark.app.name": "valuation",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
_ON_THIS_MACHINE: Final = {
    "spark.driver.host": "127.0.0.1",  # a name of the machine that nobody resolves stops Spark
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "8",
}


@contextmanager
def session_of(given: SparkSession | None, master: str, memory: str) -> Iterator[SparkSession]:
    """A session of Spark; one started here is stopped at the end, any other is left as it was.

    Args:
        given: A session of the caller; the one that runs in this process when None.
        master: Where Spark runs, such as `local[*]` or `spark://host:7077`, when one is started.
        memory: What the driver may use then, such as `4GB`.

    Raises:
        UsageError: Java is not installed.
        InputError: Spark does not start; the message says what it said.
    """
    found = given or SparkSession.getActiveSession()
    if found is not None:
        yield found
        return
    with tempfile.TemporaryDirectory(prefix="valuation-spark-") as folder:
        session = _started(master, memory, Path(folder))
        try:
            yield session
        finally:
            session.stop()


def java_of(environment: Mapping[str, str]) -> str | None:
    """The Java that Spark would start; None when there is none."""
    home = environment.get("JAVA_HOME")
    path = str(Path(home) / "bin") if home else environment.get("PATH", "")
    return shutil.which("java", path=path)


def _started(master: str, memory: str, folder: Path) -> SparkSession:
    """A new session whose noise goes to a file."""
    if java_of(os.environ) is None:
        raise UsageError(
            "Spark needs Java, and there is none.",
            "Install Java 17 or newer, or name its folder in JAVA_HOME.",
        )
    settings = {
        **_QUIET,
        "spark.master": master,
        "spark.driver.memory": memory.removesuffix("B").removesuffix("i").lower(),
    }
    if master.startswith("local"):
        warehouse = (folder / "warehouse").as_uri()
        settings |= {**_ON_THIS_MACHINE, "spark.sql.warehouse.dir": warehouse}
    conf = SparkConf(loadDefaults=False).setAll(list(settings.items()))
    log = folder / "spark.log"
    with log.open("wb") as noise, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has opinions on versions of pandas, which is not used
        try:
            # What runs once for a process is started by hand: so its noise can be led away.
            gateway = SparkContext._gateway  # noqa: SLF001
            if gateway is None:
                gateway = launch_gateway(conf, {"stdout": noise, "stderr": noise})
            # What it cannot read is told in a sentence: it would print a page of JSON besides.
            for name in _ERRORS_TOLD:
                PySparkLogger.getLogger(name).setLevel(logging.CRITICAL + 1)
            return SparkSession(SparkContext(conf=conf, gateway=gateway))
        except (PySparkException, Py4JError) as error:
            said = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
            what = " ".join(said[-_SHOWN_LINES:]) or str(error).splitlines()[0]
            raise InputError(
                f"Spark does not start at {master}: {what}", "See --spark-master and JAVA_HOME."
            ) from error
