"""How long joint draws and their value take, as a ratio to the bare matrix products behind them.

Each stage runs in a process of its own; the floor and the stages take turns.
"""

import ctypes
import datetime
import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from valuation.content import BatchContents, Content, estimate_content
from valuation.frames import BATCH_PARTS, PARTS
from valuation.price import price_deck
from valuation.recovery import known_routes, plan_recovery
from valuation.tables import load_tables
from valuation.uncertain import Source, quantiles
from valuation.value import Terms, Valuing, value_batches

RUNS = 3
BATCHES, FAMILIES, DRAWS = 500, 3_000, 2_000
ROUTES, SERIES = 7, 30
SEED = 20261130
DRIVES = (
    "hdd-3.5-nearline-air", "hdd-3.5-nearline-helium", "hdd-3.5-desktop", "hdd-3.5-15k",
    "hdd-2.5-enterprise", "hdd-2.5-notebook", "hdd-unspecified",
)  # fmt: skip
FANS = ("fan-80-standard", "fan-80-fast", "fan-40-standard")
YEARS = (2009, 2018, 2021, None)
FAN_SHARE, NAMED_SHARE, DOUBTFUL_SHARE = 0.1, 0.1, 0.03
"""Shares of the families: fans, those of the catalogue, those that may be something else. [1]"""
PRODUCTS = 8
"""Matrix products drives cannot do without: voice coil and spindle each mass, its square and Pr,
voice coil Dy, gross mass."""
MIB = 2**20


def portfolio() -> BatchContents:
    """Drives of several classes and ages and some fans; every batch holds every family."""
    rng = np.random.default_rng(SEED)
    rows = []
    for i in range(FAMILIES):
        fan = rng.random() < FAN_SHARE
        classes = FANS if fan else DRIVES
        name = f"model-{i:05d}" if rng.random() < NAMED_SHARE else f"maker/model {i:05d}"
        doubt = {"confidence": 0.8, "runner_up": "ssd-2.5", "identity_key": name}
        rows.append(
            dict.fromkeys(PARTS.columns)
            | {
                "part_id": f"p{i:05d}",
                "kind": "fan" if fan else "hdd",
                "item_class": classes[rng.integers(len(classes))],
                "family_key": name,
                "part_key": name if fan else None,
                "launch_year": None if fan else YEARS[rng.integers(len(YEARS))],
                "confidence": 1.0,
            }
            | (doubt if rng.random() < DOUBTFUL_SHARE else {})
        )
    parts = PARTS.check(pl.DataFrame(rows, schema=dict(PARTS.columns)))
    batches = pl.DataFrame({"batch_id": [f"B{i:04d}" for i in range(BATCHES)]})
    held = batches.join(parts.select("part_id", "kind"), how="cross").with_columns(
        units=pl.Series(rng.integers(1, 40, BATCHES * FAMILIES).astype(float))
    )
    units = held.group_by("batch_id", "kind").agg(pl.col("units").sum()).sort("batch_id", "kind")
    units = units.select(
        "batch_id", "kind", origin=pl.lit("listed"), units="units", capacity_tb=pl.lit(0.0)
    )
    batch_parts = BATCH_PARTS.check(held.select("batch_id", "part_id", "units"))
    return BatchContents(parts, batch_parts, units)


def products() -> None:
    """The floor: as many float32 products of the same shapes, and nothing else."""
    rng = np.random.default_rng(SEED)
    units = rng.random((BATCHES, FAMILIES), np.float32)
    each = rng.random((FAMILIES, DRAWS), np.float32)

    def run() -> None:
        for _ in range(PRODUCTS):
            np.matmul(units, each)

    report(run)


def draws() -> None:
    """Draws of every series of every batch."""
    content = _content()

    def run() -> None:
        for chunk in content.batches(content.contents.batch_parts["batch_id"].unique().to_list()):
            assert chunk.draws_kg.shape[2] == DRAWS
            del chunk  # let go of before the next is made

    report(run)


def limits() -> None:
    """P10, P50 and P90 of 30 series on each of 7 routes."""
    drawn = np.random.default_rng(1).lognormal(size=(BATCHES, DRAWS)).astype(np.float32)

    def run() -> None:
        for _ in range(ROUTES * SERIES):
            quantiles(drawn)

    report(run)


def value() -> None:
    """The same, recovered on every route and paid, with quantiles of every figure."""
    tables = load_tables()
    content = _content()
    as_of = datetime.date(2026, 11, 22)
    plans = plan_recovery(tables, content.series, known_routes(tables, ()), None)
    deck = price_deck(tables, "china-net", as_of, content.source)
    terms = Terms.of(tables, None)

    def run() -> None:
        ids = content.contents.batch_parts["batch_id"].unique().sort().to_list()
        value_batches(Valuing(plans, deck, terms, content.source), content.batches(ids))

    report(run)


def _content() -> Content:
    return estimate_content(portfolio(), load_tables(), Source(1, DRAWS))


def report(run: Callable[[], None]) -> None:
    """Print a run's wall and processor seconds, and its peak memory above the start in MiB."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what setting up let go of is not memory to start with
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts from here
    held = _kib("VmRSS")
    start, worked = time.perf_counter(), time.process_time()
    run()
    seconds, worked = time.perf_counter() - start, time.process_time() - worked
    print(seconds, worked, (_kib("VmHWM") - held) / 1024)


def _kib(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


STAGES = {
    "floor: matrix products": products,
    "content draws": draws,
    "quantiles of 7 x 30 series": limits,
    "draws and value": value,
}


def main() -> None:
    """Print the table."""
    found: dict[str, list[list[float]]] = {name: [] for name in STAGES}
    for _ in range(RUNS):
        for name in STAGES:
            command = [sys.executable, "-m", "tests.benchmarks.bench_draws", name]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            found[name].append([float(word) for word in told.split()])
    print(f"{BATCHES} batches x {FAMILIES:,} families x {DRAWS:,} draws, median of {RUNS} runs")
    print(f"{'':36}{'s':>8}{'x floor':>9}{'CPU s':>8}{'MiB more':>10}")
    floors = [seconds for seconds, *_ in next(iter(found.values()))]
    for name, runs in found.items():
        seconds, worked, memory = map(statistics.median, zip(*runs, strict=True))
        ratios = [run[0] / least for run, least in zip(runs, floors, strict=True)]
        ratio = statistics.median(ratios)
        print(f"{name:36}{seconds:8.2f}{ratio:9.1f}{worked:8.2f}{memory:10.0f}")


if __name__ == "__main__":
    if sys.argv[1:]:
        STAGES[sys.argv[1]]()
    else:
        main()
