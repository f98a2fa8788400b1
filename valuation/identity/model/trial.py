"""Measuring identity on strings its rules and its classifier have not seen.

Whole series are left out together, and with them the families and grammars that match strings of
that one series only: what exists for a series alone has seen it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from valuation.identity.clues import item_text, pattern_clues
from valuation.identity.confidence import Cell, Confidence, counted, priors
from valuation.identity.decide import Decision, decide
from valuation.identity.demoted import PATTERN_METHODS
from valuation.identity.model import fitting
from valuation.identity.model.classifier import (
    KIND,
    QUESTIONS,
    Answers,
    Calibration,
    Chances,
    calibrated,
    raw_chances,
    words_of,
)
from valuation.identity.model.grams import grams_of
from valuation.identity.model.labelled import COLUMNS, items_of
from valuation.identity.open_texts import (
    Read,
    asked_of,
    believed,
    read_text,
    told_of,
    trait_clues,
    with_traits,
)
from valuation.identity.open_texts import kind_clues as clues_of_answers
from valuation.identity.reference import Reference
from valuation.identity.text import ItemText
from valuation.identity.weighing import weigh
from valuation.tables import Tables

FOLDS: Final = 10
UNCALIBRATED: Final = Calibration(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
"""Where nothing is known yet, a chance is taken as it is."""


@dataclass(frozen=True)
class Said:
    """What a model that has not seen a string says of it: its answers and their raw chances."""

    classes: tuple[str, ...]
    chances: Chances

    def calibrated(self, calibration: Calibration) -> Answers:
        """The answers with calibrated chances, shape (1, classes)."""
        return Answers(self.classes, calibrated(self.chances[None, :], calibration))


@dataclass(frozen=True)
class LeftOut:
    """Every labelled string read without its series, before anything is decided.

    Attributes:
        strings: The labelled strings.
        folds: Part each belongs to, shape (strings,).
        read: Its texts and trusted clues, by the rules that remain.
        said: What the models that remain say of it, by question.
        references: The rules that remain, by fold.
        decoys: Largest chance the remaining models give each decoy, by question; shape (decoys,).
    """

    strings: pl.DataFrame
    folds: npt.NDArray[np.int64]
    read: Sequence[Read]
    said: Mapping[str, Sequence[Said]]
    references: Sequence[Reference]
    decoys: Mapping[str, Chances]

    def calibration(self, question: str, without: int | None = None) -> Calibration:
        """How often the largest chance was right, on all folds or on all but one.

        A decoy has no right answer.
        """
        known, top, is_right = self._seen[question]
        kept = known if without is None else known & (self.folds != without)
        return fitting.calibration(top[kept], is_right[kept], self.decoys[question])

    @cached_property
    def _seen(self) -> dict[str, tuple[npt.NDArray[np.bool_], Chances, npt.NDArray[np.bool_]]]:
        seen = {}
        for question, said in self.said.items():
            labels = fitting.answers_of(self.strings, question)
            best = [s.classes[int(s.chances.argmax())] for s in said]
            seen[question] = (
                np.array([label is not None for label in labels]),
                np.array([s.chances.max() for s in said]),
                np.array([a == b for a, b in zip(best, labels, strict=True)]),
            )
        return seen


@dataclass(frozen=True)
class Trial:
    """Every string decided without its series, and how often each outcome was right."""

    strings: pl.DataFrame
    decisions: Sequence[Decision]
    counts: Mapping[Cell, tuple[int, int]]


def fold_of(series: str) -> int:
    """The part a series is in, by a hash of its name."""
    return int.from_bytes(blake2b(series.encode(), digest_size=4).digest(), "big") % FOLDS


def leave_out(
    strings: pl.DataFrame, tables: Tables, say: Callable[[str], None] = lambda _: None
) -> LeftOut:
    """Read every string by rules and models that have not seen its series."""
    whole = Reference(tables)
    items = _texts(strings, whole)
    folds = np.array([fold_of(series) for series in strings["series"]], dtype=np.int64)
    rules = rules_of_one_series(items, strings["series"].to_list(), whole)
    examples = fitting.example_strings(tables, list(COLUMNS))
    taught = pl.concat([strings, examples])
    texts = [told_of(item, whole) for item in (*items, *_texts(examples, whole))]
    grams, decoys = grams_of(texts), grams_of(fitting.decoys(texts))
    matrix, taught_decoys = fitting.matrix_of(grams), fitting.matrix_of(decoys)
    read: list[Read] = [(item, ()) for item in items]
    said: dict[str, list[Said]] = {q: [Said((), np.zeros(0))] * len(items) for q in QUESTIONS}
    references = []
    fooled = {q: np.zeros(len(decoys)) for q in QUESTIONS}
    for fold in range(FOLDS):
        say(f"part {fold + 1} of {FOLDS}")
        mine = np.flatnonzero(folds == fold)
        without = frozenset(rule for rule, series in rules.items() if fold_of(series) == fold)
        references.append(Reference(tables, without=without))
        for n in mine:
            read[n] = read_text(items[n], references[fold])
        seen = ~taught["series"].is_in(without).to_numpy()
        seen[mine] = False
        for question in QUESTIONS:
            labels = zip(fitting.answers_of(taught, question), seen, strict=True)
            known = [label if kept else None for label, kept in labels]
            unknown = np.arange(len(decoys)) % FOLDS == fold
            model = fitting.fit(matrix, known, taught_decoys[~unknown])
            asked = fitting.question_of(model, UNCALIBRATED)
            mistaken = decoys.rows(np.flatnonzero(unknown))
            fooled[question][unknown] = raw_chances(asked, mistaken)[1].max(axis=1)
            classes, chances = raw_chances(asked, grams.rows(mine))
            for n, row in zip(mine, chances, strict=True):
                said[question][n] = Said(classes, row)
    return LeftOut(strings, folds, read, said, references, fooled)


def words_in(strings: pl.DataFrame, reference: Reference) -> list[str]:
    """The text of each labelled string as the classifier reads it."""
    return [told_of(item, reference) for item in _texts(strings, reference)]


def rules_of_one_series(
    items: Sequence[ItemText], series: Sequence[str], reference: Reference
) -> dict[str, str]:
    """Families and grammars that match strings of one series only, with that series."""
    found: dict[str, set[str]] = {}
    for item, name in zip(items, series, strict=True):
        for clue in pattern_clues(item, reference, []):
            if clue.method in PATTERN_METHODS:
                found.setdefault(f"{clue.method}/{clue.candidate}", set()).add(name)
    return {rule: next(iter(names)) for rule, names in found.items() if len(names) == 1}


def decide_left_out(left: LeftOut, tables: Tables) -> Trial:
    """Decide every string; calibrations and chances come from the other folds."""
    calibrations = {q: [left.calibration(q, fold) for fold in range(FOLDS)] for q in QUESTIONS}
    read: list[Read] = []
    outcomes: list[tuple[Cell, bool] | None] = []
    for n, (item, found) in enumerate(left.read):
        fold = int(left.folds[n])
        text = asked_of(item, found, left.references[fold])
        answers = left.said[KIND][n].calibrated(calibrations[KIND][fold])
        said = clues_of_answers(answers, [text])[text] if text else ()
        clues = (*found, *believed(item, found, said))
        read.append((item, clues))
        weighed = weigh(item, clues, left.references[fold])
        is_right = weighed is not None and weighed.kind == left.strings["kind"][n]
        outcomes.append((weighed.cell, is_right) if weighed else None)
    references = _references(left, outcomes, tables)
    decisions = [
        _decided(n, one, left, references[int(left.folds[n])], calibrations)
        for n, one in enumerate(read)
    ]
    return Trial(left.strings, decisions, counted(o for o in outcomes if o))


def _references(
    left: LeftOut, outcomes: Sequence[tuple[Cell, bool] | None], tables: Tables
) -> list[Reference]:
    """The rules of each fold with the chances that the other folds tell."""
    prior = priors(tables)
    told = [
        counted(o for o, f in zip(outcomes, left.folds, strict=True) if o and f != fold)
        for fold in range(FOLDS)
    ]
    return [
        reference.with_confidence(Confidence(prior, counts))
        for reference, counts in zip(left.references, told, strict=True)
    ]


def _decided(
    n: int,
    read: Read,
    left: LeftOut,
    reference: Reference,
    calibrations: Mapping[str, Sequence[Calibration]],
) -> Decision:
    item, clues = read
    fold = int(left.folds[n])
    decision = decide(item, clues, reference)
    answers = {q: left.said[q][n].calibrated(calibrations[q][fold]) for q in QUESTIONS}
    text = words_of(item)
    return with_traits(decision, trait_clues(answers, [text])[text], reference)


def _texts(strings: pl.DataFrame, reference: Reference) -> list[ItemText]:
    return [item_text(row, reference) for row in items_of(strings).iter_rows(named=True)]
