"""How long `valuation value` takes, as a ratio to what DuckDB needs to parse the same file."""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.fleet import LINES
from tests.benchmarks.measuring import VALUATION, floor, print_table


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        export, db = Path(folder) / "fleet.csv", Path(folder) / "x.duckdb"
        # made by another process: a child's peak memory starts from what its parent held
        subprocess.run([sys.executable, "-m", "tests.benchmarks.fleet", str(export)], check=True)
        value = [*VALUATION, "value", str(export), "--db", str(db), "--replace", "--quiet"]
        commands = {
            "floor: DuckDB parses every column": floor(str(export)),
            "value --no-lines": [*value, "--no-lines"],
            "value": value,
        }
        print_table(f"{LINES:,} lines", commands)


if __name__ == "__main__":
    main()
