"""How a command ends: the code of every error, its sentence, signals, readers that go away."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from valuation.cli import main
from valuation.errors import (
    ContractError,
    InputError,
    MissingColumns,
    ModelError,
    OutputBusy,
    OutputError,
    PriceGap,
    SettingsError,
    TableError,
    UnknownFormat,
    UsageError,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), 2),
        (OutputError("x"), 2),
        (InputError("x"), 3),
        (UnknownFormat("x"), 3),
        (MissingColumns("x"), 3),
        (TableError("x"), 3),
        (SettingsError("x"), 3),
        (ModelError("x"), 3),
        (PriceGap("x"), 5),
        (OutputBusy("x"), 6),
        (ContractError("x"), 1),
        (ZeroDivisionError("x"), 1),
        (KeyboardInterrupt(), 130),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else value,
)
def test_every_error_has_its_exit_code(api, capsys, error, code):
    api.error = error
    assert main(["value", "a.csv", "--db", "x.duckdb", "--json"]) == code
    printed = capsys.readouterr()
    assert printed.err.strip()
    if code in (2, 130):
        assert printed.out == ""
    else:
        assert json.loads(printed.out)["exit_code"] == code


def test_an_error_is_one_sentence_with_its_hint(api, capsys):
    api.error = InputError("a.csv is empty.", "Export it again.")
    main(["value", "a.csv", "--db", "x.duckdb", "--json"])
    printed = capsys.readouterr()
    assert printed.err.splitlines() == [
        "warning: Said along the way.",
        "error: a.csv is empty. Export it again.",
    ]
    assert json.loads(printed.out) == {
        "error": "a.csv is empty.", "hint": "Export it again.", "exit_code": 3,
    }  # fmt: skip


def test_a_fault_of_ours_shows_its_traceback_only_when_asked(api, capsys, monkeypatch):
    api.error = ZeroDivisionError("division by zero")
    assert main(["value", "a.csv", "--db", "x.duckdb", "--quiet"]) == 1
    told = capsys.readouterr().err
    assert "ZeroDivisionError: division by zero" in told
    assert "VALUATION_DEBUG=1" in told
    assert "Traceback" not in told
    monkeypatch.setenv("VALUATION_DEBUG", "1")
    assert main(["value", "a.csv", "--db", "x.duckdb"]) == 1
    assert "Traceback" in capsys.readouterr().err


def in_process(program, *, words="'value', 'a.csv', '--db', 'x.duckdb'", **options):
    """Start the command line in a process of its own, `run` replaced by a program's."""
    start = f"""
import sys, time, types
def run(files, *, settings, tables=None, progress=None):
{program}
sys.modules["valuation.api"] = types.SimpleNamespace(run=run, STAGES=("value",))
from valuation.cli import main
sys.exit(main([{words}]))
"""
    return subprocess.Popen(
        [sys.executable, "-c", start],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(
    "wake",
    [
        "    time.sleep(30)",
        "    try: time.sleep(30)\n    except KeyboardInterrupt: raise RuntimeError('Stopped')",
    ],
    ids=["interrupt", "error of a library in its wake"],
)
def test_a_signal_to_stop_cleans_up_and_exits_130(number, wake):
    program = "    print('ready', file=sys.stderr, flush=True)\n" + wake
    with in_process(program) as process:
        assert process.stderr.readline() == "ready\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert err.strip() == "interrupted"


def test_a_reader_that_has_gone_away_is_no_error():
    rows = "[{'name': 'x' * 80}] * 100_000"
    program = (
        f"    return types.SimpleNamespace(summary={{'w': {rows}, 'warnings': []}}, exit_code=4)"
    )
    with in_process(program, words="'value', 'a', '--db', 'x.duckdb', '--json'") as process:
        assert process.stdout.readline() == "{\n"
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=20) == 4
