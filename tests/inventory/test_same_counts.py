"""The same lines come to the same counts, whatever the format they are written in."""

import csv
import datetime
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.inventory.conftest import Reader

HEADER = ["Manufacturer", "Model", "Serial", "Quantity", "Purchase date", "Notes"]

words = st.text("abcXYZ019-/ .ü", min_size=1, max_size=12).filter(lambda t: t.strip(" ."))
line = st.tuples(
    st.sampled_from(["Dell", "HPE"]),
    words | st.integers(1, 10**9),
    st.none() | words | st.integers(10**5, 10**14),
    st.integers(0, 40),
    st.none() | st.dates(datetime.date(2001, 1, 1), datetime.date(2026, 1, 1)),
    st.none() | words,
)


def as_csv(header: list[str], rows: list[Any]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode()


def as_workbook(path: Path, header: list[str], rows: list[Any]) -> None:
    book = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet()
    for i, row in enumerate([header, *rows]):
        for j, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(i, j, cell)
            elif cell is not None:
                sheet.write(i, j, cell)
    book.close()


def as_parquet(path: Path, header: list[str], rows: list[Any]) -> None:
    columns = {}
    for i, name in enumerate(header):
        values = [row[i] for row in rows]
        kinds = {type(value) for value in values if value is not None}
        same = values if len(kinds) == 1 else [None if v is None else str(v) for v in values]
        columns[name] = (
            pl.Series(same)
            if any(v is not None for v in same)
            else pl.Series(same, dtype=pl.String)
        )
    pl.DataFrame(columns).write_parquet(path)


def as_json(path: Path, header: list[str], rows: list[Any]) -> None:
    records = [dict(zip(header, row, strict=True)) for row in rows]
    path.write_text(json.dumps(records, default=str), encoding="utf-8")
    lines = "".join(json.dumps(record, default=str) + "\n" for record in records)
    path.with_suffix(".jsonl").write_text(lines, encoding="utf-8")


def write_all(folder: Path, header: list[str], rows: list[Any]) -> list[Path]:
    """The same lines in every format."""
    (folder / "x.csv").write_bytes(as_csv(header, rows))
    as_workbook(folder / "x.xlsx", header, rows)
    as_parquet(folder / "x.parquet", header, rows)
    as_json(folder / "x.json", header, rows)
    return [folder / f"x.{ending}" for ending in ("csv", "xlsx", "parquet", "json", "jsonl")]


def check(header: list[str], rows: list[Any], folder: Path, read: Reader) -> None:
    first, *others = write_all(folder, header, rows)
    expected = read(first, batch="B").counts()
    for name in others:
        assert_frame_equal(read(name, batch="B").counts(), expected)


@given(rows=st.lists(line, min_size=1, max_size=12))
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_made_up_lines_count_the_same_in_every_format(
    rows: list[Any], tmp_path: Path, read: Reader
) -> None:
    check(HEADER, rows, tmp_path, read)


@pytest.mark.long
@given(rows=st.lists(line, min_size=1, max_size=12))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_many_made_up_lines_count_the_same_in_every_format(
    rows: list[Any], tmp_path: Path, read: Reader
) -> None:
    check(HEADER, rows, tmp_path, read)
