"""Map file: the columns of one source system in its owner's words, as a TOML file.

    system = "acme-cmdb"
    separator = ";"
    ignore = ["Cost centre"]

    [columns]
    model = "Gerätebezeichnung"
    serial = ["Ident 1", "Ident 2"]

A map is for every file that holds all its columns; what it names is what it is.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, NoReturn

from valuation.errors import SettingsError
from valuation.inventory.columns.column_map import CANONICAL, NAMING, SUPPORTING, normalise

MAX_POSITION: Final = 2000
MAX_HEADER_LINE: Final = 50
"""A header further down is not looked for."""
MAX_MAP_BYTES: Final = 1 << 20

_SEPARATORS: Final = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "blank": " "}
_SETTINGS: Final = (
    "columns", "system", "separator", "quote", "encoding", "header_line", "has_header", "only",
    "ignore", "decimal",
)  # fmt: skip


@dataclass(frozen=True)
class MapHints:
    """How the files of a map are laid out, as far as the map says; None where it does not.

    Attributes:
        separator: Character between cells.
        quote: Character around cells; empty for none.
        encoding: Characters of the bytes, by Python's name.
        header_line: Line of the header, from 1.
        has_header: Whether there is one; without, columns are told by position.
    """

    separator: str | None = None
    quote: str | None = None
    encoding: str | None = None
    header_line: int | None = None
    has_header: bool = True


@dataclass(frozen=True)
class MapFile:
    """One map.

    Attributes:
        name: The file as given.
        columns: Canonical column to headers, the one that speaks first in front; with positions
            from 1 as text where files have no header.
        hints: How its files are laid out.
        system: What its owner calls the source system.
        ignore: Headers that are not used.
        only: Whether columns that are not named are left alone, whatever their name.
        decimal: What starts decimals in quantities; None when the file tells.
    """

    name: str
    columns: Mapping[str, tuple[str, ...]]
    hints: MapHints = field(default_factory=MapHints)
    system: str | None = None
    ignore: tuple[str, ...] = ()
    only: bool = False
    decimal: str | None = None

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header it names as one of ours."""
        return tuple(header for headers in self.columns.values() for header in headers)


def read_map(path: Path) -> MapFile:
    """Read a map file.

    Raises:
        SettingsError: It cannot be read, or says what no map can; names file, key and the
            nearest right name.
    """
    content = _content(path)
    for key in content:
        if key not in _SETTINGS:
            hint = f"Write it under [columns]: {key} = ..." if key in CANONICAL else ""
            _refuse(path, f"`{key}` is no setting of a map.", hint or _nearest(key, _SETTINGS))
    has_header = _flag(path, content, "has_header", default=True)
    columns = _columns(path, content.get("columns"), has_header)
    ignore = tuple(_headers(path, "ignore", content.get("ignore", []), has_header))
    _check_columns(path, columns, ignore)
    return MapFile(
        name=str(path),
        columns=columns,
        hints=_hints(path, content, has_header),
        system=_text(path, content, "system"),
        ignore=ignore,
        only=_flag(path, content, "only", default=False),
        decimal=_one_of(path, content, "decimal", (",", ".")),
    )


def _content(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_MAP_BYTES:
            _refuse(path, f"has more than {MAX_MAP_BYTES >> 20} MiB; a map has a few lines.")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        _refuse(path, "does not exist.", "`valuation inspect FILE --write-map MAP` writes one.")
    except OSError as error:
        _refuse(path, f"cannot be read: {error.strerror or error}.")
    except UnicodeDecodeError:
        _refuse(path, "is no UTF-8 text.", "Save it as UTF-8.")
    except tomllib.TOMLDecodeError as error:
        _refuse(path, f"is no TOML: {error}.", "Put every text in quotes, one setting a line.")


def _columns(path: Path, given: object, has_header: bool) -> dict[str, tuple[str, ...]]:
    if not isinstance(given, dict) or not given:
        _refuse(path, "names no column.", 'Add [columns] and a line such as model = "Model".')
    out: dict[str, tuple[str, ...]] = {}
    for canonical, headers in given.items():
        if canonical in _SETTINGS:
            _refuse(path, f"`{canonical}` stands under [columns].", "Write it above [columns].")
        if canonical not in CANONICAL:
            hint = _nearest(canonical, CANONICAL) or f"Ours are {', '.join(CANONICAL)}."
            _refuse(path, f"[columns]: `{canonical}` is no column of ours.", hint)
        out[canonical] = tuple(_headers(path, canonical, headers, has_header))
        if not out[canonical]:
            _refuse(path, f"[columns]: `{canonical}` names no header.", "Remove it.")
    return out


def _headers(path: Path, key: str, given: object, has_header: bool) -> list[str]:
    """The headers of a key: texts, or positions where there is no header."""
    headers = list(given) if isinstance(given, list) else [given]
    out = []
    for header in headers:
        is_position = isinstance(header, int) and not isinstance(header, bool) and not has_header
        text = str(header) if is_position else header
        if not isinstance(text, str) or not text.strip():
            _refuse(path, f"`{key}` is `{header}`, which is no header.", "Write it in quotes.")
        if not has_header and not (text.isdecimal() and 1 <= int(text) <= MAX_POSITION):
            _refuse(
                path,
                f"`{key}` is `{text}`, which is no position, and `has_header` is false.",
                f'Number columns from "1" to "{MAX_POSITION}".',
            )
        out.append(text.strip() if has_header else str(int(text)))
    return out


def _check_columns(
    path: Path, columns: Mapping[str, tuple[str, ...]], ignore: tuple[str, ...]
) -> None:
    """Refuse a header named twice, and a map that cannot name items."""
    seen: dict[str, str] = {}
    for key, headers in (*columns.items(), ("ignore", ignore)):
        for header in headers:
            plain = header if "(column " in header else normalise(header) or header
            if plain in seen:
                other = f"`{seen[plain]}` and `{key}`" if seen[plain] != key else f"`{key}` twice"
                _refuse(path, f"the header `{header}` is named for {other}.", "Name it once.")
            seen[plain] = key
    found = set(columns)
    if not found & NAMING and not ("component_name" in found and found & SUPPORTING):
        _refuse(
            path,
            f"[columns] names no column that says what an item is, only {', '.join(columns)}.",
            "Name one of model, part_number, description, type.",
        )


def _hints(path: Path, content: Mapping[str, Any], has_header: bool) -> MapHints:
    separator = _text(path, content, "separator")
    separator = _SEPARATORS.get(separator or "", separator)
    if separator is not None and (len(separator) != 1 or separator in '"\r\n'):
        _refuse(path, f"`separator` is `{separator}`.", "Write one character, such as ; or tab.")
    quote = content.get("quote")
    if quote is not None and (not isinstance(quote, str) or len(quote) > 1 or quote == separator):
        _refuse(path, f"`quote` is `{quote}`.", "Write one character, or nothing for none.")
    encoding = _text(path, content, "encoding")
    if encoding is not None and not _is_encoding(encoding):
        _refuse(path, f"`encoding` is `{encoding}`, which is unknown.", "Write utf-8 or cp1252.")
    line = content.get("header_line")
    if line is not None:
        is_line = isinstance(line, int) and not isinstance(line, bool)
        if not is_line or not 1 <= line <= MAX_HEADER_LINE:
            _refuse(path, f"`header_line` is `{line}`.", f"Write 1 to {MAX_HEADER_LINE}.")
        if not has_header:
            _refuse(path, "`header_line` is given and `has_header` is false.", "Remove one.")
    return MapHints(separator, quote, encoding, line, has_header)


def _is_encoding(name: str) -> bool:
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True


def _flag(path: Path, content: Mapping[str, Any], key: str, *, default: bool) -> bool:
    value = content.get(key, default)
    if not isinstance(value, bool):
        _refuse(path, f"`{key}` is `{value}`.", "Write true or false, without quotes.")
    return value


def _text(path: Path, content: Mapping[str, Any], key: str) -> str | None:
    value = content.get(key)
    if value is not None and (not isinstance(value, str) or not value):
        _refuse(path, f"`{key}` is `{value}`, which is no text.", "Write it in quotes.")
    return value


def _one_of(
    path: Path, content: Mapping[str, Any], key: str, options: tuple[str, ...]
) -> str | None:
    value = _text(path, content, key)
    if value is not None and value not in options:
        _refuse(path, f"`{key}` is `{value}`.", f"Write {' or '.join(map(repr, options))}.")
    return value


def _nearest(word: str, words: Iterable[str]) -> str:
    plain = word.lower().replace(" ", "_").replace("-", "_")
    near = get_close_matches(plain, words, n=1)
    return f"Did you mean `{near[0]}`?" if near else ""


def _refuse(path: Path, message: str, hint: str = "") -> NoReturn:
    separator = ": " if message.startswith(("`", "[", "the header")) else " "
    raise SettingsError(f"The map {path}{separator}{message}", hint)
