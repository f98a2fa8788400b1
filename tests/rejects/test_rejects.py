"""Lines set aside as files: each format gives the same cells back, and nothing else is touched."""

import gzip
import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import duckdb
import openpyxl
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from tests.exports import settings
from valuation.api import Result, run
from valuation.errors import OutputBusy, OutputError
from valuation.rejects import write_rejects
from valuation.rejects.writers import MARKED, Content, write_text

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = sorted((ROOT / "data" / "samples").iterdir())
NAMES = ["Serial", "Model", "Qty", "Note", "", "Note"]
ROWS = [
    ["S001", "ST4000NM0033", "1", "x", "", "y"],
    ["S002", "ST4000NM0033", "two", '=HYPERLINK("x"), "quoted"', "", "-5"],
    ["S003", "ST4000NM0033", "three", " Zoë;\tKöln | 'a' ", "", "@cmd"],
    ["S004", "HUH721212ALE604", "#REF!", "two\nlines", "0012", "'-x"],
    ["S005", "HUH721212ALE604", "4", "", "", "z"],
]
RIGHT = {"two": "2", "three": "3", "#REF!": "4"}


def value(paths: Sequence[Path], folder: Path, db: str = "out.duckdb") -> Result:
    return run(paths, settings=settings(folder, db=folder / db, draws=50))


def delimited(
    path: Path, names: Sequence[str], rows: Sequence[Sequence[str]], **layout: str
) -> None:
    write_text(path, Content(names, lambda **_: iter(rows)), **layout)


def write(path: Path, rows: Sequence[Sequence[str]], names: Sequence[str] = NAMES) -> Path:
    """A table as an export in the format its name tells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    match path.suffix:
        case ".xlsx":
            book = xlsxwriter.Workbook(path)
            page = book.add_worksheet("Stock & more")
            for i, row in enumerate([names, *rows]):
                for j, cell in enumerate(row):
                    page.write_string(i, j, cell)
            book.close()
        case ".parquet":
            told = [name or f"unnamed{i}" for i, name in enumerate(names)]
            told = [f"{n}{i}" if n in told[:i] else n for i, n in enumerate(told)]
            pq.write_table(pa.table(list(zip(*rows, strict=True)), told), path)
        case ".tsv":
            delimited(path, names, rows, delimiter="\t", encoding="utf-16")
        case ".txt":
            delimited(path, names, rows, delimiter=";", line_end="\r\n", encoding="cp1252")
        case _:
            delimited(path, names, rows, encoding=MARKED)
    return path


def mend_cells(path: Path, changes: dict[str, str]) -> None:
    """Change whole cells of a file of lines set aside, as a program would that knows its format."""
    if path.suffix == ".parquet":
        frame = pl.read_parquet(path)
        frame.with_columns(pl.all().replace(changes)).write_parquet(path)
    elif path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        for cell in (cell for row in book.active for cell in row):
            cell.value = changes.get(cell.value, cell.value)
        book.save(path)
    else:
        content = path.read_bytes()
        encoding = next(e for e in ("utf-16", "utf-8", "cp1252") if _decodes(content, e))
        text = content.decode(encoding)
        for wrong, right in changes.items():
            for before, after in product(",;\t", repeat=2):
                text = text.replace(f"{before}{wrong}{after}", f"{before}{right}{after}")
        path.write_bytes(text.encode(encoding))


def _decodes(content: bytes, encoding: str) -> bool:
    if encoding == "utf-16" and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return False
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def means(result: Result) -> pl.DataFrame:
    keys = ["batch_id", "route_id", "product_id", "element", "measure"]
    return result.frame("batch_value").select(*keys, "mean").sort(keys)


def check_same_figures(one: Result, other: Result) -> None:
    assert one.summary["units"] == other.summary["units"]
    left, right = means(one), means(other)
    assert left.drop("mean").equals(right.drop("mean"))
    difference = (left["mean"] - right["mean"]).abs() / right["mean"].abs()
    assert (difference.fill_nan(0).drop_nulls() <= 1e-12).all()


OTHERS = ("e.csv", "e.tsv", "e.txt", "e.parquet")
LONG = [pytest.param(name, marks=pytest.mark.long) for name in OTHERS]


@pytest.mark.parametrize("name", ["e.xlsx", *LONG])
def test_written_mended_and_given_back_the_lines_are_worth_what_they_would_have_been(
    name: str, tmp_path: Path
) -> None:
    rows = [[*row[:3], row[3].replace("|", "/"), *row[4:]] for row in ROWS]
    export = write(tmp_path / name, rows)
    first = value([export], tmp_path)
    (written,) = write_rejects(first.db, tmp_path / "rejects")
    assert written.lines == 3
    assert written.note == ""
    assert written.path.name == f"e.rejects{export.suffix}"
    unchanged = value([export, written.path], tmp_path, "unchanged.duckdb")
    check_same_figures(unchanged, first)
    rejected = sum(file["lines_rejected"] for file in unchanged.summary["files"])
    assert rejected == 3
    files = unchanged.summary["files"]
    assert {"not_mended": 3} in [file["reasons"] for file in files]
    assert {"mended": 3} in [file["ignored_reasons"] for file in files]
    mend_cells(written.path, RIGHT)
    mended = value([written.path, export], tmp_path, "mended.duckdb")
    assert sum(file["lines_rejected"] for file in mended.summary["files"]) == 0
    right = [[RIGHT.get(cell, cell) for cell in row] for row in rows]
    clean = value([write(tmp_path / "clean" / name, right)], tmp_path, "clean.duckdb")
    check_same_figures(mended, clean)
    kept = mended.frame("line").drop("file_id").sort(pl.all())
    assert kept.equals(clean.frame("line").drop("file_id").sort(pl.all()))
    assert write_rejects(mended.db, tmp_path / "none") == []
    assert not (tmp_path / "none").exists()
    again = value([], tmp_path, "mended.duckdb")
    check_same_figures(again, mended)
    assert write_rejects(again.db, tmp_path / "none") == []


@pytest.mark.long
def test_every_sample_goes_through(tmp_path: Path) -> None:
    first = value(SAMPLES, tmp_path)
    written = write_rejects(first.db, tmp_path / "rejects")
    assert {one.source for one in written} == set(map(str, SAMPLES))
    assert sum(one.lines for one in written) == first.frame("rejected_line").height
    both = value([*SAMPLES, tmp_path / "rejects"], tmp_path, "both.duckdb")
    check_same_figures(both, first)
    rejected = both.frame("rejected_line")
    assert set(rejected["reason_code"]) == {"not_mended"}
    before = first.frame("rejected_line")
    assert sorted(map(list, rejected["cells"])) == sorted(
        list(fitted(cells, names))
        for cells, names in zip(before["cells"], names_of(first, before), strict=True)
    )


def names_of(result: Result, rejected: pl.DataFrame) -> list[list[str]]:
    files = result.frame("input_file").select("file_id", "layout")
    layouts = dict(files.iter_rows())
    return [json.loads(layouts[file_id])["names"] for file_id in rejected["file_id"]]


def fitted(cells: Sequence[str | None], names: Sequence[str]) -> list[str]:
    told = [cell or "" for cell in cells] + [""] * (len(names) - len(cells))
    last = len(names) - 1
    return [*told[:last], ",".join(told[last:])]


def test_lines_set_aside_stay_when_the_file_is_valued_again(tmp_path: Path) -> None:
    export = write(tmp_path / "e.csv", ROWS)
    (written,) = write_rejects(value([export], tmp_path).db, tmp_path / "rejects")
    both = value([export, written.path], tmp_path)  # none of the lines given back is loaded
    before = both.frame("rejected_line")
    assert set(both.frame("batch_file")["lines"]) == {2, 0}
    again = value([], tmp_path)
    assert again.frame("rejected_line").equals(before)
    assert again.frame("input_file").drop("run_id").equals(both.frame("input_file").drop("run_id"))
    (second,) = write_rejects(again.db, tmp_path / "again")
    assert second.path.name == "e.rejects.rejects.csv"
    without = value([export], tmp_path)
    assert set(without.frame("rejected_line")["reason_code"]) == {"bad_quantity"}
    assert without.frame("input_file").height == 1


def test_a_file_that_is_there_is_never_replaced_by_another_unless_asked(tmp_path: Path) -> None:
    export = write(tmp_path / "e.csv", ROWS)
    db = value([export, write(tmp_path / "f.csv", ROWS[:3])], tmp_path).db
    first = write_rejects(db, tmp_path / "rejects")
    assert all(one.is_new for one in first)
    assert not any(one.is_new for one in write_rejects(db, tmp_path / "rejects"))
    mended, other = (one.path for one in first)
    mend_cells(mended, RIGHT)
    content = mended.read_bytes()
    other.unlink()
    with pytest.raises(OutputError, match="maybe with lines mended"):
        write_rejects(db, tmp_path / "rejects")
    assert mended.read_bytes() == content
    assert sorted(tmp_path.joinpath("rejects").iterdir()) == [mended]  # all or nothing
    write_rejects(db, tmp_path / "rejects", force=True)
    assert mended.read_bytes() != content


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_the_same_lines_make_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    db = value([write(tmp_path / f"e{suffix}", ROWS)], tmp_path).db
    (one,), (two,) = (write_rejects(db, tmp_path / folder) for folder in "ab")
    assert one.path.read_bytes() == two.path.read_bytes()


@pytest.mark.long
def test_files_of_one_name_are_told_apart_and_packed_ones_are_plain(tmp_path: Path) -> None:
    paths = [write(tmp_path / "a" / "e.csv", ROWS), tmp_path / "b" / "e.csv.gz"]
    paths[1].parent.mkdir()
    paths[1].write_bytes(gzip.compress(write(tmp_path / "x.csv", ROWS[:4]).read_bytes()))
    written = write_rejects(value(paths, tmp_path).db, tmp_path / "rejects")
    assert len({one.path for one in written}) == 2
    for one in written:
        assert one.path.name.startswith("e-") and one.path.name.endswith(".rejects.csv")
        assert one.path.read_bytes().startswith(
            b"\xef\xbb\xbfSerial,Model,Qty,Note,,Note,reject_code"
        )
    both = value([*paths, tmp_path / "rejects"], tmp_path, "both.duckdb")
    assert set(both.frame("rejected_line")["reason_code"]) == {"not_mended"}


def test_characters_the_encoding_lacks_are_written_as_utf_8_and_said(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    lines = [f"S00{i},Köln,R740,1\n" for i in range(5)]
    text = "Serial,Site,Model,Qty\n" + "".join(lines) + "S9,K\x81ln,R740,?!\n"
    path.write_bytes(text.encode("latin-1"))
    (one,) = write_rejects(value([path], tmp_path).db, tmp_path / "rejects")
    assert one.encoding == MARKED
    assert "cp1252" in one.note
    assert "K\x81ln" in one.path.read_text(encoding="utf-8-sig")


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    book = value([write(tmp_path / "e.xlsx", ROWS)], tmp_path).db
    (one,) = write_rejects(book, tmp_path / "rejects")
    page = openpyxl.load_workbook(one.path)["Stock & more"]
    assert {cell.data_type for row in page for cell in row if cell.value} == {"s"}
    text = value([write(tmp_path / "e.csv", ROWS)], tmp_path, "text.duckdb").db
    (one,) = write_rejects(text, tmp_path / "rejects")
    cells = [
        cell
        for line in one.path.read_text(encoding="utf-8-sig").split("\n")
        for cell in line.split(",")
    ]
    assert not [cell for cell in cells if cell.lstrip('"')[:1] in ("=", "@", "+")]
    assert "-5" in cells  # a plain number stays one


@pytest.mark.parametrize("what", ["missing", "text", "other"])
def test_a_file_that_is_not_ours_is_refused(what: str, tmp_path: Path) -> None:
    db = tmp_path / "x.duckdb"
    if what == "text":
        db.write_text("no database at all")
    if what == "other":
        duckdb.connect(db).execute("create table t (i integer)").close()
    with pytest.raises(OutputError):
        write_rejects(db, tmp_path / "rejects")


def test_a_file_open_for_writing_elsewhere_is_busy(tmp_path: Path) -> None:
    db = value([write(tmp_path / "e.csv", ROWS)], tmp_path).db
    with duckdb.connect(db), pytest.raises(OutputBusy):
        write_rejects(db, tmp_path / "rejects")


def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = value([write(tmp_path / "e.csv", ROWS)], tmp_path).db
    (tmp_path / "taken").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        write_rejects(db, tmp_path / "taken")
    full = OSError(28, "No space left on device")

    def fail(*_: object, **__: object) -> str:
        raise full

    monkeypatch.setattr("valuation.rejects.write_text", fail)
    with pytest.raises(OutputError, match="No space left"):
        write_rejects(db, tmp_path / "rejects")
    assert list((tmp_path / "rejects").iterdir()) == []


@pytest.mark.long
def test_lines_without_cells_are_written_with_their_text(tmp_path: Path) -> None:
    db = value([write(tmp_path / "e.csv", ROWS)], tmp_path).db
    with duckdb.connect(db) as connection:
        connection.execute("update rejected_line set cells = null where source_line = 2")
    (one,) = write_rejects(db, tmp_path / "rejects")
    head, first, *_ = one.path.read_text(encoding="utf-8-sig").split("\n")
    assert ",Note,raw_text,reject_code," in head
    assert first.startswith(",,,,,,") and "S002" in first
    both = value([tmp_path / "e.csv", one.path], tmp_path, "both.duckdb")
    assert both.frame("rejected_line")["reason_code"].to_list() == ["not_mended"] * 3
