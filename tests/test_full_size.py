"""The full size: a million dirty lines, every one accounted for, and memory that stays bounded."""

import json
import subprocess
import sys

import pytest

from tests.benchmarks.fleet import BATCHES, write_export


@pytest.mark.long
def test_a_million_lines_balance_and_are_counted_exactly(tmp_path):
    truth = write_export(tmp_path / "fleet.csv")
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
    (file,) = summary["files"]
    assert file["lines_read"] == truth["read"]
    assert file["lines_rejected"] == truth["rejected"]
    assert file["lines_ignored"] == truth["ignored"]
    assert file["lines_loaded"] == truth["read"] - truth["rejected"] - truth["ignored"]
    for kind in ("hdd", "ssd", "server", "fan"):
        assert summary["units"][kind] == truth[kind], kind
    assert summary["batches"] == BATCHES
    assert summary["peak_kib"] < 2 * 1024 * 1024
