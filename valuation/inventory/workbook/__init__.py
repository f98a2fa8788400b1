"""Workbook: the table of a spreadsheet document, every cell as text."""

from pathlib import Path

from valuation.engine import text_literal
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.label import TotalLabels
from valuation.inventory.reading import Layout, Reading, check_width, no_header, packed_name
from valuation.inventory.source import Source
from valuation.inventory.workbook.sheet import read_sheet

__all__ = ["read_workbook"]


def read_workbook(source: Source, table: HeaderTable, labels: TotalLabels, folder: Path) -> Reading:
    """The table of a workbook.

    Raises:
        InputError: The workbook is damaged, has formulas without values, or no sheet of it has a
            header we know.
    """
    target = folder / f"{source.key}.parquet"
    rejects = target.with_suffix(".rejects.parquet")
    sheet = read_sheet(_named(source, folder), source.format, table, labels, target, rejects)
    if isinstance(sheet, list):
        raise no_header(sheet, table)
    check_width(sheet.columns)
    return Reading(
        format=packed_name(source.format, source),
        encoding="",
        header_line=sheet.header_row,
        columns=sheet.columns,
        relation=f"read_parquet({text_literal(str(target))})",
        line_number="source_line",
        lines_read=sheet.records,
        reasons=sheet.reasons,
        rejects=rejects,
        warnings=sheet.warnings,
        layout=Layout("workbook", sheet=sheet.name),
    )


def _named(source: Source, folder: Path) -> Path:
    """The workbook under a name that tells its format, by which the library chooses a reader."""
    ending = f".{source.format}"
    if source.path.suffix.lower() == ending:
        return source.path
    path = folder / f"{source.key}{ending}"
    path.unlink(missing_ok=True)
    path.symlink_to(source.path.resolve())
    return path
