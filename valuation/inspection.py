"""Inspection: what a run would read of some exports, file by file; nothing is written.

The files are read as a run reads them, into an engine that is thrown away, so the accounts are
those of a run. No serial, asset tag or host name is told.
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from valuation.engine.duckdb import Engine
from valuation.errors import OutputError, UsageError
from valuation.inventory import StandardInput, read_inventory
from valuation.inventory.columns.column_map import ColumnMap
from valuation.inventory.columns.map_text import map_text
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.source import spool
from valuation.setting_values import today
from valuation.settings import Settings
from valuation.tables import Tables, load_tables

WORST: Final = 10
"""Problems told of a file."""
HEADERS_COMPARED: Final = 100
"""Headers for which the nearest known name is looked for."""

STANDARD_INPUT: Final = "-"
_STANDARD_NAME: Final = "standard input"
_REJECTS: Final = Path(__file__).with_suffix(".sql")
_DATES: Final = Path(__file__).with_name("inspection_dates.sql")
_COUNT: Final = re.compile(r"([\d,]+) lines?\b")
_FIELDS: Final = (
    "name", "status", "reason", "format", "encoding", "header_line", "system", "lines_read",
    "lines_loaded", "lines_rejected", "lines_ignored",
)  # fmt: skip


@dataclass(frozen=True)
class Inspection:
    """What would be read.

    Attributes:
        files: One object per file, as `valuation inspect --json` prints it.
        warnings: What belongs to no single file.
        columns: What the columns of each readable file are, by its name.
    """

    files: list[dict[str, Any]]
    warnings: list[str]
    columns: dict[str, ColumnMap]

    @property
    def is_refused(self) -> bool:
        """Whether a file cannot be read."""
        return any(file["status"] == "refused" for file in self.files)


def inspect_files(
    files: Sequence[Path | str], settings: Settings, tables: Tables | None = None
) -> Inspection:
    """Read exports into a temporary engine and tell what was understood.

    Args:
        files: Exports and folders; `-` is standard input.
        settings: Maps, batches and memory.
        tables: Reference data; the shipped data when not given.

    Raises:
        UsageError: No file is given.
        SettingsError: A map cannot be read.
    """
    if not files:
        raise UsageError("No file is named.", "Name the exports to look at.")
    known = tables or load_tables()
    with Engine(settings.memory) as engine:
        paths = [_as_path(file, engine.temp_directory) for file in files]
        inventory = read_inventory(
            engine,
            paths,
            known,
            batch=settings.batch,
            batch_by=settings.batch_by,
            maps=settings.map,
        )
        rejects = engine.frame(_REJECTS.read_text(encoding="utf-8"))
        dates = engine.frame(_DATES.read_text(encoding="utf-8"), [today().isoformat()])
        spooled = str(engine.temp_directory / _STANDARD_NAME)
    header = known.made(HeaderTable.from_tables)
    told, columns = [], {}
    rest = [warning.replace(spooled, _STANDARD_NAME) for warning in inventory.warnings]
    for row in inventory.files.sort("name").iter_rows(named=True):
        row["name"] = row["name"].replace(spooled, _STANDARD_NAME)
        row["reason"] = row["reason"] and row["reason"].replace(spooled, _STANDARD_NAME)
        own = [w.removeprefix(f"{row['name']}: ") for w in rest if w.startswith(f"{row['name']}: ")]
        rest = [w for w in rest if not w.startswith(f"{row['name']}: ")]
        of_file = pl.col("file_id") == row["file_id"]
        problems = _problems(own, rejects.filter(of_file), dates.filter(of_file))
        found = inventory.columns.get(row["file_id"])
        if found:
            columns[row["name"]] = found
        told.append(_file(row, found, problems, header))
    return Inspection(told, rest, columns)


def write_map(inspection: Inspection, path: Path) -> None:
    """Write the map of the files that were inspected, which all agree about their columns.

    An existing file is never overwritten: a map may hold someone's own decisions.

    Raises:
        UsageError: No file could be read, the files differ, or `path` exists.
        OutputError: The map cannot be written.
    """
    if not inspection.columns:
        raise UsageError("There is no map to write: no file could be read.")
    layouts = {file["name"]: _layout(file) for file in inspection.files}
    texts = {name: map_text(c, layouts[name]) for name, c in inspection.columns.items()}
    first, *others = inspection.columns
    columns = {name: _meaning(c) for name, c in inspection.columns.items()}
    differing = [name for name in others if columns[name] != columns[first]]
    if differing:
        raise UsageError(
            f"The columns of {', '.join(differing)} are not those of {first}.",
            "Write one map per source system.",
        )
    try:
        with path.open("x", encoding="utf-8") as out:
            out.write(texts[first])
    except FileExistsError:
        raise UsageError(
            f"{path} exists already.", "Name another file, or remove it first."
        ) from None
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}.") from error


def _as_path(file: Path | str, folder: Path) -> Path:
    """A file as given; standard input as a file that is thrown away."""
    if str(file) != STANDARD_INPUT:
        return Path(file)
    stream = StandardInput(sys.stdin.buffer).stream
    return spool(stream, folder / _STANDARD_NAME)


def _meaning(columns: ColumnMap) -> dict[str, list[str]]:
    """Canonical column to headers as a map would name them."""
    return {c: [columns.label(i) for i in p] for c, p in sorted(columns.columns.items())}


def _layout(file: Mapping[str, Any]) -> dict[str, Any]:
    return {key: file[key] for key in ("separator", "encoding", "header_line")}


def _file(
    row: Mapping[str, Any],
    columns: ColumnMap | None,
    problems: list[dict[str, Any]],
    header: HeaderTable,
) -> dict[str, Any]:
    """What is told of one file."""
    layout = json.loads(row["layout"])
    described = columns.described() if columns else []
    shown = columns.examples if columns else ()
    for position, column in enumerate(described):
        column["examples"] = list(shown[position]) if position < len(shown) else []
    unplaced = [c["header"] for c in described if c["canonical"] is None and c["header"]]
    nearest = _nearest(unplaced, header)
    return {
        **{name: row[name] for name in _FIELDS},
        "separator": layout.get("delimiter") if layout.get("form") == "text" else None,
        "map": columns.map_name or None if columns else None,
        "reasons": json.loads(row["reasons"]),
        "ignored_reasons": json.loads(row["ignored_reasons"]),
        "columns": described,
        "unplaced": [{"header": name, "nearest": nearest.get(name)} for name in unplaced],
        "problems": problems[:WORST],
        "help": _help(described, nearest, problems, row["status"] == "loaded"),
    }


def _nearest(unplaced: Sequence[str], header: HeaderTable) -> dict[str, str]:
    """The known name most like each header that nobody knows."""
    strange = [name for name in unplaced if not header.is_known(name)][:HEADERS_COMPARED]
    near = {name: header.nearest(name) for name in strange}
    return {name: known for name, known in near.items() if known}


def _problems(
    warnings: Sequence[str], rejects: pl.DataFrame, dates: pl.DataFrame
) -> list[dict[str, Any]]:
    """What went wrong in a file, worst first: lines set aside, then columns, then the rest."""
    out = [
        _problem(f"set aside: {row['reason_code'].replace('_', ' ')}", row["lines"])
        | {"records": row["first_records"], "advice": row["suggestion"]}
        for row in rejects.iter_rows(named=True)
    ]
    told = []
    for warning in warnings:
        text = warning.removesuffix(".")
        count = _COUNT.match(text)
        told.append(_problem(text, int(count[1].replace(",", "")) if count else None))
    for row in dates.iter_rows(named=True):
        for name, what in (
            ("unread", "cannot be read"),
            ("impossible", "is before 1980 or in the future"),
        ):
            if row[name]:
                lines = "1 line has" if row[name] == 1 else f"{row[name]:,} lines have"
                told.append(_problem(f"{lines} a purchase date that {what}", row[name]))
    # What is wrong with a column, which has no count, weighs more than any number of lines.
    return out + sorted(told, key=lambda p: (p["lines"] is not None, -(p["lines"] or 0)))


def _problem(what: str, lines: int | None) -> dict[str, Any]:
    return {"what": what, "lines": lines, "records": [], "advice": None}


def _help(
    columns: Sequence[Mapping[str, Any]],
    nearest: Mapping[str, str],
    problems: Sequence[Mapping[str, Any]],
    is_loaded: bool,
) -> list[str]:
    """What a person can do about it."""
    out = [f"`{name}` may be `{known}`: name it in a map." for name, known in nearest.items()][:5]
    if any(column["how"] == "look" for column in columns):
        out.append("Check the columns read for their look, then keep them: --write-map MAP.")
    if any(column["conflict"] for column in columns):
        out.append("Say in a map what the columns are whose cells contradict their names.")
    if is_loaded and not any(column["canonical"] == "quantity" for column in columns):
        out.append("No column holds a quantity: every line is one piece unless its text says more.")
    return out + list(dict.fromkeys(p["advice"] for p in problems if p["advice"]))
