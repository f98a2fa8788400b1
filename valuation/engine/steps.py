"""Steps: what the inventory asks of whatever keeps the lines, DuckDB or Spark."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from valuation.engine.duckdb import Parameters


class Steps(Protocol):
    """Something that keeps tables and runs SQL over them, written as DuckDB reads it.

    Attributes:
        temp_directory: Folder for files of this run, on this machine.
    """

    temp_directory: Path

    def run(self, sql: str, parameters: Parameters = None) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows, for statements that answer with few."""

    def frame(self, sql: str, parameters: Parameters = None) -> pl.DataFrame:
        """Rows of a query as a polars frame."""

    def register(self, name: str, frame: pl.DataFrame) -> None:
        """Copy a frame into the engine as table `name`, replacing one of that name."""

    def append(self, name: str, frame: pl.DataFrame) -> None:
        """Add the rows of a frame to table `name`, column by column of equal names."""

    def drop(self, *names: str) -> None:
        """Remove tables; one that is not there is no error."""

    def step(self, path: Path, parameters: Mapping[str, Any] | None = None, **names: str) -> None:
        """Run the statements of a .sql file."""

    def share_done(self) -> float | None:
        """How far the running statement is, 0-1, asked from another thread; None if unknown. [1]"""

    def interrupt(self) -> None:
        """Stop the running statement, asked from another thread."""

    def step_by_rows(
        self, path: Path, parameters: Mapping[str, Any] | None = None, **names: str
    ) -> None:
        """Run a step that looks up the rows of a file in small tables."""
