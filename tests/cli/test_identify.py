"""`valuation identify`: which function is called with what, what is printed, how it ends."""

import json
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from valuation.cli import main
from valuation.errors import OutputBusy, OutputError, UsageError
from valuation.store import locked

DRIVES = (
    "Manufacturer,Model,Serial Number,Quantity\n"
    "Seagate,ST12000NM0007,ZCH00001,1\nSeagate,ST12000NM0007,ZCH00002,11\n"
)
NONE = {"reasons": {}, "ignored_reasons": {}}
SUMMARY = {
    "out": "lines.csv", "format": "csv", "written": True, "data_version": "abc123",
    "files": [
        {"name": "a.csv", "status": "loaded", "reason": None, "lines_read": 12, "lines_loaded": 9,
         "lines_rejected": 2, "lines_ignored": 1, "reasons": {"bad_quantity": 2},
         "ignored_reasons": {"blank": 1}, "unmapped_columns": []},
        {"name": "b.bin", "status": "refused", "reason": "b.bin is no table.", "lines_read": 0,
         "lines_loaded": 0, "lines_rejected": 0, "lines_ignored": 0} | NONE,
    ],
    "rows": 12, "batches": 1, "lines": 9, "items": 4, "units": {"fan": 3, "hdd": 1200},
    "identified_share": {"lines": 0.95, "units": 0.99},
    "identified_by": {"grammar": 0.95},
    "not_counted": {"rejected: bad_quantity": 2, "ignored: blank": 1, "empty_bay": 1},
    "warnings": ["b.bin is no table.", "a.csv: 1 line without a quantity."],
    "seconds": {}, "exit_code": 3,
}  # fmt: skip


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list:
    made: list = [None]

    def identify_lines(files, out, settings, *, force, progress, helpers):
        made.append(SimpleNamespace(files=files, out=out, settings=settings, force=force))
        if made[0] is not None:
            raise made[0]
        return SimpleNamespace(summary=SUMMARY, exit_code=3, complaints=["b.bin is no table."])

    monkeypatch.setattr("valuation.identification.identify_lines", identify_lines)
    monkeypatch.chdir(tmp_path)
    return made


def test_options_become_settings(calls) -> None:
    words = ["--batch", "B", "--map", "acme.toml", "--memory", "1GB", "--strict", "--force"]
    words += ["--max-rejected", "0.5", "--out", "lines.csv"]
    assert main(["identify", "a.csv", "-", *words]) == 3
    call = calls[1]
    assert (call.files, call.out, call.force) == (("a.csv", "-"), Path("lines.csv"), True)
    assert (call.settings.batch, call.settings.map) == ("B", (Path("acme.toml"),))
    assert (call.settings.memory, call.settings.strict) == ("1GB", True)
    assert call.settings.max_rejected == 0.5


def test_the_summary_is_told_on_stderr(calls, capsys) -> None:
    main(["identify", "a.csv", "b.bin", "--out", "lines.csv"])
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        "Files",
        "  file   status   read  loaded  rejected  ignored",
        "  a.csv  loaded     12       9         2        1",
        "  b.bin  refused     0       0         0        0",
        "  b.bin is no table.",
        "",
        "Lines rejected or ignored, and why",
        "  file   reason        lines",
        "  a.csv  bad quantity      2",
        "  a.csv  blank             1",
        "",
        "Units",
        "  kind  units",
        "  hdd   1,200",
        "  fan       3",
        "  Identified: 95.0 % of lines, 99.0 % of units (lines by method: grammar 95.0 %).",
        "  Batches: 1. Lines: 9. Distinct items: 4.",
        "",
        "Lines that do not count, and why",
        "  reason     lines",
        "  empty bay      1",
        "",
        "Warnings",
        "  a.csv: 1 line without a quantity.",
        "",
        "Result",
        "  Data version abc123.",
        "  12 rows lie in lines.csv",
    ]


def test_quiet_tells_only_why_the_code_is_not_0(calls, capsys) -> None:
    main(["identify", "a.csv", "--out", "lines.csv", "--quiet"])
    assert capsys.readouterr() == ("", "warning: b.bin is no table.\n")


def test_json_is_one_object_on_stdout(calls, capsys) -> None:
    main(["identify", "a.csv", "--out", "lines.csv", "--json"])
    told = capsys.readouterr()
    assert json.loads(told.out) == SUMMARY
    assert told.err.count("warning: ") == 2


@pytest.mark.parametrize(
    ("error", "code"),
    [(OutputError("No.", "Do."), 2), (OutputBusy("No."), 6), (UsageError("No."), 2)],
)
def test_an_error_is_a_sentence_and_a_code(calls, capsys, error, code) -> None:
    calls[0] = error
    assert main(["identify", "a.csv", "--out", "lines.csv", "--json"]) == code
    told = capsys.readouterr()
    assert told.err.startswith("error: No.")
    assert bool(told.out) == (code != 2)


def test_an_interrupt_ends_with_130(calls) -> None:
    calls[0] = KeyboardInterrupt()
    assert main(["identify", "a.csv", "--out", "lines.csv"]) == 130


@pytest.mark.parametrize("words", [["a.csv"], ["--out", "x.csv"], ["a.csv", "--out", "x.txt"]])
def test_what_is_missing_or_wrong_ends_with_2(words, capsys) -> None:
    assert main(["identify", *words]) == 2


def test_every_code_is_that_of_the_contract(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    good, bad = tmp_path / "site-a.csv", tmp_path / "site-b.csv"
    good.write_text(DRIVES)
    bad.write_text(DRIVES + "Seagate,ST12000NM0007,ZCH00003,a few\n")
    to = ["--out", "lines.csv", "--json", "--quiet"]
    assert main(["identify", "site-a.csv", *to]) == 0
    assert json.loads(capsys.readouterr().out)["units"] == {"hdd": 12}
    assert main(["identify", "site-b.csv", *to]) == 4
    assert pl.read_csv("lines.csv").height == 3
    assert main(["identify", "site-b.csv", "--max-rejected", "0.5", *to]) == 0
    assert main(["identify", "site-b.csv", "missing.csv", *to]) == 3
    assert pl.read_csv("lines.csv").height == 3
    assert main(["identify", "site-a.csv", "missing.csv", "--strict", *to]) == 3
    assert pl.read_csv("lines.csv").height == 3
    with locked(tmp_path / "lines.csv"):
        assert main(["identify", "site-a.csv", *to]) == 6


def test_standard_input_is_a_file_like_any_other(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    Path("site-a.csv").write_text(DRIVES)
    with Path("site-a.csv").open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        words = ["identify", "-", "--batch", "B-1", "--out", "lines.csv", "--quiet"]
        assert main(words) == 0
    assert pl.read_csv("lines.csv")["source_file"].to_list() == ["standard input"] * 2
