"""Overlong: lines of a Parquet file with a cell longer than the limit, told without the engine.

Dictionaries are read as such: one long text that a million lines share is held once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from valuation.inventory.reasons import MAX_CELL_CHARACTERS, RAW_TEXT_CHARACTERS, REASONS
from valuation.inventory.rejects_file import REJECTS

_BATCH_ROWS: Final = 1 << 14
_BATCH_BYTES: Final = 1 << 28
_REASON: Final = "cell_too_long"


@dataclass(frozen=True)
class Overlong:
    """Lines with a cell that is too long.

    Attributes:
        columns: Positions of the columns such a cell stands in, of those at the top.
        lines: How many lines there are. [1]
    """

    columns: frozenset[int]
    lines: int


def set_overlong_aside(path: Path, rejects: Path) -> Overlong:
    """Write the lines with a cell that is too long, if there are any, as lines set aside.

    Args:
        path: The Parquet file.
        rejects: File to write.
    """
    plain = pq.ParquetFile(path)
    suspects = suspect_columns(plain)
    if not suspects:
        return Overlong(frozenset(), 0)
    names = plain.schema_arrow.names
    file = pq.ParquetFile(path, read_dictionary=sorted({names[i] for i in suspects}))
    columns: set[int] = set()
    total = 0
    for first, batch in _batches(file):
        rows: set[int] = set()
        for place in suspects:
            over = pc.greater(_lengths(batch.column(place)), MAX_CELL_CHARACTERS)
            here = pc.indices_nonzero(pc.fill_null(over, False)).to_pylist()
            columns.update([place] if here else ())
            rows.update(here)
        total += len(rows)
        if rows:
            _rejects(batch, first, sorted(rows)).write_parquet(rejects.with_suffix(f".{first}"))
    if total:
        parts = sorted(rejects.parent.glob(f"{rejects.stem}.*[0-9]"))
        pl.scan_parquet(parts).sink_parquet(rejects)
    return Overlong(frozenset(columns), total)


def suspect_columns(file: pq.ParquetFile) -> list[int]:
    """Columns of text with enough bytes somewhere to hold a cell that is too long."""
    large = {
        chunk.path_in_schema
        for i in range(file.metadata.num_row_groups)
        for chunk in _chunks(file.metadata.row_group(i))
        if chunk.total_uncompressed_size > MAX_CELL_CHARACTERS
    }
    fields = enumerate(file.schema_arrow)
    return [i for i, field in fields if field.name in large and _is_text(field.type)]


def _chunks(group: Any) -> Iterator[Any]:
    return (group.column(i) for i in range(group.num_columns))


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return any(is_kind(kind) for is_kind in kinds)


def _batches(file: pq.ParquetFile) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The rows in batches that fit into memory, each with the number of its first line."""
    first = 1
    for i in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(i)
        row_bytes = max(group.total_byte_size // max(group.num_rows, 1), 1)
        size = max(1, min(_BATCH_ROWS, _BATCH_BYTES // row_bytes))
        for batch in file.iter_batches(size, row_groups=[i]):
            yield first, batch
            first += batch.num_rows


def _lengths(column: pa.Array) -> pa.Array:
    """Characters of each text. [1]"""
    if not pa.types.is_dictionary(column.type):
        return pc.utf8_length(column)
    return pc.utf8_length(column.dictionary).take(column.indices)


def _cut(column: pa.Array) -> pa.Array:
    """A column with its texts as long as they are shown."""
    if not _is_text(column.type):
        return column
    if not pa.types.is_dictionary(column.type):
        return pc.utf8_slice_codeunits(column, 0, RAW_TEXT_CHARACTERS)
    texts = pc.utf8_slice_codeunits(column.dictionary, 0, RAW_TEXT_CHARACTERS)
    return texts.take(column.indices)


def _rejects(batch: pa.RecordBatch, first: int, rows: list[int]) -> pl.DataFrame:
    """The lines of a batch that are set aside."""
    sentence, suggestion = REASONS[_REASON]
    columns = [_cut(column).take(pa.array(rows)).to_pylist() for column in batch.columns]
    out = []
    for row, values in zip(rows, zip(*columns, strict=True), strict=True):
        cells = ["" if v is None else str(v)[:RAW_TEXT_CHARACTERS] for v in values]
        text = " | ".join(cells)[:RAW_TEXT_CHARACTERS]
        out.append([first + row, _REASON, sentence, text, suggestion, cells])
    return pl.DataFrame(out, schema=REJECTS, orient="row")
