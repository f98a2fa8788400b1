"""Answers: what a person says an item is, read from a row of cells, every fault in it named."""

import datetime
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Final

from valuation.frames import RAW_TEXTS, item_id
from valuation.identity.cells import (
    ATTRIBUTES,
    Fault,
    Limits,
    read_day,
    read_number,
    read_yes_or_no,
    words,
)
from valuation.identity.text import clean
from valuation.sheet import unguarded
from valuation.tables import Tables
from valuation.units import KINDS

ITEM: Final = "item"
PROGRAM_KIND: Final = "program_kind"
KIND: Final = "reviewed_kind"
ANSWER_COLUMNS: Final = (
    KIND,
    "reviewed_class",
    "reviewed_manufacturer",
    "reviewed_family",
    *(f"reviewed_{name}" for name in ATTRIBUTES),
    "reviewed_counted",
)
"""Columns that say what an item is."""
SIGNED_COLUMNS: Final = ("reviewed_by", "reviewed_on", "reviewed_why")
"""Columns that say who said so, when and why."""
REVIEWED_COLUMNS: Final = (*ANSWER_COLUMNS, *SIGNED_COLUMNS)
MOST_CHARACTERS: Final = 1_000
"""Longest text a person's cell may hold."""

_ITEM_KEY: Final = re.compile(r"item-[0-9a-f]{16}")
_MOST_READINGS: Final = 4_096


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a person says one item is.

    Attributes:
        texts: The six raw texts of the item.
        program_kind: What the program took it for when the person was asked; may be empty.
        kind: What it is; empty where an earlier answer is taken back.
        pieces: Pieces one unit of quantity stands for.
        counted: Whether it adds units; None leaves it to what it is.
    """

    texts: tuple[str, ...]
    by: str
    on: datetime.date
    why: str
    program_kind: str = ""
    kind: str = ""
    item_class: str | None = None
    manufacturer: str | None = None
    family: str | None = None
    form_factor_in: float | None = None
    capacity_gb: float | None = None
    rpm: int | None = None
    power_w: float | None = None
    fan_size_mm: int | None = None
    u_height: float | None = None
    pieces: int | None = None
    counted: bool | None = None

    @property
    def item_id(self) -> int:
        """Key of the item."""
        return item_id(self.texts)

    @property
    def said(self) -> tuple[Any, ...]:
        """What is said of the item: two answers that agree in it say the same."""
        names = [field.name for field in fields(self)]
        return tuple(getattr(self, name) for name in names[names.index("kind") :])

    def cells(self) -> dict[str, str]:
        """The answer as cells, from which `read_answer` makes it again."""
        shown = {
            KIND: self.kind,
            "reviewed_class": self.item_class,
            "reviewed_manufacturer": self.manufacturer,
            "reviewed_family": self.family,
            "reviewed_counted": {True: "yes", False: "no", None: None}[self.counted],
            "reviewed_by": self.by,
            "reviewed_on": self.on.isoformat(),
            "reviewed_why": self.why,
        }
        for name in ATTRIBUTES:
            number = getattr(self, name)
            shown[f"reviewed_{name}"] = None if number is None else f"{number:.12g}"
        return {
            ITEM: item_key(self.item_id),
            **dict(zip(RAW_TEXTS, self.texts, strict=True)),
            PROGRAM_KIND: self.program_kind,
            **{name: text or "" for name, text in shown.items()},
        }


def item_key(number: int) -> str:
    """An item's id as a text that every spreadsheet program leaves as it is.

    >>> item_key(5098087774629860042)
    'item-46c00bd1f89312ca'
    """
    return f"item-{number:016x}"


@dataclass(frozen=True)
class AnswerRules:
    """What may stand in the cells of an answer."""

    tables: Tables

    @cached_property
    def kind_of_class(self) -> dict[str, str]:
        """The kind of each item class."""
        return dict(self.tables.frame("item_class").select("item_class", "kind").iter_rows())

    @cached_property
    def limits(self) -> Limits:
        """Lowest and highest number of an attribute of a kind."""
        rows = self.tables.frame("review_limit").iter_rows(named=True)
        return {(row["attribute"], row["kind"]): (row["low"], row["high"]) for row in rows}

    @cached_property
    def kind_of_word(self) -> dict[str, str]:
        """The kind a word of ordinary language names."""
        rows = self.tables.frame("type_word").iter_rows(named=True)
        return {clean(row["word"]): row["kind"] for row in rows}


def is_filled(cells: Mapping[str, str]) -> bool:
    """Whether a row says what its item is; a name and a date alone say nothing."""
    return any(cells.get(column, "").strip() for column in ANSWER_COLUMNS)


def read_answer(
    cells: Mapping[str, str], rules: AnswerRules, today: datetime.date
) -> Answer | list[Fault]:
    """The answer of one row, or everything that is wrong with it.

    Args:
        cells: Cells by column.
        rules: What may stand in them.
        today: The day of an answer without one, and the latest one may have.
    """
    faults: list[Fault] = []

    def sound(found: Any) -> Any:
        if isinstance(found, Fault):
            faults.append(found)
        return None if isinstance(found, Fault) else found

    given = {name: words(cells.get(name, "")) for name in REVIEWED_COLUMNS}
    texts = sound(read_texts(cells))
    kind = sound(_kind(given[KIND], rules))
    told = {"item_class": sound(_item_class(given["reviewed_class"], kind, rules))}
    for name in ATTRIBUTES:
        if kind and given[f"reviewed_{name}"]:
            told[name] = sound(read_number(name, given[f"reviewed_{name}"], kind, rules.limits))
    told["counted"] = sound(_counted(given["reviewed_counted"], kind))
    on = sound(read_day("reviewed_on", given["reviewed_on"], today))
    faults += unsigned(given)
    faults += [
        Fault(name, text, f"is longer than {MOST_CHARACTERS:,} characters.", "Say it shorter.")
        for name, text in given.items()
        if len(text) > MOST_CHARACTERS
    ]
    if faults:
        return faults
    return Answer(
        texts=texts,
        program_kind=words(cells.get(PROGRAM_KIND, "")),
        kind=kind,
        manufacturer=given["reviewed_manufacturer"] or None,
        family=given["reviewed_family"] or None,
        by=given["reviewed_by"],
        on=on,
        why=given["reviewed_why"],
        **told,
    )


def unsigned(cells: Mapping[str, str]) -> list[Fault]:
    """What is missing of who says so and why."""
    asked = {
        "reviewed_by": ("does not say who says so.", "Fill in a name, or give --by NAME."),
        "reviewed_why": ("does not say why.", "Fill in what was seen, or give --why TEXT."),
    }
    return [
        Fault(name, "", *said) for name, said in asked.items() if not words(cells.get(name, ""))
    ]


def read_texts(cells: Mapping[str, str]) -> tuple[str, ...] | Fault:
    """The six raw texts of a row, which its item key proves.

    A program that saved the row may have taken apostrophes away or changed line ends; of what the
    cells can have been, the texts that have the key are taken.
    """
    there = [cells.get(name, "") for name in RAW_TEXTS]
    plain = tuple(unguarded(cell) for cell in there)
    key = cells.get(ITEM, "").strip().lower()
    if not key:
        if plain[1] or plain[2]:
            return plain
        hint = "Leave the column as it was exported, or fill in model_raw or part_number_raw."
        return Fault(ITEM, "", "names no item, and there is no model or part number.", hint)
    if not _ITEM_KEY.fullmatch(key):
        return Fault(ITEM, key, "is no key of an item.", "Leave the column as it was exported.")
    for texts in _readings(there, plain):
        if item_key(item_id(texts)) == key:
            return texts
    return Fault(
        ITEM,
        key,
        "is not the key of the texts beside it: a cell of the columns ending in _raw was changed.",
        "Put the text back, or export again and fill in only columns that begin with reviewed_.",
    )


def _readings(cells: list[str], plain: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """What the texts of a row can have been, the likeliest first."""
    choices = [
        list(
            dict.fromkeys(
                text.replace("\r\n", "\n").replace("\n", line_end) if line_end else text
                for line_end in ("", "\n", "\r\n", "\r")
                for text in pair
            )
        )
        for pair in zip(plain, cells, strict=True)
    ]
    yield from itertools.islice(itertools.product(*choices), _MOST_READINGS)


def _kind(text: str, rules: AnswerRules) -> str | Fault:
    if not text:
        hint = "Fill in what it is, or empty the rest of the row."
        return Fault(KIND, "", "does not say what the item is, though the row is filled in.", hint)
    name = re.sub(r"[ -]+", "_", text.casefold())
    if name in KINDS:
        return name
    meant = rules.kind_of_word.get(clean(text)) or next(
        iter(get_close_matches(name, KINDS, n=1)), ""
    )
    hint = f"Did you mean `{meant}`?" if meant else f"Kinds are: {', '.join(KINDS)}."
    return Fault(KIND, text, "is no kind.", hint)


def _item_class(text: str, kind: str | None, rules: AnswerRules) -> str | Fault | None:
    name = text.casefold()
    if not name or kind is None or rules.kind_of_class.get(name) == kind:
        return name or None
    own = [known for known, its_kind in rules.kind_of_class.items() if its_kind == kind]
    near = get_close_matches(name, own, n=1)
    hint = f"Classes of {kind} are: {', '.join(own)}." if own else "Leave it empty."
    hint = f"Did you mean `{near[0]}`?" if near else hint
    other = rules.kind_of_class.get(name)
    reason = f"is a class of {other}, not of {kind}." if other else f"is no class of {kind}."
    return Fault("reviewed_class", text, reason, hint)


def _counted(text: str, kind: str | None) -> bool | Fault | None:
    found = read_yes_or_no("reviewed_counted", text)
    if found is False and kind not in (None, "other"):
        hint = "Say `other` if it is no part, such as an empty bay or a sensor."
        return Fault("reviewed_counted", text, f"would leave out what is a {kind}.", hint)
    return found
