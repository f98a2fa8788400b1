"""Resource: the Redfish resources that are parts, found in documents of any arrangement."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from valuation.inventory.documents.values import MAX_NESTING
from valuation.inventory.documents.walk import field, host_named

KINDS: Final = frozenset(
    {
        "Drive",
        "PowerSupply",
        "Fan",
        "Memory",
        "Processor",
        "Chassis",
        "ComputerSystem",
        "NetworkAdapter",
    }
)
"""Types of resources that are parts; volumes, controllers of them and the like are not."""

_TYPE: Final = re.compile(r"#(?P<kind>\w+)\.")
_LISTS: Final = {"PowerSupplies": "PowerSupply", "Fans": "Fan"}
"""Lists of parts inside the resources `Power` and `Thermal`."""
_PLURAL: Final = re.compile(r"/(?P<kind>Drives|PowerSupplies|Fans|Memory|Processors)/[^/]+/?$")
_BY_PATH: Final = {
    "Drives": "Drive",
    "PowerSupplies": "PowerSupply",
    "Fans": "Fan",
    "Memory": "Memory",
    "Processors": "Processor",
}


@dataclass(frozen=True)
class Resource:
    """One part.

    Attributes:
        kind: Which of `KINDS`.
        value: Its fields.
        path: Its `@odata.id`; that of the resource it stands in with its place, else its place.
        scope: What tells its service from others in the same file.
        host: The machine the objects around it name.
        parent: Path of the resource it stands in.
    """

    kind: str
    value: dict[str, Any]
    path: str
    scope: str
    host: str
    parent: str


def resources(documents: Any) -> tuple[list[Resource], int]:
    """The parts in some documents, each once, and how many links to resources stand alone.

    The same resource may be given twice: by itself and written out in its collection. A chassis
    that is the case of a system beside it is that system.

    Raises:
        RecursionError: They are nested more deeply than is read.
    """
    walk = _Walk([], {})
    walk.look(documents, _Place("", "", "", "", 0))
    systems = {(r.scope, r.path) for r in walk.found if r.kind == "ComputerSystem"}
    parts = [r for r in walk.found if not _is_case(r, systems)]
    return parts, walk.links


def _is_case(resource: Resource, systems: set[tuple[str, str]]) -> bool:
    if resource.kind != "Chassis":
        return False
    links = resource.value.get("Links")
    cased = links.get("ComputerSystems") if isinstance(links, dict) else None
    paths = [field(link, "@odata.id") for link in cased] if isinstance(cased, list) else []
    return any((resource.scope, path) in systems for path in paths)


@dataclass(frozen=True)
class _Place:
    """Where in the documents the walk is."""

    scope: str
    host: str
    parent: str
    list_kind: str
    depth: int


@dataclass
class _Walk:
    """A walk over documents."""

    found: list[Resource]
    seen: dict[tuple[str, str, str], None]
    links: int = 0

    def look(self, value: Any, place: _Place) -> None:
        """Add what a value holds."""
        if place.depth > MAX_NESTING:
            raise RecursionError
        if isinstance(value, list):
            for item in value:
                self.look(item, _deeper(place))
        elif isinstance(value, dict):
            self._look_at_object(value, place)

    def _look_at_object(self, value: dict[str, Any], place: _Place) -> None:
        if len(value) == 1 and "@odata.id" in value:
            self.links += 1
            return
        kind = _kind(value, place.list_kind)
        path = field(value, "@odata.id")
        if kind in KINDS:
            self._add(kind, value, path, place)
        own = path or place.parent
        host = host_named(value) or place.host
        for name, inner in value.items():
            if name in ("Links", "RelatedItem", "Oem") or not isinstance(inner, dict | list):
                continue
            is_service = not place.parent and not place.scope and _is_service(name, inner)
            scope = f"{place.scope}/{name}" if is_service else place.scope
            named = host or (name if is_service else "")
            listed = _LISTS.get(name, "")
            self.look(inner, _Place(scope, named, own, listed, place.depth + 1))

    def _add(self, kind: str, value: dict[str, Any], path: str, place: _Place) -> None:
        number = field(value, "MemberId") or field(value, "Name") or field(value, "FanName")
        path = path or f"{place.parent}#{kind}/{number}"
        # Services of two machines have the same paths; what differs tells them apart.
        told = "\x1f".join(f"{name}={text}" for name, text in sorted(_told(value)))
        key = (place.scope, path, told)
        if key in self.seen:
            return
        self.seen[key] = None
        self.found.append(Resource(kind, value, path, place.scope, place.host, place.parent))


def _told(value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("SerialNumber", "Model", "PartNumber", "Name", "FanName", "HostName", "UUID"):
        if text := field(value, name):
            yield name, text


def _deeper(place: _Place) -> _Place:
    return _Place(place.scope, place.host, place.parent, place.list_kind, place.depth + 1)


def _kind(value: dict[str, Any], list_kind: str) -> str:
    """What a resource is: by its type, else by the list or the path it stands in."""
    if found := _TYPE.match(field(value, "@odata.type")):
        return found["kind"]
    if list_kind:
        return list_kind
    by_path = _PLURAL.search(field(value, "@odata.id"))
    return _BY_PATH[by_path["kind"]] if by_path and "Name" in value else ""


def _is_service(name: str, inner: Any) -> bool:
    """Whether a field of the outermost object holds the dump of one machine, called by it."""
    if name.startswith(("/", "@")) or not isinstance(inner, dict) or "@odata.id" in inner:
        return False
    return any(key.startswith("/redfish") for key in inner)
