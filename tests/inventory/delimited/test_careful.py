"""What a run says of a doubtful text does not tell whether its plain lines were copied."""

from functools import partial
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from tests.inventory.conftest import Numbered, Read, Reader
from valuation.inventory.delimited import careful, read_text
from valuation.inventory.delimited.encoding import TextLines
from valuation.inventory.delimited.recoded import recoded

HEADER = "Asset Tag,Serial Number,Manufacturer,Model,Description,Quantity,Lot"
ROWS = [
    f'A{i:03},S{i:04},Seagate,ST8000NM00{i % 4}A,"8TB 3.5"" drive, SAS",{1 + i % 3},L{i % 2}'
    for i in range(60)
]
FAULTS = [
    'A900,S900,"Seagate,ST8000NM004A,drive,1,L1', "", "A901,S901,Seagate", HEADER,
    "A902,S902,Seagate,ST8000NM004A,a drive,many,L1", ",,,Total,,60,", ",,,,,1,",
    'A903,S903,Seagate,ST8000NM004A,"two\nlines",1,L0', ",,,,,,", '="A904",S904,HGST,X,y,1,L0',
]  # fmt: skip


def lot(folder: Path) -> Path:
    lines = [HEADER, *ROWS]
    for place, fault in enumerate(FAULTS):
        lines.insert(3 + place * 6, fault)
    path = folder / "lot.csv"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def copying(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain lines of the smallest doubtful text are copied."""
    small = partial(read_text, copied_from_bytes=0, block_bytes=256)
    monkeypatch.setattr("valuation.inventory.formats.read_text", small)


def check_same(one: Read, other: Read) -> None:
    assert one.inventory.files.equals(other.inventory.files)
    assert one.inventory.items.equals(other.inventory.items)
    assert one.inventory.warnings == other.inventory.warnings
    for name, table in one.tables.items():
        assert_frame_equal(table, other.tables[name], check_row_order=False)


def test_every_table_is_the_same_when_plain_lines_are_copied(
    tmp_path: Path, read: Reader, request: pytest.FixtureRequest
) -> None:
    one_by_one = read(lot(tmp_path))
    request.getfixturevalue("copying")
    check_same(read(lot(tmp_path)), one_by_one)


ENCODED = {
    "cp1252": "Größe\u0178\u201c\u20ac",  # what latin-1 has not
    "cp949": "대전 창고",
    "utf-16": "Größe 대전 \U0001f4bf",
    "utf-16-le": "Größe",
    "utf-16-be": "Größe",
    "utf-32": "대전",
}


@pytest.mark.parametrize("is_damaged", [False, True], ids=["whole", "damaged"])
@pytest.mark.parametrize("has_faults", [False, True], ids=["plain", "with faults"])
@pytest.mark.parametrize(
    "encoding",
    [
        name if name in ("cp1252", "utf-16") else pytest.param(name, marks=pytest.mark.long)
        for name in ENCODED
    ],
)
def test_a_text_in_another_encoding_is_told_as_line_by_line(
    tmp_path: Path,
    read: Reader,
    request: pytest.FixtureRequest,
    encoding: str,
    has_faults: bool,
    is_damaged: bool,
) -> None:
    header = "장비번호,일련번호,제조사,모델,Description,수량,Lot" if encoding == "cp949" else HEADER
    rows = [row.replace("drive", ENCODED[encoding]) for row in ROWS]
    if has_faults:
        for place, fault in enumerate(FAULTS):
            rows.insert(3 + place * 6, fault)
    data = "".join(f"{line}\n" for line in [header, *rows]).encode(encoding)
    if is_damaged:
        middle = len(data) // 2 // 4 * 4
        data = (
            data[:middle]
            + b"\x81\x00\xd8\x00"[: 1 if encoding.startswith("cp") else 4]
            + data[middle:]
        )
    path = tmp_path / "lot.csv"
    path.write_bytes(data)
    line_by_line = read(path)
    request.getfixturevalue("copying")
    check_same(read(path), line_by_line)
    assert line_by_line.inventory.files["status"].to_list() == ["loaded"]


def test_a_copy_is_made_of_whole_texts_in_other_encodings_only(tmp_path: Path) -> None:
    path, target = tmp_path / "a.txt", tmp_path / "copy"

    def copied(data: bytes, encoding: str) -> bytes | None:
        target.unlink(missing_ok=True)
        path.write_bytes(data)
        made = recoded(TextLines(path, encoding), target)
        assert (made is not None) == target.exists()  # half a copy is of no use
        return None if made is None else made.path.read_bytes()

    assert copied("Größe\r\n€".encode("cp1252"), "cp1252") == "Größe\r\n€".encode()
    assert copied("대전\n".encode("utf-16"), "utf-16") == "대전\n".encode()
    assert copied(b"a\x81b", "cp1252") is None  # undefined there
    assert copied("a\0b".encode("utf-16"), "utf-16") is None
    assert copied("half".encode("utf-16")[:-1], "utf-16") is None
    assert copied(b"plain", "utf-8") is None


def test_what_was_begun_with_the_fast_reader_is_given_up(
    tmp_path: Path, read: Reader, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    one_by_one = read(lot(tmp_path))
    request.getfixturevalue("copying")
    monkeypatch.setattr("valuation.inventory.delimited.BESIDE_BYTES", 0)
    check_same(read(lot(tmp_path)), one_by_one)


def test_each_record_has_its_number_when_plain_lines_are_copied(
    tmp_path: Path, numbered: Numbered, request: pytest.FixtureRequest
) -> None:
    one_by_one = numbered(lot(tmp_path))
    request.getfixturevalue("copying")
    copied = numbered(lot(tmp_path))
    copied.check()
    assert copied.records.equals(one_by_one.records)


@pytest.mark.parametrize(
    "cut", ["from {} limit 20", "select * replace (error('lost') as c0) from {}"]
)
def test_copied_lines_that_do_not_come_back_are_taken_one_by_one(
    tmp_path: Path,
    read: Reader,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    cut: str,
) -> None:
    one_by_one = read(lot(tmp_path))
    request.getfixturevalue("copying")
    whole = careful.clean_text
    monkeypatch.setattr(careful, "clean_text", lambda *a, **k: f"({cut.format(whole(*a, **k))})")
    check_same(read(lot(tmp_path)), one_by_one)
