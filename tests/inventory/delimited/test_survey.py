"""The count of records by bits equals a walk over the bytes, one after another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuation.inventory.delimited.survey import Survey, survey

CELLS = st.sampled_from(
    ["", "a", "12", "Größe", '"x"', '"a,b"', '"3.5"" LFF"', '""', "=1", "b" * 70]
)
ROWS = st.lists(st.lists(CELLS, min_size=3, max_size=3).map(",".join), max_size=40)
FAULTS = st.sampled_from(
    ['"', '"\n"', "\n", "\r", "\0", ",", '="1"', 'a"b', "\udce4", '"a"b', "\r\n"]
)


def walked(data: bytes, width: int) -> Survey:
    """The same survey by a loop over single bytes, without blank lines at the end."""
    out, is_quoted, before = Survey(), False, "\n"
    text = data.decode("utf-8", "surrogateescape")
    end = len(text.rstrip("\r\n"))
    body = text[:end]
    for place, sign in enumerate(body):
        after = body[place + 1] if place + 1 < end else "\n"
        if sign == '"' and not is_quoted:
            is_quoted = True
            out.is_plain &= before in '\n,"'
        elif sign == '"':
            is_quoted = False
            out.is_plain &= after in '\n\r,"'
        elif sign == "," and not is_quoted:
            out.separators += 1
        elif sign == "\n":
            out.records += 1
            out.is_plain &= not is_quoted
        if before == "\n" and sign in "\n\r":
            out.is_plain = False
        before = sign
    out.records += end > 0
    out.is_plain &= not is_quoted and "\0" not in body and '"=""' not in body
    out.is_plain &= not any(0xDC80 <= ord(sign) < 0xDD00 for sign in body)
    returns, pairs, feeds = text.count("\r"), text.count("\r\n"), text.count("\n")
    out.is_plain &= returns == pairs and returns in (0, feeds)
    out.is_plain &= out.separators == out.records * (width - 1)
    out.blank_lines = max(text[end:].count("\n") - 1, 0)
    return out


@pytest.fixture
def surveyed(tmp_path):
    """The survey of some bytes, in blocks of a few lines."""
    path = tmp_path / "export.csv"

    def run(data: bytes, block_bytes: int = 64) -> Survey:
        path.write_bytes(data)
        return survey(path, 0, ",", 3, block_bytes)

    return run


@pytest.fixture
def check(surveyed):
    """A text is told the same by bits and by the walk, whatever the blocks it is read in."""

    def run(text: str) -> None:
        data = text.encode("utf-8", "surrogateescape")
        expected = walked(data, 3)
        for block_bytes in (16, 64, 1 << 19):
            found = surveyed(data, block_bytes)
            assert found.is_plain == expected.is_plain
            if expected.is_plain:
                assert found == expected

    return run


def test_plain_rows_are_counted_as_by_a_walk(check):
    @given(ROWS, st.sampled_from(["\n", "\r\n"]), st.integers(0, 2))
    def law(rows, line_end, blank_lines):
        check(line_end.join(rows) + line_end * (1 + blank_lines))

    law()


def test_a_fault_anywhere_is_seen_where_a_walk_sees_it(check):
    @given(ROWS, FAULTS, st.integers(0, 4000))
    def law(rows, fault, place):
        text = "\n".join(rows) + "\n"
        place = min(place, len(text) - 1)
        check(text[:place] + fault + text[place:])

    law()


@pytest.mark.parametrize("length", [62, 63, 64, 65, 127, 128, 129])
def test_quotes_at_the_edges_of_words_open_and_close(check, length):
    check("a" * length + ',"b,c",d\n' + "a" * (length - 3) + ',"b""c",d\n')
    check("a" * length + ',"b,c"d,e\n')
    check("a" * length + ',b"c",d\n')
