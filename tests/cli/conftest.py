"""A stand-in for `valuation.api` that keeps its calls, for tests of the command line alone."""

import sys
from types import SimpleNamespace

import pytest


def spread(mean, p10, p90):
    return {"mean": mean, "p10": p10, "p50": mean, "p90": p90}


def summary():
    """What `run` tells of two files, one refused, in one batch with two routes."""
    contained = {"nd": spread(2.0, 1.0, 3.0), "al": spread(1500.0, 1400.0, 1600.0)}
    account = {"lines_read": 12, "lines_loaded": 9, "lines_rejected": 2, "lines_ignored": 1}
    none = dict.fromkeys(account, 0)
    return {
        "run_id": "run-1", "db": "x.duckdb", "data_version": "abc123", "deck_id": "china-net",
        "as_of": "2026-11-22", "seed": 1, "draws": 2000,
        "files": [
            {"name": "a.csv", "status": "loaded", "reason": None,
             "reasons": {"bad_quantity": 2}, "ignored_reasons": {"blank": 1}} | account,
            {"name": "b.bin", "status": "refused", "reason": "b.bin is no table.",
             "reasons": {}, "ignored_reasons": {}} | none,
        ],
        "batches": 1, "lines": 9, "items": 4,
        "units": {"hdd": 1200, "server": 3}, "embedded_units": {"fan": 18},
        "capacity_tb": {"hdd": 14400.0, "ssd": 0.0},
        "identified_share": {"lines": 0.95, "units": 0.99},
        "totals": {
            "a-unknown": {
                "contained_kg": contained, "recovered_kg": {}, "gross_usd": {},
                "net_usd": dict.fromkeys(("mean", "p10", "p50", "p90")) | {"reason": "No cost."},
            },
            "reuse": {
                "contained_kg": contained, "recovered_kg": {},
                "gross_usd": {"nd_oxide": spread(300.0, 1, 2), "aluminium": spread(4000.0, 1, 2)},
                "net_usd": spread(1234.5, -100.0, 2500.0),
            },
        },
        "reviewed": {"items": 3, "units": 17.0},
        "overrides": {"path": "mine.csv", "answers": 5},
        "published": True, "identified_by": {"grammar": 0.95},
        "unidentified_allowance_kg": spread(0.5, 0.1, 1.2),
        "rare_earths_kg": {"contained": spread(2.0, 1.0, 3.0), "in_fans": spread(0.4, 0.0, 0.9)},
        "routes": {
            "a-unknown": {"title": "A", "status": "talks", "settlement": "own"},
            "reuse": {"title": "Reuse", "status": "practised", "settlement": "own"},
        },
        "assumed_cost_share": {"a-unknown": None, "reuse": 0.75},
        "forms": {"whole": 2, "shredded": 1},
        "capacity": [
            {"route_id": "reuse", "reading": "pilot", "boundary": "oxide_out", "from_on": None,
             "batch_kg": 500.0, "plant_kg": 20000.0, "share_of_year": 0.025},
        ],
        "price_age_days": {"nd_oxide": 45, "gold": 9},
        "warnings": ["The price of nd_oxide is 45 days old.", "Route a-unknown: No cost."],
        "seconds": {"inventory": 0.1},
    }  # fmt: skip


@pytest.fixture
def api(monkeypatch, tmp_path):
    """A stand-in for `valuation.api` that keeps its calls; commands run in an empty folder."""
    calls = []
    api = SimpleNamespace(calls=calls, summary=summary(), exit_code=0, error=None)

    def run(files, *, settings, tables=None, progress=None):
        calls.append(SimpleNamespace(files=files, settings=settings, progress=progress))
        progress.stage("inventory")
        progress.update("12 lines")
        progress.warn("Said along the way.")
        if api.error is not None:
            raise api.error
        return SimpleNamespace(summary=api.summary, exit_code=api.exit_code)

    monkeypatch.setitem(
        sys.modules, "valuation.api", SimpleNamespace(run=run, STAGES=("inventory",))
    )
    monkeypatch.chdir(tmp_path)
    return api
