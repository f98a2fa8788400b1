"""A text of which plain lines are copied comes to what it does record by record."""

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from valuation.engine import Engine
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.delimited import runs
from valuation.inventory.delimited.careful import careful
from valuation.inventory.delimited.dialect import find_dialect
from valuation.inventory.delimited.encoding import TextLines, detect_encoding
from valuation.inventory.delimited.rewrite import STRETCH_LINES
from valuation.inventory.label import TotalLabels
from valuation.inventory.reading import Reading
from valuation.inventory.source import open_source
from valuation.tables import Tables

HEADER = "Asset Tag,Serial Number,Model,Quantity"
CELLS = st.sampled_from(
    [
        "A1",
        "SN 2",
        "Größe",
        "",
        '""',
        '"a,b"',
        '"3.5"" LFF"',
        "Model",
        " x ",
        "드라이브",
        "\u3000",
        "12",
    ]
)
ROW = st.lists(CELLS, min_size=4, max_size=4).map(",".join)
PLAIN = 'A1,"SN 1",Model 7,"1"'
OTHER_HEADERS = ("Serial Number,Asset Tag,Quantity,Model", "Model,Quantity", "Name,City,Street,Zip")
FAULTS = [
    'A9,"SN,Model,1', 'A9,SN",Model,1', 'A9,"two\nlines",Model,1', 'A9,"two\n,,,\nlines",M,1',
    "", "   ", ",,,", ",,, ", "A9,SN,Model", "A9", "A9,SN,Model,1,", "A9,SN,Model,1,x",
    'A9,="00123",M,1', 'A9,"=""00123""",M,1', "A\0,SN,M,1", "A\udcff,SN,M,1", "A,\rSN,M,1",
    "A,SN,M,1\r", "\ufeffA,SN,M,1", HEADER, HEADER.upper(),
    '"Asset Tag","Serial Number",Model,Quantity', *OTHER_HEADERS, "A9;SN;Model;1",
    'A9,SN,"3.5" drive",1', "Total,,,9", "A9,SN,M,\u3000", "A9,SN,M,\xa0",
]  # fmt: skip
FAULT = st.sampled_from(FAULTS)
LINE = st.one_of(ROW, ROW, ROW, FAULT)
END = st.sampled_from(["\n", "\n", "\n", "\r\n"])


class Both:
    """A text read in both ways, and what came of it."""

    def __init__(self, engine: Engine, tables: Tables) -> None:
        self.engine = engine
        self.table = HeaderTable.from_tables(tables)
        self.labels = TotalLabels.from_tables(tables)

    def check(self, content: bytes, *block_bytes: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "lot.csv"
            path.write_bytes(content)
            expected = self.told(path, None)
            for length in block_bytes:
                found = self.told(path, length)
                assert found[0] == expected[0]
                for one, other in zip(found[1], expected[1], strict=True):
                    assert_frame_equal(one, other)

    def told(
        self, path: Path, block_bytes: int | None
    ) -> tuple[dict[str, Any], list[pl.DataFrame]]:
        reading = self.reading(path, block_bytes)
        account = {
            name: getattr(reading, name)
            for name in (
                "format", "encoding", "header_line", "columns", "lines_read", "blank_lines",
                "reasons", "ignored", "warnings", "layout",
            )
        }  # fmt: skip
        rows = reading.numbered_relation or reading.relation
        queries = [
            f"from {rows} order by source_line",
            f"from '{reading.rejects}' order by source_line",
        ]
        if reading.passed_over:
            queries.append(f"from '{reading.passed_over}' order by source_line")
        frames = [self.engine.frame(query) for query in queries]
        cells = sorted(set(frames[0].columns) - {"source_line"}, key=lambda name: int(name[1:]))
        unnumbered = self.engine.frame(f"select {', '.join(cells)} from {reading.relation}")
        frames[0] = frames[0].select("source_line", *cells)
        return account, [*frames, unnumbered.sort(cells)]

    def reading(self, path: Path, block_bytes: int | None) -> Reading:
        source = open_source(path.name, path, path.parent)
        lines = TextLines(path, detect_encoding(path, source.head))
        dialect = find_dialect(lines, self.table)
        return careful(source, lines, dialect, self.table, self.labels, path.parent, block_bytes)


@pytest.fixture(scope="module")
def both(tables: Tables) -> Iterator[Both]:
    with Engine(threads=1) as engine:
        yield Both(engine, tables)


@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(st.tuples(LINE, END), max_size=30),
    is_ended=st.booleans(),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_any_faults_among_plain_lines_come_to_the_same(
    both: Both, rows: list[tuple[str, str]], is_ended: bool, mark: str
) -> None:
    text = mark + HEADER + "\n" + "".join(line + end for line, end in rows)
    text = text if is_ended else text.rstrip("\r\n")
    both.check(text.encode("utf-8", "surrogateescape"), 16, 1 << 16)


@pytest.mark.parametrize("seed", range(4))
def test_all_faults_in_one_text_come_to_the_same(both: Both, seed: int) -> None:
    chance = random.Random(seed)
    faults = [fault for fault in FAULTS if fault not in OTHER_HEADERS or chance.random() < 0.2]
    lines = [PLAIN] * 300 + faults * 2
    chance.shuffle(lines)
    text = HEADER + "\n" + "".join(f"{line}\n" for line in lines)
    both.check(text.encode("utf-8", "surrogateescape"), 100, 1 << 16)


@pytest.mark.parametrize("blank", [[1], [255], [256], [257, 258], [255, 256, 511, 512, 513]])
def test_copied_lines_keep_their_place_in_runs_of_any_length(both: Both, blank: list[int]) -> None:
    lines = ["" if i in blank else f"A{i},SN {i},Model 7,1" for i in range(STRETCH_LINES * 3)]
    both.check("".join(f"{line}\n" for line in [HEADER, *lines]).encode(), 1 << 10, 1 << 16)


def test_no_copied_line_is_compared_with_every_run(both: Both, tmp_path: Path) -> None:
    """Their product is what a large export with a blank line below each batch would pay."""
    path = tmp_path / "lot.csv"
    lines = [HEADER, *[PLAIN, ""] * 9]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    query = f"explain from {both.reading(path, 1 << 16).numbered_relation}"
    ((_, plan),) = both.engine.run(query)
    assert "Hash Join" in plan
    assert "Nested Loop" not in plan
    assert "AsOf" not in plan


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_plain_lines_are_copied_and_no_others(both: Both, tmp_path: Path, end: str) -> None:
    lines = [PLAIN] * 5 + [HEADER] + [PLAIN] * 4 + ['A9,"SN', 'two",M,1', PLAIN, "", PLAIN]
    path = tmp_path / "lot.csv"
    path.write_bytes("".join(line + end for line in [HEADER, *lines]).encode())
    both.reading(path, 64)
    (copied,) = tmp_path.glob("*.clean.csv")
    assert copied.read_text(encoding="utf-8") == f"{PLAIN}\n" * 11


def test_nothing_is_copied_behind_the_header_of_another_table(both: Both, tmp_path: Path) -> None:
    other = "Serial Number,Asset Tag,Quantity,Model"
    path = tmp_path / "lot.csv"
    lines = [HEADER, PLAIN, PLAIN, other, PLAIN, PLAIN]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    both.reading(path, 1 << 16)
    (copied,) = tmp_path.glob("*.clean.csv")
    assert copied.read_text(encoding="utf-8") == f"{PLAIN}\n" * 2


def test_a_text_without_line_feeds_is_taken_record_by_record(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "MAX_BYTES_WITHOUT_END", 64)
    both.check(f"{HEADER}\n{PLAIN}\n{PLAIN}\r{PLAIN}\r{PLAIN * 9}\r{PLAIN}\r".encode(), 16)


@pytest.mark.parametrize("content", ["a,b\n", "größe,ß\n"])
def test_other_encodings_are_taken_record_by_record(both: Both, content: str) -> None:
    for encoding in ("utf-16", "cp1252"):
        both.check(f"{HEADER}\n{PLAIN}\nGröße,{content}{PLAIN}\n".encode(encoding), 16)
