"""Progress: what a run tells whoever is waiting for it."""

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
