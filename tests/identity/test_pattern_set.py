"""Pattern sets: they may name a pattern too many, never one too few."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation.identity.beginnings import TELLING, beginnings, unfinished
from valuation.identity.model.labelled import TEXTS, labelled_strings
from valuation.identity.pattern_set import PatternSet
from valuation.identity.reference import Reference
from valuation.identity.syntax import without_looks
from valuation.identity.text import clean, squash

SIGNS = st.text(st.sampled_from("ABCDEFGHKLMNPRSTUVWX0123456789 -/.,()#+é한²"), max_size=40)


@pytest.fixture(scope="module")
def reference(tables):
    return Reference(tables)


@pytest.fixture(scope="module")
def every_rule(reference):
    return reference.rules._rules


@pytest.fixture(scope="module")
def texts(tables):
    """Every labelled text and every example, as they are cleaned."""
    strings = labelled_strings(tables)
    said = {clean(text) for name in TEXTS for text in strings[name].drop_nulls()}
    return sorted(said)


def test_no_rule_that_matches_a_labelled_text_is_passed_over(reference, every_rule, texts):
    rules = reference.rules
    for number, text in enumerate(texts[::3]):
        named = {id(rule) for rule in rules.candidates(text, whole=False)}
        # every rule on every text takes half a minute: each text is tried with a fifth of them
        for rule in rules._rules[number % 5 :: 5]:
            if rule.regex.search(text):
                assert id(rule) in named, (text, rule.name)


def test_each_rule_is_named_for_its_own_example(reference, tables):
    for table, key in (("catalogue", "family_key"), ("grammar", "grammar_id")):
        for row in tables.frame(table).iter_rows(named=True):
            text = clean(row["example"])
            named = {rule.name for rule in reference.rules.candidates(text, whole=False)}
            joined = {r.name for r in reference.rules.candidates(squash(text), whole=True)}
            assert row[key] in named | joined, row["example"]


@settings(max_examples=300, deadline=None)
@given(SIGNS)
def test_no_word_of_a_made_up_text_is_passed_over(reference, text):
    text = clean(text)
    trait_words = reference.trait_words_in(text)
    assert all(w in trait_words for w in reference.trait_words if w.regex.search(text))
    lot_words = reference.lot_words_in(text)
    assert all(w in lot_words for w in reference.lot_words if w.regex.search(text))
    named = {id(rule) for rule in reference.rules.candidates(text, whole=False)}
    for rule in reference.rules._rules[:: 1 + len(text)]:
        if rule.regex.search(text):
            assert id(rule) in named


def test_what_the_automaton_cannot_follow_is_always_tried():
    patterns = PatternSet([r"AB(?=C)", r"(A)\1", r"ZZ"], anywhere=True)
    assert patterns.may_match("xAByy") == [0, 1]
    assert PatternSet([r"(A)\1"]).may_match_words("Q") == [0]
    assert PatternSet([]).may_match("Q") == []


def test_a_match_begins_where_the_text_or_one_of_its_words_does():
    patterns = PatternSet(["ST[0-9]", "4"])
    assert patterns.may_match("ST4000") == [0]
    assert patterns.may_match_words("SEAGATE-ST4000 4") == [0, 1]
    assert patterns.may_match_words("XST4000") == []


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("ST(?![0-9])", "ST"),
        ("(?<![A-Z])ST(?=(?:A|B(?!C))X)4", "ST4"),
        (r"A[(?!]B\((?!C)", r"A[(?!]B\("),
        ("(?P<gb>[0-9]+)(?:T|G(?!B))", "(?P<gb>[0-9]+)(?:T|G)"),
    ],
)
def test_conditions_on_neighbours_are_left_out_whatever_they_hold(pattern, left):
    assert without_looks(pattern) == left
    re.compile(pattern)


def test_a_cut_text_is_told_every_rule_it_can_be_the_beginning_of(reference, every_rule, texts):
    """The automaton may name a rule too many; what breaks off inside a match is read by hand."""
    begun = [(rule, beginnings(rule.shape)) for rule in every_rule]
    telling = [(rule, tuple(b)) for rule, b in begun if all(len(one) >= TELLING for one in b)]
    tried = 0
    for number, text in enumerate(texts[::9]):
        cut = text[: 6 + number % 12]
        named = {id(rule) for rule in reference.rules.begun_by(cut)}
        for rule, begins in telling:
            if cut.startswith(begins) and unfinished(rule.shape, cut):
                tried += 1
                assert id(rule) in named, (cut, rule.name)
                assert rule.ways(cut) == unfinished(rule.shape, cut)
    assert tried > 500
