"""Settings: what a caller can choose about a run, wherever it was said.

A choice is looked for in the flags, then in the environment (`VALUATION_DRAWS`), then in
`valuation.toml` in the working folder, then here. Every value passes the same checks, also when
`Settings(...)` is called from a notebook.
"""

import datetime
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

from platformdirs import user_data_path

from valuation import setting_values
from valuation.errors import SettingsError, UsageError
from valuation.setting_values import today
from valuation.units import FORMS

ENGINES: Final = ("duckdb", "spark")
SETTLEMENTS: Final = ("own", "sell_feed", "toll")
POLICIES: Final = ("shred", "harvest", "wipe")
PREFIX: Final = "VALUATION_"
FILE_NAME: Final = "valuation.toml"
OVERRIDES_NAME: Final = "overrides.csv"
DECKS_NAME: Final = "decks"
DEBUG: Final = "VALUATION_DEBUG"
"""Environment variable that asks for tracebacks; not a setting of a run."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The choices of one run.

    Attributes:
        db: DuckDB file to publish to.
        batch: One batch for every line read.
        batch_by: Column that names the batch.
        map: Map files: the columns of a source system in its owner's words.
        routes: Routes to value; all when empty.
        deck: Price deck, by id (shipped or one's own) or file.
        as_of: Day whose prices are used.
        draws: Joint samples of everything uncertain.
        seed: Where the draws start.
        keep_lines: Whether every line is stored, or only counts.
        replace: Whether the file is started afresh.
        accept_smaller: Whether a batch may lose more than a few of its lines.
        engine: Where rows in the millions are kept.
        memory: What the engine may use, such as `4GB`.
        spark_master: Where Spark runs, such as `local[*]` or `spark://host:7077`.
        spark_tables: Tables that Spark knows, to be read beside files.
        spark_lines: Where Spark writes lines, a folder or an address; beside `db` when None.
        strict: Whether one unreadable file stops the run.
        max_rejected: Share of lines that may be rejected before the run says so. [1]
        max_price_age: Age of prices above which the run says so. [d]
        require_prices: Whether a missing price is an error.
        settlement: How every route settles: `own`, `sell_feed`, `toll`; each its own way when None.
        form: How the lots arrive: `whole`, `module`, `shredded`; as their lines say when None.
        scenario: Named set of terms, such as a published list of payable shares.
        policy: What the owner of data-bearing kit allows: `shred`, `harvest`, `wipe`; not stated
            when None.
        resale: CSV file of what working units fetch.
        overrides: Reviewed items; `overrides.csv` in the user's data folder when None.
        use_overrides: Whether reviewed items count as reviewed.
        measured: Files of what people weighed, assayed or looked at.
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
    spark_master: str = "local[*]"
    spark_tables: tuple[str, ...] = ()
    spark_lines: str | None = None
    strict: bool = False
    max_rejected: float = 0.05
    max_price_age: int | None = None
    require_prices: bool = False
    settlement: str | None = None
    form: str | None = None
    scenario: str | None = None
    policy: str | None = None
    resale: Path | None = None
    overrides: Path | None = None
    use_overrides: bool = True
    review_below: float = 0.95
    measured: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        for name, read in _READERS.items():
            value = getattr(self, name)
            if value is not None or name not in _OPTIONAL:
                object.__setattr__(self, name, read(name, value))
        if self.batch is not None and self.batch_by is not None:
            raise UsageError("`batch` and `batch_by` do not go together.", "Give one of them.")
        if self.spark_tables and self.engine != "spark":
            raise UsageError("Tables of Spark are read by Spark.", "Give --engine spark.")

    @property
    def overrides_file(self) -> Path:
        """Where reviewed items are kept: as set, else in the user's data folder."""
        return self.overrides or user_data_path("valuation", appauthor=False) / OVERRIDES_NAME

    def lines_folder(self, begun_at: datetime.datetime) -> str | None:
        """Where Spark writes the lines of a run, in a folder of its own; None if it keeps none."""
        if self.db is None or not self.keep_lines:
            return None
        beside = self.db.resolve().with_suffix(".lines").as_uri()
        return f"{self.spark_lines or beside}/{begun_at:%Y%m%dT%H%M%S.%fZ}"

    @property
    def own_decks(self) -> Path:
        """Folder of the user's own price decks, in the user's data folder."""
        return user_data_path("valuation", appauthor=False) / DECKS_NAME


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
            raise SettingsError(
                f"{path.name}: `{name}` is not a setting.", setting_values.nearest(name, _NAMES)
            )
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
        elif hint := setting_values.nearest(name, _NAMES, lambda near: f"{PREFIX}{near.upper()}"):
            raise SettingsError(f"The environment sets `{variable}`, which is not a setting.", hint)
    return chosen


_READERS: Final[dict[str, Callable[[str, object], object]]] = {
    "db": setting_values.path,
    "batch": setting_values.text,
    "batch_by": setting_values.text,
    "map": setting_values.paths,
    "routes": setting_values.texts,
    "deck": setting_values.text,
    "as_of": setting_values.day,
    "draws": setting_values.whole(2, 1_000_000),
    "seed": setting_values.whole(0, 2**63 - 1),
    "keep_lines": setting_values.flag,
    "replace": setting_values.flag,
    "accept_smaller": setting_values.flag,
    "engine": setting_values.choice(ENGINES),
    "memory": setting_values.memory,
    "spark_master": setting_values.text,
    "spark_tables": setting_values.texts,
    "spark_lines": setting_values.text,
    "strict": setting_values.flag,
    "max_rejected": setting_values.share,
    "max_price_age": setting_values.whole(0, 36_500),
    "require_prices": setting_values.flag,
    "settlement": setting_values.choice(SETTLEMENTS),
    "form": setting_values.choice(FORMS),
    "scenario": setting_values.text,
    "policy": setting_values.choice(POLICIES),
    "resale": setting_values.path,
    "overrides": setting_values.path,
    "use_overrides": setting_values.flag,
    "review_below": setting_values.share,
    "measured": setting_values.paths,
}
_NAMES: Final = tuple(_READERS)
_OPTIONAL: Final = frozenset(f.name for f in fields(Settings) if f.default is None)
