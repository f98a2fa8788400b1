"""What is said of the owner's side of a run: the policy and its price, reuse beside recycling.

Every figure is a row of the database or a sum of means over batches; none is made here.
"""

from collections.abc import Sequence
from typing import Any

import polars as pl

from valuation.pipeline import Valued
from valuation.value import Estimate
from valuation.world import World

SOLID_STATE = "ssd"


def policy_summary(valued: Valued, world: World) -> dict[str, Any]:
    """The policy of the run, what it forbids in the batches told of, and what that costs.

    The sums are of draws; `cost_usd` and `ree_forgone_kg` are None where no policy is stated or one
    batch has no net.
    """
    rulings, policy = valued.valuation.owner.rulings, world.policy
    forbidden = [route for route in world.routes if policy.forbids(route) and rulings.bound]
    return {
        "policy_id": policy.policy_id,
        "batches_bound": rulings.bound,
        "forbidden": {route: policy.why[route] for route in forbidden},
        "cost_usd": _told(rulings.cost_usd),
        "ree_forgone_kg": _told(rulings.ree_kg),
    }


def reuse_summary(valued: Valued, world: World, batches: Sequence[str]) -> dict[str, Any]:
    """Reuse beside recycling in the batches told of, thing by thing, most units first. [USD, 1]"""
    rows = valued.reuse.filter(pl.col("batch_id").is_in(list(batches)))
    priced = rows.filter("is_priced")
    return {
        "resale": world.resale.path if world.resale else None,
        "units": float(rows["units"].sum()),
        "units_priced": float(priced["units"].sum()),
        "units_better_sold": float(priced.filter(pl.col("better") == "reuse")["units"].sum()),
        "gain_usd": _gain(priced),
        "things": _things(rows).to_dicts(),
    }


def owner_warnings(valued: Valued, world: World) -> list[str]:
    """What the owner's side of a run should make one look at, as sentences."""
    found = list(world.resale.warnings) if world.resale else []
    stock = valued.valuation.owner.stock
    found += stock.unmatched() if stock else []
    if world.policy.policy_id == "shred":
        units = valued.contents.units.filter(pl.col("kind") == SOLID_STATE)["units"].sum()
        if units:
            found.append(
                f"{units:,.0f} solid-state drives: every route opens their cases by hand after "
                "wiping, which the policy shred does not allow; what it costs to shred them, and "
                "the boards lost with them, are in no figure."
            )
    return found


def _gain(priced: pl.DataFrame) -> float | None:
    """What selling adds where it is the better, on average; None where nothing compares. [USD]"""
    better = priced.filter(pl.col("better") == "reuse")
    if priced["better"].null_count() == priced.height:
        return None
    return float((better["reuse_usd"] - better["recycling_usd"]).sum())


def _things(rows: pl.DataFrame) -> pl.DataFrame:
    """Things of several batches together: figures per unit weighted by units."""
    each = (
        "recycling_usd_per_unit",
        "price_usd_per_unit",
        "flip_price_usd_per_unit",
        "least_flip_price_usd_per_unit",
    )
    units = pl.col("units")
    weighted = [
        pl.when(pl.col(name).is_null().any())
        .then(None)
        .otherwise((units * pl.col(name)).sum() / units.sum())
        .alias(name)
        for name in each
    ]
    gain = pl.col("reuse_usd") - pl.col("recycling_usd")
    return (
        rows.group_by("thing")
        .agg(
            pl.col("component_kind", "component_class", "family_key", "family").first(),
            pl.col("capacity_gb", "is_priced", "reason").first(),
            *weighted,
            units=units.sum(),
            reuse_gain_usd=pl.when(gain.is_null().any()).then(None).otherwise(gain.sum()),
        )
        .with_columns(
            better=pl.when(pl.col("reuse_gain_usd") > 0)
            .then(pl.lit("reuse"))
            .when(pl.col("reuse_gain_usd").is_not_null())
            .then(pl.lit("recycle"))
        )
        .sort(["units", "thing"], descending=[True, False])
    )


def _told(estimate: Estimate | None) -> dict[str, float] | None:
    """Mean and quantiles of a sum; None where it is not known."""
    if estimate is None or not estimate.known.all():
        return None
    return estimate.summary()
