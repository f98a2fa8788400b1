"""Mended: files that give back lines set aside, with their cells put right.

Each record names the line it stands in for. It is read as if it stood in the original: in its
batch, with its columns and its way of writing numbers. The original's line is then ignored, so that
a record is counted once over all files, whatever is given and in whatever order.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import polars as pl

from valuation.engine import Steps, text_literal
from valuation.errors import InputError
from valuation.inventory.columns.column_map import normalise
from valuation.inventory.given import Given, stem
from valuation.inventory.opening import Opened, Opener, default_batch
from valuation.inventory.reading import Inherited, Reading, lines_text
from valuation.inventory.reasons import RAW_TEXT_CHARACTERS
from valuation.inventory.reject_columns import only_at, places_like, reject_places
from valuation.inventory.scan import Scanned, scan_file
from valuation.inventory.taken import Taken, digits, is_named, take_in

KEY_MACROS: Final = Path(__file__).with_name("mended_key.sql")
"""Functions that make keys and guard cells, in SQL."""

_SQL: Final = Path(__file__).parent
_ENDING: Final = ".rejects"


@dataclass(frozen=True)
class Part:
    """A file that was read.

    Attributes:
        file: As given.
        scanned: What it came to.
        batch_id: The batch its name stands for.
        root_id: The file it gives back lines of, through others if need be; else itself.
    """

    file: Given
    scanned: Scanned
    batch_id: str
    root_id: str


@dataclass
class Parts:
    """The files of a run as they are read, by the beginning of the hash of their content."""

    given: Sequence[Given]
    read: dict[str, Part] = field(default_factory=dict)
    refused: dict[str, InputError] = field(default_factory=dict)
    alone: set[str] = field(default_factory=set)
    """Files whose original is not there, by file_id."""

    def add(self, part: Part) -> None:
        """Keep a file that was read."""
        self.read[digits(part.file)] = part

    def day_first(self) -> set[str]:
        """Files in which, or in one of whose family, dates such as 13/02/2020 were met."""
        roots = {p.root_id for p in self.read.values() if p.scanned.is_day_first}
        return {p.scanned.file_id for p in self.read.values() if p.root_id in roots}

    def families(self) -> pl.DataFrame:
        """Files with others that give back lines of theirs: file_id and root_id."""
        ids = [(part.scanned.file_id, part.root_id) for part in self.read.values()]
        often = Counter(root_id for _, root_id in ids)
        schema = {"file_id": pl.String, "root_id": pl.String}
        return pl.DataFrame([i for i in ids if often[i[1]] > 1], schema=schema, orient="row")


def read_mended(engine: Steps, opened: Iterable[Opened], parts: Parts, opener: Opener) -> None:
    """Read files that give back lines, each after the file they are from.

    Args:
        engine: Where the lines are.
        opened: The files.
        parts: What was read before; they are added to it, and their originals changed.
        opener: What every file is read with.
    """
    taken: list[Taken] = []
    for file in opened:
        try:
            taken.append(take_in(engine, file, parts.given))
        except InputError as error:
            parts.refused[file.file.name] = error
    while taken:
        waiting = {digits(one.file) for one in taken}
        ready = [one for one in taken if one.original not in waiting] or taken
        for original in sorted({one.original or "" for one in ready}):
            group = [one for one in ready if (one.original or "") == original]
            _read_group(engine, group, parts, opener)
        taken = [one for one in taken if one not in ready]


def _read_group(engine: Steps, group: list[Taken], parts: Parts, opener: Opener) -> None:
    """The files that give back lines of one original."""
    original = parts.read.get(group[0].original or "")
    arranged: list[tuple[Taken, Reading]] = []
    for one in group:
        if original is None and (error := _of_another(one, parts.given)):
            parts.refused[one.file.name] = error
            continue
        arranged.append((one, _arranged(engine, one, original)))
    original_id = original.scanned.file_id if original else None
    file_ids = [one.file_id for one, _ in arranged]
    ids = {"original_id": original_id, "file_ids": file_ids}
    engine.step(_SQL / "mended_judge.sql", ids)
    for one, reading in arranged:
        batch_id, warnings = _batch_of(one, original, parts.given, opener)
        try:
            judged = _judged(engine, one, reading, batch_id, warnings)
            default = default_batch(judged.columns, batch_id)
            scanned = scan_file(engine, judged, one, default, opener)
        except InputError as error:
            parts.refused[one.file.name] = error
            file_ids.remove(one.file_id)
            continue
        assert scanned is not None  # only the fast reader loses its way
        if original is None:
            parts.alone.add(one.file_id)
        root_id = original.root_id if original else one.file_id
        parts.add(Part(one.file, scanned, batch_id, root_id))
    if original is not None:
        parts.add(_released(engine, original, ids))


def _of_another(one: Taken, given: Sequence[Given]) -> InputError | None:
    """Why a file is refused whose original is given with another content; None when it is not."""
    if not any(is_named(file, one.source_name) for file in given if file.name != one.file.name):
        return None
    if any(digits(file) == one.original for file in given):
        return None  # it is given, and could not be read
    return InputError(
        f"holds lines of another {one.source_name} than the one given.",
        f"Write the lines set aside of this {one.source_name} again: `valuation rejects`.",
    )


def _batch_of(
    one: Taken, original: Part | None, given: Sequence[Given], opener: Opener
) -> tuple[str, list[str]]:
    """The batch that the original's name stands for, and a warning when it is not there."""
    if original is not None:
        return original.batch_id, []
    if not one.source_name:
        return one.file.batch_id, []
    batch_id = opener.batch or _original_stem(one.source_name)
    is_given = any(digits(file) == one.original for file in given)
    why = "could not be read" if is_given else "is not among the files"
    return batch_id, [
        f"its original {one.source_name} {why}; its lines are read as lines of that file"
    ]


def _original_stem(name: str) -> str:
    """The stem of the file that lines were first set aside from.

    >>> _original_stem("export.rejects.rejects.csv")
    'export'
    """
    out = stem(name)
    while out.endswith(_ENDING) and out != _ENDING:
        out = out.removesuffix(_ENDING)
    return out


def _arranged(engine: Steps, one: Taken, original: Part | None) -> Reading:
    """The table without the columns about rejects, its cells where the original has them."""
    names = one.reading.columns.names
    own = set(reject_places(names).values())
    like = original.scanned.rows.reading if original else None
    places = places_like(names, own, like.columns.names) if like else None
    if like is not None and places is not None:
        columns = replace(like.columns, warnings=())
    else:
        places = [i for i in range(len(names)) if i not in own]
        columns = only_at(one.reading.columns, places)
    parameters = {
        "file_id": one.file_id,
        "places": [_counted(place) for place in places],
        "names": [normalise(name) for name in columns.names],
    }
    engine.step(_SQL / "mended_arrange.sql", parameters)
    return replace(one.reading, columns=columns, inherited=_inherited(original))


def _counted(place: int | None) -> int:
    """A position as SQL counts, from 1; 0 is none."""
    return 0 if place is None else place + 1


def _inherited(original: Part | None) -> Inherited | None:
    """How the original's cells are read."""
    if original is None:
        return None
    rows, distinct = original.scanned.rows, original.scanned.distinct
    texts = tuple(distinct.quantities["quantity_text"].sort())
    return Inherited(rows.reading.decimal_comma, texts, rows.left_out)


def _judged(
    engine: Steps, one: Taken, reading: Reading, batch_id: str, warnings: list[str]
) -> Reading:
    """The table of the records that are to be looked at, with the account of the others."""
    sql = (_SQL / "mended_verdict.sql").read_text(encoding="utf-8")
    verdicts = engine.run(sql, [one.file_id])
    counts = {verdict: int(records) for verdict, records, _ in verdicts}
    counts.pop("line", None)
    ignored = dict(reading.ignored)
    if "given_twice" in counts:
        ignored["given_twice"] = counts.pop("given_twice")
    added = sum(int(records) for *_, records in verdicts)
    if added:
        warnings = [
            *warnings,
            f"{lines_text(added)} without a reject_key, read as new lines of batch {batch_id}",
        ]
    target = engine.temp_directory / f"{one.file_id}.mended.parquet"
    engine.step(
        _SQL / "mended_rejects.sql",
        {"file_id": one.file_id},
        target=text_literal(str(target)),
        raw_text_characters=str(RAW_TEXT_CHARACTERS),
    )
    width = len(reading.columns.names)
    cells = ", ".join(f"plain_cell(cells[{i + 1}]) as c{i}" for i in range(width))
    which = f"file_id = {text_literal(one.file_id)} and verdict = 'line'"
    return replace(
        reading,
        relation=f"(select source_line, {cells} from mended_line where {which})",
        line_number="source_line",
        numbered_relation=None,
        reasons=counts,
        rejects=target,
        ignored=ignored,
        warnings=(*reading.warnings, *warnings),
        is_direct=False,
    )


def _released(engine: Steps, original: Part, ids: Mapping[str, object]) -> Part:
    """The original, with the lines ignored that others stand in for."""
    engine.step(_SQL / "mended_release.sql", ids)
    count = "select reason_code, count(*) from mended_release group by all"
    released = {code: int(records) for code, records in engine.run(count)}
    scanned = original.scanned
    total = sum(released.values())
    if not total:
        return original
    reasons = {code: n - released.get(code, 0) for code, n in scanned.reasons.items()}
    scanned = replace(
        scanned,
        reasons={code: n for code, n in reasons.items() if n},
        ignored=scanned.ignored | {"mended": scanned.ignored.get("mended", 0) + total},
    )
    return replace(original, scanned=scanned)
