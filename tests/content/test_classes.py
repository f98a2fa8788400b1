"""Masses of one unit of every class: drawn once for a seed and number of draws."""

import numpy as np
import pytest

from valuation.content.classes import DrawnClasses, class_masses
from valuation.content.library import load_library
from valuation.uncertain import Source


@pytest.fixture(scope="module")
def library(tables):
    return load_library(tables)


def assert_same(one, other):
    for name in ("mean_kg", "p10_kg", "p90_kg", "ree_draws_kg"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_every_source_gets_its_own_masses_and_is_told_what_was_drawn(tables, library):
    kept = DrawnClasses(tables)
    for seed, draws in ((1, 40), (1, 40), (2, 40), (1, 60), (1, 40)):
        asked, apart = Source(seed, draws), Source(seed, draws)
        assert_same(kept.of(asked), class_masses(library, apart))
        assert asked.noted.keys() == apart.noted.keys()
        for key, (mean, drawn, unit) in apart.noted.items():
            assert asked.noted[key][0::2] == (mean, unit)
            np.testing.assert_array_equal(asked.noted[key][1], drawn)


def test_they_are_drawn_once_for_a_source(tables):
    kept = DrawnClasses(tables)
    first = kept.of(Source(1, 40))
    assert kept.of(Source(1, 40)) is first
    assert kept.of(Source(2, 40)) is not first


def test_a_source_with_generators_of_its_own_is_asked_each_time(tables):
    class Mixed(Source):
        def generator(self, key):
            return Source(99, self.draws).generator(key)

    kept = DrawnClasses(tables)
    plain = kept.of(Source(1, 40))
    mixed = kept.of(Mixed(1, 40))
    assert not np.array_equal(mixed.ree_draws_kg, plain.ree_draws_kg)
