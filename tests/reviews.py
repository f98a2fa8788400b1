"""A small lot with items nobody can name, and the file of them filled in as a person would."""

import csv
import io
from pathlib import Path

import openpyxl

from tests.exports import settings
from valuation.api import run
from valuation.identity import read_overrides
from valuation.identity.overrides import Overrides
from valuation.review import Exported, export_items

HEADER = ("Batch", "Serial Number", "Manufacturer", "Model", "Part Number", "Description",
          "Asset Type", "Capacity", "Quantity")  # fmt: skip
UNKNOWN = (
    ("Acme", "XYZ-123", "", "", "Misc", "", 40),
    ("Acme", "00123", "5E10", "=1+1", "Misc", "", 5),
    ("", "3-5", "MAR-10", "+49 (0) 1", "Misc", "", 4),
    ("", "'quoted", "@SUM(A1)", '-x, "y";\nz', "Misc", "", 3),
    ("Ämter", "1234567890123456789", "TRUE", "12:30", "Misc", "", 2),
)
"""Items the program abstains from; a spreadsheet would change most of their texts."""
DOUBTFUL = ("Dell", "PJMDN", "", "", "Optical Drive", "", 30)
KNOWN = ("Seagate", "ST4000NM0033-9ZM170", "", "", "Hard Disk", "4TB", 10)


def write_lot(path: Path, *, batches=("A", "B"), items=(*UNKNOWN, DOUBTFUL, KNOWN)) -> Path:
    """An export that lists every item in every batch."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADER)
        writer.writerows((batch, "", *item) for batch in batches for item in items)
    return path


def value(tmp_path: Path, files=(), **given):
    """Value some files with the answers of a folder."""
    options = {"overrides": own_file(tmp_path), "draws": 20} | given
    return run(files, settings=settings(tmp_path, **options))


def own_file(tmp_path: Path) -> Path:
    """Where answers are kept in a test: a file that exists, so that naming it is right."""
    path = tmp_path / "overrides.csv"
    path.touch()
    return path


def export(tables, tmp_path: Path, name="items.csv", **given) -> Exported:
    """Export the items of `out.duckdb`."""
    answers = read_overrides(tmp_path / "overrides.csv", tables)
    options = {"below": 0.95} | given
    return export_items(tmp_path / "out.duckdb", tmp_path / name, answers, tables, **options)


def rows_of(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file, as another program reads it."""
    text = path.read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def write_rows(path: Path, rows, *, delimiter=",", encoding="utf-8") -> Path:
    """Rows as CSV, as another program writes it."""
    with path.open("w", encoding=encoding, newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def fill(path: Path, **answer: str) -> Path:
    """Give every row of a CSV file the same answer."""
    signed = {"by": "J. Kim", "why": "label read", "on": "2026-02-01"} | answer
    cells = {f"reviewed_{name}": text for name, text in signed.items()}
    return write_rows(path, [row | cells for row in rows_of(path)])


def fill_workbook(path: Path, **answer: object) -> Path:
    """The same for a workbook, opened and saved by another program."""
    book = openpyxl.load_workbook(path)
    page = book["review"]
    signed = {"by": "J. Kim", "why": "label read", "on": "2026-02-01"} | answer
    places = {cell.value: cell.column for cell in page[1]}
    for row in range(2, page.max_row + 1):
        for name, said in signed.items():
            page.cell(row, places[f"reviewed_{name}"]).value = said
    book.save(path)
    return path


def answers_in(tmp_path: Path, tables) -> Overrides:
    """The answers of a folder."""
    return read_overrides(tmp_path / "overrides.csv", tables)
