"""Parquet: columns are named and typed already; every cell becomes the text a CSV would hold.

Columns are taken by their place, never by name: names repeat, and hold quotes and line breaks.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from valuation.engine import text_literal
from valuation.errors import InputError
from valuation.inventory.columns.column_map import ColumnMap
from valuation.inventory.columns.header import HEADER_WITHIN_ROWS, find_header
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.overlong import set_overlong_aside, suspect_columns
from valuation.inventory.reading import Layout, Reading, check_width, no_header, packed_name
from valuation.inventory.reasons import MAX_CELL_CHARACTERS
from valuation.inventory.source import MAX_EXPANDED_BYTES, Source

_NAME_CHARACTERS: Final = 200
"""How much of a cell is looked at to tell whether it is a name."""
_DAMAGE: Final = (pa.ArrowException, OSError, ValueError, OverflowError)


@dataclass(frozen=True)
class _Column:
    """A column of the table: its name, its type, and SQL of its value."""

    name: str
    type: pa.DataType
    value: str

    @property
    def text(self) -> str:
        """SQL of a cell as text."""
        return _as_text(self.value, self.type)


def read_parquet(source: Source, table: HeaderTable, folder: Path) -> list[Callable[[], Reading]]:
    """Ways to read the table of a Parquet file, the fast one first.

    In the fast one a line with a cell that is too long is missed when the books are balanced: to
    look for such cells beforehand is a pass over the whole file.

    Raises:
        InputError: The file is damaged, too large, or its columns do not name items.
    """
    fast = _undamaged(lambda: _read(source, pq.ParquetFile(source.path), table))
    if not fast.is_direct:
        return [lambda: fast]
    return [lambda: fast, lambda: _undamaged(lambda: _set_aside(source, fast, folder))]


def _undamaged(read: Callable[[], Reading]) -> Reading:
    """What is read.

    Raises:
        InputError: The file is damaged.
    """
    try:
        return read()
    except _DAMAGE as error:
        what = (str(error).splitlines() or ["unreadable"])[0]
        raise InputError(f"is a damaged Parquet file: {what}.", "Write it again.") from error


def _read(source: Source, file: pq.ParquetFile, table: HeaderTable) -> Reading:
    """The table without the lines that have a cell that is too long."""
    _check_size(file)
    columns = list(_columns(file.schema_arrow))
    if not columns:
        raise InputError("has no columns.", "Write it again, with its columns.")
    names = [column.name for column in columns]
    found = map_of_names(names, _head(file), table)
    if not found.is_usable:
        raise no_header([names], table)
    check_width(found)
    suspects = suspect_columns(file)
    return Reading(
        format=packed_name("parquet", source),
        encoding="",
        header_line=0,
        columns=found,
        relation=_relation(source.path, columns, len(file.schema_arrow), suspects),
        line_number="source_line",
        lines_read=file.metadata.num_rows,
        is_direct=bool(suspects),
        has_told_headers=True,
        layout=Layout("parquet"),
    )


def _set_aside(source: Source, fast: Reading, folder: Path) -> Reading:
    """The same, with the lines that have a cell that is too long told one by one."""
    rejects = folder / f"{source.key}.rejects.parquet"
    overlong = set_overlong_aside(source.path, rejects)
    return replace(
        fast,
        reasons={"cell_too_long": overlong.lines} if overlong.lines else {},
        rejects=rejects if overlong.lines else None,
        is_direct=False,
    )


def _relation(path: Path, columns: list[_Column], width: int, suspects: Collection[int]) -> str:
    """SQL of the lines to load: a text of no more bytes than characters allowed is short."""
    cells = ", ".join(f"{column.text} as c{i}" for i, column in enumerate(columns))
    places = ", ".join(f"k{i}" for i in range(width))
    scan = (
        f"read_parquet({text_literal(str(path))}, file_row_number = true, "
        "hive_partitioning = false)"
    )
    limit = (
        f"(k{i} is null or strlen(k{i}) <= {MAX_CELL_CHARACTERS} "
        f"or length(k{i}) <= {MAX_CELL_CHARACTERS})"
        for i in sorted(suspects)
    )
    kept = " and ".join(["true", *limit])
    given = f"{scan} as given({places}, line)"
    return f"(select {cells}, line + 1 as source_line from {given} where {kept})"


def _check_size(file: pq.ParquetFile) -> None:
    groups = (file.metadata.row_group(i) for i in range(file.metadata.num_row_groups))
    size_bytes = sum(group.total_byte_size for group in groups)
    if size_bytes > MAX_EXPANDED_BYTES:
        raise InputError(
            f"unpacks to {size_bytes >> 30:,} GiB; up to {MAX_EXPANDED_BYTES >> 30:,} are read.",
            "Write it in parts.",
        )


def _columns(schema: pa.Schema) -> Iterator[_Column]:
    """The columns of the table; those of a structure each by itself, one level deep."""
    for place, field in enumerate(schema):
        if not pa.types.is_struct(field.type):
            yield _Column(field.name, field.type, f"k{place}")
            continue
        for number, inner in enumerate(field.type, start=1):
            value = f"struct_extract_at(k{place}, {number})"
            yield _Column(f"{field.name}.{inner.name}", inner.type, value)


def _as_text(value: str, kind: pa.DataType) -> str:
    """SQL of a typed value as text: 1234.0 is `1234`, a day without a time is a date."""
    types = pa.types
    text = f"cast({value} as varchar)"
    if types.is_dictionary(kind):
        return _as_text(value, kind.value_type)
    if types.is_floating(kind):
        whole = f"{value} = trunc({value}) and abs({value}) < 1e18"
        return (
            f"case when isnan({value}) then null "
            f"when {whole} then cast(cast({value} as bigint) as varchar) else {text} end"
        )
    if types.is_decimal(kind):
        return f"regexp_replace({text}, '[.]0+$', '')"
    if types.is_timestamp(kind):
        if kind.tz:  # the zone of the file, not of the machine that reads it
            text = (
                f"cast(timezone({text_literal(kind.tz)}, cast({value} as timestamptz)) as varchar)"
            )
        return f"regexp_replace({text}, ' 00:00:00$', '')"
    if types.is_binary(kind) or types.is_large_binary(kind):
        return f"coalesce(try(decode({value})), {text})"
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return f"array_to_string(cast({value} as varchar[]), ', ')"
    return text


def _head(file: pq.ParquetFile) -> list[list[Any]]:
    """The first rows, as values in the columns of the table."""
    batch = next(file.iter_batches(HEADER_WITHIN_ROWS), None)
    if batch is None:
        return []
    columns: list[list[Any]] = []
    for field, column in zip(batch.schema, batch.columns, strict=True):
        if pa.types.is_struct(field.type):
            columns += (part.to_pylist() for part in column.flatten())
        else:
            columns.append(column.to_pylist())
    return [list(row) for row in zip(*columns, strict=True)]


def map_of_names(names: list[str], head: list[list[Any]], table: HeaderTable) -> ColumnMap:
    """What columns that have names are by their names, looking at the rows below them too."""
    rows = [
        ["" if value is None else str(value)[:_NAME_CHARACTERS] for value in row] for row in head
    ]
    found = find_header([names, *rows], table)
    return found[1] if found and found[0] == 0 else table.match(names)
