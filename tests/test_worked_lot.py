"""The lot worked by hand in `data/README.md`: its arithmetic, its rows and a run of it agree."""

import datetime
import re

import duckdb
import pytest

from tests.worked_lot import BEGIN, END, LOT, PAGE, ROUTE, evaluate, lines, page
from tests.worked_rows import AS_OF
from valuation.api import run
from valuation.settings import Settings

FOUND = list(lines())


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    folder = tmp_path_factory.mktemp("worked")
    (folder / "lot.csv").write_text(LOT, encoding="utf-8")
    settings = Settings(
        db=folder / "lot.duckdb",
        routes=(ROUTE,),
        as_of=datetime.date.fromisoformat(AS_OF),
        use_overrides=False,
    )
    run(folder / "lot.csv", settings=settings)
    with duckdb.connect(str(folder / "lot.duckdb"), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("line", FOUND, ids=lambda line: line.label)
def test_a_line_of_the_page_is_what_the_database_says(database, line):
    table, where, column = line.query
    held = database.execute(f"select {column} from {table} where {where}").fetchall()
    assert len(held) == 1
    assert held[0][0] == pytest.approx(evaluate(FOUND)[line.label], rel=1e-6)


def test_the_page_shows_the_rows_as_they_are():
    text = PAGE.read_text(encoding="utf-8")
    shown = re.search(f"{BEGIN}.*{END}", text, re.DOTALL)
    assert shown is not None, "data/README.md has lost the marks of the worked lot"
    assert shown[0] == page(), "refresh it: python -m tests.worked_lot"


def test_the_lot_on_the_page_is_costed_whole(database):
    """No cost of the run is left off the page."""
    known = {line.query[1] for line in FOUND if line.query[0] == "batch_cost"}
    costs = database.execute("select cost_id from batch_cost where mean <> 0").fetchall()
    assert {f"cost_id = '{cost}'" for (cost,) in costs} == known
