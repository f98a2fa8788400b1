"""Chances of outcomes: what was counted, leaning on wider counts where there are few."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuation.identity.confidence import Cell, Confidence, cell_of, counted

PRIOR = {("grammar", "alone"): 0.95, ("classifier", "alone"): 0.8}
GRAMMAR = Cell("grammar", "alone", "drive", 0.98)


def test_without_a_case_the_prior_speaks_but_never_above_the_score():
    assert Confidence(PRIOR, {}).of(GRAMMAR) == pytest.approx(0.95)
    # a score below 0.6 is no better than 0.6, whatever the method usually is
    assert Confidence(PRIOR, {}).of(GRAMMAR._replace(strength=0.0)) == pytest.approx(0.6)


def test_an_outcome_nobody_has_a_prior_for_is_as_likely_wrong():
    assert Confidence({}, {}).of(GRAMMAR) == pytest.approx(0.5)


def test_many_cases_outweigh_the_prior_and_a_few_do_not():
    many = Confidence(PRIOR, {GRAMMAR: (10_000, 5_000)}).of(GRAMMAR)
    few = Confidence(PRIOR, {GRAMMAR: (2, 1)}).of(GRAMMAR)
    assert many == pytest.approx(0.5, abs=0.01)
    assert 0.75 < few < 0.95


def test_cases_of_a_neighbour_move_a_cell_without_cases():
    bad = {GRAMMAR._replace(strength=0.95): (500, 250)}
    assert Confidence(PRIOR, bad).of(GRAMMAR) < Confidence(PRIOR, {}).of(GRAMMAR)


def test_drives_and_switches_have_chances_of_their_own():
    counts = {GRAMMAR: (1000, 1000), GRAMMAR._replace(group="other"): (1000, 800)}
    confidence = Confidence(PRIOR, counts)
    assert confidence.of(GRAMMAR) > 0.99
    assert confidence.of(GRAMMAR._replace(group="other")) == pytest.approx(0.8, abs=0.01)


def test_what_letters_know_of_drives_is_not_what_they_know_of_other_things():
    drive = Cell("classifier", "alone", "drive", 0.9)
    mistaken = {drive._replace(group="other"): (500, 200)}
    assert Confidence({}, mistaken).of(drive) == Confidence({}, {}).of(drive)
    # a pattern is a pattern, whatever it is of
    drive, mistaken = GRAMMAR, {GRAMMAR._replace(group="other"): (500, 200)}
    assert Confidence(PRIOR, mistaken).of(drive) < Confidence(PRIOR, {}).of(drive)


def test_cases_of_its_own_group_still_move_a_cell_of_letters():
    drive = Cell("classifier", "alone", "drive", 0.9)
    mistaken = {drive._replace(strength=0.6): (500, 200)}
    assert Confidence(PRIOR, mistaken).of(drive) < Confidence(PRIOR, {}).of(drive)


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0, 1))
def test_a_chance_is_a_chance_and_rises_with_what_was_right(cases, right, score):
    right = min(cases, right)
    cell = cell_of("classifier", "alone", "hdd", score)
    chance = Confidence(PRIOR, {cell: (cases, right)}).of(cell)
    assert 0 <= chance <= 1
    if right < cases:
        assert Confidence(PRIOR, {cell: (cases, right + 1)}).of(cell) >= chance


@given(st.lists(st.tuples(st.sampled_from([GRAMMAR, GRAMMAR._replace(stance="agreed")]),
                          st.booleans())))  # fmt: skip
def test_counting_loses_no_outcome(outcomes):
    counts = counted(outcomes)
    assert sum(cases for cases, _ in counts.values()) == len(outcomes)
    assert sum(right for _, right in counts.values()) == sum(right for _, right in outcomes)
