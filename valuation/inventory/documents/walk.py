"""Walk: objects of a kind wherever they stand in a document, with what stands around them."""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from valuation.inventory.documents.values import MAX_NESTING

HOST_FIELDS: Final = (
    "hostname",
    "host_name",
    "host",
    "fqdn",
    "node",
    "server",
    "computername",
    "pscomputername",
)
"""Fields in which a document names the machine its records come from, in lower case."""


class Met(NamedTuple):
    """An object that was looked for, and the objects around it from the outermost on."""

    value: dict[str, Any]
    around: tuple[dict[str, Any], ...]
    key: str = ""

    @property
    def host(self) -> str:
        """The machine the objects around it name, the nearest first; empty when none does."""
        named = (host_named(value) for value in reversed(self.around))
        return next(filter(None, named), "")


def meet(
    value: Any,
    is_wanted: Callable[[dict[str, Any]], bool],
    around: tuple[dict[str, Any], ...] = (),
    key: str = "",
    depth: int = 0,
) -> Iterator[Met]:
    """Objects that are wanted, in the order of the document; what is in them is not looked at.

    Args:
        value: A document.
        is_wanted: Whether an object is one of those.
        around: Objects the value stands in.
        key: The nearest field it stands under.
        depth: How many levels up the document begins. [1]

    Raises:
        RecursionError: It is nested more deeply than is read.
    """
    if depth > MAX_NESTING:
        raise RecursionError
    if isinstance(value, dict):
        if is_wanted(value):
            yield Met(value, around, key)
            return
        for name, inner in value.items():
            if isinstance(inner, dict | list):
                yield from meet(inner, is_wanted, (*around, value), name, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict | list):
                yield from meet(inner, is_wanted, around, key, depth + 1)


def host_named(value: dict[str, Any]) -> str:
    """The machine an object names in a field of its own; empty when it names none."""
    for field in HOST_FIELDS:
        for name, inner in value.items():
            if name.casefold() == field and isinstance(inner, str):
                return inner
    return ""


def text_of(value: Any) -> str:
    """A scalar as text; empty for what is none.

    >>> text_of("4"), text_of(True), text_of(None), text_of([1])
    ('4', 'true', '', '')
    """
    if isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else ""


def field(value: Any, *path: str) -> str:
    """The scalar at the end of a path of fields, as text; empty when it is not there."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return text_of(value).strip()


def given(**cells: str) -> dict[str, str]:
    """The cells that hold anything."""
    return {name: text for name, text in cells.items() if text}


def drive_type(media: str, rotation: str = "", form: str = "", protocol: str = "") -> str:
    """What a tool's separate fields say of a drive, in the words of one type column.

    The rate of rotation proves what the medium only claims: zero is an SSD, more a hard drive.

    >>> drive_type("", "7200", "3.5 inches", "SAS"), drive_type("", "0"), drive_type("SSD", "")
    ('HDD, 7200 rpm, 3.5 inches, SAS', 'SSD', 'SSD')
    """
    turns = rotation.removesuffix("rpm").strip()
    if turns.isdecimal():
        is_still = not turns.strip("0")
        if not (is_still and media.casefold() == "hdd"):
            media = "SSD" if is_still else "HDD"
        rotation = "" if is_still else f"{turns} rpm"
    else:
        rotation = ""
    return ", ".join(part for part in (media, rotation, form, protocol) if part)
