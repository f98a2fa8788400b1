"""Family: what the reader of one tool's documents is."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from valuation.inventory.documents.entry import Entry
from valuation.inventory.documents.values import Value


class Family(NamedTuple):
    """How the documents of one tool are read.

    Attributes:
        format: What the reading is called.
        system: What the header table calls the tool.
        columns: Columns of its table.
        recognises: Whether a document is one of this tool.
        entries: The records of a document; of all documents in one list where `is_whole`.
        count: Data records of the same, counted in another way than they are read.
        is_whole: Whether documents of a file tell about each other and are read together.
    """

    format: str
    system: str
    columns: tuple[str, ...]
    recognises: Callable[[Value], bool]
    entries: Callable[[Any], Iterator[Entry]]
    count: Callable[[Value], int]
    is_whole: bool = False
