"""Sources: what a path is, and what is packed in it, with limits that hold."""

import gzip
import os
import socket
from pathlib import Path

import pyarrow as pa
import pytest

from tests.inventory.conftest import Reader

TEXT = b"Model,Serial,Qty\nR740,S-1001,1\nR640,S-1002,2\n"


def zstd(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return bytes(sink.getvalue())


PACKED = {
    "several members of gz": gzip.compress(TEXT[:20]) + gzip.compress(TEXT[20:]),
    "gz with zeros behind": gzip.compress(TEXT) + bytes(512),
    "several frames of zst": zstd(TEXT[:20]) + zstd(TEXT[20:]),
    "a text under the name of gz": TEXT,
}


@pytest.mark.parametrize("kind", PACKED)
def test_what_is_packed_in_a_usual_way_is_read(kind: str, tmp_path: Path, read: Reader) -> None:
    (tmp_path / "x.csv.gz").write_bytes(PACKED[kind])
    row = read(tmp_path / "x.csv.gz").account("x.csv.gz")
    assert row["lines_loaded"] == 2, row["reason"]


WIDE_WINDOW = bytes.fromhex("28b52ffd 00 f8 01 00 00".replace(" ", "")) + b"x"
REFUSED = {
    "other bytes behind gz": (gzip.compress(TEXT) + b"garbage", "damaged gz"),
    "gz in gz": (gzip.compress(gzip.compress(TEXT)), "packed twice"),
    "zst in gz": (gzip.compress(zstd(TEXT)), "packed twice"),
    "a wrong check sum": (gzip.compress(TEXT)[:-8] + bytes(8), "damaged gz"),
    "a window of terabytes": (WIDE_WINDOW, "damaged zst"),
    "nothing in gz": (gzip.compress(b""), "is empty"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_packed_wrongly_is_refused(kind: str, tmp_path: Path, read: Reader) -> None:
    content, expected = REFUSED[kind]
    (tmp_path / "x").write_bytes(content)
    assert expected in read(tmp_path / "x").account("x")["reason"]


def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path: Path, read: Reader) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(tmp_path)  # the address of a socket may not be long
        server.bind("socket")
        os.chdir(here)
        names = ("pipe", "socket", "dangling", "loop")
        result = read(*(tmp_path / name for name in names), Path("/dev/zero"))
    told = {
        Path(row["name"]).name: row["reason"] for row in result.inventory.files.rows(named=True)
    }
    assert "is a pipe, not a file" in told["pipe"]
    assert "is a socket, not a file" in told["socket"]
    assert "is a device, not a file" in told["zero"]
    assert "link to a file that does not exist" in told["dangling"]
    assert "cannot be read" in told["loop"]


@pytest.mark.parametrize("name", ["x" * 300, "a\x00b"])
def test_a_name_no_file_can_have_is_refused(name: str, tmp_path: Path, read: Reader) -> None:
    files = read(tmp_path / name).inventory.files
    assert files["status"].to_list() == ["refused"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is kept from the superuser")
def test_a_file_without_rights_is_refused(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "x.csv").write_bytes(TEXT)
    (tmp_path / "x.csv").chmod(0)
    assert "Permission" in read(tmp_path / "x.csv").account("x.csv")["reason"]


def test_a_link_to_a_file_is_the_file(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "x.csv").write_bytes(TEXT)
    (tmp_path / "link.csv").symlink_to(tmp_path / "x.csv")
    assert read(tmp_path / "link.csv").account("link.csv")["lines_loaded"] == 2


def test_an_archive_of_texts_is_refused_with_advice(tmp_path: Path, read: Reader) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.csv", TEXT)
    assert "Unpack it and name its files." in read(tmp_path / "x.zip").account("x.zip")["reason"]
