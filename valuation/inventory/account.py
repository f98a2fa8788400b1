"""Account: the row of a file, read or refused."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from valuation.errors import InputError
from valuation.inventory.given import Given
from valuation.inventory.scan import Scanned
from valuation.inventory.source import file_id


def file_warnings(done: Scanned) -> list[str]:
    """What a person should know about a file that was read, without its name."""
    if done.rows.reading.lines_read == 0:
        return ["has a header and no line below it"]
    none = ["none of its lines could be loaded"] if done.lines_loaded == 0 else []
    return [*none, *done.rows.reading.columns.warnings, *done.warnings]


def loaded_row(file: Given, done: Scanned) -> dict[str, Any]:
    """The row of a file that was read."""
    reading = done.rows.reading
    return {
        "file_id": done.file_id,
        "name": file.name,
        "sha256": file.sha256,
        "format": reading.format,
        "encoding": reading.encoding or None,
        "status": "loaded",
        "reason": None,
        "system": reading.columns.system,
        "header_line": reading.header_line or None,
        "lines_read": reading.lines_read,
        "lines_loaded": done.lines_loaded,
        "lines_rejected": sum(done.reasons.values()),
        "lines_ignored": done.lines_ignored,
        "reasons": _json(done.reasons),
        "ignored_reasons": _json(done.ignored),
        "column_map": _json(reading.columns.column_of()),
        "unmapped_columns": json.dumps(reading.columns.unmapped(), ensure_ascii=False),
        "column_placement": json.dumps(reading.columns.described(), ensure_ascii=False),
        "layout": _json(asdict(reading.layout) | {"names": reading.columns.names}),
    }


def refused_row(name: str, sha256: str, error: InputError) -> dict[str, Any]:
    """The row of a file that cannot be read: its reason names it and says what would work."""
    return {
        "file_id": file_id(name, sha256),
        "name": storable(name),
        "sha256": sha256 or None,
        "status": "refused",
        "reason": storable(f"{name} {error}"),
        "lines_read": 0,
        "lines_loaded": 0,
        "lines_rejected": 0,
        "lines_ignored": 0,
        "reasons": "{}",
        "ignored_reasons": "{}",
        "column_map": "{}",
        "unmapped_columns": "[]",
        "column_placement": "[]",
        "layout": "{}",
    }


def _json(mapping: Mapping[str, Any]) -> str:
    return json.dumps(mapping, ensure_ascii=False)


def storable(text: str) -> str:
    r"""A text without what no encoding holds, such as half of a pair of surrogates.

    >>> storable("a" + chr(0xDC81))
    'a\\udc81'
    """
    return text.encode("utf-8", "backslashreplace").decode()
