"""The engine: where rows in the millions live, read and counted by SQL steps."""

from valuation.engine.duckdb import CsvError, Engine

__all__ = ["CsvError", "Engine"]
