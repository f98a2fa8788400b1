"""Calibration of the arithmetic: the figures of the last run, kept with what they were made at.

The truths come from a second implementation that lives with the tests and is no part of the
program, so the figures are read from a card and not made anew. `tests.calibration.make_card` makes
the same card again; a card that was made with other rows is shown as such.
"""

import hashlib
import json
from typing import Any, Final

from valuation.errors import ModelError
from valuation.tables import Tables

CARD: Final = "validation/calibration.json"
READS: Final = ("assumption", "content/", "recovery/", "price/")
"""Tables a lot of known classes is valued with, by path."""
MEANING: Final = (
    "shows the arithmetic, not the priors: both sides draw from the same rows, so a prior that is "
    "wrong is wrong on both"
)
MAKE: Final = "Make it again with `python -m tests.calibration.make_card`."


def rows_hash(tables: Tables) -> str:
    """First 12 hex digits over every row that a figure of the calibration depends on."""
    digest = hashlib.sha256()
    for resource in sorted(tables.description["resources"], key=lambda r: str(r["path"])):
        if resource["path"].startswith(READS):
            digest.update((tables.directory / resource["path"]).read_bytes())
    for file in sorted((tables.models / "content").rglob("*.csv")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def calibration_card(tables: Tables) -> dict[str, Any]:
    """The card, with what it means and whether it was made with the rows of these tables.

    Raises:
        ModelError: There is no card, or it cannot be read.
    """
    path = tables.directory / CARD
    try:
        card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        is_current = card["rows_hash"] == rows_hash(tables)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} cannot be read: {error}.", MAKE) from error
    return card | {"is_current": is_current, "meaning": MEANING}
