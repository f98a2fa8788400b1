"""Names first, looks second: which column is which, and how sure."""

import functools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuation.inventory.columns.column_map import ColumnMap, with_batch_column
from valuation.inventory.columns.examples import masked
from valuation.inventory.columns.header import find_header
from valuation.inventory.columns.names import HeaderTable
from valuation.inventory.columns.place import place_columns
from valuation.tables import Tables, load_tables

COLUMNS = {
    "Serial Number": [f"Z1Z{c}0{n:03}" for n, c in enumerate("ABCDEFGHJKLM")],
    "Manufacturer": ["Seagate", "HGST", "Western Digital", "Toshiba"] * 3,
    "Model": ["ST4000NM0033", "HUH721212ALE604", "WUH721414ALE604", "MG07ACA14TE"] * 3,
    "Type": ["Hard Disk", "HDD"] * 6,
    "Capacity": ["4 TB", "12 TB", "14 TB", "14 TB"] * 3,
    "Status": ["Retired", "In stock"] * 6,
    "Qty": ["1", "2", "1", "25x"] * 3,
    "Description": ["pulled from rack 4"] * 12,
}
CANONICAL = {
    "Serial Number": "serial", "Manufacturer": "manufacturer", "Model": "model", "Type": "type",
    "Capacity": "capacity", "Status": "status", "Qty": "quantity", "Description": "description",
}  # fmt: skip
PLACED_BY_LOOK = ("Serial Number", "Manufacturer", "Model", "Type", "Capacity", "Status")


@functools.cache
def shipped() -> Tables:
    """The shipped tables, read once for laws over many examples."""
    return load_tables()


@pytest.fixture(scope="module")
def table(tables: Tables) -> HeaderTable:
    return HeaderTable.from_tables(tables)


def grid(columns: dict[str, list[str]]) -> list[list[str]]:
    return [list(row) for row in zip(*columns.values(), strict=True)]


def place(columns: dict[str, list[str]], table: HeaderTable) -> ColumnMap:
    return place_columns(table.match(list(columns)), grid(columns), table)


def renamed(columns: dict[str, list[str]], old: str, new: str) -> dict[str, list[str]]:
    return {new if name == old else name: cells for name, cells in columns.items()}


@pytest.mark.parametrize("name", PLACED_BY_LOOK)
def test_a_column_renamed_to_what_nobody_knows_is_found_by_its_look(
    name: str, table: HeaderTable
) -> None:
    found = place(renamed(COLUMNS, name, "Xyzzy"), table)
    assert found.column_of() == {
        ("Xyzzy" if header == name else header): canonical
        for header, canonical in CANONICAL.items()
    }
    placed = found.placements()[list(COLUMNS).index(name)]
    assert placed.how == "look"
    assert placed.confidence <= 0.8
    assert any("`Xyzzy`" in warning for warning in found.warnings)


def test_a_quantity_is_never_found_by_its_look_only_named_as_a_candidate(
    table: HeaderTable,
) -> None:
    found = place(renamed(COLUMNS, "Qty", "Xyzzy"), table)
    assert "quantity" not in found.columns
    assert found.placements()[6].runner_up == "quantity"


@given(st.randoms(use_true_random=False))
def test_the_order_of_columns_changes_nothing(chance: random.Random) -> None:
    table = HeaderTable.from_tables(shipped())
    columns = renamed(renamed(COLUMNS, "Capacity", "Xyzzy"), "Status", "Plugh")
    names = list(columns)
    chance.shuffle(names)
    shuffled = place({name: columns[name] for name in names}, table)
    straight = place(columns, table)
    assert shuffled.column_of() == straight.column_of()
    assert set(shuffled.warnings) == set(straight.warnings)
    told = [{c["header"]: c for c in found.described()} for found in (shuffled, straight)]
    assert told[0] == told[1]


@given(st.dictionaries(st.sampled_from(list(COLUMNS)), st.sampled_from(list(COLUMNS)), min_size=1))
def test_a_look_never_overrides_a_name(swap: dict[str, str]) -> None:
    """Whatever stands in the cells, every named column keeps its meaning."""
    table = HeaderTable.from_tables(shipped())
    columns = {name: COLUMNS[swap.get(name, name)] for name in COLUMNS}
    assert place(columns, table).column_of() == CANONICAL


@pytest.mark.parametrize(
    ("name", "cells", "told"),
    [
        ("Serial Number", ["2019-03-15", "2020-01-02"] * 6, "dates"),
        ("Model", [str(n) for n in range(1, 13)], "row numbers"),
        ("Qty", COLUMNS["Serial Number"], "serials"),
        ("Qty", ["$19.50", "$4.25"] * 6, "amounts"),
        ("Capacity", ["08/23/20", "10/31/14"] * 6, "dates"),
    ],
)
def test_cells_that_contradict_a_name_cost_it_confidence_and_are_told(
    name: str, cells: list[str], told: str, table: HeaderTable
) -> None:
    others = {k: v for k, v in COLUMNS.items() if k == name or k in ("Manufacturer", "Description")}
    found = place(others | {name: cells}, table)
    position = list(others).index(name)
    assert found.placements()[position].confidence < 0.5
    assert found.column_of()[name] == CANONICAL[name]
    assert any(f"`{name}`" in w and w.endswith(f"look like {told}") for w in found.warnings)


def test_of_two_serial_columns_the_one_that_looks_so_speaks_first(table: HeaderTable) -> None:
    dates = ["2019-03-15"] * 12
    columns = {"Serial": dates, "S/N": COLUMNS["Serial Number"], "Model": COLUMNS["Model"]}
    assert place(columns, table).columns["serial"] == (1, 0)
    columns = {"Serial": dates, "Xyzzy": COLUMNS["Serial Number"], "Model": COLUMNS["Model"]}
    assert place(columns, table).columns["serial"] == (1, 0)


def test_rank_speaks_before_look_where_nothing_contradicts(table: HeaderTable) -> None:
    columns = {"Model": COLUMNS["Model"], "Model Number": ["special build"] * 12}
    assert place(columns, table).columns["model"] == (1, 0)


def test_of_two_columns_that_look_alike_neither_is_used(table: HeaderTable) -> None:
    columns = {"Model": COLUMNS["Model"], "Qty": COLUMNS["Qty"]}
    unknown = {"Xyzzy": COLUMNS["Capacity"], "Plugh": COLUMNS["Capacity"]}
    found = place(columns | unknown, table)
    assert "capacity" not in found.columns
    assert [p.runner_up for p in found.placements()[2:]] == ["capacity", "capacity"]


def test_a_name_that_is_known_and_not_used_stays_unused(table: HeaderTable) -> None:
    columns = {"Model": COLUMNS["Model"], "Supplier": COLUMNS["Manufacturer"]}
    assert place(columns, table).column_of() == {"Model": "model"}


def test_without_rows_the_names_stand_as_they_are(table: HeaderTable) -> None:
    by_name = table.match(list(COLUMNS))
    assert place_columns(by_name, (), table).columns == by_name.columns


def test_a_header_of_one_known_name_is_found_where_cells_name_the_item(table: HeaderTable) -> None:
    columns = {"Xyzzy": COLUMNS["Model"], "Plugh": COLUMNS["Manufacturer"], "Qty": COLUMNS["Qty"]}
    found = find_header([list(columns), *grid(columns)], table)
    assert found is not None
    assert found[0] == 0
    assert found[1].columns == {"model": (0,), "manufacturer": (1,), "quantity": (2,)}


def test_a_line_is_never_taken_for_a_header_because_one_of_its_words_is_a_name(
    table: HeaderTable,
) -> None:
    rows = [["server", "Dell PowerEdge R740", "x"], ["server", "Dell PowerEdge R640", "x"]] * 5
    assert find_header(rows, table) is None
    rows[0] = ["host", "Dell PowerEdge R740", "x"]
    assert find_header(rows, table) is None


def test_a_column_given_as_the_batch_is_sure(table: HeaderTable) -> None:
    columns = place(COLUMNS | {"Pallet": ["P1"] * 12}, table)
    placed = with_batch_column(columns, "pallet").placements()[-1]
    assert (placed.canonical, placed.how, placed.confidence) == ("batch", "option", 1.0)


def test_a_system_of_its_own_and_a_trimmed_name_say_how_they_were_found(
    table: HeaderTable,
) -> None:
    names = ["AssetName", "AssetTypename", "Serialnumber", "Lastseen", "Drive Model Name"]
    found = table.match(names)
    assert found.system == "lansweeper"
    hows = [placed.how for placed in found.placements()]
    assert hows == [*["name of lansweeper"] * 4, "name after filler"]


def test_examples_mask_what_tells_one_piece_from_another(table: HeaderTable) -> None:
    columns = {
        "Host": [f"web{n:02}" for n in range(9)],
        "Serial": COLUMNS["Serial Number"][:9],
        "Asset Tag": [f"P10004{n:02}" for n in range(9)],
        "Description": [f"P10004{n:02} - HPE DL380 in web{n:02}" for n in range(9)],
        "Name": [f"dbserver{n:02}" for n in range(9)],
        "Nobody Knows": [f"jane.doe{n}@example.org" for n in range(9)],
    }
    shown = " ".join(text for texts in place(columns, table).examples for text in texts)
    for name in ("Host", "Serial", "Asset Tag", "Name", "Nobody Knows"):
        assert not any(cell in shown for cell in columns[name])
    assert "P10*** - HPE DL380 in we***" in shown
    assert masked("Z1Z0A8B4") == "Z1Z***"
