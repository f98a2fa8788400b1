"""Reading: one table of one file made ready for the engine, whatever its format.

Every format ends as a SQL relation with the columns `c0`, `c1`, ... as text, a count of the
records made independently of the engine, and what was set aside or ignored before it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from valuation.errors import InputError, MissingColumns
from valuation.inventory.columns.column_map import ColumnMap
from valuation.inventory.columns.header import HEADER_WITHIN_ROWS
from valuation.inventory.columns.map_fit import map_fault
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.source import Source

_SHOWN_CHARACTERS: Final = 40
_COMPARED: Final = 50
"""Names that are compared with all known ones, to offer the nearest."""
MAX_COLUMNS: Final = 2000
"""A table with more columns is refused."""


@dataclass(frozen=True)
class Layout:
    """How a file writes its table, so that lines set aside can be written the same way.

    Attributes:
        form: `text`, `workbook`, `parquet`, `json`, or `report` for what a tool printed.
        delimiter: Character between the cells of a text.
        quote: Character around cells of a text.
        line_end: What ends a line of a text.
        sheet: Sheet of a workbook.
    """

    form: str = "text"
    delimiter: str = ","
    quote: str = '"'
    line_end: str = "\n"
    sheet: str = ""


@dataclass(frozen=True)
class Inherited:
    """How another file's cells are read, where this one's are to mean the same.

    Attributes:
        decimal_comma: Whether a comma in a quantity is a decimal one.
        quantity_texts: Quantities of that file, which decide what commas and dots mean here.
        left_out: Text columns left out of the item key.
    """

    decimal_comma: bool
    quantity_texts: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """A table the engine can scan.

    Attributes:
        format: Such as `csv`, `csv.gz`, `xlsx`, `parquet`.
        encoding: Of its text; empty where the format decides.
        header_line: Line or sheet row of the header, from 1; 0 where the format names columns.
        columns: What its columns are.
        relation: SQL that yields the cells, a function or file in a from clause.
        line_number: SQL for the number of a record, from 1.
        numbered_relation: SQL that yields the cells where their numbers are asked for; None when
            `relation` does.
        lines_read: Data records, counted without the engine. [1]
        blank_lines: Of these, blank lines that the relation does not yield. [1]
        reasons: Of these, set aside before the engine, by reason.
        rejects: Parquet file of the lines set aside.
        ignored: Of these, passed over before the engine though not blank, by reason.
        passed_over: Parquet file of where those stand: source_line and reason_code.
        warnings: What a person should know about how it was read.
        is_direct: Whether the engine's own reader is relied on and has to be checked.
        has_told_headers: Whether headers of other tables were looked for before the engine.
        is_ordered: Whether its first records are the same ones each time they are asked for.
        layout: How the file writes its table.
        inherited: How the file's cells are read, when another file decides it.
        counting: Where the records are still being counted: waits, and gives the records and the
            blank lines, None when the engine's own reader is not to be relied on.
    """

    format: str
    encoding: str
    header_line: int
    columns: ColumnMap
    relation: str
    line_number: str
    lines_read: int
    blank_lines: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    rejects: Path | None = None
    ignored: dict[str, int] = field(default_factory=dict)
    passed_over: Path | None = None
    warnings: tuple[str, ...] = ()
    is_direct: bool = False
    has_told_headers: bool = False
    is_ordered: bool = True
    layout: Layout = field(default_factory=Layout)
    inherited: Inherited | None = None
    counting: Callable[[], tuple[int, int] | None] | None = None
    numbered_relation: str | None = None

    def counted(self) -> "Reading | None":
        """The table once its records are counted; None when the engine may lose some."""
        if self.counting is None:
            return self
        counts = self.counting()
        if counts is None:
            return None
        return replace(self, lines_read=sum(counts), blank_lines=counts[1], counting=None)

    def is_vain(self) -> bool:
        """Whether the engine's own reader is not to be relied on, once the records are counted."""
        return self.counting is not None and self.counting() is None

    @property
    def decimal_comma(self) -> bool:
        """Whether a comma in a quantity is a decimal one."""
        return self.inherited.decimal_comma if self.inherited else "semicolon" in self.format


def no_header(rows: list[list[str]], table: HeaderTable) -> InputError:
    """The error that names what stands where a header was looked for, and what would work."""
    fault = map_fault(table.maps, rows[:HEADER_WITHIN_ROWS])
    if fault is not None:
        return fault
    named = [[c for c in row if c] for row in rows[:HEADER_WITHIN_ROWS]]
    if not any(named):
        return InputError("begins with only blank lines.", "Export it again, with its header.")
    named = [[cell[:_SHOWN_CHARACTERS] for cell in row[:MAX_COLUMNS]] for row in named]
    best = max(named, key=lambda row: (table.match(row).score, len(row)), default=[])
    shown = ", ".join(f"`{_masked(cell)}`" for cell in best[:6])
    unknown = [cell for cell in table.match(best).unmapped() if _masked(cell) == cell]
    close = {cell: table.nearest(cell) for cell in unknown[:_COMPARED]}
    advice = [f"`{near}` instead of `{cell[:40]}`" for cell, near in close.items() if near]
    hint = (
        f"Did you mean {', '.join(advice[:3])}?"
        if advice
        else "Name a column Model, Part number, Description or Type and one more, or say what "
        "the columns are in a map: --map."
    )
    return MissingColumns(
        f"has no header we know in its first {HEADER_WITHIN_ROWS} rows; the nearest row holds "
        f"{shown}.",
        hint,
    )


def _masked(cell: str) -> str:
    """A cell as a message may show it: what holds a digit may be a serial, a tag or a host.

    >>> _masked("Modle"), _masked("Z1Z0ABCD")
    ('Modle', 'Z***')
    """
    return f"{cell[:1]}***" if any(sign.isdigit() or sign == "@" for sign in cell) else cell


def check_width(columns: ColumnMap) -> None:
    """Refuse a table of too many columns.

    Raises:
        InputError: It has more than `MAX_COLUMNS`.
    """
    if len(columns.names) > MAX_COLUMNS:
        raise InputError(
            f"has {len(columns.names):,} columns; up to {MAX_COLUMNS:,} are read.",
            "Export fewer columns.",
        )


def packed_name(name: str, source: Source) -> str:
    """The name of a format, with what it is packed in."""
    return f"{name}.{source.packing}" if source.packing else name


def lines_text(lines: int) -> str:
    """A number of lines in words.

    >>> lines_text(1), lines_text(12000)
    ('1 line', '12,000 lines')
    """
    return "1 line" if lines == 1 else f"{lines:,} lines"
