"""`valuation model`: the card as words and as JSON, and labelled files that cannot be used."""

import json

import pytest

from valuation.cli import main


def test_the_card_tells_what_was_left_out_and_what_was_seen(capsys):
    assert main(["model", "card"]) == 0
    printed = capsys.readouterr().out
    assert "Series left out" in printed and "All strings" in printed
    assert "hdd or ssd" in printed and "precision" in printed


def test_the_card_as_json_is_the_stored_one(capsys, tables):
    assert main(["model", "card", "--json"]) == 0
    stored = json.loads((tables.models / "identity" / "card.json").read_text(encoding="utf-8"))
    assert json.loads(capsys.readouterr().out) == stored


def test_labels_without_a_series_are_refused(tmp_path, capsys):
    file = tmp_path / "labels.csv"
    file.write_text("model,kind\nX1,hdd\n")
    assert main(["model", "evaluate", str(file)]) == 3
    assert "no column series" in capsys.readouterr().err


@pytest.mark.long
def test_other_labelled_strings_are_measured(tmp_path, capsys):
    file = tmp_path / "labels.csv"
    file.write_text(
        "model,kind,series,capacity_gb\n"
        "ST4000NM0033-9ZM170,hdd,a,4000\nSSDSC2BB480G4,ssd,b,480\nMG07ACA14TE,hdd,c,14000\n"
    )
    assert main(["model", "evaluate", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["as_it_is"]["drives"]["right"] == 1
    assert found["as_it_is"]["capacity_with_column"]["right"] == 1
    assert found["left_out"]["drives"]["cases"] == 3


def test_the_card_tells_what_each_research_group_adds(capsys):
    assert main(["model", "card", "--only", "content"]) == 0
    printed = capsys.readouterr().out
    assert "Content fitted to published evidence" in printed
    assert "birmingham" in printed and "11 of 13, inside" in printed
    assert "3 of 4: not testable" in printed and "Series left out" not in printed


def test_identity_comes_first_on_the_card(capsys):
    assert main(["model", "card"]) == 0
    printed = capsys.readouterr().out
    assert printed.index("Series left out") < printed.index("Content fitted")


def test_the_card_of_content_as_json_is_the_stored_one(capsys, tables):
    assert main(["model", "card", "--only", "content", "--json"]) == 0
    stored = json.loads((tables.models / "content" / "card.json").read_text(encoding="utf-8"))
    assert json.loads(capsys.readouterr().out) == stored


def test_training_content_elsewhere_says_whether_it_is_the_model_in_use(tmp_path, capsys):
    assert main(["model", "train", "--only", "content", "--out", str(tmp_path)]) == 0
    assert "are those of the model in use" in capsys.readouterr().err
    assert sorted(f.name for f in (tmp_path / "content").iterdir()) == [
        "card.json",
        "parameters.csv",
    ]
    assert not (tmp_path / "card.json").exists()  # identity's place


def test_training_content_that_differs_is_exit_3(tmp_path, capsys, monkeypatch):
    from valuation.content.model import training

    monkeypatch.setattr(training, "differs", lambda *_: ["parameters.csv"])
    assert main(["model", "train", "--only", "content", "--out", str(tmp_path)]) == 3
    assert "parameters.csv differ" in capsys.readouterr().err


def test_a_model_nobody_has_is_a_usage_error(capsys):
    assert main(["model", "train", "--only", "price"]) == 2
    assert "identity" in capsys.readouterr().err


@pytest.mark.parametrize(("difference", "code"), [(0.0, 0), (1e-3, 3)])
def test_both_are_fitted_identity_first_into_the_folder_given(
    tmp_path, capsys, monkeypatch, tables, difference, code
):
    """Fitting identity takes minutes: what it is told and what becomes of its answer is tested."""
    from valuation.identity.model import training

    card = json.loads((tables.models / "identity" / "card.json").read_text(encoding="utf-8"))
    told = []
    monkeypatch.setattr(training, "train", lambda _, place, say: told.append(place) or card)
    monkeypatch.setattr(training, "largest_difference", lambda *_: difference)
    assert main(["model", "train", "--out", str(tmp_path)]) == code
    assert told == [tmp_path]
    assert (tmp_path / "content" / "parameters.csv").is_file()
    printed = capsys.readouterr().out
    assert printed.index("Series left out") < printed.index("Content fitted")
