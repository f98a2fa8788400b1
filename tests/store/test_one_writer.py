"""One writer at a time, and whole or not at all: kills, interrupts, locks, other programs."""

import hashlib
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from valuation.errors import OutputBusy
from valuation.store import open_read_only, open_store

CONFTEST = str(Path(__file__).with_name("conftest.py"))


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def batches(path):
    with open_read_only(path) as reader:
        return [row[0] for row in reader.execute("select batch_id from batch").fetchall()]


def other_process(program, *arguments):
    """Start a program that says `ready` and then does not go on by itself."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    return process


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


KILLED_AT = """
import importlib, runpy, sys, time
import duckdb
from pathlib import Path
from valuation.store import open_store

def stop(*arguments):
    print("ready", flush=True)
    time.sleep(60)

conftest, path, module, name = sys.argv[1:]
lots = runpy.run_path(conftest)["lots"]
if name:
    setattr(importlib.import_module(module), name, stop)
with open_store(Path(path), duckdb.connect()) as store:
    store.publish(lots("run-2", A=7))
    stop()
"""


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("valuation.store.file", "copy"),
        ("valuation.store.publish", "run_checks"),
        ("valuation.store.file", "swap"),
    ],
)
def test_a_run_that_is_killed_leaves_the_old_file_whole(path, connection, lots, module, name):
    before = digest(path)
    process = other_process(KILLED_AT, CONFTEST, path, module, name)
    assert batches(path) == ["A", "B"], "readers are served all the while"
    kill(process)
    assert digest(path) == before
    with open_store(path, connection) as store:
        store.publish(lots("run-3", C=1))
    assert batches(path) == ["A", "B", "C"]
    assert names(path.parent) == ["a.duckdb"], "what the dead run left is gone"


def test_a_run_that_is_killed_after_the_swap_has_published(path):
    process = other_process(KILLED_AT, CONFTEST, path, "", "")
    kill(process)
    with open_read_only(path) as reader:
        assert reader.execute("select max(run_id) from batch").fetchall() == [("run-2",)]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_an_interrupt_leaves_the_old_file_and_nothing_else(path, connection, error):
    before = digest(path)
    with pytest.raises(error), open_store(path, connection):
        raise error
    assert digest(path) == before
    assert names(path.parent) == ["a.duckdb"]
    with open_store(path, connection):
        pass  # the lock is free again


def test_two_runs_do_not_write_one_file(path, lots):
    process = other_process(KILLED_AT, CONFTEST, path, "valuation.store.publish", "run_checks")
    with (
        duckdb.connect() as own,
        pytest.raises(OutputBusy, match="Another run is writing"),
        open_store(path, own),
    ):
        pass
    kill(process)


def test_two_runs_of_one_process_do_not_either(path, connection):
    with (
        duckdb.connect() as own,
        open_store(path, connection),
        pytest.raises(OutputBusy),
        open_store(path, own),
    ):
        pass


WRITER = """
import sys, time
import duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("create table notes as select 1 as note")
print("ready", flush=True)
time.sleep(60)
"""


def test_a_file_somebody_has_open_for_writing_is_busy(path, connection):
    process = other_process(WRITER, path)
    with pytest.raises(OutputBusy, match="open for writing"), open_store(path, connection):
        pass
    kill(process)


def test_nobody_can_write_to_the_file_during_a_run(path, connection):
    with open_store(path, connection):
        program = "import duckdb, sys; duckdb.connect(sys.argv[1])"
        call = [sys.executable, "-c", program, path]
        done = subprocess.run(call, check=False, capture_output=True, text=True)
    assert done.returncode != 0
    assert "lock" in done.stderr


def test_a_file_changed_during_the_run_is_not_overwritten(path, connection, lots):
    with open_store(path, connection) as store:
        shutil.copy(path, path.with_name("other"))
        path.with_name("other").replace(path)
        with pytest.raises(OutputBusy, match="changed"):
            store.publish(lots("run-2", A=7))
    assert batches(path) == ["A", "B"]


def test_what_a_crashed_program_had_written_to_the_file_is_kept(path, connection, lots):
    """Its changes lie in a write-ahead log beside the file."""
    kill(other_process(WRITER, path))
    assert (path.parent / "a.duckdb.wal").exists()
    with open_store(path, connection) as store:
        store.publish(lots("run-2", A=7))
    assert names(path.parent) == ["a.duckdb"]
    with open_read_only(path) as reader:
        assert reader.execute("select note from notes").fetchall() == [(1,)]
        assert reader.execute("select run_id from batch").fetchall() == [("run-2",), ("run-1",)]
