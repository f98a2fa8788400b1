"""Records: the list of a JSON document that is a table, and its objects as flat rows.

Of all lists of objects the one whose field names say most as a header is read, wherever it
stands; the others that could be tables are named. A field of an object inside a record is called
by the shortest ending of its path that no other field has.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, NamedTuple

from valuation.inventory.columns.header import find_header
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.documents.entry import Entry
from valuation.inventory.documents.values import MAX_NESTING, Doubled
from valuation.inventory.documents.walk import HOST_FIELDS, host_named, text_of

VALUE_PARTS: Final = ("display_value", "name", "display", "label", "value", "date", "datetime")
"""Last parts of a path that only say that here is the text, the one that says most first."""
REFERENCE_PARTS: Final = frozenset({"id", "url", "slug", "link", "display_url", "natural_slug"})
"""Fields that say again what an object with a name is."""
SAMPLED_ITEMS: Final = 200
"""So many objects of a list are looked at to tell what its fields are."""

EVERY: Final = "[]"
"""Step of a place: each object of a list."""
EACH: Final = "{}"
"""Step of a place: each object that stands under a key of its own."""
_HOST: Final = ("hostname",)

Place = tuple[str, ...]
Path = tuple[str, ...]


class Found(NamedTuple):
    """A list of records: where it stands, its fields, and how good a header they are."""

    place: Place
    names: list[str]
    score: int
    records: int = 0


@dataclass
class Flat:
    """Objects as flat rows.

    Attributes:
        nested: Fields that hold lists of objects, which are in no row.
    """

    nested: set[str] = field(default_factory=set)

    def entry(self, record: Any, around: Sequence[dict[str, Any]] = ()) -> Entry:
        """One record as an entry; set aside when it is none or says two things in one field."""
        if not isinstance(record, dict):
            return Entry({}, "no_record", str(record))
        ranked: dict[Path, tuple[int, str]] = {}
        if not self._add(record, (), ranked):
            return Entry({}, "repeated_field", str(record))
        cells: dict[Hashable, str] = {path: text for path, (_, text) in ranked.items()}
        if around and not any(name.casefold() in HOST_FIELDS for name in record):
            named = (host_named(value) for value in reversed(around))
            if host := next(filter(None, named), ""):
                cells[_HOST] = host
        return Entry(cells)

    def _add(self, value: dict[str, Any], path: Path, out: dict[Path, tuple[int, str]]) -> bool:
        """Add the cells of an object; whether every field of it says one thing."""
        if len(path) > MAX_NESTING:
            raise RecursionError
        if isinstance(value, Doubled):
            return False
        is_named = bool(path) and _is_reference(value)
        for name, inner in value.items():
            if isinstance(inner, dict):
                if not self._add(inner, (*path, name), out):
                    return False
                continue
            if is_named and name in REFERENCE_PARTS:
                continue
            if isinstance(inner, list) and any(isinstance(item, dict | list) for item in inner):
                self.nested.add(".".join((*path, name)))
                continue
            listed = isinstance(inner, list)
            text = ", ".join(map(text_of, inner)) if listed else text_of(inner)
            rank = VALUE_PARTS.index(name) if path and name in VALUE_PARTS else -1
            is_bare_link = name == "value" and "link" in value and "display_value" not in value
            key = path if rank >= 0 and not is_bare_link else (*path, name)
            known = out.get(key)
            if known is None or (text and (not known[1] or rank < known[0])):
                out[key] = (rank, text)
        return True


def _is_reference(value: dict[str, Any]) -> bool:
    return any(isinstance(value.get(part), str) for part in VALUE_PARTS)


def column_names(paths: Sequence[Hashable]) -> list[str]:
    """The shortest ending of each path that no other has; the whole path where none is.

    >>> column_names([("device_type", "model"), ("role",), ("device", "role"), ("device", "id")])
    ['model', 'role', 'device.role', 'id']
    """
    often: dict[Path, int] = {}
    whole = [path if isinstance(path, tuple) else (str(path),) for path in paths]
    for path in whole:
        for start in range(len(path)):
            often[path[start:]] = often.get(path[start:], 0) + 1
    return [
        ".".join(next((p for n in range(1, len(path)) if often[p := path[-n:]] == 1), path))
        for path in whole
    ]


def find_tables(documents: Sequence[Any], table: HeaderTable) -> list[Found]:
    """The lists of records of some documents, the one that says most as a header first.

    Args:
        documents: Documents, or the first of many; together they are a list themselves.
        table: Known column names.
    """
    fields: dict[Place, dict[Hashable, None]] = {}
    _look(list(documents), (), fields)
    found = []
    for place, paths in fields.items():
        names = column_names(list(paths))
        columns = table.match(names)
        score = columns.score if columns.is_usable else 0
        found.append(Found(place, names, score, count_at(list(documents), place)))
    return sorted(found, key=lambda one: (-one.score, -one.records, len(one.place)))


def _look(value: Any, place: Place, fields: dict[Place, dict[Hashable, None]]) -> None:
    """Add the fields of every list of objects in a value, by its place."""
    if len(place) > MAX_NESTING:
        raise RecursionError
    if isinstance(value, list):
        step, items = (*place, EVERY), list(islice(value, SAMPLED_ITEMS))
    elif isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, dict | list):
                _look(inner, (*place, name), fields)
        inside = list(islice(value.values(), SAMPLED_ITEMS))
        if len(inside) < 2 or not all(isinstance(item, dict) for item in inside):
            return
        step, items = (*place, EACH), inside
        _add_fields(items, step, fields)
        return
    else:
        return
    _add_fields(items, step, fields)
    for item in items:
        _look(item, step, fields)


def _add_fields(items: list[Any], place: Place, fields: dict[Place, dict[Hashable, None]]) -> None:
    flat = Flat()
    for item in items:
        if isinstance(item, dict) and item:
            fields.setdefault(place, {}).update(dict.fromkeys(flat.entry(item).cells))


def records_at(
    value: Any, place: Place, around: tuple[dict[str, Any], ...] = ()
) -> Iterator[tuple[Any, tuple[dict[str, Any], ...]]]:
    """The records at a place of a value, each with the objects it stands in."""
    if not place:
        yield value, around
        return
    step, rest = place[0], place[1:]
    if step == EVERY and isinstance(value, list):
        for item in value:
            yield from records_at(item, rest, around)
    elif step == EACH and isinstance(value, dict):
        for item in value.values():
            yield from records_at(item, rest, around)
    elif isinstance(value, dict) and step in value:
        yield from records_at(value[step], rest, (*around, value))


def count_at(value: Any, place: Place) -> int:
    """How many records stand at a place, by the lengths of their lists. [1]"""
    step, rest = place[0], place[1:]
    if step in (EVERY, EACH) and isinstance(value, list | dict):
        if isinstance(value, list) != (step == EVERY):
            return 0
        items = value if isinstance(value, list) else list(value.values())
        return len(items) if not rest else sum(count_at(item, rest) for item in items)
    return count_at(value[step], rest) if isinstance(value, dict) and step in value else 0


def place_name(place: Place) -> str:
    """A place as a person would name it.

    >>> place_name(("[]", "data", "hosts", "[]", "drives", "[]"))
    'data.hosts.drives'
    """
    return ".".join(step for step in place if step not in (EVERY, EACH)) or "the documents"


def as_records(value: Any, table: HeaderTable) -> Any:
    """A document that writes a table by columns or rows of cells, as a list of objects.

    Known are the forms of data frames: `columns` beside `data`, columns of numbered cells or of
    equal lists, and rows of which one near the top names the columns. Others stay as they are.
    """
    if isinstance(value, dict):
        names, rows = value.get("columns"), value.get("data")
        are_rows = isinstance(rows, list) and bool(rows) and all(map(_is_row, rows))
        if isinstance(names, list) and _is_row(names) and isinstance(rows, list) and are_rows:
            return [_record(list(map(text_of, names)), row) for row in rows]
        return _from_columns(value, table)
    if isinstance(value, list) and value and all(map(_is_row, value)):
        texts = [[text_of(cell).strip() for cell in row] for row in value[: 2 * SAMPLED_ITEMS]]
        found = find_header(texts, table)
        if found:
            names = list(found[1].names)
            return [_record(names, row) for row in value[found[0] + 1 :]]
    return value


def _record(names: list[str], row: list[Any]) -> Any:
    """A row as an object; a row with more cells than names stays one, and is no record."""
    return row if len(row) > len(names) else dict(zip(names, row, strict=False))


def _from_columns(value: dict[str, Any], table: HeaderTable) -> Any:
    columns = list(value.values())
    if len(columns) < 2 or not table.match(list(value)).is_usable:
        return value
    if all(isinstance(cells, list) and _is_row(cells) for cells in columns):
        is_even = len(columns[0]) > 1 and len({len(cells) for cells in columns}) == 1
        rows = zip(*columns, strict=True) if is_even else ()
        return [dict(zip(value, row, strict=True)) for row in rows] or value
    numbered = all(
        isinstance(cells, dict) and cells and all(key.isdecimal() for key in cells)
        for cells in columns
    )
    if not numbered:
        return value
    keys = list(dict.fromkeys(key for cells in columns for key in cells))
    return [{name: cells.get(key) for name, cells in value.items()} for key in keys]


def _is_row(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(cell, dict | list) for cell in value)
