"""The picture shows every batch with its range and every route, known or not."""

import datetime
import shutil
from pathlib import Path

import duckdb
import pytest

from valuation.api import run
from valuation.chart import draw_chart
from valuation.cli import main
from valuation.errors import OutputError
from valuation.settings import Settings

EXPORT = """Batch,Serial,Manufacturer,Model,Type,Quantity
lot <1>,Z1,Seagate,ST4000NM0033-9ZM170,Hard Disk,12
lot 2,Z2,HGST,HUH721212ALE604,Hard Disk,40
"""


@pytest.fixture(scope="module")
def db(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("chart")
    (folder / "x.csv").write_text(EXPORT, encoding="utf-8")
    chosen = Settings(db=folder / "x.duckdb", as_of=datetime.date(2026, 3, 1), draws=200)
    return run([folder / "x.csv"], settings=chosen).db


def test_the_picture_names_batches_and_routes_and_says_what_is_not_known(db, tmp_path):
    text = draw_chart(db, tmp_path / "x.svg").read_text(encoding="utf-8")
    assert text.startswith("<svg")
    for words in ("lot 2", "lot &lt;1&gt;", "korea-zinc-us", "reuse", "not known"):
        assert words in text


def test_what_the_owner_forbids_is_marked_and_comes_last(db, tmp_path):
    policy = Settings(db=tmp_path / "p.duckdb", as_of=datetime.date(2026, 3, 1), policy="shred")
    marked = run([db.parent / "x.csv"], settings=policy).db
    text = draw_chart(marked, tmp_path / "p.svg").read_text(encoding="utf-8")
    assert text.index("shred-to-steel") < text.index("korea-zinc-us (forbidden)")
    assert "(forbidden)" not in draw_chart(db, tmp_path / "x.svg").read_text(encoding="utf-8")


def test_a_file_of_before_policies_were_is_drawn(db, tmp_path):
    old = tmp_path / "old.duckdb"
    shutil.copy(db, old)
    with duckdb.connect(old) as earlier:
        earlier.execute("drop view route_comparison cascade")
        earlier.execute("drop table batch_route_policy")
    assert "korea-zinc-us" in draw_chart(old, tmp_path / "old.svg").read_text(encoding="utf-8")


def test_the_command_says_where_the_picture_lies(db, tmp_path, capsys):
    assert main(["chart", "--db", str(db), "--out", str(tmp_path / "x.svg")]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "x.svg")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(OutputError, match="nothing"):
        draw_chart(tmp_path / "nothing.duckdb", tmp_path / "x.svg")


def test_a_missing_folder_is_named(db, tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        draw_chart(db, tmp_path / "no" / "x.svg")
