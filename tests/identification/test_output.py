"""Output: what a file may be written over, that it is whole or not there, and what is in it."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import polars as pl
import polars.selectors as cs
import pytest
from polars.testing import assert_frame_equal

from tests.identification.conftest import Identify
from valuation.errors import OutputBusy, OutputError, UsageError
from valuation.identification import output
from valuation.store import locked

FORMULAS = (
    "Manufacturer,Model,Status,Serial,Qty\n"
    "=cmd|' /C calc'!A0,@SUM(1+1)*cmd,=HYPERLINK(1),S1,1\n"
    "Seagate,-ST4000NM0033,+1+1,S2,2\n"
    "Dell,'=x,'-y,S3,1\n"
)
NAMES = ("lines.csv", "lines.csv.gz", "lines.parquet", "lines.xlsx")


def left_behind(folder: Path) -> list[str]:
    """Files beside the output and the folder of exports."""
    known = ("in", "lines.")
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith(known))


def as_typed(out: Path) -> pl.DataFrame:
    """A CSV as the Parquet file holds it: without the signs that keep formulas from running."""
    frame = pl.read_csv(out, infer_schema=False)
    return frame.with_columns(
        cs.string().exclude("counted").str.replace(r"^'('*[=+@\t\r-])", "$1"),
        pl.col("counted") == "true",
    )


@pytest.mark.parametrize("name", ["lines.csv", "lines.csv.gz"])
def test_a_csv_holds_what_the_parquet_file_holds(name, export, tmp_path, identified) -> None:
    (tmp_path / "in" / "formulas.csv").write_text(FORMULAS)
    wanted = identified(tmp_path / "in").frame
    identified(tmp_path / "in", out=tmp_path / name)
    assert_frame_equal(as_typed(tmp_path / name).cast(dict(wanted.schema)), wanted)


def test_a_workbook_holds_what_the_parquet_file_holds(
    export: Path, tmp_path: Path, identified: Identify
) -> None:
    (tmp_path / "in" / "formulas.csv").write_text(FORMULAS)
    wanted = identified(tmp_path / "in").frame.with_columns(pl.col("item_id").cast(pl.String))
    identified(tmp_path / "in", out=tmp_path / "lines.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "lines.xlsx")["lines"]
    header, *rows = sheet.iter_rows(values_only=True)
    assert header == tuple(wanted.columns)
    assert rows == wanted.rows()
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_no_text_of_a_customer_runs_as_a_formula(tmp_path: Path, identified: Identify) -> None:
    path = tmp_path / "in" / "=1+1.csv"
    path.parent.mkdir()
    path.write_text(FORMULAS)
    identified(path.parent, out=tmp_path / "lines.csv")
    texts = pl.read_csv(tmp_path / "lines.csv", infer_schema=False)
    for name in texts.columns:
        starts = texts[name].drop_nulls().str.head(1).to_list()
        assert not {"=", "@", "+", "\t", "\r"}.intersection(starts), name
    assert {"'=HYPERLINK(1)", "'+1+1", "''-y"} == set(texts["status"])


@pytest.mark.parametrize("name", NAMES)
def test_what_was_written_before_is_replaced(name, export, tmp_path, identified) -> None:
    out = tmp_path / name
    identified(export, out=out)
    first = out.read_bytes()
    export.write_text("Model,Serial,Qty\nR740,S1,1\n")
    identified(export, out=out)
    assert out.read_bytes() != first
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("name", NAMES)
def test_what_somebody_else_wrote_is_not(name, export, tmp_path, identified) -> None:
    out = tmp_path / name
    out.write_bytes(b"Model,Serial,Qty\nR740,S1,1\n")
    with pytest.raises(OutputError, match="did not write it"):
        identified(export, out=out)
    assert out.read_bytes() == b"Model,Serial,Qty\nR740,S1,1\n"
    identified(export, out=out, force=True)
    identified(export, out=out)


@pytest.mark.parametrize("name", NAMES)
def test_a_table_of_others_in_the_same_format_is_not_ours(name, export, tmp_path, identified):
    out, table = tmp_path / name, pl.DataFrame({"source_file": ["a.csv"], "kind": ["hdd"]})
    if name.endswith("gz"):
        out.write_bytes(gzip.compress(table.write_csv().encode()))
    else:
        {".csv": table.write_csv, ".parquet": table.write_parquet, ".xlsx": table.write_excel}[
            out.suffix
        ](out)
    before = out.read_bytes()
    with pytest.raises(OutputError, match="did not write it"):
        identified(export, out=out)
    assert out.read_bytes() == before


def test_a_file_of_no_length_is_nobodys(export, tmp_path, identified) -> None:
    (tmp_path / "lines.csv").touch()
    identified(export, out=tmp_path / "lines.csv")
    assert (tmp_path / "lines.csv").stat().st_size


def test_what_is_read_is_never_written(export: Path, tmp_path: Path, identified: Identify) -> None:
    before = export.read_bytes()
    other = tmp_path / "other.csv"
    other.symlink_to(export)
    for given, out in ((export, export), (other, export), (export, other)):
        with pytest.raises(UsageError, match="is read and cannot be written"):
            identified(given, out=out, force=True)
    with pytest.raises(UsageError, match="the next run would read it too"):
        identified(export.parent, out=export.parent / "lines.csv")
    assert export.read_bytes() == before


@pytest.mark.parametrize("name", ["lines", "lines.json", "lines.csv.zst", "csv"])
def test_a_name_that_tells_no_format_is_refused(name, export, tmp_path, identified) -> None:
    with pytest.raises(UsageError, match=r"\.csv, \.csv\.gz, \.parquet or \.xlsx"):
        identified(export, out=tmp_path / name)


def test_folders_devices_and_missing_folders_are_refused(export, tmp_path, identified) -> None:
    (tmp_path / "out.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(OutputError, match="is a folder"):
        identified(export, out=tmp_path / "out.csv", force=True)
    with pytest.raises(OutputError, match="did not write it"):
        identified(export, out=tmp_path / "pipe.csv", force=True)
    with pytest.raises(OutputError, match="does not exist"):
        identified(export, out=tmp_path / "nowhere" / "lines.csv")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_earlier_file_survives_any_fault(
    name, fault, export, tmp_path, identified, monkeypatch
) -> None:
    out = tmp_path / name
    identified(export, out=out)
    before = out.read_bytes()

    def fail(*_):
        raise fault

    monkeypatch.setattr(output, "put_in_place", fail)
    with pytest.raises(OutputError if isinstance(fault, OSError) else KeyboardInterrupt):
        identified(export, out=out)
    assert out.read_bytes() == before
    assert left_behind(tmp_path) == []


def test_a_disk_that_refuses_is_told_in_words(export: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands in for a full disk."""
    program = (
        "import resource, signal, sys\n"
        "from valuation.cli import main\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    (tmp_path / "lines.csv").touch()
    words = ["identify", str(export), "--out", str(tmp_path / "lines.csv"), "--quiet"]
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "cannot be written" in done.stderr
    assert (tmp_path / "lines.csv").read_bytes() == b""
    assert left_behind(tmp_path) == []


def test_what_a_killed_run_left_is_written_over(export, tmp_path, identified) -> None:
    (tmp_path / ".lines.csv.part").write_text("half a")
    (tmp_path / ".lines.csv.lock").touch()
    identified(export, out=tmp_path / "lines.csv")
    assert left_behind(tmp_path) == []


def test_of_two_runs_to_one_file_the_second_is_told_so(export, tmp_path, identified) -> None:
    out = tmp_path / "lines.csv"
    with locked(out), pytest.raises(OutputBusy, match="Another run is writing"):
        identified(export, out=out)
    assert not out.exists()


def test_a_link_stays_a_link(export: Path, tmp_path: Path, identified: Identify) -> None:
    (tmp_path / "store").mkdir()
    out = tmp_path / "lines.csv"
    out.symlink_to(tmp_path / "store" / "today.csv")
    identified(export, out=out)
    assert out.is_symlink()
    assert (tmp_path / "store" / "today.csv").stat().st_size


def test_a_sheet_that_would_be_too_long_is_refused(
    export, tmp_path, identified, monkeypatch
) -> None:
    monkeypatch.setattr(output, "WORKBOOK_ROWS", 3)
    with pytest.raises(OutputError, match=r"A sheet holds 3 lines, and 7 were read"):
        identified(export, out=tmp_path / "lines.xlsx")
    assert not (tmp_path / "lines.xlsx").exists()
    identified(export, out=tmp_path / "lines.csv")


def test_nothing_is_written_when_nothing_can_be_read_or_all_must_be(
    export: Path, tmp_path: Path, identified: Identify
) -> None:
    out, missing = tmp_path / "lines.parquet", tmp_path / "missing.csv"
    identified(export, out=out)
    before = out.read_bytes()
    for given, options in (((missing,), {}), ((export, missing), {"strict": True})):
        lines = identified(*given, out=out, **options)
        assert (lines.exit_code, lines.summary["written"], lines.summary["rows"]) == (3, False, 0)
        assert out.read_bytes() == before
    assert identified(export, missing, out=out).exit_code == 3
    assert out.read_bytes() == before  # the same lines make the same bytes
