"""Reports: which tool printed a text, and its records as a table."""

from pathlib import Path
from typing import Final

from valuation.errors import InputError
from valuation.inventory.columns.header import find_header
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.delimited.encoding import detect_encoding
from valuation.inventory.documents.entity_mib import ENTITY_WALK
from valuation.inventory.documents.entity_table import ENTITY_TABLE
from valuation.inventory.documents.entry import Account, Found, as_reading
from valuation.inventory.documents.hpacucli import HPACUCLI_TEXT
from valuation.inventory.documents.megacli import MEGACLI_TEXT
from valuation.inventory.documents.report import Report
from valuation.inventory.documents.show_inventory import SHOW_INVENTORY
from valuation.inventory.documents.smartctl import SMARTCTL_TEXT
from valuation.inventory.documents.storcli import STORCLI_TEXT
from valuation.inventory.reading import Reading
from valuation.inventory.source import Source

MAX_REPORT_BYTES: Final = 256 << 20
"""A report is read in memory and refused when larger."""
SURE_HEADER: Final = 3
"""A text with a header of cells that uses this many columns is a table, whatever stands in it."""

_REPORTS: Final = (
    SHOW_INVENTORY,
    ENTITY_TABLE,
    ENTITY_WALK,
    STORCLI_TEXT,
    MEGACLI_TEXT,
    HPACUCLI_TEXT,
    SMARTCTL_TEXT,
)


def report_of(head: str, table: HeaderTable) -> Report | None:
    """The tool that printed a text, by its first part; None for a table or anything else."""
    plain = head.replace("\r\n", "\n").replace("\r", "\n")
    report = next((report for report in _REPORTS if report.recognises(plain)), None)
    return None if report is None or _is_table(plain, table) else report


def _is_table(head: str, table: HeaderTable) -> bool:
    """Whether a row near the top is the header of a table with separators."""
    lines = head.splitlines()[:50]
    for delimiter in ",\t;|":
        rows = [[cell.strip().strip('"') for cell in line.split(delimiter)] for line in lines]
        found = find_header(rows, table)
        if found and len(found[1].columns) >= SURE_HEADER:
            return True
        if found and found[1].known * 3 >= sum(map(bool, rows[found[0]])) * 2 and found[0] == 0:
            return True
    return False


def read_report(source: Source, report: Report, table: HeaderTable, folder: Path) -> Reading:
    """The records of what a tool printed.

    Raises:
        InputError: It is too large.
    """
    size_bytes = source.path.stat().st_size
    if size_bytes > MAX_REPORT_BYTES:
        raise InputError(
            f"is the output of a tool of {size_bytes >> 20:,} MiB; up to "
            f"{MAX_REPORT_BYTES >> 20} MiB are read.",
            "Split it, one file for some of the hosts.",
        )
    encoding = detect_encoding(source.path, source.head)
    is_single = encoding.startswith("utf-8") or encoding == "cp1252"
    errors = "surrogateescape" if is_single else "replace"
    text = source.path.read_bytes().decode(encoding, errors)
    text = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    account = Account(report.count(text))
    found = Found(
        report.format, "report", report.entries(text), account, report.system, report.columns
    )
    return as_reading(found, source, encoding, table, folder)
