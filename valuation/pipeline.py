"""The path of the data, in order: what a run does between reading files and publishing a store.

    inventory -> identity -> content -> recovery -> price -> value

The engine holds what has millions of rows; every frame here is keyed by item, part, batch or
product. Nothing below this file knows the order.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from valuation.chunks import Worth, value_by_chunk
from valuation.content import (
    BatchContents,
    Content,
    count_parts,
    estimate_content,
    fan_classes,
)
from valuation.content.classes import class_shares
from valuation.content.conflicts import conflict_warnings
from valuation.content.forms import not_there_warnings
from valuation.content.links import host_warnings
from valuation.content.sellable import sellable_things, without_units
from valuation.engine.duckdb import Engine
from valuation.forms import Forms
from valuation.frames import ItemFrame
from valuation.identity import Identity, identify, unnamed_warnings
from valuation.inventory import Inventory, StandardInput, read_inventory
from valuation.inventory.spark import Cluster, SparkTable, read_spark
from valuation.measuring.next import worth_measuring
from valuation.progress import Clock
from valuation.recovery import form_warnings, plan_recovery
from valuation.shapes import Plan
from valuation.tables import Tables
from valuation.threads import one_thread_each
from valuation.value import Owner, Valuing, class_values, part_values
from valuation.value.marginal import net_usd_per_kg
from valuation.value.reuse import compare_reuse
from valuation.value.stock import take_stock
from valuation.world import World

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

METHODS = Path(__file__).with_name("pipeline.sql")
STAGES = ("inventory", "identity", "content", "recovery", "value")
"""What takes time, in order; prices and what people reviewed or measured are read before."""


@dataclass(frozen=True)
class Valued:
    """Everything the stages made of some batches."""

    batch_ids: tuple[str, ...]
    items: ItemFrame
    identity: Identity
    contents: BatchContents
    content: Content
    plans: list[Plan]
    worth: Worth
    counts: pl.DataFrame
    part_values: pl.DataFrame
    worth_measuring: pl.DataFrame
    class_values: pl.DataFrame
    methods: pl.DataFrame
    warnings: list[str]
    forms: Forms
    reuse: pl.DataFrame


def read_files(
    engine: Engine,
    files: Sequence[Path | StandardInput | SparkTable],
    world: World,
    clock: Clock,
    session: "SparkSession | None" = None,
) -> Inventory:
    """Read export files into the engine: lines, items, counts, rejects, one account per file.

    Args:
        engine: Where what is read is counted, or brought back to from Spark.
        files: What is read: tables of Spark, or files.
        world: How it is read.
        clock: Times it.
        session: Where tables of Spark are; one is started when not given.
    """
    settings = world.settings
    tables = [given for given in files if isinstance(given, SparkTable)]
    with clock.stage("inventory"):
        if tables:
            return read_spark(
                engine,
                Cluster(settings.spark_master, settings.memory, session),
                tables,
                world.tables,
                batch=settings.batch,
                batch_by=settings.batch_by,
                maps=settings.map,
                lines_in=settings.lines_folder(datetime.now(UTC)),
                progress=clock.progress.update,
            )
        return read_inventory(
            engine,
            [given for given in files if not isinstance(given, SparkTable)],
            world.tables,
            batch=settings.batch,
            batch_by=settings.batch_by,
            maps=settings.map,
            keep_lines=settings.keep_lines,
            progress=clock.progress.update,
        )


def value_counts(
    engine: Engine,
    items: ItemFrame,
    world: World,
    clock: Clock,
    totals_over: Collection[str],
    forms: Forms | None = None,
) -> Valued:
    """Value the batches whose counts are in the engine's table `batch_count`.

    Args:
        engine: Holds `batch_count`: batch_id, item_id, lines, lines_counted, quantity,
            lines_of_one. Leaves `batch_item_mass`, `thing_reuse` and the tables that
            `chunks.RELATIONS` names, rows of the store.
        items: The items counted there.
        world: Reference data, prices, draws.
        clock: Times the stages.
        totals_over: Batches the totals sum.
        forms: How batches arrive; all whole when not given.

    Raises:
        TableError: Reference data that breaks its description.
    """
    tables, forms = world.tables, forms or Forms()
    with clock.stage("identity"):
        identity = identify(items, tables, world.overrides)
        fans = fan_classes(tables)
    with clock.stage("content"):
        contents = count_parts(engine, identity.items, identity.host_parts, fans, forms.of_batches)
        warnings = _warnings(engine, identity, contents, forms, tables)
        content = estimate_content(contents, tables, world.source, world.measured)
        warnings += content.surprises(tables)
        counts = content.count_batches(engine)
        methods = _methods(engine, totals_over)
    with clock.stage("recovery"):
        plans = _plans(content, world, forms)
        warnings += form_warnings(plans, contents.forms)
    batch_ids = tuple(counts["batch_id"])
    with clock.stage("value"), one_thread_each():
        worth = _worth(engine, content, plans, world, counts, totals_over)
        reuse = _reuse(worth.owner, plans, totals_over)
        of_parts, of_classes = _unit_worths(content, plans, world)
        to_measure = _to_measure(content, plans, worth, world)
    return Valued(
        batch_ids,
        items,
        identity,
        contents,
        content,
        plans,
        worth,
        counts,
        of_parts,
        to_measure,
        of_classes,
        methods,
        warnings,
        forms,
        reuse,
    )


def _methods(engine: Engine, told_of: Collection[str]) -> pl.DataFrame:
    """How the items of some batches were identified; the last that is asked of `listed_unit`."""
    methods = engine.frame(METHODS.read_text(encoding="utf-8"), [list(told_of)])
    engine.drop("listed_unit")  # as many rows as `batch_item`, which holds what is still wanted
    return methods


def _plans(content: Content, world: World, forms: Forms) -> list[Plan]:
    """The routes of the run, planned for every form among the batches."""
    settlement = world.settings.settlement
    return plan_recovery(world.tables, content.series, world.routes, settlement, forms.used)


def _worth(
    engine: Engine,
    content: Content,
    plans: list[Plan],
    world: World,
    counts: pl.DataFrame,
    totals_over: Collection[str],
) -> Worth:
    """What the batches are worth, and what their owner may do with them."""
    batch_ids = list(counts["batch_id"])
    owner = owner_of(engine, content, plans, world, batch_ids)
    valuing = Valuing(plans, world.deck, world.terms, world.source, totals_over, owner)
    return value_by_chunk(engine, valuing, content.batches(batch_ids), counts, world.tables)


def _to_measure(content: Content, plans: list[Plan], worth: Worth, world: World) -> pl.DataFrame:
    """What is worth measuring next, by what a kilogram more would bring in the form of each lot."""
    by_form: dict[str, list[Plan]] = {}
    for plan in plans:
        by_form.setdefault(plan.form, []).append(plan)
    next_kg = {
        form: net_usd_per_kg(found, content.series, world.deck, world.terms)
        for form, found in by_form.items()
    }
    return worth_measuring(content, next_kg, worth.spreads, world.tables)


def _reuse(owner: Owner, plans: list[Plan], told_of: Collection[str]) -> pl.DataFrame:
    """Reuse beside recycling for every batch and thing, and the things told of together."""
    assert owner.stock is not None  # `owner_of` takes stock
    routes = dict.fromkeys(plan.route.route_id for plan in plans if not plan.products())
    return compare_reuse(owner.stock, owner.rulings, list(routes), told_of)


def _unit_worths(
    content: Content, plans: list[Plan], world: World
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What one unit of each part, and of each class, brings on each route."""
    deck, terms = world.deck, world.terms
    parts, classes = content.contents.parts, content.classes
    worth = part_values(parts, content.series, content.unit_mean_kg, plans, deck, terms)
    return worth, class_values(
        class_shares(classes), content.series, classes.mean_kg, plans, deck, terms
    )


def _warnings(
    engine: Engine, identity: Identity, contents: BatchContents, forms: Forms, tables: Tables
) -> list[str]:
    """What a reader should know of the items, their hosts and how they arrive."""
    return [
        *forms.warnings,
        *not_there_warnings(contents, tables),
        *host_warnings(engine),
        *unnamed_warnings(identity.unnamed),
        *conflict_warnings(engine),
    ]


def owner_of(
    engine: Engine, content: Content, plans: list[Plan], world: World, batch_ids: Sequence[str]
) -> Owner:
    """What the owner allows, what could be sold again, and what would be left of the batches."""
    stock = take_stock(
        engine,
        sellable_things(engine),
        content.contents.parts,
        content.series,
        content.unit_mean_kg,
        content.unit_gross_kg,
        plans,
        world.deck,
        world.terms,
        world.resale,
    )
    if world.resale is None:
        return Owner(world.policy, stock)
    rest = without_units(content, stock.leaving())
    return Owner(world.policy, stock, rest.batches(list(batch_ids)))
