"""`valuation rejects`: what it prints, and the code it ends with."""

import json
from pathlib import Path

import pytest

from valuation.cli import main
from valuation.errors import OutputBusy, OutputError
from valuation.rejects import Written

WRITTEN = [
    Written("a.csv", Path("out/a.rejects.csv"), "cp1252", {"bad_quantity": 1200, "no_item": 1}, ""),
    Written("b.xlsx", Path("out/b.rejects.csv"), "utf-8-sig", {"bad_quantity": 1}, "CSV, since x"),
    Written("c.csv", Path("out/c.rejects.csv"), "utf-8", {"no_item": 2}, "", is_new=False),
]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list:
    made: list = [WRITTEN]

    def write_rejects(db, out, *, force):
        made.append((db, out, force))
        if isinstance(made[0], Exception):
            raise made[0]
        return made[0]

    monkeypatch.setattr("valuation.rejects.write_rejects", write_rejects)
    return made


def test_each_file_is_a_line_with_its_reasons(calls, capsys):
    assert main(["rejects", "--db", "x.duckdb", "--out", "out", "--force"]) == 0
    assert calls[1:] == [(Path("x.duckdb"), Path("out"), True)]
    assert capsys.readouterr().out.splitlines() == [
        "out/a.rejects.csv: 1,201 lines of a.csv (bad quantity 1,200, no item 1)",
        "out/b.rejects.csv: 1 line of b.xlsx (bad quantity 1); CSV, since x",
        "out/c.rejects.csv: 2 lines of c.csv (no item 2); the same was there already",
        "Mend their cells and give each file to `valuation value` with its export.",
    ]


def test_json_is_one_object(calls, capsys):
    assert main(["rejects", "--db", "x.duckdb", "--out", "out", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["lines"] == 1204
    assert told["files"][0]["reasons"] == {"bad_quantity": 1200, "no_item": 1}
    assert [file["path"] for file in told["files"]] == [str(one.path) for one in WRITTEN]
    assert [file["written"] for file in told["files"]] == [True, True, False]


def test_nothing_to_write_is_said_and_is_no_fault(calls, capsys):
    calls[0] = []
    assert main(["rejects", "--db", "x.duckdb", "--out", "out"]) == 0
    assert "nothing to write" in capsys.readouterr().out
    assert main(["rejects", "--db", "x.duckdb", "--out", "out", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"db": "x.duckdb", "files": [], "lines": 0}


@pytest.mark.parametrize(
    ("error", "code"), [(OutputError("No.", "Do."), 2), (OutputBusy("No."), 6)]
)
def test_an_error_is_a_sentence_and_a_code(calls, capsys, error, code):
    calls[0] = error
    assert main(["rejects", "--db", "x.duckdb", "--out", "out"]) == code
    assert capsys.readouterr().err.startswith("error: No.")


def test_a_file_that_is_missing_ends_with_2(tmp_path, capsys):
    assert main(["rejects", "--db", str(tmp_path / "x.duckdb"), "--out", str(tmp_path)]) == 2
    assert "There is no" in capsys.readouterr().err
