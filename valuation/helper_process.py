"""Helper processes: this program again, begun before it is known what for, gone when we are.

A helper imports and compiles for most of a second before it can help. A command that sees from the
size of its files that there may be work for one begins it first thing, while it reads the files
itself. Nothing heavy is imported here, and a helper that is begun for nothing costs time only.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, NamedTuple, Self

LEAST_BYTES: Final = 1 << 18
"""Smaller files do not hold the thousands of different items that are worth a helper."""
MOST_BYTES: Final = 1 << 26
"""Larger ones take longer to read than a helper to begin, and mostly say the same things again."""
_SERVE: Final = (
    "import sys; sys.path[:] = sys.argv[2:]; "
    "from valuation.identity.parallel import serve; serve(int(sys.argv[1]))"
)


class Helper(NamedTuple):
    """A process, and our end of the socket to it."""

    process: subprocess.Popen[bytes]
    socket: Connection

    def end(self) -> None:
        """Let go of it, whatever it is at."""
        self.socket.close()
        self.process.kill()
        self.process.wait()


class Helpers:
    """Helpers that were begun; none outlives the `with` block."""

    def __init__(self) -> None:
        self._begun: list[Helper] = []
        self._taken = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for helper in self._begun:
            helper.end()

    def begin_for(self, files: Iterable[Path | str]) -> None:
        """Begin one helper if the size of some files and folders says that it may be worth it."""
        if spare_processors() and LEAST_BYTES <= sum(map(_size_bytes, files)) <= MOST_BYTES:
            self._begun.append(begun())

    def take(self, wanted: int) -> Iterator[Helper]:
        """As many helpers as are wanted, those that were begun first; the others are ended."""
        waiting = self._begun[self._taken :]
        self._taken = len(self._begun)
        for helper in waiting[wanted:]:
            helper.end()
        yield from waiting[:wanted]
        for _ in range(wanted - len(waiting)):
            helper = begun()
            self._begun.append(helper)
            self._taken += 1
            yield helper


def spare_processors() -> int:
    """How many processors there are for helpers; none where none can be started."""
    if not sys.executable or os.name != "posix":  # others hand no socket on
        return 0
    try:
        return len(os.sched_getaffinity(0)) - 1
    except AttributeError:  # not a system that pins processes
        return (os.cpu_count() or 1) - 1


def begun() -> Helper:
    """A helper that has just been started."""
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
    return Helper(process, ours)


def _size_bytes(file: Path | str) -> int:
    """Size of a file, or of the files of a folder; nothing for what cannot be looked at."""
    try:
        path = Path(file)
        if path.is_dir():
            return sum(one.stat().st_size for one in path.iterdir() if one.is_file())
        return path.stat().st_size
    except (OSError, ValueError):
        return 0
