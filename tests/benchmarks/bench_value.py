"""How long `valuation value` takes, as a ratio to what DuckDB needs to parse the same file.

    python -m tests.benchmarks.bench_value --rows 1000000

For two inventories: the floor, the program with and without lines and from Parquet, and the same
counts and means with pandas, all beside the floor of the CSV file. What the program tells is
checked against what was written, and what pandas makes of the file against the program.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.benchmarks.checking import AGREEMENT, account_faults, furthest_apart, kind_differences
from tests.benchmarks.measuring import (
    RUNS,
    VALUATION,
    Found,
    Spent,
    floor,
    in_turn,
    measure,
    parts_of,
    print_table,
    records,
)
from tests.benchmarks.size import NAMES, Size, make, size_of, size_options

FLOOR: Final = "floor: DuckDB parses every column"
NO_LINES: Final = "value --no-lines"
PANDAS: Final = "pandas: counts and means"
LINES: Final = "value"
PARQUET: Final = "value --no-lines, Parquet"
SPLIT: Final = (NO_LINES, LINES, PARQUET)
PER_ROW: Final = "inventory"
"""The stage whose time grows with the rows."""
CHECK: Final = "check"
"""The stage that balances the books and repairs, where a run times it by itself."""


def main() -> None:
    """Print a table for each inventory; end with 1 where a count is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inventory", action="append", choices=NAMES, help="all when not given")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--folder", help="where the files are written, some GB of them")
    size_options(parser)
    given = parser.parse_args()
    faults: list[str] = []
    for name in given.inventory or NAMES:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            faults += compare(name, size_of(given), Path(folder), given.runs)
    sys.exit("\n".join(faults) if faults else 0)


def compare(name: str, size: Size, folder: Path, runs: int) -> list[str]:
    """Print the table of one inventory; what is wrong in a run is returned."""
    export, parquet, db = folder / "export.csv", folder / "export.parquet", folder / "x.duckdb"
    truth = make(name, size, export, parquet)
    value = [*VALUATION, "value", "--db", str(db), "--replace", "--no-overrides", "--json"]
    summary = measure([*value, "--no-lines", str(export)]).summary
    known = [sys.executable, "-m", "tests.benchmarks.known", str(db), str(folder)]
    subprocess.run(known, check=True)
    pandas = [sys.executable, "-m", "tests.benchmarks.pandas_value", str(export), str(folder)]
    commands = {
        "DuckDB count(*), all cells text": records(str(export)),
        FLOOR: floor(str(export)),
        NO_LINES: [*value, "--no-lines", str(export)],
        LINES: [*value, str(export)],
        PARQUET: [*value, "--no-lines", str(parquet)],
        PANDAS: pandas,
    }
    found = in_turn(commands, runs)
    gigabytes = export.stat().st_size / 1e9
    title = f"{name}: {truth['read']:,} rows, {gigabytes:.2f} GB, {truth['batches']:,} batches"
    print_table(f"{title}, {summary['items']:,} items", with_parts(found), found[FLOOR])
    for difference in kind_differences(summary, truth):
        print(f"  {difference}")
    last = {told: found[told][-1].summary for told in (*SPLIT, PANDAS)}
    faults = [f"{name}, {run}: {f}" for run in SPLIT for f in account_faults(last[run], truth)]
    figure, apart = furthest_apart(last[NO_LINES], last[PANDAS])
    print(f"  pandas and the program differ most in {figure}: by {apart:.1e}\n", flush=True)
    if apart > AGREEMENT:
        faults.append(f"{name}: pandas and the program differ by {apart:.1e} in {figure}")
    return faults


def with_parts(found: Found) -> Iterator[tuple[str, list[Spent]]]:
    """The runs, and below each of the program's its part that grows with the rows, and the rest."""
    for name, spent in found.items():
        yield name, spent
        if name not in SPLIT:
            continue
        yield "  per row", parts_of(spent, lambda run: _stage(run, PER_ROW))
        if any(CHECK in run.summary["seconds"] for run in spent):
            yield "  of it check and repair", parts_of(spent, lambda run: _stage(run, CHECK))
        yield "  what follows", parts_of(spent, lambda run: run.seconds - _stage(run, PER_ROW))


def _stage(run: Spent, stage: str) -> float:
    """Time of one stage of a run. [s]"""
    return float(run.summary["seconds"].get(stage, 0.0))


if __name__ == "__main__":
    main()
