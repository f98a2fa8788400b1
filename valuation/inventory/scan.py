"""Scan: one pass of the engine over a file, from its records to lines by batch, item and quantity.

The pass leaves `scan_record`, what each record says in short; everything else is told from that.
Only what is distinct comes to Python (descriptions, quantities, odd rows); it is cleaned there and
joined back. The lines themselves never leave the engine.
"""

import re
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

import polars as pl

from valuation.engine import EngineError, Steps, is_damage, text_literal
from valuation.errors import InputError
from valuation.frames import RAW_TEXTS
from valuation.inventory.beside import cut_short
from valuation.inventory.columns.column_map import ColumnMap
from valuation.inventory.groups import group_records
from valuation.inventory.items import SCANNED_TEXTS, clean_items, damaged_part_numbers
from valuation.inventory.label import TotalLabels
from valuation.inventory.opening import Opener
from valuation.inventory.quantity import read_quantities
from valuation.inventory.reading import Reading, lines_text
from valuation.inventory.reasons import RAW_TEXT_CHARACTERS, REASONS
from valuation.inventory.rows import DISTINCT_SHARE, Rows
from valuation.progress import Reached, following

IGNORED: Final = ("blank", "repeated_header", "total")
"""Why the scan ignores a record."""
_SQL: Final = Path(__file__).parent
_CAPACITY_UNIT: Final = re.compile(r"(?i)(?<![a-z])(bytes|[kmgtp]i?b)(?![a-z])")


@dataclass(frozen=True)
class Distinct:
    """The distinct texts of one file, cleaned.

    Attributes:
        items: `item_key`, `item_id`, the raw texts, `maker`, `is_label`, `is_place`.
        quantities: `quantity_text` and `quantity`, null when it cannot be read.
        remarks: `remark` and `verdict` of rows that name no item; null when they are lines.
    """

    items: pl.DataFrame
    quantities: pl.DataFrame
    remarks: pl.DataFrame

    def keep(self, engine: Steps, file_number: int) -> None:
        """Add them to the tables the records of all files are joined with."""
        number = pl.lit(file_number).alias("file_number")
        keyed = self.items.select("item_key", "item_id", "maker", "is_label", "is_place")
        engine.append("scan_item", keyed.with_columns(number))
        engine.append("scan_quantity", self.quantities.with_columns(number))
        engine.append("scan_remark", self.remarks.with_columns(number))


class Named(Protocol):
    """A file as the scan needs to know it."""

    @property
    def name(self) -> str:
        """As given."""

    @property
    def size_bytes(self) -> int:
        """What it takes on the disk. [B]"""

    def told_id(self) -> str:
        """Its key; its content is hashed for it."""


@dataclass(frozen=True)
class Scanned:
    """What one file came to.

    Attributes:
        file_id: Its key.
        rows: How its records are seen.
        distinct: Its distinct texts.
        lines_loaded: Lines kept. [1]
        reasons: Lines set aside, by reason.
        ignored: Lines ignored, by reason: blank lines, repeated headers, totals, and lines that
            others stand in for.
        is_day_first: Whether dates such as 13/02/2020 were met.
        warnings: What a person should know, as sentences without the file's name.
    """

    file_id: str
    rows: Rows
    distinct: Distinct
    lines_loaded: int
    reasons: dict[str, int]
    ignored: dict[str, int]
    is_day_first: bool
    warnings: tuple[str, ...]

    @property
    def lines_ignored(self) -> int:
        """Lines ignored. [1]"""
        return sum(self.ignored.values())

    @property
    def lines_accounted(self) -> int:
        """Lines loaded, set aside or ignored. [1]"""
        return self.lines_loaded + self.lines_ignored + sum(self.reasons.values())


def scan_file(
    engine: Steps,
    reading: Reading,
    file: Named,
    batch_id: str,
    opener: Opener,
) -> Scanned | None:
    """Take the records of a file into `scan_record`; None when the fast reader lost its way.

    Args:
        engine: Where the lines are counted.
        reading: The table of the file.
        file: Its name, and its key once its records are taken in.
        batch_id: Batch of lines without one of their own.
        opener: What every file is read with: words that mark totals, known column names, which as
            cells mark the header of another table, and what is kept of each record.

    Raises:
        InputError: The careful path does not balance either.
    """
    number = next(opener.numbers)
    try:
        rows = Rows(reading, batch_id, opener.labels.pattern, opener.kept)
        rows = rows.without_unique_texts(engine)
        is_counting = reading.counting is not None
        with (
            following(opener.progress, partial(_reached, engine, reading, file), file.name),
            cut_short(reading.is_vain, engine.interrupt) if is_counting else nullcontext(),
        ):
            rows.keep_records(engine, number)
    except EngineError as error:
        if not is_damage(error):
            raise
        if reading.is_direct:
            return None
        what = str(error).splitlines()[0]
        raise InputError(f"is damaged inside: {what}.", "Export it again.") from error
    counted = rows.reading.counted()
    scanned = None
    try:
        if counted is not None:
            rows = replace(rows, reading=counted)
            scanned = _scanned(engine, rows, number, file.told_id(), opener)
    finally:
        if scanned is None:  # its records then name nothing, whatever was found wrong
            _forget(engine, number)
    if scanned is None:
        engine.run("delete from scan_record where file_number = $1", [number])
    return scanned


def _reached(engine: Steps, reading: Reading, file: Named) -> Reached:
    """How far the pass over a file is: rows where they are counted, else bytes."""
    share = engine.share_done()
    if share is None:
        return Reached()
    if reading.counting is None:
        return Reached(rows=int(share * reading.lines_read), share=share)
    return Reached(done_bytes=int(share * file.size_bytes), share=share)


def _scanned(
    engine: Steps,
    rows: Rows,
    number: int,
    file_id: str,
    opener: Opener,
) -> Scanned | None:
    """What the records of a file come to; None when the fast reader lost its way in them."""
    reading, parameters = rows.reading, {"file_number": number}
    group_records(engine, number)
    distinct = _distinct(engine, reading, number, opener.labels)
    may_hold_header = reading.is_direct and not reading.has_told_headers
    if may_hold_header and _holds_header(engine, distinct.items, number, opener.header.words):
        return None
    distinct.keep(engine, number)
    engine.step(_SQL / "judge.sql", parameters)
    engine.drop("scan")  # as large as what it became
    scanned = _account(engine, rows, file_id, distinct)
    if scanned.lines_accounted != reading.lines_read:
        if reading.is_direct:
            return None
        raise InputError(
            f"does not balance: {reading.lines_read:,} lines were counted and "
            f"{scanned.lines_accounted:,} accounted for.",
            "Export it again as CSV or XLSX.",
        )
    known = [number, file_id, scanned.is_day_first]
    engine.run("insert into scan_file values ($1, $2, $3)", known)
    engine.step(_SQL / "keep_counts.sql", {"file_id": file_id})
    engine.drop("scan_judged")
    _keep_rejects(engine, scanned, number)
    return scanned


def _forget(engine: Steps, number: int) -> None:
    """Take out what a file left in the tables of distinct texts."""
    for table in ("scan_item", "scan_quantity", "scan_remark"):
        engine.run(f"delete from {table} where file_number = $1", [number])


def _distinct(engine: Steps, reading: Reading, number: int, labels: TotalLabels) -> Distinct:
    """What is distinct in the scan, cleaned and judged."""
    columns = ", ".join(f"texts[{i}] as {name}" for i, name in enumerate(SCANNED_TEXTS, start=1))
    query = (_SQL / "scan_text.sql").read_text(encoding="utf-8").replace("{columns}", columns)
    scanned = engine.frame(query, {"file_number": number})
    cells = engine.frame("select distinct quantity_text from scan")["quantity_text"].to_list()
    beside = reading.inherited.quantity_texts if reading.inherited else ()
    pieces = read_quantities(
        [*cells, *beside],
        decimal_comma=reading.decimal_comma,
        decimal=reading.columns.decimal,
    )
    remarks = engine.frame("select distinct remark from scan where remark is not null")
    verdicts = [labels.judge(remark) for remark in remarks["remark"]]
    return Distinct(
        items=clean_items(scanned, _capacity_unit(reading.columns), labels),
        quantities=pl.DataFrame(
            {"quantity_text": list(pieces), "quantity": list(pieces.values())},
            schema={"quantity_text": pl.String, "quantity": pl.Float64},
        ),
        remarks=remarks.with_columns(pl.Series("verdict", verdicts, pl.String)),
    )


def _holds_header(engine: Steps, items: pl.DataFrame, number: int, names: frozenset[str]) -> bool:
    """Whether the texts of an item are column names: of a header the fast reader took for a row."""
    texts = set[str]().union(*(items[name].unique() for name in RAW_TEXTS))
    known = [text for text in texts if text.casefold() in names]
    if not known:
        return False
    named = items.filter(pl.any_horizontal(pl.col(RAW_TEXTS).is_in(known)))
    query = (_SQL / "header_group.sql").read_text(encoding="utf-8")
    keys = engine.frame(query, {"item_keys": named["item_key"].to_list()})["item_key"].to_list()
    if not keys:
        return False
    query = (_SQL / "header_row.sql").read_text(encoding="utf-8")
    rows = engine.frame(query, {"file_number": number, "item_keys": keys, "names": sorted(names)})
    for row in named.join(rows, on="item_key", how="semi").select(RAW_TEXTS).iter_rows():
        said = {text.casefold() for text in row if text}
        if said and len(said & names) >= min(2, len(said)):
            return True
    return False


def _capacity_unit(columns: ColumnMap) -> str | None:
    """The unit in the header of the capacity column, as in `Size (GB)` or `CapacityBytes`."""
    positions = columns.columns.get("capacity")
    if not positions:
        return None
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", columns.names[positions[0]])
    found = _CAPACITY_UNIT.search(spaced)
    return found[1].lower() if found and found[1].lower() == "bytes" else found and found[1].upper()


def _account(engine: Steps, rows: Rows, file_id: str, distinct: Distinct) -> Scanned:
    """The lines of a file by verdict, and what else was met in them."""
    reading = rows.reading
    verdicts = dict(engine.run("select verdict, sum(lines)::bigint from scan_judged group by all"))
    reasons = {code: int(n) for code, n in verdicts.items() if code in REASONS}
    for code, lines in reading.reasons.items():
        reasons[code] = reasons.get(code, 0) + lines
    ignored = Counter({code: int(verdicts[code]) for code in IGNORED if code in verdicts})
    ignored.update(reading.ignored)
    if reading.blank_lines:
        ignored["blank"] += reading.blank_lines
    engine.step(_SQL / "facts.sql")
    facts = engine.frame("from scan_fact").row(0, named=True)
    return Scanned(
        file_id=file_id,
        rows=rows,
        distinct=distinct,
        lines_loaded=int(verdicts.get("line", 0)),
        reasons=dict(sorted(reasons.items())),
        ignored=dict(sorted(ignored.items())),
        is_day_first=bool(facts["is_day_first"]),
        warnings=(*reading.warnings, *_warnings(rows, distinct, facts)),
    )


def _warnings(rows: Rows, distinct: Distinct, facts: dict[str, Any]) -> list[str]:
    """What a person should know about the lines, without showing any."""
    counts = {
        "without a quantity, taken as one piece unless their text says otherwise": facts[
            "blank_quantities"
        ],
        "with a quantity of zero or less, kept and not counted": facts["zero_quantities"],
        "with a serial that a spreadsheet turned into a power of ten; it is never compared": facts[
            "scientific_serials"
        ],
        "with a status such as missing, disposed or in use, counted all the same": facts[
            "unusual_status"
        ],
    }
    if "quantity" not in rows.reading.columns.columns:
        counts.pop("without a quantity, taken as one piece unless their text says otherwise")
    out = [f"{lines_text(lines)} {what}" for what, lines in counts.items() if lines]
    damaged = damaged_part_numbers(distinct.items)
    if damaged:
        shown = ", ".join(f"`{text}`" for text in damaged[:3])
        out.append(f"part numbers or models turned into powers of ten: {shown}")
    unused = (
        f"differs in over {DISTINCT_SHARE:.0%} of the lines and is not used to tell items apart"
    )
    return out + [f"column {name.replace('_', ' ')} {unused}" for name in rows.left_out]


def _keep_rejects(engine: Steps, scanned: Scanned, number: int) -> None:
    """Write what was set aside, before the engine and in it, into `read_reject`."""
    reading = scanned.rows.reading
    if sum(scanned.reasons.values()) > sum(reading.reasons.values()):
        scanned.rows.open(engine, is_numbered=True)
        bad = "select quantity_text from scan_quantity where file_number = $1 and quantity is null"
        parameters = {
            "file_number": number,
            "file_id": scanned.file_id,
            "raw_text_characters": RAW_TEXT_CHARACTERS,
            "bad_quantities": [row[0] for row in engine.run(bad, [number])],
        }
        texts = {"row_text": scanned.rows.row_text, "row_cells": scanned.rows.row_cells}
        engine.step_by_rows(_SQL / "keep_rejects.sql", parameters, **texts)
    if reading.rejects is not None and reading.reasons:
        columns = "source_line, reason_code, reason, raw_text, suggestion, cells"
        source = f"read_parquet({text_literal(str(reading.rejects))})"
        insert = f"insert into read_reject select $1, {columns} from {source}"
        engine.run(insert, [scanned.file_id])
