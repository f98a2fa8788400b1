"""`inspect_files`: the account of a run, the columns with their doubts, and nothing written."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from valuation.errors import OutputError, UsageError
from valuation.inspection import inspect_files, write_map
from valuation.settings import Settings

ROOT = Path(__file__).parents[1]
SERIALS = [f"Z1Z{letter}0{n:03}" for n, letter in enumerate("ABCDEFGHJKLM")]


def odd(path: Path, header: str = "Model,Ident,Maker,Modle,Qty,Purchase Date") -> Path:
    """An export with a serial column nobody knows, bad quantities and days to come."""
    rows = [
        f"ST4000NM0033,{serial},Seagate,,{'many' if n in (3, 7) else n},{day}"
        for n, serial in enumerate(SERIALS)
        for day in ["2999-01-01" if n == 5 else "2019-03-15"]
    ]
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_the_account_and_the_columns_are_those_of_a_run(tmp_path):
    (file,) = inspect_files([odd(tmp_path / "a.csv")], Settings()).files
    counts = [file[f"lines_{name}"] for name in ("read", "loaded", "rejected", "ignored")]
    assert counts == [12, 10, 2, 0]
    assert (file["format"], file["separator"], file["header_line"]) == ("csv", ",", 1)
    columns = {column["header"]: column for column in file["columns"]}
    assert list(columns) == ["Model", "Ident", "Maker", "Modle", "Qty", "Purchase Date"]
    assert (columns["Ident"]["canonical"], columns["Ident"]["how"]) == ("serial", "look")
    assert columns["Ident"]["confidence"] < columns["Model"]["confidence"] <= 1
    (left,) = file["unplaced"]
    assert (left["header"], left["nearest"].lower()) == ("Modle", "model")


def test_problems_are_told_worst_first_with_the_records_they_stand_in(tmp_path):
    (file,) = inspect_files([odd(tmp_path / "a.csv")], Settings()).files
    first, second, *others = file["problems"]
    assert first["what"] == "set aside: bad quantity"
    assert (first["lines"], first["records"]) == (2, [4, 8])
    assert first["advice"] in file["help"]
    assert "`Ident`, a name nobody knows, was read as the serial" in second["what"]
    told = " ".join(problem["what"] for problem in others)
    assert "1 line has a purchase date that is before 1980 or in the future" in told
    assert any("--write-map" in text for text in file["help"])
    assert any("`modle` may be `model`" in text.lower() for text in file["help"])


def test_no_serial_tag_or_host_is_told(tmp_path):
    samples = sorted((ROOT / "data" / "samples").glob("*.csv"))
    found = inspect_files([odd(tmp_path / "a.csv"), *samples], Settings())
    told = json.dumps(found.files, ensure_ascii=False)
    assert not any(serial in told for serial in SERIALS)
    netbox = samples[0].read_text(encoding="utf-8").splitlines()[1:]
    for line in netbox[:40]:
        host, *_, serial, tag, _, _ = line.split(",")
        assert not any(len(text) > 3 and text in told for text in (host, serial, tag))


def test_a_file_that_cannot_be_read_does_not_hold_up_the_others(tmp_path):
    found = inspect_files([tmp_path / "none.csv", odd(tmp_path / "a.csv")], Settings())
    assert [file["status"] for file in found.files] == ["loaded", "refused"]
    assert found.is_refused
    assert found.files[1]["columns"] == []
    assert "does not exist" in found.files[1]["reason"]


def test_nothing_is_written(tmp_path, monkeypatch):
    path = odd(tmp_path / "a.csv")
    monkeypatch.chdir(tmp_path)
    inspect_files([path], Settings(db=tmp_path / "x.duckdb"))
    assert list(tmp_path.iterdir()) == [path]


def test_folders_and_standard_input_are_read(tmp_path, monkeypatch):
    content = odd(tmp_path / "a.csv").read_bytes()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content + b"R740,,,,1,\n")))
    found = inspect_files([tmp_path, "-"], Settings())
    names = [file["name"] for file in found.files]
    assert names == [str(tmp_path / "a.csv"), "standard input"]
    assert found.files[1]["lines_read"] == 13
    with pytest.raises(UsageError):
        inspect_files([], Settings())


def test_a_written_map_is_what_the_next_inspection_reads_by(tmp_path):
    path = odd(tmp_path / "a.csv")
    found = inspect_files([path], Settings())
    write_map(found, tmp_path / "m.toml")
    again = inspect_files([path], Settings(map=(tmp_path / "m.toml",)))
    assert again.files[0]["map"] == str(tmp_path / "m.toml")
    assert again.columns[str(path)].columns == found.columns[str(path)].columns
    used = [column for column in again.files[0]["columns"] if column["canonical"]]
    assert {(column["how"], column["confidence"]) for column in used} == {("map", 1.0)}


def test_one_map_is_written_for_files_that_agree_and_none_over_a_file(tmp_path):
    first, second = odd(tmp_path / "a.csv"), odd(tmp_path / "b.csv")
    second.write_text(second.read_text().replace("Z1Z", "Y1Y"))
    other = odd(tmp_path / "c.csv", header="Model,SN,Maker,Type,Qty,Purchase Date")
    target = tmp_path / "m.toml"
    with pytest.raises(UsageError, match=r"c\.csv are not those of .*a\.csv"):
        write_map(inspect_files([first, second, other], Settings()), target)
    assert not target.exists()
    both = inspect_files([first, second], Settings())
    write_map(both, target)
    text = target.read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="exists already"):
        write_map(both, target)
    assert target.read_text(encoding="utf-8") == text
    with pytest.raises(OutputError, match="cannot be written"):
        write_map(both, tmp_path / "none" / "m.toml")
    with pytest.raises(UsageError, match="no file could be read"):
        write_map(inspect_files([tmp_path / "none.csv"], Settings()), tmp_path / "n.toml")
