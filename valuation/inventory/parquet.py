"""Parquet: columns are named and typed already; every cell becomes text."""

import pyarrow as pa
import pyarrow.parquet as pq

from valuation.engine import text_literal
from valuation.errors import InputError
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.reading import Layout, Reading, check_width, no_header, packed_name
from valuation.inventory.source import Source


def read_parquet(source: Source, table: HeaderTable) -> Reading:
    """The table of a Parquet file.

    Raises:
        InputError: The file is damaged, or its columns do not name items.
    """
    try:
        described = pq.ParquetFile(source.path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(
            f"is a damaged Parquet file: {str(error).splitlines()[0]}.", "Write it again."
        ) from error
    fields = described.schema_arrow
    names = fields.names
    columns = table.match(names)
    if not columns.is_usable:
        raise no_header([names], table)
    check_width(columns)
    cells = ", ".join(f"{_as_text(field, f'n{i}')} as c{i}" for i, field in enumerate(fields))
    # Columns by place: two may have one name, and one may have none.
    numbered = ", ".join([*(f"n{i}" for i in range(len(names))), "file_row_number"])
    file = f"read_parquet({text_literal(str(source.path))}, file_row_number = true)"
    file = f"{file} as stored({numbered})"
    return Reading(
        format=packed_name("parquet", source),
        encoding="",
        header_line=0,
        columns=columns,
        relation=f"(select {cells}, file_row_number + 1 as source_line from {file})",
        line_number="source_line",
        lines_read=described.metadata.num_rows,
        layout=Layout("parquet"),
    )


def _as_text(field: pa.Field, name: str) -> str:
    """SQL of a typed cell as text: 1234.0 is `1234`, as in a workbook."""
    text = f"cast({name} as varchar)"
    return f"regexp_replace({text}, '[.]0$', '')" if pa.types.is_floating(field.type) else text
