"""Progress: lines every few seconds, a live line on a terminal."""

import re
import sys
import time

from valuation.cli import watch


def test_progress_off_a_terminal_is_a_line_every_few_seconds(monkeypatch, capsys):
    monkeypatch.setattr(watch, "SECONDS_BETWEEN_LINES", 0.01)
    with watch.watching(quiet=False) as seen:
        seen.stage("inventory")
        seen.update("4,200,000 lines")
        time.sleep(0.1)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) >= 2
    assert re.fullmatch(r"\d+ s  inventory: 4,200,000 lines", lines[-1])


def test_progress_on_a_terminal_shows_where_the_run_stands(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    with watch.watching(quiet=False) as seen:
        seen.stage("identity [1/2]")
    assert "identity [1/2]" in capsys.readouterr().err
