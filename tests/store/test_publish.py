"""Publishing: what enters, what gives way, what stays, and that it is the same every time."""

import threading

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from valuation.engine.duckdb import OutOfMemory
from valuation.errors import ContractError
from valuation.store import open_read_only, open_store
from valuation.store.layout import TABLES, frame
from valuation.store.publish import _slices, run_checks, transaction


def publish(path, connection, publication, **options):
    with open_store(path, connection, **options) as store:
        store.publish(publication)


def rows(path, query):
    with open_read_only(path) as reader:
        return reader.execute(query).fetchall()


def tables_of(path):
    """Every table as it lies in the file, but the runs, their names and times."""
    with open_read_only(path) as reader:
        found = {table.name: frame(reader, f"from {table.name}") for table in TABLES[1:]}
    return {name: rows.drop("run_id", "read_at", strict=False) for name, rows in found.items()}


def test_every_table_exists_from_the_first_run(tmp_path, connection, lots):
    publish(tmp_path / "a.duckdb", connection, lots(A=100))
    with open_read_only(tmp_path / "a.duckdb") as reader:
        names = {row[0] for row in reader.execute("show tables").fetchall()}
    assert {table.name for table in TABLES} <= names


def test_an_engine_table_of_the_same_name_is_not_taken_for_the_stored_one(
    tmp_path, connection, lots
):
    """The engine leaves temporary tables named as those of the file."""
    connection.execute("create temp table batch_item as select 'wrong' as batch_id, 7 as nd_kg")
    connection.execute("create temp table item as select 99 as item_id")
    publish(tmp_path / "a.duckdb", connection, lots(A=100))
    assert rows(tmp_path / "a.duckdb", "select count(*) from item") == [(2,)]
    assert rows(tmp_path / "a.duckdb", "select nd_kg from batch_summary") == [(0.4,)]
    assert connection.execute("select item_id from item").fetchall() == [(99,)]


@pytest.mark.parametrize("at_once", [2, 1000])
def test_a_relation_is_put_in_whole_and_sorted_however_many_rows_go_at_once(
    tmp_path, connection, lots, monkeypatch, at_once
):
    monkeypatch.setattr("valuation.store.publish.ROWS_AT_ONCE", at_once)
    given = lots(**{f"O'B{i}": 100 + i for i in range(7)})
    mixed = given.frames["batch_item"].sample(fraction=1, shuffle=True, seed=1)
    connection.register("mixed", mixed)
    connection.execute("create temp table many as from mixed")
    frames = {name: rows for name, rows in given.frames.items() if name != "batch_item"}
    other = type(given)(given.run, given.replaced_batches, [], frames, {"batch_item": "many"})
    publish(tmp_path / "a.duckdb", connection, other)
    publish(tmp_path / "b.duckdb", connection, given)
    held = tables_of(tmp_path / "a.duckdb")
    assert_frame_equal(held["batch_item"], tables_of(tmp_path / "b.duckdb")["batch_item"])
    assert held["batch_item"].height == mixed.height


@pytest.mark.parametrize("at_once", [2, 1000])
@pytest.mark.parametrize("name", ["batch_item", "batch_draw"])
def test_rows_that_stay_are_sorted_among_those_put_in_however_many_go_at_once(
    tmp_path, connection, lots, monkeypatch, at_once, name
):
    monkeypatch.setattr("valuation.store.publish.ROWS_AT_ONCE", at_once)
    publish(tmp_path / "a.duckdb", connection, lots(B=50, D=10))
    given = lots("run-2", A=100, C=20, E=5)
    mixed = given.frames[name].sample(fraction=1, shuffle=True, seed=1)
    connection.register("mixed", mixed)
    connection.execute("create temp table many as from mixed")
    frames = {table: rows for table, rows in given.frames.items() if table != name}
    other = type(given)(given.run, given.replaced_batches, [], frames, {name: "many"})
    publish(tmp_path / "a.duckdb", connection, other)
    publish(tmp_path / "b.duckdb", connection, lots(A=100, B=50, C=20, D=10, E=5))
    held, expected = (tables_of(tmp_path / f"{file}.duckdb")[name] for file in "ab")
    assert_frame_equal(held, expected)


def test_wide_rows_go_in_by_fewer_at_once(connection, monkeypatch):
    monkeypatch.setattr("valuation.store.publish.ROWS_AT_ONCE", 10)
    (draws,) = (table for table in TABLES if table.name == "batch_draw")
    rows = "(select chr(65 + i::int) as batch_id, range({}) as draws from range(8) as t (i))"
    slices = {of: list(_slices(connection, draws, rows.format(of))) for of in (16, 80, 800)}
    assert [len(some) for some in slices.values()] == [1, 5, 8]
    assert slices[800][0] == "where batch_id between 'A' and 'A'"


def test_a_transaction_done_again_puts_nothing_in_twice(tmp_path, connection, lots, monkeypatch):
    """Memory may be too little for the checks when the rows are in already."""
    checked = []

    def check_at_last(own):
        checked.append(own)
        if len(checked) == 1:
            raise OutOfMemory("too little")
        run_checks(own)

    def again(transaction):
        try:
            transaction()
        except OutOfMemory:
            transaction()

    monkeypatch.setattr("valuation.store.publish.run_checks", check_at_last)
    with open_store(tmp_path / "a.duckdb", connection) as store:
        store.publish(lots(A=100), attempt=again)
    assert len(checked) == 2
    assert rows(tmp_path / "a.duckdb", "select count(*) from run") == [(1,)]
    monkeypatch.undo()
    publish(tmp_path / "b.duckdb", connection, lots(A=100))
    for name, table in tables_of(tmp_path / "a.duckdb").items():
        assert_frame_equal(table, tables_of(tmp_path / "b.duckdb")[name])


def test_a_relation_of_the_engine_fills_a_table(tmp_path, connection, lots):
    given = lots(A=100)
    connection.register("lines", given.frames["line"])
    connection.execute("create temp table line as from lines")
    frames = {name: rows for name, rows in given.frames.items() if name != "line"}
    other = type(given)(given.run, ["A"], [], frames, {"line": "line"})
    publish(tmp_path / "a.duckdb", connection, other)
    query = "select count(*), any_value(serial) from line where item_id = 11"
    assert rows(tmp_path / "a.duckdb", query) == [(2, "0012")]


def test_batches_read_anew_give_way_and_others_stay(tmp_path, connection, lots):
    path = tmp_path / "a.duckdb"
    publish(path, connection, lots(A=100, B=50))
    publish(path, connection, lots("run-2", A=10))
    kept = rows(path, "select batch_id, run_id, gross_mass_kg from batch")
    assert kept == [("A", "run-2", 6.5), ("B", "run-1", 32.5)]
    for table in ("batch_item", "batch_flow", "batch_value", "batch_draw", "line", "batch_file"):
        counts = rows(path, f"select batch_id, count(*) from {table} group by all order by all")
        assert counts[0][1] == counts[1][1], table
    assert rows(path, "select run_id from run") == [("run-1",), ("run-2",)]


def test_the_same_input_and_world_give_the_same_tables(tmp_path, connection, lots):
    """In one run or two, in one order or the other, into a new file or over an old one."""
    publish(tmp_path / "a.duckdb", connection, lots(A=100, B=50))
    once = tables_of(tmp_path / "a.duckdb")
    publish(tmp_path / "a.duckdb", connection, lots("run-2", B=50, A=100))
    publish(tmp_path / "b.duckdb", connection, lots("run-0", B=50))
    publish(tmp_path / "b.duckdb", connection, lots("run-2", A=100, B=50))
    for path in (tmp_path / "a.duckdb", tmp_path / "b.duckdb"):
        again = tables_of(path)
        for name, table in once.items():
            by = table.columns if name == "line" else []
            left, right = (t.sort(by) if by else t for t in (table, again[name]))
            assert left.equals(right), name


def test_a_batch_valued_again_keeps_its_lines_and_follows_its_items(tmp_path, connection, lots):
    path = tmp_path / "a.duckdb"
    publish(path, connection, lots(A=100, B=50))
    again = lots("run-2", revalued=["B"], B=60)
    item = again.frames["item"].with_columns(
        counted=pl.col("kind") != "hdd",
        not_counted_reason=pl.when(pl.col("kind") == "hdd").then(pl.lit("empty_bay")),
    )
    publish(path, connection, type(again)(again.run, [], ["B"], {**again.frames, "item": item}))
    found = rows(path, "select batch_id, item_id, counted, not_counted_reason from line")
    assert sorted(r for r in found if r[0] == "B") == [
        ("B", 11, False, "empty_bay"),
        ("B", 11, False, "repeated_serial"),
        ("B", 22, True, None),
    ]
    masses = rows(path, "select batch_id, gross_mass_kg, run_id from batch")
    assert masses == [("A", 65.0, "run-1"), ("B", 39.0, "run-2")]
    days = rows(path, "select distinct day(read_at) from batch")
    assert days == [(23,)], "it was read when it was read"
    assert rows(path, "select batch_id, file_id from batch_file") == [("A", "f-A"), ("B", "f-B")]


def test_a_batch_taken_out_takes_its_items_and_files_along(tmp_path, connection, lots):
    path = tmp_path / "a.duckdb"
    publish(path, connection, lots(A=100, B=50))
    alone = lots("run-2", A=100)
    of_drives = pl.col("item_id") == 11
    frames = {
        name: rows.filter(of_drives) if "item_id" in rows.columns else rows
        for name, rows in alone.frames.items()
    }
    lines = pl.lit(2, pl.Int64).alias("lines")
    for name in ("batch", "batch_file"):
        frames[name] = frames[name].with_columns(lines)
    publish(path, connection, type(alone)(alone.run, ["A", "B"], [], frames))
    assert rows(path, "select item_id, lines from item") == [(11, 2)]
    assert rows(path, "select file_id from input_file") == [("f-A",)]
    assert rows(path, "select distinct file_id from rejected_line") == [("f-A",)]


def test_a_refused_file_stays_listed_until_the_next_run(tmp_path, connection, lots):
    path = tmp_path / "a.duckdb"
    first = lots(A=100)
    refused = pl.DataFrame(
        [{"file_id": "f-x", "run_id": "run-1", "name": "x.pdf", "status": "refused"}]
    ).with_columns(reason=pl.lit("x.pdf is not a table."))
    files = pl.concat([first.frames["input_file"], refused], how="diagonal")
    frames = {**first.frames, "input_file": files}
    publish(path, connection, type(first)(first.run, ["A"], [], frames))
    assert ("f-x", "refused") in rows(path, "select file_id, status from input_file")
    publish(path, connection, lots("run-2", B=1))
    assert rows(path, "select file_id from input_file") == [("f-A",), ("f-B",)]


def test_replace_starts_afresh(tmp_path, connection, lots):
    publish(tmp_path / "a.duckdb", connection, lots(A=100))
    publish(tmp_path / "a.duckdb", connection, lots("run-2", B=50), replace=True)
    assert rows(tmp_path / "a.duckdb", "select batch_id from batch") == [("B",)]
    assert rows(tmp_path / "a.duckdb", "select run_id from run") == [("run-2",)]


def test_the_store_tells_what_the_file_holds(tmp_path, connection, lots):
    path = tmp_path / "a.duckdb"
    with open_store(path, connection) as store:
        assert store.world() is None
        assert store.batches().is_empty()
        assert store.kept_items().is_empty()
        store.publish(lots(A=100, B=50))
    with open_store(path, connection) as store:
        world = store.world()
        assert world["options"] == {"settlement": "own"}
        assert (world["seed"], world["routes"], world["world_id"]) == (1, ["short"], "w")
        batches = store.batches()
        assert batches["batch_id"].to_list() == ["A", "B"]
        assert batches["files"].to_list() == [["A.csv"], ["B.csv"]]
        assert batches["lines"].to_list() == [3, 3]
        store.kept_counts("kept", except_batches=["A"])
        kept = connection.execute("from kept").fetchall()
        assert kept == [("B", 11, 2, 1, 50.0, 1), ("B", 22, 1, 1, 1.0, 1)]
        items = store.kept_items(except_batches=["A"])
        assert items["lines"].to_list() == [2, 1]
        assert store.kept_items(except_batches=["A", "B"]).is_empty()


def test_a_column_or_table_the_schema_does_not_know_is_our_bug(tmp_path, connection, lots):
    good = lots(A=100)
    wrong = good.frames["batch"].with_columns(weight=pl.lit(1.0))
    for name, named in (("batch", "weight"), ("lot", "lot")):
        frames = {**good.frames, name: wrong}
        with pytest.raises(ContractError, match=named):
            publish(tmp_path / "a.duckdb", connection, type(good)(good.run, ["A"], [], frames))
    assert list(tmp_path.iterdir()) == []


def test_times_are_kept_in_utc(tmp_path, connection, lots):
    publish(tmp_path / "a.duckdb", connection, lots(A=100))
    query = "select strftime(started_at, '%H:%M') from run"
    assert rows(tmp_path / "a.duckdb", query) == [("12:00",)]


def test_an_interrupt_inside_a_query_is_an_interrupt(connection):
    timer = threading.Timer(0.2, connection.interrupt)
    timer.start()
    with pytest.raises(KeyboardInterrupt), transaction(connection):
        connection.execute(
            "select sum(a.range * b.range) from range(1e7::int) a, range(1e6::int) b"
        )
    timer.join()
    assert connection.execute("select 1").fetchall() == [(1,)]
