"""Cells of delimited text: what a CSV writer wrote, and what a careless one did."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuation.inventory.delimited.encoding import TextLines, detect_encoding
from valuation.inventory.delimited.records import Marks, Records
from valuation.inventory.delimited.survey import survey

CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=8)
TABLE = st.integers(3, 6).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=8)
)


def written(rows: list[list[str]], delimiter: str = ",", end: str = "\r\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue()


def cells(text: str, delimiter: str = ",", width: int | None = None) -> list[list[str]]:
    lines = io.StringIO(text, newline="")
    return [record.cells for record in Records(lines, Marks(delimiter), width)]


@given(TABLE, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\n", "\r\n"]))
def test_what_a_writer_wrote_is_read_back(rows: list[list[str]], delimiter: str, end: str) -> None:
    assert cells(written(rows, delimiter, end), delimiter, len(rows[0])) == rows


@given(st.text(max_size=200))
def test_any_text_is_split_without_losing_a_line(text: str) -> None:
    lines = io.StringIO(text, newline="").readlines()
    records = list(Records(lines, Marks(), 3))
    assert sum(record.lines for record in records) == len(lines)
    joined = "".join(record.text for record in records)
    assert joined.replace("\r", "").replace("\n", "") == text.replace("\r", "").replace("\n", "")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('a,3.5" drive,b', ["a", '3.5" drive', "b"]),
        ('a,"3.5" drive",b', ["a", '3.5" drive', "b"]),
        ('a,"open,b', ["a", '"open', "b"]),
        ('a, "x, y" ,b', ["a", "x, y", "b"]),
        ('a,"x"y,b', ["a", '"x"y', "b"]),
        ('"a","b""c","d"', ["a", 'b"c', "d"]),
        ('a,"",b', ["a", "", "b"]),
        ('a,b,"', ["a", "b", '"']),
    ],
)
def test_a_quote_that_does_not_add_up_costs_no_cell(line: str, expected: list[str]) -> None:
    assert cells(line + "\n" + "1,2,3\n", width=3) == [expected, ["1", "2", "3"]]


def test_a_cell_may_run_over_lines_but_not_over_hundreds() -> None:
    assert cells('a,"x\n\ny",b\n', width=3) == [["a", "x\n\ny", "b"]]
    long = 'a,"x\n' + "y\n" * 300 + 'z",b\n'
    assert len(cells(long, width=3)) == 302


@given(TABLE, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_the_survey_counts_what_the_writer_wrote_or_asks_for_care(
    rows: list[list[str]], end: str, is_ended: bool
) -> None:
    text = written(rows, end=end)
    content = "header\n" + (text if is_ended else text.removesuffix(end))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "survey.csv"
        path.write_bytes(content.encode())
        counted = survey(path, len("header\n"), ",", len(rows[0]))
    if end == "\n" and not any("\n" in cell for row in rows for cell in row):
        assert counted.is_plain
    if counted.is_plain:
        assert counted.records == len(rows)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"a,b\n", "utf-8"),
        ("Köln\n".encode(), "utf-8"),
        ("\ufeffKöln\n".encode(), "utf-8-sig"),
        ("Köln – “x”\n".encode("cp1252"), "cp1252"),
        ("Köln\n".encode() * 999 + b"\xf6\n", "cp1252"),  # one in a thousand is too many
        ("Köln\n".encode() * 1000 + b"\xf6\n", "utf-8"),
        ("\ufeffa;b\n".encode("utf-16-le"), "utf-16"),
        ("\ufeffa;b\n".encode("utf-16-be"), "utf-16"),
        ("\ufeffa;b\n".encode("utf-32-le"), "utf-32"),
        ("Model;Qty\n".encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_an_encoding_is_told_by_mark_then_by_all_bytes(
    content: bytes, encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "text.csv"
    path.write_bytes(content)
    assert detect_encoding(path, content) == encoding
    lines = TextLines(path, encoding)
    damaged = [line for line in lines if lines.is_damaged(line)]
    assert len(damaged) == (len(content) > 6001 and encoding == "utf-8")
