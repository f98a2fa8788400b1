"""The full size: a million dirty lines, every one accounted for, and memory that stays bounded."""

import json
import subprocess
import sys

import pytest

from tests.benchmarks.checking import account_faults
from tests.benchmarks.inventories import write_inventory
from tests.benchmarks.size import Size


@pytest.mark.long
def test_a_million_lines_balance_and_are_counted_exactly(tmp_path):
    truth = write_inventory("fleet", Size(1_000_000, batches=50), tmp_path / "fleet.csv").told()
    program = (
        "import json, resource, sys\n"
        "from pathlib import Path\n"
        "from valuation import Settings, run\n"
        "given = Settings(db=Path(sys.argv[2]), draws=500, keep_lines=False)\n"
        "result = run([sys.argv[1]], settings=given)\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(json.dumps(result.summary | {'peak_kib': peak}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "fleet.csv"), str(tmp_path / "x.duckdb")],
        capture_output=True,
        text=True,
        check=True,
    )
    summary = json.loads(done.stdout)
    assert list(account_faults(summary, truth)) == []
    for kind in ("hdd", "ssd", "server", "fan"):
        assert summary["units"][kind] == pytest.approx(truth["units"][kind], rel=1e-3), kind
    assert summary["peak_kib"] < 2 * 1024 * 1024
