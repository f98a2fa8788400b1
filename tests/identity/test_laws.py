"""Laws of identity: spelling, order, cutting and rubbish do not change or break it."""

import re
import string

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from valuation.frames import EVIDENCE, HOST_PARTS, IDENTITY
from valuation.identity import identify
from valuation.identity.beginnings import TELLING, beginnings, unfinished
from valuation.identity.capacity import sold_sizes
from valuation.identity.grammar import Rule, Rules, read_clues
from valuation.identity.syntax import parsed
from valuation.identity.text import clean, squash, words_pattern
from valuation.identity.traits import NOTHING

MODELS = ("ST4000NM0033", "SSDSC2BB480G4", "MTFDDAK480TBY", "MG07ACA14TE", "HUH721212ALE600")
VENDOR = {"ST": "SEAGATE", "SS": "INTEL", "MT": "MICRON", "MG": "TOSHIBA", "HU": "HGST"}


@pytest.mark.parametrize("model", MODELS)
def test_spelling_variants_of_one_part_have_one_key(identities_of, model):
    vendor = VENDOR[model[:2]]
    variants = (
        model,
        model.lower(),
        f"  {model} ",
        f"{vendor} {model}",
        f"{vendor}  {model}",
        f"{vendor} {vendor} {model}",
        f"{vendor}_{model}",
        f"{vendor}\u00a0{model}",
        f"{vendor.title()} {model} 4TB",
        f"{model[:2]} {model[2:6]}-{model[6:]}",
    )
    found = identities_of(*variants)
    assert len({i["part_key"] for i in found}) == 1
    assert len({i["family_key"] for i in found}) == 1
    assert len({(i["kind"], i["item_class"], i["capacity_gb"]) for i in found}) == 1


def test_a_drive_cut_to_sixteen_characters_keeps_its_kind(tables, identities_of):
    drives = tables.frame("grammar").filter(pl.col("kind").is_in(["hdd", "ssd"]))
    full = [e for e in drives["example"] if len(e) > 16]
    whole, cut = identities_of(*full), identities_of(*(e[:16] for e in full))
    wrong = [
        (text[:16], a["kind"], b["kind"])
        for text, a, b in zip(full, whole, cut, strict=True)
        if b["kind"] not in (a["kind"], "unidentified")
    ]
    assert wrong == []
    for a, b in zip(whole, cut, strict=True):
        assert b["capacity_gb"] in (None, a["capacity_gb"])


def test_zeros_where_a_number_stands_are_no_size(tables, identities_of):
    rows = [row for row in tables.frame("grammar").to_dicts() if "(?P<" in row["pattern"]]
    zeroed = [re.sub(r"\d", "0", row["example"]) for row in rows]
    found = identities_of(*dict.fromkeys(zeroed))
    assert sum(i["kind"] in ("hdd", "ssd") for i in found) > 10
    numbers = ("capacity_gb", "power_w", "rpm", "u_height", "fan_size_mm")
    assert [i["model"] for i in found if 0 in [i[name] for name in numbers]] == []


def test_what_was_read_before_does_not_change_what_a_cut_text_says(tables):
    sizes = sold_sizes(tables)
    rule = Rule("grammar", "x", "hdd", 0.9, "", NOTHING, {}, r"A+(?P<gb>\d{3})B?")
    texts = ["A" * 12 + "500B", "A" * 13 + "500"]  # the digits of the second may be half a number
    for order in (texts, texts[::-1]):
        rules = Rules([rule])
        said = {t: read_clues(rules, "model", t, sizes)[0].traits.capacity_gb for t in order}
        assert [said[text] for text in texts] == [500, None]


def test_a_text_cut_anywhere_inside_its_pattern_could_have_become_it(tables):
    # An open repetition may hold any text, so it is no evidence and those patterns stay silent.
    rows = [
        r for r in tables.frame("grammar").to_dicts() if not re.search(r"[*+]|,\}", r["pattern"])
    ]
    assert len(rows) > 100
    for row in rows:
        text = clean(row["example"])
        match = re.search(rf"(?<![A-Z0-9])(?:{row['pattern']})", text)
        shape = parsed(row["pattern"])
        for end in range(match.start() + 1, match.end()):
            assert unfinished(shape, text[match.start() : end]), (row["grammar_id"], end)


@given(st.text(alphabet="ABX12-", max_size=6))
def test_a_text_is_a_beginning_exactly_when_some_ending_completes_it(text):
    pattern = r"A(?:B|X(?P<n>[12]{2}))-?(?!B)[12]$"
    wholes = [
        "A" + middle + dash + last
        for middle in ("B", "X11", "X12", "X21", "X22")
        for dash in ("", "-")
        for last in "12"
    ]
    assert all(re.fullmatch(pattern, whole) for whole in wholes)
    begins = any(len(text) < len(whole) and whole.startswith(text) for whole in wholes)
    assert bool(unfinished(parsed(pattern), text)) == begins


@pytest.mark.parametrize(
    ("row", "kind", "item_class", "capacity_gb"),
    [
        ("TOSHIBA DT01ACA2", "hdd", "hdd-3.5-desktop", None),
        ("TOSHIBA MD04ACA4", "hdd", "hdd-3.5-desktop", None),
        ("TOSHIBA MQ01ABF0", "hdd", "hdd-2.5-notebook", None),
        ("ATA     DT01ACA2", "hdd", "hdd-3.5-desktop", None),
        ({"manufacturer": "TOSHIBA", "model": "DT01ACA2"}, "hdd", "hdd-3.5-desktop", None),
        ("HITACHI HUS72404", "hdd", "hdd-3.5-nearline-air", None),
        ("HP      MB4000GE", "hdd", "hdd-3.5-nearline-air", 4000),  # all its digits are there
    ],
)
def test_a_cut_model_takes_what_all_its_completions_agree_on(
    identity_of, row, kind, item_class, capacity_gb
):
    found = identity_of(row)
    assert (found["kind"], found["item_class"]) == (kind, item_class)
    assert (found["capacity_gb"], found["method"]) == (capacity_gb, "prefix")


@pytest.mark.parametrize("model", ["DT01", "QZ93847561029384", "Aruba J9899A"])
def test_what_is_not_cut_or_has_no_agreeing_completion_stays_open(identity_of, model):
    assert identity_of(model)["method"] == "abstain"


def test_agreement_never_lowers_confidence_and_never_makes_a_rival(tables, identities_of):
    words = tables.frame("type_word").filter(pl.col("not_counted_reason").is_null())
    supporting = {
        kind: words.filter((pl.col("kind") == kind) & (pl.col("weight") > 0.5))["word"].to_list()
        for kind in words["kind"].unique()
    }
    rows = [r for r in tables.frame("grammar").to_dicts() if r["kind"] in supporting]
    alone = identities_of(*(r["example"] for r in rows))
    for nth in range(6):
        typed = [supporting[r["kind"]][nth % len(supporting[r["kind"]])] for r in rows]
        both = identities_of(
            *({"model": r["example"], "type": w} for r, w in zip(rows, typed, strict=True))
        )
        worse = [
            (row["grammar_id"], word, one["confidence"], two["confidence"], two["runner_up_kind"])
            for row, word, one, two in zip(rows, typed, alone, both, strict=True)
            if two["confidence"] < one["confidence"]
            or (two["runner_up_kind"] and not one["runner_up_kind"])
        ]
        assert worse == []


ANY_TEXT = st.one_of(
    st.text(max_size=40),
    st.text(alphabet=string.ascii_uppercase + string.digits + " -/_.()", max_size=40),
    st.sampled_from(
        ["HDD", "ST4000NM0033", "25x ", "LOT 40", "12x 6TB SATA", "PowerEdge R740", "Fan", "1,8 TB"]
    ),
)


@settings(max_examples=30)
@given(st.lists(st.tuples(*[ANY_TEXT] * 6), min_size=1, max_size=20))
def test_any_text_gives_one_row_that_fits_the_contract(tables, item_rows, texts):
    result = identify(item_rows(texts), tables)
    assert len(result.items) == len(texts)
    IDENTITY.check(result.items)
    EVIDENCE.check(result.evidence)
    HOST_PARTS.check(result.host_parts)
    known = result.items.filter(pl.col("kind") != "unidentified")
    assert known["confidence"].is_between(0.5, 1).all()
    assert known["item_class"].null_count() == 0
    assert (result.items["counted"] == result.items["not_counted_reason"].is_null()).all()
    assert (result.items["pieces"] >= 1).all()


@given(st.permutations(range(len(MODELS) + 2)))
def test_the_order_of_rows_does_not_matter(tables, item_rows, order):
    texts = [("", m, "", "", "", "") for m in (*MODELS, "PowerEdge R740", "Fan 1")]
    items = item_rows(texts)
    straight, mixed = identify(items, tables), identify(items[list(order)], tables)
    assert_frame_equal(straight.items, mixed.items)
    assert_frame_equal(straight.evidence, mixed.evidence)
    assert_frame_equal(straight.host_parts, mixed.host_parts)


def test_every_example_begins_as_its_pattern_allows(tables):
    for table in ("grammar", "catalogue"):
        for row in tables.frame(table).iter_rows(named=True):
            text = clean(row["example"])
            match = re.search(rf"(?<![A-Z0-9])(?:{row['pattern']})", text)
            begins = text[match.start() : match.start() + TELLING]
            assert any(begins.startswith(b) for b in beginnings(parsed(row["pattern"]))), row[
                "example"
            ]


@given(st.lists(st.text(alphabet="ABC ", min_size=1, max_size=5), min_size=1, max_size=12))
def test_a_pattern_of_words_matches_each_of_them_whole(words):
    pattern = re.compile(words_pattern(words))
    assert all(pattern.fullmatch(word) for word in words)
    assert not pattern.fullmatch("D")


@given(st.text(max_size=30))
def test_cleaning_twice_is_cleaning_once(text):
    assert clean(clean(text)) == clean(text)
    assert squash(squash(text)) == squash(text)
