"""Writes the figures of the calibration that `valuation validate` prints, the same every time.

    python -m tests.calibration.make_card [FILE]

Without a file the card of the shipped data is replaced.
"""

import json
import sys
from pathlib import Path

from valuation.tables import load_tables
from valuation.validate.calibration import CARD, MAKE, rows_hash

from .fresh_worlds import AS_OF, DECK, ROUTE, calibrate

SIZE = {"designs": 400, "truths": 10, "draws": 2000, "worlds": 60, "seed": 7}
DIGITS = 6


def card(tables):
    """4,000 lots in fresh worlds, and 400 lots in each of 60 worlds."""
    found = calibrate(tables, **SIZE)
    one_world = found.pop("inside_one_world")
    return {
        "rows_hash": rows_hash(tables, ROUTE, DECK),
        "route_id": ROUTE,
        "deck_id": DECK,
        "as_of": str(AS_OF),
        "size": SIZE,
        "make": MAKE,
        "fresh_worlds": rounded(found),
        "one_world": rounded(one_world),
    }


def rounded(figures):
    """Few enough digits to be alike on every machine."""
    return {
        name: {k: round(v, DIGITS) if isinstance(v, float) else v for k, v in found.items()}
        for name, found in figures.items()
    }


if __name__ == "__main__":
    tables = load_tables()
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else tables.directory / CARD
    text = json.dumps(card(tables), indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
