"""Parquet: typed cells as the text a CSV would hold, and files that cannot be trusted."""

import datetime
import decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.inventory.conftest import Read, Reader


def table_of(path: Path, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def only(result: Read) -> dict[str, Any]:
    (row,) = result.inventory.files.iter_rows(named=True)
    return row


UTC = datetime.UTC
CELLS = {
    "whole": (pa.array([1234], pa.int64()), "1234"),
    "unsigned": (pa.array([2**64 - 1], pa.uint64()), "18446744073709551615"),
    "whole as float": (pa.array([1234.0]), "1234"),
    "whole as half": (pa.array([12.0], pa.float32()), "12"),
    "large float": (pa.array([1e15]), "1000000000000000"),
    "larger float": (pa.array([123456789012345680.0]), "123456789012345680"),
    "fraction": (pa.array([12.5]), "12.5"),
    "not a number": (pa.array([float("nan")]), ""),
    "decimal": (pa.array([decimal.Decimal("12.00")]), "12"),
    "decimal fraction": (pa.array([decimal.Decimal("12.50")]), "12.50"),
    "truth": (pa.array([True]), "true"),
    "day": (pa.array([datetime.date(2020, 3, 4)]), "2020-03-04"),
    "moment": (pa.array([1583298367], pa.timestamp("s")), "2020-03-04 05:06:07"),
    "midnight": (pa.array([1583280000 * 10**9], pa.timestamp("ns")), "2020-03-04"),
    "in a zone": (
        pa.array([datetime.datetime(2020, 3, 4, 23, tzinfo=UTC)], pa.timestamp("us", "Asia/Seoul")),
        "2020-03-05 08:00:00",
    ),
    "dictionary": (pa.array(["R740"]).dictionary_encode(), "R740"),
    "bytes of a text": (pa.array(["Köln".encode()]), "Köln"),
    "other bytes": (pa.array([b"\xff\x01"]), "\\xFF\\x01"),
    "list": (pa.array([["R740", "R640"]]), "R740, R640"),
    "large text": (pa.array(["R740"], pa.large_string()), "R740"),
    "nothing": (pa.array([None], pa.null()), ""),
    "long number": (pa.array([10**22 + 1], pa.decimal128(30, 0)), "10000000000000000000001"),
}  # fmt: skip


@pytest.mark.parametrize("kind", CELLS)
def test_a_typed_cell_is_the_text_a_csv_would_hold(kind: str, tmp_path: Path, read: Reader) -> None:
    values, expected = CELLS[kind]
    path = table_of(tmp_path / "x.parquet", Description=values, Model=["M1"], Qty=[2.0])
    result = read(path)
    assert only(result)["lines_loaded"] == 1, only(result)["reason"]
    assert result.inventory.items["description_raw"].to_list() == [expected]
    assert result.tables["read_count"]["quantity"].to_list() == [2]


def test_columns_are_told_by_place_whatever_their_names(tmp_path: Path, read: Reader) -> None:
    names = ["Model", "Notes", "Notes", 'say "x"', "a\nb", "a.b", "MODEL", "Serial"]
    arrays = [pa.array([f"v{i}-1", f"v{i}-2"]) for i in range(len(names))]
    path = tmp_path / "batch=A" / "part [1] *.parquet"
    path.parent.mkdir()
    pq.write_table(pa.Table.from_arrays(arrays, names=names), path)
    table_of(path.with_name("part [1] 2.parquet"), Model=["other"], Serial=["S9"])
    result = read(path)
    assert result.tables["read_line"]["serial"].sort().to_list() == ["v7-1", "v7-2"]
    assert result.inventory.items["model_raw"].sort().to_list() == ["v0-1", "v0-2"]


def test_the_fields_of_a_structure_are_columns(tmp_path: Path, read: Reader) -> None:
    device = pa.array([{"model": "R740", "serial": "S1x", "more": {"a": 1}}])
    path = table_of(tmp_path / "x.parquet", device=device, Qty=[3])
    result = read(path)
    assert only(result)["lines_loaded"] == 1, only(result)["reason"]
    assert result.tables["read_line"]["serial"].to_list() == ["S1x"]


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "brotli", "zstd", "lz4"])
def test_every_compression_is_read(codec: str, tmp_path: Path, read: Reader) -> None:
    table = pa.table({"Model": ["R740"] * 500, "Serial": [f"S-{i}x" for i in range(500)]})
    pq.write_table(table, tmp_path / "x.parquet", compression=codec, row_group_size=7)
    assert only(read(tmp_path / "x.parquet"))["lines_loaded"] == 500


def test_a_file_without_lines_is_empty_and_one_without_columns_refused(
    tmp_path: Path, read: Reader
) -> None:
    none = pa.array([], pa.string())
    assert only(read(table_of(tmp_path / "a.parquet", Model=none, Serial=none)))["lines_read"] == 0
    pq.write_table(pa.table({}), tmp_path / "b.parquet")
    assert "has no columns" in only(read(tmp_path / "b.parquet"))["reason"]


def test_a_line_with_a_cell_that_is_too_long_is_set_aside(tmp_path: Path, read: Reader) -> None:
    texts = ["a", "x" * 2_000_000, "b", "ü" * 1_000_000, "y" * ((1 << 20) + 1)]
    path = table_of(tmp_path / "x.parquet", Model=["R740"] * 5, Notes=texts, Qty=[1] * 5)
    result = read(path)
    row = only(result)
    assert (row["lines_read"], row["lines_loaded"], row["lines_rejected"]) == (5, 3, 2)
    rejects = result.tables["read_reject"].sort("source_line")
    assert rejects["source_line"].to_list() == [2, 5]
    assert rejects["reason_code"].unique().to_list() == ["cell_too_long"]
    assert rejects["cells"].list.len().to_list() == [3, 3]


def test_a_long_text_that_many_lines_share_is_held_once(tmp_path: Path, read: Reader) -> None:
    text = "x" * 5_000_000
    notes = pa.DictionaryArray.from_arrays(pa.array([0] * 2_000, pa.int32()), [text])
    serials = [f"S-{i}x" for i in range(2_000)]
    path = table_of(tmp_path / "x.parquet", Model=["R740"] * 2_000, Serial=serials, Notes=notes)
    row = only(read(path))
    assert (row["lines_read"], row["lines_rejected"]) == (2_000, 2_000), row["reason"]


REFUSED = {
    "cut": (lambda whole: whole[:-30], "damaged Parquet"),
    "without a footer": (lambda whole: whole[:8] + bytes(50) + b"PAR1", "damaged Parquet"),
    "encrypted": (lambda whole: b"PARE" + whole[4:-4] + b"PARE", "encrypted"),
    "arrow": (lambda whole: b"ARROW1\x00\x00" + whole, "Arrow or Feather"),
    "orc": (lambda whole: b"ORC" + bytes(40) + whole, "ORC"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_is_no_whole_parquet_file_is_refused(fault: str, tmp_path: Path, read: Reader) -> None:
    path = table_of(tmp_path / "x.parquet", Model=["R740"], Serial=["S1x"])
    change, expected = REFUSED[fault]
    path.write_bytes(change(path.read_bytes()))
    assert expected in only(read(path))["reason"]


def test_a_csv_under_the_name_of_a_parquet_file_is_a_csv(tmp_path: Path, read: Reader) -> None:
    (tmp_path / "x.parquet").write_text("Model,Serial\nR740,S1x\n", encoding="utf-8")
    assert only(read(tmp_path / "x.parquet"))["format"] == "csv"


def test_line_numbers_are_no_description(tmp_path: Path, read: Reader) -> None:
    columns = {"Item": [1, 2, 3, 4], "Model": ["R740"] * 4, "Serial": ["A1x", "A2x", "A3x", "A4x"]}
    result = read(table_of(tmp_path / "x.parquet", **columns))
    assert result.inventory.items.height == 1


def test_columns_without_a_name_or_of_one_name_are_read_by_their_place(
    tmp_path: Path, read: Reader
) -> None:
    columns = [["a", "b"], ["x", "y"], ["S1", "S2"], [1.0, 2.0], ["p", "q"]]
    names = ["", "Model", "Serial", "Qty", "Model"]
    pq.write_table(pa.table([pa.array(c) for c in columns], names), tmp_path / "e.parquet")
    result = read(tmp_path / "e.parquet")
    assert sorted(result.inventory.items["model_raw"]) == ["x", "y"]
    assert sorted(result.inventory.items["description_raw"]) == ["p", "q"]
    assert result.tables["read_count"]["quantity"].sum() == 3
