"""Reference data: reads `data/` as its `datapackage.json` describes it, one typed frame per table.

A small reader of our own: the Data Package libraries bring their own data model and a second CSV
parser, and all that is needed here is types, keys and limits on small files.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from valuation.errors import TableError

POLARS_TYPES: dict[str, type[pl.DataType]] = {
    "string": pl.String,
    "number": pl.Float64,
    "integer": pl.Int64,
    "boolean": pl.Boolean,
    "date": pl.Date,
}

Made = TypeVar("Made")

_Kept = tuple[dict[str, pl.DataFrame], dict[Callable[["Tables"], Any], Any]]
_KEPT: dict[tuple[Path, str, Path], _Kept] = {}
CHECK = "Run `valuation data check` for everything that is wrong."


def data_directory() -> Path:
    """The folder that holds `datapackage.json`: beside the package in a checkout, else bundled.

    Raises:
        TableError: Neither place holds one.
    """
    package = Path(__file__).resolve().parent
    for candidate in (package.parent / "data", package / "_bundled" / "data"):
        if (candidate / "datapackage.json").is_file():
            return candidate
    raise TableError("The reference data is missing: no datapackage.json.", "Install again.")


def models_directory() -> Path:
    """The folder of fitted models: beside the package in a checkout, else bundled."""
    package = Path(__file__).resolve().parent
    beside = package.parent / "models"
    return beside if beside.is_dir() else package / "_bundled" / "models"


@dataclass(frozen=True)
class Tables:
    """The tables of one data folder, read when first asked for.

    Attributes:
        directory: Folder of `datapackage.json`.
        version: First 12 hex digits of a SHA-256 over description, files and fitted models: the
            data version.
        models: Folder of the models fitted to the data.
    """

    directory: Path
    description: dict[str, Any]
    version: str
    models: Path
    _frames: dict[str, pl.DataFrame] = field(default_factory=dict, repr=False)
    _made: dict[Callable[["Tables"], Any], Any] = field(default_factory=dict, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """What another process is sent: it makes its own of the tables, or has made it already."""
        return {name: value for name, value in vars(self).items() if name != "_made"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        _, made = _kept_of(state["directory"], state["version"], state["models"])
        vars(self).update(state, _made=made)

    def resource(self, name: str) -> dict[str, Any]:
        """The description of a table.

        Raises:
            TableError: No table has that name.
        """
        for resource in self.description["resources"]:
            if resource["name"] == name:
                return dict(resource)
        raise TableError(f"datapackage.json describes no table `{name}`.")

    def frame(self, name: str) -> pl.DataFrame:
        """A table, typed as described; an empty cell is null.

        Raises:
            TableError: No such table, or a file that does not have the described columns or types.
        """
        if name not in self._frames:
            self._frames[name] = _read(self.directory, self.resource(name))
        return self._frames[name]

    def made(self, make: Callable[["Tables"], Made]) -> Made:
        """What a function makes of the tables, made once; it must be changed by nobody.

        Raises:
            TableError: As `frame`.
        """
        if make not in self._made:
            self._made[make] = make(self)
        made: Made = self._made[make]
        return made


def load_tables(directory: Path | None = None, models: Path | None = None) -> Tables:
    """Open the reference data; nothing but its description is parsed yet.

    Args:
        directory: Folder with a `datapackage.json`; the shipped data when not given.
        models: Folder of models fitted to it; the shipped ones when not given.

    Raises:
        TableError: The description cannot be read or lacks a name, path or type, or a described
            file is missing.
    """
    folder = directory or data_directory()
    path = folder / "datapackage.json"
    text = _bytes(path)
    try:
        description = json.loads(text)
        described = [(r["name"], r["path"], _types(r)) for r in description["resources"]]
    except (ValueError, KeyError, TypeError) as error:
        raise TableError(
            f"{path} does not describe tables: {type(error).__name__} {error}.",
            "Each resource needs a name, a path and fields with name and type.",
        ) from error
    digest = hashlib.sha256(text)
    for _, file, _ in described:
        digest.update(_bytes(folder / file))
    fitted = models or models_directory()
    for file in sorted(f for f in fitted.rglob("*") if f.is_file()):
        digest.update(_bytes(file))
    version = digest.hexdigest()[:12]
    return Tables(folder, description, version, fitted, *_kept_of(folder, version, fitted))


def _kept_of(folder: Path, version: str, models: Path) -> _Kept:
    """What was read and made of a data version; the last is kept, as runs of a process share it.

    The version is a hash of the files, so what is kept is never stale.
    """
    key = (folder, version, models)
    if key not in _KEPT:
        _KEPT.clear()
        _KEPT[key] = ({}, {})
    return _KEPT[key]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = f"{path} cannot be read: {error.strerror}."
        raise TableError(reason, "Put the file back, or install again.") from error


def _types(resource: dict[str, Any]) -> dict[str, type[pl.DataType]]:
    """Type of each described column, in order."""
    fields = resource["schema"]["fields"]
    return {field["name"]: POLARS_TYPES[field["type"]] for field in fields}


def _read(folder: Path, resource: dict[str, Any]) -> pl.DataFrame:
    path, types = folder / resource["path"], _types(resource)
    try:
        text = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise TableError(f"{path} cannot be read: {str(error).splitlines()[0]}.", CHECK) from error
    if text.columns != list(types):
        reason = f"{path}: columns are {text.columns}, described are {list(types)}."
        raise TableError(reason, CHECK)
    typed = text.select(_typed(pl.col(name), kind) for name, kind in types.items())
    for described in resource["schema"]["fields"]:
        name = described["name"]
        if typed[name].null_count() > text[name].null_count():
            row = int((text[name].is_not_null() & typed[name].is_null()).arg_true()[0])
            place = f"{path}, row {row + 2}, column {name}"
            raise TableError(f"{place}: `{text[name][row]}` is not a {described['type']}.", CHECK)
    return typed


def _typed(column: pl.Expr, kind: type[pl.DataType]) -> pl.Expr:
    """A text column as its described type; what is not of that type becomes null."""
    if kind is pl.Boolean:
        return column.replace_strict({"true": True, "false": False}, default=None)
    if kind is pl.Date:
        return column.str.to_date("%Y-%m-%d", strict=False)
    return column.cast(kind, strict=False)
