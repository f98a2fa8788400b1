"""The command line with nothing replaced: small files in, exit code, object and database out."""

import json
import subprocess
import sys

import duckdb
import pytest

from valuation.cli import main

DRIVES = (
    "Manufacturer,Model,Serial Number,Quantity\n"
    "Seagate,ST12000NM0007,ZCH00001,10\n"
    "Western Digital,WUH721414ALE6L4,9KG00002,2\n"
)


@pytest.fixture
def value(tmp_path, monkeypatch, capsys):
    """Run `valuation value ... --db lots.duckdb --json` in an empty folder; code and object."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        common = ("--db", "lots.duckdb", "--draws", "50", "--as-of", "2026-11-22", "--json")
        code = main(["value", *words, *common])
        printed = capsys.readouterr().out
        return code, json.loads(printed) if printed else None

    return run


def balanced(file):
    counts = ("lines_loaded", "lines_rejected", "lines_ignored")
    return file["lines_read"] == sum(file[count] for count in counts)


def test_a_good_file_is_valued_and_published(value, tmp_path):
    (tmp_path / "site-a.csv").write_text(DRIVES)
    code, told = value("site-a.csv")
    assert code == 0
    assert [file["name"] for file in told["files"]] == ["site-a.csv"]
    assert all(balanced(file) for file in told["files"])
    assert told["units"] == {"hdd": 12}
    assert told["totals"]
    with duckdb.connect(tmp_path / "lots.duckdb", read_only=True) as published:
        batches = published.execute("select batch_id from batch").fetchall()
    assert batches == [("site-a",)]


def test_a_process_ends_without_a_word_of_its_libraries(tmp_path):
    (tmp_path / "site-a.csv").write_text(DRIVES)
    words = ["value", "site-a.csv", "--db", "lots.duckdb", "--draws", "50", "--quiet"]
    done = subprocess.run(
        [sys.executable, "-m", "valuation", *words], cwd=tmp_path,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "nanobind" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_a_file_that_cannot_be_read_holds_up_no_other(value, tmp_path):
    (tmp_path / "site-a.csv").write_text(DRIVES)
    (tmp_path / "photo.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    code, told = value("site-a.csv", "photo.csv", "missing.csv")
    assert code == 3
    states = {file["name"]: file["status"] for file in told["files"]}
    assert states == {"site-a.csv": "loaded", "photo.csv": "refused", "missing.csv": "refused"}
    assert all(f["name"] in f["reason"] for f in told["files"] if f["status"] == "refused")
    assert told["units"] == {"hdd": 12}
    assert (tmp_path / "lots.duckdb").exists()


@pytest.mark.parametrize("words", [("missing.csv",), ("site-a.csv", "missing.csv", "--strict")])
def test_nothing_is_published_when_nothing_can_be_read_or_all_must_be(value, tmp_path, words):
    (tmp_path / "site-a.csv").write_text(DRIVES)
    code, told = value(*words)
    assert code == 3
    assert not told["published"]
    assert not list(tmp_path.glob("*.duckdb*"))


@pytest.mark.long
def test_too_many_rejected_lines_end_with_4_and_are_published(value, tmp_path):
    (tmp_path / "site-a.csv").write_text(DRIVES + "Seagate,ST12000NM0007,ZCH00003,a few\n")
    assert value("site-a.csv")[0] == 4
    assert (tmp_path / "lots.duckdb").exists()
    assert value("site-a.csv", "--max-rejected", "0.5")[0] == 0


@pytest.mark.long
def test_prices_that_are_too_old_end_with_5_only_when_asked(value, tmp_path):
    (tmp_path / "site-a.csv").write_text(DRIVES)
    assert value("site-a.csv")[0] == 0
    assert value("site-a.csv", "--max-price-age", "0")[0] == 5


def test_an_output_somebody_else_writes_to_ends_with_6(value, tmp_path):
    (tmp_path / "site-a.csv").write_text(DRIVES)
    assert value("site-a.csv")[0] == 0
    with duckdb.connect(tmp_path / "lots.duckdb") as other:
        other.execute("select 1")
        code, told = value("site-a.csv")
    assert code == 6
    assert told["exit_code"] == 6


def test_a_file_that_is_no_database_of_ours_is_left_alone(value, tmp_path):
    (tmp_path / "site-a.csv").write_text(DRIVES)
    (tmp_path / "lots.duckdb").write_text("my notes")
    assert value("site-a.csv") == (2, None)
    assert (tmp_path / "lots.duckdb").read_text() == "my notes"


def test_standard_input_is_a_file_like_any_other(value, tmp_path, monkeypatch):
    (tmp_path / "site-a.csv").write_text(DRIVES)
    with (tmp_path / "site-a.csv").open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        code, told = value("-", "--batch", "B-1")
    assert code == 0
    assert told["units"] == {"hdd": 12}
