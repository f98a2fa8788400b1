"""The classifier: chances add up, nothing in its file is trusted, and faults are named."""

import hashlib
import io
import json
import shutil

import numpy as np
import pytest

from valuation.errors import ModelError
from valuation.identity.model.classifier import (
    CARD_FILE,
    KIND,
    MODEL_FILE,
    QUESTIONS,
    WEIGHTS_FILE,
    Calibration,
    Model,
    calibrated,
    is_readable,
)
from valuation.identity.model.fitting import matrix_of, question_of
from valuation.identity.model.grams import grams_of
from valuation.identity.model.training import fitted_models
from valuation.identity.text import ItemText

TEXTS = ["SEAGATE ST4000NM0033", "QZ-WHATEVER 17", "Cisco | PWR-UNKNOWN-1100WAC", "Fan 3 speed"]


@pytest.fixture(scope="module")
def model(tables):
    return Model(tables.models / "identity")


@pytest.mark.parametrize("question", QUESTIONS)
def test_chances_are_chances_and_leave_room_for_none_of_them(model, question):
    chances = model.classifier.ask(question, TEXTS).chances
    assert chances.shape[0] == len(TEXTS)
    assert (chances >= 0).all()
    assert (chances.sum(axis=1) <= 1 + 1e-9).all()


def test_a_text_is_answered_the_same_alone_and_among_others(model):
    alone = model.classifier.ask(KIND, TEXTS[:1]).chances[0]
    among = model.classifier.ask(KIND, TEXTS).chances[0]
    np.testing.assert_allclose(alone, among, atol=1e-12)


def test_calibration_keeps_the_order_and_gives_the_rest_its_share():
    raw = np.array([[0.8, 0.15, 0.0], [0.4, 0.4, 0.2]])
    out = calibrated(raw, Calibration(np.array([0.0, 1.0]), np.array([0.0, 0.5])))
    assert out[0].argmax() == 0
    np.testing.assert_allclose(out[0], [0.4, 0.075, 0.0])
    assert (out.sum(axis=1) <= 1).all()


def test_numbers_sizes_and_a_maker_alone_are_no_text_to_ask_about():
    def said(**texts):
        blank = dict.fromkeys(("maker", "model", "core", "part_number", "description"), "")
        return ItemText(item_id=1, type_word="", capacity="", **(blank | texts))

    assert not is_readable(said(model="12345 - 99.5", core="12345 - 99.5"))
    assert not is_readable(said(model="4X32GB", core="4X32GB"))
    assert not is_readable(said(maker="Seagate", model="SEAGATE"))
    assert is_readable(said(model="ST4000", core="ST4000"))
    assert is_readable(said(description="BR 64GB"))


@pytest.fixture
def copied(tables, tmp_path):
    shutil.copytree(tables.models / "identity", tmp_path / "identity")
    return tmp_path / "identity"


@pytest.mark.parametrize("name", [WEIGHTS_FILE, MODEL_FILE])
def test_a_model_that_is_not_the_one_of_its_card_is_refused(copied, name):
    stored = bytearray((copied / name).read_bytes())
    stored[len(stored) // 2] ^= 1
    (copied / name).write_bytes(bytes(stored))
    with pytest.raises(ModelError, match="is not the model of its card"):
        _ = READERS[name](Model(copied))


def test_a_missing_model_or_card_is_named_with_the_way_on(copied):
    (copied / WEIGHTS_FILE).unlink()
    with pytest.raises(ModelError, match=r"weights.npz cannot be read.*model train"):
        _ = Model(copied).classifier
    (copied / CARD_FILE).write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match=r"card.json cannot be read"):
        _ = Model(copied).card


class Trap:
    """Runs when it is unpickled."""

    def __reduce__(self):
        return (print, ("a stored model ran code",))


READERS = {WEIGHTS_FILE: lambda model: model.classifier, MODEL_FILE: fitted_models}
HASHES = {WEIGHTS_FILE: "weights_sha256", MODEL_FILE: "model_sha256"}


def skops_trap():
    import skops.io

    return skops.io.dumps({"kind": Trap()})


def numpy_trap():
    out = io.BytesIO()
    np.savez(out, **{"kind/classes": np.array([Trap()], dtype=object)})
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "trap"),
    [(MODEL_FILE, skops_trap), (WEIGHTS_FILE, numpy_trap), (WEIGHTS_FILE, lambda: b"no archive")],
)
def test_nothing_but_known_types_is_loaded(copied, capsys, name, trap):
    stored = trap()
    (copied / name).write_bytes(stored)
    card = json.loads((copied / CARD_FILE).read_text())
    card[HASHES[name]] = hashlib.sha256(stored).hexdigest()
    (copied / CARD_FILE).write_text(json.dumps(card))
    with pytest.raises(ModelError, match="cannot be loaded"):
        _ = READERS[name](Model(copied))
    assert "ran code" not in capsys.readouterr().out


def test_the_weights_are_those_of_the_models_as_the_library_has_them(model):
    fitted = fitted_models(model)
    grams = grams_of(TEXTS)
    for name, question in model.classifier.questions.items():
        again = question_of(fitted[name], question.calibration)
        assert again.classes == question.classes
        np.testing.assert_array_equal(again.weights, question.weights)
        decided = fitted[name].decision_function(matrix_of(grams))
        np.testing.assert_allclose(question.scores(grams), decided, atol=1e-5)


def test_the_card_is_of_the_data_that_is_here(tables, model):
    from valuation.identity.model.training import training_hash

    assert model.card["data_sha256"] == training_hash(tables), "run `valuation model train`"


def test_no_library_of_models_is_imported_to_ask_one():
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from valuation.tables import load_tables\n"
        "from valuation.identity.model.classifier import KIND, Model\n"
        "model = Model(load_tables().models / 'identity')\n"
        "assert model.classifier.ask(KIND, ['SSDLIKE 240GB']).chances.shape[0] == 1\n"
        "assert not {'sklearn', 'skops', 'scipy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
