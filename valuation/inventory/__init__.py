"""Inventory: export files in, lines and counts in the engine, items and file accounts out.

Every file balances: lines read = loaded + set aside + ignored, counted twice and independently.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import polars as pl

from valuation.engine import Steps
from valuation.errors import InputError, UsageError
from valuation.frames import FILES, ITEMS, RAW_TEXTS, FileFrame, ItemFrame
from valuation.inventory.account import file_warnings, loaded_row, refused_row, storable
from valuation.inventory.columns.column_map import ColumnMap
from valuation.inventory.columns.map_file import read_map
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.given import Gathered, Given, gather, named_without, of_equal_stems
from valuation.inventory.items import BLANKS
from valuation.inventory.label import TotalLabels
from valuation.inventory.mended import KEY_MACROS, Part, Parts, read_mended
from valuation.inventory.opening import Opened, Opener, default_batch
from valuation.inventory.places import place_ignored
from valuation.inventory.reasons import REASONS
from valuation.inventory.reject_columns import reject_places
from valuation.inventory.rows import Kept
from valuation.inventory.scan import Scanned, scan_file
from valuation.inventory.serials import find_candidates
from valuation.inventory.source import StandardInput
from valuation.inventory.taken import digits
from valuation.tables import Tables
from valuation.units import FORMS

__all__ = ["Inventory", "Kept", "StandardInput", "opener_of", "read_gathered", "read_inventory"]

SHARED_SERIAL_LINES: Final = 20
"""A serial on more lines of a batch than this, naming different items, is no piece's own."""

_SQL: Final = Path(__file__).parent
_CHANGED: Final = (
    "changed while it was read.",
    "Wait until it is written, or give a copy that nobody writes to.",
)
_WORK_TABLES: Final = (
    "scan",
    "scan_told",
    "scan_judged",
    "scan_fact",
    "scan_distinct",
    "scan_count",
    "serial_candidate",
    "serial_line",
    "serial_overlap",
    "repeated_serial",
    "repeated_count",
    "reject_reason",
    "mended_line",
    "mended_claim",
    "mended_release",
    "mended_family",
    "read_file",
)
_RECORD_TABLES: Final = ("scan_record", "scan_file", "scan_item", "scan_quantity", "scan_remark")
"""Tables that kept lines are read off when they are asked for."""


@dataclass(frozen=True)
class Inventory:
    """What was read.

    Attributes:
        files: One row per file with its account.
        items: One row per distinct description.
        warnings: Sentences a person should read; none shows a serial or a host name.
        columns: What the columns of each file that was read are, by file_id.
        partial_batches: Batches of which only mended lines were given, without their original.
    """

    files: FileFrame
    items: ItemFrame
    warnings: list[str]
    columns: dict[str, ColumnMap] = field(default_factory=dict)
    partial_batches: frozenset[str] = frozenset()


def read_inventory(
    engine: Steps,
    paths: Sequence[Path | StandardInput],
    tables: Tables,
    *,
    batch: str | None = None,
    batch_by: str | None = None,
    maps: Sequence[Path] = (),
    keep_lines: bool = True,
    number_lines: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Inventory:
    """Read export files into the engine.

    A file that cannot be read does not hold up the others: it has a row in `files` with status
    `refused` and the reason. A file with the content of another is read once. Leaves these tables
    in the engine, the same whatever the order of files and rows:

    - `read_count`: batch_id, item_id, lines, lines_counted, quantity (sum over counted lines),
      lines_of_one (counted lines of one piece); one row per batch and item
    - `read_form`: batch_id, form, units: in which form counted lines arrive by their status, null
      where nothing is said; one row per batch and form
    - `read_batch`: batch_id, file_id, lines; one row per batch and file
    - `read_line`: batch_id, item_id, file_id, source_line, quantity, serial, asset_tag, host,
      site, status, purchase_date, counted, not_counted_reason; one row per line, empty without
      `keep_lines`, `source_line` null without `number_lines`; a view, read off the records
    - `read_reject`: file_id, source_line, reason_code, reason, raw_text, suggestion, cells; one
      row per line set aside
    - `read_ignored`: file_id, source_line, reason_code; with `number_lines` one row per line
      ignored: `source_line` then runs from 1 to lines_read over the three tables, each once

    Files that give back lines set aside, mended, are read after those the lines are from.

    Args:
        engine: Where the lines live.
        paths: Files, folders, and standard input, which needs `batch`.
        tables: Reference data.
        batch: Batch of every line; the file's own batches when not given.
        batch_by: Name of the column that tells batches apart.
        maps: Map files, one per source system; a file is read by the one that fits it best.
        keep_lines: Whether every line is written, not only counts.
        number_lines: Whether it is told where in its file each record stands, which takes longer.
        progress: Told what is being read.

    Raises:
        UsageError: Standard input without `batch`.
        SettingsError: A map cannot be read.
    """
    if batch is None and any(isinstance(path, StandardInput) for path in paths):
        raise UsageError("Standard input has no name to call its batch.", "Give --batch.")
    opener = opener_of(tables, batch, batch_by, maps, Kept(keep_lines, number_lines), progress)
    gathered = gather(paths, batch, engine.temp_directory)
    return read_gathered(engine, gathered, opener, tables)


def opener_of(
    tables: Tables,
    batch: str | None,
    batch_by: str | None,
    maps: Sequence[Path],
    kept: Kept,
    progress: Callable[[str], None],
) -> Opener:
    """What every file of a run is read with; see `read_inventory`.

    Raises:
        SettingsError: A map cannot be read.
    """
    header = tables.made(HeaderTable.from_tables).with_maps([read_map(path) for path in maps])
    return Opener(header, tables.made(TotalLabels.from_tables), batch, batch_by, kept, progress)


def read_gathered(
    engine: Steps,
    gathered: Gathered,
    opener: Opener,
    tables: Tables,
) -> Inventory:
    """Read what was gathered, as `read_inventory` says."""
    read, refused = _read_unchanged(engine, gathered, opener, tables)
    engine.drop(*_WORK_TABLES, *(() if opener.kept.lines else _RECORD_TABLES))
    rows = [*read.rows, *(refused_row(name, "", error) for name, error in refused)]
    warnings = [storable(warning) for warning in (*gathered.warnings, *read.warnings)]
    files_read = FILES.check(pl.DataFrame(rows, schema=FILES.columns))
    return Inventory(files_read, read.items, warnings, read.columns, read.partial_batches)


@dataclass(frozen=True)
class _Read:
    """What the files came to: rows of the file table, items, warnings, columns by file."""

    rows: list[dict[str, Any]]
    items: ItemFrame
    warnings: list[str]
    columns: dict[str, ColumnMap]
    partial_batches: frozenset[str]


def _read_unchanged(
    engine: Steps, gathered: Gathered, opener: Opener, tables: Tables
) -> tuple[_Read, list[tuple[str, InputError]]]:
    """What was read of the files that nobody changed meanwhile, and those refused beforehand."""
    files, refused = list(gathered.files), list(gathered.refused)
    while True:  # what was read of a file cannot be taken out again: the others are read anew
        _prepare(engine, tables, opener.kept)
        read = _read_files(engine, files, opener)
        changed = [file for file in files if file.has_changed()]
        if not changed:
            return read, refused
        refused += [(file.name, InputError(*_CHANGED)) for file in changed]
        files = [file for file in files if file not in changed]


def _read_files(engine: Steps, files: Sequence[Given], opener: Opener) -> _Read:
    """All files scanned, counted and, when asked, their lines kept."""
    files, opened = _named(engine, files, opener)
    parts = Parts(files)
    mended: list[Opened] = []
    for file in files:
        opener.progress(f"reading {file.name}")
        try:
            found = opened.pop(file.name, None) or opener.open(engine, file)
            if reject_places(found.first.columns.names):
                mended.append(found)  # its lines are told by those of its original
                continue
            parts.add(_read_file(engine, replace(found, file=file), opener))
        except InputError as error:
            parts.refused[file.name] = error
            continue
        opener.progress(f"{file.name}: {parts.read[digits(file)].scanned.lines_loaded:,} lines")
    read_mended(engine, mended, parts, opener)
    day_first = parts.day_first()
    rows: list[dict[str, Any]] = []
    warnings: list[str] = []
    scanned: list[Scanned] = []
    for file in files:
        if file.name in parts.refused:
            rows.append(
                refused_row(file.name, file.content.sha256_if_readable, parts.refused[file.name])
            )
            continue
        done = parts.read[digits(file)].scanned
        rows.append(loaded_row(file, done))
        warnings += [f"{file.name}: {warning}." for warning in file_warnings(done)]
        scanned.append(replace(done, is_day_first=done.file_id in day_first))
    warnings += _count(engine, parts)
    _keep_lines(engine, scanned, opener.kept)
    columns = {done.file_id: done.rows.reading.columns for done in scanned}
    only = (
        "select batch_id from read_batch group by all having bool_and(list_contains($1, file_id))"
    )
    partial = frozenset(row[0] for row in engine.run(only, [sorted(parts.alone)]))
    return _Read(rows, _items(engine, scanned), warnings, columns, partial)


def _named(
    engine: Steps, files: Sequence[Given], opener: Opener
) -> tuple[Sequence[Given], dict[str, Opened]]:
    """The files with their batches, where a mended file may bear its original's name.

    Only files of equal stems are looked into beforehand; they are returned as opened.
    """
    opened: dict[str, Opened] = {}
    for file in [] if opener.batch else of_equal_stems(files):
        with suppress(InputError):  # it is refused in its turn
            opened[file.name] = opener.open(engine, file)
    mended = [one.file for one in opened.values() if reject_places(one.first.columns.names)]
    return (named_without(files, mended) if mended else files), opened


def _prepare(engine: Steps, tables: Tables, kept: Kept) -> None:
    """Tables and functions that do not depend on a file."""
    engine.run("set variable blanks = $1", [BLANKS])
    engine.step(_SQL / "macros.sql")
    engine.step(KEY_MACROS)
    engine.step(_SQL / "tables.sql", line_columns=kept.columns)
    engine.register("inventory_placeholder", tables.frame("placeholder").select("text"))
    words = tables.frame("status_word")
    unusual = (pl.col("meaning") != "form_only").alias("is_unusual")
    is_form = [
        (pl.col("form") == form).fill_null(value=False).alias(f"is_{form}") for form in FORMS
    ]
    engine.register("inventory_status", words.select(unusual, *is_form, word="status"))
    reasons = [(code, reason, advice) for code, (reason, advice) in REASONS.items()]
    schema = ["reason_code", "reason", "suggestion"]
    engine.register("reject_reason", pl.DataFrame(reasons, schema=schema, orient="row"))


def _read_file(engine: Steps, opened: Opened, opener: Opener) -> Part:
    """One file scanned, on the careful path where the fast one does not balance."""
    file = opened.file
    if opened.first.counting is not None:  # it is large, and nobody has asked for its hash
        file.content.begin()
    for way in opened.readings():
        reading = way()
        batch_id = default_batch(reading.columns, file.batch_id)
        done = scan_file(engine, reading, file, batch_id, opener)
        if done is not None:
            return Part(file, done, file.batch_id, done.file_id)
    raise InputError("cannot be read.", "Export it again as CSV or XLSX.")


def _count(engine: Steps, files: Parts) -> list[str]:
    """Make `read_count` and `read_batch`; warn of serials that stand in several batches."""
    find_candidates(engine)
    engine.step(_SQL / "repeated_serials.sql", {"shared_lines": SHARED_SERIAL_LINES})
    engine.step(_SQL / "read_count.sql")
    engine.step(_SQL / "read_form.sql")
    engine.step(_SQL / "read_batch.sql")
    engine.register("mended_family", files.families())
    engine.step(_SQL / "mended_batch.sql")
    overlap = int(engine.run("select serials from serial_overlap")[0][0])
    if not overlap:
        return []
    serials = "1 serial stands" if overlap == 1 else f"{overlap:,} serials stand"
    return [f"{serials} in more than one batch, counted in each."]


def _keep_lines(engine: Steps, scanned: Sequence[Scanned], kept: Kept) -> None:
    """Make `read_line`, once all files are counted."""
    if not kept.lines:
        engine.step(_SQL / "no_line.sql")
        return
    for done in scanned:  # other files of its family may tell how a file writes its days
        engine.run(
            "update scan_file set is_day_first = $1 where file_id = $2",
            [done.is_day_first, done.file_id],
        )
    numbers = {
        name: f"{name}.source_line" if kept.numbers else "null::bigint"
        for name in ("line", "record")
    }
    engine.step(_SQL / "settle_lines.sql", source_line=numbers["line"])
    engine.step(_SQL / "read_line.sql", source_line=numbers["record"])
    if kept.numbers:
        place_ignored(engine, scanned)


def _items(engine: Steps, scanned: Sequence[Scanned]) -> ItemFrame:
    """The items that lines name, each once."""
    if not scanned:
        return ITEMS.empty()
    texts = pl.concat([done.distinct.items.select("item_id", *RAW_TEXTS) for done in scanned])
    lines = engine.frame("select item_id, sum(lines)::bigint as lines from read_count group by all")
    return ITEMS.check(texts.unique("item_id").join(lines, on="item_id"))
