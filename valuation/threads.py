"""Work of numpy on several processors: what a task gives must not depend on the others."""

import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar, cast

from threadpoolctl import threadpool_limits

from valuation.helper_process import spare_processors

T = TypeVar("T")
_HERE = threading.local()


def in_threads(tasks: Sequence[Callable[[], T]]) -> list[T]:
    """What tasks give, in their order; done in any, so none may write to what another uses.

    A task that has tasks of its own does them in turn.
    """
    if len(tasks) <= 1 or spare_processors() < 1 or getattr(_HERE, "is_task", False):
        return [task() for task in tasks]
    return [done.result() for done in [_pool().submit(_do, task) for task in tasks]]


class Once:
    """Things made once, whoever of several threads asks for them first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[Hashable, _Made] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The thing of a key; others that ask while it is made wait for it."""
        with self._lock:
            found = self._made.setdefault(key, _Made())
        with found.lock:
            if not found.is_there:
                found.value, found.is_there = make(), True
        return cast(T, found.value)

    def clear(self) -> None:
        """Let go of everything; what is asked for again is made again."""
        with self._lock:
            self._made.clear()


@dataclass
class _Made:
    lock: threading.Lock = field(default_factory=threading.Lock)
    value: object = None
    is_there: bool = False


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Matrix products keep to the thread that asks for them, as long as this lasts.

    Threads of a library within our own wait for each other, and burn the processor meanwhile.
    """
    with threadpool_limits(limits=1, user_api="blas"):
        yield


def _do(task: Callable[[], T]) -> T:
    _HERE.is_task = True
    try:
        return task()
    finally:
        _HERE.is_task = False


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(spare_processors() + 1, thread_name_prefix="draws")
