"""Dialect: how a text is laid out: what stands between cells and around them, where its header is.

The header decides: the marks under which one row near the top names most columns are those of the
text. Counting characters, as sniffers do, is misled by remarks above the table and by cells that
hold commas.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from valuation.inventory.columns.column_map import ColumnMap
from valuation.inventory.columns.header import HEADER_WITHIN_ROWS, find_header
from valuation.inventory.columns.map_file import MapHints
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.delimited.encoding import TextLines, readable
from valuation.inventory.delimited.records import Marks, Record, Records
from valuation.inventory.reading import Layout, check_width, no_header

DELIMITERS: Final = {",": "csv", "\t": "tsv", ";": "csv-semicolon", "|": "csv-pipe"}
"""What usually stands between cells, and the format each makes."""
RARE_DELIMITERS: Final = {
    "\x1f": "csv-unit-separator",
    "\x01": "csv-control-a",
    "^": "csv-caret",
    "~": "csv-tilde",
    ":": "csv-colon",
    " ": "csv-blank",
}
"""What is tried when nothing usual makes a header; the rows must then be as wide as it."""
OTHER_FORMAT: Final = "csv-other"
"""Format of a separator that only a map names."""
NO_HINTS: Final = MapHints()
NO_QUOTE: Final = "\0"
"""Stands for no sign around cells: it is dropped from every line."""
QUOTES: Final = ('"', "'")

_ALIKE_SHARE: Final = 0.8
"""Share of the rows below a header that must be as wide as it, where the separator is rare."""
_WRAPPED_CELLS: Final = 3
"""Apostrophes surround cells when they do so for this many near the top, and no quotes do."""
_HEAD_LINES: Final = 400
_HEAD_CHARACTERS: Final = 1 << 18


@dataclass(frozen=True)
class Dialect:
    """How a text is laid out.

    Attributes:
        marks: What stands between and around cells.
        columns: What its columns are.
        header_line: Line the header begins on, from 1.
        head: The text up to the end of the header.
        head_lines: Lines of it. [1]
    """

    marks: Marks
    columns: ColumnMap
    header_line: int
    head: str
    head_lines: int

    @property
    def format(self) -> str:
        """Name of the format its separator makes."""
        single = self.marks.delimiter.strip(" ") or " "
        return (DELIMITERS | RARE_DELIMITERS).get(single, OTHER_FORMAT)

    @property
    def layout(self) -> Layout:
        """How it writes its table."""
        ended = next((end for end in ("\r\n", "\n", "\r") if self.head.endswith(end)), "\n")
        delimiter, quote = self.marks
        quote = '"' if quote == NO_QUOTE else quote  # what is written must be readable again
        return Layout("text", delimiter, quote, ended)


def find_dialect(lines: TextLines, table: HeaderTable, hints: MapHints = NO_HINTS) -> Dialect:
    """The layout whose header says most.

    Args:
        lines: The text.
        table: The known names, and the maps.
        hints: What a map says of its layout.

    Raises:
        MissingColumns: No row near the top is a header we know.
        InputError: The table has too many columns.
    """
    head = _head(lines)
    quote = _quote(head) if hints.quote is None else hints.quote or NO_QUOTE
    usual, rare = (hints.separator, ()) if hints.separator else (DELIMITERS, RARE_DELIMITERS)
    seen: list[list[list[str]]] = []
    best: Dialect | None = None
    for delimiter in usual:
        found = _with_marks(head, Marks(delimiter, quote), table, seen)
        if found and (best is None or _says_more(found, best)):
            best = found
    for delimiter in () if best else rare:
        found = _with_marks(head, Marks(delimiter, quote), table, seen)
        if found and _is_regular(head, found) and (best is None or _says_more(found, best)):
            best = found
    if best is None:
        tried = seen[: len(usual)]
        raise no_header(max(tried, key=lambda rows: max(map(len, rows), default=0)), table)
    check_width(best.columns)
    return _with_blank(head, best, table)


def _head(lines: Iterable[str]) -> list[str]:
    head: list[str] = []
    characters = 0
    for line in islice(lines, _HEAD_LINES):
        characters += len(line)
        head.append(line)
        if characters > _HEAD_CHARACTERS:
            break
    return head


def _quote(head: list[str]) -> str:
    """The sign around cells: an apostrophe where only that one opens and closes them."""
    text = "\n".join(line.rstrip("\r\n") for line in head)
    edge = "[" + "".join(map(re.escape, DELIMITERS)) + "]"
    wrapped = {}
    for quote in QUOTES:
        opens = len(re.findall(rf"(?:^|{edge}) ?{quote}(?=[^{quote}])", text, re.MULTILINE))
        closes = len(re.findall(rf"[^{quote}]{quote}(?=$|{edge})", text, re.MULTILINE))
        wrapped[quote] = min(opens, closes)
    double, single = (wrapped[quote] for quote in QUOTES)
    return "'" if single >= _WRAPPED_CELLS and not double else '"'


def _with_marks(
    head: list[str], marks: Marks, table: HeaderTable, seen: list[list[list[str]]]
) -> Dialect | None:
    """The layout under some marks, when a row is a header then; its rows are added to `seen`."""
    records = list(islice(Records(head, marks), HEADER_WITHIN_ROWS))
    rows = [[readable(cell.strip()) for cell in record.cells] for record in records]
    if rows:
        rows[0][0] = rows[0][0].lstrip("\ufeff")
    seen.append(rows)
    found = find_header(rows, table)
    if found is None:
        return None
    position, columns = found
    if position < 0:  # a map tells the columns, and the first row is a line
        return Dialect(marks, columns, 0, "", 0)
    first = _first_line(rows, columns, position)
    before = sum(record.lines for record in records[:first])
    after = sum(record.lines for record in records[: position + 1])
    return Dialect(marks, columns, before + 1, "".join(head[:after]), after)


def _first_line(rows: list[list[str]], columns: ColumnMap, position: int) -> int:
    """The row a header that ends at `position` begins on."""
    first = position
    while first and any(
        cell and name.startswith(cell) and name != cell
        for name, cell in zip(columns.names, rows[first - 1], strict=False)
    ):
        first -= 1
    return first


def _is_regular(head: list[str], dialect: Dialect) -> bool:
    """Whether most rows are as wide as the header."""
    width = len(dialect.columns.names)
    records = islice(Records(head[dialect.head_lines :], dialect.marks), HEADER_WITHIN_ROWS)
    widths = [len(record.cells) for record in records if not _is_blank(record)]
    return sum(found == width for found in widths) >= _ALIKE_SHARE * len(widths)


def _is_blank(record: Record) -> bool:
    return not record.text.strip()


def _says_more(found: Dialect, best: Dialect) -> bool:
    return found.columns.score > best.columns.score


def _with_blank(head: list[str], dialect: Dialect, table: HeaderTable) -> Dialect:
    """The layout with a blank behind each separator, where the header is written so."""
    if not dialect.head_lines:
        return dialect
    delimiter, quote = dialect.marks
    line = head[dialect.head_lines - 1].rstrip("\r\n")
    wider = delimiter + " "
    if not delimiter.strip(" ") or line.count(delimiter) != line.count(wider) or wider not in line:
        return dialect
    found = _with_marks(head, Marks(wider, quote), table, [])
    return found if found and _is_regular(head, found) else dialect
