"""Progress: what a run tells whoever is waiting for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Protocol


class Progress(Protocol):
    """Listens to a run. The command line shows it; a notebook may pass its own."""

    def stage(self, name: str) -> None:
        """A stage begins; the one before it is done."""

    def update(self, text: str) -> None:
        """How far the stage is, in words: `4,200,000 lines`."""

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
