"""Map fit: which map a table is read by, and what its columns are then.

The best fitting map is the one whose columns all stand in the header, the longest of several. One
that holds half of them or more was meant for the file and is wrong about it: the file is refused.
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from valuation.errors import InputError, MissingColumns
from valuation.inventory.columns.column_map import ColumnMap, Placement, normalise
from valuation.inventory.columns.map_file import MapFile

BY_MAP: Final = "map"
BY_POSITION: Final = "position"
BY_OWNER: Final = (BY_MAP, BY_POSITION)
"""How a column was decided by someone who knows it."""
IGNORED: Final = "ignored by map"

_EQUAL_WIDTH_SHARE: Final = 0.9
"""Rows without a header are taken for a table when so many of them have cells enough. [1]"""


@dataclass(frozen=True)
class _Fit:
    """A map held against a header: positions of what it names, and headers that are not there."""

    map_file: MapFile
    positions: dict[str, int]
    missing: tuple[str, ...]

    @property
    def held(self) -> int:
        """Headers that are there. [1]"""
        return len(self.map_file.headers) - len(self.missing)


def best_map(maps: Iterable[MapFile], cells: Sequence[str], line: int | None) -> MapFile | None:
    """The map whose columns all stand in a row; None when none does.

    Args:
        maps: The maps of a run.
        cells: The row.
        line: Where it stands, from 1, for maps that say where their header is; None for any.
    """
    fits = [_fit(m, cells) for m in maps if m.hints.has_header and _may_stand(m, line)]
    whole = [fit for fit in fits if not fit.missing]
    best = max(whole, key=lambda fit: (fit.held, fit.map_file.name), default=None)
    return best.map_file if best else None


def map_columns(map_file: MapFile, by_name: ColumnMap) -> ColumnMap:
    """The columns of a table as a map names them, and the others by name.

    What the map names, it names whole: no other column joins it by its name.

    Args:
        map_file: A map that fits, or one that tells columns by position.
        by_name: What the columns are by their names.
    """
    found = _fit(map_file, by_name.names)
    how = BY_MAP if map_file.hints.has_header else BY_POSITION
    columns = {
        c: tuple(found.positions[header] for header in headers)
        for c, headers in map_file.columns.items()
    }
    decided = list(by_name.decided)
    own = set(found.positions.values())
    for position, placed in enumerate(decided):
        if map_file.only or (placed.canonical in columns and position not in own):
            decided[position] = Placement(runner_up=placed.canonical, how="")
    for header in map_file.ignore:
        if header in found.positions:
            decided[found.positions[header]] = Placement(how=IGNORED)
    for canonical, positions in columns.items():
        for rank, position in enumerate(positions, 1):
            decided[position] = Placement(canonical, 1.0, how, rank)
    for canonical, positions in by_name.columns.items():
        kept = tuple(i for i in positions if decided[i].canonical == canonical)
        if canonical not in columns and kept:
            columns[canonical] = kept
    return replace(
        by_name,
        columns=columns,
        system=map_file.system or by_name.system,
        known=sum(bool(placed.how) for placed in decided),
        decided=tuple(decided),
        map_name=map_file.name,
        decimal=map_file.decimal,
        has_header=map_file.hints.has_header,
        warnings=(*by_name.warnings, *_ambiguous(map_file, by_name)),
    )


def by_position(maps: Iterable[MapFile], rows: Sequence[Sequence[str]]) -> ColumnMap | None:
    """The columns of rows that have no header, by the first map that tells them by position.

    Args:
        maps: The maps of a run.
        rows: The first rows of a table.
    """
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    width = max(map(len, filled), default=0)
    for map_file in maps:
        needed = max((int(header) for header in map_file.headers if header.isdecimal()), default=1)
        if map_file.hints.has_header or not filled:
            continue
        wide = sum(len(row) >= needed for row in filled)
        even = max(sum(len(row) == count for row in filled) for count in range(1, width + 1))
        if min(wide, even) >= len(filled) * _EQUAL_WIDTH_SHARE:
            names = tuple(str(position) for position in range(1, width + 1))
            plain = ColumnMap(names, decided=(Placement(),) * width)
            return map_columns(map_file, plain)
    return None


def map_fault(maps: Iterable[MapFile], rows: Iterable[Sequence[str]]) -> InputError | None:
    """The error of a file that was meant for a map and lacks some of its columns.

    Args:
        maps: The maps of a run.
        rows: The header, or the rows where one was looked for.
    """
    with_header = [map_file for map_file in maps if map_file.hints.has_header]
    fits = [(_fit(m, row), row) for row in rows for m in with_header]
    near = [(fit, row) for fit, row in fits if fit.missing and fit.held >= len(fit.missing)]
    if not near:
        return None
    fit, row = max(near, key=lambda pair: (pair[0].held, pair[0].map_file.name))
    lost = fit.missing[0]
    taken = set(fit.positions.values())
    left = [cell.strip() for i, cell in enumerate(row) if i not in taken and cell.strip()]
    close = difflib.get_close_matches(lost, left, n=1, cutoff=0.0)
    more = f" and {len(fit.missing) - 1} more" if len(fit.missing) > 1 else ""
    return MissingColumns(
        f"has no column `{lost}`{more}, which the map {fit.map_file.name} names.",
        f"Did you mean `{close[0]}`?" if close else "Change the map, or leave it out.",
    )


def no_map_fitted(maps: Sequence[MapFile], columns: ColumnMap) -> str:
    """The warning that a file was read by its names although maps were given; empty if not so."""
    if not maps or columns.map_name:
        return ""
    with_header = [map_file for map_file in maps if map_file.hints.has_header]
    fits = [_fit(map_file, columns.names) for map_file in with_header]
    nearest = max(fits, key=lambda fit: (fit.held, fit.map_file.name), default=None)
    if nearest is None:
        return "no map fits it, since it has a header we know; it was read by its column names"
    return (
        f"no map fits it; it was read by its column names. The nearest, {nearest.map_file.name}, "
        f"names {len(nearest.map_file.headers)} columns, of which {nearest.held} are there"
    )


def _fit(map_file: MapFile, cells: Sequence[str]) -> _Fit:
    """Where the headers of a map stand: as written, else without case, blanks and signs."""
    plain = ColumnMap(tuple(cells))
    written: dict[str, int] = {}
    alike: dict[str, int] = {}
    for position, cell in enumerate(cells):
        written.setdefault(cell.strip(), position)
        written.setdefault(plain.label(position).strip(), position)
        alike.setdefault(normalise(cell), position)
    positions: dict[str, int] = {}
    missing = []
    for header in (*map_file.headers, *map_file.ignore):
        found = written.get(header, alike.get(normalise(header) or header))
        if found is not None and found not in positions.values():
            positions[header] = found
        elif header not in map_file.ignore:
            missing.append(header)
    return _Fit(map_file, positions, tuple(missing))


def _may_stand(map_file: MapFile, line: int | None) -> bool:
    return line is None or map_file.hints.header_line in (None, line)


def _ambiguous(map_file: MapFile, columns: ColumnMap) -> list[str]:
    """Headers of a map that several columns of the file have."""
    names = [name.strip() for name in columns.names]
    return [
        f"`{header}` of the map stands over {names.count(header)} columns; the first is used. "
        f"Write `{header} (column {len(names) - names[::-1].index(header)})` for the last"
        for header in map_file.headers
        if names.count(header) > 1
    ]
