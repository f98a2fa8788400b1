"""Files: written beside themselves and put into place whole; one process at a time adds answers."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from valuation.errors import OutputBusy, OutputError
from valuation.identity.overrides import Overrides
from valuation.sheet import MARKED
from valuation.store.file import locked


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the file of answers for this process; its folder is made when there is none."""
    with _refusing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with locked(path):
            yield
    except OutputBusy as error:
        raise OutputBusy(
            f"Another process is writing {path}.", "Wait for it, and run again."
        ) from error


def keep(path: Path, overrides: Overrides) -> None:
    """Write the file of answers whole, in the place of the old one."""
    target = path.resolve()
    with staged(target) as beside:
        beside.write_text(overrides.text(), encoding=MARKED, newline="")
        if target.exists():
            beside.chmod(target.stat().st_mode)
        put(beside, target)


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """A name beside a file for what will take its place; gone afterwards, whatever happened."""
    with _refusing(path), tempfile.TemporaryDirectory(prefix=".review-", dir=path.parent) as folder:
        yield Path(folder, path.name)


def put(beside: Path, path: Path) -> None:
    """Give a finished file its name, once it is on the disk."""
    with beside.open("rb") as stream:
        os.fsync(stream.fileno())
    beside.replace(path)


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Say in words what the disk refused.

    Raises:
        OutputError: Names the file and what the system said.
    """
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}.",
            "Look at the space on the disk and your rights, or give another name.",
        ) from error
