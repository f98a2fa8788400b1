"""Sizes within codes: read last, where one stands out, and never enough to name a thing."""

import pytest

from valuation.identity.capacity import sold_sizes
from valuation.identity.clues import SOLD_AS_ONE_KIND, rule_clues, size_clues
from valuation.identity.code_sizes import code_sizes
from valuation.identity.decide import trusted_clues
from valuation.identity.open_texts import read_item
from valuation.identity.reference import Reference
from valuation.identity.weighing import PLAUSIBLE, weigh

# Codes of things that are no drives, with digits that drives are sold in.
NO_DRIVES = [
    "PWR-C1-1100WAC",
    "DPS-1200AB",
    "PWR-480-AC",
    "AWE-960-PS",
    "QFR-240-FAN",
    "AFX-120-48V",
    "TX-1920-24T",
    "QSFP-100G-SR4",
    "OSFP-800G-DR8",
    "ZZ-240-BLUE",
    "QX 100 BLUE",
    "XYZ-123",
    "NB2048X",
    "KV240-480",
    "LM 3840 RED",
]


@pytest.fixture(scope="module")
def sizes(tables):
    return sold_sizes(tables)


@pytest.fixture(scope="module")
def codes(tables, sizes):
    return code_sizes(tables, sizes)


def read(codes, text, kind="ssd", *, is_cut=False):
    said = codes.of(text, kind, is_cut=is_cut)
    return said.capacity_gb if said else None


def item_of(text, column="model"):
    columns = ("manufacturer", "model", "part_number", "description", "type", "capacity")
    return {"item_id": 0, **{f"{c}_raw": text if c == column else "" for c in columns}}


def test_every_example_is_read_as_its_row_says(tables, codes):
    rows = tables.frame("code_size").to_dicts()
    found = [read(codes, row["example"], row["example_kind"]) for row in rows]
    assert found == [row["expected_gb"] for row in rows]


@pytest.mark.parametrize("shape", ["QZ{}GXY12", "QZ-{}G", "AB7R{}GQ1", "QZ{}GB", "QZ0{}GXY"])
def test_every_sold_size_with_a_unit_is_read(codes, sizes, shape):
    three = [size for size in sizes.ssd if size >= 100]
    assert [read(codes, shape.format(f"{size:g}")) for size in three] == three


def test_digits_of_a_line_may_run_into_the_size_of_an_ssd(codes, sizes):
    # 3 and 37 before a size give another that is sold with none of them.
    three = [size for size in sizes.ssd if 100 <= size < 10000]
    assert [read(codes, f"QZ-X37{size:g}GT") for size in three] == three


def test_of_a_hard_drive_all_digits_are_the_size(codes):
    assert read(codes, "QZ37500GT", "hdd") is None
    assert read(codes, "QZ500GT", "hdd") == 500


@pytest.mark.parametrize(
    ("text", "size_gb"),
    [
        ("QZ1T9XY", 1920),
        ("QZ3T84", 3840),
        ("QZ7T68AB", 7680),
        ("QZ-1T00-2000", 1000),
        ("QZA-038T-1B", 3840),
        ("QZ480AB", 480),
        ("QZB-S-0960", 960),
    ],
)
def test_a_size_is_read_however_it_is_written(codes, text, size_gb):
    assert read(codes, text) == size_gb


@pytest.mark.parametrize(
    "text",
    [
        "QZ240G480G",  # two sizes
        "QZ240AB480",
        "QZ500PRO",  # round: the number of a line
        "SAMSUNG SSD 960 PRO",  # a word of its own
        "12G SAS",  # the speed of a link
        "QZ2.480GX",  # decimals of something
        "QZ3240A",  # no unit, so all digits count
        "2E256-QZ",  # 2E256 is one number
        "2.40GHZ",
        "",
    ],
)
def test_where_no_size_stands_out_none_is_read(codes, text):
    assert read(codes, text) is None


def test_digits_at_the_end_of_a_cut_text_may_be_half_a_number(codes):
    assert read(codes, "QZABCDEFGHIJK480") == 480
    assert read(codes, "QZABCDEFGHIJK480", is_cut=True) is None


def test_only_drives_have_a_size(codes):
    assert [read(codes, "QZ480GX", kind) for kind in ("psu", "fan", "memory", "other", "")] == [
        None
    ] * 5


def test_a_size_two_kinds_are_sold_in_supports_what_else_is_said(tables):
    reference = Reference(tables)
    item, _ = read_item(item_of("QZ4000GXY"), reference)
    found = size_clues(item, reference, [])
    assert [(clue.kind, clue.matched) for clue in found] == [("hdd", "4000G"), ("ssd", "4000G")]
    item, _ = read_item(item_of("QZ1920GXY"), reference)
    assert [clue.kind for clue in size_clues(item, reference, [])] == ["ssd"]
    item, _ = read_item(item_of("QZ-100GXY"), reference)  # the speed of a link
    assert size_clues(item, reference, []) == []


def test_a_size_in_a_code_is_never_enough_and_never_a_rival(tables):
    reference = Reference(tables)
    for row in tables.frame("code_size").drop_nulls("weight").to_dicts():
        assert row["weight"] < min(PLAUSIBLE, SOLD_AS_ONE_KIND)
        assert all(row["weight"] < reference.answer_from(kind) for kind in ("hdd", "ssd"))


@pytest.mark.parametrize("column", ["model", "part_number"])
@pytest.mark.parametrize("text", NO_DRIVES)
def test_digits_in_the_code_of_something_else_make_no_drive(tables, text, column):
    reference = Reference(tables)
    item, _ = read_item(item_of(text, column), reference)
    clues = trusted_clues(item, rule_clues(item, reference), reference)
    weighed = weigh(item, clues, reference)
    assert weighed is None or weighed.kind not in ("hdd", "ssd") or weighed.score < PLAUSIBLE


@pytest.mark.parametrize("text", NO_DRIVES)
def test_what_is_no_drive_comes_out_as_none(identity_of, text):
    assert identity_of(text)["kind"] not in ("hdd", "ssd")


def test_a_pattern_or_a_word_leaves_the_digits_nothing_to_say(tables):
    reference = Reference(tables)
    item, clues = read_item(item_of("PWR-MX480-2520-AC"), reference)
    assert size_clues(item, reference, clues) == []
    item, clues = read_item(item_of("Fan QZ480G"), reference)
    assert size_clues(item, reference, clues) == []


def test_the_column_goes_before_the_digits_of_the_model(identity_of):
    row = {"model": "QZ37480GX SSD", "capacity": "500 GB"}
    found = identity_of(row)
    assert (found["capacity_gb"], found["capacity_source"]) == (500, "column")
    alone = identity_of({"model": "QZ37480GX SSD"})
    assert (alone["capacity_gb"], alone["capacity_source"]) == (480, "model")


def test_labelled_drives_are_what_their_digits_say(tables, codes):
    rows = tables.frame("drive_string").drop_nulls("capacity_gb").to_dicts()
    said = [(row, read(codes, row["model"].upper(), row["kind"])) for row in rows]
    told = [(row["capacity_gb"], size) for row, size in said if size]
    wrong = [pair for pair in told if abs(pair[1] / pair[0] - 1) > 0.03]
    assert len(told) > len(rows) / 3
    assert len(wrong) <= 0.01 * len(told)
