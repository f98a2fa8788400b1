"""Quantities as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuation.inventory.quantity import read_quantities


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", 1),
        ("   ", 1),
        ("\u00a0", 1),
        ("4", 4),
        (" 4 ", 4),
        ("\u00a04", 4),
        ("007", 7),
        ("+3", 3),
        ("-3", -3),
        ("−3", -3),
        ("0", 0),
        ("12.0", 12),
        ("12.00", 12),
        ("25x", 25),
        ("x25", 25),
        ("× 25", 25),
        ("25 pcs", 25),
        ("25 pcs.", 25),
        ("25PCS", 25),
        ("25 ea", 25),
        ("25 units", 25),
        ("Qty: 25", 25),
        ("25 Stück", 25),
        ("25개", 25),
        ("1,200", 1200),
        ("1,234,567", 1234567),
        ("1 200", 1200),
        ("1'200", 1200),
        ("1’200", 1200),
        ("1,00,000", 100000),  # a lakh
        ("10,00,000.00", 1000000),
        ("２５", 25),
        ("１，２００", 1200),
        ("٢٥", 25),
        ("'25", 25),  # a number kept as text
        ("\u200b", 1),
        ("1 200,0", 1200),
        ("25 Stck.", 25),
        ("0,001", None),
        ("1 2", None),
        ("1'2", None),
        ("12,345,67", None),
        ("1,200,00", None),
        ("½", None),
        ("2²", None),
        ("30+", None),
        ("10-12", None),
        ("1.2E+03", None),
        ("approx 30", None),
        ("-", None),
        ("unknown", None),
        ("3-", None),
        ("1.5", None),
        ("1/2", None),
        ("1 or 2", None),
        ("~40", None),
        ("(4)", None),
        ("1.2.3.4", None),
        ("1,2,3", None),
        ("1E3", None),
        ("many", None),
        ("#VALUE!", None),
        ("N/A", None),
        ("2-3", None),
    ],
)
def test_a_quantity_is_read_or_known_to_be_unreadable(text: str, pieces: float | None) -> None:
    assert read_quantities([text]) == {text: pieces}


@pytest.mark.parametrize(
    ("texts", "decimal_comma", "expected"),
    [
        # 12,5 can only be decimals, so the dot groups thousands in this file
        (["1.200", "12,0"], False, [1200, 12]),
        # 12.5 can only be decimals, so the comma groups thousands and 1.200 is 1.2
        (["1,200", "12.0", "1.200"], False, [1200, 12, None]),
        # a whole number of pieces leaves one reading
        (["1.200"], False, [1200]),
        (["1,200"], True, [1200]),
        # open: the layout of the file decides
        (["1.000", "12.000", "3.000"], False, [1, 12, 3]),
        (["1,000", "12,000"], True, [1, 12]),
        (["1.000", "12.000"], True, [1000, 12000]),
        (["1,000", "12,000"], False, [1000, 12000]),
        (["1.000", "5"], True, [1000, 5]),
        (["1,000", "5"], False, [1000, 5]),
        (["1.234,0"], False, [1234]),
        (["1,234.0"], True, [1234]),
        (["1.200", "1,5"], False, [1200, None]),
        (["1,200", "0.500"], True, [1200, None]),
        (["1,200", "1.200"], False, [1200, None]),  # the file contradicts itself
    ],
)
def test_commas_and_dots_are_decided_by_file(
    texts: list[str], decimal_comma: bool, expected: list[float | None]
) -> None:
    assert list(read_quantities(texts, decimal_comma).values()) == expected


@given(st.integers(-(10**6), 10**6), st.sampled_from(["{}", "{}x", "{} pcs", " {}", "{}.0"]))
def test_a_whole_number_survives_its_writing(number: int, form: str) -> None:
    text = form.format(number)
    assert read_quantities([text]) == {text: number}


@given(st.lists(st.text(max_size=12), max_size=20))
def test_any_text_is_answered_without_an_error(texts: list[str]) -> None:
    answers = read_quantities(texts)
    assert answers.keys() == set(texts)
    assert all(value is None or value == int(value) for value in answers.values())
