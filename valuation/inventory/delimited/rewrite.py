"""Rewrite: the careful path from a doubtful text to a clean Parquet file, counted as it goes.

Slower than the engine's reader and used only when that one cannot be trusted: every record is
written, set aside with its reason, or counted as blank, so nothing can be lost on the way.
"""

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow.parquet as pq

from valuation.inventory.delimited.encoding import TextLines, readable
from valuation.inventory.delimited.records import Record, split_records
from valuation.inventory.label import TotalLabels
from valuation.inventory.reasons import MAX_CELL_CHARACTERS, RAW_TEXT_CHARACTERS, REASONS
from valuation.inventory.rejects_file import REJECTS, arrow_table

TABLE_COLUMNS: Final = 3
"""A line of one cell is no line of a table of this many columns, though of a narrower one."""

_CHUNK_RECORDS: Final = 5_000


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
    columns = {"source_line": pl.Int64, **{f"c{i}": pl.String for i in range(width)}}
    with (
        pq.ParquetWriter(out.path, arrow_table([], columns).schema, compression="lz4") as good,
        pq.ParquetWriter(out.rejects, arrow_table([], REJECTS).schema) as bad,
    ):
        while chunk := list(islice(records, _CHUNK_RECORDS)):
            rows, rejects = _sorted_out(chunk, lines, width, labels, out)
            good.write_table(arrow_table(rows, columns))
            if rejects:
                bad.write_table(arrow_table(rejects, REJECTS))
    return out


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
            longest = RAW_TEXT_CHARACTERS if reason == "cell_too_long" else None
            cells = [readable(cell[:longest]) for cell in record.cells]
            rejects.append([out.records, reason, sentence, raw_text, suggestion, cells])
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
