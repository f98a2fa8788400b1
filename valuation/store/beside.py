"""Files written beside themselves and put into place whole, by one process at a time.

For what is kept outside the database: a fault at any moment leaves the earlier file as it was.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from valuation.errors import OutputBusy, refused_by_disk
from valuation.store.file import locked

OTHER_NAME: Final = "give another name"


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a file for this process; its folder is made when there is none.

    Raises:
        OutputBusy: Another process holds it.
        OutputError: The folder cannot be made or written to.
    """
    with refused_by_disk(path, OTHER_NAME):
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with locked(path):
            yield
    except OutputBusy as error:
        raise OutputBusy(
            f"Another process is writing {path}.", "Wait for it, and run again."
        ) from error


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """A name beside a file for what will take its place; gone afterwards, whatever happened.

    Raises:
        OutputError: The disk refuses.
    """
    with (
        refused_by_disk(path, OTHER_NAME),
        tempfile.TemporaryDirectory(prefix=".staged-", dir=path.parent) as folder,
    ):
        yield Path(folder, path.name)
