"""Given: the files of a run, told from the paths a person gave, each content once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Final

from valuation.errors import InputError
from valuation.inventory.source import StandardInput, content_hash, spool

SKIPPED_NAMES: Final = frozenset({"thumbs.db", "desktop.ini"})
"""Files that systems leave in folders, which nobody gave."""
SKIPPED_BEGINNINGS: Final = (".", "~$")
"""What hidden files and the locks of spreadsheet programs begin with."""


@dataclass(frozen=True)
class Given:
    """A file as given: its name, where it lies, its content and the batch it is by default."""

    name: str
    path: Path
    sha256: str
    batch_id: str
    stamp: tuple[int, ...]

    def has_changed(self) -> bool:
        """Whether the file is another one than when its content was hashed."""
        return _stamp(self.path) != self.stamp


@dataclass(frozen=True)
class Gathered:
    """The files of a run.

    Attributes:
        files: Those to read, in the order of their names.
        refused: Names of those that cannot be, each with the reason.
        warnings: What was given more than once.
    """

    files: tuple[Given, ...]
    refused: tuple[tuple[str, InputError], ...]
    warnings: tuple[str, ...]


def gather(paths: Sequence[Path | StandardInput], batch: str | None, folder: Path) -> Gathered:
    """Tell the files of a run: those of folders too, each content once.

    Args:
        paths: Files, folders, and standard input.
        batch: Batch of every line; files are named for their batch when not given.
        folder: Where standard input is kept while it is read.
    """
    refused: list[tuple[str, InputError]] = []
    warnings: list[str] = []
    named: dict[str, Path] = {}
    for path in paths:
        for name, file in _files_of(path, folder):
            if name in named:
                warnings.append(f"{name}: was given twice; it was read once.")
            named[name] = file
    found: dict[str, tuple[str, Path, tuple[int, ...]]] = {}
    for name, path in sorted(named.items()):
        stamp = _stamp(path)
        try:
            sha256 = content_hash(path)
        except InputError as error:
            refused.append((name, error))
            continue
        if sha256 in found:
            first = found[sha256][0]
            warnings.append(f"{name}: has the same content as {first}; it was read once.")
            continue
        found[sha256] = name, path, stamp
    stems = _batch_names([name for name, *_ in found.values()])
    files = (
        Given(name, path, sha256, batch or stems[name], stamp)
        for sha256, (name, path, stamp) in found.items()
    )
    return Gathered(tuple(files), tuple(refused), tuple(warnings))


def of_equal_stems(files: Sequence[Given]) -> list[Given]:
    """Files whose batches would have one name, were it not for their folders."""
    often = Counter(stem(PurePath(file.name).name) for file in files)
    return [file for file in files if often[stem(PurePath(file.name).name)] > 1]


def named_without(files: Sequence[Given], others: Sequence[Given]) -> list[Given]:
    """The files with the batches they stand for when the others stand for none."""
    stems = _batch_names([file.name for file in files if file not in others])
    return [replace(file, batch_id=stems.get(file.name, file.batch_id)) for file in files]


def _files_of(path: Path | StandardInput, folder: Path) -> list[tuple[str, Path]]:
    """A path as files with their names: a folder as what it and its folders hold."""
    if isinstance(path, StandardInput):
        return [(path.name, spool(path.stream, folder / "standard-input"))]
    try:
        is_folder = path.is_dir()
    except OSError:  # a name too long, say: refused when it is opened
        is_folder = False
    if not is_folder:
        return [(str(path), path)]
    inside = [found for found in sorted(path.rglob("*")) if _is_meant(found.relative_to(path))]
    # A folder without files stays, to be refused by its name.
    return [(str(found), found) for found in inside if found.is_file()] or [(str(path), path)]


def _is_meant(path: PurePath) -> bool:
    """Whether a file of a folder was put there by a person: hidden ones and locks were not."""
    return path.name.lower() not in SKIPPED_NAMES and not any(
        part.startswith(SKIPPED_BEGINNINGS) for part in path.parts
    )


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return ()
    return status.st_size, status.st_mtime_ns, status.st_ino


def _batch_names(names: Sequence[str]) -> dict[str, str]:
    """The stem of each file, with as many parent folders as tell equal stems apart.

    >>> _batch_names(["a/x.csv.gz", "b/x.csv", "y.xlsx"])
    {'a/x.csv.gz': 'a/x', 'b/x.csv': 'b/x', 'y.xlsx': 'y'}
    """
    parts = {name: [*PurePath(name).parts[:-1], stem(PurePath(name).name)] for name in names}
    out = {name: whole[-1] for name, whole in parts.items()}
    depth = 1
    while depth < max((len(whole) for whole in parts.values()), default=0):
        depth += 1
        often = Counter(out.values())
        for name, whole in parts.items():
            if often[out[name]] > 1:
                out[name] = "/".join(whole[-depth:])
    often = Counter(out.values())
    return {name: PurePath(name).name if often[stem] > 1 else stem for name, stem in out.items()}


def stem(name: str) -> str:
    """The name of a file without what says its format and packing.

    >>> stem("lot.4.csv.gz")
    'lot.4'
    """
    for packing in (".gz", ".zst"):
        name = name.removesuffix(packing)
    return PurePath(name).stem or name
