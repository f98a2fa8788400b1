"""Accounts: what is told of every file that was read, and the exit codes that follow from it."""

import json
from typing import Any

from valuation.frames import FileFrame

FILE_FIELDS = (
    "name",
    "status",
    "reason",
    "format",
    "encoding",
    "system",
    "header_line",
    "lines_read",
    "lines_loaded",
    "lines_rejected",
    "lines_ignored",
)
REFUSED, TOO_MANY_REJECTED, PRICE = 3, 4, 5
"""Exit codes of a run that published what it could; the first of 3, 5, 4 that holds."""


def file_accounts(files: FileFrame) -> list[dict[str, Any]]:
    """The account of every file, with its reasons and what it did not understand."""
    return [
        {name: row[name] for name in FILE_FIELDS}
        | {
            "reasons": json.loads(row["reasons"] or "{}"),
            "ignored_reasons": json.loads(row["ignored_reasons"] or "{}"),
            "columns": json.loads(row["column_map"] or "{}"),
            "unmapped_columns": json.loads(row["unmapped_columns"] or "[]"),
        }
        for row in files.sort("name").iter_rows(named=True)
    ]
