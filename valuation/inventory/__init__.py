"""Inventory: export files in, lines and counts in the engine, items and file accounts out.

Every file balances: lines read = loaded + set aside + ignored, counted twice and independently.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any, Final

import polars as pl

from valuation.engine import Engine
from valuation.errors import InputError, UsageError
from valuation.frames import FILES, ITEMS, FileFrame, ItemFrame
from valuation.inventory.header import HeaderTable, with_batch_column
from valuation.inventory.items import BLANKS, RAW_TEXTS
from valuation.inventory.label import TotalLabels
from valuation.inventory.reading import Reading, read_table
from valuation.inventory.rewrite import REASONS
from valuation.inventory.scan import Scanned, scan_file, write_lines
from valuation.inventory.source import (
    StandardInput,
    content_hash,
    file_id,
    open_source,
    spool,
)
from valuation.tables import Tables

__all__ = ["Inventory", "StandardInput", "read_inventory"]

SHARED_SERIAL_LINES: Final = 20
"""A serial on more lines of a batch than this, naming different items, is no piece's own."""

_SQL: Final = Path(__file__).parent
_WORK_TABLES: Final = (
    "scan",
    "scan_judged",
    "scan_item",
    "scan_quantity",
    "scan_remark",
    "scan_fact",
    "scan_distinct",
    "scan_count",
    "settled_line",
    "serial_candidate",
    "serial_line",
    "serial_overlap",
    "repeated_serial",
    "repeated_count",
    "reject_reason",
)


@dataclass(frozen=True)
class Inventory:
    """What was read.

    Attributes:
        files: One row per file with its account.
        items: One row per distinct description.
        warnings: Sentences a person should read; none shows a serial or a host name.
    """

    files: FileFrame
    items: ItemFrame
    warnings: list[str]


@dataclass(frozen=True)
class _Given:
    """A file as given: its name, where it lies, its content and the batch it is by default."""

    name: str
    path: Path
    sha256: str
    batch_id: str


def read_inventory(
    engine: Engine,
    paths: Sequence[Path | StandardInput],
    tables: Tables,
    *,
    batch: str | None = None,
    batch_by: str | None = None,
    keep_lines: bool = True,
    progress: Callable[[str], None] = lambda _: None,
) -> Inventory:
    """Read export files into the engine.

    A file that cannot be read does not hold up the others: it has a row in `files` with status
    `refused` and the reason. A file with the content of another is read once. Leaves these tables
    in the engine, the same whatever the order of files and rows:

    - `read_count`: batch_id, item_id, lines, lines_counted, quantity (sum over counted lines),
      lines_of_one (counted lines of one piece); one row per batch and item
    - `read_batch`: batch_id, file_id, lines; one row per batch and file
    - `read_line`: batch_id, item_id, file_id, quantity, serial, asset_tag, host, site, status,
      purchase_date, counted, not_counted_reason; one row per line, empty without `keep_lines`
    - `read_reject`: file_id, source_line, reason_code, reason, raw_text, suggestion; one row per
      line set aside

    Args:
        engine: Where the lines live.
        paths: Files, and standard input, which needs `batch`.
        tables: Reference data.
        batch: Batch of every line; the file's own batches when not given.
        batch_by: Name of the column that tells batches apart.
        keep_lines: Whether every line is written, not only counts.
        progress: Told what is being read.

    Raises:
        UsageError: Standard input without `batch`.
    """
    if batch is None and any(isinstance(path, StandardInput) for path in paths):
        raise UsageError("Standard input has no name to call its batch.", "Give --batch.")
    labels = TotalLabels.from_tables(tables)
    header = HeaderTable.from_tables(tables)
    _prepare(engine, tables)
    given, rows, warnings = _given(engine, paths, batch)
    scanned: list[Scanned] = []
    for file in given:
        progress(f"reading {file.name}")
        try:
            done = _read_file(engine, file, header, labels, batch, batch_by)
        except InputError as error:
            rows.append(_refused(file.name, file.sha256, error))
            continue
        rows.append(_loaded(file, done))
        warnings += [f"{file.name}: {warning}." for warning in _file_warnings(done)]
        scanned.append(done)
        progress(f"{file.name}: {done.lines_loaded:,} lines")
    warnings += _count(engine)
    if keep_lines:
        _keep_lines(engine, scanned, progress)
    items = _items(engine, scanned)
    engine.drop(*_WORK_TABLES)
    return Inventory(FILES.check(pl.DataFrame(rows, schema=FILES.columns)), items, warnings)


def _prepare(engine: Engine, tables: Tables) -> None:
    """Tables and functions that do not depend on a file."""
    engine.run("set variable blanks = $1", [BLANKS])
    engine.step(_SQL / "macros.sql")
    engine.step(_SQL / "tables.sql")
    engine.register("inventory_placeholder", tables.frame("placeholder").select("text"))
    engine.register("inventory_status", tables.frame("status_word").select("status"))
    reasons = [(code, reason, advice) for code, (reason, advice) in REASONS.items()]
    schema = ["reason_code", "reason", "suggestion"]
    engine.register("reject_reason", pl.DataFrame(reasons, schema=schema, orient="row"))


def _given(
    engine: Engine, paths: Sequence[Path | StandardInput], batch: str | None
) -> tuple[list[_Given], list[dict[str, Any]], list[str]]:
    """Files to read in the order of their names, rows of those refused at once, warnings."""
    refused: list[dict[str, Any]] = []
    warnings: list[str] = []
    found: dict[str, tuple[str, Path]] = {}
    named: dict[str, Path] = {}
    for path in paths:
        if str(path) in named:
            warnings.append(f"{path}: was given twice; it was read once.")
        if isinstance(path, StandardInput):
            named[path.name] = spool(path.stream, engine.temp_directory / "standard-input")
        else:
            named[str(path)] = path
    for name, path in sorted(named.items()):
        try:
            sha256 = content_hash(path)
        except InputError as error:
            refused.append(_refused(name, "", error))
            continue
        if sha256 in found:
            first = found[sha256][0]
            warnings.append(f"{name}: has the same content as {first}; it was read once.")
            continue
        found[sha256] = name, path
    stems = _batch_names([name for name, _ in found.values()])
    given = [_Given(n, p, sha, batch or stems[n]) for sha, (n, p) in found.items()]
    return given, refused, warnings


def _batch_names(names: Sequence[str]) -> dict[str, str]:
    """The stem of each file, with as many parent folders as tell equal stems apart.

    >>> _batch_names(["a/x.csv.gz", "b/x.csv", "y.xlsx"])
    {'a/x.csv.gz': 'a/x', 'b/x.csv': 'b/x', 'y.xlsx': 'y'}
    """
    parts = {name: [*PurePath(name).parts[:-1], _stem(PurePath(name).name)] for name in names}
    out = {name: whole[-1] for name, whole in parts.items()}
    depth = 1
    while depth < max((len(whole) for whole in parts.values()), default=0):
        depth += 1
        often = Counter(out.values())
        for name, whole in parts.items():
            if often[out[name]] > 1:
                out[name] = "/".join(whole[-depth:])
    often = Counter(out.values())
    return {name: PurePath(name).name if often[stem] > 1 else stem for name, stem in out.items()}


def _stem(name: str) -> str:
    for packing in (".gz", ".zst"):
        name = name.removesuffix(packing)
    return PurePath(name).stem or name


def _read_file(
    engine: Engine,
    file: _Given,
    header: HeaderTable,
    labels: TotalLabels,
    batch: str | None,
    batch_by: str | None,
) -> Scanned:
    """One file scanned, on the careful path where the fast one does not balance."""
    key = file_id(file.name, file.sha256)
    source = open_source(file.name, file.path, file.sha256, engine.temp_directory)
    for way in read_table(source, header, labels, engine.temp_directory):
        reading = _with_batches(way(), batch, batch_by)
        named = "batch" in reading.columns.columns
        default = f"{file.batch_id}/unassigned" if named else file.batch_id
        done = scan_file(engine, reading, key, default, labels)
        if done is not None:
            return done
    raise InputError("cannot be read.", "Export it again as CSV or XLSX.")


def _with_batches(reading: Reading, batch: str | None, batch_by: str | None) -> Reading:
    """The reading with the batch column in use: none when the batch is given."""
    columns = with_batch_column(reading.columns, None if batch else batch_by)
    if batch:
        others = {c: p for c, p in columns.columns.items() if c != "batch"}
        columns = replace(columns, columns=others)
    return replace(reading, columns=columns)


def _count(engine: Engine) -> list[str]:
    """Make `read_count` and `read_batch`; warn of serials that stand in several batches."""
    engine.step(_SQL / "repeated_serials.sql", {"shared_lines": SHARED_SERIAL_LINES})
    engine.step(_SQL / "read_count.sql")
    engine.step(_SQL / "read_batch.sql")
    overlap = int(engine.run("select serials from serial_overlap")[0][0])
    if not overlap:
        return []
    serials = "1 serial stands" if overlap == 1 else f"{overlap:,} serials stand"
    return [f"{serials} in more than one batch, counted in each."]


def _keep_lines(
    engine: Engine, scanned: Sequence[Scanned], progress: Callable[[str], None]
) -> None:
    for done in scanned:
        progress(f"keeping {done.lines_loaded:,} lines")
        write_lines(engine, done)
    engine.step(_SQL / "settle_lines.sql")


def _items(engine: Engine, scanned: Sequence[Scanned]) -> ItemFrame:
    """The items that lines name, each once."""
    if not scanned:
        return ITEMS.empty()
    texts = pl.concat([done.distinct.items.select("item_id", *RAW_TEXTS) for done in scanned])
    lines = engine.frame("select item_id, sum(lines)::bigint as lines from read_count group by all")
    return ITEMS.check(texts.unique("item_id").join(lines, on="item_id"))


def _file_warnings(done: Scanned) -> list[str]:
    if done.rows.reading.lines_read == 0:
        return ["has a header and no line below it"]
    none = ["none of its lines could be loaded"] if done.lines_loaded == 0 else []
    return [*none, *done.warnings]


def _loaded(file: _Given, done: Scanned) -> dict[str, Any]:
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
        "column_map": _json(reading.columns.column_of()),
        "unmapped_columns": json.dumps(reading.columns.unmapped(), ensure_ascii=False),
    }


def _refused(name: str, sha256: str, error: InputError) -> dict[str, Any]:
    """The row of a file that cannot be read: its reason names it and says what would work."""
    return {
        "file_id": file_id(name, sha256),
        "name": name,
        "sha256": sha256 or None,
        "status": "refused",
        "reason": f"{name} {error}",
        "lines_read": 0,
        "lines_loaded": 0,
        "lines_rejected": 0,
        "lines_ignored": 0,
        "reasons": "{}",
        "column_map": "{}",
        "unmapped_columns": "[]",
    }


def _json(mapping: Mapping[str, Any]) -> str:
    return json.dumps(mapping, ensure_ascii=False)
