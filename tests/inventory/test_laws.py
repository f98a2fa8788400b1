"""Laws of the inventory: it balances, loses nothing, and does not depend on order or format."""

import random
from itertools import pairwise
from pathlib import Path
from time import monotonic

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.inventory.conftest import Read, Reader

HEADER = ["Asset Tag", "Serial Number", "Manufacturer", "Model", "Description", "Quantity", "Lot"]
ROWS = [
    [
        f"A{i:04}",
        f"SER-{i:05}",
        "Dell" if i % 2 else "HPE",
        f"Model {i % 7}",
        '3,5" drive' if i % 5 == 0 else f"thing {i % 3}",
        str(1 + i % 4),
        f"lot-{i % 3}",
    ]
    for i in range(40)
]


def as_csv(rows: list[list[str]], header: list[str] = HEADER) -> str:
    quoted = [[f'"{c.replace(chr(34), chr(34) * 2)}"' if "," in c else c for c in r] for r in rows]
    return "".join(",".join(row) + "\n" for row in [header, *quoted])


def figures(read: Read) -> pl.DataFrame:
    return read.counts().drop("item_id")


def line_set(read: Read) -> pl.DataFrame:
    frame = read.tables["read_line"].drop("file_id")
    return frame.sort(frame.columns)


def test_rows_and_files_may_come_in_any_order(tmp_path: Path, read: Reader) -> None:
    shuffled = random.Random(1).sample(ROWS, len(ROWS))
    for folder, rows in (("a", ROWS), ("b", shuffled)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "one.csv").write_text(as_csv(rows[:15]), encoding="utf-8")
        (tmp_path / folder / "two.csv").write_text(as_csv(rows[15:]), encoding="utf-8")
    first = read(tmp_path / "a" / "one.csv", tmp_path / "a" / "two.csv")
    second = read(tmp_path / "b" / "two.csv", tmp_path / "b" / "one.csv")
    assert_frame_equal(figures(first), figures(second))
    assert_frame_equal(line_set(first), line_set(second))


def test_the_order_of_the_same_files_changes_no_table(tmp_path: Path, read: Reader) -> None:
    paths = [tmp_path / f"{name}.csv" for name in "abc"]
    for i, path in enumerate(paths):
        path.write_text(as_csv(ROWS[i * 9 : i * 9 + 20]), encoding="utf-8")
    first, second = read(*paths), read(*reversed(paths))
    assert first.inventory.files.equals(second.inventory.files)
    assert first.inventory.items.equals(second.inventory.items)
    assert first.inventory.warnings == second.inventory.warnings
    for name, table in first.tables.items():
        assert_frame_equal(table, second.tables[name], check_row_order=name != "read_line")


def test_counts_are_the_same_whether_lines_are_kept(tmp_path: Path, read: Reader) -> None:
    rows = ROWS + [[f"B{i}", *row[1:]] for i, row in enumerate(ROWS[::3])]  # serials repeat
    path = tmp_path / "lots.csv"
    path.write_text(as_csv(rows), encoding="utf-8")
    kept, counted = read(path, keep_lines=True), read(path, keep_lines=False)
    assert_frame_equal(kept.tables["read_count"], counted.tables["read_count"])
    assert counted.tables["read_line"].is_empty()
    lines = kept.tables["read_line"]
    from_lines = lines.group_by("batch_id", "item_id").agg(
        pl.len().cast(pl.Int64).alias("lines"),
        pl.col("counted").sum().cast(pl.Int64).alias("lines_counted"),
        pl.col("quantity").filter("counted").sum(),
        (pl.col("counted") & (pl.col("quantity") == 1)).sum().cast(pl.Int64).alias("lines_of_one"),
    )
    assert_frame_equal(from_lines, kept.tables["read_count"], check_row_order=False)


def test_every_format_gives_the_same_counts(tmp_path: Path, read: Reader) -> None:
    text = as_csv(ROWS)
    (tmp_path / "comma.csv").write_text(text, encoding="utf-8")
    (tmp_path / "wide.csv").write_text(text, encoding="utf-16")
    tabs = "".join("\t".join(row) + "\n" for row in [HEADER, *ROWS]).replace('"', '""')
    (tmp_path / "tabs.tsv").write_text(tabs.replace('3,5""', '3,5"'), encoding="utf-8")
    frame = pl.DataFrame(ROWS, schema=HEADER, orient="row")
    frame.write_parquet(tmp_path / "columns.parquet")
    book = xlsxwriter.Workbook(tmp_path / "book.xlsx")
    book.add_worksheet("Notes").write(0, 0, "How to read this")
    sheet = book.add_worksheet("Assets")
    sheet.write(0, 0, "Assets of the quarter")
    for i, row in enumerate([HEADER, *ROWS]):
        for j, cell in enumerate(row):
            is_number = i > 0 and HEADER[j] == "Quantity"
            sheet.write(i + 2, j, int(cell)) if is_number else sheet.write_string(i + 2, j, cell)
    book.close()
    results = {path.name: figures(read(path)) for path in tmp_path.iterdir()}
    expected = results.pop("comma.csv")
    assert expected["quantity"].sum() == sum(int(row[5]) for row in ROWS)
    for name, result in results.items():
        assert result.equals(expected), name


def test_a_workbook_gives_its_header_row_and_skips_other_sheets(
    tmp_path: Path, read: Reader
) -> None:
    book = xlsxwriter.Workbook(tmp_path / "book.xlsx")
    summary = book.add_worksheet("Summary")
    summary.write_row(0, 0, ["Model", "Quantity"])
    summary.write_row(1, 0, ["R740", 2])
    sheet = book.add_worksheet("Assets")
    sheet.write_row(4, 0, ["Model", "Serial", "Manufacturer", "Qty"])
    sheet.write_row(5, 0, ["R740", "00123", "Dell", 1.0])
    sheet.write_row(6, 0, ["R740", "00124", "Dell", 1.0])
    sheet.write_row(7, 0, ["Total", "", "", 2.0])
    book.close()
    result = read(tmp_path / "book.xlsx")
    row = result.account("book.xlsx")
    assert (row["lines_read"], row["lines_loaded"], row["lines_ignored"]) == (3, 2, 1)
    assert result.tables["read_line"]["serial"].sort().to_list() == ["00123", "00124"]
    assert any("`Summary`" in warning for warning in result.inventory.warnings)


def test_splitting_a_file_keeps_the_counts_of_a_batch(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "whole.csv").write_text(as_csv(ROWS), encoding="utf-8")
    (tmp_path / "part1.csv").write_text(as_csv(ROWS[:13]), encoding="utf-8")
    (tmp_path / "part2.csv").write_text(as_csv(ROWS[13:]), encoding="utf-8")
    whole = read(tmp_path / "whole.csv", batch="B")
    parts = read(tmp_path / "part1.csv", tmp_path / "part2.csv", batch="B")
    assert_frame_equal(figures(whole), figures(parts))


def test_twice_the_lines_under_other_serials_is_twice_the_count(
    tmp_path: Path, read: Reader
) -> None:
    doubled = ROWS + [[row[0] + "x", row[1] + "x", *row[2:]] for row in ROWS]
    (tmp_path / "once.csv").write_text(as_csv(ROWS), encoding="utf-8")
    (tmp_path / "twice.csv").write_text(as_csv(doubled), encoding="utf-8")
    once = read(tmp_path / "once.csv").counts()
    twice = read(tmp_path / "twice.csv").counts()
    assert (once["quantity"] * 2).to_list() == twice["quantity"].to_list()


@st.composite
def damaged(draw: st.DrawFn) -> tuple[bytes, set[int]]:
    """The file with some bytes inserted, deleted or changed, and the rows that were touched."""
    pieces = [line.encode() for line in as_csv(ROWS).splitlines(keepends=True)]
    touched = set()
    for _ in range(draw(st.integers(1, 3))):
        row = draw(st.integers(1, len(pieces) - 1))
        at = draw(st.integers(0, len(pieces[row]) - 1))
        size = draw(st.sampled_from([0, 1, 1, 3]))
        new = draw(st.sampled_from([b"", b'"', b",", b"\n", b"\r", b"\x00", b"\xe9", b";", b'",']))
        pieces[row] = pieces[row][:at] + new + pieces[row][at + size :]
        touched |= {row, row + 1}  # a lost line end joins two
    return b"".join(pieces), touched


def check_damaged(cases: list[tuple[bytes, set[int]]], folder: Path, read: Reader) -> None:
    folder.mkdir(exist_ok=True)
    for i, (content, _) in enumerate(cases):
        (folder / f"case{i}.csv").write_bytes(content)
    result = read(*folder.iterdir(), batch="B")
    files = result.inventory.files
    assert files.filter(pl.col("status") != "loaded").is_empty()
    accounted = files["lines_loaded"] + files["lines_rejected"] + files["lines_ignored"]
    assert files["lines_read"].to_list() == accounted.to_list()
    lines, rejects = result.tables["read_line"], result.tables["read_reject"]
    for row in files.iter_rows(named=True):
        content, touched = cases[int(Path(row["name"]).stem.removeprefix("case"))]
        key = pl.col("file_id") == row["file_id"]
        assert lines.filter(key).height == row["lines_loaded"]
        assert rejects.filter(key).height == row["lines_rejected"]
        serials = set(lines.filter(key)["serial"])
        missing = [
            cells[1]
            for i, cells in enumerate(ROWS, start=1)
            if i not in touched and cells[1] not in serials
        ]
        assert not missing, (missing, content)
    for path in folder.iterdir():
        path.unlink()


@given(cases=st.lists(damaged(), min_size=12, max_size=12))
@settings(max_examples=2, suppress_health_check=list(HealthCheck))
def test_a_damaged_file_balances_and_loses_no_untouched_row(
    cases: list[tuple[bytes, set[int]]], tmp_path: Path, read: Reader
) -> None:
    check_damaged(cases, tmp_path / "damaged", read)


@pytest.mark.long
@given(cases=st.lists(damaged(), min_size=40, max_size=40))
@settings(max_examples=50, suppress_health_check=list(HealthCheck))
def test_two_thousand_damaged_files_balance(
    cases: list[tuple[bytes, set[int]]], tmp_path: Path, read: Reader
) -> None:
    check_damaged(cases, tmp_path / "damaged", read)


@st.composite
def shaken(draw: st.DrawFn) -> bytes:
    """The file with random bytes inserted, deleted or swapped anywhere, its header too."""
    content = bytearray(as_csv(ROWS).encode())
    for _ in range(draw(st.integers(1, 6))):
        at, other = (draw(st.integers(0, len(content) - 1)) for _ in range(2))
        match draw(st.sampled_from(["insert", "delete", "swap"])):
            case "insert":
                content[at:at] = draw(st.binary(min_size=1, max_size=8))
            case "delete":
                del content[at : at + draw(st.integers(1, 8))]
            case _:
                content[at], content[other] = content[other], content[at]
    return bytes(content)


def check_shaken(cases: list[bytes], folder: Path, read: Reader) -> None:
    folder.mkdir(exist_ok=True)
    for i, content in enumerate(cases):
        (folder / f"case{i}.csv").write_bytes(content)
    told: list[float] = []
    result = read(*folder.iterdir(), batch="B", progress=lambda _: told.append(monotonic()))
    files = result.inventory.files
    accounted = files["lines_loaded"] + files["lines_rejected"] + files["lines_ignored"]
    assert files["lines_read"].to_list() == accounted.to_list()
    assert files.filter(pl.col("status") == "refused")["reason"].null_count() == 0
    assert files["lines_loaded"].sum() == result.tables["read_line"].height
    assert files["lines_rejected"].sum() == result.tables["read_reject"].height
    assert all(after - before < 5 for before, after in pairwise(told)), "a file took 5 s"
    for path in folder.iterdir():
        path.unlink()


@given(cases=st.lists(shaken(), min_size=12, max_size=12))
@settings(max_examples=2, suppress_health_check=list(HealthCheck))
def test_random_bytes_never_upset_the_books(
    cases: list[bytes], tmp_path: Path, read: Reader
) -> None:
    check_shaken(cases, tmp_path / "shaken", read)


@pytest.mark.long
@given(cases=st.lists(shaken(), min_size=40, max_size=40))
@settings(max_examples=50, suppress_health_check=list(HealthCheck))
def test_two_thousand_shaken_files_balance_or_are_refused(
    cases: list[bytes], tmp_path: Path, read: Reader
) -> None:
    check_shaken(cases, tmp_path / "shaken", read)
