"""Progress: what is known is told, what is not known is left out, and it stops with its block."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuation import progress
from valuation.progress import Reached, following

seconds = st.floats(1e-6, 1e6)


@given(st.integers(0, 10**12), seconds)
def test_without_a_total_neither_a_share_nor_the_time_left_is_told(count, elapsed):
    for reached in (Reached(rows=count), Reached(done_bytes=count)):
        words = reached.words(elapsed)
        assert "%" not in words
        assert "left" not in words


@given(st.floats(0.02, 0.999), st.floats(1, 1e6))
def test_the_time_left_is_that_of_the_share_left_at_the_pace_so_far(share, elapsed):
    told = Reached(share=share).words(elapsed).split("  ")[-1].split()
    left = float(told[0]) * {"s": 1, "min": 60}[told[1]]
    assert left == pytest.approx(
        elapsed * (1 - share) / share, abs=30.5 if told[1] == "min" else 0.51
    )


def test_at_the_beginning_and_at_the_end_there_is_no_time_left_to_tell():
    assert Reached(rows=10, share=0.5).words(0.1) == "10 rows  50 %"
    assert Reached(share=0.001).words(60) == "0 %"
    assert Reached(share=1.0).words(60) == "100 %"
    assert Reached(share=1.2).words(60) == "100 %", "an estimate may overshoot"


def test_what_is_not_known_is_not_told():
    assert Reached().words(10) == ""


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "0 B"), (999, "999 B"), (1_500, "1.5 kB"), (842_000_000, "842 MB"), (2e9, "2 GB")],
)
def test_bytes_are_told_in_the_unit_that_fits(count, told):
    assert Reached(done_bytes=int(count)).words(0.5) == told


def test_a_long_statement_is_followed_until_it_ends_or_fails(monkeypatch):
    monkeypatch.setattr(progress, "BETWEEN_LOOKS_S", 0.001)
    heard, twice = [], threading.Event()

    def update(text):
        heard.append(text)
        if len(heard) >= 2:
            twice.set()

    def fails():
        with following(update, lambda: Reached(rows=7), "lots.csv"):
            assert twice.wait(30)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert heard[0] == "lots.csv  7 rows"
    assert not [thread for thread in threading.enumerate() if thread.name == "following"]
