"""Parallel: what an item is does not depend on which process says so, nor on helpers that die."""

import datetime
import os
import threading
from collections import deque
from multiprocessing.reduction import ForkingPickler

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.identity.conftest import item_frame
from valuation import helper_process
from valuation.frames import RAW_TEXTS
from valuation.helper_process import Helpers
from valuation.identity import Overrides, identify, parallel
from valuation.identity.answers import Answer
from valuation.identity.identified import Work
from valuation.identity.model.labelled import items_of, labelled_strings

DIES_AT_ONCE = "raise SystemExit(7)"
COMES_TOO_LATE = "import time; time.sleep(3600)"
DIES_AFTER_ONE = (
    "import os, sys; sys.path[:] = sys.argv[2:]; "
    "from valuation.identity import parallel; told = parallel.Identifier.identified; done = []; "
    "parallel.Identifier.identified = lambda self, items: "
    "os._exit(7) if done else (done.append(1), told(self, items))[1]; "
    "parallel.serve(int(sys.argv[1]))"
)


@pytest.fixture(scope="module")
def items(tables):
    return items_of(labelled_strings(tables)[::5])


@pytest.fixture(scope="module")
def alone(items, tables):
    return identify(items, tables)


@pytest.fixture
def helped(monkeypatch):
    """Two helpers for any number of items, which come in frames of fifty."""
    monkeypatch.setattr(parallel, "helpers_for", lambda items: 2)
    monkeypatch.setattr("valuation.identity.AT_ONCE", 50)


def assert_same(one, other):
    for name in ("items", "evidence", "host_parts"):
        assert_frame_equal(getattr(one, name), getattr(other, name))


def test_helpers_say_the_same_to_the_last_bit(items, tables, alone, helped):
    assert_same(identify(items, tables), alone)


def test_what_items_are_does_not_depend_on_whether_the_evidence_is_kept(items, tables, alone):
    bare = identify(items, tables, with_evidence=False)
    assert_frame_equal(bare.items, alone.items)
    assert bare.evidence.is_empty() and not alone.evidence.is_empty()


@pytest.mark.parametrize("code", [DIES_AT_ONCE, DIES_AFTER_ONE, COMES_TOO_LATE])
def test_a_helper_that_dies_or_comes_too_late_loses_nothing(
    items, tables, alone, helped, monkeypatch, code
):
    monkeypatch.setattr(helper_process, "_SERVE", code)
    assert_same(identify(items, tables), alone)


def by_a_helper(items, tables, overrides):
    """What a helper alone says, frame by frame."""
    waiting = deque(enumerate(items.iter_slices(50)))
    done = {}
    process, socket = helper_process.begun()
    written = ForkingPickler.dumps
    parallel._keep_busy(
        socket, waiting, done, bytes(written(Work(tables, overrides))), threading.Event()
    )
    process.wait(timeout=60)
    assert not waiting and process.returncode == 0
    return pl.concat(done[n].items for n in sorted(done))


writers: list[threading.Thread] = []


class _Told(Overrides):
    """Tells which thread writes it down."""

    def __reduce__(self):
        writers.append(threading.current_thread())
        return Overrides, ()


def test_what_helpers_are_told_is_written_down_before_anything_is_done(items, tables, helped):
    """While a thread of its own wrote it, what is looked up could grow, and the helper was lost."""
    writers.clear()
    identify(items, tables, _Told())
    assert set(writers) == {threading.current_thread()}


def test_a_helper_knows_the_tables_and_the_answers_of_whoever_started_it(tables):
    items = item_frame(["QZX-1200-A", "ST4000NM0033", "PowerEdge R740"])
    texts = tuple(items.row(0, named=True)[name] for name in RAW_TEXTS)
    day = datetime.date(2026, 11, 1)
    said = Answer(texts=texts, by="J. Kim", on=day, why="opened one", kind="psu", power_w=1200.0)
    found = by_a_helper(items, tables, Overrides((said,)))
    assert found["kind"].to_list() == ["psu", "hdd", "server"]
    assert found["method"][0] == "reviewed"
    frames = dict(tables._frames) | {"identity_placeholder": pl.DataFrame(
        {"text": ["st4000nm0033"], "rule": ["empty"]}
    )}  # fmt: skip
    other = type(tables)(tables.directory, tables.description, "other", tables.models, frames)
    assert by_a_helper(items, other, Overrides())["kind"].to_list()[1] == "unidentified"


def test_a_fault_here_ends_the_helpers(items, tables, helped, monkeypatch):
    started = []

    def remembered(begin=helper_process.begun):
        started.append(begin())
        return started[-1]

    monkeypatch.setattr(helper_process, "begun", remembered)
    monkeypatch.setattr(parallel.Identifier, "identified", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        identify(items, tables)
    assert len(started) == 2
    assert all(process.poll() is not None for process, _ in started)


def test_a_helper_that_was_begun_is_the_first_to_be_used(items, tables, alone, helped):
    with Helpers() as helpers:
        helpers._begun.append(helper_process.begun())
        assert_same(identify(items, tables, helpers=helpers), alone)
        assert len(helpers._begun) == helpers._taken == 2


def test_a_helper_compiles_before_it_is_asked(tables):
    process, socket = helper_process.begun()
    try:
        assert not socket.poll(0.1) and process.poll() is None
        socket.send(Work(tables, Overrides()))
        assert socket.recv() is None
    finally:
        socket.close()
    assert process.wait(timeout=60) == 0


def test_helpers_are_started_for_many_items_and_a_processor_stays_for_us(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(4), raising=False)
    many = [parallel.helpers_for(n * parallel.WORTH_A_HELPER) for n in (0, 1, 2, 3, 4, 100)]
    assert many == [0, 1, 2, 3, 3, 3]
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(1), raising=False)
    assert parallel.helpers_for(10**6) == 0
