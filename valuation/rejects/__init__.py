"""Rejects: lines set aside, written as their files write them, for a person to mend and give back.

A file that is there already is never written over with something else, unless that is asked for:
somebody may have mended lines in it.
"""

import filecmp
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Final

from valuation.errors import OutputError, refused_by_disk
from valuation.inventory.columns.column_map import normalise
from valuation.inventory.given import stem
from valuation.inventory.mended import KEY_MACROS
from valuation.inventory.reject_columns import RAW_TEXT, REJECT_COLUMNS
from valuation.inventory.taken import FILE_DIGITS
from valuation.rejects.writers import (
    MARKED,
    Content,
    Row,
    Unfit,
    write_json,
    write_parquet,
    write_text,
    write_workbook,
)
from valuation.store import open_read_only, put_in_place

if TYPE_CHECKING:
    import duckdb

WITH_CELLS: Final = 2
"""Schema version from which on the cells of lines set aside are kept."""

_SQL: Final = Path(__file__).parent
_PACKINGS: Final = (".gz", ".zst")
_FETCHED_ROWS: Final = 1_000
_ENDINGS: Final = {"workbook": ".xlsx", "parquet": ".parquet", "json": ".jsonl"}


@dataclass(frozen=True)
class Rejects:
    """The lines of one file that were set aside.

    Attributes:
        file_id: Key of the file.
        name: Its name as given.
        digits: What names it in a key: the beginning of the hash of its content.
        encoding: Of its text; empty where the format decides.
        layout: How it writes its table.
        reasons: Lines by reason.
        has_raw_text: Whether the cells of some lines are not known, only their text.
    """

    file_id: str
    name: str
    digits: str
    encoding: str
    layout: Mapping[str, Any]
    reasons: dict[str, int]
    has_raw_text: bool

    @property
    def columns(self) -> list[str]:
        """Columns of the file."""
        return list(self.layout.get("names") or ())


@dataclass(frozen=True)
class Written:
    """One file of lines to mend.

    Attributes:
        source: The file the lines are from, as it was given.
        path: Where they were written.
        encoding: Of the text; empty where the format decides.
        reasons: Lines by reason.
        note: What is not as in the source, and why; empty when all is.
        is_new: Whether the file was not there with the same content already.
    """

    source: str
    path: Path
    encoding: str
    reasons: dict[str, int]
    note: str
    is_new: bool = True

    @property
    def lines(self) -> int:
        """Lines written. [1]"""
        return sum(self.reasons.values())


def write_rejects(db: Path, out: Path, *, force: bool = False) -> list[Written]:
    """Write the lines set aside, one file for each file they are from.

    Args:
        db: A published file.
        out: Folder to write to; made when there is none and there is something to write.
        force: Replace files that are there with another content.

    Returns:
        What was written; all of it or, on an error, nothing.

    Raises:
        OutputBusy: Another program has the published file open for writing.
        OutputError: There is no such file, the folder cannot be written, or it holds a file of
            that name with another content.
    """
    with open_read_only(db) as connection:
        ((version,),) = connection.execute("select max(schema_version) from run").fetchall()
        if (version or 0) < WITH_CELLS:
            raise OutputError(
                f"{db} was written by an earlier version, which kept no cells of rejected lines.",
                "Value its files again: `valuation value FILE --db PATH`.",
            )
        connection.execute(KEY_MACROS.read_text(encoding="utf-8"))
        found = _rejects(connection)
        if not found:
            return []
        with refused_by_disk(out, "give another --out"):
            out.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".rejects-", dir=out) as folder:
                staged = [Path(folder, str(place)) for place in range(len(found))]
                made = [_make(connection, *pair) for pair in zip(found, staged, strict=True)]
                return _put(staged, _placed(found, made, out), force=force)


def _rejects(connection: "duckdb.DuckDBPyConnection") -> list[Rejects]:
    """The files that have lines set aside."""
    sql = (_SQL / "rejected_files.sql").read_text(encoding="utf-8")
    rows = connection.execute(sql).fetchall()
    return [
        Rejects(
            file_id,
            name,
            (sha256 or "")[:FILE_DIGITS],
            encoding or "",
            json.loads(layout or "{}"),
            reasons,
            has_raw_text,
        )
        for file_id, name, sha256, encoding, layout, reasons, has_raw_text in rows
    ]


@dataclass(frozen=True)
class _Made:
    """A finished file that has no name yet: what it ends in, its encoding, what is to be said."""

    ending: str
    encoding: str = ""
    note: str = ""


def _make(connection: "duckdb.DuckDBPyConnection", rejects: Rejects, path: Path) -> _Made:
    """Write the lines of one file."""
    raw_text = [RAW_TEXT] if rejects.has_raw_text else []
    names = [*rejects.columns, *raw_text, *REJECT_COLUMNS]
    content = Content(names, partial(_rows, connection, rejects))
    form = rejects.layout.get("form", "text") if rejects.columns else "report"
    try:
        if form == "workbook":
            write_workbook(path, content, rejects.layout.get("sheet", ""))
        elif form == "parquet":
            write_parquet(path, content)
        elif form == "json":
            write_json(path, content)
        elif form == "text":
            return _make_text(path, content, rejects)
        else:  # what never was a table becomes one
            return _Made(".csv", write_text(path, content))
    except Unfit as why:
        return _Made(".csv", write_text(path, content, encoding=MARKED), f"CSV, since {why}")
    return _Made(_ENDINGS[form])


def _make_text(path: Path, content: Content, rejects: Rejects) -> _Made:
    """Write a text as its source is laid out."""
    layout = {name: rejects.layout.get(name) for name in ("delimiter", "quote", "line_end")}
    given = {name: text for name, text in layout.items() if text}
    wanted = rejects.encoding or "utf-8"
    encoding = write_text(path, content, encoding=wanted, **given)
    why = f"UTF-8 with a byte-order mark, since {wanted} does not tell all of it"
    name = PurePath(rejects.name).name
    ending = PurePath(name.removesuffix(_packing(name))).suffix or ".csv"
    return _Made(ending, encoding, "" if encoding == wanted else why)


def _packing(name: str) -> str:
    return next((packing for packing in _PACKINGS if name.endswith(packing)), "")


def _rows(
    connection: "duckdb.DuckDBPyConnection", rejects: Rejects, is_read_as_typed: bool
) -> Iterator[Row]:
    """The lines of one file as they are to be written."""
    parameters = {
        "file_id": rejects.file_id,
        "file": rejects.digits,
        "source_file": PurePath(rejects.name).name,
        "width": len(rejects.columns),
        "names": [normalise(name) for name in rejects.columns],
        "separator": rejects.layout.get("delimiter") or ",",
        "has_raw_text": rejects.has_raw_text,
        "is_read_as_typed": is_read_as_typed,
    }
    sql = (_SQL / "rejects.sql").read_text(encoding="utf-8")
    cursor = connection.execute(sql, parameters)
    while rows := cursor.fetchmany(_FETCHED_ROWS):
        yield from (cells for (cells,) in rows)


def _placed(found: Sequence[Rejects], made: Sequence[_Made], out: Path) -> list[Written]:
    """The files by the names they will have; those of one name take their keys into it."""
    stems = [stem(PurePath(one.name).name) for one in found]
    names = [f"{s}.rejects{one.ending}" for s, one in zip(stems, made, strict=True)]
    often = Counter(name.casefold() for name in names)
    placed = []
    for rejects, one, first, name in zip(found, made, stems, names, strict=True):
        key = f"-{rejects.file_id[:8]}" if often[name.casefold()] > 1 else ""
        path = out / f"{first}{key}.rejects{one.ending}"
        placed.append(Written(rejects.name, path, one.encoding, rejects.reasons, one.note))
    return placed


def _put(staged: Sequence[Path], placed: Sequence[Written], *, force: bool) -> list[Written]:
    """Give finished files their names, after a look at what has them now.

    Raises:
        OutputError: A file has the name and another content.
    """
    done = []
    for path, written in zip(staged, placed, strict=True):
        there = written.path.exists()
        same = there and written.path.is_file() and filecmp.cmp(path, written.path, shallow=False)
        if there and not same and not force:
            raise OutputError(
                f"{written.path} is there with another content, maybe with lines mended in it.",
                "Nothing was written: give another --out, or --force to replace it.",
            )
        done.append(replace(written, is_new=not same))
    for path, written in zip(staged, done, strict=True):
        if written.is_new:
            put_in_place(path, written.path)
    return done
