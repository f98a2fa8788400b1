"""The file opens with an older DuckDB client: tables, views and the macro, read by another venv."""

import datetime
import json
import subprocess
import sys

import pytest

from valuation import Settings, run

OLDER = "duckdb==1.4.*"
EXPORT = "Batch,Serial,Manufacturer,Model,Quantity\nA,Z1,Seagate,ST4000NM0033-9ZM170,12\n"
PROGRAM = """
import duckdb, json, sys
con = duckdb.connect(sys.argv[1], read_only=True)
rows = con.execute("select distinct table_name from data_dictionary").fetchall()
names = [row[0] for row in rows]
counts = {name: con.execute(f'select count(*) from "{name}"').fetchone()[0] for name in names}
macro = con.execute("select mean from quantile_of_sum('net_usd', 'ionic-belfast')").fetchone()[0]
print(json.dumps({"version": duckdb.__version__, "counts": counts, "macro": macro}))
"""


@pytest.mark.long
def test_an_older_client_reads_every_table_and_view(tmp_path):
    (tmp_path / "x.csv").write_text(EXPORT, encoding="utf-8")
    chosen = Settings(db=tmp_path / "x.duckdb", as_of=datetime.date(2026, 3, 1), draws=200)
    published = run([tmp_path / "x.csv"], settings=chosen)
    venv = tmp_path / "venv"
    uv = [sys.executable, "-m", "uv", "--quiet"]
    python = venv / "bin" / "python"
    subprocess.run([*uv, "venv", "--python", sys.executable, str(venv)], check=True)
    subprocess.run([*uv, "pip", "install", "--python", str(python), OLDER], check=True)
    done = subprocess.run(
        [str(python), "-c", PROGRAM, str(published.db)], capture_output=True, text=True, check=True
    )
    seen = json.loads(done.stdout)
    assert seen["version"].startswith("1.4")
    assert seen["counts"]["batch"] == 1 and seen["counts"]["batch_summary"] == 1
    assert seen["macro"] == pytest.approx(
        published.summary["totals"]["ionic-belfast"]["net_usd"]["mean"]
    )
