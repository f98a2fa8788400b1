"""Dialect: how a text is laid out: what stands between cells, and where its header is."""

from dataclasses import dataclass
from itertools import islice
from typing import Final

from valuation.inventory.columns.column_map import ColumnMap
from valuation.inventory.columns.header import HEADER_WITHIN_ROWS, find_header
from valuation.inventory.columns.map_file import MapHints
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.delimited.encoding import TextLines, readable
from valuation.inventory.delimited.records import split_records
from valuation.inventory.reading import check_width, no_header

DELIMITERS: Final = {",": "csv", "\t": "tsv", ";": "csv-semicolon", "|": "csv-pipe"}
"""Characters between cells, and the format each makes."""

NO_HINTS: Final = MapHints()

_HEAD_LINES: Final = 400
_HEAD_CHARACTERS: Final = 1 << 18


@dataclass(frozen=True)
class Dialect:
    """How a text is laid out: separator, header, and the lines up to its end."""

    delimiter: str
    columns: ColumnMap
    header_line: int
    head: str
    head_lines: int


def find_dialect(lines: TextLines, table: HeaderTable, hints: MapHints = NO_HINTS) -> Dialect:
    """The layout whose header says most.

    Args:
        lines: The text.
        table: The known names, and the maps.
        hints: What a map says of it.

    Raises:
        MissingColumns: No row near the top is a header we know.
    """
    head: list[str] = []
    characters = 0
    for line in islice(lines, _HEAD_LINES):
        characters += len(line)
        head.append(line)
        if characters > _HEAD_CHARACTERS:
            break
    best: Dialect | None = None
    seen: list[list[list[str]]] = []
    for delimiter in (hints.separator,) if hints.separator else DELIMITERS:
        records = list(islice(split_records(head, delimiter), HEADER_WITHIN_ROWS))
        rows = [[readable(cell.strip()) for cell in record.cells] for record in records]
        if rows:
            rows[0][0] = rows[0][0].lstrip("\ufeff")
        seen.append(rows)
        found = find_header(rows, table)
        if found and (best is None or found[1].score > best.columns.score):
            position, columns = found
            before = sum(record.lines for record in records[: max(position, 0)])
            after = before + (records[position].lines if position >= 0 else 0)
            header_line = before + 1 if position >= 0 else 0
            best = Dialect(delimiter, columns, header_line, "".join(head[:after]), after)
    if best is None:
        raise no_header(max(seen, key=lambda rows: max(map(len, rows), default=0)), table)
    check_width(best.columns)
    return best
