"""A run over an inventory of the benchmarks tells what was written, and so does pandas."""

import copy

import pandas as pd
import pytest

from tests.benchmarks.bench_value import FLOOR, PANDAS, SPLIT, compare
from tests.benchmarks.checking import (
    AGREEMENT,
    account_faults,
    furthest_apart,
    kind_differences,
)
from tests.benchmarks.inventories import write_inventory
from tests.benchmarks.known import HOSTS_FILE, ITEMS_FILE, write_known
from tests.benchmarks.pandas_value import count, hold
from tests.benchmarks.size import NAMES, Size
from tests.exports import settings
from valuation import run

SIZE = Size(rows=3_000, batches=6, items=120)


@pytest.fixture(scope="module", params=["wide", pytest.param("fleet", marks=pytest.mark.long)])
def told(request, tmp_path_factory):
    """Truth, summaries of the CSV and the Parquet file, and the folder of both."""
    folder = tmp_path_factory.mktemp(request.param)
    export, parquet = folder / "a.csv", folder / "a.parquet"
    truth = write_inventory(request.param, SIZE, export, parquet).told()
    given = {"draws": 100, "keep_lines": False, "use_overrides": False}
    summaries = [
        run([path], settings=settings(folder, db=folder / f"{path.suffix[1:]}.duckdb", **given))
        .summary
        for path in (export, parquet)
    ]  # fmt: skip
    return truth, *summaries, folder


def test_a_run_gives_the_account_that_was_written(told):
    truth, of_csv, of_parquet, _ = told
    assert list(account_faults(of_csv, truth)) == []
    assert list(account_faults(of_parquet, truth)) == []
    assert of_parquet["units"] == of_csv["units"]
    assert of_parquet["capacity_tb"] == of_csv["capacity_tb"]


def test_kinds_and_sizes_are_those_of_the_labels_but_for_what_cannot_be_told(told):
    truth, summary, *_ = told
    assert summary["units"].keys() | {"unidentified"} == truth["units"].keys() | {"unidentified"}
    for kind, units in truth["units"].items():
        assert summary["units"][kind] == pytest.approx(units, rel=0.02), kind
    for kind in ("hdd", "ssd"):
        told_tb, written_tb = summary["capacity_tb"][kind], truth["capacity_tb"][kind]
        assert told_tb == pytest.approx(written_tb, rel=0.02), kind


def test_pandas_finds_the_same_units_capacity_and_masses(told):
    _, summary, _, folder = told
    write_known(folder / "csv.duckdb", folder)
    counts, account = count(folder / "a.csv")
    held = hold(counts, pd.read_parquet(folder / ITEMS_FILE), pd.read_parquet(folder / HOSTS_FILE))
    figure, apart = furthest_apart(summary, account | held)
    assert apart <= AGREEMENT, figure
    assert held["contained_kg"]["nd"] > 0 and held["embedded_units"]["fan"] > 0


def test_a_count_that_is_off_by_one_is_named(told):
    truth, summary, *_ = told
    for name in ("read", "rejected", "ignored", "batches"):
        (fault,) = account_faults(summary, truth | {name: truth[name] + 1})
        assert fault.startswith(name)
    more = truth["units"] | {"hdd": truth["units"]["hdd"] + 1}
    (fault,) = account_faults(summary, truth | {"units": more})
    assert fault.startswith("units")


def test_a_kind_that_is_off_by_one_is_named(told):
    truth, summary, *_ = told
    as_told = {name: copy.deepcopy(summary[name]) for name in ("units", "capacity_tb")}
    assert list(kind_differences(summary, truth | as_told)) == []
    as_told["units"]["fan"] -= 1
    (difference,) = kind_differences(summary, truth | as_told)
    assert difference.startswith("units fan")


def test_the_figure_that_differs_most_is_named(told):
    _, summary, *_ = told
    (file,) = summary["files"]
    contained = next(iter(summary["totals"].values()))["contained_kg"]
    other = {
        "loaded": file["lines_loaded"],
        "rejected": file["lines_rejected"],
        "contained_kg": {element: figure["mean"] for element, figure in contained.items()},
        **{name: dict(summary[name]) for name in ("units", "embedded_units", "capacity_tb")},
        "batches": summary["batches"],
    }
    assert furthest_apart(summary, other)[1] == 0
    other["contained_kg"]["dy"] *= 1.01
    other["contained_kg"]["nd"] *= 1.001
    figure, apart = furthest_apart(summary, other)
    assert figure == "contained_kg dy" and apart == pytest.approx(0.01 / 1.01)


@pytest.mark.long
def test_the_bench_prints_a_table_of_every_inventory_and_finds_no_fault(tmp_path, capsys):
    for name in NAMES:
        assert compare(name, SIZE, tmp_path, runs=1) == []
        printed = capsys.readouterr().out
        for row in (FLOOR, *SPLIT, PANDAS, "per row", "what follows"):
            assert f"{row} " in printed
