"""Dates as exports write them, read by file: what has one reading is read, the rest is kept."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.inventory.conftest import Reader


@pytest.fixture
def dates_of(read: Reader, write: Callable[..., Path]) -> Callable[..., list[str | None]]:
    """The dates of a file, in the order of its rows."""

    def dates(*texts: str) -> list[str | None]:
        rows = [f'ST4000NM0033,S{n:07d}X,"{text}"' for n, text in enumerate(texts)]
        path = write("dates.csv", "\n".join(["Model,Serial number,Purchase date", *rows, ""]))
        lines = read(path).tables["read_line"].sort("serial")
        assert lines.height == len(texts)
        return lines["purchase_date"].to_list()

    return dates


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("08/23/20", "2020-08-23"),
        ("10/31/14", "2014-10-31"),
        ("8/3/2020", "2020-08-03"),  # month first where nothing says otherwise
        ("08-23-2020", "2020-08-23"),
        ("2014-12-14", "2014-12-14"),
        ("2014-1-4", "2014-01-04"),
        ("44066", "2020-08-23"),
        ("44066.0", "2020-08-23"),
        ("44066.4167", "2020-08-23"),  # ten in the morning
        ("23.08.2020", "2020-08-23"),
        ("23.08.20", "2020-08-23"),
        ("2020-08-23T10:00:00Z", "2020-08-23"),
        ("2020-08-23 10:00:00", "2020-08-23"),
        ("8/23/2020 12:00:00 AM", "2020-08-23"),
        ("2020/08/23", "2020-08-23"),
        ("2020.08.23", "2020-08-23"),
        ("2020. 8. 23.", "2020-08-23"),
        ("2020년 8월 23일", "2020-08-23"),
        ("20200823", "2020-08-23"),
        ("Aug 23, 2020", "2020-08-23"),
        ("August 23, 2020", "2020-08-23"),
        ("23 Aug 2020", "2020-08-23"),
        ("23-Aug-20", "2020-08-23"),
        ("01/01/99", "1999-01-01"),
        ("01/01/07", "2007-01-01"),
        ("29.02.2020", "2020-02-29"),
        ("", None),
        ("  ", None),
    ],
)
def test_a_date_is_read(
    dates_of: Callable[..., list[str | None]], text: str, day: str | None
) -> None:
    assert dates_of(text) == [day]


@pytest.mark.parametrize(
    "text",
    [
        "02/30/2020",
        "2020-02-30",
        "29.02.2021",
        "2020-13-45 10:00",
        "20201345",
        "0000-00-00",
        "13/13/2020",
        "2020",
        "Q3 2020",
        "unknown",
        "1234-56-78 is no date",
        "440660",
        "ABCD-EF-GH was the order",
    ],
)
def test_what_is_no_date_is_kept_as_received(
    dates_of: Callable[..., list[str | None]], text: str
) -> None:
    assert dates_of(text) == [text]


def test_one_day_above_twelve_makes_a_file_day_first(
    dates_of: Callable[..., list[str | None]],
) -> None:
    assert dates_of("03/04/2020", "23/08/2020", "05-06-20") == [
        "2020-04-03",
        "2020-08-23",
        "2020-06-05",
    ]


def test_a_month_above_twelve_does_not(dates_of: Callable[..., list[str | None]]) -> None:
    assert dates_of("03/04/2020", "08/23/2020") == ["2020-03-04", "2020-08-23"]


def test_a_date_with_one_reading_is_read_whatever_the_file_does(
    dates_of: Callable[..., list[str | None]],
) -> None:
    assert dates_of("23/08/2020", "08/23/20", "10/31/14") == [
        "2020-08-23",
        "2020-08-23",
        "2014-10-31",
    ]


def test_each_file_decides_for_itself(read: Reader, write: Callable[..., Path]) -> None:
    header = "Model,Serial number,Purchase date\n"
    first = write("a.csv", f"{header}ST4000NM0033,AAA111,03/04/2020\nX,AAA112,23/04/2020\n")
    second = write("b.csv", f"{header}ST4000NM0033,BBB111,03/04/2020\nX,BBB112,04/23/2020\n")
    lines = read(first, second).tables["read_line"].sort("serial")
    assert lines["purchase_date"].to_list() == [
        "2020-04-03",
        "2020-04-23",
        "2020-03-04",
        "2020-04-23",
    ]
