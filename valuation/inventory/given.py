"""Given: the files of a run, told from the paths a person gave, each content once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePath
from typing import Final

from valuation.errors import InputError
from valuation.inventory.beside import BESIDE_BYTES, Beside
from valuation.inventory.source import StandardInput, content_hash, file_id, open_given, spool

SKIPPED_NAMES: Final = frozenset({"thumbs.db", "desktop.ini"})
"""Files that systems leave in folders, which nobody gave."""
SKIPPED_BEGINNINGS: Final = (".", "~$")
"""What hidden files and the locks of spreadsheet programs begin with."""


class Content:
    """What a file holds, as a hash: made when asked for, or beside other work."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._beside: Beside[str] | None = None

    def begin(self) -> None:
        """Begin to make the hash while something else goes on."""
        if self._beside is None and "sha256" not in self.__dict__:
            self._beside = Beside(lambda: content_hash(self._path))

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the content.

        Raises:
            InputError: The file cannot be read.
        """
        return self._beside.result() if self._beside else content_hash(self._path)

    @property
    def sha256_if_readable(self) -> str:
        """The same, empty where the file cannot be read."""
        try:
            return self.sha256
        except InputError:
            return ""


@dataclass(frozen=True)
class Given:
    """A file as given: its name, where it lies, its content and the batch it is by default."""

    name: str
    path: Path
    content: Content = field(compare=False)
    batch_id: str
    stamp: tuple[int, ...]

    @property
    def sha256(self) -> str:
        """SHA-256 of its content."""
        return self.content.sha256

    @property
    def size_bytes(self) -> int:
        """What it takes on the disk. [B]"""
        return self.stamp[0] if self.stamp else 0

    def told_id(self) -> str:
        """Its key, by its name and content."""
        return file_id(self.name, self.sha256)

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
    stamps = {name: _stamp(path) for name, path in named.items()}
    often = Counter(stamp[:1] for stamp in stamps.values())
    found: dict[str, Content] = {}
    by_hash: dict[str, str] = {}
    for name, path in sorted(named.items()):
        content, stamp = Content(path), stamps[name]
        try:
            if stamp and stamp[0] > BESIDE_BYTES and often[stamp[:1]] == 1:
                open_given(path).close()  # no other has its size: it is hashed while it is read
            elif content.sha256 in by_hash:
                first = by_hash[content.sha256]
                warnings.append(f"{name}: has the same content as {first}; it was read once.")
                continue
            else:
                by_hash[content.sha256] = name
        except InputError as error:
            refused.append((name, error))
            continue
        found[name] = content
    stems = batch_names(list(found))
    files = (
        Given(name, named[name], content, batch or stems[name], stamps[name])
        for name, content in found.items()
    )
    return Gathered(tuple(files), tuple(refused), tuple(warnings))


def of_equal_stems(files: Sequence[Given]) -> list[Given]:
    """Files whose batches would have one name, were it not for their folders."""
    often = Counter(stem(PurePath(file.name).name) for file in files)
    return [file for file in files if often[stem(PurePath(file.name).name)] > 1]


def named_without(files: Sequence[Given], others: Sequence[Given]) -> list[Given]:
    """The files with the batches they stand for when the others stand for none."""
    stems = batch_names([file.name for file in files if file not in others])
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


def batch_names(names: Sequence[str]) -> dict[str, str]:
    """The stem of each file, with as many parent folders as tell equal stems apart.

    >>> batch_names(["a/x.csv.gz", "b/x.csv", "y.xlsx"])
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
