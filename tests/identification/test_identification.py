"""Identification: a row for every line read, with the units that `value` counts."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.benchmarks.inventories import write_inventory
from tests.benchmarks.size import Size
from tests.exports import settings
from tests.golden.test_samples import CASES, SAMPLES
from tests.identification.conftest import HEADER, ROWS, Identify
from tests.inventory.test_faulty_files import FAULTS, file_name
from tests.inventory.test_same_counts import write_all
from valuation import run
from valuation.identification import COLUMNS

WHERE = ("source_file", "batch_id")


@pytest.mark.parametrize(("path", "truth"), CASES, ids=[path.name for path, _ in CASES])
def test_every_line_has_a_row_and_units_are_those_counted_by_hand(
    path: Path, truth: dict[str, Any], identified: Identify
) -> None:
    lines = identified(path)
    frame = lines.frame
    assert frame["source_file"].unique().to_list() == [str(path)]
    assert frame["source_line"].to_list() == list(range(1, truth["lines_read"] + 1))
    states = dict(frame["line_state"].value_counts().iter_rows())
    for state in ("loaded", "rejected", "ignored"):
        assert states.get(state, 0) == truth[f"lines_{state}"]
    counted = frame.filter("counted").group_by("kind").agg(pl.col("units").sum())
    units = {kind: total for kind, total in counted.iter_rows() if total}
    assert units == pytest.approx(truth["units"])
    assert units == lines.summary["units"]
    reasons = Counter(frame.filter(line_state="loaded")["not_counted_reason"].drop_nulls())
    assert reasons == truth["not_counted"]
    batches = frame.filter(line_state="loaded")["batch_id"].value_counts()
    assert dict(batches.iter_rows()) == truth["batches"]


@pytest.mark.long
def test_a_run_tells_the_same_units_and_shares_as_value(
    tmp_path: Path, identified: Identify
) -> None:
    files = sorted(SAMPLES.iterdir())
    told, valued = identified(*files).summary, run(files, settings=settings(tmp_path, draws=50))
    names = ("units", "identified_share", "identified_by", "lines", "items", "batches", "files")
    for name in (*names, "data_version", "warnings"):
        wanted = valued.summary[name]
        if name == "warnings":  # value has more to say: of hosts and prices
            assert set(told[name]) <= set(wanted)
        else:
            assert told[name] == wanted, name


def test_lines_say_what_value_stores_of_them(export: Path, tmp_path: Path, identified) -> None:
    frame = identified(export).frame
    valued = run([export], settings=settings(tmp_path, draws=50))
    of_line = ("item_id", "quantity", "counted", "not_counted_reason")
    lines = valued.frame("line").select(of_line).with_columns(pl.col("quantity").cast(pl.Int64))
    assert_frame_equal(frame.select(of_line), lines, check_row_order=False)
    items = valued.frame("item")
    same = [name for name in frame.columns if name in items.columns and name not in of_line]
    assert len(same) >= 18
    for row in frame.iter_rows(named=True):
        (item,) = items.filter(item_id=row["item_id"]).iter_rows(named=True)
        assert {name: row[name] for name in same} == {name: item[name] for name in same}


def test_the_columns_begin_as_promised_and_units_are_whole(export: Path, identified) -> None:
    frame = identified(export).frame
    assert tuple(frame.columns[: len(COLUMNS)]) == COLUMNS
    assert frame.schema["units"] == frame.schema["source_line"] == pl.Int64


def test_pieces_in_text_and_lines_that_do_not_count(export: Path, identified: Identify) -> None:
    """By hand: the second line of a serial, and a quantity of zero, add nothing to the lot."""
    frame = identified(export).frame
    assert frame["units"].to_list() == [1, 3, 2, 4, 0, 0, 1]
    assert frame["quantity"].to_list() == [1, 3, 2, 4, 1, 0, 1]
    reasons = [None, None, None, None, "repeated_serial", "quantity_zero_or_less", None]
    assert frame["not_counted_reason"].to_list() == reasons
    assert frame["counted"].to_list() == [reason is None for reason in reasons]
    assert frame["kind"].to_list()[:4] == ["hdd", "hdd", "ssd", "server"]


def test_a_lot_in_the_text_counts_once_and_a_carrier_each_time(
    tmp_path: Path, identified: Identify
) -> None:
    path = tmp_path / "lots.csv"
    path.write_text(
        "Manufacturer,Model,Description,Qty\n"
        "Seagate,ST4000NM0033,LOT OF 40 drives,1\n"
        "Seagate,ST4000NM0033,LOT OF 40 drives,40\n"
        "HGST,HUS724030ALA640,2x3TB tandem carrier,5\n",
        encoding="utf-8",
    )
    lines = identified(path)
    assert lines.frame["units"].to_list() == [40, 40, 10]
    assert lines.summary["units"] == {"hdd": 90}


def test_lines_set_aside_have_a_row_that_says_why(tmp_path: Path, identified: Identify) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "Model,Serial,Qty\nR740,S1,1\nR740,S2,many\n\nModel,Serial,Qty\nTotal,,2\n,,3\nR740,S3,2\n",
        encoding="utf-8",
    )
    lines = identified(path, max_rejected=1)
    reasons = [
        None, "rejected: bad_quantity", "ignored: blank", "ignored: repeated_header",
        "ignored: total", "rejected: no_item", None,
    ]  # fmt: skip
    assert lines.frame["not_counted_reason"].to_list() == reasons
    assert lines.frame["units"].to_list() == [1, None, 0, 0, 0, None, 2]
    aside = lines.frame.filter(pl.col("line_state") != "loaded")
    assert not aside["counted"].any()
    assert aside.select("kind", "item_class", "method", "confidence", "item_id").null_count().row(
        0
    ) == (5, 5, 5, 5, 5)
    told = {reason: 1 for reason in reasons if reason}
    assert lines.summary["not_counted"] == told


def test_the_same_lines_are_the_same_in_every_format(tmp_path: Path, identified: Identify) -> None:
    first, *others = write_all(tmp_path, HEADER, ROWS)
    wanted = identified(first, batch="B").frame.drop("source_file")
    assert wanted.height == len(ROWS)
    for path in others:
        assert_frame_equal(identified(path, batch="B").frame.drop("source_file"), wanted)


@pytest.mark.long
def test_the_order_of_the_files_changes_no_byte(tmp_path: Path, identified: Identify) -> None:
    files = sorted(SAMPLES.iterdir())
    outs = [tmp_path / name for name in ("a.csv", "b.csv", "a.parquet", "b.parquet")]
    for out in outs:
        identified(*(files if out.stem == "a" else reversed(files)), out=out)
    a, b, c, d = (out.read_bytes() for out in outs)
    assert a == b
    assert c == d


@pytest.mark.long
def test_a_folder_of_faulty_files_has_a_row_for_every_line(
    tmp_path: Path, identified: Identify
) -> None:
    for name, fault in FAULTS.items():
        (tmp_path / file_name(name)).write_bytes(fault.content)
    lines = identified(tmp_path, max_rejected=1)
    for file in lines.summary["files"]:
        of_file = lines.frame.filter(source_file=file["name"])
        wanted = list(range(1, file["lines_read"] + 1))
        assert of_file["source_line"].to_list() == wanted, file["name"]
    assert lines.frame.height == lines.summary["rows"]
    assert lines.exit_code == 0


def test_a_map_and_batches_are_those_of_value(tmp_path: Path, identified: Identify) -> None:
    path, own = tmp_path / "a.csv", tmp_path / "acme.toml"
    path.write_text("Was,Wo,Wieviel\nST4000NM0033,Halle 1,2\nR740,,1\n", encoding="utf-8")
    own.write_text(
        'system = "acme"\n[columns]\nmodel = "Was"\nquantity = "Wieviel"\n', encoding="utf-8"
    )
    frame = identified(path, map=(own,), batch_by="Wo").frame
    assert frame["batch_id"].to_list() == ["Halle 1", "a/unassigned"]
    assert frame["units"].to_list() == [2, 1]


def test_an_export_without_lines_gives_a_file_without_rows(tmp_path: Path, identified) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Model,Serial,Qty\n", encoding="utf-8")
    lines = identified(path)
    assert lines.frame.is_empty() and tuple(lines.frame.columns[:20]) == COLUMNS
    assert lines.summary["identified_share"] == {"lines": None, "units": None}
    assert (lines.summary["rows"], lines.summary["units"], lines.exit_code) == (0, {}, 0)


@pytest.mark.long
def test_two_hundred_thousand_lines_stay_within_their_memory(tmp_path: Path) -> None:
    truth = write_inventory("fleet", Size(200_000, batches=50), tmp_path / "fleet.csv")
    program = (
        "import resource, sys\n"
        "from valuation.cli import main\n"
        "code = main(sys.argv[1:])\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(peak, file=sys.stderr)\n"
        "sys.exit(code)\n"
    )
    words = ["identify", "fleet.csv", "--out", "lines.csv", "--memory", "256MB", "--json"]
    done = subprocess.run(
        [sys.executable, "-c", program, *words, "--quiet"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    summary = json.loads(done.stdout)
    assert summary["rows"] == truth.read
    assert sum(summary["units"].values()) == sum(truth.units.values())
    for kind in ("hdd", "ssd", "server", "fan"):
        assert summary["units"][kind] == pytest.approx(truth.units[kind], rel=1e-3), kind
    frame = pl.read_csv(tmp_path / "lines.csv")
    assert frame["source_line"].to_list() == list(range(1, truth.read + 1))
    assert int(done.stderr) < 1024 * 1024
