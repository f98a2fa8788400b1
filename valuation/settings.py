"""Settings: what a caller can choose about a run, wherever it was said.

A choice is looked for in the flags, then in the environment (`VALUATION_DRAWS`), then in
`valuation.toml` in the working folder, then here. Every value passes the same checks, also when
`Settings(...)` is called from a notebook.
"""

import datetime
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from platformdirs import user_data_path

from valuation.errors import SettingsError, UsageError

ENGINES: Final = ("duckdb",)
SETTLEMENTS: Final = ("own", "sell_feed", "toll")
PREFIX: Final = "VALUATION_"
FILE_NAME: Final = "valuation.toml"
OVERRIDES_NAME: Final = "overrides.csv"
DEBUG: Final = "VALUATION_DEBUG"
"""Environment variable that asks for tracebacks; not a setting of a run."""

_BOOLEANS: Final = {
    "1": True, "true": True, "yes": True, "on": True,
    "0": False, "false": False, "no": False, "off": False, "": False,
}  # fmt: skip
_AMOUNT: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT])(i?)B?", re.IGNORECASE)


def today() -> datetime.date:
    """The date where the program runs."""
    return datetime.datetime.now().astimezone().date()


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The choices of one run.

    Attributes:
        db: DuckDB file to publish to.
        batch: One batch for every line read.
        batch_by: Column that names the batch.
        map: Map files: the columns of a source system in its owner's words.
        routes: Routes to value; all when empty.
        deck: Price deck, by id or file.
        as_of: Day whose prices are used.
        draws: Joint samples of everything uncertain.
        seed: Where the draws start.
        keep_lines: Whether every line is stored, or only counts.
        replace: Whether the file is started afresh.
        accept_smaller: Whether a batch may lose more than a few of its lines.
        engine: Where rows in the millions are kept.
        memory: What the engine may use, such as `4GB`.
        strict: Whether one unreadable file stops the run.
        max_rejected: Share of lines that may be rejected before the run says so. [1]
        max_price_age: Age of prices above which the run says so. [d]
        require_prices: Whether a missing price is an error.
        settlement: How every route settles: `own`, `sell_feed`, `toll`; each its own way when None.
        scenario: Named set of terms, such as a published list of payable shares.
        overrides: Reviewed items; `overrides.csv` in the user's data folder when None.
        use_overrides: Whether reviewed items count as reviewed.
        review_below: Confidence under which an item is put to review. [1]

    Raises:
        SettingsError: A value cannot be used; the message names it and the nearest right one.
        UsageError: Two settings do not go together.
    """

    db: Path | None = None
    batch: str | None = None
    batch_by: str | None = None
    map: tuple[Path, ...] = ()
    routes: tuple[str, ...] = ()
    deck: str = "china-net"
    as_of: datetime.date = field(default_factory=today)
    draws: int = 2000
    seed: int = 1
    keep_lines: bool = True
    replace: bool = False
    accept_smaller: bool = False
    engine: str = "duckdb"
    memory: str = "4GB"
    strict: bool = False
    max_rejected: float = 0.05
    max_price_age: int | None = None
    require_prices: bool = False
    settlement: str | None = None
    scenario: str | None = None
    overrides: Path | None = None
    use_overrides: bool = True
    review_below: float = 0.95

    def __post_init__(self) -> None:
        for name, read in _READERS.items():
            value = getattr(self, name)
            if value is not None or name not in _OPTIONAL:
                object.__setattr__(self, name, read(name, value))
        if self.batch is not None and self.batch_by is not None:
            raise UsageError("`batch` and `batch_by` do not go together.", "Give one of them.")

    @property
    def overrides_file(self) -> Path:
        """Where reviewed items are kept: as set, else in the user's data folder."""
        return self.overrides or user_data_path("valuation", appauthor=False) / OVERRIDES_NAME


def load_settings(
    flags: Mapping[str, object], environment: Mapping[str, str], folder: Path
) -> Settings:
    """Put flags, environment and `valuation.toml` together.

    Args:
        flags: Settings given on the command line; None means not given.
        environment: The process environment.
        folder: Working folder, where `valuation.toml` is looked for.

    Raises:
        SettingsError: File or environment set a name nobody knows, or a value of no use.
        UsageError: A flag has such a value, or two settings of one source do not go together.
    """
    layers = {
        FILE_NAME: _from_file(folder / FILE_NAME),
        "The environment": _from_environment(environment),
        "The command line": {k: v for k, v in flags.items() if v is not None and v != ()},
    }
    chosen: dict[str, object] = {}
    for place, layer in layers.items():
        try:
            _make(layer)
        except SettingsError as error:
            wrong = UsageError if layer is layers["The command line"] else SettingsError
            raise wrong(f"{place}: {error.message}", error.hint) from error
        if "batch" in layer or "batch_by" in layer:  # either way of naming batches ends the other
            chosen = {k: v for k, v in chosen.items() if k not in ("batch", "batch_by")}
        chosen |= layer
    return _make(chosen)


def _make(values: Mapping[str, object]) -> Settings:
    return Settings(**values)  # type: ignore[arg-type]  # __post_init__ reads every value


def _from_file(path: Path) -> dict[str, object]:
    if not path.is_file():
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path.name} cannot be read: {error}.") from error
    for name in content:
        if name not in _NAMES:
            raise SettingsError(f"{path.name}: `{name}` is not a setting.", _nearest(name, _NAMES))
    return content


def _from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    """Settings of the environment.

    A misspelt name is refused; one that resembles no setting belongs to another program.
    """
    chosen: dict[str, object] = {}
    for variable, value in environment.items():
        if not variable.startswith(PREFIX) or variable == DEBUG:
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name in _NAMES:
            chosen[name] = value
        elif hint := _nearest(name, _NAMES, lambda near: f"{PREFIX}{near.upper()}"):
            raise SettingsError(f"The environment sets `{variable}`, which is not a setting.", hint)
    return chosen


def _nearest(
    word: str, words: Iterable[str], show: Callable[[str], str] = lambda near: near
) -> str:
    near = get_close_matches(word.lower(), words, n=1)
    return f"Did you mean `{show(near[0])}`?" if near else ""


def _wrong(name: str, value: object, wanted: str, hint: str = "") -> SettingsError:
    return SettingsError(f"The setting `{name}` is `{value}`, which is not {wanted}.", hint)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _wrong(name, value, "a text", "Give at least one character.")
    return value.strip()


def _path(name: str, value: object) -> Path:
    return value if isinstance(value, Path) else Path(_text(name, value)).expanduser()


def _paths(name: str, value: object) -> tuple[Path, ...]:
    """Paths; a text holds several with the sign between them that the system uses in PATH."""
    parts = value.split(os.pathsep) if isinstance(value, str) else value
    if isinstance(parts, Path):
        parts = (parts,)
    if not isinstance(parts, (list, tuple)):
        raise _wrong(name, value, "a list of files")
    return tuple(dict.fromkeys(_path(name, part) for part in parts))


def _texts(name: str, value: object) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)):
        raise _wrong(name, value, "a list of texts")
    return tuple(dict.fromkeys(_text(name, part) for part in parts))


def _date(name: str, value: object) -> datetime.date:
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(str(value).strip())
    except ValueError as error:
        hint = f"Write year-month-day, such as {today()}."
        raise _wrong(name, value, "a date", hint) from error


def _flag(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    known = _BOOLEANS.get(str(value).strip().lower())
    if known is None:
        raise _wrong(name, value, "yes or no", "Write `true` or `false`.")
    return known


def _number(name: str, value: object, wanted: str, hint: str = "") -> Decimal:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise _wrong(name, value, wanted, hint) from error
    if not number.is_finite():
        raise _wrong(name, value, wanted, hint)
    return number


def _whole(low: int, high: int) -> Callable[[str, object], int]:
    """A reader of whole numbers from `low` to `high`."""
    wanted = f"a whole number from {low:,} to {high:,}"

    def read(name: str, value: object) -> int:
        number = _number(name, value, wanted)
        nearest = min(max(round(number), low), high)
        if number != nearest:
            raise _wrong(name, value, wanted, f"The nearest is {nearest}.")
        return nearest

    return read


def _share(name: str, value: object) -> float:
    hint = "Write 5 % as 0.05."
    number = _number(name, value, "a share from 0 to 1", hint)
    if 1 < number <= 100:
        hint = f"Did you mean {number / 100:g}, which is {number:g} %?"
    if not 0 <= number <= 1:
        raise _wrong(name, value, "a share from 0 to 1", hint)
    return float(number)


def _choice(options: tuple[str, ...]) -> Callable[[str, object], str]:
    """A reader of one of a few words."""

    def read(name: str, value: object) -> str:
        if value not in options:
            wanted = " or ".join(f"`{option}`" for option in options)
            raise _wrong(name, value, wanted, _nearest(str(value), options))
        return str(value)

    return read


def _memory(name: str, value: object) -> str:
    match = _AMOUNT.fullmatch(str(value).strip())
    if match is None or float(match[1]) == 0:
        number = str(value).strip()
        hint = f"Did you mean `{number}GB`?" if number.isdigit() and number != "0" else ""
        raise _wrong(name, value, "an amount of memory such as `4GB`", hint)
    return f"{match[1]}{match[2].upper()}{match[3].lower()}B"


_READERS: Final[dict[str, Callable[[str, object], object]]] = {
    "db": _path,
    "batch": _text,
    "batch_by": _text,
    "map": _paths,
    "routes": _texts,
    "deck": _text,
    "as_of": _date,
    "draws": _whole(2, 1_000_000),
    "seed": _whole(0, 2**63 - 1),
    "keep_lines": _flag,
    "replace": _flag,
    "accept_smaller": _flag,
    "engine": _choice(ENGINES),
    "memory": _memory,
    "strict": _flag,
    "max_rejected": _share,
    "max_price_age": _whole(0, 36_500),
    "require_prices": _flag,
    "settlement": _choice(SETTLEMENTS),
    "scenario": _text,
    "overrides": _path,
    "use_overrides": _flag,
    "review_below": _share,
}
_NAMES: Final = tuple(_READERS)
_OPTIONAL: Final = frozenset(f.name for f in fields(Settings) if f.default is None)
