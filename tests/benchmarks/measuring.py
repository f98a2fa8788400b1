"""Whole processes in turn, each figure as a ratio to a floor run in the same minute.

A machine's speed drifts, a ratio less so; the floor and every command take turns.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

RUNS = 3
VALUATION = [sys.executable, "-m", "valuation"]
_FLOOR = (
    "import duckdb, sys\n"
    "con = duckdb.connect()\n"
    "source = con.read_csv(sys.argv[1], all_varchar=True)\n"
    "counts = ', '.join(f'count(\"{name}\")' for name in source.columns)\n"
    "con.sql(f'select {counts} from source').fetchall()\n"
)


def floor(export: str) -> list[str]:
    """The command that parses every column of an export and does nothing else."""
    return [sys.executable, "-c", _FLOOR, export]


def measure(command: Sequence[str]) -> tuple[float, float]:
    """Wall time and peak memory of one run of a process. [s, MiB]"""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def print_table(title: str, commands: Mapping[str, Sequence[str]]) -> None:
    """Run the commands in turn and print their medians; the first is the floor."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(RUNS):
        for name, command in commands.items():
            found[name].append(measure(command))
    print(f"{title}, median of {RUNS} runs in turn")
    print(f"{'':36}{'s':>8}{'x floor':>9}{'MiB':>8}")
    floors = [seconds for seconds, _ in next(iter(found.values()))]
    for name, runs in found.items():
        seconds = statistics.median(s for s, _ in runs)
        pairs = zip(runs, floors, strict=True)
        ratio = statistics.median(s / least for (s, _), least in pairs)
        memory = statistics.median(peak for _, peak in runs)
        print(f"{name:36}{seconds:8.2f}{ratio:9.1f}{memory:8.0f}")
