"""One small lot, valued once: drives of two families, a server with what is in it, fans."""

from datetime import date

import pytest

from valuation.api import run
from valuation.explain import explain
from valuation.settings import Settings

LOT = """Batch,Serial Number,Manufacturer,Model,Asset Type,Capacity,Quantity
LOT-1,,Seagate,ST4000NM0033-9ZM170,Hard Disk,4TB,60
LOT-1,,HGST,HUH721212ALE604,Hard Disk,12TB,40
LOT-1,,Dell,PowerEdge R740,Server,,2
LOT-1,,Delta,AFB1212VHE,Fan,,6
LOT-2,,Seagate,ST4000NM0033-9ZM170,Hard Disk,4TB,5
"""


@pytest.fixture(scope="session")
def valued(tmp_path_factory):
    """Values the lot under some settings; each once."""
    made = {}

    def value(**given):
        key = tuple(sorted(given.items()))
        if key not in made:
            folder = tmp_path_factory.mktemp("lot")
            (folder / "lot.csv").write_text(LOT, encoding="utf-8")
            settings = {"db": folder / "lot.duckdb", "as_of": date(2026, 11, 22), "draws": 60}
            result = run([folder / "lot.csv"], settings=Settings(**settings | given))
            assert result.exit_code == 0
            made[key] = result.db
        return made[key]

    return value


@pytest.fixture
def lot(valued):
    """The published file of the lot as shipped: every route on its own settlement."""
    return valued()


@pytest.fixture(scope="session")
def net(valued):
    """The explained net of the lot on a route; each once, to be looked at only."""
    made = {}

    def of(route_id="korea-zinc-us"):
        if route_id not in made:
            made[route_id] = explain(valued(), "LOT-1", route_id=route_id)
        return made[route_id]

    return of
