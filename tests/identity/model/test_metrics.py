"""Figures of a trial: counted by hand on a few rows, and laws of the calibration curve."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuation.identity.decide import Decision
from valuation.identity.model import metrics
from valuation.identity.model.labelled import COLUMNS
from valuation.identity.traits import Traits

BLANK = Decision("unidentified", Traits(), None, None, "", None, 0.0, None, None, None, None, ())


def strings(*rows):
    filled = [dict.fromkeys(COLUMNS) | {"series": "s"} | row for row in rows]
    return pl.DataFrame(filled, schema=COLUMNS)


def said(kind, confidence=0.9, **traits):
    return BLANK._replace(kind=kind, confidence=confidence, traits=Traits(**traits))


def test_right_wrong_and_open_are_shares_of_all_strings_and_of_all_drives_seen():
    labels = strings(
        {"model": "a", "kind": "hdd", "n_seen": 7},
        {"model": "b", "kind": "hdd", "n_seen": 1},
        {"model": "c", "kind": "ssd", "n_seen": 2},
        {"model": "d", "kind": "ssd"},
    )
    decided = [said("hdd"), said("ssd"), said("unidentified"), said("ssd")]
    drives = metrics.figures(metrics.outcomes(labels, decided))["drives"]
    shares = [drives[name] for name in ("cases", "right", "wrong", "open")]
    assert shares == [4, 0.5, 0.25, 0.25]
    # 7 + 1 (not known: one) of 11 drives
    assert drives["weighted"] == {"drives": 11, "right": 0.727273, "wrong": 0.090909}


def test_a_capacity_within_three_percent_is_right_and_none_is_neither():
    labels = strings(
        {"model": "a", "kind": "hdd", "capacity_gb": 4000.8},
        {"model": "b", "kind": "hdd", "capacity_gb": 4000.0},
        {"model": "c", "kind": "hdd", "capacity_gb": 4000.0},
        {"model": "d", "kind": "hdd"},
    )
    decided = [
        said("hdd", capacity_gb=4000.0),
        said("hdd", capacity_gb=3000.0),
        said("hdd"),
        said("hdd", capacity_gb=1.0),
    ]
    found = metrics.figures(metrics.outcomes(labels, decided))["capacity"]
    assert (found["cases"], found["right"], found["wrong"]) == (3, 0.333333, 0.333333)
    assert found["answered"] == 0.666667


def test_the_rpm_class_counts_not_the_exact_speed():
    labels = strings(
        {"model": "a", "kind": "hdd", "rpm": 5900},
        {"model": "b", "kind": "hdd", "rpm": 10020},
        {"model": "c", "kind": "hdd", "rpm": 7200},
    )
    decided = [said("hdd", rpm=5400), said("hdd", rpm=10000), said("hdd", rpm=5400)]
    found = metrics.figures(metrics.outcomes(labels, decided))["rpm_class"]
    assert (found["answered"], found["right_of_answered"]) == (1.0, 0.666667)


def test_precision_and_recall_of_fans_among_everything_but_drives():
    labels = strings(
        {"description": "a", "kind": "fan"},
        {"description": "b", "kind": "fan"},
        {"description": "c", "kind": "fan"},
        {"description": "d", "kind": "other"},
        {"description": "e", "kind": "hdd"},
    )
    decided = [said("fan"), said("switch"), said("unidentified"), said("fan"), said("fan")]
    fans = metrics.figures(metrics.outcomes(labels, decided))["parts"]["fan"]
    assert fans == {
        "cases": 3,
        "precision": 0.5,
        "recall": 0.333333,
        "called_another_kind": 0.333333,
    }


def test_answers_of_one_chance_stay_in_one_tenth():
    labels = strings(*({"model": f"m{n}", "kind": "hdd"} for n in range(40)))
    decided = [said("hdd" if n % 4 else "ssd", 0.75) for n in range(40)]
    curve = metrics.figures(metrics.outcomes(labels, decided))["calibration"]
    assert curve["curve"] == [{"cases": 40, "chance": 0.75, "right": 0.75}]
    assert curve["expected_error"] == 0


@given(st.lists(st.tuples(st.sampled_from([0.6, 0.7, 0.9, 0.99]), st.booleans()), min_size=1))
def test_the_curve_holds_every_answer_once_and_its_error_is_a_mean_of_shares(cases):
    labels = strings(*({"model": f"m{n}", "kind": "hdd"} for n in range(len(cases))))
    decided = [said("hdd" if right else "ssd", chance) for chance, right in cases]
    found = metrics.calibration(metrics.outcomes(labels, decided))
    assert sum(row["cases"] for row in found["curve"]) == len(cases)
    assert 0 <= found["expected_error"] <= 1
    by_hand = sum(row["cases"] * row["right"] for row in found["curve"])
    assert by_hand == pytest.approx(sum(right for _, right in cases), abs=1e-4 * len(cases))
