"""Files: written beside themselves and put into place whole; one process at a time adds answers."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from valuation.errors import OutputBusy, refused_by_disk
from valuation.identity.overrides import Overrides
from valuation.sheet import MARKED
from valuation.store import locked, put_in_place

OTHER_NAME: Final = "give another name"


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the file of answers for this process; its folder is made when there is none."""
    with refused_by_disk(path, OTHER_NAME):
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
        put_in_place(beside, target)


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """A name beside a file for what will take its place; gone afterwards, whatever happened."""
    with (
        refused_by_disk(path, OTHER_NAME),
        tempfile.TemporaryDirectory(prefix=".review-", dir=path.parent) as folder,
    ):
        yield Path(folder, path.name)
