"""Measuring: what people weighed, assayed or looked at, read from files; and what to weigh next."""

from valuation.measuring.file import COLUMNS, read_measured, sources

__all__ = ["COLUMNS", "read_measured", "sources"]
