"""A line is plain when the survey finds it plain by itself, whatever stands around it."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuation.inventory.delimited.plain import PlainLines
from valuation.inventory.delimited.records import Marks
from valuation.inventory.delimited.survey import survey

NAMES = ("Model", "Serial Number", 'Size 3.5" or less', "N", "状態")
PIECES = st.sampled_from(
    ["a", ",", ",", '"', '""', '","', " ", "ö", "드", '="1"', '"=""1"""', "\r", "\0", "\udce4"]
)
LINE = st.lists(PIECES, max_size=9).map("".join)


def by_itself(line: bytes) -> bool:
    """What the survey says of a text of one line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.csv"
        path.write_bytes(line)
        found = survey(path, 0, ",", 3)
    return found.is_plain and found.records == 1


@given(st.lists(LINE, min_size=1, max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_a_line_is_plain_when_it_is_a_plain_text(lines: list[str], end: str) -> None:
    written = [(line + end).encode("utf-8", "surrogateescape") for line in lines]
    found = PlainLines(Marks(), 3, NAMES).of(b"".join(written))
    assert found.is_plain.tolist() == [by_itself(line) for line in written]


@pytest.mark.parametrize(
    ("line", "is_plain"),
    [
        ("Model,x,Serial Number", False),
        ('"Model",x,"Serial Number"\r', False),
        ('N,"Size 3.5"" or less",x', False),
        ("状態,N,", False),
        ("Model,x,y", True),
        ("Model,Serial Numbers,y", True),
        (" Model,Serial Number ,y", True),
    ],
)
def test_a_line_with_two_names_may_be_a_header(line: str, is_plain: bool) -> None:
    block = f"a,b,c\n{line}\na,b,c\n".encode()
    found = PlainLines(Marks(), 3, NAMES).of(block)
    assert found.is_plain.tolist() == [True, is_plain, True]


@pytest.mark.parametrize(
    "last",
    [
        "",
        '""',
        " ",
        '" "',
        "\t",
        "\x1f",
        "\x85",
        "\xa0",
        "\u1680",
        "\u2009",
        "\u2028",
        "\u202f",
        "\u205f",
        "\u3000",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_blank_last_cell_is_seen(last: str, end: str) -> None:
    finder = PlainLines(Marks(), 2, NAMES)
    for filled in ("x", '"x"', '"x"""', "드", '","'):
        lines = finder.of(f"a,{filled}{end}a,{last}{end}a,{filled}{end}".encode())
        may_be = finder.may_end_with_blank(lines)
        assert [line for line in may_be if finder.ends_with_blank(lines.text(line))] == [1]
