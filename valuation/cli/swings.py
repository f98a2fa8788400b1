"""What moves a figure and where a net turns, as `explain` tells it: a tornado and break-even."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final

from valuation.cli.text import Table, number, percent, render

SWINGS: Final = ("parameters", "share of variance", "net at their P10", "net at their P90")
TURNING: Final = ("what moves", "against", "turns at", "now", "better in")
NOTE: Final = 90
"""Letters of a line that says why nothing turns."""
TURNS: Final = {
    "ndpr_price": "price of NdPr oxide",
    "capture": "magnets kept until chemistry",
}


def sensitivity(found: Mapping[str, Any]) -> list[str]:
    """What the figure rests on, widest first, and where the net changes sign."""
    swings = found.get("batch_sensitivity") or []
    tables = [Table("What moves the net", SWINGS, [_swing(r) for r in _widest_first(swings)])]
    even = found.get("batch_break_even") or []
    turns = [(row, "above" if row["better_when"] == "above" else "below") for row in even]
    rows = [
        (
            TURNS[row["what"]],
            "nothing" if row["against"] == "zero" else row["against"],
            f"{number(row['value'])} {_unit(row)}, better {side}" if row["value"] else "",
            f"{number(row['at_present'])} {_unit(row)}" if row["at_present"] else "",
            percent(row["chance_better"]),
        )
        for row, side in turns
    ]
    reasons = dict.fromkeys(
        f"{TURNS[row['what']]}: {row['reason']}." for row in even if row["reason"]
    )
    notes = tuple("\n  ".join(textwrap.wrap(reason, NOTE)) for reason in reasons)
    tables.append(Table("Where the net turns", TURNING, rows, text_columns=5, notes=notes))
    return [render(drawn)] if (drawn := [table for table in tables if table.rows]) else []


def _widest_first(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The tornado: by how far a group moves the figure; what is only joint comes last."""
    return sorted(rows, key=lambda row: -abs((row["high"] or 0) - (row["low"] or 0)))


def _swing(row: Mapping[str, Any]) -> tuple[str, ...]:
    name = row["parameter_group"].replace("_", " ")
    if not row["in_quantiles"]:
        name += " (not in the quantiles)"
    share = row["first_order_share"]
    told = f"{100 * share:.1f} %" if share is not None and share < 0 else percent(share)
    ends = ("", "") if row["low"] is None else (number(row["low"]), number(row["high"]))
    return name, told, *ends


def _unit(row: Mapping[str, Any]) -> str:
    return "" if row["unit"] == "1" else str(row["unit"])
