"""What becomes of lines: items, batches, serials, dates, warnings."""

import io
import random
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.inventory.conftest import Reader
from valuation.errors import UsageError
from valuation.inventory import StandardInput

Writer = Callable[..., Path]


def test_a_rows_own_tag_serial_and_host_are_taken_out_of_its_texts(
    write: Writer, read: Reader
) -> None:
    path = write(
        "assets.csv",
        "Display name,Asset tag,Serial number,Model,Configuration Item\n"
        "P100 - HPE DL380,P100,CZ1000,DL380 (CZ1000),esx-01\n"
        "P101 - HPE DL380,P101,CZ1001,DL380 (CZ1001),esx-02\n"
        "HPE DL380: esx-03,P102,CZ1002,DL380,esx-03\n",
    )
    items = read(path).inventory.items
    assert items["model_raw"].to_list() == ["DL380"]
    assert items["description_raw"].to_list() == ["HPE DL380"]
    assert items["lines"].to_list() == [3]


@pytest.mark.parametrize(
    ("tag", "model"),
    [
        ("740", "R740"),  # part of a word
        ("R740", "R740"),  # the whole text
        ("R7", "R7 40"),  # too short to be a name
    ],
)
def test_a_tag_that_is_part_of_the_model_stays(
    tag: str, model: str, write: Writer, read: Reader
) -> None:
    items = read(write("a.csv", f"Asset tag,Model\n{tag},{model}\n")).inventory.items
    assert items["model_raw"].to_list() == [model]


def test_outer_blanks_of_every_kind_are_trimmed(write: Writer, read: Reader) -> None:
    path = write("a.csv", "Model,Type\n\u00a0R740 ,\tServer\n R740,Server\u3000\n")
    assert read(path).inventory.items.height == 1


def test_an_item_id_depends_on_its_six_texts_only(write: Writer, read: Reader) -> None:
    first = read(write("a.csv", "Model,Qty\nR740,1\n")).inventory.items
    second = read(write("b.csv", "Quantity;Serial;Model\n7;S9;R740\n")).inventory.items
    other = read(write("c.csv", "Part Number,Qty\nR740,1\n")).inventory.items
    assert first["item_id"].to_list() == second["item_id"].to_list()
    assert first["item_id"].to_list() != other["item_id"].to_list()
    assert first["item_id"][0] >= 0


def test_a_blank_model_number_gives_way_to_the_model_name(write: Writer, read: Reader) -> None:
    path = write("a.csv", "Model,Model Number,Qty\nExos X16,ST16000NM001G,1\nPowerEdge R740,,1\n")
    texts = read(path).inventory.items.select("model_raw", "description_raw").rows()
    assert sorted(texts) == [("PowerEdge R740", ""), ("ST16000NM001G", "Exos X16")]


def test_a_bare_capacity_takes_the_unit_of_its_header(write: Writer, read: Reader) -> None:
    path = write("a.csv", "Model,Capacity (GB)\nX,4000\nY,4 TB\n")
    assert sorted(read(path).inventory.items["capacity_raw"]) == ["4 TB", "4000 GB"]


@pytest.mark.parametrize(
    ("options", "header", "expected"),
    [
        ({}, "Model,Qty,Pallet\n", ["stock"]),
        ({"batch": "B-1"}, "Model,Qty,Lot\n", ["B-1"]),
        ({}, "Model,Qty,Lot\n", ["one", "stock/unassigned"]),
        ({"batch_by": "pallet"}, "Model,Qty,Pallet\n", ["one", "stock/unassigned"]),
    ],
)
def test_a_batch_is_the_option_the_column_or_the_stem(
    options: dict[str, str], header: str, expected: list[str], write: Writer, read: Reader
) -> None:
    path = write("stock.csv", header + "a,1,one\nb,2, \nc,3,one\n")
    assert read(path, **options).tables["read_batch"]["batch_id"].to_list() == expected


def test_equal_stems_take_their_folders_and_equal_paths_their_endings(
    write: Writer, read: Reader
) -> None:
    paths = [
        write("east/stock.csv", "Model,Qty\na,1\n"),
        write("west/stock.csv", "Model,Qty\nb,1\n"),
        write("west/other.csv", "Model,Qty\nc,1\n"),
        write("west/other.tsv", "Model\tQty\nd\t1\n"),
    ]
    batches = set(read(*paths).tables["read_batch"]["batch_id"])
    assert batches == {"east/stock", "west/stock", "other.csv", "other.tsv"}


def test_a_batch_cell_of_blanks_of_any_kind_names_no_batch(write: Writer, read: Reader) -> None:
    text = "Batch,Model,Serial\nB1,R740,S1\nB1\u00a0,R740,S2\n\u00a0,R740,S3\n\t ,R740,S4\n"
    batches = read(write("x.csv", text)).tables["read_batch"]
    assert dict(batches.select("batch_id", "lines").iter_rows()) == {"B1": 2, "x/unassigned": 2}


def test_a_missing_batch_column_refuses_the_file(write: Writer, read: Reader) -> None:
    row = read(write("a.csv", "Model,Pallet\nx,1\n"), batch_by="Palet").account("a.csv")
    assert row["status"] == "refused"
    assert "`Pallet`" in row["reason"]


def test_the_same_content_is_read_once_and_said_so(write: Writer, read: Reader) -> None:
    paths = [write("a.csv", "Model,Qty\nx,1\n"), write("b.csv", "Model,Qty\nx,1\n")]
    result = read(*reversed(paths))
    assert result.inventory.files["name"].to_list() == [str(paths[0])]
    assert any("same content" in warning for warning in result.inventory.warnings)
    assert result.tables["read_count"]["lines"].to_list() == [1]


def test_a_file_given_twice_is_read_once_and_said_so(write: Writer, read: Reader) -> None:
    path = write("x.csv", "Model,Serial\nR740,S1\n")
    result = read(path, path)
    assert result.inventory.files["lines_loaded"].to_list() == [1]
    assert any("given twice" in warning for warning in result.inventory.warnings)


def test_standard_input_needs_a_batch_and_is_read_like_a_file(read: Reader) -> None:
    content = b"Model,Qty\nR740,3\n"
    with pytest.raises(UsageError, match="--batch"):
        read(StandardInput(io.BytesIO(content)))
    result = read(StandardInput(io.BytesIO(content)), batch="B")
    assert result.tables["read_count"]["quantity"].to_list() == [3]


SERIALS = "Serial,Manufacturer,Model,Qty,Lot\n"


def counted(read: Reader, path: Path) -> list[tuple[str, float]]:
    """Models and quantities that count, with kept lines and counts agreeing."""
    result = read(path)
    lines = result.tables["read_line"].filter("counted")
    assert lines["quantity"].sum() == result.tables["read_count"]["quantity"].sum()
    assert lines.height == result.tables["read_count"]["lines_counted"].sum()
    joined = lines.join(result.inventory.items, on="item_id")
    return sorted(joined.select("model_raw", "quantity").rows())


def test_one_serial_of_one_maker_in_a_batch_is_one_unit_of_the_largest_quantity(
    write: Writer, read: Reader
) -> None:
    rows = "AB12,Dell,X,1,l\nab12 ,DELL Inc.,Y,4,l\nAB12,HPE,Z,1,l\nAB12,Dell,X,1,other\n"
    assert counted(read, write("a.csv", SERIALS + rows)) == [("X", 1), ("Y", 4), ("Z", 1)]


def test_of_equal_quantities_the_smallest_item_counts(write: Writer, read: Reader) -> None:
    result = read(write("a.csv", SERIALS + "AB12,Dell,X,1,l\nAB12,Dell,Y,1,l\n"))
    lines = result.tables["read_line"].sort("item_id")
    assert lines["counted"].to_list() == [True, False]
    assert lines["not_counted_reason"].to_list() == [None, "repeated_serial"]


@pytest.mark.parametrize(
    "serial", ["", "N/A", "n/a", "none", "Unknown", "TBD", "0000000", "-", "xxxx", "1", "1.2E+11"]
)
def test_a_serial_that_names_nothing_never_merges_lines(
    serial: str, write: Writer, read: Reader
) -> None:
    rows = "".join(f"{serial},Dell,X,1,l\n" for _ in range(3))
    assert len(counted(read, write("a.csv", SERIALS + rows))) == 3


def test_a_serial_shared_by_many_lines_of_different_items_never_merges_them(
    write: Writer, read: Reader
) -> None:
    rows = [f"CHASSIS9,Dell,part {i % 4},1,l\n" for i in range(21)]
    assert len(counted(read, write("a.csv", SERIALS + "".join(rows)))) == 21
    assert len(counted(read, write("b.csv", SERIALS + "".join(rows[:20])))) == 1
    same = "CHASSIS9,Dell,part,1,l\n" * 30
    assert len(counted(read, write("c.csv", SERIALS + same))) == 1


def test_a_zero_quantity_is_kept_with_its_reason_and_takes_no_serial(
    write: Writer, read: Reader
) -> None:
    result = read(write("a.csv", SERIALS + "AB12,Dell,X,0,l\nAB12,Dell,X,2,l\n"))
    lines = result.tables["read_line"].sort("quantity")
    assert lines["counted"].to_list() == [False, True]
    assert lines["not_counted_reason"].to_list() == ["quantity_zero_or_less", None]


def test_serials_in_two_batches_count_in_each_and_are_reported(write: Writer, read: Reader) -> None:
    result = read(write("a.csv", SERIALS + "AB12,Dell,X,1,one\nAB12,Dell,X,1,two\n"))
    assert result.tables["read_count"]["lines_counted"].to_list() == [1, 1]
    assert any(warning.startswith("1 serial ") for warning in result.inventory.warnings)


def test_identifiers_stay_text_and_damaged_ones_are_flagged_without_being_shown(
    write: Writer, read: Reader
) -> None:
    path = write(
        "a.csv",
        "Serial,Asset tag,Part Number,Qty\n00123,0007,1.2E+11,1\n1.2E+11,0008,P,1\n",
    )
    result = read(path)
    assert result.tables["read_line"]["serial"].sort().to_list() == ["00123", "1.2E+11"]
    assert result.tables["read_line"]["asset_tag"].sort().to_list() == ["0007", "0008"]
    text = " ".join(result.inventory.warnings)
    assert "serial" in text
    assert "part numbers" in text
    assert "00123" not in text


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["2014-12-14", "2020-01-02 00:00:00"], ["2014-12-14", "2020-01-02"]),
        (["08/23/20", "10/31/2014", "1/2/2020"], ["2020-08-23", "2014-10-31", "2020-01-02"]),
        (["23/08/2020", "1/2/2020"], ["2020-08-23", "2020-02-01"]),
        (["44066", "44066.0"], ["2020-08-23", "2020-08-23"]),
        (["31.12.2019", "soon", ""], ["2019-12-31", "soon", None]),
    ],
)
def test_dates_become_iso_text_when_they_can_be_read(
    dates: list[str], expected: list[str | None], write: Writer, read: Reader
) -> None:
    rows = "".join(f"T{i:03},X,{date}\n" for i, date in enumerate(dates))
    lines = read(write("a.csv", "Asset tag,Model,Purchase date\n" + rows)).tables["read_line"]
    assert lines.sort("asset_tag")["purchase_date"].to_list() == expected


def test_what_a_person_should_know_is_said(write: Writer, read: Reader) -> None:
    path = write("a.csv", "Model,Qty,Status\nX,,Missing\nY,0,retired\nZ,,In use\n")
    text = "\n".join(read(path).inventory.warnings)
    assert "2 lines without a quantity" in text
    assert "1 line with a quantity of zero or less" in text
    assert "2 lines with a status" in text


def test_a_status_never_changes_counting(write: Writer, read: Reader) -> None:
    path = write("a.csv", "Model,Qty,Status\nX,2,Missing\nX,3,Disposed\n")
    assert read(path).tables["read_count"]["quantity"].to_list() == [5]


def test_a_column_that_differs_in_every_line_of_a_large_file_is_left_out(
    tmp_path: Path, read: Reader
) -> None:
    numbers = range(100_001)
    frame = pl.DataFrame(
        {
            "Model": [f"M{i % 5}" for i in numbers],
            "Description": [f"received on pallet place {i}" for i in numbers],
        }
    )
    frame.write_csv(tmp_path / "large.csv")
    result = read(tmp_path / "large.csv", keep_lines=False)
    assert result.inventory.items.height == 5
    assert any("description differs" in warning for warning in result.inventory.warnings)
    frame.head(100_000).write_csv(tmp_path / "less.csv")
    assert read(tmp_path / "less.csv", keep_lines=False).inventory.items.height == 100_000


def test_one_stray_quote_in_many_lines_costs_no_line(tmp_path: Path, read: Reader) -> None:
    lines = [f"A{i},S{i:06},R{i % 9},drive\n" for i in range(50_000)]
    lines[31_234] = 'A31234,S031234,"R4,drive\n'
    path = tmp_path / "stray.csv"
    path.write_text("Asset tag,Serial,Model,Description\n" + "".join(lines), encoding="utf-8")
    row = read(path, keep_lines=False).account("stray.csv")
    assert (row["lines_read"], row["lines_loaded"]) == (50_000, 50_000)


def test_the_account_says_how_a_file_was_read(write: Writer, read: Reader) -> None:
    path = write("a.csv", "Report\nModèle;Qxé;Menge;Foo\nx;1;2;3\n", encoding="cp1252")
    row = read(path).account("a.csv")
    assert (row["format"], row["encoding"], row["header_line"]) == ("csv-semicolon", "cp1252", 2)
    assert row["unmapped_columns"] == '["Qxé", "Foo"]'
    assert row["column_map"] == '{"Modèle": "model", "Menge": "quantity"}'
    assert len(row["sha256"]) == 64
    assert len(row["file_id"]) == 16


@pytest.mark.long
def test_one_stray_quote_in_a_million_lines(tmp_path: Path, read: Reader) -> None:
    rng = random.Random(7)
    lines = [f'A{i},S{i:07},"R{i % 9}",drive\n' for i in range(1_000_000)]
    lines[rng.randrange(1_000_000)] = 'A1,S1,"R4,drive\n'
    path = tmp_path / "stray.csv"
    path.write_text("Asset tag,Serial,Model,Description\n" + "".join(lines), encoding="utf-8")
    row = read(path, keep_lines=False).account("stray.csv")
    assert row["lines_read"] == row["lines_loaded"] + row["lines_rejected"] == 1_000_000
    assert row["lines_rejected"] <= 2


def test_whole_numbers_stored_as_decimals_read_as_in_a_workbook(
    tmp_path: Path, read: Reader
) -> None:
    columns = {"Model": [7050.0], "Serial Number": [12345678.0], "Capacity (TB)": [1.5]}
    pl.DataFrame(columns).write_parquet(tmp_path / "typed.parquet")
    result = read(tmp_path / "typed.parquet")
    assert result.tables["read_line"]["serial"].to_list() == ["12345678"]
    item = result.inventory.items.row(0, named=True)
    assert (item["model_raw"], item["capacity_raw"]) == ("7050", "1.5 TB")
