"""Overrides: the file of what people said items are; its latest word on an item is used.

Entries are only ever added. An answer that is taken back is an entry too, so that the file tells
who said what, when and why.
"""

import datetime
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from valuation.frames import RAW_TEXTS
from valuation.identity.answers import (
    ITEM,
    KIND,
    PROGRAM_KIND,
    REVIEWED_COLUMNS,
    Answer,
    AnswerRules,
    read_answer,
    read_texts,
    unsigned,
)
from valuation.identity.cells import Fault, read_day, words
from valuation.sheet import read_sheet, sheet_text
from valuation.tables import Tables

ENTRY: Final = "entry"
REVIEWED: Final = "reviewed"
REMOVED: Final = "removed"
OVERRIDE_COLUMNS: Final = (ENTRY, ITEM, *RAW_TEXTS, PROGRAM_KIND, *REVIEWED_COLUMNS)


@dataclass(frozen=True)
class Overrides:
    """What people said, oldest first; an answer without a kind takes the one before it back."""

    entries: tuple[Answer, ...] = ()

    @cached_property
    def answers(self) -> dict[tuple[str, ...], Answer]:
        """The answer that holds for each item, by its six raw texts, sorted by them."""
        latest = {entry.texts: entry for entry in self.entries}
        return {texts: latest[texts] for texts in sorted(latest) if latest[texts].kind}

    @cached_property
    def version(self) -> str:
        """Hash of the answers that hold; empty when there are none."""
        if not self.answers:
            return ""
        rows = [asdict(answer) for answer in self.answers.values()]
        text = json.dumps(rows, sort_keys=True, default=str)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]

    def with_entries(self, entries: Sequence[Answer]) -> "Overrides":
        """These, and later ones."""
        return Overrides((*self.entries, *entries))

    def text(self) -> str:
        """The content of the file."""
        rows = [
            {ENTRY: REVIEWED if entry.kind else REMOVED} | entry.cells() for entry in self.entries
        ]
        return sheet_text(OVERRIDE_COLUMNS, rows)


def read_overrides(path: Path, tables: Tables) -> Overrides:
    """What a file of reviewed items says.

    Args:
        path: The file; where there is none, nothing was reviewed.
        tables: Reference data, which says what an answer may hold.

    Raises:
        InputError: It cannot be read, or a row of it cannot: names file, row, column and value.
    """
    if not path.exists():
        return Overrides()
    sheet = read_sheet(path, OVERRIDE_COLUMNS)
    if not sheet.columns:
        return Overrides()
    sheet.check_columns((ENTRY, *RAW_TEXTS, KIND, "reviewed_by", "reviewed_on"), OVERRIDE_COLUMNS)
    rules = AnswerRules(tables)
    entries = []
    for number, cells in sheet.rows:
        found = _entry(cells, rules)
        if isinstance(found, list):
            raise found[0].at(sheet.name, number)
        entries.append(found)
    return Overrides(tuple(entries))


def _entry(cells: dict[str, str], rules: AnswerRules) -> Answer | list[Fault]:
    latest = datetime.date.max
    what = words(cells[ENTRY]).casefold()
    if not cells["reviewed_on"].strip():
        return [Fault("reviewed_on", "", "says no day.", "Write year-month-day.")]
    if what == REVIEWED:
        return read_answer(cells, rules, latest)
    if what != REMOVED:
        hint = f"Write `{REVIEWED}` or `{REMOVED}`."
        return [Fault(ENTRY, what, "is no entry.", hint)]
    texts = read_texts(cells)
    on = read_day("reviewed_on", words(cells["reviewed_on"]), latest)
    faults = [found for found in (texts, on) if isinstance(found, Fault)] + unsigned(cells)
    if faults or isinstance(texts, Fault) or isinstance(on, Fault):
        return faults
    return Answer(
        texts=texts, by=words(cells["reviewed_by"]), on=on, why=words(cells["reviewed_why"])
    )
