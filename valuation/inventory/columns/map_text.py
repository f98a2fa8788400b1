"""Map text: a map file written from the columns that were found, to be checked and kept."""

import json
from collections.abc import Mapping
from typing import Any

from valuation.inventory.columns.column_map import CANONICAL, ColumnMap


def map_text(columns: ColumnMap, layout: Mapping[str, Any] | None = None) -> str:
    """The map of a file as TOML: read back, it gives the same columns.

    Layout that the program finds by itself stands in comments, so that next month's export may
    differ in it.

    Args:
        columns: What the columns of the file are.
        layout: `separator`, `encoding` and `header_line` of the file, where it has them.
    """
    lines = ["# What the columns of one source system are; check it, then give it with --map."]
    if columns.system:
        lines.append(f"system = {_quoted(columns.system)}")
    if not columns.has_header:
        lines.append("has_header = false")
    if columns.decimal:
        lines.append(f"decimal = {_quoted(columns.decimal)}")
    for key, value in (layout or {}).items():
        if value:
            sign = "" if key == "separator" and not columns.has_header else "# "
            lines.append(f"{sign}{key} = {_quoted(value) if isinstance(value, str) else value}")
    left = [_header(columns, i) for i in range(len(columns.names)) if i not in columns.used]
    left = [name for name in left if name]
    if left:
        lines.append("ignore = [")
        lines += [f"    {_quoted(name)}," for name in left]
        lines.append("]")
    lines += ["", "[columns]"]
    placed = columns.placements()
    for canonical in CANONICAL:
        positions = columns.columns.get(canonical, ())
        if not positions:
            continue
        headers = [_quoted(_header(columns, i)) for i in positions]
        value = headers[0] if len(headers) == 1 else f"[{', '.join(headers)}]"
        doubt = min((placed[i].confidence for i in positions), default=1.0)
        note = f"  # {placed[positions[0]].how}, {doubt:.2f}" if doubt < 1 else ""
        lines.append(f"{canonical} = {value}{note}")
    return "\n".join(lines) + "\n"


def _header(columns: ColumnMap, position: int) -> str:
    """How a map names a column: its position where there is no header."""
    return columns.label(position).strip() if columns.has_header else str(position + 1)


def _quoted(text: str) -> str:
    r"""A text as TOML writes it.

    >>> print(_quoted('19" rack'))
    "19\" rack"
    """
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
