"""Output: the file the lines are written to, whole or not at all.

What is there already is replaced only where it was written by this command before, or when that is
asked for: a list of files behind `--out` must never cost anybody an export.
"""

import gzip
import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from valuation.engine import Engine, text_literal
from valuation.errors import OutputError, UsageError
from valuation.store import locked, put_in_place, refusing

COLUMNS: Final = (
    "source_file", "source_line", "kind", "item_class", "manufacturer", "model", "family",
    "form_factor_in", "capacity_gb", "rpm", "power_w", "fan_size_mm", "units", "counted",
    "not_counted_reason", "method", "matched_on", "confidence", "runner_up",
    "runner_up_confidence",
)  # fmt: skip
"""What every file begins with, in this order; others may follow."""
WORKBOOK_ROWS: Final = (1 << 20) - 1
"""Rows of a sheet below its header."""

_GUARDED: Final = Path(__file__).with_name("guarded_texts.sql")
_CELL_CHARACTERS: Final = 32_767
_FETCHED_ROWS: Final = 5_000
_TITLE: Final = "Lines identified by valuation"
_NO_CHARACTER: Final = dict.fromkeys((0xFFFE, 0xFFFF))
_ENDINGS: Final = {".csv": "csv", ".csv.gz": "csv.gz", ".parquet": "parquet", ".xlsx": "xlsx"}
_IN_ORDER: Final = "order by file_place, source_line"
_ALL: Final = "* exclude (file_place)"
_TYPED: Final = (
    f"{_ALL} replace (guarded(status, true) as status, guarded(batch_id, true) as batch_id)"
)
_CELLS: Final = {
    "csv": _TYPED,
    "csv.gz": _TYPED,
    "parquet": _ALL,
    "xlsx": f"{_ALL} replace (item_id::varchar as item_id)",
}
"""The columns in SQL: what is read as if typed runs no formula, a long number is a text."""
_OPTIONS: Final = {
    "csv": "format csv, header",
    "csv.gz": "format csv, header, compression gzip",
    "parquet": "format parquet, compression zstd",
}
_UNREADABLE: Final = (
    OSError, EOFError, ValueError, KeyError, RuntimeError, zlib.error, zipfile.BadZipFile,
)  # fmt: skip
"""What readers raise at a file that is not of the format its name tells."""


@dataclass(frozen=True)
class Output:
    """A file to be written.

    Attributes:
        path: As it was named.
        form: `csv`, `csv.gz`, `parquet` or `xlsx`.
    """

    path: Path
    form: str

    @contextmanager
    def held(self) -> Iterator[Path]:
        """Hold the file for this process, with a path beside it to write to first.

        Raises:
            OutputBusy: Another process writes the same file.
            OutputError: The folder is missing or not writable.
        """
        target = Path(os.path.realpath(self.path))
        with locked(target):
            # Who holds the lock owns the name: what a killed run left is written over.
            staged = target.with_name(f".{target.name}.part")
            try:
                yield staged
            finally:
                staged.unlink(missing_ok=True)

    def write(self, engine: Engine, rows: int, staged: Path) -> None:
        """Write every row of `identified_line`, in the order of the files, and swap.

        Args:
            engine: Where the lines are.
            rows: How many there are. [1]
            staged: Path beside the file.

        Raises:
            OutputError: The disk refuses, or a sheet does not hold so many lines.
        """
        if self.form == "xlsx" and rows > WORKBOOK_ROWS:
            raise OutputError(
                f"A sheet holds {WORKBOOK_ROWS:,} lines, and {rows:,} were read.",
                "Give --out a name that ends in .csv or .parquet.",
            )
        with refusing(self.path):
            if self.form == "xlsx":
                _write_workbook(engine, staged)
            else:
                if self.form != "parquet":
                    engine.step(_GUARDED)
                select = f"select {_CELLS[self.form]} from identified_line {_IN_ORDER}"
                to = text_literal(str(staged))
                engine.run(f"copy ({select}) to {to} ({_OPTIONS[self.form]}, use_tmp_file false)")
            put_in_place(staged, Path(os.path.realpath(self.path)))


def output_of(out: Path, files: Sequence[Path | str], *, force: bool) -> Output:
    """The output a name stands for, once it is sure that nothing is lost by writing it.

    Args:
        out: As it was named.
        files: The exports and folders that are read.
        force: Whether any file may be replaced.

    Raises:
        UsageError: The name tells no format, or the file is one of those that are read.
        OutputError: It is a folder, or a file that this command did not write.
    """
    form = next((f for end, f in _ENDINGS.items() if out.name.lower().endswith(end)), None)
    if form is None:
        endings = ", ".join(list(_ENDINGS)[:-1])
        raise UsageError(
            f"The name {out} tells no format.", f"Let it end in {endings} or {list(_ENDINGS)[-1]}."
        )
    target = Path(os.path.realpath(out))
    for file in files:
        given = Path(os.path.realpath(file))
        if given == target:
            raise UsageError(f"{out} is read and cannot be written.", "Give another --out.")
        if given in target.parents and given.is_dir():
            raise UsageError(
                f"{out} lies in {file}, whose files are all read: the next run would read it too.",
                "Give --out in another folder.",
            )
    if target.is_dir():
        raise OutputError(f"{out} is a folder.", "Name a file in it, such as lines.csv.")
    if target.exists() and not (force and target.is_file()) and not _is_own(target, form):
        raise OutputError(
            f"{out} is there, and `valuation identify` did not write it.",
            "Give another --out, or --force to replace it.",
        )
    return Output(out, form)


def _is_own(path: Path, form: str) -> bool:
    """Whether this command wrote a file, or nobody wrote anything into it."""
    if not path.is_file():
        return False
    if path.stat().st_size == 0:
        return True
    try:
        return tuple(_first_columns(path, form)) == COLUMNS
    except _UNREADABLE:
        return False


def _first_columns(path: Path, form: str) -> Sequence[str]:
    """The first columns of a file that may be ours."""
    if form == "parquet":
        return _parquet_columns(path)
    if form == "xlsx":
        with zipfile.ZipFile(path) as archive:
            is_ours = _TITLE.encode() in archive.read("docProps/core.xml")
        return COLUMNS if is_ours else ()
    size = len(",".join(COLUMNS)) + 1
    with gzip.open(path) if form == "csv.gz" else path.open("rb") as stream:
        return stream.read(size).decode().rstrip(",\n").split(",")


def _parquet_columns(path: Path) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return list(islice(pq.read_schema(path).names, len(COLUMNS)))
    except pa.ArrowException as error:
        raise ValueError(str(error)) from error


def _write_workbook(engine: Engine, path: Path) -> None:
    """Write a workbook with one sheet, texts as texts and none as a formula."""
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    book.set_properties({"title": _TITLE})
    try:
        page = book.add_worksheet("lines")
        page.freeze_panes(1, 2)
        for place, (name, *_) in enumerate(
            engine.run(f"describe select {_ALL} from identified_line")
        ):
            page.write_string(0, place, name)
        for number, row in enumerate(_rows(engine), start=1):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(number, place, _fitting(cell))
                elif isinstance(cell, bool):
                    page.write_boolean(number, place, cell)
                elif cell is not None:
                    page.write_number(number, place, cell)
    finally:
        book.close()


def _rows(engine: Engine) -> Iterator[tuple[Any, ...]]:
    """The lines in order."""
    cursor = engine.connection.execute(f"select {_CELLS['xlsx']} from identified_line {_IN_ORDER}")
    while rows := cursor.fetchmany(_FETCHED_ROWS):
        yield from rows


def _fitting(text: str) -> str:
    """A text as a cell of a workbook holds it."""
    return text.translate(_NO_CHARACTER)[:_CELL_CHARACTERS]
