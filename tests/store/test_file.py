"""The file on disk: nobody else's file touched, older ones grown, refusals in words."""

import hashlib
import os
import shutil

import duckdb
import pytest

from valuation.errors import OutputError
from valuation.store import file, open_read_only, open_store


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def batches(path):
    with open_read_only(path) as reader:
        return [row[0] for row in reader.execute("select batch_id from batch").fetchall()]


def test_an_open_reader_keeps_its_file_and_a_new_one_sees_the_new(path, connection, lots):
    with open_read_only(path) as old:
        with open_store(path, connection) as store:
            store.publish(lots("run-2", C=1))
        assert old.execute("select count(*) from batch").fetchall() == [(2,)]
        assert batches(path) == ["A", "B", "C"]


def test_readers_cannot_write(path):
    with open_read_only(path) as reader, pytest.raises(duckdb.Error, match="read-only"):
        reader.execute("delete from batch")


def test_what_is_not_a_duckdb_file_is_refused_and_untouched(tmp_path, connection):
    path = tmp_path / "lots.csv"
    path.write_text("asset,model\n1,ST12000NM\n" * 1000)
    before = digest(path)
    for replace in (False, True):
        with (
            pytest.raises(OutputError, match=r"lots\.csv is not a DuckDB file"),
            open_store(path, connection, replace=replace),
        ):
            pass
    with pytest.raises(OutputError, match="not a DuckDB file"):
        open_read_only(path)
    assert digest(path) == before
    assert names(tmp_path) == ["lots.csv"]


def test_a_duckdb_file_of_another_program_is_refused_and_untouched(tmp_path, connection):
    path = tmp_path / "other.duckdb"
    with duckdb.connect(path) as other:
        other.execute("create table batch as select 1 as id")
    before = digest(path)
    for replace in (False, True):
        with (
            pytest.raises(OutputError, match="of another program"),
            open_store(path, connection, replace=replace),
        ):
            pass
    assert digest(path) == before


def test_a_file_of_a_later_version_is_refused(path, connection):
    with duckdb.connect(path) as later:
        later.execute("update run set schema_version = 99")
    with pytest.raises(OutputError, match="version 99"), open_store(path, connection):
        pass


def test_a_file_of_an_earlier_version_grows_what_it_lacks(path, connection, lots):
    with duckdb.connect(path) as earlier:
        for view in ("batch_summary", "top_items"):
            earlier.execute(f"drop view {view}")
        earlier.execute("alter table batch_value drop column mean_at_fixed_prices")
        earlier.execute("drop table parameter_draw")
    with open_store(path, connection) as store:
        store.publish(lots("run-2", C=1))
    with open_read_only(path) as reader:
        query = "select batch_id, mean_at_fixed_prices from batch_value where measure = 'net_usd'"
        assert reader.execute(query).fetchall() == [("A", None), ("B", None), ("C", None)]
        assert reader.execute("select count(*) from batch_summary").fetchall() == [(3,)]
        assert reader.execute("select count(*) from parameter_draw").fetchall() == [(1,)]


def test_a_column_of_another_type_is_refused(path, connection):
    with duckdb.connect(path) as odd:
        odd.execute("alter table content alter column mean_g type varchar")
    with (
        pytest.raises(OutputError, match=r"content\.mean_g is VARCHAR, not DOUBLE"),
        open_store(path, connection),
    ):
        pass


def test_tables_and_views_of_the_analyst_stay(path, connection, lots):
    with duckdb.connect(path) as analyst:
        analyst.execute("create table target as select 'A' as batch_id, 5 as goal_kg")
        analyst.execute("create view missed as select * from target join batch using (batch_id)")
    with open_store(path, connection) as store:
        store.publish(lots("run-2", A=7))
    with open_read_only(path) as reader:
        assert reader.execute("select goal_kg, run_id from missed").fetchall() == [(5, "run-2")]


def test_the_storage_version_is_one_that_older_clients_read(path):
    with duckdb.connect() as own:
        own.execute(f"attach '{path}' as published (read_only)")
        query = "select tags['storage_version'] from duckdb_databases() where path = ?"
        assert own.execute(query, [str(path)]).fetchall() == [("v1.2.0+",)]


def test_a_folder_that_is_not_there_is_named(tmp_path, connection):
    with (
        pytest.raises(OutputError, match=r"nowhere does not exist"),
        open_store(tmp_path / "nowhere" / "a.duckdb", connection),
    ):
        pass


def test_a_folder_is_not_a_file(tmp_path, connection):
    with pytest.raises(OutputError, match="is a folder"), open_store(tmp_path, connection):
        pass
    with pytest.raises(OutputError, match="is a folder"):
        open_read_only(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_named(tmp_path, connection):
    tmp_path.chmod(0o500)
    with (
        pytest.raises(OutputError, match="cannot be written"),
        open_store(tmp_path / "a.duckdb", connection),
    ):
        pass


def test_an_empty_file_counts_as_none(tmp_path, connection, lots):
    path = tmp_path / "a.duckdb"
    path.touch()
    with pytest.raises(OutputError, match="There is no"):
        open_read_only(path)
    with open_store(path, connection) as store:
        store.publish(lots(A=1))
    assert batches(path) == ["A"]


def test_space_is_checked_before_anything_is_written(path, connection, monkeypatch):
    needed = path.stat().st_size + file.SPARE_BYTES
    usage = type(shutil.disk_usage(path))
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(10**12, 10**12, needed - 1))
    with pytest.raises(OutputError, match="GB free"), open_store(path, connection):
        pass
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(10**12, 10**12, needed))
    with open_store(path, connection):
        pass
    with pytest.raises(OutputError), open_store(path, connection, growth_bytes=1):
        pass


def test_a_disk_that_fills_up_leaves_the_old_file(path, connection, lots, monkeypatch):
    before = digest(path)

    def full(build, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(file, "swap", full)
    with pytest.raises(OutputError, match="No space left"), open_store(path, connection) as store:
        store.publish(lots("run-2", A=7))
    assert digest(path) == before
    assert names(path.parent) == ["a.duckdb"]


def test_a_link_to_the_file_stays_a_link(path, connection, lots, tmp_path):
    link = tmp_path / "latest.duckdb"
    link.symlink_to(path)
    with open_store(link, connection) as store:
        store.publish(lots("run-2", C=1))
    assert link.is_symlink()
    assert batches(path) == ["A", "B", "C"]


def test_permissions_of_the_file_stay(path, connection, lots):
    path.chmod(0o640)
    with open_store(path, connection) as store:
        store.publish(lots("run-2", C=1))
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_name_with_quotes_and_spaces_works(tmp_path, connection, lots):
    path = tmp_path / 'Bob\'s "lots" 2026.duckdb'
    for number in (1, 2):
        with open_store(path, connection) as store:
            store.publish(lots(f"run-{number}", A=number))
    assert batches(path) == ["A"]
