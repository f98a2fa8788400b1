"""Code words: what a part number says it is the number of, with and without a known host in it."""

import re

import polars as pl
import pytest

from valuation.identity.code_words import CodeWords
from valuation.identity.text import clean
from valuation.tables import Tables
from valuation.units import WHOLE_KINDS

ENDINGS = {
    "-APSU-AI": "psu", "-PSU": "psu", "-PWR-AC": "psu", "-650WAC": "psu", "-1100W-AC": "psu",
    "-AC-950W": "psu", "-PEM": "psu", "-PAC-650W": "psu", "-FAN": "fan", "-FAN2-F": "fan",
    "-FANTRAY": "fan", "-FTRAY": "fan", "-PSU-FAN": "fan", "-FAN-BLANK": "other",
    "-PSU-SLOT1": "other", "-PWR-CORD": "cable",
}  # fmt: skip
"""What is joined to a host's number, and what has that number."""


def test_every_example_is_what_its_row_says(tables, identities_of):
    rows = tables.frame("code_word").to_dicts()
    found = identities_of(*(row["example"] for row in rows))
    assert [(i["kind"], i["item_class"]) for i in found] == [
        (row["expected_kind"], row["expected_class"]) for row in rows
    ]


def test_every_example_holds_a_sign_and_the_word(tables):
    for row in tables.frame("code_word").iter_rows(named=True):
        example = clean(row["example"])
        assert any(sign in example for sign in row["signs"].split()), row["code_word_id"]
        assert re.search(row["pattern"], example), row["code_word_id"]


def test_every_kind_of_what_is_no_part_has_a_reason(tables):
    for row in tables.frame("code_word").iter_rows(named=True):
        assert (row["kind"] in ("fan", "psu")) == (row["not_counted_reason"] is None)


def host_numbers(tables: Tables) -> list[str]:
    """Examples of host families whose last word is a number with digits."""
    rows = pl.concat(
        [tables.frame(name).select("kind", "example") for name in ("catalogue", "grammar")]
    ).filter(pl.col("kind").is_in(WHOLE_KINDS))
    return [e for e in rows["example"] if any(c.isdigit() for c in e.split()[-1])]


def assert_never_the_host(numbers, identities_of):
    joined = [(n + ending, kind) for n in numbers for ending, kind in ENDINGS.items()]
    found = [i["kind"] for i in identities_of(*(number for number, _ in joined))]
    hosts = [n for (n, _), kind in zip(joined, found, strict=True) if kind in WHOLE_KINDS]
    assert hosts == []
    right = sum(kind == said for (_, kind), said in zip(joined, found, strict=True))
    assert right >= 0.995 * len(joined)


def test_a_number_that_begins_with_a_host_is_of_the_part(tables, identities_of):
    assert_never_the_host(host_numbers(tables)[::25], identities_of)


@pytest.mark.long
def test_a_number_that_begins_with_any_host_is_of_the_part(tables, identities_of):
    assert_never_the_host(host_numbers(tables), identities_of)


@pytest.mark.parametrize("ending", ["-APSU-AI", "-1100W-AC", "-FAN", "-FANTRAY", "-PSU-FAN"])
def test_a_code_word_outranks_a_host_whatever_its_own_pattern_says(tables, ending):
    words = CodeWords(tables, ("FAN", "PSU"))
    (clue,) = words.clues("model", f"QX9200-48Y{ending}")
    assert (clue.kind, clue.matched) == (ENDINGS[ending], f"QX9200-48Y{ending}")


# Numbers of power supplies, fans and hosts that no row is written for.
@pytest.mark.parametrize(
    "number",
    [
        "C6880-X-3KW-AC", "NCS-1100W-ACRV", "ASA5545-PWR-AC", "WS-CAC-3000W", "DS-CAC97-3KW",
        "MX2000-PSM-AC-S", "QFX5220-APSU-AFO", "FG-7030E-PS-AC", "OS9900-PS-A", "PSR1400-D-PSU",
        "XBR-250WPSAC-F", "VSP8K-PSU-800-AC", "CPAC-PSU-6000", "A58x0AF-650W-AC", "PFU3B",
    ],
)  # fmt: skip
def test_numbers_of_power_supplies(identity_of, number):
    assert identity_of(number)["kind"] == "psu"


@pytest.mark.parametrize(
    "number",
    [
        "LSWM1FANSA", "M1SFAN-I-F", "MTFAN-A", "AR01EFANB", "FTRAY-MX80", "E7-2-FTRAY",
        "CRS-16-LCC-FAN-TR", "PA-7050-FANTRAY-L-A", "BR-SLX-9850-8-FAN", "DS-2SLOT-FAN",
        "PWR-FAN-ASR920", "N20-FAN5",
    ],
)  # fmt: skip
def test_numbers_of_fans(identity_of, number):
    assert identity_of(number)["kind"] == "fan"


@pytest.mark.parametrize(
    "number",
    [
        "S5700-28C-PWR-EI", "S2700-26TP-PWR-EI", "S5720-28P-PWR-LI-AC", "S5130-28S-PWR-EI",
        "ERS5520-24T-PWR", "5520-48T-PWR", "VSP7254XSQ-PWR", "WS-C3750-24PS-S", "CE12804-AC",
        "EX4300-48P-AFI", "S5720-56C-PWR-EI-AC",
    ],
)  # fmt: skip
def test_a_switch_whose_ports_are_powered_is_no_power_supply(identity_of, number):
    assert identity_of(number)["kind"] == "switch"


@pytest.mark.parametrize(
    "number",
    ["PWR-BLNK-MX240", "PWR-C1-BLANK", "UCSC-PSU-BLKP1U", "ASR1004-FAN-FILTER", "N20-FAN-BLANK"],
)
def test_plates_and_filters_are_no_parts(identity_of, number):
    found = identity_of(number)
    assert (found["kind"], found["counted"]) == ("other", False)


@pytest.mark.parametrize("text", ["FAN-1F", "PSU-1", "FAN 2", "FANTRAY2", "QSFP28-PSM4", "FANOUT"])
def test_names_of_places_and_other_words_are_left_to_others(tables, text):
    assert CodeWords(tables, ("FAN", "PSU", "FANTRAY")).clues("model", text) == []


@pytest.mark.parametrize("bundle", ["R740-2PSU", "X500-4FAN", "2PSU"])
def test_a_count_says_what_a_bundle_holds(tables, bundle):
    assert CodeWords(tables, ("FAN", "PSU")).clues("model", bundle) == []


def test_a_description_names_places_beside_the_part(tables):
    words = CodeWords(tables, ("FAN", "PSU"))
    assert words.clues("description", "supply in CHS-PSU-BAY2") == []
    assert [c.reason for c in words.clues("model", "CHS-PSU-BAY2")] == ["container"]


@pytest.mark.parametrize(
    ("number", "power_w"), [("XX-1100W-AC", 1100), ("C1-3KW-AC", 3000), ("N9-AC-6.0KW", 6000)]
)
def test_watts_are_read(tables, number, power_w):
    (clue,) = CodeWords(tables, ()).clues("model", number)
    assert clue.traits.power_w == power_w


def test_a_row_left_out_says_nothing(tables):
    known = {c.candidate for c in CodeWords(tables, ()).clues("model", "QX1-APSU-AI")}
    without = frozenset(f"grammar/{name}" for name in known)
    assert known
    assert CodeWords(tables, (), without).clues("model", "QX1-APSU-AI") == []
