"""Examples: a few cells of each column, with what tells one piece from another masked.

Serials, asset tags and host names are never shown, nor is a cell that may hold one: those of
columns nobody knows are shown only where they look like something harmless.
"""

from collections.abc import Sequence
from typing import Final

from valuation.inventory.columns.column_map import ColumnMap
from valuation.inventory.columns.look import Looks, Seen

SHOWN: Final = 3
"""Examples of a column."""

_OWN: Final = ("serial", "asset_tag", "host")
_FREE_TEXTS: Final = ("component_name", "description")
"""Columns where a host's name may stand alone."""
_SHORTEST_OWN: Final = 3
_LONGEST: Final = 40
_HARMLESS: Final = frozenset(
    {"amount", "boolean", "capacity", "counter", "date", "maker", "model", "pieces", "status",
     "type"}
)  # fmt: skip
"""Sorts of cells that name no piece, person or machine."""


def masked(text: str) -> str:
    """A text of which only the beginning is shown.

    >>> masked("Z1Z0A8B4"), masked("web01"), masked("A1")
    ('Z1Z***', 'we***', '***')
    """
    return f"{text[: min(3, len(text) // 2)] if len(text) > _SHORTEST_OWN else ''}***"


def examples(
    columns: ColumnMap, rows: Sequence[Sequence[str]], seen: Sequence[Seen], looks: Looks
) -> tuple[tuple[str, ...], ...]:
    """The first distinct cells of every column, safe to show.

    Args:
        columns: What the columns are.
        rows: Rows below the header.
        seen: What the cells of each column look like.
        looks: The known sorts of cells, to tell host names from the names of parts.
    """
    canonical = {i: c for c, positions in columns.columns.items() for i in positions}
    own = [i for c in _OWN for i in columns.columns.get(c, ())]
    found: list[dict[str, None]] = [{} for _ in columns.names]
    for row in rows:
        words = [row[i].strip() for i in own if i < len(row)]
        for position, cell in enumerate(row[: len(found)]):
            shown, text = found[position], cell.strip()
            if not text or len(shown) == SHOWN:
                continue
            used_as = canonical.get(position)
            is_open = used_as or seen[position].named() & _HARMLESS
            is_own = used_as in _OWN or (used_as in _FREE_TEXTS and looks.fits("host-name", text))
            shown[_cut(_without(text, words) if is_open and not is_own else masked(text))] = None
    return tuple(tuple(texts) for texts in found)


def _without(text: str, words: Sequence[str]) -> str:
    """A text in which the row's own serial, tag and host name are masked."""
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= _SHORTEST_OWN:
            text = text.replace(word, masked(word))
    return text


def _cut(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"
