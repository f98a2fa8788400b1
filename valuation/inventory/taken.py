"""Taken: a file that gives back lines set aside, its records taken in, before they are judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

from valuation.engine import EngineError, Steps, is_damage
from valuation.errors import InputError
from valuation.inventory.given import Given
from valuation.inventory.opening import Opened
from valuation.inventory.reading import Reading
from valuation.inventory.reject_columns import reject_places
from valuation.inventory.source import file_id

FILE_DIGITS: Final = 16
"""How much of the hash of a file's content stands in a key."""

_SQL: Final = Path(__file__).parent


@dataclass(frozen=True)
class Taken:
    """A file that gives back lines, its records taken in.

    Attributes:
        file: As given.
        file_id: Its key.
        reading: Its table as it stands.
        original: The beginning of the hash of the file whose lines it holds; None when unknown.
        source_name: The name of that file as its records tell; empty when they tell none.
    """

    file: Given
    file_id: str
    reading: Reading
    original: str | None
    source_name: str

    @property
    def name(self) -> str:
        """As given."""
        return self.file.name

    @property
    def size_bytes(self) -> int:
        """What it takes on the disk. [B]"""
        return self.file.size_bytes

    def told_id(self) -> str:
        """Its key."""
        return self.file_id


def digits(file: Given) -> str:
    """What names a file in a key: the beginning of the hash of its content."""
    return file.sha256[:FILE_DIGITS]


def take_in(engine: Steps, opened: Opened, given: Sequence[Given]) -> Taken:
    """The records of a file in `mended_line`, and whose lines they are."""
    key = file_id(opened.file.name, opened.file.sha256)
    for way in opened.readings():
        reading = way().counted()
        if reading is not None and _is_whole(engine, key, reading):
            break
    else:
        raise InputError("cannot be read.", "Export it again as CSV or XLSX.")
    named = engine.run((_SQL / "mended_named.sql").read_text(encoding="utf-8"), [key])
    keyed = sorted({row[0] for row in named if row[0]})
    names = list(dict.fromkeys(PurePath(row[1]).name for row in named if row[1]))
    if len(keyed) > 1:
        raise InputError(
            f"holds lines of {len(keyed)} files: {', '.join(names)}.",
            "Give the lines of each file in a file of its own.",
        )
    source_name = names[0] if names else ""
    of_name = [one for one in given if one.name != opened.file.name and is_named(one, source_name)]
    original = keyed[0] if keyed else digits(of_name[0]) if len(of_name) == 1 else None
    return Taken(opened.file, key, reading, original, source_name)


def is_named(file: Given, name: str) -> bool:
    """Whether a file bears a name, whatever folder it is in."""
    return PurePath(file.name).name == name


def _is_whole(engine: Steps, key: str, reading: Reading) -> bool:
    """Whether every record of a file was taken in; the fast reader may lose its way."""
    engine.run("delete from mended_line where file_id = $1", [key])
    places = reject_places(reading.columns.names)
    sql = {name: f"c{place}" for name, place in places.items()}
    try:
        engine.step_by_rows(
            _SQL / "mended_take.sql",
            {"file_id": key},
            line_number=reading.line_number,
            cells=", ".join(f"c{i}" for i in range(len(reading.columns.names))),
            reject_key=sql["reject_key"],
            source_file=sql["source_file"],
            reject_code=sql.get("reject_code", "'not told'"),
            relation=reading.numbered_relation or reading.relation,
        )
    except EngineError as error:
        if not is_damage(error):
            raise
        if reading.is_direct:
            return False
        what = str(error).splitlines()[0]
        raise InputError(f"is damaged inside: {what}.", "Save it again.") from error
    if reading.rejects is not None and reading.reasons:
        before = places["reject_key"] - min(places.values())
        given = {"file_id": key, "rejects": str(reading.rejects), "cells_before_key": before}
        engine.step(_SQL / "mended_unread.sql", given)
    ((records,),) = engine.run("select count(*) from mended_line where file_id = $1", [key])
    passed_over = reading.blank_lines + sum(reading.ignored.values())
    return bool(records + passed_over == reading.lines_read)
