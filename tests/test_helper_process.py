"""Helpers that are begun early: only where they may be worth it, and none is left behind."""

import os

import pytest

from valuation import helper_process
from valuation.helper_process import LEAST_BYTES, MOST_BYTES, Helpers


@pytest.fixture(autouse=True)
def two_processors(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(2), raising=False)


def write(path, size_bytes):
    with path.open("wb") as file:
        file.truncate(size_bytes)
    return path


@pytest.mark.parametrize(
    ("size_bytes", "begun"),
    [(0, 0), (LEAST_BYTES - 1, 0), (LEAST_BYTES, 1), (MOST_BYTES, 1), (MOST_BYTES + 1, 0)],
)
def test_a_helper_is_begun_for_files_that_may_hold_thousands_of_things(tmp_path, size_bytes, begun):
    export = write(tmp_path / "export.csv", size_bytes)
    for files in ([export], [str(tmp_path)], ["-", tmp_path / "not there.csv", export]):
        with Helpers() as helpers:
            helpers.begin_for(files)
            assert len(helpers._begun) == begun


def test_no_helper_is_begun_without_a_processor_for_it(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(1), raising=False)
    with Helpers() as helpers:
        helpers.begin_for([write(tmp_path / "export.csv", LEAST_BYTES)])
        assert not helpers._begun


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_whatever_ends_the_run_ends_its_helpers(error):
    helpers = Helpers()

    def fails():
        with helpers:
            helpers._begun.append(helper_process.begun())
            raise error

    with pytest.raises(error):
        fails()
    assert helpers._begun[0].process.returncode is not None


def test_helpers_that_are_not_wanted_are_ended_at_once_and_none_is_taken_twice():
    with Helpers() as helpers:
        helpers._begun += [helper_process.begun(), helper_process.begun()]
        first, second = helpers._begun
        assert list(helpers.take(1)) == [first]
        assert first.process.poll() is None and second.process.returncode is not None
        (third,) = helpers.take(1)
        assert third not in (first, second)
    assert all(helper.process.returncode is not None for helper in helpers._begun)


def test_a_helper_ends_when_whoever_began_it_is_gone():
    process, socket = helper_process.begun()
    socket.close()
    assert process.wait(timeout=60) == 0
