"""A small, consistent world to publish: drives and one unknown item, one route of two steps."""

import datetime
import shutil
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from valuation.store import Publication, open_store

WHEN = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)
DRIVE, UNKNOWN = 11, 22
ND_KG_PER_DRIVE = 0.004
FE_KG_PER_DRIVE = 0.3
PULLED, SEPARATED = 0.9, 0.95
USD_PER_KG_OXIDE = 100.0
OXIDE_PER_ND = 1.1664
COST_USD_PER_DRIVE = 0.25
RESULTS = (
    "batch", "batch_item", "batch_flow", "batch_cost", "batch_value", "batch_sensitivity",
    "batch_break_even",
)  # fmt: skip
FACTORS = np.array([0.5, 0.8, 1.2, 1.5], np.float32)


def lots(run_id="run-1", revalued=(), reason=None, **drives):
    """The publication of a run that read one batch per argument, of so many drives each."""
    read = [batch for batch in drives if batch not in revalued]
    return Publication(
        run=run_row(run_id),
        replaced_batches=read,
        revalued_batches=list(revalued),
        frames={**inputs(run_id, read), **items(), **results(run_id, drives), **reference()},
    )


def run_row(run_id):
    return {
        "run_id": run_id,
        "started_at": WHEN,
        "finished_at": WHEN,
        "data_version": "abc",
        "deck_id": "deck",
        "as_of": datetime.date(2026, 11, 22),
        "seed": 1,
        "draws": len(FACTORS),
        "routes": ("short",),
        "options": {"settlement": "own"},
        "world_id": "w",
        "seconds": {"inventory": 0.1},
        "warnings": [],
    }


def inputs(run_id, read):
    files = [
        {
            "file_id": f"f-{batch}",
            "run_id": run_id,
            "name": f"{batch}.csv",
            "status": "loaded",
            "lines_read": 4,
            "lines_loaded": 3,
            "lines_rejected": 1,
            "lines_ignored": 0,
        }
        for batch in read
    ]
    lines = [
        {"batch_id": batch, "item_id": item, "file_id": f"f-{batch}", "quantity": 1.0}
        | {"serial": serial, "counted": reason is None, "not_counted_reason": reason}
        for batch in read
        for item, serial, reason in (
            (DRIVE, "0012", None),
            (DRIVE, "0012", "repeated_serial"),
            (UNKNOWN, "", None),
        )
    ]
    reject = {"source_line": 2, "reason_code": "bad_quantity", "reason": "`x` is no quantity"}
    found = {
        "input_file": files,
        "line": lines,
        "batch_file": [{"batch_id": b, "file_id": f"f-{b}", "lines": 3} for b in read],
        "rejected_line": [{"file_id": f"f-{b}", **reject} for b in read],
    }
    return {name: pl.DataFrame(rows) for name, rows in found.items() if rows}


def items():
    texts = {"manufacturer_raw": "Maker", "part_number_raw": "", "type_raw": "", "capacity_raw": ""}
    drive = texts | {"item_id": DRIVE, "model_raw": "Drive 12", "description_raw": "12 TB"}
    other = texts | {"item_id": UNKNOWN, "model_raw": "", "description_raw": "thing"}
    drive |= {"kind": "hdd", "item_class": "hdd-3.5", "counted": True, "method": "catalogue"}
    other |= {"kind": "unidentified", "item_class": None, "counted": True, "method": "abstained"}
    evidence = {"item_id": DRIVE, "clue": 1, "method": "catalogue", "used": True}
    content = {"item_class": "hdd-3.5", "mean_g": 15.0, "low_g": 9.0, "high_g": 20.0}
    return {
        "item": pl.DataFrame([drive, other]),
        "item_evidence": pl.DataFrame([evidence]),
        "content": pl.DataFrame(
            [
                content | {"stream": "voice_coil", "basis": "measured", "sources": ["paper"]}
                | {"is_magnet": True},
                content | {"stream": "steel", "basis": "assumed", "sources": ["own-judgement"]}
                | {"mean_g": 45.0, "high_g": 60.0, "is_magnet": False},
            ]
        ),
    }  # fmt: skip


def results(run_id, drives):
    read_at = WHEN + datetime.timedelta(days=int(run_id[-1]))
    rows = {name: [] for name in RESULTS}
    draws = []
    for batch, units in drives.items():
        nd, fe = units * ND_KG_PER_DRIVE, units * FE_KG_PER_DRIVE
        recovered = nd * PULLED * SEPARATED
        gross = recovered * OXIDE_PER_ND * USD_PER_KG_OXIDE
        cost = units * COST_USD_PER_DRIVE
        rows["batch"].append(
            {"batch_id": batch, "run_id": run_id, "read_at": read_at}
            | {"lines": 3, "lines_counted": 2}
            | {"gross_mass_kg": units * 0.65, "units_listed": units + 1.0}
        )
        listed = {"batch_id": batch, "origin": "listed", "lines_of_one": 1}
        rows["batch_item"] += [
            listed | {"item_id": DRIVE, "component_class": "hdd-3.5", "component_kind": "hdd"}
            | {"part_id": "drive"}
            | {"lines": 2, "lines_counted": 1, "quantity": units, "units": units, "nd_kg": nd}
            | {"fe_kg": fe, "pr_kg": 0.0, "dy_kg": 0.0, "tb_kg": 0.0},
            listed | {"item_id": UNKNOWN, "component_class": None}
            | {"component_kind": "unidentified", "lines": 1, "lines_counted": 1}
            | {"quantity": 1.0, "units": 1.0},
        ]  # fmt: skip
        rows["batch_flow"] += flows(batch, nd, fe)
        rows["batch_cost"].append(
            {"batch_id": batch, "route_id": "short", "step_no": 1, "step_id": "pull"}
            | {"cost_id": "labour", "denominator": "unit", "quantity": units, "mean": cost}
            | {"p10": cost / 2, "p90": cost * 2, "unknown": False, "basis": "assumed"}
        )
        figures = {
            (None, None, "nd", "contained_kg"): nd,
            (None, None, "pr", "contained_kg"): 0.0,
            (None, None, "dy", "contained_kg"): 0.0,
            (None, None, "tb", "contained_kg"): 0.0,
            (None, None, "fe", "contained_kg"): fe,
            (None, None, None, "contained_ree_kg"): nd,
            ("short", "nd_oxide", None, "recovered_kg"): recovered * OXIDE_PER_ND,
            ("short", "nd_oxide", None, "gross_usd"): gross,
            ("short", "total", None, "gross_usd"): gross,
            ("short", "total", None, "cost_usd"): cost,
            ("short", "total", None, "net_usd"): gross - cost,
        }
        names = ("route_id", "product_id", "element", "measure")
        for key, mean in figures.items():
            p10, p50, p90 = (float(q) for q in np.quantile(mean * FACTORS, (0.1, 0.5, 0.9)))
            figure = {"batch_id": batch, **dict(zip(names, key, strict=True))}
            spread = {"mean": mean, "p10": p10, "p50": p50, "p90": p90}
            rows["batch_value"].append(figure | spread)
            if key[3].startswith(("contained", "net_usd")) and key[2] != "fe":
                draws.append(figure | {"draws": (mean * FACTORS).tolist()})
        rows["batch_sensitivity"] += shares(batch, gross - cost)
        rows["batch_break_even"] += break_evens(batch, gross - cost)
    frames = {name: pl.DataFrame(found, infer_schema_length=None) for name, found in rows.items()}
    frames["batch_draw"] = pl.DataFrame(draws, schema_overrides={"draws": pl.List(pl.Float32)})
    return frames


def shares(batch, net):
    """Net rests on prices and magnet mass; pieces that do not arrive are outside."""
    found = {
        "prices": (0.7, True, net * 0.8, net * 1.3),
        "magnet_mass": (0.25, True, net * 0.9, net * 1.1),
        "count": (0.01, False, net * 0.93, net * 0.99),
        "interaction": (0.05, True, None, None),
    }
    names = ("first_order_share", "in_quantiles", "low", "high")
    return [
        {"batch_id": batch, "route_id": "short", "measure": "net_usd", "parameter_group": group}
        | dict(zip(names, row, strict=True))
        for group, row in found.items()
    ]


def break_evens(batch, net):
    """A price at which the net is nothing, and a capture that does not decide its sign."""
    key = {"batch_id": batch, "route_id": "short", "against": "zero"}
    price = {"what": "ndpr_price", "value": 80.0, "at_present": 100.0, "unit": "USD/kg"}
    price |= {"better_when": "above", "net_usd_at_present": net, "chance_better": 0.9}
    capture = {"what": "capture", "at_present": PULLED, "unit": "1"}
    return [key | price, key | capture | {"reason": "above zero at any capture"}]


def flows(batch, nd, fe):
    """Magnets pulled, iron left to steel; then neodymium separated to oxide."""
    steps = [
        (1, "pull", "nd", nd * PULLED, 0.0, None, None),
        (1, "pull", "nd", 0.0, nd * (1 - PULLED), "steel", None),
        (1, "pull", "fe", 0.0, fe, "steel", None),
        (2, "separate", "nd", nd * PULLED * SEPARATED, 0.0, None, "nd_oxide"),
        (2, "separate", "nd", 0.0, nd * PULLED * (1 - SEPARATED), "residue", None),
    ]
    names = ("step_no", "step_id", "element", "out_kg", "lost_kg", "sink", "product_id")
    return [
        {"batch_id": batch, "route_id": "short", "in_kg": step[3] + step[4]}
        | dict(zip(names, step, strict=True))
        for step in steps
    ]


def reference():
    price = {"price_basis": "china-net", "form": "oxide", "mid": USD_PER_KG_OXIDE}
    price |= {"usd_per_kg_low": 95.0, "usd_per_kg": 100.0, "usd_per_kg_high": 105.0}
    sales = ND_KG_PER_DRIVE * PULLED * SEPARATED * OXIDE_PER_ND * USD_PER_KG_OXIDE
    worth = {"gross_usd_per_unit": sales, "ree_gross_usd_per_unit": sales}
    found = {
        "part_value": [{"part_id": "drive", "route_id": "short"} | worth],
        "parameter_draw": [{"parameter_key": "g/voice-coil", "draws": [1.0, 0.9, 1.1, 1.0]}],
        "route": [{"route_id": "short", "title": "Short", "source_id": "paper"}],
        "route_step": [
            {"route_id": "short", "step_no": 1, "step_id": "pull", "title": "Pull magnets"},
            {"route_id": "short", "step_no": 2, "step_id": "separate", "title": "Separate"},
        ],
        "product": [{"product_id": "nd_oxide", "title": "Neodymium oxide"}],
        "price": [
            {"deck_id": "deck", "product_id": "nd_oxide", "source_id": "paper", "age_days": 40}
            | price
        ],
        "source": [{"source_id": "own-judgement"}, {"source_id": "paper"}],
        "assumption": [
            {"assumption_id": "price_age_warning_days", "value": 30.0, "source_id": "paper"}
        ],
    }
    return {name: pl.DataFrame(rows) for name, rows in found.items()}


@pytest.fixture(name="lots")
def _lots():
    """Makes publications: `lots(A=100, B=50)`."""
    return lots


@pytest.fixture(scope="session")
def sound(tmp_path_factory):
    """A published file of two batches, for tests to copy."""
    path = tmp_path_factory.mktemp("sound") / "a.duckdb"
    with duckdb.connect() as engine, open_store(path, engine) as store:
        store.publish(lots(A=100, B=50))
    return path


@pytest.fixture
def path(tmp_path, sound):
    """A published file of batches A and B that a test may change."""
    return Path(shutil.copy(sound, tmp_path / "a.duckdb"))


@pytest.fixture
def connection():
    """An engine."""
    with duckdb.connect() as engine:
        yield engine
