"""Rewrite: the careful path from a doubtful text to clean Parquet files, counted as it goes.

Slower than the engine's reader and used only when that one cannot be trusted: every record is
written, set aside with its reason, or counted as blank, so nothing can be lost on the way.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow.parquet as pq

from valuation.inventory.columns.column_map import ColumnMap
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.delimited.dialect import DELIMITERS, Dialect
from valuation.inventory.delimited.encoding import TextLines, readable
from valuation.inventory.delimited.plain import PlainLines
from valuation.inventory.delimited.ragged import Widths
from valuation.inventory.delimited.records import Marks, Record, Records, strict_cells
from valuation.inventory.delimited.runs import Blocks, Runs
from valuation.inventory.delimited.sections import Section, Sections
from valuation.inventory.label import TotalLabels
from valuation.inventory.reasons import MAX_CELL_CHARACTERS, RAW_TEXT_CHARACTERS, REASONS
from valuation.inventory.rejects_file import REJECTS, arrow_table

TABLE_COLUMNS: Final = 3
"""A line of one cell is no line of a table of this many columns, though of a narrower one."""

STRETCH_LINES: Final = 256
"""Copied lines whose place in the text is looked up together: by equal numbers, as engines can."""

_CHUNK_ROWS: Final = 5_000
_ODD: Final = {
    "source_line": pl.Int64,
    "section": pl.Int64,
    "cells": pl.List(pl.String),
    "text": pl.String,
}
_STRETCHES: Final = dict.fromkeys(("stretch", "first_line", "last_line", "shift"), pl.Int64)
_PASSED: Final = {"source_line": pl.Int64, "reason_code": pl.String}


@dataclass
class Rewritten:
    """A rewritten text and its account.

    Attributes:
        paths: Parquet files with `source_line` and some of `c0`, `c1`, ... as text.
        rejects: Parquet file of the lines set aside.
        passed_over: Parquet file of where headers stand again.
        columns: What the columns of all tables in the text are.
        records: Data records met. [1]
        blank_lines: Of these, blank. [1]
        repeated_headers: Of these, headers again, or of another table. [1]
        reasons: Of these, set aside, by reason.
        padded_lines: Of these, short of cells at the end and filled up. [1]
        reparted_lines: Of these, written with another separator than the others. [1]
        clean: Text of the plain lines that were copied, without a header; None without any.
        clean_lines: How many. [1]
        stretches: Parquet file of where they stood, one row per lines of one stretch copied one
            after another: `stretch`, `first_line` and `last_line`, counted in the copy from 1,
            and `shift` to their number in the text.
    """

    paths: list[Path]
    rejects: Path
    passed_over: Path
    columns: ColumnMap
    records: int = 0
    blank_lines: int = 0
    repeated_headers: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    padded_lines: int = 0
    reparted_lines: int = 0
    clean: Path | None = None
    clean_lines: int = 0
    stretches: Path | None = None


def rewrite(
    lines: TextLines,
    dialect: Dialect,
    table: HeaderTable,
    labels: TotalLabels,
    target: Path,
    blocks: Blocks | None = None,
) -> Rewritten:
    """Write the data records of a text as Parquet, and plain lines as they are where told.

    Args:
        lines: The text.
        dialect: How it is laid out.
        table: Known column names, to tell the headers of other tables in it.
        labels: Words that mark totals.
        target: File to write, ending in `.parquet`; others are written beside it.
        blocks: Where its lines begin and how much is looked at at a time, when plain lines are to
            be copied.

    Raises:
        NoLineEnd: Plain lines were to be copied, and the text cannot be read in blocks.
    """
    rejects, passed = (target.with_suffix(f".{name}.parquet") for name in ("rejects", "passed"))
    out = Rewritten([target], rejects, passed, dialect.columns)
    with ExitStack() as stack:
        rewriting = _Rewriting(lines, dialect, table, labels, out, stack, blocks)
        rewriting.copy()
        for record in rewriting.records:
            rewriting.take(record)
            rewriting.copy()
        rewriting.settle()
    return out


class _Rows:
    """A Parquet file written in chunks of rows."""

    def __init__(self, path: Path, schema: Mapping[str, Any], stack: ExitStack) -> None:
        self.path = path
        self._schema = schema
        self._rows: list[list[object]] = []
        arrow = arrow_table([], schema).schema
        self._writer = stack.enter_context(pq.ParquetWriter(path, arrow, compression="lz4"))

    def add(self, row: list[object]) -> None:
        self._rows.append(row)
        if len(self._rows) == _CHUNK_ROWS:
            self.flush()

    def flush(self) -> None:
        if self._rows:
            self._writer.write_table(arrow_table(self._rows, self._schema))
            self._rows = []

    def read_back(self) -> Iterator[list[Any]]:
        """The rows that were written, once no more are."""
        self.flush()
        self._writer.close()
        for batch in pq.ParquetFile(self.path).iter_batches(_CHUNK_ROWS):
            for row in batch.to_pylist():
                yield list(row.values())


class _Copied:
    """The plain lines that are copied, and where they stood."""

    def __init__(self, runs: Runs, out: Rewritten, stack: ExitStack) -> None:
        out.clean, out.stretches = (
            out.paths[0].with_suffix(suffix) for suffix in (".clean.csv", ".stretches.parquet")
        )
        self._runs = runs
        self._out = out
        self._text = stack.enter_context(out.clean.open("wb"))
        self._stretches = _Rows(out.stretches, _STRETCHES, stack)

    def take(self, widths: Widths) -> None:
        """Copy the lines that come next, and count how they end."""
        out, before = self._out, self._out.clean_lines
        shift = out.records - before
        for run in self._runs.plain():
            self._text.write(run.text)
            out.records += run.lines
            out.clean_lines += run.lines
            widths.add_plain(run.lines, ends_blank=run.ends_blank)
        for first, last in _stretches(before + 1, out.clean_lines):
            self._stretches.add([first // STRETCH_LINES, first, last, shift])

    def settle(self) -> None:
        self._stretches.flush()


def _stretches(first: int, last: int) -> Iterator[tuple[int, int]]:
    """The first and last of some lines in each stretch.

    >>> list(_stretches(250, 600)), list(_stretches(3, 2))
    ([(250, 255), (256, 511), (512, 600)], [])
    """
    while first <= last:
        end = (first // STRETCH_LINES + 1) * STRETCH_LINES
        yield first, min(end - 1, last)
        first = end


class _Rewriting:
    """The work at hand: where each record goes."""

    def __init__(
        self,
        lines: TextLines,
        dialect: Dialect,
        table: HeaderTable,
        labels: TotalLabels,
        out: Rewritten,
        stack: ExitStack,
        blocks: Blocks | None,
    ) -> None:
        self._lines = lines
        self._labels = labels
        self._marks = dialect.marks
        self._out = out
        self._stack = stack
        self._sections = Sections(dialect.columns, table)
        self._good: dict[int, _Rows] = {}
        self._bad = _Rows(out.rejects, REJECTS, stack)
        self._passed = _Rows(out.passed_over, _PASSED, stack)
        self._odd = _Rows(out.paths[0].with_suffix(".odd.parquet"), _ODD, stack)
        self._copied: _Copied | None = None
        after: Iterator[str] = islice(lines, dialect.head_lines, None)
        if blocks is not None:
            width = self._sections.open.width
            finder = PlainLines(dialect.marks, width, self._sections.names)
            text = stack.enter_context(lines.path.open("rb"))
            after = runs = Runs(text, blocks, lines, finder)
            self._copied = _Copied(runs, out, stack)
        self.records = Records(after, dialect.marks, self._sections.open.width)
        self._begin(self._sections.open)

    def copy(self) -> None:
        """Copy the plain lines that come next, when a record has ended and none is another's."""
        if self._copied and not self.records.is_ahead and self._sections.is_one:
            self._copied.take(self._sections.open.widths)

    def take(self, record: Record) -> None:
        """Write a record, set it aside, pass over it, or keep it till the file's habit is known."""
        out, cells = self._out, record.cells
        out.records += 1
        if len(cells) <= 1 and not record.text.strip():
            out.blank_lines += 1
        elif self._sections.is_header(cells):
            out.repeated_headers += 1
            self._passed.add([out.records, "repeated_header"])
            self._begin(self._sections.open)
        elif reason := self._problem(record):
            cells = self._sections.open.placed(cells)
            self._set_aside(out.records, reason, cells, record.text)
        elif len(cells) == self._sections.open.width:
            self._sections.open.widths.add_whole(cells[-1])
            self._write(self._sections.open, out.records, cells, kept='="' in record.text)
        else:
            self._keep_odd(record)

    def settle(self) -> None:
        """Decide on the rows of other widths, and close the files."""
        sections = list(self._sections)
        for number, place, cells, text in self._odd.read_back():
            section = sections[place]
            reason = section.widths.reason(cells)
            if reason:
                self._set_aside(number, reason, section.placed(cells), text)
                continue
            missing = section.width - len(cells)
            self._out.padded_lines += missing > 0
            self._write(section, number, [*cells[: section.width], *[""] * missing], kept=True)
        for rows in (*self._good.values(), self._bad, self._passed):
            rows.flush()
        if self._copied:
            self._copied.settle()
        self._out.paths = [rows.path for rows in self._good.values()]
        self._out.columns = self._sections.columns()

    def _keep_odd(self, record: Record) -> None:
        """Sort out a row of another width than its header."""
        section, cells, number = self._sections.open, record.cells, self._out.records
        filled = sum(bool(cell.strip()) for cell in cells)
        again = _reparted(record.text, self._marks, section.width)
        if not filled:
            self._out.blank_lines += 1
        elif again:
            self._out.reparted_lines += 1
            self._write(section, number, again, kept=True)
        elif len(cells) < section.width and self._labels.is_total((), cells):
            whole = [*cells, *[""] * (section.width - len(cells))]
            self._write(section, number, whole, kept=True)
        elif filled == 1 and section.width >= TABLE_COLUMNS:
            self._set_aside(number, "single_cell", cells, record.text)
        else:
            section.widths.add_odd(cells)
            self._odd.add([number, section.number, cells, record.text[:RAW_TEXT_CHARACTERS]])

    def _problem(self, record: Record) -> str | None:
        """Why a record cannot be loaded, whatever its width; None when it can."""
        section, cells = self._sections.open, record.cells
        if self._lines.is_damaged(record.text):
            return "bad_encoding"
        if len(record.text) > MAX_CELL_CHARACTERS and max(map(len, cells)) > MAX_CELL_CHARACTERS:
            return "cell_too_long"
        if not section.names_items:
            return "other_table"
        if len(cells) < section.width and not record.is_ended:
            return "cut_line"
        return None

    def _write(self, section: Section, number: int, cells: list[str], *, kept: bool) -> None:
        """Write a row; `kept` when cells may be kept from a spreadsheet as `="..."`."""
        self._good[section.number].add([number, *(map(_plain, cells) if kept else cells)])

    def _begin(self, section: Section) -> None:
        """Begin or go on with a section whose header was met."""
        self.records.width = section.width
        if section.names_items and section.number not in self._good:
            path = self._out.paths[0]
            if section.number:
                path = path.with_suffix(f".{section.number}.parquet")
            names = (f"c{position}" for position in section.positions)
            schema = {"source_line": pl.Int64, **dict.fromkeys(names, pl.String)}
            self._good[section.number] = _Rows(path, schema, self._stack)

    def _set_aside(self, number: int, reason: str, cells: Iterable[str], text: str) -> None:
        self._out.reasons[reason] += 1
        sentence, suggestion = REASONS[reason]
        raw_text = readable(text[:RAW_TEXT_CHARACTERS])
        longest = RAW_TEXT_CHARACTERS if reason == "cell_too_long" else None
        kept = [readable(cell[:longest]) for cell in cells]
        self._bad.add([number, reason, sentence, raw_text, suggestion, kept])


def _plain(cell: str) -> str:
    """A cell without the `="..."` that keeps a spreadsheet from changing it.

    >>> _plain('="00123"'), _plain('=""')
    ('00123', '')
    """
    return cell[2:-1] if len(cell) > 2 and cell.startswith('="') and cell[-1] == '"' else cell


def _reparted(text: str, marks: Marks, width: int) -> list[str] | None:
    """The cells of a row written with another usual separator, when they are just as many.

    A separator of the table's own outside quotes speaks against it: it is no text by chance.
    """
    if width < TABLE_COLUMNS or marks.delimiter in "".join(text.split(marks.quote)[::2]):
        return None
    for delimiter in DELIMITERS:
        if delimiter != marks.delimiter and text.count(delimiter) >= width - 1:
            cells = strict_cells(text, Marks(delimiter, marks.quote))
            if cells and len(cells) == width:
                return cells
    return None
