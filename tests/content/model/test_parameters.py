"""The stored model: read as written, refused when it is missing, damaged or older than the data."""

import json
import shutil

import pytest

from tests.test_check import damage
from valuation.content.library import load_library
from valuation.content.model.fitting import fit_content
from valuation.content.model.parameters import (
    CARD_FILE,
    PARAMETER_FILE,
    ContentModel,
    FittedParameter,
    evidence_hash,
    parameters_bytes,
    read_card,
    stored_model,
)
from valuation.errors import ModelError
from valuation.tables import data_directory, load_tables

TRAIN = "valuation model train"


@pytest.fixture
def models(tables, tmp_path):
    """A copy of the fitted content model alone."""
    shutil.copytree(tables.models / "content", tmp_path / "models" / "content")
    return tmp_path / "models"


@pytest.fixture
def folder(tmp_path):
    ignored = shutil.ignore_patterns("samples", "identity", "inventory")
    shutil.copytree(data_directory(), tmp_path / "data", ignore=ignored)
    for name in ("identity", "inventory"):
        (tmp_path / "data" / name).symlink_to(data_directory() / name)
    return tmp_path / "data"


def test_the_committed_model_is_fitted_to_the_committed_data(tables):
    """A quick look: a changed row of evidence or prior asks for `valuation model train`."""
    assert read_card(tables.models / "content")["data_sha256"] == evidence_hash(tables)


def test_the_committed_parameters_are_those_the_data_give(tables):
    fitted, stored = fit_content(tables), stored_model(tables)
    assert stored.parameters == fitted.parameters
    assert parameters_bytes(stored) == parameters_bytes(fitted)


@pytest.mark.parametrize(
    ("file", "key", "column", "value"),
    [
        # a source says another number
        ("content/measurement.csv", ("hdd", "PC drives", "2012", "magnet_mass_share"), "value",
         "0.03"),
        # a prior row changes, or a default, or the mass of a desktop drive
        ("content/alloy.csv", ("sintered-voice-coil", "any", "ree_total"), "high", "0.306"),
        ("assumption.csv", ("pooling_tau_scale",), "value", "0.4"),
        ("content/gross_mass.csv", ("hdd-3.5-desktop",), "value", "0.59"),
        ("content/evidence.csv", ("mainboard-pd", "borderstep"), "directness", "direct"),
    ],
)  # fmt: skip
def test_a_model_older_than_its_evidence_is_refused(folder, file, key, column, value):
    damage(folder, file, key, column, value)
    with pytest.raises(ModelError, match="fitted to other evidence") as refused:
        load_library(load_tables(folder))
    assert TRAIN in refused.value.hint


@pytest.mark.parametrize(
    ("file", "key", "column", "value"),
    [
        # other rows, and words, make no figure of the fit
        ("content/gross_mass.csv", ("server-1u",), "value", "17.5"),
        ("assumption.csv", ("vat_china",), "value", "0.12"),
        ("content/measurement.csv", ("hdd", "PC drives", "2012", "magnet_mass_share"), "note",
         "Read again"),
        ("content/alloy.csv", ("sintered-voice-coil", "any", "ree_total"), "owner", "trader"),
    ],
)  # fmt: skip
def test_what_the_fit_does_not_read_leaves_the_model_valid(folder, file, key, column, value):
    damage(folder, file, key, column, value)
    assert stored_model(load_tables(folder)).parameters


@pytest.mark.parametrize("name", [PARAMETER_FILE, CARD_FILE])
def test_a_missing_file_is_named_with_what_to_do(models, name):
    (models / "content" / name).unlink()
    with pytest.raises(ModelError, match=f"{name} cannot be read") as refused:
        stored_model(load_tables(models=models))
    assert TRAIN in refused.value.hint


def test_a_parameter_changed_by_hand_is_refused(models):
    file = models / "content" / PARAMETER_FILE
    file.write_text(file.read_text().replace("14.", "15."))
    with pytest.raises(ModelError, match=r"is not the model of its card.*model train"):
        stored_model(load_tables(models=models))


@pytest.mark.parametrize("text", ["not json", "[1]"])
def test_a_card_that_is_none_is_refused(models, text):
    (models / "content" / CARD_FILE).write_text(text)
    with pytest.raises(ModelError, match=r"card.json.*model train"):
        stored_model(load_tables(models=models))


def test_parameters_of_other_columns_are_refused_even_with_their_hash(models):
    import hashlib

    content = b"table_name,row_key\nalloy,x\n"
    (models / "content" / PARAMETER_FILE).write_bytes(content)
    card = read_card(models / "content")
    card["parameters_sha256"] = hashlib.sha256(content).hexdigest()
    (models / "content" / CARD_FILE).write_text(json.dumps(card))
    with pytest.raises(ModelError, match=r"parameters.csv cannot be read.*model train"):
        stored_model(load_tables(models=models))


def test_a_fitted_number_without_its_row_is_refused(tables):
    stray = FittedParameter("alloy", "samarium", 1.0, None, None, "exact", "1", 2, 0.1, ())
    with pytest.raises(ModelError, match=r"samarium, no row of alloy.csv"):
        ContentModel((stray,)).rows(tables, "alloy")


def test_a_fitted_row_lists_its_sources_and_is_derived_others_keep_their_own(tables):
    rows = {
        r["item_class"]: r
        for r in stored_model(tables).rows(tables, "magnet_mass").to_dicts()
        if r["magnet_location"] == "voice_coil"
    }
    desktop, air = rows["hdd-3.5-desktop"], rows["hdd-3.5-nearline-air"]
    assert desktop["basis"] == "derived" and len(desktop["source_ids"]) == 6
    assert "own-judgement" not in desktop["source_ids"]
    assert (air["basis"], air["source_ids"]) == ("assumed", ["own-judgement"])
    assert desktop["unit"] == "g" and desktop["rotors"] == 1
    assert desktop["note"] == (
        "Fitted to what 4 research groups published; its prior row says 11.8 g"
    )
    assert "research group published" in rows["hdd-2.5-notebook"]["note"]
