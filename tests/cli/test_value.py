"""`valuation value`: what it hands to `run`, and how it tells the result."""

import datetime
import json
import os
from pathlib import Path

import pytest

from valuation.cli import main


def test_value_hands_files_and_every_option_to_run(api):
    words = (
        "value a.csv sub/b.xlsx --db x.duckdb --batch-by Lot --map a.toml "
        "--map b.toml --route reuse --route hpms-us --policy harvest --resale r.csv "
        "--deck d --as-of 2026-02-28 --draws 100 --seed 7 --no-lines --replace --accept-smaller "
        "--engine duckdb --memory 2GB --strict --max-rejected 0.1 --max-price-age 30 "
        "--require-prices --json --quiet"
    )
    assert main(words.split()) == 0
    (call,) = api.calls
    assert call.files == [Path("a.csv"), Path("sub/b.xlsx")]
    chosen = {
        "map": (Path("a.toml"), Path("b.toml")),
        "db": Path("x.duckdb"), "batch_by": "Lot", "routes": ("reuse", "hpms-us"), "deck": "d",
        "as_of": datetime.date(2026, 2, 28), "draws": 100, "seed": 7, "keep_lines": False,
        "policy": "harvest", "resale": Path("r.csv"),
        "replace": True, "accept_smaller": True, "engine": "duckdb", "memory": "2GB",
        "strict": True, "max_rejected": 0.1, "max_price_age": 30, "require_prices": True,
    }  # fmt: skip
    assert {name: getattr(call.settings, name) for name in chosen} == chosen


def test_options_not_given_come_from_environment_and_file(api, monkeypatch):
    Path("valuation.toml").write_text("db = 'x.duckdb'\ndraws = 50\nseed = 3\n")
    monkeypatch.setenv("VALUATION_DRAWS", "60")
    monkeypatch.setenv("VALUATION_STRICT", "yes")
    assert main(["value", "a.csv", "--seed", "4"]) == 0
    settings = api.calls[0].settings
    assert (settings.db, settings.draws, settings.seed) == (Path("x.duckdb"), 60, 4)
    assert settings.strict
    monkeypatch.setenv("VALUATION_MAP", f"a.toml{os.pathsep}b.toml")
    assert main(["value", "a.csv"]) == 0
    assert api.calls[1].settings.map == (Path("a.toml"), Path("b.toml"))
    assert settings.keep_lines


def test_standard_input_is_passed_on_as_a_dash(api):
    assert main(["value", "-", "--batch", "B-1", "--db", "x.duckdb"]) == 0
    assert api.calls[0].files == ["-"]


def test_without_files_what_is_in_the_file_is_valued_again(api):
    Path("x.duckdb").touch()
    assert main(["value", "--db", "x.duckdb"]) == 0
    assert api.calls[0].files == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("value a.csv", "--db"),
        ("value --db x.duckdb", "does not exist"),
        ("value - --db x.duckdb", "--batch"),
        ("value a.csv --db x.duckdb --batch B --batch-by C", "do not go together"),
        ("value a.csv --db x.duckdb --draws many", "`draws` is `many`"),
        ("value a.csv --db x.duckdb --memory 4 --json", "4GB"),
        ("value a.csv --db x.duckdb --engine spork", "duckdb"),
        ("value a.csv --db x.duckdb --draw 5", "--draws"),
        ("valeu a.csv", "value"),
        ("data dictionary --db none.duckdb", "none.duckdb"),
        ("data chekc", "check"),
    ],
)
def test_wrong_usage_exits_2_with_a_message_and_no_result(api, capsys, words, told):
    assert main(words.split()) == 2
    printed = capsys.readouterr()
    assert told in printed.err
    assert printed.out == ""
    assert api.calls == []


@pytest.mark.parametrize("code", [0, 3, 4, 5])
def test_a_run_that_published_ends_with_its_own_code_and_its_object(api, capsys, code):
    api.exit_code = code
    assert main(["value", "a.csv", "--db", "x.duckdb", "--json"]) == code
    printed = capsys.readouterr()
    assert json.loads(printed.out) == api.summary
    assert "warning: The price of nd_oxide is 45 days old." in printed.err


def test_a_figure_that_is_no_number_is_a_fault_and_never_printed_as_json(api, capsys):
    api.summary["lines"] = float("nan")
    assert main(["value", "a.csv", "--db", "x.duckdb", "--json", "--quiet"]) == 1
    assert json.loads(capsys.readouterr().out)["exit_code"] == 1


def test_the_summary_tells_what_was_read_what_it_holds_and_what_it_is_worth(api, capsys):
    assert main(["value", "a.csv", "b.bin", "--db", "x.duckdb"]) == 0
    text = capsys.readouterr().out
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert "a.csv loaded 12 9 2 1" in rows
    assert "b.bin is no table." in rows
    assert "a.csv bad quantity 2" in rows
    assert "Rejected lines as files to mend: valuation rejects --db x.duckdb --out DIR" in rows
    assert "hdd 1,200 0" in rows
    assert "fan 0 18" in rows
    assert "nd 2 kg 1 kg 3 kg" in rows
    assert "al 1.5 t 1.4 t 1.6 t" in rows
    assert "reuse practised 1,230 -100 2,500 300 4,000 75.0 %" in rows
    assert "reuse pilot oxide out 500 kg 20 t 2.5 %" in rows
    assert "Batches by how they arrive: 1 shredded, 2 whole." in rows
    assert "The price of nd_oxide is 45 days old." in rows
    assert "9 to 45 days old, the oldest for nd_oxide." in text
    for told in ("grammar 95.0 %", "14,400 TB", "may hold 500 g", "abc123", "lies in x.duckdb"):
        assert told in text


def test_columns_that_were_not_used_are_named_by_file(api, capsys):
    api.summary["files"][0]["unmapped_columns"] = [f"Field {n}" for n in range(7)]
    main(["value", "a.csv", "--db", "x.duckdb"])
    told = "a.csv, columns not used: Field 0, Field 1, Field 2, Field 3 and 3 more."
    assert told in capsys.readouterr().out


@pytest.mark.parametrize(
    ("hdd", "ssd", "told"),
    [
        (
            (20.0, 40),
            (0.0, 2),
            "hdd 20 TB (40 more without a size), ssd unknown (2 without a size)",
        ),
        ((20.0, 0), (0.0, 0), "Capacity listed: hdd 20 TB."),
        ((0.0, 0), (0.0, 0), None),
    ],
)
def test_drives_without_a_size_are_told_beside_the_capacity_they_are_not_in(
    api, capsys, hdd, ssd, told
):
    drives = {"hdd": hdd, "ssd": ssd}
    api.summary["capacity_tb"] = {kind: tb for kind, (tb, _) in drives.items()}
    api.summary["units_without_size"] = {kind: count for kind, (_, count) in drives.items()}
    main(["value", "a.csv", "--db", "x.duckdb"])
    text = capsys.readouterr().out
    assert told in text if told else "Capacity listed" not in text


def test_a_route_without_a_net_says_why_and_comes_last(api, capsys):
    main(["value", "a.csv", "--db", "x.duckdb"])
    text = capsys.readouterr().out
    assert text.count("No cost.") == 1  # below the routes, not among the warnings again
    assert text.index("\n  reuse") < text.index("\n  a-unknown")


def test_a_run_that_published_nothing_says_so(api, capsys):
    api.summary |= {"published": False, "totals": {}, "run_id": None}
    api.exit_code = 3
    assert main(["value", "b.bin", "--db", "x.duckdb"]) == 3
    text = capsys.readouterr().out
    assert "b.bin is no table." in text
    assert "Nothing was published; x.duckdb is as it was." in text
    assert "net mean" not in text


def test_quiet_silences_progress_and_warnings(api, capsys):
    main(["value", "a.csv", "--db", "x.duckdb", "--quiet"])
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "The price of nd_oxide" not in printed.out
    main(["value", "a.csv", "--db", "x.duckdb", "--quiet", "--json"])
    printed = capsys.readouterr()
    assert printed.err == ""
    assert json.loads(printed.out)["warnings"] == api.summary["warnings"]
