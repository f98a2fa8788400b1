"""Survey: what the XML of a sheet says that its cells do not: merges, formats, formulas, extent.

It is made before the cells are read: two cells in opposite corners would take a reader that
holds every cell between them 17 billion places.
"""

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from valuation.errors import InputError
from valuation.inventory.workbook.parts import blocks, parsed

MAX_SHEET_CELLS: Final = 1 << 26
"""A sheet from its first row and used column to its last of more than 67 million places is
refused: every place takes memory."""
MAX_TEXT_BYTES: Final = 4 << 30
"""So is one whose cells show more than 4 GiB of text, though it is kept once for many cells."""

_STRINGS: Final = "xl/sharedStrings.xml"
_STYLES: Final = "xl/styles.xml"
_PREFIX: Final = re.compile(rb"<(\w+:)worksheet\b")
_CELL: Final = rb'<c r="([A-Z]{1,3})'
_FILLED: Final = re.compile(_CELL + rb'\d+"(?:[^>]*[^/>])?>(?!</c>)')
_ROW: Final = re.compile(rb'<(?:row|c) [^>]*?\br="[A-Z]{0,3}(\d+)"')
_WITHOUT_VALUE: Final = re.compile(
    _CELL + rb'\d+"(?:(?!t="str")[^>/])*>'  # only a text may have an empty value
    rb"<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>"
)
_NUMBER: Final = _CELL + rb'(\d+)"(?: s="(\d+)")?(?: t="n")?>(?:<f>[^<]*</f>)?<v>'
_LONG: Final = re.compile(_NUMBER + rb"(\d{16,}(?:\.0*)?|\d(?:\.\d+)?[eE]\+?\d+)<")
_MAY_BE_LONG: Final = re.compile(rb"<v>\d(?:\d{15}|[.\d]*[eE])")
_WHOLE: Final = re.compile(_NUMBER + rb"(\d{1,15})(?:\.0*)?<")
_SHARED: Final = re.compile(rb't="s"[^>]*><v>(\d+)<')
_HIDDEN: Final = re.compile(rb'<row [^>]*?\bhidden="(?:1|true)"')
_MERGE: Final = re.compile(rb'<mergeCell [^>]*?ref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
_ZEROS: Final = re.compile(r"0{2,}")
_LARGEST: Final = 10**15
"""A spreadsheet keeps 15 digits of a number; an identifier of more has lost its last ones."""


class Merge(NamedTuple):
    """A merged range: its rows and columns, from 1, both ends in it."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass
class Survey:
    """What the XML of one sheet says.

    Attributes:
        columns: Columns that hold a value, from 1.
        last_row: Last row there is. [1]
        merges: Merged ranges.
        hidden_rows: Rows a person does not see. [1]
        formula_columns: Columns with a formula that was saved without its value, from 1.
        shown: Numbers that are identifiers as a person sees them, by column and row from 1.
        long_numbers: Of these, numbers of more digits than a spreadsheet keeps. [1]
    """

    columns: frozenset[int] = frozenset()
    last_row: int = 0
    merges: tuple[Merge, ...] = ()
    hidden_rows: int = 0
    formula_columns: frozenset[int] = frozenset()
    shown: dict[int, dict[int, str]] = field(default_factory=dict)
    long_numbers: int = 0

    @property
    def first_column(self) -> int:
        """The first column that holds a value, from 1."""
        return min(self.columns, default=1)

    @property
    def width(self) -> int:
        """Columns from the first to the last that hold a value. [1]"""
        return max(self.columns, default=0) - self.first_column + 1


@dataclass(frozen=True)
class Styles:
    """What the sheets of a workbook share.

    Attributes:
        zeros: Digits a number is shown with, by the style that asks for leading zeros.
        texts: Bytes of each text that cells refer to.
    """

    zeros: dict[int, int]
    texts: list[int]

    @classmethod
    def of(cls, archive: zipfile.ZipFile) -> "Styles":
        """Those of a workbook."""
        names = archive.namelist()
        zeros = _zero_styles(archive) if _STYLES in names else {}
        texts: list[int] = []
        if _STRINGS in names:
            for block in blocks(archive, _STRINGS, b"si>"):
                texts += map(len, re.split(rb"</(?:\w+:)?si>", block)[:-1])
        return cls(zeros, texts)


def survey_sheet(archive: zipfile.ZipFile, part: str, name: str, styles: Styles) -> Survey:
    """Read through the XML of a sheet.

    Args:
        archive: The workbook.
        part: Part that holds the sheet.
        name: Name of the sheet, for messages.
        styles: What the sheets of the workbook share.

    Raises:
        InputError: The sheet is larger than the limits.
    """
    out = Survey()
    filled: Counter[bytes] = Counter()
    empty: Counter[bytes] = Counter()
    merges: list[Merge] = []
    text_bytes = 0
    for rows in _rows(archive, part):
        filled.update(_FILLED.findall(rows))
        if b"<f" in rows:
            empty.update(_WITHOUT_VALUE.findall(rows))
        out.last_row = max(out.last_row, _last_row(rows))
        out.hidden_rows += len(_HIDDEN.findall(rows)) if b"hidden=" in rows else 0
        merges += _merges(rows) if b"mergeCell" in rows else ()
        _note_shown(rows, styles, out)
        text_bytes += sum(_text_sizes(rows, styles.texts))
    out.columns = frozenset(_position(c) for c, cells in filled.items() if cells > empty[c])
    out.formula_columns = frozenset(map(_position, empty))
    out.merges = tuple(merges)
    _check_size(out, name, text_bytes)
    return out


def _rows(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The XML of a sheet in blocks of whole rows, its names without a prefix."""
    prefix = b""
    for number, rows in enumerate(blocks(archive, part, b"row>")):
        if number == 0 and (found := _PREFIX.search(rows)):
            prefix = found[1]
        yield rows.replace(b"<" + prefix, b"<").replace(b"</" + prefix, b"</") if prefix else rows


def _last_row(rows: bytes) -> int:
    """The last row named in a block; writers may leave out the numbers of some."""
    at = max(min(rows.rfind(b"<row "), rows.rfind(b"<c ")), 0)
    numbers = _ROW.findall(rows, at)
    return max(map(int, numbers), default=0)


def _check_size(survey: Survey, name: str, text_bytes: int) -> None:
    places = survey.last_row * survey.width
    if places > MAX_SHEET_CELLS:
        raise InputError(
            f"has a sheet `{name}` that reaches over {survey.last_row:,} rows and {survey.width:,} "
            f"columns; up to {MAX_SHEET_CELLS:,} cells are read.",
            "Delete what stands far from the table, or export CSV.",
        )
    if text_bytes > MAX_TEXT_BYTES:
        raise InputError(
            f"has a sheet `{name}` with {text_bytes >> 20:,} MiB of text; up to "
            f"{MAX_TEXT_BYTES >> 20:,} MiB are read.",
            "Export CSV instead.",
        )


def _merges(rows: bytes) -> Iterator[Merge]:
    for left, top, right, bottom in _MERGE.findall(rows):
        yield Merge(int(top), _position(left), int(bottom), _position(right))


def _note_shown(rows: bytes, styles: Styles, out: Survey) -> None:
    """Note numbers with leading zeros, and those that have lost digits as powers of ten."""
    if styles.zeros:
        for column, row, style, digits in _WHOLE.findall(rows):
            wide = styles.zeros.get(int(style or 0), 0)
            if wide > len(digits):
                out.shown.setdefault(_position(column), {})[int(row)] = digits.decode().zfill(wide)
    for column, row, _, number in _LONG.findall(rows) if _MAY_BE_LONG.search(rows) else ():
        if (value := float(number)) >= _LARGEST:
            out.shown.setdefault(_position(column), {})[int(row)] = f"{value:.14E}"
            out.long_numbers += 1


def _text_sizes(rows: bytes, texts: list[int]) -> Iterator[int]:
    """Bytes of the shared texts a block shows, where they could add up to much."""
    if max(texts, default=0) > 1 << 12:
        for index in _SHARED.findall(rows):
            if int(index) < len(texts):
                yield texts[int(index)]


def _zero_styles(archive: zipfile.ZipFile) -> dict[int, int]:
    root = parsed(archive, _STYLES)
    formats = {
        form.get("numFmtId"): len(form.get("formatCode", ""))
        for form in root.iterfind("{*}numFmts/{*}numFmt")
        if _ZEROS.fullmatch(form.get("formatCode", ""))
    }
    used = root.iterfind("{*}cellXfs/{*}xf")
    return {
        i: formats[xf.get("numFmtId")] for i, xf in enumerate(used) if xf.get("numFmtId") in formats
    }


def _position(letters: bytes) -> int:
    """Position of a column by its letters, from 1.

    >>> _position(b"A"), _position(b"AB")
    (1, 28)
    """
    position = 0
    for letter in letters:
        position = position * 26 + letter - ord("A") + 1
    return position
