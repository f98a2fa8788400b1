"""Sheets: what is written comes back, and no cell is one that a spreadsheet would change."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuation.errors import InputError
from valuation.sheet import MARKED, guarded, read_sheet, sheet_text, unguarded

CHANGED = (
    "00123", "1234567890123456789", "1E10", "5e-3", "1.50", "1,000", "12:30", "3-5", "3/4",
    "1/2/03", "2026-01-31", "MAR-10", "10 Mar", "Sept 1", "Dez 2025", "TRUE", "falsch", "10 PM",
    "=1+1", "+49 1", "-x", "@A1", "\t1", "'x", "$5", "50%", "(12)",
)  # fmt: skip
KEPT = (
    "ST4000NM0033",
    "4000",
    "0",
    "PowerEdge R740",
    "4 TB",
    "1.92TB",
    "Marvell",
    "May",
    "12 Decals",
    "Ü",
)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\r\n"))


@pytest.mark.parametrize("text", CHANGED)
def test_a_text_a_spreadsheet_changes_is_guarded(text):
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", KEPT)
def test_a_text_it_leaves_alone_is_not(text):
    assert guarded(text) == text


@given(st.text())
def test_a_guard_taken_away_gives_the_text_and_leaves_no_formula(text):
    assert unguarded(guarded(text)) == text
    assert not re.match(r"[=+@\t\r-]", guarded(text))


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_what_is_written_comes_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("sheet") / "a.csv"
    given = [{"one": a, "two": b} for a, b in rows]
    path.write_text(sheet_text(("one", "two"), given), encoding=MARKED, newline="")
    found = [
        {name: unguarded(cell) for name, cell in cells.items()}
        for _, cells in read_sheet(path, ("one", "two")).rows
    ]
    assert found == [row for row in given if any(guarded(cell).strip() for cell in row.values())]


@pytest.mark.parametrize("text", ["1-", "1", "1 ", "-", "mar 1", "1e", "0", "12:30 "])
def test_a_long_text_is_judged_at_once(text):
    begun = time.perf_counter()
    guarded(text * 100_000 + "x")
    assert time.perf_counter() - begun < 1


def test_rows_are_numbered_as_a_spreadsheet_does(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('sep=;\n\nOne; Two \n"a\nb";1\n\n;\n;2\n', encoding="utf-8")
    sheet = read_sheet(path, ("one", "two"))
    assert sheet.columns == ("one", "two")
    assert sheet.rows == ((4, {"one": "a\nb", "two": "1"}), (7, {"one": "", "two": "2"}))


def test_a_short_row_has_empty_cells_and_columns_without_a_name_are_left_out(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("one,,two\nx\ny,z,w\n", encoding="utf-8")
    rows = read_sheet(path, ("one", "two")).rows
    assert [cells for _, cells in rows] == [{"one": "x", "two": ""}, {"one": "y", "two": "w"}]


def test_a_cell_longer_than_is_read_is_named(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(f"one\n{'x' * 200_000}\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 2"):
        read_sheet(path, ("one",))
