"""Reject columns: what a file of lines set aside holds beside the columns of its original."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from valuation.inventory.columns.column_map import ColumnMap, normalise

REJECT_COLUMNS: Final = (
    "reject_code",
    "reject_reason",
    "suggestion",
    "source_file",
    "source_line",
    "reject_key",
)
"""Behind the columns of the original, in this order."""
RAW_TEXT: Final = "raw_text"
"""The text of a line whose cells are not known; in front of the others, where it is needed."""

_MARKS: Final = ("reject_key", "source_file", "source_line")


def reject_places(names: Sequence[str]) -> dict[str, int]:
    """Where the columns of a file of lines set aside stand; empty for any other file.

    >>> reject_places(["Model", "source_file", "Source_Line", "reject_key"])
    {'source_file': 1, 'source_line': 2, 'reject_key': 3}
    """
    last = {normalise(name): place for place, name in enumerate(names)}
    found = {name: last[normalise(name)] for name in REJECT_COLUMNS if normalise(name) in last}
    if not all(name in found for name in _MARKS):
        return {}
    before = found.get("reject_code", 0) - 1
    if before >= 0 and normalise(names[before]) == normalise(RAW_TEXT):
        found[RAW_TEXT] = before
    return found


def places_like(
    names: Sequence[str], own: set[int], wanted: Sequence[str]
) -> list[int | None] | None:
    """Where the columns of the original stand; None when the file has others.

    Columns without a name may be missing or left over: programs drop and add them at will.
    """
    free: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        if place not in own:
            free.setdefault(normalise(name), []).append(place)
    out: list[int | None] = []
    for name in map(normalise, wanted):
        found = free.get(name)
        if not found and name:
            return None
        out.append(found.pop(0) if found else None)
    return None if any(left for name, left in free.items() if name) else out


def only_at(columns: ColumnMap, places: Sequence[int | None]) -> ColumnMap:
    """The map of the columns at some places only, which become the first, second, ..."""
    now = {place: i for i, place in enumerate(places) if place is not None}
    kept = {c: tuple(now[i] for i in p if i in now) for c, p in columns.columns.items()}
    return replace(
        columns,
        names=tuple(columns.names[place] for place in now),
        columns={c: p for c, p in kept.items() if p},
        decided=tuple(columns.decided[i] for i in now if i < len(columns.decided)),
        examples=tuple(columns.examples[i] for i in now if i < len(columns.examples)),
    )
