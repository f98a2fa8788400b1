"""Progress: what a run tells whoever is waiting for it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final, Protocol

BETWEEN_LOOKS_S: Final = 0.5
BEFORE_RATE_S: Final = 1.0
"""For how long something must run before a rate, or what is left of it, says anything."""
LEAST_SHARE: Final = 0.02
"""Share from which on the time left is told. [1]"""
UNITS_OF_BYTES: Final = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3), ("B", 1.0))


class Progress(Protocol):
    """Listens to a run. The command line shows it; a notebook may pass its own."""

    def stage(self, name: str) -> None:
        """A stage begins; the one before it is done."""

    def update(self, text: str) -> None:
        """How far the stage is, in words: `4,200,000 rows`; also called from another thread."""

    def warn(self, text: str) -> None:
        """Something the reader of the result should know, as a sentence."""


class Silent:
    """Progress nobody watches."""

    def stage(self, name: str) -> None:
        """Say nothing."""

    def update(self, text: str) -> None:
        """Say nothing."""

    def warn(self, text: str) -> None:
        """Say nothing; the result carries its warnings."""


@dataclass
class Clock:
    """Tells progress which stage begins and remembers how long each took. [s]"""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        self.progress.stage(name)
        start = perf_counter()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + perf_counter() - start, 3)


@dataclass(frozen=True)
class Reached:
    """How far something is; what is not known stays None and is not told.

    Attributes:
        rows: Rows done. [1]
        done_bytes: Bytes done, where rows cannot be known. [B]
        share: Of all there is to do, 0-1: only where all is known, of a stream it is not. [1]
    """

    rows: int | None = None
    done_bytes: int | None = None
    share: float | None = None

    def words(self, elapsed_s: float) -> str:
        """As people read it, so long after it began. [s]

        >>> Reached(rows=3_210_000, share=0.32).words(7.8)
        '3,210,000 rows  412,000 rows/s  32 %  17 s left'
        >>> Reached(done_bytes=52_400_000).words(2.0)
        '52.4 MB  26.2 MB/s'
        >>> Reached(share=0.5).words(0.4)
        '50 %'
        """
        has_rate, parts = elapsed_s >= BEFORE_RATE_S, []
        if self.rows is not None:
            parts.append(f"{self.rows:,} rows")
            parts += [f"{_rounded(self.rows / elapsed_s):,} rows/s"] if has_rate else []
        elif self.done_bytes is not None:
            parts.append(_size(self.done_bytes))
            parts += [f"{_size(self.done_bytes / elapsed_s)}/s"] if has_rate else []
        if self.share is not None:
            share = min(max(self.share, 0.0), 1.0)
            parts.append(f"{share:.0%}".replace("%", " %"))
            if has_rate and LEAST_SHARE <= share < 1:
                parts.append(f"{_duration(elapsed_s * (1 - share) / share)} left")
        return "  ".join(parts)


@contextmanager
def following(
    update: Callable[[str], None], reached: Callable[[], Reached], what: str = ""
) -> Iterator[None]:
    """Tell again and again how far the block is, which itself waits for a long statement.

    Args:
        update: Told in words; `Progress.update`.
        reached: Asked from another thread, also while the block runs a statement.
        what: Told before it, such as the name of a file.
    """
    start, done = perf_counter(), threading.Event()

    def look() -> None:
        while not done.wait(BETWEEN_LOOKS_S):
            words = reached().words(perf_counter() - start)
            update("  ".join(part for part in (what, words) if part))

    looker = threading.Thread(target=look, name="following", daemon=True)
    looker.start()
    try:
        yield
    finally:
        done.set()
        looker.join()


def _rounded(number: float) -> int:
    """Three digits: the fourth of a rate changes at every look."""
    return int(float(f"{number:.3g}"))


def _size(count: float) -> str:
    """Bytes as people write them."""
    unit, factor = next((u for u in UNITS_OF_BYTES if count >= u[1]), UNITS_OF_BYTES[-1])
    return f"{count / factor:.3g} {unit}"


def _duration(left_s: float) -> str:
    """Seconds, from two minutes on in minutes."""
    return f"{left_s:.0f} s" if left_s < 120 else f"{left_s / 60:.0f} min"
