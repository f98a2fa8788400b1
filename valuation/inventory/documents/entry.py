"""Entry: one data record of a document, and the table that all records of a file become.

A record is a mapping of column to text, or is set aside with its reason. Columns are those that
records name, in the order they are met; the table is written in parts, so that a long file never
stands in memory.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import polars as pl

from valuation.engine import text_literal
from valuation.errors import InputError, MissingColumns
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.reading import MAX_COLUMNS, Layout, Reading, check_width, packed_name
from valuation.inventory.reasons import MAX_CELL_CHARACTERS, RAW_TEXT_CHARACTERS, REASONS
from valuation.inventory.rejects_file import REJECTS, arrow_table
from valuation.inventory.source import Source

_CHUNK_RECORDS: Final = 20_000
_NAME_CHARACTERS: Final = 200


class Entry(NamedTuple):
    """One data record.

    Attributes:
        cells: Text by column.
        reason: Why it is set aside; empty when it is not.
        text: What it looked like, for one that is set aside.
    """

    cells: Mapping[Any, str]
    reason: str = ""
    text: str = ""


@dataclass
class Account:
    """What is known of a file beside its entries, complete once they have been taken.

    Attributes:
        records: Data records, counted apart from the entries. [1]
        warnings: What a person should know about how it was read.
    """

    records: int = 0
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """The records of one file.

    Attributes:
        format: Such as `json` or `smartctl`.
        form: `json` or `report`.
        entries: The records, taken once.
        account: What else is known once they were.
        system: What the header table calls the tool it comes from; empty when the names decide.
        columns: Columns the table has even when no record names them.
        name: Names of the columns, given all of them.
    """

    format: str
    form: str
    entries: Iterable[Entry]
    account: Account
    system: str = ""
    columns: Sequence[Hashable] = ()
    name: Callable[[Sequence[Hashable]], list[str]] = lambda columns: [str(c) for c in columns]


def shown(text: str) -> str:
    r"""A text with what cannot be stored written out.

    >>> shown("a\ud800\x00b")
    'a\\ud800b'
    """
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "")


def as_reading(
    found: Found, source: Source, encoding: str, table: HeaderTable, folder: Path
) -> Reading:
    """The records as a table the engine can scan.

    Raises:
        InputError: Too many columns, or none that names items.
    """
    written = _Written(folder / source.key, {key: i for i, key in enumerate(found.columns)})
    written.take(found.entries)
    names = [shown(name)[:_NAME_CHARACTERS] for name in found.name(list(written.columns))]
    columns = table.match(names)
    if not columns.is_usable:
        raise no_fields(names, table)
    check_width(columns)
    columns = replace(columns, system=found.system or columns.system)
    parts = ", ".join(text_literal(str(part)) for part in written.parts)
    return Reading(
        format=packed_name(found.format, source),
        encoding=encoding,
        header_line=0,
        columns=columns,
        relation=f"read_parquet([{parts}], union_by_name = true)",
        line_number="source_line",
        lines_read=found.account.records,
        reasons=dict(written.reasons),
        rejects=written.rejects,
        warnings=tuple(found.account.warnings),
        layout=Layout(found.form),
    )


def no_fields(names: Sequence[str], table: HeaderTable) -> InputError:
    """The error that names the fields that were found, and what would work."""
    named = ", ".join(f"`{shown(name)[:40]}`" for name in names[:6])
    what = f"the nearest has the fields {named}" if named else "it has none with named fields"
    close = {name: table.nearest(name) for name in names[:50]}
    advice = [f"`{near}` instead of `{shown(name)[:40]}`" for name, near in close.items() if near]
    hint = (
        f"Did you mean {', '.join(advice[:3])}?"
        if advice
        else "Name a field model, part_number, description or type, and one more beside it."
    )
    return MissingColumns(f"holds no list of records whose fields we know; {what}.", hint)


@dataclass
class _Written:
    """The parts of a table on disk, and its account."""

    stem: Path
    columns: dict[Hashable, int]
    parts: list[Path] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    records: int = 0

    @property
    def rejects(self) -> Path:
        return self.stem.with_suffix(".rejects.parquet")

    def take(self, entries: Iterable[Entry]) -> None:
        """Write all entries: loaded ones in parts, the others in the file of rejects."""
        import pyarrow.parquet as pq

        source = iter(entries)
        with pq.ParquetWriter(self.rejects, arrow_table([], REJECTS).schema) as bad:
            while (chunk := list(islice(source, _CHUNK_RECORDS))) or not self.parts:
                rejects = list(self._part(chunk))
                if rejects:
                    bad.write_table(arrow_table(rejects, REJECTS))

    def _part(self, chunk: Sequence[Entry]) -> Iterator[list[object]]:
        """Write what can be loaded of a chunk; the rows of what is set aside."""
        loaded: list[Mapping[Any, str]] = []
        numbers: list[int] = []
        for entry in chunk:
            self.records += 1
            reason = entry.reason or _problem(entry.cells)
            if reason:
                self.reasons[reason] += 1
                yield self._reject(entry, reason)
                continue
            for key in entry.cells.keys() - self.columns.keys():
                self.columns[key] = len(self.columns)
            if len(self.columns) > MAX_COLUMNS:
                raise InputError(
                    f"has more than {MAX_COLUMNS:,} different fields, up to which is read.",
                    "Export fewer fields.",
                )
            loaded.append(entry.cells)
            numbers.append(self.records)
        cells = {f"c{i}": [row.get(key, "") for row in loaded] for key, i in self.columns.items()}
        frame = pl.DataFrame(
            {"source_line": numbers, **cells},
            schema={"source_line": pl.Int64, **dict.fromkeys(cells, pl.String)},
        )
        self.parts.append(self.stem.with_suffix(f".{len(self.parts)}.parquet"))
        frame.write_parquet(self.parts[-1], compression="lz4")

    def _reject(self, entry: Entry, reason: str) -> list[object]:
        sentence, suggestion = REASONS[reason]
        given = [entry.cells.get(key, "") for key in self.columns]
        text = entry.text or " | ".join(cell[:RAW_TEXT_CHARACTERS] for cell in given if cell)
        if not text:
            text = " | ".join(cell[:RAW_TEXT_CHARACTERS] for cell in entry.cells.values() if cell)
        cells = [shown(cell[:RAW_TEXT_CHARACTERS]) for cell in given] if entry.cells else []
        raw_text = shown(text[:RAW_TEXT_CHARACTERS])
        return [self.records, reason, sentence, raw_text, suggestion, cells]


def _problem(cells: Mapping[Any, str]) -> str:
    """Why a record cannot be loaded; empty when it can."""
    whole = "".join(cells.values())
    if len(whole) > MAX_CELL_CHARACTERS and max(map(len, cells.values())) > MAX_CELL_CHARACTERS:
        return "cell_too_long"
    if not whole.isascii():
        try:
            whole.encode()
        except UnicodeEncodeError:
            return "bad_encoding"
    return ""
