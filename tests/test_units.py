"""Oxide factors follow from atomic masses; trade units agree with each other."""

import pytest

from valuation.units import ATOMIC_MASS_G_PER_MOL, KG_PER_PRICE_UNIT, OXIDE_FORMULA, oxide_factor


@pytest.mark.parametrize(
    ("element", "factor"),
    [("nd", 1.1664), ("pr", 1.2082), ("dy", 1.1477), ("tb", 1.1762), ("gd", 1.1526)],
)
def test_oxide_factors_are_the_published_ones(element, factor):
    assert oxide_factor(element) == pytest.approx(factor, abs=5e-5)


def test_neodymium_oxide_by_hand():
    by_hand = (2 * 144.242 + 3 * 15.999) / (2 * 144.242)
    assert oxide_factor("nd") == pytest.approx(by_hand, rel=1e-12)


def test_every_oxide_is_heavier_than_its_metal():
    assert all(oxide_factor(e) > 1 for e in OXIDE_FORMULA)
    assert OXIDE_FORMULA.keys() <= ATOMIC_MASS_G_PER_MOL.keys()


def test_iron_has_no_rare_earth_oxide():
    with pytest.raises(KeyError):
        oxide_factor("fe")


def test_trade_units_agree():
    assert KG_PER_PRICE_UNIT["gross ton"] == pytest.approx(2240 * KG_PER_PRICE_UNIT["lb"])
    assert KG_PER_PRICE_UNIT["short ton"] == pytest.approx(2000 * KG_PER_PRICE_UNIT["lb"])
    assert KG_PER_PRICE_UNIT["oz t"] == pytest.approx(480 * KG_PER_PRICE_UNIT["lb"] / 7000)
