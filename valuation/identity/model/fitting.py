"""Fitting the classifier: one linear model against the rest for each answer, on labelled texts.

liblinear's primal solver has no chance in it, so the same rows give the same model.
"""

from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from valuation.identity.model.classifier import (
    KIND,
    NONE,
    RPM,
    Calibration,
    Chances,
    Question,
    unmarked,
)
from valuation.identity.model.grams import PLACES, Grams
from valuation.tables import Tables

COST: Final = 20.0
"""Inverse strength of the penalty; 20 to 500 are equally good on series left out."""
TOLERANCE: Final = 0.01
"""Where the solver stops: a hundredth of this is as good and takes fifteen times as long."""
DECOY_STEP: Final = 4
"""One decoy of each sort for so many texts."""
DECOY_WEIGHT: Final = 0.25
"""Weight of a decoy in the calibration: of nine texts about one says nothing, a dirty export."""
SHORTEST_DECOY: Final = 6
FEWEST: Final = 4
"""An answer with fewer examples is not learnt."""
RPM_CLASSES: Final = (
    (5400, 5000, 6000),
    (7200, 6001, 8000),
    (10000, 9000, 11000),
    (15000, 14000, 16000),
)
"""Nominal speed of a class and the labelled speeds that belong to it. [1/min]"""
FORM_FACTORS: Final = (2.5, 3.5)
_DIGITS: Final = "0123456789"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def rpm_class(rpm: float | None) -> int | None:
    """The nominal speed a spindle speed belongs to; None for none. [1/min]

    >>> rpm_class(5900), rpm_class(15015), rpm_class(3000)
    (5400, 15000, None)
    """
    found = (name for name, low, high in RPM_CLASSES if rpm is not None and low <= rpm <= high)
    return next(found, None)


def answers_of(strings: pl.DataFrame, question: str) -> list[str | None]:
    """The labelled answers to one question; None where the label has none."""
    if question == KIND:
        return strings["kind"].to_list()
    is_drive = strings["kind"] == "hdd"
    values = zip(is_drive, strings[question], strict=True)
    if question == RPM:
        classes = (rpm_class(value) if drive else None for drive, value in values)
        return [str(name) if name else None for name in classes]
    return [f"{value:g}" if drive and value in FORM_FACTORS else None for drive, value in values]


def example_strings(tables: Tables, columns: Sequence[str]) -> pl.DataFrame:
    """Examples of families and grammars as labelled strings; their series is their own row."""
    frames = [
        tables.frame(name).select(
            model="example",
            kind="kind",
            form_factor_in="form_factor_in",
            rpm="rpm",
            series=pl.concat_str(pl.lit(f"{name}/"), key),
        )
        for name, key in (("catalogue", "family_key"), ("grammar", "grammar_id"))
    ]
    found = pl.concat(frames)
    absent = [pl.lit(None).alias(c) for c in columns if c not in found.columns]
    return found.with_columns(absent).select(columns)


def decoys(texts: Sequence[str]) -> list[str]:
    """Texts that name nothing: the letters of real ones in an order of chance, or others instead.

    They teach what is no answer, so that rubbish is not taken for what it has the letters or the
    shape of.
    """
    every = [said for text in texts if len(said := unmarked(text)) >= SHORTEST_DECOY]
    shuffled = [_shuffled(text) for text in every[::DECOY_STEP]]
    return shuffled + [_replaced(text) for text in every[DECOY_STEP // 2 :: DECOY_STEP]]


def _shuffled(text: str) -> str:
    places = sorted(
        range(len(text)), key=lambda n: blake2b(f"{n}/{text}".encode(), digest_size=8).digest()
    )
    return "".join(text[n] for n in places)


def _replaced(text: str) -> str:
    """A text of the same shape with other letters and digits."""
    return "".join(
        _any_of(_DIGITS, n, text) if letter in _DIGITS
        else _any_of(_LETTERS, n, text) if letter in _LETTERS
        else letter
        for n, letter in enumerate(text)
    )  # fmt: skip


def _any_of(letters: str, place: int, text: str) -> str:
    number = int.from_bytes(blake2b(f"{place}/{text}".encode(), digest_size=4).digest(), "big")
    return letters[number % len(letters)]


def matrix_of(grams: Grams) -> Any:
    """The n-grams of texts as scikit-learn takes them, shape (texts, 2 x PLACES), sparse."""
    from scipy.sparse import csr_matrix

    shape = (len(grams), 2 * PLACES)
    return csr_matrix((grams.values.astype(np.float64), grams.places, grams.starts), shape=shape)


def fit(matrix: Any, answers: Sequence[str | None], decoys: Any) -> Any:
    """A model of one question from rows of features and their answers.

    Args:
        matrix: Features, shape (texts, features).
        answers: Label of each text; those without, or with too rare a one, are left out.
        decoys: Features of texts that have no answer, shape (decoys, features).
    """
    from scipy.sparse import vstack
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    counts = Counter(answers)
    rows = [n for n, a in enumerate(answers) if a is not None and counts[a] >= FEWEST]
    labels = np.array([*(answers[n] for n in rows), *[NONE] * decoys.shape[0]])
    model = OneVsRestClassifier(LogisticRegression(C=COST, solver="liblinear", tol=TOLERANCE))
    model.fit(vstack([matrix[rows], decoys]).tocsr(), labels)
    for estimator in model.estimators_:
        estimator.coef_ = estimator.coef_.astype(np.float32)  # half the space, the same answers
    return model


def question_of(model: Any, calibration: Calibration) -> Question:
    """The numbers of a fitted model, which is all that is needed to ask it."""
    weights = np.concatenate([one.coef_ for one in model.estimators_]).T
    bias = np.concatenate([one.intercept_ for one in model.estimators_])
    if len(model.estimators_) < len(model.classes_):  # of two answers one model tells both
        weights, bias = np.hstack([-weights, weights]), np.concatenate([-bias, bias])
    classes = tuple(str(name) for name in model.classes_)
    return Question(classes, np.ascontiguousarray(weights), bias.astype(np.float64), calibration)


def calibration(
    chances: Chances, is_right: npt.NDArray[np.bool_], fooled: npt.NDArray[np.float64]
) -> Calibration:
    """How often the largest chance was right, as a rising function of it.

    Args:
        chances: Largest chance of texts that have an answer, shape (texts,). [1]
        is_right: Whether it was of that answer, same shape.
        fooled: Largest chance of decoys, which have none, shape (decoys,). [1]
    """
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
    # Half a right case at either end keeps it from saying never and always.
    top = np.concatenate([chances, [0.0, 1.0], fooled])
    seen = np.concatenate([is_right.astype(float), [0.5, 0.5], np.zeros(len(fooled))])
    weights = np.concatenate([np.ones(len(chances) + 2), np.full(len(fooled), DECOY_WEIGHT)])
    fitted.fit(top, seen, sample_weight=weights)
    return Calibration(fitted.X_thresholds_, fitted.y_thresholds_)
