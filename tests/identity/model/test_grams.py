"""Grams: a text has the same places alone and among others, and no run reaches over a blank."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from valuation.identity.model.grams import LONGEST, PLACES, SHAPE_WEIGHT, SHORTEST, grams_of

TEXTS = st.lists(st.text(st.characters(blacklist_categories=("Cs",)), max_size=30), max_size=6)


def runs_of(text):
    """The n-grams of a text by a plain loop: those of each word with a blank at either end."""
    words = [f" {word} " for word in text.split()]
    return [
        word[at : at + length]
        for length in range(SHORTEST, LONGEST + 1)
        for word in words
        for at in range(len(word) - length + 1)
    ]


def place_of(run):
    """FNV-1a of 64 bits as published, folded."""
    hashed = 0xCBF29CE484222325
    for letter in run:
        hashed = ((hashed ^ ord(letter)) * 0x100000001B3) % 2**64
    return (hashed ^ hashed >> 32) % PLACES


def places_and_values(text):
    """What one text holds, by plain loops."""
    counts = Counter(place_of(run) for run in runs_of(text))
    norm = sum(n**2 for n in counts.values()) ** 0.5
    return {place: n / norm for place, n in counts.items()}


@given(TEXTS)
def test_the_grams_are_those_of_a_plain_loop(texts):
    grams = grams_of(texts)
    for n, text in enumerate(texts):
        mine = grams.rows(np.array([n]))
        shape = "".join("0" if "0" <= letter <= "9" else letter for letter in text)
        expected = places_and_values(text)
        expected |= {PLACES + p: SHAPE_WEIGHT * v for p, v in places_and_values(shape).items()}
        assert mine.places.tolist() == sorted(expected)
        np.testing.assert_allclose(mine.values, [v for _, v in sorted(expected.items())], rtol=1e-5)


@given(TEXTS)
def test_a_text_has_the_same_grams_alone_and_among_others(texts):
    among = grams_of(texts)
    for n, text in enumerate(texts):
        alone, picked = grams_of([text]), among.rows(np.array([n]))
        np.testing.assert_array_equal(alone.places, picked.places)
        np.testing.assert_array_equal(alone.values, picked.values)


@given(TEXTS)
def test_places_are_in_range_and_the_shape_weighs_less(texts):
    grams = grams_of(texts)
    assert ((grams.places >= 0) & (grams.places < 2 * PLACES)).all()
    shape = grams.places >= PLACES
    for begin, end in zip(grams.starts, grams.starts[1:], strict=False):
        values, of_shape = grams.values[begin:end], shape[begin:end]
        if end > begin:
            np.testing.assert_allclose((values[~of_shape] ** 2).sum(), 1, rtol=1e-5)
            np.testing.assert_allclose((values[of_shape] ** 2).sum(), SHAPE_WEIGHT**2, rtol=1e-5)


def test_digits_differ_in_the_text_and_not_in_its_shape():
    one, other = grams_of(["AB12"]), grams_of(["AB34"])
    of_shape = one.places >= PLACES
    np.testing.assert_array_equal(one.places[of_shape], other.places[of_shape])
    assert (one.places[~of_shape] != other.places[~of_shape]).any()
