"""Apart: workbooks of the older and rarer formats, read in a process of their own.

Their libraries hold a whole book at once, however large it claims to be; the limits of a process
are the only ones that hold for all of them.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import polars as pl

from valuation.errors import InputError
from valuation.inventory.workbook import cells
from valuation.inventory.workbook.cells import Cells

MAX_MEMORY_BYTES: Final = 8 << 30
"""Address space of the process that reads."""
MAX_SECONDS: Final = 600


def read_apart(path: Path, folder: Path) -> Iterator[Cells]:
    """Sheets of a workbook with their cells as text.

    Args:
        path: The workbook.
        folder: Where sheets may be kept while they are read.

    Raises:
        InputError: The workbook takes more memory or time than the limits.
        ValueError: It is damaged.
    """
    with TemporaryDirectory(dir=folder) as left:
        told = _told(path, Path(left))
        if "error" in told:
            raise ValueError(told["error"])
        for number, (name, is_shown) in enumerate(told["sheets"]):
            yield Cells(name, is_shown, pl.read_ipc(Path(left) / f"{number}.arrow"))


def _told(path: Path, folder: Path) -> dict[str, Any]:
    program = [sys.executable, "-P", cells.__file__, str(path.absolute()), str(folder.absolute())]
    try:
        done = subprocess.run(  # noqa: S603  our own program, files given as arguments
            program, capture_output=True, check=False, timeout=MAX_SECONDS, preexec_fn=_limit
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(
            f"takes more than {MAX_SECONDS} seconds to open.", "Save it as .xlsx, or export CSV."
        ) from error
    if done.returncode:
        raise InputError(
            f"cannot be opened in {MAX_MEMORY_BYTES >> 30} GiB of memory.",
            "Save it as .xlsx, or export CSV.",
        )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _limit() -> None:
    """Limit the memory of the process that is about to read."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
