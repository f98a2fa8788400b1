"""The classifier: what a text that no pattern knows most resembles.

Hashed letters (`grams.py`) and one linear model per question (kind, form factor, rpm class), fitted
by `training.py` with scikit-learn. What is read here are plain arrays: no library of models is
imported, and nothing in the file can run.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from valuation.errors import ModelError
from valuation.identity.model.grams import Grams, grams_of
from valuation.identity.text import ItemText
from valuation.model_card import read_card

MODEL_FILE: Final = "classifier.skops"
"""The fitted models as scikit-learn has them, for whoever wants to look into them."""
WEIGHTS_FILE: Final = "weights.npz"
"""Their numbers alone, which is all that is needed to ask them."""
CARD_FILE: Final = "card.json"
KIND, FORM_FACTOR, RPM = "kind", "form_factor_in", "rpm"
NONE: Final = "none"
"""What a model answers where a text names nothing; its chance is left over."""
QUESTIONS: Final = (KIND, FORM_FACTOR, RPM)
LONGEST: Final = 200
"""Letters of a text that are looked at."""
SMALLEST: Final = 1e-6
"""No answer is surer, nor more unlikely, than this."""
AT_ONCE: Final = 1_000
"""Texts whose n-grams are weighed at one time, which bounds the memory."""
SIZE_MARKS: Final = {"ssd": " §§", "hdd": " ¶¶", "hdd ssd": " ¤¤"}
"""What stands behind a text whose code spells a size, by the kinds of drives sold in it."""
TRAIN_AGAIN: Final = "Run `valuation model train`."
_AMOUNT = re.compile(r"(?<![A-Z0-9])(?:\d+ ?X ?)?\d+(?:[.,]\d+)? ?[KMGT]I?B(?![A-Z0-9])")
_NAMED = re.compile(r"[A-Z]{2}|[A-Z]\d|\d[A-Z]")

Chances = npt.NDArray[np.float64]


def words_of(item: ItemText) -> str:
    """The text of an item that the classifier reads: maker, model, part number, description.

    Without a maker known for drives: learnt beside the letters, it named an SSD of a maker of hard
    drives an `hdd` with a chance near one. What it mostly makes is a clue of its own.
    """
    part_number = "" if item.part_number in item.model else item.part_number
    maker = "" if item.maker.upper() in item.model else item.maker.upper()
    is_bare = item.is_of_drives and item.core
    model = item.core if is_bare else f"{maker} {item.model}".strip()
    parts = (model, part_number, item.description)
    return " | ".join(p for p in parts if p)[:LONGEST]


def unmarked(text: str) -> str:
    """A text without the mark of its size.

    >>> unmarked("QZ032GXY §§")
    'QZ032GXY'
    """
    return next((text.removesuffix(m) for m in SIZE_MARKS.values() if text.endswith(m)), text)


def is_readable(item: ItemText) -> bool:
    """Whether an item says more than its maker, numbers and sizes: letters, or one with a digit."""
    said = (item.core, item.part_number, item.description)
    return any(_NAMED.search(_AMOUNT.sub(" ", text)) for text in said)


@dataclass(frozen=True)
class Answers:
    """What the classifier says of some texts.

    Attributes:
        classes: Possible answers.
        chances: Calibrated chance of each, shape (texts, classes); what is left to one is the
            chance that it is none of them. [1]
    """

    classes: tuple[str, ...]
    chances: Chances

    def best(self, text: int, at_least: float) -> list[tuple[str, float]]:
        """The answers for one text that have a chance, the likeliest first."""
        row = self.chances[text]
        order = np.argsort(-row, kind="stable")
        return [(self.classes[i], float(row[i])) for i in order if row[i] >= at_least]


@dataclass(frozen=True)
class Calibration:
    """How often an answer of a chance turned out to be right: points of a rising line.

    Attributes:
        said: Chances, rising, shape (points,). [1]
        seen: Share that was right at each, same shape. [1]
    """

    said: Chances
    seen: Chances

    def of(self, chances: Chances) -> Chances:
        """The share that is right at some chances, same shape. [1]"""
        return np.interp(chances, self.said, self.seen)


@dataclass(frozen=True)
class Question:
    """A fitted model of one question: each answer against the rest.

    Attributes:
        classes: Possible answers, that of none of them among them.
        weights: Weight of each place for each answer, shape (places, answers).
        bias: Score of an empty text, shape (answers,).
        calibration: How often its largest chance was right on strings left out.
    """

    classes: tuple[str, ...]
    weights: npt.NDArray[np.float32]
    bias: Chances
    calibration: Calibration

    def scores(self, grams: Grams) -> Chances:
        """Score of each answer for each text, shape (texts, answers)."""
        out = np.tile(self.bias, (len(grams), 1))
        for first in range(0, len(grams), AT_ONCE):
            starts = grams.starts[first : first + AT_ONCE + 1]
            inside = slice(starts[0], starts[-1])
            begins = starts[:-1] - starts[0]
            has_any = np.diff(starts) > 0
            weighed = self.weights[grams.places[inside]] * grams.values[inside, None]
            if has_any.any():
                sums = np.add.reduceat(weighed, begins[has_any], axis=0, dtype=np.float64)
                out[first : first + AT_ONCE][has_any] += sums
        return out


@dataclass(frozen=True)
class Classifier:
    """Fitted models by question."""

    questions: Mapping[str, Question]

    def ask(self, question: str, texts: Sequence[str]) -> Answers:
        """The answers to one question for some texts."""
        return self.answers(question, grams_of(texts))

    def answers(self, question: str, grams: Grams) -> Answers:
        """The answers to one question for the n-grams of some texts."""
        asked = self.questions[question]
        classes, chances = raw_chances(asked, grams)
        return Answers(classes, calibrated(chances, asked.calibration))


def raw_chances(question: Question, grams: Grams) -> tuple[tuple[str, ...], Chances]:
    """Answers and the chance of each, one model against the rest each; together at most one."""
    alone = 1 / (1 + np.exp(-question.scores(grams)))
    shares = alone / np.maximum(1.0, alone.sum(axis=1, keepdims=True))
    kept = [n for n, name in enumerate(question.classes) if name != NONE]
    return tuple(question.classes[n] for n in kept), np.asarray(shares[:, kept])


def calibrated(chances: Chances, calibration: Calibration) -> Chances:
    """Chances whose largest is what it turned out to be on strings left out."""
    top = np.clip(chances.max(axis=1), SMALLEST, 1 - SMALLEST)
    seen = np.clip(calibration.of(top), SMALLEST, 1 - SMALLEST)
    scale = np.where(seen < top, seen / top, (1 - seen) / (1 - top))
    out = chances * scale[:, None]
    out[np.arange(len(top)), chances.argmax(axis=1)] = seen
    return np.asarray(out)


def weights_bytes(classifier: Classifier) -> bytes:
    """The numbers of a classifier as a file of plain arrays; the same numbers, the same bytes."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, question in classifier.questions.items():
        arrays |= {
            f"{name}/classes": np.array(question.classes),
            f"{name}/weights": question.weights,
            f"{name}/bias": question.bias,
            f"{name}/said": question.calibration.said,
            f"{name}/seen": question.calibration.seen,
        }
    out = io.BytesIO()
    np.savez_compressed(out, allow_pickle=False, **arrays)
    return out.getvalue()


def _question(arrays: Mapping[str, npt.NDArray[Any]], name: str) -> Question:
    return Question(
        classes=tuple(str(one) for one in arrays[f"{name}/classes"]),
        weights=arrays[f"{name}/weights"],
        bias=arrays[f"{name}/bias"],
        calibration=Calibration(arrays[f"{name}/said"], arrays[f"{name}/seen"]),
    )


@dataclass(frozen=True)
class Model:
    """The stored model and its card, read when first asked."""

    directory: Path

    @cached_property
    def card(self) -> dict[str, Any]:
        """What is known of the model: data hash, versions, metrics, chances by method.

        Raises:
            ModelError: There is no card, or it is no JSON object.
        """
        return read_card(self.directory / CARD_FILE, TRAIN_AGAIN)

    @cached_property
    def classifier(self) -> Classifier:
        """The classifier, from plain arrays.

        Raises:
            ModelError: The file is missing, is not the one of the card, or holds anything else.
        """
        stored = self.stored(WEIGHTS_FILE, "weights_sha256")
        path = self.directory / WEIGHTS_FILE
        try:
            with np.load(io.BytesIO(stored), allow_pickle=False) as arrays:
                return Classifier({name: _question(arrays, name) for name in QUESTIONS})
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise ModelError(f"{path} cannot be loaded: {error}.", TRAIN_AGAIN) from error

    def stored(self, name: str, hash_in_card: str) -> bytes:
        """A file of the model, which is the one of its card.

        Raises:
            ModelError: It is missing, or another one.
        """
        path = self.directory / name
        try:
            stored = path.read_bytes()
        except OSError as error:
            raise ModelError(f"{path} cannot be read: {error.strerror}.", TRAIN_AGAIN) from error
        if hashlib.sha256(stored).hexdigest() != self.card.get(hash_in_card):
            raise ModelError(f"{path} is not the model of its card.", TRAIN_AGAIN)
        return stored
