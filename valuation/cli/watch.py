"""Progress as people see it: one live line on a terminal, else a line every few seconds."""

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Final

import click

SECONDS_BETWEEN_LINES: Final = 5.0


class Watch:
    """A `Progress` that remembers what it was told and passes on where the run stands."""

    def __init__(self, show: Callable[[str], None] | None = None) -> None:
        self.warnings: list[str] = []
        self.line = "starting"
        self._stage = ""
        self._stages: tuple[str, ...] = ()
        self._begun: set[str] = set()
        self._show = show

    def expect(self, stages: Sequence[str]) -> None:
        """Stages of the whole run, in order: each is told as one of so many."""
        self._stages = tuple(stages)

    def stage(self, name: str) -> None:
        """A stage begins."""
        self._begun.add(name)
        self._stage = name + self._place(name)
        self._change(self._stage)

    def update(self, text: str) -> None:
        """How far the stage is."""
        self._change(f"{self._stage}  {text}" if self._stage else text)

    def warn(self, text: str) -> None:
        """Keep a warning; it is shown with the result, or with the error if there is none."""
        self.warnings.append(text)

    def _place(self, name: str) -> str:
        """Which of the stages it is; nothing for what is looked at before its turn comes."""
        if name not in self._stages:
            return ""
        place = self._stages.index(name)
        if not self._begun.issuperset(self._stages[:place]):
            return ""
        return f" ({place + 1} of {len(self._stages)})"

    def _change(self, line: str) -> None:
        self.line = line
        if self._show is not None:
            self._show(line)


@contextmanager
def watching(*, quiet: bool) -> Iterator[Watch]:
    """A `Watch` that shows progress on stderr while the block runs; nothing if `quiet`.

    Warnings of a run that fails are printed, since it has no result to carry them.
    """
    if quiet:
        yield Watch()
        return
    shown = _live_line() if sys.stderr.isatty() else _lines()
    with shown as watch:
        try:
            yield watch
        except Exception:
            print_warnings(watch.warnings)
            raise


def print_warnings(warnings: list[str]) -> None:
    """Write warnings to stderr, one a line."""
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)


@contextmanager
def _live_line() -> Iterator[Watch]:
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(Text("starting")) as status:
        yield Watch(lambda line: status.update(Text(line)))


@contextmanager
def _lines() -> Iterator[Watch]:
    """Print where the run stands every few seconds, also while nothing moves."""
    watch, start, done = Watch(), monotonic(), threading.Event()

    def tell() -> None:
        while not done.wait(SECONDS_BETWEEN_LINES):
            click.echo(f"{monotonic() - start:.0f} s  {watch.line}", err=True)

    teller = threading.Thread(target=tell, name="progress", daemon=True)
    teller.start()
    try:
        yield watch
    finally:
        done.set()
        teller.join()
