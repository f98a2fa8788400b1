"""Imported: the answers a person filled in, kept all together or not at all, and taken back."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from valuation.errors import InputError, UsageError
from valuation.identity.answers import (
    ITEM,
    KIND,
    SIGNED_COLUMNS,
    Answer,
    AnswerRules,
    is_filled,
    item_key,
    read_answer,
)
from valuation.identity.cells import Fault
from valuation.identity.overrides import read_overrides
from valuation.review.columns import COLUMNS
from valuation.review.files import keep
from valuation.sheet import Sheet, read_sheet
from valuation.store import held, open_read_only
from valuation.tables import Tables

_ZIP: Final = b"PK\x03\x04"


@dataclass(frozen=True)
class Imported:
    """What became of a file of answers.

    Attributes:
        path: The file.
        overrides: Where answers are kept.
        added: Answers to items without one.
        changed: Answers in place of an earlier one.
        known: Answers that were known already.
        open: Rows without an answer.
        faults: Everything that is wrong with it, as sentences with what to do.
        is_written: Whether the file of answers was written.
    """

    path: Path
    overrides: Path
    added: int = 0
    changed: int = 0
    known: int = 0
    open: int = 0
    faults: tuple[InputError, ...] = ()
    is_written: bool = False


def import_answers(
    path: Path,
    overrides: Path,
    tables: Tables,
    *,
    signed: Mapping[str, str],
    today: datetime.date,
    db: Path | None = None,
    skip_bad: bool = False,
) -> Imported:
    """Read the rows a person filled in and keep them, all of them or none.

    Args:
        path: The file, CSV or workbook.
        overrides: Where answers are kept; made when there is none.
        tables: Reference data, which says what an answer may hold.
        signed: What stands for empty cells of who, when and why.
        today: The day of an answer without one.
        db: A published file that must know the items.
        skip_bad: Keep the sound rows though others are not.

    Raises:
        InputError: The file or the answers there are cannot be read.
        OutputBusy: Another process is writing the answers.
        OutputError: They cannot be written.
    """
    items = None if db is None else _item_ids(db)
    found = _Answers(_read(path), AnswerRules(tables), signed, today, items)
    done = Imported(path, overrides, open=found.open, faults=tuple(found.faults))
    if not found.answers or (done.faults and not skip_bad):
        return done
    with held(overrides):
        kept = read_overrides(overrides, tables)
        there = kept.answers
        new = [a for a, dated in found.answers if not _is_known(there.get(a.texts), a, dated)]
        if new:
            keep(overrides, kept.with_entries(new))
    changed = sum(answer.texts in there for answer in new)
    return replace(
        done,
        added=len(new) - changed,
        changed=changed,
        known=len(found.answers) - len(new),
        is_written=bool(new),
    )


def _read(path: Path) -> Sheet:
    """The table of a file of answers, whatever its name says it is."""
    try:
        with path.open("rb") as stream:
            is_workbook = stream.read(len(_ZIP)) == _ZIP
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}.", "Look at its name."
        ) from error
    if is_workbook:
        from valuation.review.workbook import read_workbook

        sheet = read_workbook(path)
    else:
        sheet = read_sheet(path, COLUMNS)
    sheet.check_columns((KIND,), COLUMNS)
    return sheet


def _item_ids(db: Path) -> frozenset[int]:
    with open_read_only(db) as connection:
        return frozenset(i for (i,) in connection.execute("select item_id from item").fetchall())


@dataclass
class _Answers:
    """The answers of a sheet: each with whether its row gives a day of its own."""

    sheet: Sheet
    rules: AnswerRules
    signed: Mapping[str, str]
    today: datetime.date
    items: frozenset[int] | None
    answers: list[tuple[Answer, bool]] = field(default_factory=list)
    faults: list[InputError] = field(default_factory=list)
    open: int = 0

    def __post_init__(self) -> None:
        rows: dict[tuple[str, ...], tuple[int, Answer]] = {}
        for number, cells in self.sheet.rows:
            if not is_filled(cells):
                self.open += 1
                continue
            dated = bool(cells.get("reviewed_on", "").strip() or self.signed.get("reviewed_on"))
            filled = {
                n: self.signed.get(n, "") for n in SIGNED_COLUMNS if not cells.get(n, "").strip()
            }
            found = read_answer(dict(cells) | filled, self.rules, self.today)
            if isinstance(found, Answer):
                found = self._doubts(found, cells, rows) or found
            if isinstance(found, list):
                self.faults += [fault.at(self.sheet.name, number) for fault in found]
            elif found.texts not in rows:
                rows[found.texts] = (number, found)
                self.answers.append((found, dated))

    def _doubts(
        self,
        answer: Answer,
        cells: Mapping[str, str],
        rows: Mapping[tuple[str, ...], tuple[int, Answer]],
    ) -> list[Fault]:
        """What is wrong with an answer that is sound by itself."""
        faults = []
        number, other = rows.get(answer.texts, (0, answer))
        if other.said != answer.said:
            hint = "Leave one of the two."
            reason = f"is not what row {number} says of the same item."
            faults.append(Fault(KIND, cells[KIND], reason, hint))
        key = cells.get(ITEM, "").strip()
        if key and self.items is not None and answer.item_id not in self.items:
            hint = "Give the file the items were exported from, or leave out --db."
            faults.append(Fault(ITEM, key, "is no item of the published file.", hint))
        return faults


def _is_known(known: Answer | None, answer: Answer, is_dated: bool) -> bool:
    """Whether an answer is the one there is; a day nobody wrote makes no new one."""
    if known is None:
        return False
    same_day = answer.on == known.on or not is_dated
    signs = (known.said, known.by, known.why)
    return same_day and signs == (answer.said, answer.by, answer.why)


def remove_answers(
    overrides: Path, keys: Sequence[str], tables: Tables, *, by: str, why: str, on: datetime.date
) -> list[Answer]:
    """Take answers back, by an entry that says who did, when and why.

    Args:
        overrides: Where answers are kept.
        keys: Keys of their items.
        tables: Reference data.
        by: Who takes them back.
        why: Why.
        on: When.

    Returns:
        The answers taken back.

    Raises:
        UsageError: There is no answer to one of the items; none was taken back.
        InputError: The answers there are cannot be read.
        OutputBusy: Another process is writing the answers.
        OutputError: They cannot be written.
    """
    with held(overrides):
        kept = read_overrides(overrides, tables)
        by_key = {item_key(answer.item_id): answer for answer in kept.answers.values()}
        unknown = [key for key in keys if key.strip().lower() not in by_key]
        if unknown:
            raise UsageError(
                f"There is no answer to {', '.join(unknown)} in {overrides}.",
                "`valuation review list` shows those there are.",
            )
        found = [by_key[key.strip().lower()] for key in dict.fromkeys(keys)]
        taken_back = [Answer(texts=answer.texts, by=by, on=on, why=why) for answer in found]
        keep(overrides, kept.with_entries(taken_back))
    return found
