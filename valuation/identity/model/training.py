"""Training: fits the classifier to the labelled strings, measures it, and writes model and card.

Everything the card says is counted anew; nothing in it is typed.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import polars as pl

from valuation.errors import ModelError
from valuation.identity.confidence import Confidence, priors
from valuation.identity.model import fitting, metrics
from valuation.identity.model.classifier import (
    CARD_FILE,
    MODEL_FILE,
    QUESTIONS,
    TRAIN_AGAIN,
    WEIGHTS_FILE,
    Classifier,
    Model,
    weights_bytes,
)
from valuation.identity.model.grams import grams_of
from valuation.identity.model.labelled import COLUMNS, TEXTS, items_of, labelled_strings
from valuation.identity.model.trial import decide_left_out, leave_out, words_in
from valuation.identity.open_texts import decide_all, read_item
from valuation.identity.reference import Reference
from valuation.tables import Tables

LIBRARIES: Final = ("numpy", "scikit-learn", "scipy", "skops")
MOST_NAMED: Final = 40
"""Wrong answers the card names."""
LEARNT_FROM: Final = "identity/"
"""Where the tables lie that training reads."""

KERNELS: Final = {"OPENBLAS_CORETYPE": "Haswell"}
"""What the solver stops at depends on how sums are rounded, which differs from one processor to the
next; these kernels run on every one of the last ten years and round alike on all."""
_TRAIN: Final = """
import sys
sys.path[:] = sys.argv[4:]
from pathlib import Path
from valuation.identity.model.training import train
from valuation.tables import load_tables
data, models, out = map(Path, sys.argv[1:4])
train(load_tables(data, models), out, lambda words: print(words, flush=True))
"""

Said = Callable[[str], None]


def train(tables: Tables, directory: Path, say: Said = lambda _: None) -> dict[str, Any]:
    """Fit, measure and store the classifier: in a process of its own, to be alike on all machines.

    Args:
        tables: The reference data; its labelled strings are learnt.
        directory: Where model and card are written.
        say: Is told what happens.

    Returns:
        The card.

    Raises:
        TableError: A table breaks its description.
        ModelError: The process did not come to an end.
        OSError: Model or card cannot be written.
    """
    if all(os.environ.get(name) == kernel for name, kernel in KERNELS.items()):
        return _trained(tables, directory, say)
    labelled_strings(tables)  # what is wrong with it is told here
    places = map(str, (tables.directory, tables.models, directory))
    with subprocess.Popen(  # noqa: S603 - this program itself, in its own words
        [sys.executable, "-c", _TRAIN, *places, *sys.path],
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, **KERNELS, "PYTHONIOENCODING": "utf-8"},
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            say(line.rstrip("\n"))
    if process.returncode:
        raise ModelError(f"Training ended with code {process.returncode}, before it was done.")
    return Model(directory).card


def _trained(tables: Tables, directory: Path, say: Said) -> dict[str, Any]:
    import skops.io

    strings = labelled_strings(tables)
    say(f"{len(strings):,} labelled strings of {strings['series'].n_unique():,} series")
    left = leave_out(strings, tables, say)
    trial = decide_left_out(left, tables)
    say("fitting the model that is stored")
    taught = pl.concat([strings, fitting.example_strings(tables, list(COLUMNS))])
    texts = words_in(taught, Reference(tables))
    matrix = fitting.matrix_of(grams_of(texts))
    decoys = fitting.matrix_of(grams_of(fitting.decoys(texts)))
    models = {q: fitting.fit(matrix, fitting.answers_of(taught, q), decoys) for q in QUESTIONS}
    questions = {q: fitting.question_of(models[q], left.calibration(q)) for q in QUESTIONS}
    classifier = Classifier(questions)
    files = {
        MODEL_FILE: skops.io.dumps(models, compression=8, compresslevel=9),
        WEIGHTS_FILE: weights_bytes(classifier),
    }
    confidence = Confidence(priors(tables), trial.counts)
    outcome = metrics.outcomes(strings, trial.decisions)
    card = {
        "model": "kind, form factor and rpm class of texts that no family and no grammar names",
        "method": "hashed character n-grams, one logistic model against the rest per answer",
        "data_sha256": training_hash(tables),
        "model_sha256": hashlib.sha256(files[MODEL_FILE]).hexdigest(),
        "weights_sha256": hashlib.sha256(files[WEIGHTS_FILE]).hexdigest(),
        "versions": {name: version(name) for name in LIBRARIES},
        "strings": {str(k): n for k, n in strings["kind"].value_counts().sort("kind").rows()},
        "series": strings["series"].n_unique(),
        "left_out": metrics.figures(outcome),
        "seen": seen(strings, Reference(tables).with_model(classifier, confidence)),
        "confidence": confidence.rows(),
        "known_weaknesses": weaknesses(outcome),
    }
    directory.mkdir(parents=True, exist_ok=True)
    files[CARD_FILE] = (json.dumps(card, indent=1, ensure_ascii=False) + "\n").encode("utf-8")
    for name, content in files.items():
        beside = directory / f".{name}"
        beside.write_bytes(content)
        beside.replace(directory / name)
    return card


def seen(strings: pl.DataFrame, reference: Reference) -> dict[str, Any]:
    """Figures of what rules and model say of strings they have seen."""
    return metrics.figures(metrics.outcomes(strings, _plain(strings, reference)))


def evaluate(strings: pl.DataFrame, tables: Tables, say: Said = lambda _: None) -> dict[str, Any]:
    """Figures on other labelled strings: as they are, and with their series left out.

    The strings of the reference data are taught beside them but not measured; where a text is in
    both, the series given counts.
    """
    own = labelled_strings(tables).join(strings, on=list(TEXTS), how="anti", nulls_equal=True)
    both = pl.concat([strings, own])
    left = leave_out(both, tables, say)
    outcome = metrics.outcomes(both, decide_left_out(left, tables).decisions)[: len(strings)]
    sized = metrics.outcomes(strings, _plain(strings, Reference(tables), with_capacity=True))
    column = {"capacity_with_column": metrics.figures(sized)["capacity"]}
    return {
        "as_it_is": seen(strings, Reference(tables)) | column,
        "left_out": metrics.figures(outcome),
        "weaknesses": weaknesses(outcome),
    }


def largest_difference(tables: Tables, one: Path, other: Path) -> float:
    """The largest difference between the chances two stored models give the labelled strings.

    Raises:
        ModelError: One of them cannot be loaded.
    """
    grams = grams_of(words_in(labelled_strings(tables), Reference(tables)))
    worst = 0.0
    for question in QUESTIONS:
        a, b = (Model(place).classifier.answers(question, grams) for place in (one, other))
        if a.classes != b.classes:
            return 1.0
        worst = max(worst, float(abs(a.chances - b.chances).max()))
    return worst


def fitted_models(model: Model) -> dict[str, Any]:
    """The fitted models by question, as scikit-learn has them, for whoever looks into them.

    Raises:
        ModelError: Their file is missing, is not the one of the card, or holds other types than
            numbers and scikit-learn's own: none other is loaded.
    """
    import skops.io

    stored = model.stored(MODEL_FILE, "model_sha256")
    try:
        models: dict[str, Any] = skops.io.loads(stored, trusted=[])
    except Exception as error:
        reason = f"{model.directory / MODEL_FILE} cannot be loaded: {error}."
        raise ModelError(reason, TRAIN_AGAIN) from error
    return models


def training_hash(tables: Tables) -> str:
    """SHA-256 over the tables of identity: what a model was trained on."""
    digest = hashlib.sha256()
    for resource in tables.description["resources"]:
        if resource["path"].startswith(LEARNT_FROM):
            digest.update((tables.directory / resource["path"]).read_bytes())
    return digest.hexdigest()


def weaknesses(outcome: pl.DataFrame) -> dict[str, Any]:
    """Kinds that are least often right, and strings that were named wrongly."""
    kinds = outcome.group_by("kind").agg(
        cases=pl.len(),
        right=pl.col("is_right").mean().round(4),
        open=pl.col("is_open").mean().round(4),
    )
    wrong = outcome.filter(~pl.col("is_right") & ~pl.col("is_open")).sort(
        "confidence", *TEXTS, descending=[True, False, False, False, False]
    )
    text = pl.concat_str([pl.col(c) for c in TEXTS], separator=" | ", ignore_nulls=True)
    return {
        "least_often_right": kinds.sort("right", "kind").head(5).to_dicts(),
        "wrong": wrong.select(text=text.str.slice(0, 120), kind="kind", found="found",
                              chance="confidence").head(MOST_NAMED).to_dicts(),
        "wrong_in_all": len(wrong),
    }  # fmt: skip


def _plain(
    strings: pl.DataFrame, reference: Reference, *, with_capacity: bool = False
) -> list[Any]:
    rows = items_of(strings, with_capacity=with_capacity).iter_rows(named=True)
    return decide_all([read_item(row, reference) for row in rows], reference)
