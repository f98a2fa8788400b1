"""Whole processes in turn, each figure as a ratio to a floor run in the same minute.

A machine's speed drifts, a ratio less so; the floor and every command take turns.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

RUNS: Final = 3
VALUATION: Final = [sys.executable, "-m", "valuation"]
_RECORDS: Final = (
    "import duckdb, sys\n"
    "source = duckdb.connect().read_csv(sys.argv[1], all_varchar=True)\n"
    "source.count('*').fetchall()\n"
)
_FLOOR: Final = (
    "import duckdb, sys\n"
    "con = duckdb.connect()\n"
    "source = con.read_csv(sys.argv[1], all_varchar=True)\n"
    "counts = ', '.join(f'count(\"{name}\")' for name in source.columns)\n"
    "con.sql(f'select {counts} from source').fetchall()\n"
)


@dataclass(frozen=True)
class Spent:
    """What one run of a process took.

    Attributes:
        seconds: By the clock. [s]
        processor_s: Of all its threads and children, in the program and for it; None for a part
            of a run. [s]
        peak_mib: Most memory its largest process held; None for a part of a run. [MiB]
        told: What it printed.
    """

    seconds: float
    processor_s: float | None = None
    peak_mib: float | None = None
    told: str = ""

    @property
    def summary(self) -> dict[str, Any]:
        """The object it printed."""
        return json.loads(self.told)


Found = dict[str, list[Spent]]
"""Runs of each command, the n-th of one beside the n-th of another."""


def records(export: str) -> list[str]:
    """The command that counts the records of an export, all cells text."""
    return [sys.executable, "-c", _RECORDS, export]


def floor(export: str) -> list[str]:
    """The command that parses every column of an export and does nothing else."""
    return [sys.executable, "-c", _FLOOR, export]


def measure(command: Sequence[str]) -> Spent:
    """One run of a process.

    Raises:
        SystemExit: It failed.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if status:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
        out.seek(0)
        worked = usage.ru_utime + usage.ru_stime
        return Spent(seconds, worked, usage.ru_maxrss / 1024, out.read())


def in_turn(commands: Mapping[str, Sequence[str]], runs: int = RUNS) -> Found:
    """Every command so many times, one after the other."""
    found: Found = {name: [] for name in commands}
    for turn in range(1, runs + 1):
        for name, command in commands.items():
            print(f"{turn} of {runs}: {name}", file=sys.stderr)
            found[name].append(measure(command))
    return found


def parts_of(runs: Sequence[Spent], seconds: Callable[[Spent], float]) -> list[Spent]:
    """A part of each run, which has a time only."""
    return [Spent(seconds(run)) for run in runs]


def print_table(
    title: str, rows: Iterable[tuple[str, Sequence[Spent]]], floors: Sequence[Spent]
) -> None:
    """Print medians; the ratio is the median of the ratios to the floor of the same turn."""
    print(f"{title}, median of {len(floors)} runs in turn")
    print(f"{'':40}{'s':>8}{'x floor':>9}{'CPU s':>8}{'MiB':>8}", flush=True)
    for name, spent in rows:
        seconds = statistics.median(run.seconds for run in spent)
        pairs = zip(spent, floors, strict=True)
        ratio = statistics.median(run.seconds / least.seconds for run, least in pairs)
        worked = _median([run.processor_s for run in spent], ".2f")
        peak = _median([run.peak_mib for run in spent], ".0f")
        print(f"{name:40}{seconds:8.2f}{ratio:9.1f}{worked:>8}{peak:>8}", flush=True)


def _median(values: Sequence[float | None], form: str) -> str:
    known = [value for value in values if value is not None]
    return format(statistics.median(known), form) if known else ""
