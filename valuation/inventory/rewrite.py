"""Rewrite: the careful path from a doubtful text to a clean Parquet file, counted as it goes.

Slower than the engine's reader and used only when that one cannot be trusted: every record is
written, set aside with its reason, or counted as blank, so nothing can be lost on the way.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from valuation.inventory.encoding import TextLines, readable
from valuation.inventory.label import TotalLabels
from valuation.inventory.records import Record, split_records

MAX_CELL_CHARACTERS: Final = 1 << 20
"""A line with a longer cell is set aside."""
RAW_TEXT_CHARACTERS: Final = 2000
"""How much of a line that is set aside is kept."""

REASONS: Final = {
    "bad_encoding": (
        "The line holds bytes that are no text in the encoding of its file.",
        "Export the file again as UTF-8.",
    ),
    "too_many_cells": (
        "The line has more cells than the header, and they are not blank.",
        "Put quotes around the cell that holds the separator.",
    ),
    "cell_too_long": (
        f"A cell is longer than {MAX_CELL_CHARACTERS:,} characters.",
        "Check whether a quote is missing.",
    ),
    "cut_line": (
        "The last line ends before its last cell and without a line end: the file was cut.",
        "Export the file again.",
    ),
    "bad_quantity": (
        "The quantity cannot be read as a whole number of pieces.",
        "Write the number of pieces in digits.",
    ),
    "no_item": (
        "No column that is used holds anything but a quantity.",
        "Write what it is in a column that names the item, or remove the line.",
    ),
    "single_cell": (
        "The line is one cell without a separator, like a title, a remark or another table.",
        "Write it with the separator of the other lines, or remove it.",
    ),
}
"""Why a line is set aside: what is wrong with it, and what would mend it."""

TABLE_COLUMNS: Final = 3
"""A line of one cell is no line of a table of this many columns, though of a narrower one."""

_CHUNK_RECORDS: Final = 5_000
_REJECT_NAMES: Final = ("source_line", "reason_code", "reason", "raw_text", "suggestion")


@dataclass
class Rewritten:
    """A rewritten text and its account.

    Attributes:
        path: Parquet file with `source_line` and `c0`, `c1`, ... as text.
        rejects: Parquet file of the lines set aside.
        records: Data records met. [1]
        blank_lines: Of these, blank. [1]
        reasons: Of these, set aside, by reason.
        padded_lines: Of these, short of cells at the end and filled up. [1]
    """

    path: Path
    rejects: Path
    records: int = 0
    blank_lines: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    padded_lines: int = 0


def rewrite(
    lines: TextLines,
    delimiter: str,
    skipped_lines: int,
    width: int,
    labels: TotalLabels,
    target: Path,
) -> Rewritten:
    """Write the data records of a text as Parquet.

    Args:
        lines: The text.
        delimiter: Character between cells.
        skipped_lines: Physical lines up to and with the header. [1]
        width: Cells of the header. [1]
        labels: Words that mark totals.
        target: File to write, ending in `.parquet`.
    """
    out = Rewritten(target, target.with_suffix(".rejects.parquet"))
    records = split_records(islice(lines, skipped_lines, None), delimiter, width)
    names = ["source_line", *(f"c{i}" for i in range(width))]
    with (
        pq.ParquetWriter(out.path, _table([], names).schema, compression="lz4") as good,
        pq.ParquetWriter(out.rejects, _table([], _REJECT_NAMES).schema) as bad,
    ):
        while chunk := list(islice(records, _CHUNK_RECORDS)):
            rows, rejects = _sorted_out(chunk, lines, width, labels, out)
            good.write_table(_table(rows, names))
            if rejects:
                bad.write_table(_table(rejects, _REJECT_NAMES))
    return out


def _table(rows: list[list[object]], names: Sequence[str]) -> pa.Table:
    """Rows as an Arrow table: the first column a number, the others text."""
    schema = {name: pl.String if i else pl.Int64 for i, name in enumerate(names)}
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return pl.DataFrame(dict(zip(names, columns, strict=True)), schema=schema).to_arrow()


def _sorted_out(
    chunk: list[Record], lines: TextLines, width: int, labels: TotalLabels, out: Rewritten
) -> tuple[list[list[object]], list[list[object]]]:
    """Rows to load and rows set aside of one chunk; the account is added to."""
    rows: list[list[object]] = []
    rejects: list[list[object]] = []
    for record in chunk:
        out.records += 1
        if len(record.cells) <= 1 and not record.text.strip():
            out.blank_lines += 1
            continue
        reason = _problem(record, lines, width, labels)
        if reason:
            out.reasons[reason] += 1
            sentence, suggestion = REASONS[reason]
            raw_text = readable(record.text[:RAW_TEXT_CHARACTERS])
            rejects.append([out.records, reason, sentence, raw_text, suggestion])
            continue
        missing = width - len(record.cells)
        out.padded_lines += missing > 0
        cells = [_plain(cell) for cell in record.cells[:width]]
        rows.append([out.records, *cells, *[""] * missing])
    return rows, rejects


def _plain(cell: str) -> str:
    """A cell without the `="..."` that keeps a spreadsheet from changing it.

    >>> _plain('="00123"')
    '00123'
    """
    return cell[2:-1] if len(cell) > 2 and cell.startswith('="') and cell[-1] == '"' else cell


def _problem(record: Record, lines: TextLines, width: int, labels: TotalLabels) -> str | None:
    """Why a record cannot be loaded; None when it can."""
    if lines.is_damaged(record.text):
        return "bad_encoding"
    if len(record.cells) > width and any(cell.strip() for cell in record.cells[width:]):
        return "too_many_cells"
    if len(record.text) > MAX_CELL_CHARACTERS and max(map(len, record.cells)) > MAX_CELL_CHARACTERS:
        return "cell_too_long"
    if len(record.cells) < width and not record.is_ended:
        return "cut_line"
    if len(record.cells) == 1 and width >= TABLE_COLUMNS and not labels.is_total((), record.cells):
        return "single_cell"
    return None
