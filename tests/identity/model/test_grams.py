"""Grams: a text has the same places alone and among others, and no run reaches over a blank."""

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


@given(TEXTS)
def test_a_text_has_as_many_grams_as_its_words_have_runs_of_letters(texts):
    grams = grams_of(texts)
    assert np.diff(grams.starts).tolist() == [2 * len(runs_of(text)) for text in texts]


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


def test_grams_are_hashed_as_published():
    # FNV-1a of 64 bits: offset 0xcbf29ce484222325, prime 0x100000001b3
    hashed = 0xCBF29CE484222325
    for letter in " A":
        hashed = ((hashed ^ ord(letter)) * 0x100000001B3) % 2**64
    assert grams_of(["A"]).places[0] == (hashed ^ hashed >> 32) % PLACES
