"""The classifier: chances add up, nothing in its file is trusted, and faults are named."""

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
    Model,
    calibrated,
    is_readable,
)
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


class Halving:
    """A calibration that halves every chance."""

    def predict(self, chances):
        return chances / 2


def test_calibration_keeps_the_order_and_gives_the_rest_its_share():
    raw = np.array([[0.8, 0.15, 0.0], [0.4, 0.4, 0.2]])
    out = calibrated(raw, Halving())
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


def test_a_model_that_is_not_the_one_of_its_card_is_refused(copied):
    stored = bytearray((copied / MODEL_FILE).read_bytes())
    stored[len(stored) // 2] ^= 1
    (copied / MODEL_FILE).write_bytes(bytes(stored))
    with pytest.raises(ModelError, match="is not the model of its card"):
        _ = Model(copied).classifier


def test_a_missing_model_or_card_is_named_with_the_way_on(copied):
    (copied / MODEL_FILE).unlink()
    with pytest.raises(ModelError, match=r"classifier.skops cannot be read.*model train"):
        _ = Model(copied).classifier
    (copied / CARD_FILE).write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match=r"card.json cannot be read"):
        _ = Model(copied).card


class Trap:
    """Runs when it is unpickled."""

    def __reduce__(self):
        return (print, ("a stored model ran code",))


def test_nothing_but_known_types_is_loaded(copied, capsys):
    import hashlib

    import skops.io

    stored = skops.io.dumps({"kind": Trap()})
    (copied / MODEL_FILE).write_bytes(stored)
    card = json.loads((copied / CARD_FILE).read_text())
    card["model_sha256"] = hashlib.sha256(stored).hexdigest()
    (copied / CARD_FILE).write_text(json.dumps(card))
    with pytest.raises(ModelError, match="cannot be loaded"):
        _ = Model(copied).classifier
    assert "ran code" not in capsys.readouterr().out


def test_the_card_is_of_the_data_that_is_here(tables, model):
    from valuation.identity.model.training import training_hash

    assert model.card["data_sha256"] == training_hash(tables), "run `valuation model train`"


def test_nothing_heavy_is_imported_while_patterns_answer():
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from valuation.tables import load_tables\n"
        "from valuation.identity import identify\n"
        "from tests.identity.conftest import item_frame\n"
        "out = identify(item_frame(['ST4000NM0033', 'SSDSC2BB480G4']), load_tables())\n"
        "assert out.items['method'].is_in(['grammar', 'catalogue']).all()\n"
        "assert not {'sklearn', 'skops', 'scipy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
