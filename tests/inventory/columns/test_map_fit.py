"""Which map a table is read by, and what becomes of the columns it does not name."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuation.engine import Engine
from valuation.inventory import read_inventory
from valuation.inventory.columns.header import find_header
from valuation.inventory.columns.map_file import MapFile, MapHints
from valuation.inventory.columns.map_fit import map_fault
from valuation.inventory.columns.map_text import map_text
from valuation.inventory.columns.names import HeaderTable
from valuation.tables import Tables, load_tables

Reader = Callable[..., Any]
Writer = Callable[..., Path]
ROOT = Path(__file__).parents[3]
EXPORTS = [*sorted((ROOT / "data" / "samples").iterdir()),
           *sorted((ROOT / "tests" / "golden").glob("*/*.csv"))]  # fmt: skip
ACME = 'system = "acme"\n[columns]\nmodel = "Foo"\nserial = "Ident"\nquantity = "Bar"\n'
LOT = "Foo,Ident,Bar,Baz,Maker\nST4000NM0033,S1,2,x,Seagate\nST4000NM0033,S2,3,y,Seagate\n"


@functools.cache
def shipped() -> Tables:
    """The shipped tables, read once for laws over many examples."""
    return load_tables()


def of(columns: dict[str, tuple[str, ...]], **given: Any) -> MapFile:
    return MapFile(given.pop("name", "m.toml"), columns, **given)


def test_a_file_is_read_by_the_map_whose_columns_it_holds(write: Writer, read: Reader) -> None:
    path, acme = write("lot.csv", LOT), write("acme.toml", ACME)
    result = read(path, maps=[acme])
    row = result.account("lot.csv")
    assert row["system"] == "acme"
    assert '"Foo": "model"' in row["column_map"]
    assert '"Maker": "manufacturer"' in row["column_map"]  # not named, still placed by name
    assert result.tables["read_count"]["quantity"].sum() == 5
    assert '"how": "map"' in row["column_placement"]


def test_only_and_ignore_leave_columns_alone(tables: Tables) -> None:
    names = ["Foo", "Maker", "Type", "Serial"]
    for given_map, left in (
        (of({"model": ("Foo",)}, only=True), ["Maker", "Type", "Serial"]),
        (of({"model": ("Foo",)}, ignore=("maker",)), ["Maker"]),
        (of({"model": ("Foo",), "serial": ("Type",)}), ["Serial"]),  # what is named is whole
    ):
        found = HeaderTable.from_tables(tables).with_maps([given_map]).match(names)
        assert found.unmapped() == left


def test_a_file_that_lacks_a_column_of_its_map_is_refused_with_the_nearest_name(
    write: Writer, read: Reader
) -> None:
    path = write("lot.csv", LOT.replace("Ident", "Idents"))
    row = read(path, maps=[write("acme.toml", ACME)]).account("lot.csv")
    assert row["status"] == "refused"
    assert "has no column `Ident`" in row["reason"]
    assert "acme.toml" in row["reason"]
    assert "Did you mean `Idents`?" in row["reason"]


def test_so_is_one_whose_header_would_be_known_without_the_map(write: Writer, read: Reader) -> None:
    path = write("lot.csv", "Model,Serial,Qty\nR740,S1,1\n")
    text = '[columns]\nmodel = "Model"\nserial = "Serial"\nquantity = "Pieces"\n'
    row = read(path, maps=[write("m.toml", text)]).account("lot.csv")
    assert "has no column `Pieces`" in row["reason"]


def test_a_file_of_another_system_is_read_by_its_names_with_a_warning(
    write: Writer, read: Reader
) -> None:
    path = write("lot.csv", "Model,Serial,Qty\nR740,S1,1\n")
    result = read(path, maps=[write("acme.toml", ACME)])
    assert result.account("lot.csv")["status"] == "loaded"
    assert any(w.startswith(f"{path}: no map fits it") for w in result.inventory.warnings)


def test_of_several_maps_the_one_that_names_most_is_used(tables: Tables) -> None:
    small, large = of({"model": ("Foo",)}), of({"model": ("Bar",), "serial": ("Foo",)}, name="l")
    for maps in ([small, large], [large, small]):
        found = HeaderTable.from_tables(tables).with_maps(maps).match(["Foo", "Bar", "Qty"])
        assert found.columns == {"model": (1,), "serial": (0,), "quantity": (2,)}


def test_the_header_line_of_a_map_is_where_it_looks(tables: Tables) -> None:
    given_map = of({"model": ("Foo",), "serial": ("Bar",)}, hints=MapHints(header_line=2))
    rows = [["Foo", "Bar"], ["Foo", "Bar"], ["R740", "S1"]]
    found = find_header(rows, HeaderTable.from_tables(tables).with_maps([given_map]))
    assert found is not None
    assert found[0] == 1


def test_a_header_repeated_in_a_file_is_told_and_can_be_named_by_its_place(tables: Tables) -> None:
    names = ["Foo", "Bar", "Foo"]
    table = HeaderTable.from_tables(tables).with_maps([of({"model": ("Foo",), "serial": ("Bar",)})])
    found = table.match(names)
    assert found.columns["model"] == (0,)
    assert "Write `Foo (column 3)` for the last" in found.warnings[0]
    table = HeaderTable.from_tables(tables).with_maps([of({"model": ("Foo (column 3)",)})])
    assert table.match(names).columns["model"] == (2,)


def test_a_table_without_a_header_is_read_by_position(write: Writer, read: Reader) -> None:
    """As RackTables imports them: type, name, label, tag, ports."""
    path = write(
        "rack.csv",
        "SERVER;web01;Dell PowerEdge R740;AT-100233;eth0,eth1;1000BASE-T,1000BASE-T\n"
        "SERVER;web02;Dell PowerEdge R740;AT-100234;eth0;1000BASE-T\n"
        "SWITCH;sw-a1;Cisco Nexus 93180YC-EX;AT-100235;;\n",
    )
    text = 'has_header = false\nseparator = ";"\n[columns]\ntype = "1"\nhost = 2\nmodel = "3"\n'
    named = write("rack.toml", text + 'asset_tag = "4"\n')
    result = read(path, maps=[named])
    row = result.account("rack.csv")
    assert (row["lines_read"], row["lines_loaded"], row["header_line"]) == (3, 3, None)
    assert sorted(result.tables["read_line"]["host"]) == ["sw-a1", "web01", "web02"]
    assert read(path).account("rack.csv")["status"] == "refused"


def test_a_file_with_a_header_is_not_read_by_position(write: Writer, read: Reader) -> None:
    path = write("lot.csv", "Model,Serial,Qty\nR740,S1,1\n")
    named = write("m.toml", 'has_header = false\n[columns]\nmodel = "1"\n')
    result = read(path, maps=[named])
    assert result.account("lot.csv")["lines_loaded"] == 1
    assert any("it has a header we know" in w for w in result.inventory.warnings)


def test_separator_and_encoding_of_a_map_are_used(write: Writer, read: Reader) -> None:
    path = write("lot.txt", "モデル~数量\nST4000NM0033~2\n", encoding="shift_jis")
    text = (
        'separator = "~"\nencoding = "shift_jis"\n[columns]\nmodel = "モデル"\nquantity = "数量"\n'
    )
    result = read(path, maps=[write("m.toml", text)])
    row = result.account("lot.txt")
    assert (row["status"], row["encoding"]) == ("loaded", "shift_jis")
    assert result.tables["read_count"]["quantity"].to_list() == [2.0]


def test_the_decimal_sign_of_a_map_decides(write: Writer, read: Reader) -> None:
    path = write("lot.csv", 'Foo;Ident;Bar\nST4000NM0033;S1;"1.200"\n')
    for sign, quantity in ((",", 1200.0), (".", None)):
        named = write("m.toml", f'decimal = "{sign}"\n{ACME}')
        counts = read(path, maps=[named]).tables["read_count"]["quantity"]
        assert counts.to_list() == ([quantity] if quantity else [])


@pytest.mark.parametrize("exports", [EXPORTS[::4], pytest.param(EXPORTS, marks=pytest.mark.long)])
def test_a_sample_or_golden_export_is_read_the_same_by_its_own_map(
    exports: list[Path], tmp_path: Path, tables: Tables
) -> None:
    same = ("lines_read", "lines_loaded", "lines_rejected", "lines_ignored", "column_map")
    with Engine() as engine:
        for path in exports:
            plain = read_inventory(engine, [path], tables, keep_lines=False)
            (columns,) = plain.columns.values()
            own = tmp_path / f"{path.name}.toml"
            own.write_text(map_text(columns), encoding="utf-8")
            mapped = read_inventory(engine, [path], tables, maps=[own], keep_lines=False)
            (found,) = mapped.columns.values()
            assert found.map_name == str(own)
            assert (found.columns, found.system) == (columns.columns, columns.system), path
            assert mapped.files.select(same).equals(plain.files.select(same)), path
            assert mapped.items.equals(plain.items), path


@given(st.sets(st.sampled_from("ABCDEFGH"), max_size=8))
def test_a_map_fits_whole_or_is_refused_from_half_on(there: set[str]) -> None:
    """Six headers: all read by the map, three to five refused, fewer by name."""
    wanted = dict(zip(("model", "serial", "type", "capacity", "host", "site"),
                      [(letter,) for letter in "ABCDEF"], strict=True))  # fmt: skip
    given_map = of(wanted)
    cells = sorted(there)
    held = len(there & set("ABCDEF"))
    found = HeaderTable.from_tables(shipped()).with_maps([given_map]).match(cells)
    assert bool(found.map_name) == (held == 6)
    assert bool(map_fault([given_map], [cells])) == (3 <= held < 6)


@pytest.mark.parametrize("name", ["book.xlsx", "table.parquet"])
def test_a_map_is_for_workbooks_and_parquet_too(
    name: str, tmp_path: Path, write: Writer, read: Reader
) -> None:
    import polars as pl

    frame = pl.DataFrame({"Foo": ["ST4000NM0033"], "Ident": ["S1"], "Bar": ["2"]})
    if name.endswith("xlsx"):
        frame.write_excel(tmp_path / name)
    else:
        frame.write_parquet(tmp_path / name)
    row = read(tmp_path / name, maps=[write("acme.toml", ACME)]).account(name)
    assert (row["status"], row["system"]) == ("loaded", "acme")
