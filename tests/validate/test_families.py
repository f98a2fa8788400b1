"""Many families: spread shrinks to what all drives share, and no further."""

import math

import pytest

from valuation.content.library import load_library
from valuation.uncertain import Source
from valuation.validate.families import family_spreads


@pytest.mark.parametrize("item_class", ["hdd-3.5-nearline-helium", "hdd-3.5-nearline-air"])
def test_a_lot_of_endlessly_many_families_keeps_what_is_shared(tables, item_class):
    one, some, many = family_spreads(load_library(tables), Source(1, 1000), item_class)
    assert (one.families, some.families, many.families) == (1, 40, 1000)
    assert one.log_sd > some.log_sd
    for spread in (one, some, many):
        assert spread.log_sd >= spread.floor
        # of endlessly many families nothing is left but what they share
        left = math.sqrt((0.25**2 + 0.15**2 / 100) / spread.families)
        assert spread.log_sd == pytest.approx(math.hypot(spread.floor, left), rel=0.02)


def test_the_floor_is_basis_and_class_together(tables):
    one, *_ = family_spreads(load_library(tables), Source(1, 100))
    assert one.floor == pytest.approx(math.sqrt(0.15**2 + 0.30**2))  # helium: evidence weak
    # one family: family error beside them, pieces averaged over a hundred
    expected = math.sqrt(one.floor**2 + 0.25**2 + 0.15**2 / 100)
    assert one.log_sd == pytest.approx(expected, rel=0.3)
