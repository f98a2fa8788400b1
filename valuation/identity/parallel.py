"""Parallel: several processes identify the items, some thousands at a time.

Python uses one processor for one process. A helper is a plain child that runs this module and
talks over a socket of its own: unlike the pools of the standard library it asks no `main` guard of
whoever calls. What an item is does not depend on which process says so; a helper that dies costs
time only.
"""

import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Final

import polars as pl

from valuation.identity.identified import Identified, Identifier, Work

WORTH_A_HELPER: Final = 3_000
"""Items for which a helper, which takes half a second to begin, saves more than it costs."""
MOST_HELPERS: Final = 7
"""Each holds its own copy of what is compiled."""
_SERVE: Final = (
    "import sys; sys.path[:] = sys.argv[2:]; "
    "from valuation.identity.parallel import serve; serve(int(sys.argv[1]))"
)
_GONE: Final = (EOFError, OSError)
"""What is raised when the other end of a socket is gone."""


def identify_chunks(chunks: Sequence[pl.DataFrame], work: Work) -> list[Identified]:
    """Identify some frames of items, in this process and in helpers where there is enough to do.

    Args:
        chunks: Items in frames of a few thousand.
        work: What is to be done with them.

    Returns:
        What the items of each frame are, in the same order.
    """
    waiting = deque(enumerate(chunks))
    done: dict[int, Identified] = {}
    with _helpers(waiting, done, work):
        identifier = Identifier(work)
        while True:
            try:
                number, chunk = waiting.popleft()
            except IndexError:
                break
            done[number] = identifier.identified(chunk)
    # What a helper took with it when it died is left to do.
    return [
        done[number] if number in done else identifier.identified(chunk)
        for number, chunk in enumerate(chunks)
    ]


def helpers_for(items: int) -> int:
    """How many helpers are worth it for so many items on this machine."""
    try:
        processors = len(os.sched_getaffinity(0))
    except AttributeError:  # not a system that pins processes
        processors = os.cpu_count() or 1
    can_start = sys.executable and os.name == "posix"  # others hand no socket on
    return min(processors - 1, items // WORTH_A_HELPER, MOST_HELPERS) if can_start else 0


@contextmanager
def _helpers(
    waiting: deque[tuple[int, pl.DataFrame]],
    done: dict[int, Identified],
    work: Work,
) -> Iterator[None]:
    """Helpers that take from what waits until nothing does; at the end all of them are gone."""
    started: list[tuple[subprocess.Popen[bytes], threading.Thread, threading.Event]] = []
    try:
        for _ in range(helpers_for(sum(len(chunk) for _, chunk in waiting))):
            process, ours = _started()
            has_begun = threading.Event()
            told = (ours, waiting, done, work, has_begun)
            keeper = threading.Thread(target=_keep_busy, args=told, daemon=True)
            started.append((process, keeper, has_begun))
            keeper.start()
        yield
        for process, _, has_begun in started:
            if not has_begun.is_set():  # nothing is left for who comes too late
                process.kill()
    except BaseException:
        waiting.clear()
        for process, _, _ in started:
            process.kill()
        raise
    finally:
        for process, keeper, _ in started:
            keeper.join()
            process.wait()


def _started() -> tuple[subprocess.Popen[bytes], Connection]:
    """A helper, and our end of the socket to it."""
    ours, theirs = Pipe()
    with theirs:
        process = subprocess.Popen(  # noqa: S603 - this program itself, in its own words
            [sys.executable, "-c", _SERVE, str(theirs.fileno()), *sys.path],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # What it has is work for one processor.
            env={**os.environ, "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
    return process, ours


def _keep_busy(
    helper: Connection,
    waiting: deque[tuple[int, pl.DataFrame]],
    done: dict[int, Identified],
    work: Work,
    has_begun: threading.Event,
) -> None:
    """Hand a helper what waits, frame by frame, until nothing does or the helper is gone."""
    with helper:
        try:
            helper.send(work)
            helper.recv()  # before it has begun, nothing is kept from who can do it
            has_begun.set()
            while waiting:
                number, chunk = waiting.popleft()
                helper.send(chunk)
                done[number] = helper.recv()
        except (*_GONE, IndexError):
            return


def serve(descriptor: int) -> None:
    """What a helper does: identify frames of items until the other end is closed.

    Args:
        descriptor: Number of the open socket it was given.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it is interrupted, and ends it
    with Connection(descriptor) as caller:
        try:
            identifier = Identifier(caller.recv())
            caller.send(None)
            while True:
                caller.send(identifier.identified(caller.recv()))
        except _GONE:
            return
