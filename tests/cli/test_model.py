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
