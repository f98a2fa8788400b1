"""Place: the columns of a table by name, held against what their cells look like.

A name decides; cells speak where no name does. A column nobody knows is used when its cells look
unmistakably like one of ours and no column has that name; never as the quantity, which becomes
money. Cells that plainly contradict a name cost it confidence, and its turn among columns of the
same name.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from valuation.inventory.columns.column_map import ColumnMap, Placement
from valuation.inventory.columns.examples import examples
from valuation.inventory.columns.look import SAMPLE_ROWS, Look, Looks, Seen
from valuation.inventory.columns.map_fit import BY_OWNER, by_position
from valuation.inventory.columns.names import HeaderTable, in_order

BY_LOOK: Final = "look"

_NEVER_BY_LOOK: Final = "quantity"
_CONFLICTED: Final = 0.4
"""What is left of a name's confidence when the cells contradict it. [1]"""
_AGREED: Final = 0.5
"""Share of the doubt about a name that fitting cells take away. [1]"""


def place_columns(
    columns: ColumnMap, rows: Sequence[Sequence[str]], table: HeaderTable
) -> ColumnMap:
    """The columns of a table with what their cells say.

    Args:
        columns: What they are by name or by map.
        rows: Rows below the header, the first few dozen of which are looked at.
        table: The known names, and what cells look like.
    """
    sample = rows[:SAMPLE_ROWS]
    seen = [
        table.looks.see(row[position] for row in sample if position < len(row))
        for position in range(len(columns.names))
    ]
    decided = [
        _weighed(placed, own, table.looks)
        for placed, own in zip(columns.placements(), seen, strict=True)
    ]
    found = _by_look(columns, decided, seen, table)
    for position, placed in found.items():
        decided[position] = placed
    placed_columns = replace(
        columns,
        columns=_ordered(columns, decided, seen),
        decided=tuple(decided),
        warnings=(*columns.warnings, *_warnings(columns, decided, found)),
    )
    shown = examples(placed_columns, sample, seen, table.looks)
    return replace(placed_columns, examples=shown)


def place_unnamed(
    rows: Sequence[Sequence[str]], table: HeaderTable
) -> tuple[int, ColumnMap] | None:
    """Columns of rows of which none is a header by its names alone.

    A map may tell columns by position; else a row is the header when a name in it is known and
    the cells below say unmistakably what the item is.

    Args:
        rows: The first rows of a table.
        table: The known names, and the maps.

    Returns:
        Position of the header, -1 where there is none, and the columns; None when neither holds.
    """
    columns = by_position(table.maps, rows)
    if columns:
        return -1, place_columns(columns, rows, table)
    best: tuple[int, ColumnMap] | None = None
    for position, cells in enumerate(rows[:SAMPLE_ROWS]):
        by_name = table.match(cells, position + 1)
        if not by_name.columns or (best and by_name.score <= best[1].score):
            continue
        below = rows[position + 1 :]
        placed = place_columns(by_name, below, table)
        if placed.is_usable and not _is_data(cells, below, placed, table.looks):
            best = position, placed
    return best


def _is_data(
    cells: Sequence[str], below: Sequence[Sequence[str]], columns: ColumnMap, looks: Looks
) -> bool:
    """Whether a row is one of those below it rather than their header."""
    if looks.data_share(cells):
        return True
    for position in columns.used:
        cell = cells[position].strip()
        same = looks.see([cell] * SAMPLE_ROWS).named()
        under = looks.see(row[position] for row in below if position < len(row))
        stands_below = any(position < len(row) and row[position].strip() == cell for row in below)
        if not cell or stands_below or same & under.named():
            return True
    return False


def _weighed(placed: Placement, seen: Seen, looks: Looks) -> Placement:
    """A placement whose confidence and runner-up know the cells."""
    rival = _candidate(seen, placed.canonical)
    if rival and rival[1] > placed.runner_up_confidence:
        placed = replace(placed, runner_up=rival[0], runner_up_confidence=rival[1])
    if placed.canonical is None or placed.how in BY_OWNER:
        conflict = looks.conflict(placed.canonical, seen) if placed.canonical else ""
        return replace(placed, conflict=conflict)
    conflict = looks.conflict(placed.canonical, seen)
    if conflict:
        return replace(placed, conflict=conflict, confidence=placed.confidence * _CONFLICTED)
    agreed = max((share for look, share in seen.looks if look.canonical == placed.canonical),
                 default=0.0)  # fmt: skip
    doubt = (1 - placed.confidence) * (1 - _AGREED * agreed)
    return replace(placed, confidence=1 - doubt)


def _candidate(seen: Seen, canonical: str | None) -> tuple[str, float] | None:
    """What else the cells look like: the most particular of our columns, and how sure."""
    for look, share in seen.looks:
        if look.canonical is None or look.canonical == canonical:
            return None  # an address or an amount is none of ours; what fits better comes first
        return look.canonical, look.confidence * share
    return None


def _by_look(
    columns: ColumnMap, decided: Sequence[Placement], seen: Sequence[Seen], table: HeaderTable
) -> dict[int, Placement]:
    """Columns nobody knows that look unmistakably like one of ours that no column has."""
    named: dict[str, list[Placement]] = {}
    for placed in decided:
        if placed.canonical:
            named.setdefault(placed.canonical, []).append(placed)
    claims: dict[str, list[tuple[float, int, Look]]] = {}
    for position, placed in enumerate(decided):
        meant = seen[position].meant()
        if placed.canonical or placed.how or meant is None or not meant[0].places:
            continue
        if table.is_known(columns.names[position]):
            continue  # it has a name, and its cells or a map said it is not used
        look, share = meant
        canonical = look.canonical or _NEVER_BY_LOOK
        spoken_for = not all(p.conflict for p in named.get(canonical, ()))
        if canonical != _NEVER_BY_LOOK and not spoken_for:
            claims.setdefault(canonical, []).append((share, position, look))
    out = {}
    for canonical, claiming in claims.items():
        claiming.sort(key=lambda claim: -claim[0])
        share, position, look = claiming[0]
        if len(claiming) == 1 or claiming[1][0] < share:  # of two alike, neither is unmistakable
            runner_up = decided[position]
            out[position] = Placement(
                canonical,
                look.confidence * share,
                BY_LOOK,
                0,
                runner_up.runner_up if runner_up.runner_up != canonical else None,
                runner_up.runner_up_confidence if runner_up.runner_up != canonical else 0.0,
            )
    return out


def _ordered(
    columns: ColumnMap, decided: Sequence[Placement], seen: Sequence[Seen]
) -> dict[str, tuple[int, ...]]:
    """Canonical column to positions: what contradicts its name last, then by rank, then look."""

    def turn(position: int) -> tuple[bool, int, bool, int]:
        placed = decided[position]
        looks_so = any(look.canonical == placed.canonical for look, _ in seen[position].looks)
        return bool(placed.conflict), placed.rank, not looks_so, position

    fresh = in_order(decided)
    order = [*columns.columns, *(c for c in fresh if c not in columns.columns)]
    out = {}
    for canonical in order:
        if canonical in fresh:
            out[canonical] = tuple(sorted(fresh[canonical], key=turn))
    return out


def _warnings(
    columns: ColumnMap, decided: Sequence[Placement], found: dict[int, Placement]
) -> list[str]:
    """What a person should check: columns used for their look, and names their cells contradict."""
    out = []
    for position, placed in sorted(found.items()):
        name = columns.label(position).strip()
        kind = (placed.canonical or "").replace("_", " ")
        out.append(
            f"column `{name}`, a name nobody knows, was read as the {kind} because its cells look "
            f"so (confidence {placed.confidence:.2f})"
        )
    for position, placed in enumerate(decided):
        if placed.conflict and placed.canonical:
            name, kind = columns.label(position).strip(), placed.canonical.replace("_", " ")
            out.append(
                f"column `{name}` is read as the {kind}, but its cells look like "
                f"{_PLURALS.get(placed.conflict, placed.conflict.replace('-', ' ') + 's')}"
            )
    return out


_PLURALS: Final = {
    "boolean": "yes and no",
    "capacity": "capacities",
    "counter": "row numbers",
    "hex-address": "hexadecimal addresses",
    "ip-address": "network addresses",
    "mac-address": "network addresses",
    "status": "status words",
    "type": "type words",
    "web-address": "web addresses",
}
