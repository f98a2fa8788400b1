"""Beside: work on a file that goes on while the engine reads it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Final, Generic, TypeVar

T = TypeVar("T")

BESIDE_BYTES: Final = 8 << 20
"""Files up to this size are worked on at once: starting a thread takes as long."""
BETWEEN_STOPS_S: Final = 0.02
"""Work of several statements may be between two, where a stop is not heard."""


class Beside(Generic[T]):
    """A task begun in a thread of its own, and what it comes to once that is asked for.

    Args:
        task: What to do; it waits for nobody, and nobody needs to wait for it.
    """

    def __init__(self, task: Callable[[], T]) -> None:
        self._task = task
        self._done: list[T] = []
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="beside", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._done.append(self._task())
        except BaseException as error:  # noqa: BLE001  it is raised where the result is asked for
            self._error = error

    def result(self) -> T:
        """Wait for the task and give what it came to, or raise what it raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._done[0]


@contextmanager
def cut_short(is_vain: Callable[[], bool], stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` as soon as the work in the block turns out to be in vain, and never after it.

    Args:
        is_vain: Waits until that is known, in a thread of its own.
        stop: Ends the work, which then raises what it raises; called until that is so.
    """
    within, is_over = Lock(), Event()

    def watch() -> None:
        while is_vain() and not is_over.wait(BETWEEN_STOPS_S):
            with within:
                if not is_over.is_set():
                    stop()

    Beside(watch)
    try:
        yield
    finally:
        with within:
            is_over.set()
