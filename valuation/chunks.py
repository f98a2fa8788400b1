"""Chunks: batches are valued some at a time, and their rows go to the engine as they are made.

What many batches are worth is most of what a run makes, draws above all. The engine writes it to
disk where memory is short; here only what the summary tells of it is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import polars as pl

from valuation.capacity import batch_capacity
from valuation.engine.duckdb import Engine
from valuation.measuring.next import spreads_of
from valuation.movement import MOVED_MEASURES
from valuation.shapes import BatchContent
from valuation.tables import Tables
from valuation.value import Owner, Rows, Totals, Valuing

RELATIONS: Final = {
    "batch_value": "valued_value",
    "batch_draw": "valued_draw",
    "batch_flow": "valued_flow",
    "batch_cost": "valued_cost",
    "batch_sensitivity": "valued_sensitivity",
    "batch_break_even": "valued_break_even",
}
"""Tables of the store, and in which table of the engine their rows are."""
TOLD_MEASURES: Final = (*MOVED_MEASURES, "gross_usd")
TOLD_COSTS: Final = ("batch_id", "route_id", "mean", "unknown", "basis")


@dataclass(frozen=True)
class Worth:
    """What is told of batches whose rows the engine holds.

    Attributes:
        values: `batch_value`, of the measures `TOLD_MEASURES`.
        costs: `batch_cost`, the columns `TOLD_COSTS`.
        fans: Per batch: chance that any fan is NdFeB, and rare earths in fans if so. [1, kg]
        capacity: What each batch would bring to the plants of its routes.
        spreads: How uncertain the net of each route is, and what rare earths are contained.
        totals: Sums over batches.
        owner: What the owner's policy rules out, and what units sold again bring.
    """

    values: pl.DataFrame
    costs: pl.DataFrame
    fans: pl.DataFrame
    capacity: pl.DataFrame
    spreads: pl.DataFrame
    totals: Totals
    owner: Owner


def value_by_chunk(
    engine: Engine,
    valuing: Valuing,
    chunks: Iterable[BatchContent],
    counts: pl.DataFrame,
    tables: Tables,
) -> Worth:
    """Value batches and leave their rows in the engine, in the tables `RELATIONS` names.

    Args:
        engine: Where the rows go.
        valuing: Routes, prices and terms.
        chunks: Contained masses of the batches.
        counts: Gross mass by batch.
        tables: Reference data: what plants can do in a year.
    """
    nothing = Rows.of_nothing()
    for table, frame in _stored(nothing).items():
        engine.register(RELATIONS[table], frame)
    told = [_told(nothing, counts, tables)]
    with engine.sparing():
        for rows in valuing.rows(chunks):
            for table, frame in _stored(rows).items():
                engine.append(RELATIONS[table], frame)
            told.append(_told(rows, counts, tables))
    together = {name: pl.concat([frames[name] for frames in told]) for name in told[0]}
    capacity = together.pop("capacity").sort("batch_id", maintain_order=True)
    return Worth(**together, capacity=capacity, totals=valuing.totals, owner=valuing.owner)


def _stored(rows: Rows) -> dict[str, pl.DataFrame]:
    """Rows by table of the store."""
    return {
        "batch_value": rows.values,
        "batch_draw": rows.draws,
        "batch_flow": rows.flows,
        "batch_cost": rows.costs,
        "batch_sensitivity": rows.sensitivity,
        "batch_break_even": rows.break_even,
    }


def _told(rows: Rows, counts: pl.DataFrame, tables: Tables) -> dict[str, pl.DataFrame]:
    """What is kept of the rows of some batches, by attribute of `Worth`."""
    return {
        "values": rows.values.filter(pl.col("measure").is_in(TOLD_MEASURES)),
        "costs": rows.costs.select(TOLD_COSTS),
        "fans": rows.fans,
        "capacity": batch_capacity(rows.values, rows.flows, counts, tables),
        "spreads": spreads_of(rows.values, rows.draws),
    }
