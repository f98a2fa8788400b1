"""Errors a caller can act on, drawn once as a tree; each carries a hint of what to do next.

ValuationError            has .hint: what to do next
├── UsageError            options that do not go together
├── InputError            an export we cannot read
│   ├── UnknownFormat     not a table we know, or not a table at all
│   └── MissingColumns    a table without a column that names the item
├── TableError            a file under data/ breaks its description
├── SettingsError         a setting, deck or map that cannot be read
├── PriceGap              a price missing or too old where the caller asked for one
├── OutputBusy            another process holds the output
├── OutputError           the output cannot be written (space, rights, not our file)
├── ModelError            model and card disagree
└── ContractError         a stage returned the wrong frame: our bug
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class ValuationError(Exception):
    """Base of everything this program raises on purpose.

    Args:
        message: One sentence naming file, row, column and value where they are known.
        hint: What to do next, in the imperative; empty when there is nothing to advise.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(ValuationError):
    """Options that do not go together."""


class InputError(ValuationError):
    """An export that cannot be read."""


class UnknownFormat(InputError):
    """Not a table we know, or not a table at all."""


class MissingColumns(InputError):
    """A table without any column that names the item."""


class TableError(ValuationError):
    """A file under data/ breaks its description."""


class SettingsError(ValuationError):
    """A setting, deck or map that cannot be read."""


class PriceGap(ValuationError):
    """A price missing, or older than the caller allows."""


class OutputBusy(ValuationError):
    """Another process holds the output."""


class OutputError(ValuationError):
    """The output cannot be written."""


class ModelError(ValuationError):
    """Model and card disagree."""


class ContractError(ValuationError):
    """A stage returned the wrong frame: a bug of ours."""


@contextmanager
def refused_by_disk(path: Path, otherwise: str) -> Iterator[None]:
    """Say in words what the disk refused.

    Args:
        path: What was to be written.
        otherwise: What may be done beside looking at the disk, in the imperative.

    Raises:
        OutputError: Names the path and what the system said.
    """
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}.",
            f"Look at the space on the disk and your rights, or {otherwise}.",
        ) from error
