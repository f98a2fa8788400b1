"""Numbers and tables as people read them: three digits, aligned columns, colour on a terminal."""

import io
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Table:
    """A few rows of text under a title.

    Args:
        title: What the rows are; no line when empty.
        columns: Their names.
        rows: Cells, as printed.
        text_columns: How many columns from the left are words; the others are numbers.
        notes: Sentences below the rows.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    text_columns: int = 1
    notes: tuple[str, ...] = ()


def render(tables: Sequence[Table], *, err: bool = False) -> str:
    """Tables as one text for stdout or stderr: drawn by rich on a terminal, else plain."""
    stream = sys.stderr if err else sys.stdout
    draw = _drawn if stream.isatty() else _plain
    return "\n\n".join(draw(table) for table in tables)


def _plain(table: Table) -> str:
    grid = [table.columns, *table.rows] if table.rows else []
    widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
    lines = [table.title] if table.title else []
    for row in grid:
        cells = [
            cell.ljust(width) if place < table.text_columns else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(f"  {'  '.join(cells)}".rstrip())
    return "\n".join([*lines, *(f"  {note}" for note in table.notes)])


def _drawn(table: Table) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(box=box.SIMPLE_HEAD, show_edge=False)
    for place, name in enumerate(table.columns):
        drawn.add_column(Text(name), justify="left" if place < table.text_columns else "right")
    for row in table.rows:
        drawn.add_row(*map(Text, row))
    console = Console(file=io.StringIO(), force_terminal=True)
    with console.capture() as capture:
        if table.title:
            console.print(Text(table.title, style="bold"))
        if table.rows:
            console.print(drawn)
        for note in table.notes:
            console.print(Text(f"  {note}"), soft_wrap=True)
    return capture.get().rstrip("\n")


def number(value: float | None, digits: int = 3) -> str:
    """A number at a few significant digits, never in powers of ten.

    >>> [number(x) for x in (1234567.0, 12.345, 0.0123456, -4.5, 0.0, None)]
    ['1,230,000', '12.3', '0.0123', '-4.5', '0', 'unknown']
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    text = f"{round(value, places):,.{max(places, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def mass(kilograms: float | None) -> str:
    """A mass in the unit that suits it.

    >>> [mass(x) for x in (12345.0, 12.3, 0.0045, 0.0, None)]
    ['12.3 t', '12.3 kg', '4.5 g', '0 kg', 'unknown']
    """
    if kilograms is None or kilograms == 0 or 1 <= abs(kilograms) < 1000:
        return UNKNOWN if kilograms is None else f"{number(kilograms)} kg"
    if abs(kilograms) >= 1000:
        return f"{number(kilograms / 1000)} t"
    return f"{number(kilograms * 1000)} g"


def percent(share: float | None) -> str:
    """A share in per cent; all and nothing only when it is so.

    >>> [percent(x) for x in (0.9314, 0.99999, 0.00001, 1.0, 0.0, None)]
    ['93.1 %', '> 99.9 %', '< 0.1 %', '100 %', '0 %', 'unknown']
    """
    if share is None:
        return UNKNOWN
    if 0.999 < share < 1:
        return "> 99.9 %"
    if 0 < share < 0.001:
        return "< 0.1 %"
    return f"{100 * share:.1f} %" if share not in (0, 1) else f"{share:.0%}".replace("%", " %")
