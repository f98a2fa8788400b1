"""Which batches are replaced, kept and held: a nightly job must not shrink a lot in silence."""

import polars as pl
import pytest

from valuation.choice import check_something_to_value, choose_batches
from valuation.errors import UsageError

BEFORE = pl.DataFrame(
    {"batch_id": ["A", "B"], "lines": [100, 1000], "files": [["a.csv"], ["b.csv", "c.csv"]]}
)


def read(**lines):
    """What a run read: lines by batch, one file each."""
    rows = [(batch, f"id-{batch}", count) for batch, count in lines.items()]
    schema = {"batch_id": pl.String, "file_id": pl.String, "lines": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def choose(read_now, refused=(), *, accept_smaller=False):
    return choose_batches(BEFORE, read_now, refused, accept_smaller=accept_smaller)


def test_a_batch_the_files_name_is_replaced_and_others_are_kept():
    choice = choose(read(A=100, C=5))
    assert choice.read == ("A", "C")
    assert choice.kept == ("B",)
    assert not choice.held


def test_a_batch_may_lose_a_twentieth_of_its_lines():
    assert choose(read(A=95)).read == ("A",)


def test_a_batch_that_would_lose_more_is_held_and_named_with_both_counts():
    choice = choose(read(A=94))
    assert choice.read == () and choice.kept == ("A", "B")
    (sentence,) = choice.sentences()
    assert "Batch A" in sentence and "100 to 94" in sentence and "--accept-smaller" in sentence


def test_a_batch_whose_earlier_file_is_refused_is_held_whatever_else_was_read():
    choice = choose(read(B=990), refused=["c.csv"])
    assert "c.csv is refused" in choice.held["B"]
    assert choice.kept == ("A", "B")


def test_accept_smaller_replaces_it_all_the_same():
    choice = choose(read(A=1, B=1), refused=["c.csv"], accept_smaller=True)
    assert choice.read == ("A", "B") and not choice.held


def test_a_larger_batch_is_replaced():
    assert choose(read(A=10_000)).read == ("A",)


def test_a_run_with_nothing_to_value_is_a_usage_error():
    empty = choose_batches(BEFORE.clear(), read(), (), accept_smaller=False)
    with pytest.raises(UsageError, match="no batch"):
        check_something_to_value(empty, "x.duckdb")


def test_lines_that_were_mended_do_not_replace_a_batch_without_the_file_they_are_from():
    given = read(A=100)
    choice = choose_batches(BEFORE, given, (), accept_smaller=False, partial={"A"})
    assert choice.kept == ("A", "B")
    assert "without the file they are from" in choice.sentences()[0]
    taken = choose_batches(BEFORE, given, (), accept_smaller=True, partial={"A"})
    assert taken.read == ("A",)
