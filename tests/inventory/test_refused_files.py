"""Files that cannot be read: each is refused by its name with what would work, the others count."""

import gzip
from pathlib import Path
from time import monotonic

import pytest

from tests.inventory.conftest import Read, Reader
from tests.inventory.test_faulty_files import HEADER, lines, zstd

REFUSED = {
    "empty.csv": (b"", "is empty"),
    "binary.csv": (bytes(range(256)) * 64, "binary"),
    "picture.csv": (b"\x89PNG\r\n\x1a\n" + bytes(64), "picture"),
    "document.pdf": (b"%PDF-1.7\n", "PDF"),
    "cut.csv.gz": (gzip.compress(HEADER + lines(200))[:-40], "damaged gz"),
    "cut.csv.zst": (zstd(HEADER + lines(5000))[:60], "damaged zst"),
    "protected.xlsx": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        "password",
    ),
    "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "97-2003"),
    "damaged.xlsx": (b"PK\x03\x04" + bytes(200), "damaged"),
    "damaged.parquet": (b"PAR1" + bytes(200) + b"PAR1", "damaged Parquet"),
    "letters.csv": (b"a,b,c\n1,2,3\n", "no header we know"),
    "typing-error.csv": (
        b"Modle,Seriel\n1,2\n",
        "Did you mean `Model` instead of `Modle`, `serial`",
    ),
    "people.csv": (b"name,age\nAnn,3\n", "no header we know"),
    "blank.csv": (b"\xef\xbb\xbf  \n\n", "only blank lines"),
    "collection.json": (b'[{"model": "R740", "qty": 1}', "ends before its end"),
    "prose.txt": (b"Dear all,\nplease find the list attached.\n", "no header we know"),
    "wide.csv": (b"Model,Qty," + b",".join(b"c%d" % i for i in range(2500)) + b"\n", "columns"),
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory, read: Reader) -> Read:
    folder = tmp_path_factory.mktemp("refused")
    for name, (content, _) in REFUSED.items():
        (folder / name).write_bytes(content)
    (folder / "good.csv").write_bytes(HEADER + lines(2))
    (folder / "folder").mkdir()
    (folder / "folder" / ".hidden.csv").write_bytes(HEADER)
    return read(*folder.iterdir(), folder / "god.csv")


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_by_name_with_advice(
    name: str, refused: Read
) -> None:
    row = refused.account("/" + name)
    assert row["status"] == "refused"
    assert name in row["reason"]
    assert REFUSED[name][1] in row["reason"]
    assert row["reason"].count(". ") >= 1, "what was seen, then what would work"


def test_a_missing_file_names_the_nearest_thing(refused: Read) -> None:
    assert "good.csv" in refused.account("/god.csv")["reason"]


def test_a_folder_in_which_nobody_put_a_file_is_refused(refused: Read) -> None:
    assert "folder without a file" in refused.account("/folder")["reason"]


def test_refused_files_do_not_hold_up_the_others(refused: Read) -> None:
    assert refused.account("/good.csv")["lines_loaded"] == 2
    assert refused.inventory.files.filter(status="loaded").height == 1


def test_a_bomb_is_refused_before_it_fills_the_disk(
    tmp_path: Path, read: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("valuation.inventory.source.EXPANSION_CHECKED_BYTES", 1 << 16)
    monkeypatch.setattr("valuation.inventory.source.MAX_EXPANSION", 10)
    bomb = tmp_path / "bomb.csv.gz"
    bomb.write_bytes(gzip.compress(HEADER + bytes(1 << 20)))
    assert "10 times its size" in read(bomb).account("bomb.csv.gz")["reason"]


def test_a_refusal_shows_no_serial_and_no_tag(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "x.csv").write_text("A1,Seagate,ST8000NM0055,ZA11\n", encoding="utf-8")
    reason = read(tmp_path / "x.csv").account("x.csv")["reason"]
    assert "Seagate" in reason
    assert "ZA11" not in reason
    assert "A1" not in reason


def test_missing_files_of_one_name_in_two_folders_are_two(tmp_path: Path, read: Reader) -> None:
    files = read(tmp_path / "a" / "x.csv", tmp_path / "b" / "x.csv").inventory.files
    assert files["status"].to_list() == ["refused", "refused"]


HOSTILE = {
    "blanks in a quantity": HEADER + b"R740,S1,a,1" + b" " * 200_000 + b"!\n",
    "blanks beside a total": HEADER + b"Dell total,,1" + b" " * 200_000 + b"!,\n",
    "lines that open and close": HEADER + b'x",y,z,"w\n' * 3_000,
    "figures without end": b"Item,Model\n" + b"1" * 5_000 + b",R740\n" * 3,
    "a header of surrogates": b"\xef\xbb\xbf" + HEADER + lines(1)
    + b"Model,Serial,Qty,Gr\xff\xdfe\n",
    "marks without a column": b"foo,source_file,source_line,reject_key\n1,2,3,4\n",
    "json cut by a byte": b'[{"model":"a","serial": \x81}]',
    "json names beyond unicode": b'[{"model":"a","serial":"x","\\ud800y":[{"a":1}]}]',
    "json figures": b'{"Devices":[{"ModelNumber":"a","SerialNumber":"b","PhysicalSize":'
    + b"9" * 5_000 + b"}]}",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_read_or_refused_soon(name: str, tmp_path: Path, read: Reader) -> None:
    path = tmp_path / f"{name.replace(' ', '-')}.txt"
    path.write_bytes(HOSTILE[name])
    start = monotonic()
    row = read(path).account(path.name)
    assert monotonic() - start < 10
    accounted = row["lines_loaded"] + row["lines_rejected"] + row["lines_ignored"]
    assert row["lines_read"] == accounted
