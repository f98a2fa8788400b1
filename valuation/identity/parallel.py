"""Parallel: several processes identify the items, some thousands at a time.

Python uses one processor for one process. A helper is a plain child that runs this module and
talks over a socket of its own: unlike the pools of the standard library it asks no `main` guard of
whoever calls. What an item is does not depend on which process says so; a helper that dies costs
time only.
"""

import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Final

import polars as pl

from valuation.helper_process import Helper, Helpers, spare_processors
from valuation.identity.identified import Identified, Identifier, Work
from valuation.identity.reference import Reference
from valuation.tables import load_tables

WORTH_A_HELPER: Final = 3_000
"""Items for which a helper, which takes half a second to begin, saves more than it costs."""
MOST_HELPERS: Final = 7
"""Each holds its own copy of what is compiled."""
_GONE: Final = (EOFError, OSError)
"""What is raised when the other end of a socket is gone."""


def identify_chunks(
    chunks: Sequence[pl.DataFrame], work: Work, helpers: Helpers
) -> list[Identified]:
    """Identify some frames of items, in this process and in helpers where there is enough to do.

    Args:
        chunks: Items in frames of a few thousand.
        work: What is to be done with them.
        helpers: Helpers that may have begun already.

    Returns:
        What the items of each frame are, in the same order.
    """
    waiting = deque(enumerate(chunks))
    done: dict[int, Identified] = {}
    wanted = helpers_for(sum(map(len, chunks)))
    with _busy(helpers.take(wanted), waiting, done, work):
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
    return min(spare_processors(), items // WORTH_A_HELPER, MOST_HELPERS)


@contextmanager
def _busy(
    helpers: Iterable[Helper],
    waiting: deque[tuple[int, pl.DataFrame]],
    done: dict[int, Identified],
    work: Work,
) -> Iterator[None]:
    """Helpers that take from what waits until nothing does; at the end all of them are gone."""
    kept: list[tuple[Helper, threading.Thread, threading.Event]] = []
    try:
        to_do = b""
        for helper in helpers:
            # Written down before this process begins: what it looks up grows while it is used.
            to_do = to_do or bytes(ForkingPickler.dumps(work))
            has_begun = threading.Event()
            told = (helper.socket, waiting, done, to_do, has_begun)
            keeper = threading.Thread(target=_keep_busy, args=told, daemon=True)
            kept.append((helper, keeper, has_begun))
            keeper.start()
        yield
        for helper, _, has_begun in kept:
            if not has_begun.is_set():  # nothing is left for who comes too late
                helper.process.kill()
    except BaseException:
        waiting.clear()
        for helper, _, _ in kept:
            helper.process.kill()
        raise
    finally:
        for helper, keeper, _ in kept:
            keeper.join()
            helper.process.wait()


def _keep_busy(
    helper: Connection,
    waiting: deque[tuple[int, pl.DataFrame]],
    done: dict[int, Identified],
    to_do: bytes,
    has_begun: threading.Event,
) -> None:
    """Hand a helper what waits, frame by frame, until nothing does or the helper is gone."""
    with helper:
        try:
            helper.send_bytes(to_do)
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
            if not caller.poll():  # nobody waits yet
                _compile(load_tables().made(Reference))
            identifier = Identifier(caller.recv())
            caller.send(None)
            while True:
                caller.send(identifier.identified(caller.recv()))
        except _GONE:
            return


def _compile(reference: Reference) -> None:
    """Read and compile all that items are asked, as they most likely will be."""
    for name, member in vars(Reference).items():
        if isinstance(member, cached_property):
            getattr(reference, name)
    reference.rules.compile()
