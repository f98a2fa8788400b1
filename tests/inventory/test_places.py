"""Places: every record of a file has its number, those of lines, of rejects and of ignored ones."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.inventory.conftest import Numbered
from tests.inventory.documents.documents import DOCUMENTS, REPORTS
from tests.inventory.test_faulty_files import FAULTS, file_name
from tests.inventory.test_same_counts import write_all
from valuation.engine import Engine
from valuation.errors import ContractError
from valuation.inventory import places, read_inventory
from valuation.tables import Tables

Writer = Callable[..., Path]


@pytest.mark.long
def test_every_record_of_a_faulty_file_has_its_number(tmp_path: Path, numbered: Numbered) -> None:
    for name, fault in FAULTS.items():
        (tmp_path / file_name(name)).write_bytes(fault.content)
    read = numbered(tmp_path)
    assert read.files.height == len({fault.content for fault in FAULTS.values()})
    read.check()


@pytest.mark.parametrize("text", [*DOCUMENTS.values(), *(text for text, *_ in REPORTS.values())])
def test_every_record_of_a_document_has_its_number(
    text: str, tmp_path: Path, numbered: Numbered
) -> None:
    (tmp_path / "in.txt").write_text(text, encoding="utf-8")
    numbered(tmp_path).check()


ROWS = [["Dell", "PowerEdge R740", f"S{i:04d}", i % 3, None] for i in range(1, 41)]
HEADER = ["Manufacturer", "Model", "Serial", "Quantity", "Notes"]


def test_the_number_is_that_of_the_record_in_every_format(
    tmp_path: Path, numbered: Numbered
) -> None:
    rows = [*ROWS]
    rows[6] = ["Dell", "PowerEdge R740", "S0007", "many", None]
    for path in write_all(tmp_path, HEADER, rows):
        read = numbered(path, batch="B")
        read.check()
        lines = read.records.filter(state="line")
        assert lines["text"].to_list() == [f"S{i:04d}" for i in lines["source_line"]], path.name
        (rejected,) = read.records.filter(state="bad_quantity").iter_rows(named=True)
        assert rejected["source_line"] == 7
        assert "S0007" in rejected["text"]


@pytest.mark.parametrize("quote", ["", "a\nb", "="], ids=["plain", "line breaks", "guarded"])
def test_the_number_counts_records_not_lines_of_text(
    quote: str, write: Writer, numbered: Numbered
) -> None:
    """Blank lines, headers again and totals count; a cell of several lines is one record."""
    out = io.StringIO()
    csv.writer(out).writerows([HEADER, *([*row[:4], quote] for row in ROWS[:3])])
    text = out.getvalue()
    head = text.splitlines(keepends=True)[0]
    path = write("a.csv", text + "\n" + head + "Total,,,9,\n" + ",,,,\n" + "Dell,R740,S9,1,\n\n")
    read = numbered(path)
    read.check()
    states = [*["line"] * 3, "blank", "repeated_header", "total", "blank", "line", "blank"]
    assert read.records["state"].to_list() == states
    assert read.records["text"][7] == "S9"


def test_nobody_pays_for_numbers_who_does_not_ask(write: Writer, tables: Tables) -> None:
    path = write("a.csv", "Model,Serial,Qty\nR740,S1,1\n,,\nR640,S2,1\n")
    with Engine() as engine:
        read_inventory(engine, [path], tables)
        assert engine.run("select distinct source_line from read_line") == [(None,)]
        assert engine.run("select count(*) from read_ignored") == [(0,)]


def test_a_record_without_a_number_is_our_fault(
    write: Writer, numbered: Numbered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "IGNORED", ())
    with pytest.raises(ContractError, match="do not run from 1"):
        numbered(write("a.csv", "Model,Serial,Qty\nR740,S1,1\n,,\nR640,S2,1\n"))
