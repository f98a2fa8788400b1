"""`valuation validate`: its tables, its JSON, and what it says of wrong input."""

import json

import pytest

from valuation.cli import main

CASE_KEYS = {
    "case_id", "role", "source", "input", "published", "mean", "p10", "p90", "inside", "reason",
}  # fmt: skip


@pytest.fixture(scope="module")
def printed():
    """Text and JSON of one run each, few draws."""
    found = {}

    def run(capsys, *flags):
        if flags not in found:
            assert main(["validate", "--draws", "200", *flags]) == 0
            found[flags] = capsys.readouterr()
        return found[flags]

    return run


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def test_json_has_every_case_with_what_the_contract_names(printed, capsys):
    told = json.loads(printed(capsys, "--json").out)
    assert (told["seed"], told["draws"]) == (1, 200)
    assert len(told["cases"]) > 20
    for case in told["cases"]:
        assert set(case) >= CASE_KEYS
        assert case["role"] in ("input", "arithmetic", "holdout")
        assert case["reason"] and case["input"]
        assert (case["inside"] is None) == (case["role"] != "holdout")
        if case["inside"] is None:
            assert case["reason"].startswith(("reproduced by construction", "not claimed: "))


def test_inside_is_what_the_figures_say(printed, capsys):
    for case in json.loads(printed(capsys, "--json").out)["cases"]:
        if case["inside"] is not None:
            assert case["inside"] == (case["p10"] <= case["published"] <= case["p90"])


def test_json_tells_of_sources_left_out_calibration_and_families(printed, capsys):
    told = json.loads(printed(capsys, "--json").out)
    together = told["left_out"]["together"]
    assert together["hits"] <= together["n"] and together["verdict"]
    for hits in told["left_out"]["by_quantity"].values():
        assert hits["n"] >= 8 or hits["verdict"] == "not testable"
    chances = [c for g in told["left_out"]["chance_below"].values() for c in g.values() if c]
    assert len(chances) == together["n"] and all(0 < c < 1 for c in chances)
    assert {"nd_kg", "ndpr_oxide_kg", "net_usd"} == set(told["calibration"]["fresh_worlds"])
    assert "not the priors" in told["calibration"]["meaning"]
    assert [s["families"] for s in told["many_families"]] == [1, 40, 1000]


def test_the_tables_show_cases_reasons_and_figures(printed, capsys):
    text = printed(capsys).out
    for title in (
        "Published cases", "What each answer rests on", "Left-out sources",
        "Calibration of the arithmetic", "in one world at a time", "Many families",
    ):  # fmt: skip
        assert title in text
    line = next(line for line in text.splitlines() if "birmingham-100-drives" in line)
    assert line.split()[1:4] == ["holdout", "kg", "2"] and line.split()[-1] in ("yes", "NO")
    assert "not claimed: 1.31 t is what" in text
    assert "not testable" in text and "not the priors" in text


def test_the_seed_changes_the_samples_and_nothing_published(printed, capsys):
    told = [json.loads(printed(capsys, "--json", *seed).out) for seed in ((), ("--seed", "2"))]
    one, two = ({c["case_id"]: (c["published"], c["p10"]) for c in t["cases"]} for t in told)
    assert [p for p, _ in one.values()] == [p for p, _ in two.values()]
    assert one["adamas-2015"][1] != two["adamas-2015"][1]
    assert told[0]["calibration"] == told[1]["calibration"]


def test_a_price_that_is_not_known_on_the_day_leaves_no_number(monkeypatch, capsys):
    monkeypatch.setenv("VALUATION_AS_OF", "2019-01-01")
    assert main(["validate", "--json", "--draws", "50"]) == 0
    told = {case["case_id"]: case for case in json.loads(capsys.readouterr().out)["cases"]}
    assert told["ionic-revenue"]["mean"] is None and told["ionic-revenue"]["p90"] is None
    assert told["ionic-commercial"]["mean"] > 0


@pytest.mark.parametrize("flag", [("--draws", "many"), ("--seed", "-1"), ("--draws", "1")])
def test_a_value_of_no_use_is_usage(capsys, flag):
    assert main(["validate", *flag]) == 2
    assert flag[0].removeprefix("--") in capsys.readouterr().err


def test_a_card_that_is_gone_is_told_with_how_to_make_it(monkeypatch, capsys):
    monkeypatch.setattr("valuation.validate.calibration.CARD", "validation/none.json")
    assert main(["validate", "--draws", "50"]) == 3
    assert "tests.calibration.make_card" in capsys.readouterr().err
