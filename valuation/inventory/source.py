"""Source: what a given path is, by its content: hash, compression, format; unpacked when needed."""

import difflib
import gzip
import hashlib
import lzma
import mmap
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import IO, BinaryIO, Final

from valuation.errors import InputError, UnknownFormat

HEAD_BYTES: Final = 1 << 18
"""How much of a file is looked at to tell what it is."""
MAX_EXPANDED_BYTES: Final = 64 << 30
"""A compressed file that holds more than 64 GiB is refused."""
MAX_EXPANSION: Final = 1000
"""Nor one that grows more than a thousandfold, once past `EXPANSION_CHECKED_BYTES`."""
EXPANSION_CHECKED_BYTES: Final = 1 << 28
MAX_WORKBOOK_BYTES: Final = 4 << 30
"""A workbook whose parts unpack to more than 4 GiB is refused: it is read in memory."""
MAX_PARTS: Final = 20_000
"""Nor one of more parts than this."""
WORKBOOKS: Final = ("xlsx", "xlsb", "xls", "ods")
"""Formats of spreadsheet documents."""

_BLOCK_BYTES: Final = 1 << 20
_GZIP, _ZSTD, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
_OLE, _PARQUET = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1"
_BOOK_STREAMS: Final = ("Workbook".encode("utf-16-le"), "Book\0".encode("utf-16-le"))
_ENCRYPTED_WORKBOOK: Final = "EncryptedPackage".encode("utf-16-le")
_ODS_TYPE: Final = b"application/vnd.oasis.opendocument.spreadsheet"
_ODS_MANIFEST: Final = "META-INF/manifest.xml"
_OTHER_FORMATS: Final = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"ARROW1": "an Arrow or Feather file",
    b"SQLite format 3": "an SQLite database",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"<?xml": "an XML document",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
    b"{\\rtf": "an RTF document",
}
_KINDS: Final = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@dataclass(frozen=True)
class StandardInput:
    """Bytes read from a stream instead of a file; kept in a temporary file while they are read."""

    stream: BinaryIO
    name: str = "standard input"


@dataclass(frozen=True)
class Source:
    """One given file, unpacked.

    Attributes:
        name: The path as given.
        path: File that holds the unpacked content.
        key: What tells it from the other files of the run, to name temporary files by.
        format: `text`, `parquet` or one of `WORKBOOKS`.
        packing: `gz`, `zst` or empty.
        head: The first bytes of the unpacked content.
    """

    name: str
    path: Path
    key: str
    format: str
    packing: str
    head: bytes


def file_id(name: str, sha256: str) -> str:
    """Key of a file: 16 hex digits of BLAKE2b over its own name and content, not of its folder.

    A file without content to tell it, such as a missing one, is told by its whole name.
    """
    text = f"{Path(name).name if sha256 else name}\x1f{sha256}"
    return hashlib.blake2b(text.encode(errors="surrogateescape"), digest_size=8).hexdigest()


def content_hash(path: Path) -> str:
    """SHA-256 of a file.

    Raises:
        InputError: The path is missing, is no file, or cannot be read.
    """
    with open_given(path) as stream:
        try:
            return hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise _unreadable(error) from error


def open_given(path: Path) -> BufferedReader:
    """A file as given, open to be read.

    Raises:
        InputError: The path is missing, is no file, or cannot be read.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputError(
                "is a folder without a file to read.", "Name the folder of the exports."
            )
        if not stat.S_ISREG(mode):
            # To open a pipe would wait for a writer who may never come.
            raise InputError(
                f"is {_KINDS.get(stat.S_IFMT(mode), 'no file')}, not a file.",
                "Copy what it gives into a file, or send it to standard input.",
            )
        return path.open("rb")
    except FileNotFoundError:
        if path.is_symlink():
            raise InputError(
                "is a link to a file that does not exist.", "Name the file itself."
            ) from None
        raise InputError("does not exist.", _nearest_name(path)) from None
    except (OSError, ValueError) as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> InputError:
    what = getattr(error, "strerror", None) or error
    return InputError(f"cannot be read: {what}.", "Check its name and rights.")


def spool(stream: IO[bytes], path: Path) -> Path:
    """Copy a stream that can be read only once into a file.

    Raises:
        InputError: It gives more than `MAX_EXPANDED_BYTES`.
    """
    written = 0
    with path.open("wb") as out:
        while block := stream.read(_BLOCK_BYTES):
            written += len(block)
            if written > MAX_EXPANDED_BYTES:
                raise InputError(
                    f"gives more than {MAX_EXPANDED_BYTES >> 30} GiB.", "Give it in parts."
                )
            out.write(block)
    return path


def open_source(name: str, path: Path, folder: Path) -> Source:
    """Tell what a file is and unpack it.

    Args:
        name: The path as given, for messages.
        path: The file.
        folder: Where unpacked content may be kept.

    Raises:
        InputError: Empty, damaged, larger than the limits, protected, or not a table.
    """
    key = file_id(name, "")
    head = _head(path)
    packing = _packing(head)
    if packing:
        unpacked = folder / f"{key}.unpacked"
        _unpack(path, unpacked, packing)
        path, head = unpacked, _head(unpacked)
        if again := _packing(head):
            raise UnknownFormat(f"is packed twice: {again} inside {packing}.", "Unpack it once.")
    if not head:
        raise InputError("is empty.", "Export it again.")
    return Source(name, path, key, _format(path, head), packing, head)


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(HEAD_BYTES)


def _packing(head: bytes) -> str:
    """What a file is packed in, by its first bytes; empty when it is not."""
    return "gz" if head.startswith(_GZIP) else "zst" if head.startswith(_ZSTD) else ""


def _format(path: Path, head: bytes) -> str:
    if head.startswith(_PARQUET):
        return "parquet"
    if head.startswith(b"PARE"):
        raise UnknownFormat("is an encrypted Parquet file.", "Write it without encryption.")
    if head.startswith(_ZIP):
        return _zip_format(path)
    if head.startswith(_OLE):
        return _ole_format(path)
    if head.startswith(b"ORC") and b"\0" in head:
        raise UnknownFormat("is an ORC file.", "Export CSV, XLSX or Parquet.")
    for magic, what in _OTHER_FORMATS.items():
        if head[:64].lstrip().startswith(magic):
            raise UnknownFormat(f"is {what}, not a table.", "Export CSV, XLSX or Parquet.")
    return "text"


def _ole_format(path: Path) -> str:
    """The format of a compound document: an old workbook, or none we read."""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data.find(_ENCRYPTED_WORKBOOK) >= 0:
            raise UnknownFormat(
                "is a workbook protected by a password.", "Save it without one, or export CSV."
            )
        if all(data.find(name) < 0 for name in _BOOK_STREAMS):
            raise UnknownFormat(
                "is an Office 97-2003 document without a workbook.",
                "Save it as .xlsx, or export CSV.",
            )
    return "xls"


def _zip_format(path: Path) -> str:
    """The format of an archive: a workbook of one kind, or none we read."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            size_bytes = sum(part.file_size for part in archive.infolist())
            is_ods = "mimetype" in names and _begins(archive, "mimetype", _ODS_TYPE)
            is_locked = is_ods and _begins(archive, _ODS_MANIFEST, b"encryption-data", HEAD_BYTES)
    except (
        zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, ValueError, KeyError,
        RuntimeError, EOFError,
    ) as error:  # fmt: skip
        raise InputError(f"is a damaged workbook or archive: {error}.", "Save it again.") from error
    formats = {"xl/workbook.xml": "xlsx", "xl/workbook.bin": "xlsb"}
    found = "ods" if is_ods else next((formats[name] for name in formats if name in names), None)
    if found is None:
        raise UnknownFormat("is a ZIP archive without a workbook.", "Unpack it and name its files.")
    if is_locked:
        raise UnknownFormat(
            "is a workbook protected by a password.", "Save it without one, or export CSV."
        )
    if size_bytes > MAX_WORKBOOK_BYTES or len(names) > MAX_PARTS:
        raise InputError(
            f"unpacks to {size_bytes >> 20:,} MiB in {len(names):,} parts; workbooks are read up "
            f"to {MAX_WORKBOOK_BYTES >> 20:,} MiB and {MAX_PARTS:,} parts.",
            "Export CSV instead.",
        )
    return found


def _begins(archive: zipfile.ZipFile, name: str, text: bytes, size_bytes: int = 64) -> bool:
    """Whether a part of an archive has this text near its beginning."""
    with archive.open(name) as stream:
        return text in stream.read(size_bytes)


def _unpack(path: Path, target: Path, packing: str) -> None:
    size_bytes = path.stat().st_size
    limit = min(MAX_EXPANDED_BYTES, max(EXPANSION_CHECKED_BYTES, size_bytes * MAX_EXPANSION))
    written = 0
    try:
        with target.open("wb") as out:
            for block in _unpacked_blocks(path, packing):
                written += len(block)
                if written > limit:
                    raise InputError(
                        f"unpacks to more than {limit >> 20:,} MiB, {MAX_EXPANSION} times its size "
                        f"or {MAX_EXPANDED_BYTES >> 30} GiB being the limit.",
                        "Unpack it and check what it holds.",
                    )
                out.write(block)
    except (EOFError, OSError, zlib.error) as error:
        if isinstance(error, OSError) and error.strerror:  # the disk, not the content
            raise InputError(f"cannot be unpacked: {error.strerror}.", "Make room.") from error
        raise InputError(
            f"is a damaged {packing} file: {error}.", "Copy it again from where it was made."
        ) from error


def _unpacked_blocks(path: Path, packing: str) -> Iterator[bytes]:
    if packing == "gz":
        with gzip.open(path) as stream:
            while block := stream.read(_BLOCK_BYTES):
                yield block
    else:
        import pyarrow as pa

        try:
            with pa.input_stream(str(path), compression="zstd") as packed:
                while block := packed.read(_BLOCK_BYTES):
                    yield block
        except pa.ArrowException as error:
            raise OSError(str(error)) from error


def _nearest_name(path: Path) -> str:
    """The file of that folder whose name is most like a missing one."""
    try:
        names = sorted(p.name for p in path.parent.iterdir())
    except OSError:
        return "Nor does its folder."
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"Did you mean `{path.with_name(close[0])}`?" if close else ""
