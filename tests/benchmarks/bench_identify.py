"""How long `valuation identify` takes when every line describes another thing."""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.measuring import VALUATION, floor, in_turn, print_table

SIZES = (10_000, 100_000)
FLOOR = "floor: DuckDB parses every column"


def main() -> None:
    """Print one table for each size."""
    for lines in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            export, out = Path(folder) / "export.csv", Path(folder) / "out.parquet"
            made = [sys.executable, "-m", "tests.benchmarks.descriptions", str(export), str(lines)]
            subprocess.run(made, check=True)
            identify = [*VALUATION, "identify", str(export), "--out", str(out), "--quiet"]
            commands = {FLOOR: floor(str(export)), "identify": [*identify, "--force"]}
            found = in_turn(commands)
            print_table(f"{lines:,} distinct descriptions", found.items(), found[FLOOR])


if __name__ == "__main__":
    main()
