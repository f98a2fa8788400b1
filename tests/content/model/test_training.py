"""Training: the card says what each group adds, two trainings are alike to the byte."""

import json
import math
from dataclasses import replace

import pytest

from valuation.content.model.card import binomial_region, left_out
from valuation.content.model.fitting import fit_content
from valuation.content.model.parameters import (
    CARD_FILE,
    PARAMETER_FILE,
    ContentModel,
    read_card,
)
from valuation.content.model.training import differs, refuse_outside, train
from valuation.errors import ModelError


@pytest.fixture(scope="module")
def card(tables):
    return read_card(tables.models / "content")


def test_two_trainings_are_alike_to_the_byte_and_are_the_committed_one(tables, tmp_path):
    told = []
    card = train(tables, tmp_path / "one", told.append)
    train(tables, tmp_path / "two")
    for name in (PARAMETER_FILE, CARD_FILE):
        content = (tmp_path / "one" / name).read_bytes()
        assert content == (tmp_path / "two" / name).read_bytes()
        assert content == (tables.models / "content" / name).read_bytes(), "valuation model train"
    assert differs(tmp_path / "one", tables.models / "content") == []
    assert json.loads((tmp_path / "one" / CARD_FILE).read_text()) == card
    assert told == ["pooling 16 published readings of 6 quantities"]


def test_models_that_differ_are_named_by_file(tables, tmp_path):
    train(tables, tmp_path)
    (tmp_path / CARD_FILE).write_text("{}\n")
    assert differs(tmp_path, tables.models / "content") == [CARD_FILE]
    assert differs(tmp_path / "nothing", tables.models / "content") == [PARAMETER_FILE, CARD_FILE]


def test_the_weights_of_a_quantity_add_up_to_one(card):
    for quantity in card["quantities"].values():
        total = math.fsum(group["weight"] for group in quantity["groups"])
        assert total == pytest.approx(1, abs=0.005)


def test_the_card_says_what_the_fit_is_without_each_group(card, tables):
    told = card["quantities"]["voice-coil-ree-total"]
    for group in told["groups"]:
        without = fit_content(tables, {group["group_id"]})
        row = next(p for p in without.parameters if p.row_key.endswith("/ree_total"))
        assert row.value == pytest.approx(group["pooled_without"], rel=1e-4)
        assert group["moves"] == pytest.approx(told["pooled"] / row.value - 1, abs=1e-4)


def test_a_fit_outside_its_prior_row_is_refused_before_anything_is_written(tables, tmp_path):
    """A slip in a source, 45 % instead of 4.5 wt % of dysprosium, must not become a model."""
    model = fit_content(tables)
    slip = [
        replace(p, value=0.45) if p.row_key.endswith("dy_mean") else p for p in model.parameters
    ]
    with pytest.raises(ModelError, match=r"dy_mean is fitted as 0.45, outside 0.0075 to 0.0192"):
        refuse_outside(ContentModel(tuple(slip)), tables)
    refuse_outside(model, tables)


def test_one_group_alone_is_left_out_of_nothing(card):
    (only,) = card["quantities"]["notebook-ratio"]["groups"]
    assert only["pooled_without"] is None and only["chance_below"] is None
    assert card["left_out"]["by_quantity"]["notebook-ratio"]["n"] == 0


def test_below_eight_groups_nothing_is_concluded_and_together_the_hits_are_in_the_region(card):
    found = card["left_out"]
    assert {hits["verdict"] for hits in found["by_quantity"].values()} == {"not testable"}
    together = found["together"]
    assert together["n"] == sum(hits["n"] for hits in found["by_quantity"].values()) >= 8
    low, high = together["region"]
    assert low <= together["hits"] <= high and together["verdict"] == "inside"


@pytest.mark.parametrize(("hits", "verdict"), [(20, "outside"), (16, "inside"), (9, "outside")])
def test_too_few_hits_and_too_many_are_both_outside(hits, verdict):
    """Of 20 at 80 % the central 95 % are 12 to 19: always inside is too wide a spread."""
    groups = [{"chance_below": 0.5}] * hits + [{"chance_below": 0.01}] * (20 - hits)
    assert left_out({"q": {"groups": groups}})["together"]["verdict"] == verdict


@pytest.mark.parametrize("n", [8, 13, 40])
def test_the_binomial_region_holds_95_percent_and_no_end_can_go(n):
    low, high = binomial_region(n, 0.8)
    chance = [math.comb(n, k) * 0.8**k * 0.2 ** (n - k) for k in range(n + 1)]
    assert sum(chance[low : high + 1]) >= 0.95
    assert sum(chance[:low]) <= 0.025 < sum(chance[: low + 1])
    assert sum(chance[high + 1 :]) <= 0.025 + 1e-12


def test_evidence_that_is_not_used_is_told_with_its_reason(card):
    reasons = [
        unused["reason"]
        for quantity in card["quantities"].values()
        for unused in quantity["not_used"]
    ]
    assert "A field, not a mass" in reasons
    assert all(reasons)


def test_the_card_names_no_time_and_no_machine(card):
    text = json.dumps(card)
    assert "2026-" not in text and "python" not in text.lower()
