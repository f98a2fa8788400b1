"""Work of numpy on several processors: what a task gives must not depend on the others."""

import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, islice
from typing import TypeVar, cast

from threadpoolctl import threadpool_limits

from valuation.helper_process import spare_processors

T = TypeVar("T")
R = TypeVar("R")
MOST_AT_ONCE = 4
"""Items done at once, however many processors there are: each takes memory of its own."""
_HERE = threading.local()


def in_threads(tasks: Sequence[Callable[[], T]]) -> list[T]:
    """What tasks give, in their order; done in any, so none may write to what another uses.

    A task that has tasks of its own does them in turn.
    """
    if len(tasks) <= 1 or spare_processors() < 1 or getattr(_HERE, "is_task", False):
        return [task() for task in tasks]
    return [done.result() for done in [_pool().submit(_do, task) for task in tasks]]


def in_order(items: Iterator[T], do: Callable[[T], R]) -> Iterator[R]:
    """What is done with each of some items, in their order, some of them at once.

    Items are asked for one at a time, in order, by whoever is free to do the next: no more are
    there than are being done. What is done must not depend on the others. An only item is done by
    the caller, whose own tasks then have all processors.
    """
    begun = deque(islice(items, 2))
    every = chain(_popped(begun), items)
    at_once = min(spare_processors() + 1, MOST_AT_ONCE)
    if len(begun) <= 1 or at_once <= 1 or getattr(_HERE, "is_task", False):
        yield from map(do, every)
        return
    waiting = enumerate(every)
    lock, done = threading.Lock(), dict[int, R]()
    told = 0

    def next_one() -> bool:
        with lock:
            number, item = next(waiting, (-1, None))
        if number >= 0:
            done[number] = do(cast(T, item))
        return number >= 0

    running = {_pool().submit(_do, next_one) for _ in range(at_once)}
    try:
        while running:
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            running |= {_pool().submit(_do, next_one) for one in ended if one.result()}
            while told in done:
                yield done.pop(told)
                told += 1
    finally:
        wait(running)


def _popped(items: deque[T]) -> Iterator[T]:
    """The items, none of which is held once it was given."""
    while items:
        yield items.popleft()


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
