"""The laws that the growth table prints."""

import pytest

from tests.benchmarks.bench_growth import VARIED, Run, exponent, runs_of


def test_the_exponent_of_a_law_is_found():
    assert exponent([10, 100, 1_000], [7, 7, 7]) == pytest.approx(0)
    assert exponent([1, 4, 9, 16], [5, 10, 15, 20]) == pytest.approx(0.5)


def test_there_is_no_law_of_what_was_not_varied_or_took_no_time():
    assert exponent([5, 5], [1, 2]) is None
    assert exponent([1, 2], [0, 2]) is None


@pytest.mark.parametrize("name", VARIED)
@pytest.mark.parametrize("smaller", [1, 10])
def test_one_thing_is_varied_at_a_time(name, smaller):
    runs = list(runs_of(name, smaller))
    assert len({getattr(run, name) for run in runs}) == len(VARIED[name])
    for other in vars(Run()).keys() - {name}:
        assert len({getattr(run, other) for run in runs}) == 1
