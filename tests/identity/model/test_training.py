"""Training: the same rows give the same model, and what is measured was not seen."""

import json
import re
from types import SimpleNamespace

import polars as pl
import pytest

from valuation.identity.model import fitting, trial
from valuation.identity.model.classifier import SIZE_MARKS, unmarked
from valuation.identity.model.labelled import COLUMNS, labelled_strings
from valuation.identity.model.training import largest_difference, seen, train, training_hash
from valuation.identity.reference import Reference


@pytest.mark.long
def test_the_committed_model_is_what_training_gives(tables, tmp_path):
    card = train(tables, tmp_path)
    committed = json.loads((tables.models / "identity" / "card.json").read_text(encoding="utf-8"))
    assert largest_difference(tables, tmp_path, tables.models / "identity") <= 1e-6
    assert card["data_sha256"] == committed["data_sha256"] == training_hash(tables)
    assert card["left_out"]["drives"] == committed["left_out"]["drives"]
    assert card["confidence"] == committed["confidence"]


def test_the_model_is_trained_again_when_the_rules_change(tables):
    committed = json.loads((tables.models / "identity" / "card.json").read_text(encoding="utf-8"))
    told = seen(labelled_strings(tables), Reference(tables))
    assert json.loads(json.dumps(told)) == committed["seen"], "run `valuation model train`"


def test_the_card_meets_what_is_asked_of_drives(tables):
    card = json.loads((tables.models / "identity" / "card.json").read_text(encoding="utf-8"))
    as_is, left = card["seen"], card["left_out"]
    assert as_is["drives"]["right"] >= 0.995 and as_is["drives"]["wrong"] <= 0.003
    assert as_is["capacity"]["right"] >= 0.95 and as_is["capacity"]["wrong"] <= 0.01
    assert left["drives"]["wrong"] <= 0.003 and left["capacity"]["wrong"] <= 0.01
    assert left["rpm_class"]["right_of_answered"] >= 0.95
    assert left["calibration"]["expected_error"] <= 0.02
    for part in ("fan", "psu"):
        assert left["parts"][part]["precision"] >= 0.98


def strings(*rows):
    filled = [dict.fromkeys(COLUMNS) | row for row in rows]
    return pl.DataFrame(filled, schema=COLUMNS)


def test_a_rule_of_one_series_is_left_out_with_it_and_a_wider_one_is_not(tables):
    reference = Reference(tables)
    models = ["CT1000MX500SSD1", "CT500MX500SSD1", "SSDSC2BB480G4"]
    items = trial._texts(
        strings(*({"model": m, "kind": "ssd", "series": m[:2]} for m in models)), reference
    )
    alone = trial.rules_of_one_series(items, ["CT", "CT", "SS"], reference)
    together = trial.rules_of_one_series(items, ["A", "B", "SS"], reference)
    assert any(series == "CT" for series in alone.values())
    shared = {rule for rule, series in alone.items() if series == "CT"} - set(together)
    assert shared  # what matches both Crucial strings exists for no single series of A and B


def test_a_series_is_in_one_part_whatever_else_there_is():
    assert trial.fold_of("S-CT") == trial.fold_of("S-CT")
    parts = {trial.fold_of(f"series {n}") for n in range(300)}
    assert parts == set(range(trial.FOLDS))


def shape_of(text):
    return re.sub("[A-Z]", "A", re.sub("[0-9]", "0", text))


def test_decoys_have_the_letters_or_the_shape_of_real_texts(tables):
    texts = [text.upper() for text in labelled_strings(tables)["model"].drop_nulls()[:400]]
    decoys = fitting.decoys(texts)
    assert decoys == fitting.decoys(texts)
    letters, shapes = {"".join(sorted(text)) for text in texts}, {shape_of(text) for text in texts}
    shuffled = ["".join(sorted(decoy)) in letters for decoy in decoys]
    shaped = [shape_of(decoy) in shapes for decoy in decoys]
    assert all(a or b for a, b in zip(shuffled, shaped, strict=True))
    assert min(sum(shuffled), sum(shaped)) > len(decoys) / 3
    assert sum(decoy in texts for decoy in decoys) < len(decoys) / 10


def test_a_decoy_has_no_size():
    marked = [f"QZ032GXY{n}{SIZE_MARKS['ssd']}" for n in range(8)]
    assert fitting.decoys(marked) == fitting.decoys([unmarked(text) for text in marked])


@pytest.mark.parametrize(
    ("rpm", "name"), [(5400, 5400), (5940, 5400), (7202, 7200), (10500, 10000), (15015, 15000)]
)
def test_speeds_fall_into_their_class(rpm, name):
    assert fitting.rpm_class(rpm) == name


def test_only_hard_drives_teach_form_factor_and_speed():
    rows = strings(
        {"model": "a", "kind": "hdd", "series": "s", "form_factor_in": 3.5, "rpm": 7200},
        {"model": "b", "kind": "ssd", "series": "s", "form_factor_in": 2.5},
        {"model": "c", "kind": "hdd", "series": "s", "form_factor_in": 1.8, "rpm": 4200},
    )
    assert fitting.answers_of(rows, "form_factor_in") == ["3.5", None, None]
    assert fitting.answers_of(rows, "rpm") == ["7200", None, None]
    assert fitting.answers_of(rows, "kind") == ["hdd", "ssd", "hdd"]


def test_a_model_of_two_answers_gives_both_chances():
    import numpy as np

    from valuation.identity.model.classifier import Calibration, raw_chances
    from valuation.identity.model.grams import PLACES, grams_of

    one = SimpleNamespace(coef_=np.zeros((1, 2 * PLACES), np.float32), intercept_=np.array([2.0]))
    two = SimpleNamespace(classes_=np.array(["a", "b"]), estimators_=[one])
    ends = np.array([0.0, 1.0])
    classes, chances = raw_chances(
        fitting.question_of(two, Calibration(ends, ends)), grams_of(["any text", ""])
    )
    assert classes == ("a", "b")
    likely = 1 / (1 + np.exp(-2))
    np.testing.assert_allclose(chances, [[1 - likely, likely]] * 2, atol=1e-6)
