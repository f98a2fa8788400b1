"""Work of numpy on several processors: what a task gives must not depend on the others."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from valuation.helper_process import spare_processors


def in_threads(tasks: Sequence[Callable[[], object]]) -> None:
    """Do tasks that write to nothing of each other's, in any order."""
    if len(tasks) <= 1 or spare_processors() < 1:
        for task in tasks:
            task()
        return
    for done in [_pool().submit(task) for task in tasks]:
        done.result()


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(spare_processors() + 1, thread_name_prefix="draws")
