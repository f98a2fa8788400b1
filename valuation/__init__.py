"""What a lot of retired data-center hardware holds, what can be recovered and what it is worth.

The public names are resolved when first asked for, so that the command line starts at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from valuation.api import run
    from valuation.settings import Settings
    from valuation.tables import load_tables
    from valuation.version import __version__

__all__ = ["Settings", "__version__", "load_tables", "run"]

_HOME = {
    "Settings": "valuation.settings",
    "__version__": "valuation.version",
    "load_tables": "valuation.tables",
    "run": "valuation.api",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module `valuation` has no attribute `{name}`")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
