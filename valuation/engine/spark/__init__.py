"""Spark as the engine; its modules import what `valuation[spark]` installs, this one does not."""

from importlib.util import find_spec
from typing import Final

from valuation.errors import UsageError

_LIBRARIES: Final = ("pyspark", "sqlglot")


def check_spark() -> None:
    """See that Spark can be asked for.

    Raises:
        UsageError: Its libraries are not installed; the message says how to install them.
    """
    missing = [name for name in _LIBRARIES if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"Spark is asked for, and {' and '.join(missing)} is not installed.",
            "Install what it needs: pip install 'valuation[spark]'",
        )
