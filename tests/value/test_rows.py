"""Estimates: nothing is not added up, factors of one change nothing, sums do not write to parts."""

import numpy as np
import pytest

from valuation.value.rows import Estimate, ValueRows, nothing, weighted, zero

DRAWS = np.arange(8, dtype=np.float32).reshape(2, 4)
NONE = nothing(2, 4)


def held() -> Estimate:
    return Estimate(np.array([1.0, 2.0]), DRAWS.copy())


def test_nothing_leaves_what_it_is_added_to():
    one = held()
    assert one + NONE is one
    assert NONE + one is one
    assert one - NONE is one
    assert (NONE + NONE).is_nothing
    np.testing.assert_array_equal((NONE - one).draws, -DRAWS)


def test_zero_may_be_filled_in_and_nothing_may_not():
    zero(2, 4).draws[:] = 1
    with pytest.raises(ValueError, match="read-only"):
        NONE.draws[:] = 1
    assert not zero(2, 4).is_nothing


def test_a_factor_of_one_changes_nothing():
    one = held()
    assert one.times(1.0, np.ones(4, np.float32)) is one
    assert one.times(1.0, np.float32(1)) is one
    np.testing.assert_array_equal(one.times(2.0, np.float32(2)).mean, [2, 4])


def test_a_sum_is_that_of_its_parts_and_leaves_them_as_they_are():
    one, other = held(), held()
    factor = np.array([1, 2, 3, 4], np.float32)
    parts = [
        (one, 1.0, np.float32(1)),
        (NONE, 1.0, factor),
        (other, 2.5, factor),
        (one, 2.5, factor),
    ]
    total = weighted(parts, NONE)
    np.testing.assert_array_equal(total.draws, DRAWS + 2 * DRAWS * factor)
    np.testing.assert_array_equal(total.mean, [6, 12])
    np.testing.assert_array_equal(one.draws, DRAWS)
    assert weighted([], NONE) is NONE
    assert weighted([(NONE, 1.0, factor)], NONE).is_nothing


def test_limits_of_nothing_and_of_the_unknown_are_not_sorted_for():
    np.testing.assert_array_equal(NONE.limits, np.zeros((3, 2)))
    assert np.isnan(held().only_if(np.zeros(2, bool)).limits).all()


def test_draws_that_are_kept_do_not_keep_the_array_they_are_part_of():
    rows = ValueRows()
    whole = np.zeros((3, 2, 4), np.float32)
    rows.add(("a", "b"), "net_usd", Estimate(np.zeros(2), whole[1]), keep_draws=True)
    assert rows.drawn[0][2].base is None
    assert rows.draws()["draws"].to_list() == [[0.0] * 4] * 2
    assert rows.drawn == []
