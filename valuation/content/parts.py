"""Parts: what is to be valued in each batch, listed, described in a host's row or typical for it.

A part is a class with its family, part number and identity doubt; items that differ in none of
these share one. Typical contents of hosts are guarded per batch and component kind: typical minus
listed, never below zero, so that a power supply listed beside its server is not counted twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import polars as pl

from valuation.engine.duckdb import Engine
from valuation.frames import (
    BATCH_PARTS,
    PARTS,
    BatchPartFrame,
    HostPartFrame,
    IdentityFrame,
    PartFrame,
)
from valuation.units import WHOLE

SEPARATOR = "|"
SQL = Path(__file__).with_name("parts.sql")


@dataclass(frozen=True)
class BatchContents:
    """Parts and their units per batch; `batch_item` stays in the engine as table `batch_item`.

    Attributes:
        parts: One row per part.
        batch_parts: Units of a part in a batch.
        units: batch_id, kind, origin, units, capacity_gb (units times capacity), and
            units_without_size, which are in no capacity.
        forms: How batches arrive that do not arrive whole.
    """

    parts: PartFrame
    batch_parts: BatchPartFrame
    units: pl.DataFrame
    forms: Mapping[str, str] = field(default_factory=dict)


def count_parts(
    engine: Engine,
    identity: IdentityFrame,
    host_parts: HostPartFrame,
    part_classes: set[str],
    forms: Mapping[str, str] | None = None,
) -> BatchContents:
    """Units of every part in every batch of the engine's table `batch_count`.

    Args:
        engine: Holds `batch_count`: batch_id, item_id, lines, lines_counted, quantity,
            lines_of_one.
        identity: What each item is.
        host_parts: Parts inside hosts.
        part_classes: Item classes whose part number matters (fans: NdFeB by part number).
        forms: How batches arrive; whole where nothing is said. The parts of a batch in another
            form are parts of their own.
    """
    counted = {row[0] for row in engine.run("select distinct batch_id from batch_count")}
    others = {b: f for b, f in sorted((forms or {}).items()) if f != WHOLE and b in counted}
    items = _item_parts(identity, part_classes)
    hosted = _hosted_parts(host_parts, part_classes)
    whole = pl.concat([items.drop("item_id"), hosted.drop("item_id", "origin", "component_class")])
    whole = whole.filter(pl.col("part_id").is_not_null()).unique("part_id").sort("part_id")
    kinds = sorted(set(others.values()))
    formed = [
        whole.with_columns(form=pl.lit(form), part_id=pl.col("part_id") + f"{SEPARATOR}{form}")
        for form in kinds
    ]
    parts = pl.concat([whole, *formed])
    numbers = parts.select("part_id").with_row_index("part_no")
    engine.register("part_number", numbers)
    before = {form: (place + 1) * whole.height for place, form in enumerate(kinds)}
    rows = [(batch, before[form]) for batch, form in others.items()]
    schema = {"batch_id": pl.String, "parts_before": pl.UInt32}
    engine.register("batch_form", pl.DataFrame(rows, schema=schema, orient="row"))
    engine.register("identity", identity)
    in_items = items.select("item_id", "part_id").join(numbers, on="part_id")
    engine.register("item_part", in_items.drop("part_id"))
    key = ["item_id", "origin", "component_class"]
    in_hosts = hosted.select(*key, "part_id").join(numbers, on="part_id", how="left")
    engine.register("host_part", host_parts.join(in_hosts.drop("part_id"), on=key))
    engine.step(SQL)
    units = engine.frame("from batch_kind_units order by all")
    held = engine.frame("from batch_part_units order by all")
    engine.drop("batch_kind_units", "batch_part_units")
    batch_parts = held.with_columns(part_id=parts["part_id"].gather(held["part_no"]))
    if formed:
        used = set(engine.frame("select distinct part_no from batch_item")["part_no"])
        is_used = pl.Series(no < whole.height or no in used for no in numbers["part_no"])
        parts = parts.filter(is_used)
    return BatchContents(PARTS.check(parts), BATCH_PARTS.check(batch_parts), units, others)


def _item_parts(identity: IdentityFrame, part_classes: set[str]) -> pl.DataFrame:
    uncertain = (pl.col("runner_up").is_not_null()) & (pl.col("confidence") < 1)
    held = identity.filter(
        pl.col("counted") & pl.col("item_class").is_not_null() & (pl.col("item_class") != "other")
    )
    return _with_part_id(
        held.select(
            "item_id",
            "kind",
            "item_class",
            "family_key",
            _part_key(part_classes),
            "launch_year",
            "unit_mass_g",
            "unit_mass_log_sd",
            confidence=pl.when(uncertain).then("confidence").otherwise(1.0),
            runner_up=pl.when(uncertain).then("runner_up"),
            identity_key=pl.when(uncertain).then(
                pl.coalesce("part_key", "family_key", pl.col("item_id").cast(pl.String))
            ),
        )
    )


def _hosted_parts(host_parts: HostPartFrame, part_classes: set[str]) -> pl.DataFrame:
    return _with_part_id(
        host_parts.select(
            "item_id",
            "origin",
            "component_class",
            pl.col("component_kind").alias("kind"),
            pl.col("component_class").alias("item_class"),
            "family_key",
            _part_key(part_classes, "component_class"),
            pl.lit(None, pl.Int64).alias("launch_year"),
            pl.lit(None, pl.Float64).alias("unit_mass_g"),
            pl.lit(None, pl.Float64).alias("unit_mass_log_sd"),
            pl.lit(1.0).alias("confidence"),
            pl.lit(None, pl.String).alias("runner_up"),
            pl.lit(None, pl.String).alias("identity_key"),
        )
    )


def _part_key(part_classes: set[str], item_class: str = "item_class") -> pl.Expr:
    classes = list(part_classes)
    matters = pl.col(item_class).is_in(classes)
    if item_class == "item_class":
        matters = matters | pl.col("runner_up").is_in(classes).fill_null(False)
    return pl.when(matters).then("part_key").alias("part_key")


def _with_part_id(frame: pl.DataFrame) -> pl.DataFrame:
    texts = [
        pl.col(c).cast(pl.String).fill_null("")
        for c in (
            "item_class",
            "family_key",
            "part_key",
            "launch_year",
            "unit_mass_g",
            "confidence",
            "runner_up",
            "identity_key",
        )
    ]
    columns = [c for c in cast(list[str], list(PARTS.columns)) if c != "part_id"]
    made = frame.with_columns(
        part_id=pl.concat_str(texts, separator=SEPARATOR), form=pl.lit(None, pl.String)
    )
    rest = [c for c in frame.columns if c not in columns]
    return made.select(*rest, "part_id", *columns)
