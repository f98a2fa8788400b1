"""Entity table: the ENTITY-MIB as `snmptable` prints it, one entity a row.

Values hold blanks, so cells are cut where the columns stand: all end under the ends of their
names, or all begin under their beginnings.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from valuation.inventory.documents.entity_mib import ENTITY_COLUMNS, entity_class
from valuation.inventory.documents.entry import Entry
from valuation.inventory.documents.report import Report, host_marks, nearest

_TITLE: Final = re.compile(
    r"^SNMP table: (?:ENTITY-MIB::)?entPhysicalTable[ \t]*\n+(?P<header>[^\n]*Descr\b[^\n]*)$",
    re.MULTILINE,
)
_END: Final = re.compile(r"\n[ \t]*(?:\n|$)|\n(?=SNMP table:|\S+[#$>] )")
_WORD: Final = re.compile(r"\S+")
_PREFIX: Final = "entPhysical"


def _tables(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """Where each table begins, its header and its rows."""
    for found in _TITLE.finditer(text):
        end = _END.search(text, found.end() + 1)
        body = text[found.end() + 1 : end.start() if end else len(text)]
        yield found.start(), found["header"], [row for row in body.splitlines() if row.strip()]


def _entries(text: str) -> Iterator[Entry]:
    marks = host_marks(text)
    for start, header, rows in _tables(text):
        names = [_named(word[0]) for word in _WORD.finditer(header)]
        cuts = _cuts(header, rows)
        for row in rows:
            if not all(row[cut : cut + 1] in ("", " ") for cut in cuts[1:]):
                yield Entry({}, "unreadable_record", row)
                continue
            ends = [*cuts[1:], len(row)]
            cells = {
                n: row[a:b].strip().strip('"') for n, a, b in zip(names, cuts, ends, strict=True)
            }
            kept = {name: cells[name] for name in ENTITY_COLUMNS if cells.get(name)}
            kind = entity_class(kept.get("entPhysicalClass", ""))
            host = nearest(marks, start)
            yield Entry(kept | {"entPhysicalClass": kind} | ({"hostname": host} if host else {}))


def _named(word: str) -> str:
    """The full name of a column that a brief heading shortens."""
    word = word if word.startswith(_PREFIX) or word == "index" else _PREFIX + word
    return "entPhysicalIndex" if word == "index" else word


def _cuts(header: str, rows: Sequence[str]) -> list[int]:
    """Where the columns are cut: behind the names when values end there, else before them."""
    words = list(_WORD.finditer(header))
    behind = [0, *(word.end() for word in words[:-1])]
    before = [0, *(word.start() - 1 for word in words[1:])]
    misses = [sum(row[cut : cut + 1].strip() != "" for row in rows for cut in cuts[1:])
              for cuts in (behind, before)]  # fmt: skip
    return behind if misses[0] <= misses[1] else before


def _count(text: str) -> int:
    """Lines under the headers of the tables. [1]"""
    return sum(len(rows) for _, _, rows in _tables(text))


ENTITY_TABLE: Final = Report(
    "entity-mib", "entity-mib", ENTITY_COLUMNS, _TITLE, 1, _entries, _count
)
