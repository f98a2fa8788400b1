"""Spark and DuckDB say the same of a table, however many parts it lies in."""

import json

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.benchmarks.inventories import write_inventory
from tests.benchmarks.size import Size
from tests.exports import settings, table
from valuation import run

pytestmark = pytest.mark.long

FULL = Size(rows=200_000, batches=20, items=300)
MEANT = ("item", "batch_item", "batch_value", "batch_draw")
COLUMNS = (
    "Batch", "Asset Tag", "Serial Number", "Manufacturer", "Model", "Type", "Description",
    "Quantity", "Status", "Purchase Date", "Host Name",
)  # fmt: skip
DRIVE = ("Seagate", "ST4000NM0033-9ZM170", "Hard Disk", "4TB drive")
ROWS = [
    ("A", "T1", "Z1Z00001", *DRIVE, "1", "", "13/02/2020", "h1"),
    ("A", "T2", "z1z00001 ", *DRIVE, "2", "missing", "02/03/2020", ""),  # the same serial, more
    ("A", "T3", "Z1Z00001", *DRIVE, "2", None, "2020-01-31 10:00:00", None),
    ("B", "T4", "Z1Z00001", *DRIVE, "1", "", "44066", ""),  # in another batch: counted there too
    ("B", "", "N/A", *DRIVE, "", "shredded", "soon", ""),
    (None, "T6", None, *DRIVE, "LOT OF 40", "", "", ""),
    ("\u00a0", "T7", "ß1234", "HGST", "HUH721212ALE604", "HDD", None, "1,200", "", "", ""),
    ("B", "T8", "SS1234", "HGST", "HUH721212ALE604", "HDD", "", "0", "", "", ""),
    ("B", "T9", "1.2E+11", "Dell", "PowerEdge R740", "Server", "T9 - rack", "-1", "", "", "h2"),
    ("B", "T10", "S10", "Dell", "PowerEdge R740", "Server", "rack", "many", "", "", "h2"),
    ("B", "T11", "S11", "Cisco", "NXA-FAN-30CFM-F", "Fan", "on h3 (h3)", "4", "", "", "h3"),
    ("", "", "", "", "", "", "", "5", "", "", ""),  # names nothing
    ("", "", "", "", "", "", "", "", "", "", ""),
    ("Total", "", "", "", "", "", "", "99", "", "", ""),
    COLUMNS,  # the header again
]


@pytest.fixture(scope="module")
def dirty():
    return pl.DataFrame(ROWS, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def assert_same(found, expected):
    """Accounts, items and tables are the same, in whatever order the engine gives rows."""
    assert_frame_equal(found.files, expected.files)
    assert_frame_equal(found.items, expected.items)
    for name in ("read_count", "read_form"):
        keys = expected.tables[name].columns[:2]
        frames = (side.tables[name].sort(keys) for side in (found, expected))
        assert_frame_equal(*frames, abs_tol=1e-9, rel_tol=1e-9)
    rejects = [
        side.tables["read_reject"].drop("file_id", "source_line").sort("raw_text", "reason_code")
        for side in (found, expected)
    ]
    assert_frame_equal(*rejects)


@pytest.mark.parametrize("parts", [1, 3, 8])
def test_a_dirty_table_reads_the_same_whatever_its_parts(
    by_duckdb, by_spark, in_parts, dirty, tmp_path, parts
):
    (tmp_path / "fleet").mkdir()
    dirty.write_parquet(tmp_path / "fleet" / "fleet.parquet")
    expected = by_duckdb(tmp_path / "fleet" / "fleet.parquet")
    lines = tmp_path / "lines"
    found = by_spark(in_parts(dirty, parts), lines_in=lines.as_uri())
    assert_same(found, expected)
    written = pl.read_parquet(lines / "line" / "*.parquet").drop("file_id", "source_line")
    kept = expected.lines.drop("file_id", "source_line")
    assert_frame_equal(written.sort(written.columns), kept.sort(kept.columns))
    assert found.lines.is_empty()
    rejected = pl.read_parquet(lines / "rejected_line" / "*.parquet")
    assert rejected.height == expected.files["lines_rejected"].sum()


def test_a_table_of_a_given_session_is_read_and_the_session_left_as_it_was(
    session, by_duckdb, by_spark, in_parts, dirty, tmp_path
):
    dirty.write_parquet(tmp_path / "fleet.parquet")
    session.read.parquet(str(in_parts(dirty, 2))).createOrReplaceTempView("fleet")
    before = session.conf.get("spark.sql.session.timeZone"), session.catalog.listTables()
    assert_same(by_spark("fleet"), by_duckdb(tmp_path / "fleet.parquet"))
    after = session.conf.get("spark.sql.session.timeZone"), session.catalog.listTables()
    assert after == before
    session.catalog.dropTempView("fleet")


def test_what_is_no_parquet_and_what_is_not_there_are_refused_and_the_rest_is_read(
    session, in_parts, dirty, tmp_path
):
    (tmp_path / "fleet.csv").write_text("Model,Quantity\nST4000,1\n", encoding="utf-8")
    given = [in_parts(dirty, 1), tmp_path / "fleet.csv", tmp_path / "nowhere"]
    result = run(given, settings=settings(tmp_path, engine="spark"), spark=session)
    told = {file["name"]: file for file in result.summary["files"]}
    assert told[str(given[0])]["status"] == "loaded"
    assert "DuckDB reads it" in told[str(given[1])]["reason"]
    assert "does not exist" in told[str(given[2])]["reason"]
    assert result.exit_code == 3


def test_lines_set_aside_are_all_counted_and_brought_back_up_to_a_bound(
    by_spark, in_parts, dirty, monkeypatch
):
    monkeypatch.setattr("valuation.inventory.spark.reading.MOST_REJECTS", 1)
    monkeypatch.setattr("valuation.inventory.spark.given.MAX_CELL_CHARACTERS", 15)
    found = by_spark(in_parts(dirty, 2))
    long = sum(any(len(cell or "") > 15 for cell in row) for row in ROWS)
    (reasons,) = found.files["reasons"]
    assert json.loads(reasons)["cell_too_long"] == long
    (rejected,) = found.files["lines_rejected"]
    assert found.tables["read_reject"].height == 1 < rejected
    told = f"1 of {rejected} rejected lines are kept with their text; the others were only counted."
    assert told in found.warnings


def test_at_full_size_every_figure_equals_that_of_duckdb(session, in_parts, tmp_path):
    parquet = tmp_path / "fleet.parquet"
    truth = write_inventory("fleet", FULL, tmp_path / "fleet.csv", parquet)
    expected = run([parquet], settings=settings(tmp_path))
    given = settings(tmp_path, db=tmp_path / "spark.duckdb", keep_lines=False)
    found = run([in_parts(pl.read_parquet(parquet), 4)], settings=given, spark=session)
    (account,) = found.summary["files"]
    assert account["lines_read"] == truth.read
    assert account["lines_rejected"] == truth.rejected
    assert found.summary["units"] == expected.summary["units"]
    for name in MEANT:
        frames = [table(result, name) for result in (found, expected)]
        keys = [c for c, kind in frames[0].schema.items() if kind in (pl.String, pl.Int64)]
        assert_frame_equal(*(f.sort(keys) for f in frames), rel_tol=1e-9, abs_tol=1e-9)
