"""Progress: lines every few seconds, a live line on a terminal."""

import re
import sys
import time

from valuation.cli import watch
from valuation.progress import Reached


def test_progress_off_a_terminal_is_a_line_every_few_seconds(monkeypatch, capsys):
    monkeypatch.setattr(watch, "SECONDS_BETWEEN_LINES", 0.01)
    with watch.watching(quiet=False) as seen:
        seen.stage("inventory")
        seen.update("4,200,000 lines")
        time.sleep(0.1)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) >= 2
    assert re.fullmatch(r"\d+ s  inventory  4,200,000 lines", lines[-1])


def test_progress_on_a_terminal_shows_where_the_run_stands(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    with watch.watching(quiet=False) as seen:
        seen.stage("identity [1/2]")
    assert "identity [1/2]" in capsys.readouterr().err


def test_a_stage_is_told_as_one_of_so_many_once_its_turn_has_come():
    seen = watch.Watch()
    seen.expect(["inventory", "identity", "publish"])
    lines = []
    for name in ("price", "identity", "inventory", "identity", "publish"):
        seen.stage(name)
        lines.append(seen.line)
    assert lines == [
        "price",
        "identity",  # what people reviewed is read before any file is
        "inventory (1 of 3)",
        "identity (2 of 3)",
        "publish (3 of 3)",
    ]


def test_how_far_it_is_stands_behind_the_stage():
    seen = watch.Watch()
    seen.expect(["inventory"])
    seen.stage("inventory")
    seen.update(Reached(rows=3_210_000, share=0.32).words(7.8))
    assert seen.line == "inventory (1 of 1)  3,210,000 rows  412,000 rows/s  32 %  17 s left"
