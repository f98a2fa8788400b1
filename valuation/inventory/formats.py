"""Formats: which reader a file goes to, by its content.

What needs a library of its own is imported for a file that asks for it: most exports are CSV.
"""

from collections.abc import Callable
from pathlib import Path

from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.delimited import read_text
from valuation.inventory.documents import head_text, is_json, read_json, read_report, report_of
from valuation.inventory.label import TotalLabels
from valuation.inventory.reading import Reading
from valuation.inventory.source import WORKBOOKS, Source


def read_table(
    source: Source, table: HeaderTable, labels: TotalLabels, folder: Path
) -> list[Callable[[], Reading]]:
    """Ways to read a file, the fast one first; each next one is more careful.

    Args:
        source: The unpacked file.
        table: Known column names.
        labels: Words that mark totals.
        folder: Where rewritten files may be kept.

    Raises:
        InputError: No table we can read, or none with a header we know.
    """
    if source.format == "parquet":
        from valuation.inventory.parquet import read_parquet

        return read_parquet(source, table, folder)
    if source.format in WORKBOOKS:
        from valuation.inventory.workbook import read_workbook

        return [lambda: read_workbook(source, table, labels, folder)]
    head = head_text(source.head)
    if is_json(head):
        return [lambda: read_json(source, table, folder)]
    if report := report_of(head, table):
        return [lambda: read_report(source, report, table, folder)]
    return read_text(source, table, labels, folder)
