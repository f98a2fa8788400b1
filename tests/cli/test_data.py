"""`valuation data`: what it prints of checks and of the dictionary."""

import datetime
import json
import re
import sys
from types import SimpleNamespace

import polars as pl

from valuation.cli import main
from valuation.tables import Tables


def test_data_check_of_sound_data_counts_what_it_checked(monkeypatch, capsys):
    check = SimpleNamespace(check_tables=lambda tables: [])
    monkeypatch.setitem(sys.modules, "valuation.check", check)
    assert main(["data", "check"]) == 0
    told = capsys.readouterr().out
    assert re.search(r"\d+ tables, [\d,]+ rows, \d+ sources, [\d,]+ assumed rows", told)


def test_data_check_prints_every_problem_and_exits_3(monkeypatch, capsys):
    check = SimpleNamespace(check_tables=lambda tables: ["one.csv: wrong.", "two.csv: wrong."])
    monkeypatch.setitem(sys.modules, "valuation.check", check)
    assert main(["data", "check"]) == 3
    assert capsys.readouterr().out.splitlines() == ["one.csv: wrong.", "two.csv: wrong."]


def test_data_check_names_rows_past_their_review(monkeypatch, capsys, tmp_path):
    yesterday = datetime.date.today() - datetime.timedelta(days=2)  # noqa: DTZ011  # a day, no time
    facts = pl.DataFrame({"basis": ["assumed", "assumed", "found"], "review_on": [yesterday] * 3})
    facts[0, "review_on"] = datetime.date(9999, 1, 1)
    sources = pl.DataFrame({"source_id": ["a"]})
    description = {"resources": [{"name": "facts"}, {"name": "sources"}]}
    tables = Tables(tmp_path, description, "v1", tmp_path, {"facts": facts, "sources": sources})
    monkeypatch.setattr("valuation.tables.load_tables", lambda: tables)
    check = SimpleNamespace(check_tables=lambda tables: [])
    monkeypatch.setitem(sys.modules, "valuation.check", check)
    assert main(["data", "check"]) == 0
    printed = capsys.readouterr()
    assert "2 tables, 4 rows, 1 sources, 2 assumed rows (1 overdue" in printed.out
    assert "1 assumed rows are past" in printed.err


def test_data_dictionary_prints_the_frame_of_the_store(monkeypatch, capsys, tmp_path):
    asked = []

    def dictionary(path):
        asked.append(path)
        return pl.DataFrame({"table_name": ["run"], "column_name": ["seed"], "unit": [None]})

    monkeypatch.setitem(sys.modules, "valuation.store", SimpleNamespace(dictionary=dictionary))
    assert main(["data", "dictionary"]) == 0
    assert "  run         seed" in capsys.readouterr().out
    db = tmp_path / "x.duckdb"
    db.touch()
    assert main(["data", "dictionary", "--db", str(db), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows == [{"table_name": "run", "column_name": "seed", "unit": None}]
    assert asked == [None, db]
