"""What cells look like, told without a name."""

import pytest

from valuation.inventory.columns.look import Look, Looks, Pattern, _pattern
from valuation.tables import Tables

SERIALS = [f"Z1Z{letter}0{n:03}" for n, letter in enumerate("ABCDEFGHJKLM")]


@pytest.fixture(scope="module")
def looks(tables: Tables) -> Looks:
    return Looks.from_tables(tables)


def test_every_shipped_pattern_fits_its_example_and_not_its_counterexample(tables: Tables) -> None:
    wrong = [
        (row["look"], row["order"], row[column])
        for row in tables.frame("look_pattern").iter_rows(named=True)
        for column, fits in (("example", True), ("counterexample", False))
        if _pattern(row, tables).fits(row[column]) is not fits
    ]
    assert not wrong


def test_what_places_a_column_is_one_of_ours_and_never_the_quantity(tables: Tables) -> None:
    frame = tables.frame("look")
    placing = frame.filter(frame["places"])
    assert placing["canonical"].null_count() == 0
    assert "quantity" not in placing["canonical"].to_list()
    assert set(frame["look"]) == set(tables.frame("look_pattern")["look"])


@pytest.mark.parametrize(
    ("cells", "meant"),
    [
        (SERIALS, "serial"),
        (["1.2 TB", "600 GB", "4TB"], "capacity"),
        (["Seagate", "Western Digital Corp.", "HGST", "Dell Inc."], "maker"),
        (["ST4000NM0033-9ZM170", "WUH721414ALE604", "TOSHIBA MG07ACA14TE"], "model"),
        (["Dell PowerEdge R740", "ProLiant DL380 Gen10", "ThinkSystem SR650"], "model"),
        (["Hard Disk", "Servers", "SSD", "Hard Disk"], "type"),
        (["Retired", "In use", "Retired", "In stock"], "status"),
        (["2019-03-15", "2019-04-01", "2020-12-31"], "date"),
        (["08/23/20", "10/31/14", "12/01/19"], "date"),
        (["44066", "43100", "41999"], "day-number"),
        (["00:1b:21:3c:9d:f8", "00:1b:21:3c:9d:f9", "00:1b:21:3c:9d:fa"], "mac-address"),
        (["10.0.0.1", "10.0.0.2", "10.0.0.3"], "ip-address"),
        (["$2,288.00", "$19.50", "$4.00"], "amount"),
        (["1", "2", "3", "4", "5"], "counter"),
        ([f"NB13500{n}" for n in range(9)], "tag"),
        ([f"iad3-stor-00{n}" for n in range(9)], "host-name"),
        ([f"5000c500a1b2c3d{n}" for n in range(9)], "hex-address"),
    ],
)
def test_cells_are_told_by_their_look(cells: list[str], meant: str, looks: Looks) -> None:
    found = looks.see(cells).meant()
    assert found is not None
    assert found[0].look == meant


@pytest.mark.parametrize(
    "cells",
    [
        [],
        ["", " ", "N/A", "-", "unknown"],
        ["Z1Z0001", "Z1Z0002"],  # too few to say anything
        [*SERIALS[:6], *SERIALS[:6]],  # codes that repeat tell no piece from another
        ["received on pallet 4", "two dents", "see ticket"],
        ["12.0", "4.0", "1.00"],  # whole pieces as a spreadsheet writes them are no money
    ],
)
def test_cells_that_say_nothing_are_left_alone(cells: list[str], looks: Looks) -> None:
    found = looks.see(cells).meant()
    assert found is None or not found[0].places


def test_blanks_and_placeholders_do_not_hide_a_look(looks: Looks) -> None:
    found = looks.see(["", "4 TB", "N/A", "12 TB", "-", "600 GB"])
    assert found.cells == ("4 TB", "12 TB", "600 GB")
    assert found.named() == {"capacity"}


def test_a_serial_column_of_dates_contradicts_its_name_and_one_of_serials_does_not(
    looks: Looks,
) -> None:
    assert looks.conflict("serial", looks.see(["2019-03-15", "2019-04-01", "2020-12-31"])) == "date"
    assert looks.conflict("quantity", looks.see(SERIALS)) == "serial"
    assert looks.conflict("serial", looks.see(SERIALS)) == ""


def test_a_row_of_data_looks_less_like_a_header_than_a_header(looks: Looks) -> None:
    assert looks.data_share(["Model", "Capacity", "Purchase Date", "Type", "x"]) == 0
    assert looks.data_share(["ST4000", "4 TB", "2019-03-15", "10.0.0.1"]) == 0.75
    assert looks.data_share(["", " "]) == 0


def test_two_sorts_of_one_rank_leave_open_which_is_meant() -> None:
    both = [Look(n, n, 1, True, 0.9, 0.9, 1, 0, 1, False) for n in ("model", "type")]
    seen = Looks(both, [Pattern("model", "a+"), Pattern("type", "[ab]+")], ())
    assert seen.see(["aa"]).meant() is None
    found = seen.see(["ab"]).meant()
    assert found and found[0].look == "type"


def test_a_very_long_cell_is_cut_and_costs_no_time(looks: Looks) -> None:
    assert looks.see(["A1-" * 400_000] * 5).meant() is None
