"""The shipped patterns test themselves: each row's example comes out as the row says."""

import re

import pytest

from valuation.identity.reference import Reference
from valuation.identity.text import clean


def test_every_grammar_example_is_what_its_row_says(tables, identities_of):
    rows = tables.frame("grammar").to_dicts()
    found = identities_of(*(row["example"] for row in rows))
    wrong = [
        (row["grammar_id"], identity["kind"], identity["item_class"], identity["capacity_gb"])
        for row, identity in zip(rows, found, strict=True)
        if (identity["kind"], identity["item_class"], identity["capacity_gb"])
        != (row["expected_kind"], row["expected_class"], row["expected_capacity_gb"])
    ]
    assert wrong == []


def test_every_family_example_is_of_its_family(tables, identities_of):
    rows = tables.frame("catalogue").to_dicts()
    found = identities_of(*(row["example"] for row in rows))
    wrong = [
        (row["family_key"], identity["family_key"], identity["kind"])
        for row, identity in zip(rows, found, strict=True)
        if (identity["family_key"], identity["kind"]) != (row["family_key"], row["kind"])
    ]
    assert wrong == []


def test_every_family_mass_reaches_its_items(tables, identities_of):
    masses = tables.frame("family_mass").join(tables.frame("catalogue"), on="family_key")
    found = identities_of(*masses["example"])
    assert [i["unit_mass_g"] for i in found] == masses["value"].to_list()
    # The stated limits are the 5 % and 95 % points, 3.29 SD apart.
    width = (masses["high"] / masses["low"]).log() / 3.2897
    assert [i["unit_mass_log_sd"] for i in found] == pytest.approx(width.to_list(), rel=1e-4)


def test_a_mass_and_its_spread_are_known_together_or_not_at_all(tables, identities_of):
    found = identities_of(*tables.frame("grammar")["example"], "PowerEdge R740", "no such thing")
    assert {(i["unit_mass_g"] is None, i["unit_mass_log_sd"] is None) for i in found} == {
        (True, True), (False, False),
    }  # fmt: skip


def test_every_lot_example_hides_as_many_pieces_as_said(tables, identities_of):
    rows = tables.frame("lot_word").to_dicts()
    found = identities_of(*(row["example"] for row in rows))
    assert [(i["pieces"], i["pieces_rule"]) for i in found] == [
        (row["expected_pieces"], row["rule"]) for row in rows
    ]


def test_every_trait_example_matches(tables):
    for row, word in zip(
        tables.frame("trait_word").to_dicts(), Reference(tables).trait_words, strict=True
    ):
        assert word.regex.search(clean(row["example"])), row["trait_id"]


def test_every_word_is_found_alone(tables):
    reference = Reference(tables)
    for word in reference.words:
        found = reference.word_regex.search(word)
        assert found, word
        assert found[0] == word


@pytest.mark.parametrize("table", ["grammar", "class_rule"])
def test_every_class_named_is_a_content_class(tables, table):
    column = "expected_class" if table == "grammar" else "item_class"
    known = set(tables.frame("item_class")["item_class"])
    assert set(tables.frame(table)[column]) <= known


def test_every_code_set_named_exists_and_every_one_is_named(tables):
    named = {
        group.removeprefix("code_")
        for row in tables.frame("grammar").iter_rows(named=True)
        for group in re.compile(row["pattern"]).groupindex
        if group.startswith("code_")
    } | set(tables.frame("grammar")["code_set"].drop_nulls())
    assert named == set(tables.frame("part_code")["code_set"])


def test_a_row_that_names_a_code_set_has_a_group_for_it(tables):
    for row in tables.frame("grammar").drop_nulls("code_set").iter_rows(named=True):
        assert "code" in re.compile(row["pattern"]).groupindex, row["grammar_id"]


def test_groups_of_patterns_are_ones_that_are_decoded(tables):
    decoded = {
        "gb", "tb", "gb_tenths", "gb_tens", "tb_tenths", "tb_hundredths", "size", "watts",
        "kilowatts", "u", "code",
    }  # fmt: skip
    for row in tables.frame("grammar").iter_rows(named=True):
        groups = {g for g in re.compile(row["pattern"]).groupindex if not g.startswith("code_")}
        assert groups <= decoded, row["grammar_id"]


def test_the_last_rule_of_every_kind_asks_nothing(tables):
    for kind, rules in Reference(tables).class_rules.items():
        last = rules[-1]
        assert (last.segment, last.form_factor_in, last.attribute) == (None, None, None), kind
