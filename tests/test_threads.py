"""Tasks in threads: what they give comes in their order, and none waits for another's thread."""

from functools import partial

import pytest
from threadpoolctl import threadpool_info

from valuation import threads
from valuation.threads import Once, in_threads, one_thread_each


@pytest.fixture(params=[0, 1])
def spare(request, monkeypatch):
    """Processors to spare; tasks of one of them are done by a pool of our own."""
    monkeypatch.setattr(threads, "spare_processors", lambda: request.param)
    threads._pool.cache_clear()
    yield request.param
    threads._pool.cache_clear()


def test_what_tasks_give_comes_in_their_order(spare):
    assert in_threads([partial(pow, i, 2) for i in range(50)]) == [i**2 for i in range(50)]


def test_tasks_of_tasks_do_not_wait_for_a_thread_of_their_own(spare):
    def outer(i):
        return sum(in_threads([partial(pow, i, 2), partial(pow, i, 3)]))

    assert in_threads([partial(outer, i) for i in range(20)]) == [i**2 + i**3 for i in range(20)]


def test_an_error_of_a_task_is_raised(spare):
    with pytest.raises(ZeroDivisionError):
        in_threads([int, lambda: 1 // 0, int])


def test_matrix_products_keep_to_one_thread_as_long_as_it_lasts():
    def limits():
        return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]

    before = limits()
    with one_thread_each():
        assert set(limits()) == {1}
    assert limits() == before


def test_a_thing_is_made_once_whoever_asks_for_it(spare):
    made, once = [], Once()

    def make(key):
        made.append(key)
        return key * 10

    found = in_threads([partial(once.get, i % 3, partial(make, i % 3)) for i in range(60)])
    assert found == [i % 3 * 10 for i in range(60)]
    assert sorted(made) == [0, 1, 2]


def test_a_thing_that_could_not_be_made_is_tried_again():
    once = Once()
    with pytest.raises(ZeroDivisionError):
        once.get("a", lambda: 1 // 0)
    assert once.get("a", lambda: 7) == 7
