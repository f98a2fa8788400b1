"""Rejects file: lines set aside before the engine, as the Parquet file the scan takes them from."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import polars as pl

if TYPE_CHECKING:
    import pyarrow as pa

REJECTS: Final[dict[str, Any]] = {
    "source_line": pl.Int64,
    "reason_code": pl.String,
    "reason": pl.String,
    "raw_text": pl.String,
    "suggestion": pl.String,
    "cells": pl.List(pl.String),
}
"""Columns of the file."""


def arrow_table(rows: Sequence[Sequence[object]], schema: Mapping[str, Any]) -> "pa.Table":
    """Rows as an Arrow table."""
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    return pl.DataFrame(dict(zip(schema, columns, strict=True)), schema=schema).to_arrow()
