"""The classifier: what a text that no pattern knows most resembles.

Hashed character n-grams and one linear model per question (kind, form factor, rpm class), fitted
by `training.py` and stored in `models/identity`. scikit-learn is imported when a text is open.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from valuation.errors import ModelError
from valuation.identity.text import ItemText

MODEL_FILE: Final = "classifier.skops"
CARD_FILE: Final = "card.json"
KIND, FORM_FACTOR, RPM = "kind", "form_factor_in", "rpm"
NONE: Final = "none"
"""What a model answers where a text names nothing; its chance is left over."""
QUESTIONS: Final = (KIND, FORM_FACTOR, RPM)
FEATURES: Final = 2**14
"""Places the n-grams of a text are hashed to, and again those of its shape."""
N_GRAMS: Final = (2, 5)
SHAPE_WEIGHT: Final = 0.7
"""Weight of a text's shape (its digits made equal) beside the text itself."""
LONGEST: Final = 200
"""Letters of a text that are looked at."""
SMALLEST: Final = 1e-6
"""No answer is surer, nor more unlikely, than this."""
TRAIN_AGAIN: Final = "Run `valuation model train`."
_DIGIT = re.compile(r"\d")
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


def is_readable(item: ItemText) -> bool:
    """Whether an item says more than its maker, numbers and sizes: letters, or one with a digit."""
    said = (item.core, item.part_number, item.description)
    return any(_NAMED.search(_AMOUNT.sub(" ", text)) for text in said)


def features(texts: Sequence[str]) -> Any:
    """Hashed n-grams of texts and of their shapes, shape (texts, 2 x FEATURES), sparse."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import HashingVectorizer

    hashed = HashingVectorizer(
        analyzer="char_wb",
        ngram_range=N_GRAMS,
        n_features=FEATURES,
        alternate_sign=False,
        lowercase=False,
    )
    shapes = [_DIGIT.sub("0", text) for text in texts]
    return hstack([hashed.transform(texts), SHAPE_WEIGHT * hashed.transform(shapes)]).tocsr()


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
class Classifier:
    """Fitted models by question; `trees` is what is stored: estimators and calibrations."""

    trees: Mapping[str, Any]

    def ask(self, question: str, texts: Sequence[str]) -> Answers:
        """The answers to one question for some texts."""
        return self.answers(question, features(texts))

    def answers(self, question: str, matrix: Any) -> Answers:
        """The answers to one question for some rows of features."""
        tree = self.trees[question]
        classes, chances = raw_chances(tree["model"], matrix)
        return Answers(classes, calibrated(chances, tree["calibration"]))


def raw_chances(model: Any, matrix: Any) -> tuple[tuple[str, ...], Chances]:
    """Answers and the chance of each, one model against the rest each; together at most one."""
    decided = np.asarray(model.decision_function(matrix), dtype=np.float64)
    if decided.ndim == 1:
        decided = np.column_stack([-decided, decided])
    alone = 1 / (1 + np.exp(-decided))
    shares = alone / np.maximum(1.0, alone.sum(axis=1, keepdims=True))
    kept = [n for n, name in enumerate(model.classes_) if name != NONE]
    return tuple(str(model.classes_[n]) for n in kept), np.asarray(shares[:, kept])


def calibrated(chances: Chances, calibration: Any) -> Chances:
    """Chances whose largest is what it turned out to be on strings left out."""
    top = np.clip(chances.max(axis=1), SMALLEST, 1 - SMALLEST)
    seen = np.clip(calibration.predict(top), SMALLEST, 1 - SMALLEST)
    scale = np.where(seen < top, seen / top, (1 - seen) / (1 - top))
    out = chances * scale[:, None]
    out[np.arange(len(top)), chances.argmax(axis=1)] = seen
    return np.asarray(out)


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
        path = self.directory / CARD_FILE
        try:
            card = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(f"{path} cannot be read: {error}.", TRAIN_AGAIN) from error
        if not isinstance(card, dict):
            raise ModelError(f"{path} is no card of a model.", TRAIN_AGAIN)
        return card

    @cached_property
    def classifier(self) -> Classifier:
        """The classifier; nothing in its file is trusted but numbers and scikit-learn's own types.

        Raises:
            ModelError: The file is missing, is not the one of the card, or holds other types.
        """
        import skops.io

        path = self.directory / MODEL_FILE
        try:
            stored = path.read_bytes()
        except OSError as error:
            raise ModelError(f"{path} cannot be read: {error.strerror}.", TRAIN_AGAIN) from error
        if hashlib.sha256(stored).hexdigest() != self.card.get("model_sha256"):
            raise ModelError(f"{path} is not the model of its card.", TRAIN_AGAIN)
        try:
            trees = skops.io.loads(stored, trusted=[])
        except Exception as error:
            raise ModelError(f"{path} cannot be loaded: {error}.", TRAIN_AGAIN) from error
        return Classifier(trees)
