"""`valuation review`: what a person sees on the way out and back, and how each step ends."""

import csv
import json

import pytest

from tests.reviews import fill, rows_of, write_lot, write_rows
from valuation.cli import main
from valuation.store.file import locked

AS_OF = "2026-03-01"


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    """A published lot, which no test here writes to."""
    folder = tmp_path_factory.mktemp("lot")
    lot, db = write_lot(folder / "lot.csv"), folder / "out.duckdb"
    options = ["--as-of", AS_OF, "--draws", "20", "--quiet", "--no-overrides", "--json"]
    assert main(["value", str(lot), "--db", str(db), *options]) == 0
    return db


@pytest.fixture
def said(capsys):
    """Run a command of `review` and give its code, what it printed, what it complained of."""

    def run(*words):
        code = main(["review", *map(str, words)])
        out = capsys.readouterr()
        return code, out.out, out.err

    return run


@pytest.fixture(autouse=True)
def _own_answers(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def items(said, db, tmp_path):
    """A file of items to review."""
    path = tmp_path / "items.csv"
    assert said("export", path, "--db", db)[0] == 0
    return path


def test_export_says_how_many_what_is_at_stake_and_what_to_do(said, db, tmp_path):
    code, out, err = said("export", tmp_path / "a.csv", "--db", db)
    assert code == 0
    assert "a.csv: " in out and "expected to move the totals by" in out
    assert "valuation review import" in err
    assert "The same was there already" in said("export", tmp_path / "a.csv", "--db", db)[1]
    code, out, _ = said("export", tmp_path / "few.csv", "--db", db, "--top", 2, "--json")
    told = json.loads(out)
    assert (code, told["items"], told["written"]) == (0, 2, True)
    assert told["of_items"] > 2 and told["at_stake_usd"] > 0


def test_export_tells_apart_the_first_few_of_many(said, db, tmp_path):
    out = said("export", tmp_path / "few.csv", "--db", db, "--top", "1")[1]
    assert "the first 1 item of" in out and "that are not settled" in out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["items.csv"], "No published file is named."),
        (["items.csv", "--db", "none.duckdb"], "There is no none.duckdb."),
        (["items.csv", "--below", "2"], "Did you mean 0.02"),
        (["items.csv", "--top", "0"], "--top"),
        ([], "ITEMS"),
    ],
)
def test_an_export_that_cannot_be_ends_with_2(said, words, complaint):
    code, _, err = said("export", *words)
    assert code == 2 and complaint in err


def test_an_export_over_answers_filled_in_ends_with_2(said, db, items):
    mine = fill(items, kind="fan").read_bytes()
    code, _, err = said("export", items, "--db", db)
    assert code == 2 and "maybe with answers filled in" in err and items.read_bytes() == mine
    assert said("export", items, "--db", db, "--force")[0] == 0


def test_answers_are_kept_listed_used_and_taken_back(said, items, db, capsys, tmp_path):
    asked = len(rows_of(items))
    fill(items, kind="fan", fan_size_mm="80", by="", why="", on="")
    code, out, err = said("import", items, "--by", "J. Kim", "--why", "photo", "--on", "2026-01-05")
    assert code == 0 and f"{asked} new answers, 0 changed, 0 known already" in out
    assert str(tmp_path / "data" / "valuation" / "overrides.csv") in out
    assert "valuation value --db" in err
    code, out, _ = said("list")
    assert code == 0 and out.count("fan, 80 mm  J. Kim  2026-01-05  photo") == asked
    told = json.loads(said("list", "--json")[1])
    assert len(told["answers"]) == asked
    key = told["answers"][0]["item"]
    code, out, _ = said("remove", key, "--by", "Lee", "--why", "slip")
    assert code == 0 and "1 answer taken back" in out
    assert len(json.loads(said("list", "--json")[1])["answers"]) == asked - 1
    history = said("list", "--history")[1]
    assert "(taken back)  Lee" in history and history.count(key) == 2
    lot = write_lot(tmp_path / "lot.csv")
    options = ["--db", tmp_path / "o.duckdb", "--as-of", AS_OF, "--draws", "20", "--quiet"]
    assert main(["value", str(lot), *map(str, options)]) == 0
    assert f"Reviewed: {asked - 1} items" in capsys.readouterr().out


def test_faults_are_told_line_by_line_and_end_with_3(said, items):
    rows = rows_of(fill(items, kind="fan"))
    rows[0]["reviewed_kind"], rows[2]["reviewed_fan_size_mm"] = "fna", "big"
    write_rows(items, rows)
    code, out, err = said("import", items)
    assert code == 3 and "2 faults; nothing was taken" in out
    first, second = err.splitlines()
    assert "row 2, column reviewed_kind: `fna` is no kind. Did you mean `fan`?" in first
    assert "row 4, column reviewed_fan_size_mm: `big` cannot be read." in second
    assert "No item is reviewed" in said("list")[1]
    code, out, _ = said("import", items, "--json")
    told = json.loads(out)
    assert (code, told["exit_code"], told["written"], len(told["faults"])) == (3, 3, False, 2)
    code, out, _ = said("import", items, "--skip-bad")
    assert code == 3 and f"{len(rows) - 2} new answers" in out and "their rows skipped" in out


def test_a_file_without_answers_is_no_fault(said, items):
    code, out, _ = said("import", items)
    assert code == 0 and "no answer; the `reviewed_` columns of its" in out


def test_a_file_that_cannot_be_read_ends_with_3(said, tmp_path):
    (tmp_path / "b.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    for words in (["import", "b.csv"], ["import", "none.csv"]):
        code, _, err = said(*words)
        assert code == 3 and err.startswith(f"error: {words[1]}")
    code, out, _ = said("import", "b.csv", "--json")
    assert code == 3 and json.loads(out)["exit_code"] == 3


def test_items_the_published_file_does_not_know_are_faults_only_when_it_is_named(said, db, items):
    rows = rows_of(fill(items, kind="fan"))
    write_rows(items, [rows[0]])
    assert said("import", items, "--db", db)[0] == 0


@pytest.mark.long
def test_answers_broken_by_hand_end_every_command_with_3(said, items, tmp_path, capsys):
    fill(items, kind="fan")
    said("import", items)
    path = tmp_path / "data" / "valuation" / "overrides.csv"
    path.write_text(path.read_text(encoding="utf-8-sig").replace(",fan,", ",fann,"), "utf-8")
    lot = write_lot(tmp_path / "lot.csv")
    assert said("list")[0] == said("import", items)[0] == 3
    assert main(["value", str(lot), "--db", "o.duckdb"]) == 3
    error = capsys.readouterr().err
    assert "overrides.csv, row 2, column reviewed_kind: `fann` is no kind." in error
    assert not (tmp_path / "o.duckdb").exists()
    assert main(["value", str(lot), "--db", "o.duckdb", "--no-overrides", "--draws", "20"]) == 0


def test_a_file_of_answers_that_is_named_must_be_there(tmp_path, capsys):
    lot = write_lot(tmp_path / "lot.csv")
    words = ["value", str(lot), "--db", "o.duckdb", "--overrides", "mine.csv"]
    assert main(words) == 3
    assert "There is no mine.csv with reviewed items." in capsys.readouterr().err


def test_the_place_of_answers_is_said_by_flag_environment_or_file(said, items, monkeypatch):
    fill(items, kind="fan")
    (items.parent / "valuation.toml").write_text("overrides = 'three.csv'\n", encoding="utf-8")
    assert "in three.csv" in said("import", items)[1]
    monkeypatch.setenv("VALUATION_OVERRIDES", "two.csv")
    assert "in two.csv" in said("import", items)[1]
    assert "in one.csv" in said("import", items, "--overrides", "one.csv")[1]
    with (items.parent / "one.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["entry"] for row in csv.DictReader(file)} == {"reviewed"}


def test_a_held_file_ends_with_6_and_an_unknown_item_with_2(said, items, tmp_path):
    fill(items, kind="fan")
    with locked(tmp_path / "one.csv"):
        code, _, err = said("import", items, "--overrides", "one.csv")
    assert code == 6 and "Another process is writing one.csv" in err
    code, _, err = said("remove", "item-1", "--by", "Kim", "--why", "slip")
    assert code == 2 and "There is no answer to item-1" in err
    assert said("remove", "item-1", "--by", " ", "--why", "slip")[0] == 2
