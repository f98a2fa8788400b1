"""From a valued run to the rows of the store: each table is made here, and only here."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from valuation.assumptions import assumptions_used
from valuation.choice import Choice
from valuation.chunks import RELATIONS as VALUED
from valuation.engine.duckdb import Engine
from valuation.frames import FileFrame
from valuation.measuring import sources as measured_sources
from valuation.pipeline import Valued
from valuation.price import price_rows
from valuation.price.resale import resale_rows
from valuation.store import Publication
from valuation.tracing import traces
from valuation.uncertain import Draws
from valuation.version import __version__
from valuation.world import World

SQL = Path(__file__).with_name("publishing.sql")
BATCH = {"batch_id": pl.String}
"""Schema of a list of batches as a frame."""
RELATIONS = {
    "line": "published_line",
    "rejected_line": "read_reject",
    "batch_item": "batch_item_mass",
    "batch_reuse": "thing_reuse",
    **VALUED,
}
"""Tables too large for a frame, and what of the engine fills them."""
STAGES = {"capture": "recovery", "cost": "recovery", "payable": "recovery", "resale": "price"}


def world_row(world: World) -> dict[str, Any]:
    """A world as the `run` table keeps it, with the hash that tells two worlds apart."""
    settings = world.settings
    row: dict[str, Any] = {
        "data_version": world.tables.version,
        "deck_id": world.deck.deck_id,
        "deck_version": world.deck.version,
        "as_of": settings.as_of,
        "seed": settings.seed,
        "draws": settings.draws,
        "routes": list(world.routes),
        "options": {
            "settlement": settings.settlement,
            "scenario": settings.scenario,
            "program_version": __version__,
        },
    }
    if world.overrides.version:  # a run without reviewed items is in the world it always was in
        row["options"]["overrides"] = world.overrides.version
    if settings.policy is not None:
        row["options"]["policy"] = settings.policy
    if world.resale is not None:
        row["options"]["resale"] = world.resale.version
    if world.measured.version:
        row["options"]["measured"] = world.measured.version
    text = json.dumps(row, default=str, sort_keys=True)
    return row | {"world_id": hashlib.sha256(text.encode()).hexdigest()[:16]}


def run_id_of(world: Mapping[str, Any], files: FileFrame, started_at: datetime) -> str:
    """A run's name: when it began, and a hash of its world and files."""
    text = json.dumps([world["world_id"], files["file_id"].to_list(), started_at.isoformat()])
    return f"{started_at:%Y%m%dT%H%M%SZ}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def publication_of(
    engine: Engine,
    run: Mapping[str, Any],
    world: World,
    valued: Valued,
    choice: Choice,
    files: FileFrame,
    *,
    new_world: bool,
) -> Publication:
    """Every row this run publishes.

    Args:
        engine: Holds `read_line`, `read_batch`, `read_reject`, and what valuing left.
        run: The row of table `run`.
        world: What decided the figures.
        valued: What the stages made.
        choice: Which batches are replaced, which are kept.
        files: The account of every file.
        new_world: Whether no batch keeps figures of the world before.
    """
    engine.register("held_batch", pl.DataFrame({"batch_id": list(choice.held)}, schema=BATCH))
    engine.step(SQL)
    frames = {
        "input_file": files.with_columns(run_id=pl.lit(run["run_id"])),
        "batch": _batches(run, valued),
        "batch_file": engine.frame("from published_batch_file"),
        "item": valued.items.join(valued.identity.items, on="item_id"),
        "item_evidence": valued.identity.evidence,
        "content": valued.content.rows(world.tables),
        "batch_capacity": valued.worth.capacity,
        "batch_measurement": valued.worth_measuring,
        "own_measurement": valued.content.measurements(world.tables),
        "part_value": valued.part_values,
        "class_value": valued.class_values,
        "parameter_draw": parameter_draws(world),
        "price": price_rows(world.deck),
        **owner_frames(world, valued),
        **_reference(world, valued),
        **traces(world, valued),
    }
    again = set(valued.batch_ids) - set(choice.read)
    return Publication(
        run=run,
        new_world=new_world,
        replaced_batches=choice.read,
        revalued_batches=sorted(again),
        frames=frames,
        relations=RELATIONS,
    )


def owner_frames(world: World, valued: Valued) -> dict[str, pl.DataFrame]:
    """What the owner allows by batch, and the resale table as used."""
    owner = valued.worth.owner
    return {
        "batch_policy": owner.rulings.batches(),
        "batch_route_policy": owner.rulings.routes(),
        "resale_price": resale_rows(world.resale),
    }


def _batches(run: Mapping[str, Any], valued: Valued) -> pl.DataFrame:
    counts = valued.counts.join(valued.forms.rows(valued.batch_ids), on="batch_id", how="left")
    return counts.join(valued.worth.fans, on="batch_id", how="left").with_columns(
        run_id=pl.lit(run["run_id"]), read_at=pl.lit(run["started_at"])
    )


def parameter_draws(world: World) -> pl.DataFrame:
    """Every shared parameter: levels of spread, yields, costs, prices, and named families.

    The errors of unlisted families, part numbers, items and pieces are not kept: seed and key make
    them again.
    """
    noted = world.source.noted
    keys = sorted(noted)
    draws: Draws = np.stack([noted[key][1] for key in keys]).astype(np.float32)
    return pl.DataFrame(
        {
            "parameter_key": keys,
            "stage": [_stage(key) for key in keys],
            "unit": [noted[key][2] for key in keys],
            "mean": pl.Series([noted[key][0] for key in keys], dtype=pl.Float64),
            "draws": pl.Series(draws).cast(pl.List(pl.Float32)),
        }
    )


def _stage(key: str) -> str:
    kind = key.split("/", 1)[0]
    return "price" if kind.startswith("price") else STAGES.get(kind, "content")


def _reference(world: World, valued: Valued) -> dict[str, pl.DataFrame]:
    """Reference tables of the store, as used; a deck of one's own is a source of its own."""
    tables = world.tables
    frames = {name: tables.frame(name) for name in ("route", "route_step", "product")}
    frames["assumption"] = assumptions_used(
        tables, world.deck, world.routes, valued.forms.used, world.settings.scenario
    )
    frames["route_capture"] = tables.frame("capture").rename({"to": "leaves_as"})
    frames["route_step_form"] = tables.frame("step_form")
    frames["route_cost"] = tables.frame("cost")
    frames["route_policy"] = tables.frame("policy")
    frames["route_capacity"] = tables.frame("capacity")
    sources = tables.frame("sources")
    used = price_rows(world.deck).select("source_id").unique()
    own = used.join(sources, on="source_id", how="anti").with_columns(
        title=pl.lit(f"Deck {world.settings.deck}, given by the user")
    )
    titles = measured_sources(world.settings.measured)
    weighed = pl.DataFrame({"source_id": list(titles), "title": list(titles.values())})
    frames["source"] = pl.concat([sources, own, weighed], how="diagonal_relaxed")
    return frames
