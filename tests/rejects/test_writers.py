"""Writers: cells of every kind come back as they were from every format."""

import functools
import json
from dataclasses import asdict
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from valuation.engine import Engine
from valuation.inventory import read_inventory
from valuation.inventory.mended import KEY_MACROS
from valuation.inventory.reading import Layout
from valuation.inventory.reject_columns import REJECT_COLUMNS
from valuation.rejects import Rejects, _make
from valuation.tables import load_tables

CELL = st.text(
    st.one_of(
        st.sampled_from("=+-@'\"\t,;| \r\nab1._x"),
        st.characters(exclude_categories=["Cs", "Cn", "Co"], exclude_characters="\0"),
    ),
    max_size=8,
)
TABLE = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=6)
)
FORMATS = [
    (Layout("text"), "utf-8"),
    (Layout("text", delimiter=";", line_end="\r\n"), "utf-8-sig"),
    (Layout("text", delimiter="\t"), "utf-16"),
    (Layout("text", delimiter="|", line_end="\r\n"), "cp1252"),
    (Layout("workbook", sheet="Sheet 1"), ""),
    (Layout("parquet"), ""),
    (Layout("report"), ""),
]


def write_cells(
    folder: Path, layout: Layout, encoding: str, names: list[str], rows: list[list[str]]
) -> Path:
    """A file of lines set aside that hold these cells."""
    with duckdb.connect() as connection:
        connection.execute(KEY_MACROS.read_text(encoding="utf-8"))
        columns = "reason_code varchar, reason varchar, raw_text varchar, suggestion varchar"
        connection.execute(
            f"create table rejected_line (file_id varchar, source_line bigint, {columns}, "
            "cells varchar[])"
        )
        told = [("f", i, "bad_quantity", "No.", "", "Do.", row) for i, row in enumerate(rows, 1)]
        connection.executemany("insert into rejected_line values (?, ?, ?, ?, ?, ?, ?)", told)
        reasons = {"bad_quantity": len(rows)}
        kept = asdict(layout) | {"names": names}
        rejects = Rejects("f", "e.csv", "0" * 16, encoding, kept, reasons, has_raw_text=False)
        made = _make(connection, rejects, folder / "e")
    return (folder / "e").rename(folder / f"e.rejects{made.ending}")


load_once = functools.cache(load_tables)


def read_back(path: Path, width: int) -> list[list[str]]:
    """The cells of a file of lines set aside as the program reads them."""
    with Engine() as engine:
        read_inventory(engine, [path], load_once())
        rejected = engine.frame("from read_reject order by source_line")
        assert set(rejected["reason_code"]) == {"not_mended"}
        return [list(cells)[:width] for cells in rejected["cells"]]


def check_awkward(rows: list[list[str]], folders: pytest.TempPathFactory) -> None:
    names = ["Model", "Serial", "", "Note"][: len(rows[0])]
    for layout, encoding in FORMATS:
        path = write_cells(folders.mktemp("x"), layout, encoding, names, rows)
        assert read_back(path, len(names)) == rows, (layout, encoding)


@given(rows=TABLE)
@hypothesis_settings(max_examples=2, suppress_health_check=list(HealthCheck))
def test_awkward_cells_come_back_as_they_were_in_every_format(
    rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    check_awkward(rows, tmp_path_factory)


@pytest.mark.long
@given(rows=TABLE)
@hypothesis_settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_many_awkward_cells_come_back_as_they_were_in_every_format(
    rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    check_awkward(rows, tmp_path_factory)


def test_json_is_one_object_a_line_with_the_names_of_its_columns(tmp_path: Path) -> None:
    rows = [["a", "two\nlines"], ["'=b", "=1"]]
    path = write_cells(tmp_path, Layout("json"), "", ["Model", ""], rows)
    assert path.suffix == ".jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [[line["Model"], line[""]] for line in lines] == [["a", "two\nlines"], ["''=b", "=1"]]
    assert list(lines[0])[2:] == list(REJECT_COLUMNS)


@pytest.mark.parametrize("form", ["json", "parquet"])
def test_what_a_format_cannot_hold_becomes_csv(form: str, tmp_path: Path) -> None:
    path = write_cells(tmp_path, Layout(form), "", ["Model", "Model"], [["a", "b"]])
    assert path.name == "e.rejects.csv"


def test_a_cell_too_long_for_a_workbook_is_not_cut(tmp_path: Path) -> None:
    path = write_cells(tmp_path, Layout("workbook"), "", ["Model"], [["x" * 32_768]])
    assert path.name == "e.rejects.csv"
    assert read_back(path, 1) == [["x" * 32_768]]
