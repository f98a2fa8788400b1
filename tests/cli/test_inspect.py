"""`valuation inspect`: what it prints, in text and JSON, and how it ends."""

import json
from pathlib import Path

import pytest

from valuation.cli import main

LOT = "Model,Serial Number,Xyzzy,Qty\n" + "".join(
    f"ST4000NM0033,Z1ZA0B{n:02},note {n},{n}\n" for n in range(1, 10)
)


@pytest.fixture
def lot(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("lot.csv").write_text(LOT)
    return Path("lot.csv")


def test_the_text_tells_account_columns_and_what_is_not_used(lot, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["inspect", "lot.csv"]) == 0
    text = capsys.readouterr().out
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert "csv, utf-8, separated by comma, header in line 1" in rows
    assert "9 lines read = 9 loaded + 0 rejected + 0 ignored" in rows
    assert "Serial Number serial 0.97 name Z1Z***" in rows
    assert "Columns not used: 1" in rows
    assert "Xyzzy" in rows
    assert max(map(len, text.splitlines())) <= 80
    assert "Z1ZA0B" not in text
    assert sorted(path.name for path in Path().iterdir()) == ["lot.csv"]


def test_a_wide_file_stays_readable(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    names = ["Model", "Qty", *(f"A custom field with a long name {n}" for n in range(38))]
    Path("wide.csv").write_text(",".join(names) + "\n" + ",".join(["R740", "1", *"x" * 38]) + "\n")
    assert main(["inspect", "wide.csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 92
    assert len(lines) < 40
    assert "  and 26 more" in lines


def test_json_is_one_object(lot, capsys):
    assert main(["inspect", "lot.csv", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"files", "warnings"}
    (file,) = told["files"]
    columns = {column["header"]: column for column in file["columns"]}
    assert columns["Qty"]["canonical"] == "quantity"
    assert columns["Xyzzy"]["canonical"] is None
    assert set(columns["Qty"]) == {
        "header", "canonical", "confidence", "how", "runner_up", "runner_up_confidence",
        "conflict", "examples",
    }  # fmt: skip


def test_a_file_that_cannot_be_read_ends_with_3_and_the_others_are_told(lot, capsys):
    assert main(["inspect", "none.csv", "lot.csv"]) == 3
    text = capsys.readouterr().out
    assert "none.csv does not exist." in text
    assert "9 lines read" in text


def test_a_map_is_written_read_and_never_overwritten(lot, capsys):
    assert main(["inspect", "lot.csv", "--write-map", "lot.toml"]) == 0
    assert "lot.toml" in capsys.readouterr().err
    assert main(["inspect", "lot.csv", "--map", "lot.toml"]) == 0
    assert "map lot.toml" in capsys.readouterr().out
    assert main(["inspect", "lot.csv", "--write-map", "lot.toml"]) == 2
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[columns]\nmodell = 'Model'", "Did you mean `model`?"),
        ("[columns]\nmodel = Model", "is no TOML"),
        (None, "lot.toml does not exist"),
    ],
)
def test_a_map_that_cannot_be_used_ends_with_3(lot, capsys, text, told):
    if text is not None:
        Path("lot.toml").write_text(text)
    assert main(["inspect", "lot.csv", "--map", "lot.toml", "--json"]) == 3
    printed = capsys.readouterr()
    assert told in printed.err
    assert json.loads(printed.out)["exit_code"] == 3


@pytest.mark.parametrize("words", ["inspect", "inspect lot.csv --draws 3"])
def test_wrong_usage_ends_with_2(lot, capsys, words):
    assert main(words.split()) == 2
    assert capsys.readouterr().out == ""
