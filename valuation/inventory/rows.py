"""Rows: the view of a file's records in our own columns, which every pass over the file reads."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from valuation.engine import Steps, text_literal
from valuation.inventory.columns.column_map import LINE_TEXTS, ColumnMap
from valuation.inventory.items import SCANNED_TEXTS
from valuation.inventory.reading import Reading

DISTINCT_SHARE: Final = 0.20
"""A text column distinct in more of the rows than this is no description of an item."""
FIRST_RECORDS: Final = 100_000
"""How many records of a larger file are looked at before the pass over all of them."""

OWN_WORDS: Final = ("asset_tag", "serial", "host")
"""Columns whose text may stand in the texts of the same row, where it names nothing."""
OWN_WORD_TEXTS: Final = ("model", "other_model", "description", "component_name")
"""Texts it is taken out of."""

_SQL: Final = Path(__file__).parent
_GIVEN: Final = "nullif(trim(c{}), '')"


@dataclass(frozen=True)
class Kept:
    """What is kept of each record: the texts of its line, the number it has in its file."""

    lines: bool
    numbers: bool

    @property
    def columns(self) -> str:
        """SQL of the columns they stand in, behind those of every record."""
        out = ["source_line bigint"] if self.numbers else []
        if self.lines:
            out += [f"{name} varchar" for name in LINE_TEXTS]
        return "".join(f",\n    {column}" for column in out)


@dataclass(frozen=True)
class Rows:
    """How the records of one file are seen.

    Attributes:
        reading: The table.
        batch_id: Batch of the lines that name none.
        total_pattern: What the text of a total contains, as a regular expression.
        kept: What is kept of each record.
        left_out: Text columns left out of the item key.
    """

    reading: Reading
    batch_id: str
    total_pattern: str
    kept: Kept
    left_out: tuple[str, ...] = ()

    @property
    def row_text(self) -> str:
        """SQL of the text of a whole row, its cells with separators between them."""
        return f"concat_ws(chr(31), {self._cells})"

    @property
    def row_cells(self) -> str:
        """SQL of the cells of a whole row, as a list."""
        return f"[{self._cells}]"

    def open(self, engine: Steps, *, is_numbered: bool = False) -> None:
        """Make `source_row` the view of these records.

        Args:
            engine: Where the view is made.
            is_numbered: Whether `source_line` is needed; counting rows costs a reader its speed.
        """
        engine.run("set variable batch_id = $1", [self.batch_id])
        engine.run("set variable total_pattern = $1", [self.total_pattern])
        cells = _cell_columns(self.reading.columns, self.left_out)
        relation, number = self.reading.relation, "null::bigint"
        if is_numbered:
            relation, number = self.reading.numbered_relation or relation, self.reading.line_number
        select = f"select {', '.join(cells)}, {number} as source_line from {relation}"
        select = _without_own_words(select, self.reading.columns)
        engine.run(f"create or replace temp view source_text as {select}")
        engine.step(_SQL / "source_row.sql", row_text=self.row_text)

    def keep_records(self, engine: Steps, file_number: int) -> None:
        """Take every record into `scan_record`, in one pass over the file."""
        texts = f"[{', '.join(f'source_row.{name}' for name in SCANNED_TEXTS)}]"
        records = {"records": FIRST_RECORDS if self._is_large and self.reading.is_ordered else 0}
        engine.step(_SQL / "scan_told.sql", records, item_texts=texts)
        if self.kept.numbers:
            self.open(engine, is_numbered=True)
        engine.step_by_rows(
            _SQL / "scan_record.sql",
            {"file_number": file_number},
            item_texts=texts,
            line_texts=self._line_texts,
        )

    @property
    def _is_large(self) -> bool:
        return self.reading.counting is not None or self.reading.lines_read > FIRST_RECORDS

    @property
    def _cells(self) -> str:
        return ", ".join(f"c{i}" for i in range(len(self.reading.columns.names)))

    @property
    def _line_texts(self) -> str:
        out = ["source_row.source_line"] if self.kept.numbers else []
        if self.kept.lines:
            out += [f"nullif(trim(source_row.{name}), '')" for name in LINE_TEXTS]
        return "".join(f",\n    {text}" for text in out)

    def without_unique_texts(self, engine: Steps) -> "Rows":
        """The same without the text columns that differ from row to row in a large file."""
        if self.reading.inherited:
            same = replace(self, left_out=self.reading.inherited.left_out)
            same.open(engine)
            return same
        self.open(engine)
        if not self._is_large:
            return self
        first = f"(from source_row limit {FIRST_RECORDS})"
        # Only what differs a lot in the first lines is worth a pass over the whole file.
        if self.reading.is_ordered and not _too_distinct(engine, first, DISTINCT_SHARE / 2):
            return self
        left_out = _too_distinct(engine, "source_row", DISTINCT_SHARE)
        out = replace(self, left_out=left_out)
        out.open(engine)
        return out


def _too_distinct(engine: Steps, source: str, share: float) -> tuple[str, ...]:
    engine.step(_SQL / "distinct_share.sql", source=source)
    counts = engine.frame("from scan_distinct").row(0, named=True)
    return tuple(name for name in SCANNED_TEXTS if counts[name] > share * counts["lines"])


def _cell_columns(columns: ColumnMap, left_out: tuple[str, ...]) -> list[str]:
    """SQL of every canonical column, from the cells of the file."""
    positions = dict(columns.columns)
    positions["other_model"] = positions.get("model", ())[1:2]
    positions["batch_cell"] = positions.get("batch", ())[:1]
    positions["quantity"] = positions.get("quantity", ())[:1]
    out = []
    for name in (*SCANNED_TEXTS, *LINE_TEXTS, "quantity", "batch_cell"):
        cells = () if name in left_out else positions.get(name, ())
        out.append(f"{_first_given(cells)} as {name}")
    out.append(f"{_is_header(columns)} as is_header")
    return out + [f"c{i}" for i in range(len(columns.names))]


def _without_own_words(select: str, columns: ColumnMap) -> str:
    """SQL that takes a row's own tag, serial and host name out of its texts.

    One level per word, and only for columns the file has: macros inside macros would write the
    text out hundreds of times, and planning them would cost more than reading a small file.
    """
    given = {*columns.columns, *(["other_model"] if columns.columns.get("model", ())[1:] else [])}
    texts = [name for name in OWN_WORD_TEXTS if name in given]
    for word in OWN_WORDS:
        if word in given and texts:
            clean = ", ".join(f"without_word({text}, {word}) as {text}" for text in texts)
            select = f"select * replace ({clean}) from ({select})"
    return select


def _first_given(cells: tuple[int, ...]) -> str:
    """SQL of the first cell that holds anything."""
    if not cells:
        return "null::varchar"
    if len(cells) == 1:
        return f"c{cells[0]}"
    return f"coalesce({', '.join(_GIVEN.format(i) for i in cells)})"


def _is_header(columns: ColumnMap) -> str:
    """SQL that tells a row that repeats the header, by three of its used columns."""
    used = sorted(columns.used)[:3]
    if not used or not columns.has_header:
        return "false"
    names = {i: text_literal(columns.names[i].strip()) for i in used}
    tests = " and ".join(f"coalesce(trim(c{i}), '') = {name}" for i, name in names.items())
    # Only a cell that holds the name is trimmed and compared, only one as long is searched for it.
    first, name = f"c{used[0]}", names[used[0]]
    may_hold = f"strlen({first}) >= strlen({name}) and contains({first}, {name})"
    return f"case when {may_hold} then {tests} else false end"
