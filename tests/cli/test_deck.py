"""`valuation deck` in words and in JSON, with the exit codes of the contract."""

import json

import pytest

from valuation.cli import main

ROWS = (
    "product_id,price_basis,vat_included,currency,unit,mid,observed_on\n"
    "ndpr_oxide,us-delivered,false,USD,kg,100,2026-10-20\n"
)


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ours.csv").write_text(ROWS, encoding="utf-8")


def test_a_deck_is_added_listed_and_shown(capsys):
    assert main(["deck", "add", "ours.csv"]) == 0
    assert "Deck ours: 1 prices added, 0 known already, 1 in all" in capsys.readouterr().out
    assert main(["deck", "list"]) == 0
    listed = capsys.readouterr().out
    (own,) = [line for line in listed.splitlines() if line.startswith("  ours ")]
    assert "yours" in own
    assert "stress-high: no trade stands behind some of its prices; never an offer." in listed
    assert main(["deck", "show", "ours", "--as-of", "2026-11-22"]) == 0
    out, err = capsys.readouterr()
    assert "33 d" in out and "us-delivered" in out
    assert "deck china-net is used" in err


def test_json_holds_the_whole_deck(capsys):
    assert main(["deck", "show", "stress-high", "--as-of", "2026-11-22", "--json"]) == 0
    out, err = capsys.readouterr()
    shown = json.loads(out)
    assert shown["takes_asks"] is True
    assert {row["product_id"] for row in shown["prices"] if row["volume_backed"] is False} == {
        "dy_oxide", "tb_oxide", "gold",
    }  # fmt: skip
    assert "STRESS TEST, NOT AN OFFER" in err
    assert main(["deck", "list", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 6


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["show", "china-nett"], 3, "Did you mean `china-net`"),
        (["show", "nowhere.csv"], 3, "nowhere.csv cannot be read"),
        (["show", "china-net", "--as-of", "tomorrow"], 2, "tomorrow"),
        (["add", "nowhere.csv"], 3, "nowhere.csv cannot be read"),
        (["add", "ours.csv", "--name", "china-net"], 2, "comes with the program"),
        (["add"], 2, "Missing argument"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(words, code, told, capsys):
    assert main(["deck", *words]) == code
    out, err = capsys.readouterr()
    assert told in err
    assert not out
    assert "Traceback" not in err


def test_an_unreadable_deck_of_ones_own_is_listed_and_told_by_exit_3(capsys, tmp_path):
    assert main(["deck", "add", "ours.csv"]) == 0
    (kept,) = (tmp_path / "data").rglob("ours.csv")
    kept.write_bytes(b"\xff\xfe\x00")
    assert main(["deck", "list"]) == 3
    out, err = capsys.readouterr()
    assert "unreadable" in out
    assert "cannot be read" in err
