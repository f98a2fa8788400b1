"""The engine keeps what it was given, and nothing on disk after it is closed."""

import threading
import time
from pathlib import Path
from threading import Event, Thread

import duckdb
import polars as pl
import pytest

from valuation.engine import Engine, EngineError, is_damage
from valuation.engine.duckdb import OutOfMemory


def test_a_registered_frame_is_a_copy_that_outlives_the_frame(tmp_path: Path) -> None:
    with Engine(temp_directory=tmp_path) as engine:
        frame = pl.DataFrame({"item_id": [1, 2], "text": ["a", None]})
        engine.register("thing", frame)
        del frame
        assert engine.frame("select * from thing order by item_id").to_dict(as_series=False) == {
            "item_id": [1, 2],
            "text": ["a", None],
        }


def test_registering_again_replaces_and_dropping_twice_is_no_error(tmp_path: Path) -> None:
    with Engine(temp_directory=tmp_path) as engine:
        engine.register("thing", pl.DataFrame({"a": [1]}))
        engine.register("thing", pl.DataFrame({"b": ["x"]}))
        assert engine.run("select b from thing") == [("x",)]
        engine.drop("thing", "thing")
        with pytest.raises(duckdb.CatalogException):
            engine.run("from thing")


def test_a_step_runs_every_statement_with_the_parameters_it_names(tmp_path: Path) -> None:
    step = tmp_path / "step.sql"
    step.write_text(
        "create temp table {table} as select $first as a;\ninsert into {table} values ($second);",
        encoding="utf-8",
    )
    with Engine() as engine:
        engine.step(step, {"first": 1, "second": 2, "unused": 3}, table="pair")
        assert engine.run("select a from pair order by a") == [(1,), (2,)]


def test_a_step_without_its_parameter_fails(tmp_path: Path) -> None:
    step = tmp_path / "step.sql"
    step.write_text("select $first", encoding="utf-8")
    with Engine() as engine, pytest.raises(KeyError, match="first"):
        engine.step(step)


def test_closing_removes_what_was_written_beside(tmp_path: Path) -> None:
    with Engine(temp_directory=tmp_path) as engine:
        (engine.temp_directory / "rewritten.parquet").write_bytes(b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_broken_line_is_damage_and_a_broken_query_is_not(tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_text("1,2\n3\n", encoding="utf-8")
    columns = "columns={'a': 'VARCHAR', 'b': 'VARCHAR'}"
    with Engine() as engine:
        with pytest.raises(EngineError) as broken_line:
            engine.run(f"from read_csv('{path}', auto_detect=false, delim=',', {columns})")
        with pytest.raises(EngineError) as broken_query:
            engine.run("select no_such_column")
    assert is_damage(broken_line.value)
    assert not is_damage(broken_query.value)


def test_how_far_a_statement_is_can_be_asked_while_it_runs() -> None:
    with Engine() as engine:
        assert engine.share_done() is None
        engine.run("create temp table n as from range(3_000_000)")
        seen: list[float] = []

        def look() -> None:
            end = time.monotonic() + 60
            while not seen and time.monotonic() < end:
                share = engine.share_done()
                seen.extend([share] if share else [])
            engine.connection.interrupt()

        looker = threading.Thread(target=look)
        looker.start()
        with pytest.raises((duckdb.Error, RuntimeError), match="nterrupt"):  # it would take hours
            engine.run("select sum(hash(a.range * b.range)) from n as a, n as b")
        looker.join()
        assert 0 < seen[0] < 1
        assert engine.share_done() is None


def test_a_small_file_is_stored_without_trying_out_what_packs_it_best(tmp_path: Path) -> None:
    ways = {}
    for packs in (True, False):
        with Engine(packs=packs) as engine:
            engine.run(f"attach '{tmp_path / str(packs)}.duckdb' as file")
            engine.run("create table file.thing as select range / 7 as a from range(10000)")
            engine.run("checkpoint file")
            stored = "select distinct compression from pragma_storage_info('file.thing')"
            ways[packs] = {row[0] for row in engine.run(stored)}
    assert ways[True] & {"ALP", "ALPRD"}
    assert not ways[False] & {"ALP", "ALPRD"}


def test_a_statement_is_ended_from_another_thread_and_the_next_one_runs() -> None:
    with Engine(threads=1) as engine:
        is_ended = Event()

        def interrupt() -> None:
            while not is_ended.wait(0.01):  # what comes before the statement is lost
                engine.interrupt()

        thread = Thread(target=interrupt)
        thread.start()
        endless = "select sum(a.range * b.range) from range(1000000) as a, range(1000000) as b"
        with pytest.raises(EngineError) as caught:
            engine.run(endless)
        is_ended.set()
        thread.join()
        assert is_damage(caught.value)
        assert engine.run("select 1") == [(1,)]


def limit_bytes(engine: Engine) -> int:
    asked = "select parse_formatted_bytes(current_setting('memory_limit'))"
    return int(engine.run(asked)[0][0])


def test_less_memory_is_used_than_allowed_until_a_statement_needs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Engine("3GB", threads=1) as engine:
        to_read = limit_bytes(engine)
        assert to_read < 1000 * 2**20
        engine.set_aside()
        assert limit_bytes(engine) < to_read / 2 + 1
    monkeypatch.setattr("valuation.engine.duckdb._READING_BYTES", 0)
    with Engine("3GB", threads=1) as engine:
        spared = limit_bytes(engine)
        engine.run("create temp table kept as from range(20000000) as numbers(number)")  # 160 MB
        assert engine.run("select count(*) from kept") == [(20_000_000,)]
        assert limit_bytes(engine) == spared  # it lies on the disk
        assert engine.run("select len(list(number)) from kept") == [(20_000_000,)]
        assert limit_bytes(engine) > 2.7e9  # a list lies in memory whole


def test_never_more_memory_is_used_than_allowed() -> None:
    with Engine("50MB", threads=1) as engine:
        assert limit_bytes(engine) <= 50e6
        with pytest.raises(OutOfMemory):
            engine.run("select len(list(number)) from range(40000000) as numbers(number)")
        assert engine.run("select 1") == [(1,)]


def test_a_task_is_done_again_only_where_memory_was_the_fault() -> None:
    tries = []

    def broken() -> None:
        tries.append(1)
        raise EngineError("a broken query")

    with Engine("4GB") as engine, pytest.raises(EngineError, match="broken"):
        engine.with_memory(broken)
    assert tries == [1]


def test_tables_set_aside_leave_memory_and_are_read_again_as_they_were(tmp_path: Path) -> None:
    held = "select sum(memory_usage_bytes) from duckdb_memory()"
    with Engine(temp_directory=tmp_path) as engine:
        engine.run("create temp table wide as select hash(range) as h from range(16_000_000)")
        before = engine.run("select sum(h) from wide")
        ((full,),) = engine.run(held)
        engine.set_aside()
        ((left,),) = engine.run(held)
        assert left <= 64 * 1024 * 1024 < full
        assert engine.run("select sum(h) from wide") == before
