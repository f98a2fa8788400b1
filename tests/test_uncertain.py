"""Spreads mean what their rows say, and draws belong to their key alone."""

import math
from functools import partial

import numpy as np
import pytest
from scipy import special

from valuation.errors import TableError
from valuation.uncertain import (
    Source,
    Spread,
    beta_draws,
    gamma_draws,
    quantiles,
    spread_of,
)

SPREADS = [
    Spread(17, 9.5, 30, "ci90_lognormal"),
    Spread(0.2, 0.05, 0.4, "ci90_beta"),
    Spread(0.975, 0.95, 0.995, "range_beta"),
    Spread(0.05, 0.0, 0.10, "range_beta"),
    Spread(0.293, 0.281, 0.305, "sd_normal"),
]


@pytest.mark.parametrize("spread", SPREADS, ids=lambda s: s.kind)
def test_draws_have_the_mean_and_variance_of_the_row(spread):
    draws = spread.draw(Source(3, 200_000), "k").astype(float)
    assert draws.mean() == pytest.approx(spread.mean, abs=4 * draws.std() / math.sqrt(draws.size))
    assert draws.var() == pytest.approx(spread.variance, rel=0.03)


@pytest.mark.parametrize(
    "spread", [SPREADS[0], SPREADS[2], Spread(0.3, 0.01, 0.9, "range_beta")], ids=str
)
def test_mean_of_one_over_a_number_is_the_integral(spread):
    # by numerical integration over its quantile function, a second way to the same number
    shares = (np.arange(400_000) + 0.5) / 400_000
    if spread.kind == "ci90_lognormal":
        values = spread.value * np.exp(spread.log_sd * special.ndtri(shares))
    else:
        values = spread.low + (spread.high - spread.low) * special.betaincinv(
            *spread.beta_shape, shares
        )
    assert spread.inverse_mean == pytest.approx(float((1 / values).mean()), rel=1e-4)


def test_mean_of_one_over_a_number_that_may_be_zero_is_not_told():
    assert Spread(0.05, 0.0, 0.10, "range_beta").inverse_mean is None
    assert Spread(0.293, 0.281, 0.305, "sd_normal").inverse_mean is None
    assert Spread(0.3, None, None, "exact").inverse_mean == pytest.approx(1 / 0.3)


def test_a_stream_set_back_gives_what_a_new_generator_gives():
    source = Source(7, 2001)  # an odd number leaves half a word in the generator
    for key in ("a", "b", "a"):
        fresh = source.generator(key).standard_normal(2001, dtype=np.float32)
        np.testing.assert_array_equal(source.normal(key), fresh)
        np.testing.assert_array_equal(
            gamma_draws(source, key, 0.7),
            source.generator(key).gamma(0.7, 1 / 0.7, 2001).astype(np.float32),
        )


@pytest.mark.parametrize("draw", [
    Source.normal,
    Source.uniform,
    partial(beta_draws, alpha=0.7, beta=2.5),
    partial(gamma_draws, shape=0.4),
])  # fmt: skip
def test_fewer_draws_are_the_first_of_more_and_who_listens_is_told_of_all(draw):
    heard = {}
    many = draw(Source(7, 2001, told=heard.__setitem__), "k")
    np.testing.assert_array_equal(draw(Source(7, 700), "k"), many[:700])
    assert list(heard) == ["k"]
    np.testing.assert_array_equal(heard["k"], many)


def test_a_source_with_generators_of_its_own_is_asked_for_them():
    class Mixed(Source):
        def generator(self, key):
            return Source(99, self.draws).generator(key)

    np.testing.assert_array_equal(Mixed(1, 10).normal("k"), Source(99, 10).normal("k"))


def test_lognormal_limits_are_its_5_and_95_percent_points():
    draws = Spread(17, 9.5, 30.4, "ci90_lognormal").draw(Source(1, 400_000), "k")
    low, high = np.quantile(draws, (0.05, 0.95))
    assert low == pytest.approx(9.5, rel=0.01)
    assert high == pytest.approx(30.4, rel=0.01)


def test_a_yield_never_leaves_its_range():
    draws = Spread(0.975, 0.95, 0.995, "range_beta").draw(Source(1, 50_000), "k")
    assert draws.min() >= 0.95 and draws.max() <= 0.995


def test_beta_keeps_its_mean_and_stays_a_share():
    spread = Spread(0.38, 0.28, 0.50, "ci90_beta")
    draws = spread.draw(Source(1, 50_000), "k")
    assert spread.mean == 0.38
    assert draws.min() > 0 and draws.max() < 1


def test_an_exact_number_has_no_spread():
    spread = Spread(0.7, None, None, "exact")
    assert spread.variance == 0 and spread.log_sd == 0
    assert set(spread.draw(Source(1, 10), "k")) == {np.float32(0.7)}


def test_limits_that_do_not_enclose_the_value_are_refused():
    with pytest.raises(ValueError, match="does not lie"):
        Spread(5, 6, 7, "ci90_lognormal")


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="not known"):
        Spread(5, 4, 7, "triangle")


def test_a_row_that_breaks_is_named():
    row = {"item_class": "x", "value": None, "low": None, "high": None, "spread_kind": "exact"}
    with pytest.raises(TableError, match="row x"):
        spread_of(row)


def test_a_row_is_scaled_with_its_limits():
    row = {"value": 150.0, "low": 70.0, "high": 300.0, "spread_kind": "ci90_lognormal"}
    assert spread_of(row, 1e-6) == Spread(150e-6, 70e-6, 300e-6, "ci90_lognormal")


def test_draws_depend_on_seed_and_key_and_on_nothing_else():
    first = Source(1, 1000).normal("family/x")
    np.testing.assert_array_equal(first, Source(1, 1000).normal("family/x"))
    assert not np.array_equal(first, Source(2, 1000).normal("family/x"))
    assert not np.array_equal(first, Source(1, 1000).normal("family/y"))


def test_fewer_draws_are_the_first_of_more():
    np.testing.assert_array_equal(Source(1, 500).normal("k"), Source(1, 2000).normal("k")[:500])


def test_keys_are_independent():
    a, b = (Source(1, 100_000).normal(k) for k in ("a", "b"))
    assert abs(float(np.corrcoef(a, b)[0, 1])) < 0.015


def test_gamma_draws_have_mean_one():
    assert gamma_draws(Source(1, 100_000), "k", 0.7).mean() == pytest.approx(1, abs=0.02)


def test_beta_draws_have_the_published_interval():
    # materials: share NdFeB of standard fans, Beta(1.3, 5.2), 90 % interval 0.02 to 0.49
    low, high = np.quantile(beta_draws(Source(1, 200_000), "k", 1.3, 5.2), (0.05, 0.95))
    assert low == pytest.approx(0.02, abs=0.005)
    assert high == pytest.approx(0.49, abs=0.01)


def test_quantiles_are_in_order():
    p10, p50, p90 = quantiles(np.random.default_rng(1).normal(size=(5, 300)))
    assert (p10 <= p50).all() and (p50 <= p90).all()


def test_quantiles_are_those_of_numpy_whatever_the_axis_and_size():
    draws = np.random.default_rng(2).normal(size=(300, 501)).astype(np.float32)
    draws[7, 3] = np.nan
    before = draws.copy()
    expected = np.quantile(draws.astype(float), (0.1, 0.5, 0.9), axis=-1)
    np.testing.assert_allclose(quantiles(draws), expected, rtol=1e-6)
    np.testing.assert_allclose(quantiles(draws.T, axis=0), expected, rtol=1e-6)
    np.testing.assert_allclose(quantiles(draws[0]), expected[:, 0], rtol=1e-6)
    np.testing.assert_array_equal(draws, before)


@pytest.mark.parametrize("count", [2, 3, 10, 11, 12, 99, 100, 2000, 2001])
def test_quantiles_are_those_of_numpy_whatever_the_number_of_draws(count):
    draws = np.random.default_rng(count).standard_normal((7, count)).astype(np.float32)
    draws[1] = 3.0
    draws[2, : count // 2] = 0.0
    draws[3, 0] = np.nan
    draws[4] = np.nan
    before = draws.copy()
    expected = np.quantile(draws.astype(np.float64), [0.1, 0.5, 0.9], axis=-1)
    np.testing.assert_allclose(quantiles(draws), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(draws, before)
