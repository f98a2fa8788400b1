"""How long `valuation value` takes, as a ratio to what DuckDB needs to parse the same file.

`make bench` prints one table. The floor and every figure are measured in turn, in the same minute,
each as a whole process, the median of several runs: a machine's speed drifts, a ratio less so.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.fleet import LINES

RUNS = 3
FLOOR = (
    "import duckdb, sys\n"
    "con = duckdb.connect()\n"
    "source = con.read_csv(sys.argv[1], all_varchar=True)\n"
    "counts = ', '.join(f'count(\"{name}\")' for name in source.columns)\n"
    "con.sql(f'select {counts} from source').fetchall()\n"
)


def measure(command: Sequence[str]) -> tuple[float, float]:
    """Wall time and peak memory of one run of a process. [s, MiB]"""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        export, db = Path(folder) / "fleet.csv", Path(folder) / "x.duckdb"
        # made by another process: a child's peak memory starts from what its parent held
        subprocess.run([sys.executable, "-m", "tests.benchmarks.fleet", str(export)], check=True)
        value = [sys.executable, "-m", "valuation", "value", str(export), "--db", str(db)]
        value += ["--replace", "--quiet"]
        commands = {
            "floor: DuckDB parses every column": [sys.executable, "-c", FLOOR, str(export)],
            "value --no-lines": [*value, "--no-lines"],
            "value": value,
        }
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(RUNS):
            for name, command in commands.items():
                found[name].append(measure(command))
    print(f"{LINES:,} lines, median of {RUNS} runs in turn")
    print(f"{'':36}{'s':>8}{'x floor':>9}{'MiB':>8}")
    floors = [seconds for seconds, _ in next(iter(found.values()))]
    for name, runs in found.items():
        seconds = statistics.median(s for s, _ in runs)
        pairs = zip(runs, floors, strict=True)
        ratio = statistics.median(s / floor for (s, _), floor in pairs)
        memory = statistics.median(peak for _, peak in runs)
        print(f"{name:36}{seconds:8.2f}{ratio:9.1f}{memory:8.0f}")


if __name__ == "__main__":
    main()
