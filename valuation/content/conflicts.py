"""Conflicts: columns that say something else than the model string, which won.

They are told, not corrected: the column may be an old habit of the export, or the model a typing
error, and the view `conflicting_items` lists each.
"""

from pathlib import Path
from typing import Any, Final

from valuation.engine.duckdb import Engine

SQL: Final = Path(__file__).with_name("conflicts.sql")
MOST_TOLD: Final = 3
"""Conflicts told one by one; those of the most units come first."""


def conflict_warnings(engine: Engine) -> list[str]:
    """What columns say against the model, the most units first.

    Args:
        engine: Holds what `count_parts` left.
    """
    rows = engine.frame(SQL.read_text(encoding="utf-8")).to_dicts()
    told = [_sentence(row) for row in rows[:MOST_TOLD]]
    rest = rows[MOST_TOLD:]
    if rest:
        units = sum(row["units"] for row in rest)
        told.append(
            f"{len(rest):,} more conflicts of a column with the model, {units:,} units: see the "
            "view conflicting_items."
        )
    return told


def _sentence(row: dict[str, Any]) -> str:
    """One conflict in words."""
    items = "1 item" if row["items"] == 1 else f"{row['items']:,} items"
    return (
        f"{row['units']:,} units ({items}) are {row['kind']} by their model (such as "
        f"`{row['example']}`), but another column says {row['conflict']}; the model counts."
    )
