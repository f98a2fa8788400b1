"""What is said of the owner's side of a run: the policy and its price, reuse beside recycling.

Every figure is a row of the database or a sum of means over batches; none is made here.
"""

from typing import Any

import polars as pl

from valuation.pipeline import Valued
from valuation.value import Estimate
from valuation.world import World

SOLID_STATE = "ssd"
THING = (
    "thing", "component_kind", "component_class", "family_key", "family", "capacity_gb",
    "is_priced", "reason", "recycling_usd_per_unit", "price_usd_per_unit",
    "flip_price_usd_per_unit", "least_flip_price_usd_per_unit", "units", "reuse_gain_usd", "better",
)  # fmt: skip
"""What is told of a thing."""


def policy_summary(valued: Valued, world: World) -> dict[str, Any]:
    """The policy of the run, what it forbids in the batches told of, and what that costs.

    The sums are of draws; `cost_usd` and `ree_forgone_kg` are None where no policy is stated or one
    batch has no net.
    """
    rulings, policy = valued.worth.owner.rulings, world.policy
    forbidden = [route for route in world.routes if policy.forbids(route) and rulings.bound]
    return {
        "policy_id": policy.policy_id,
        "batches_bound": rulings.bound,
        "forbidden": {route: policy.why[route] for route in forbidden},
        "cost_usd": _told(rulings.cost_usd),
        "ree_forgone_kg": _told(rulings.ree_kg),
    }


def reuse_summary(valued: Valued, world: World) -> dict[str, Any]:
    """Reuse beside recycling in the batches told of, thing by thing, most units first. [USD, 1]"""
    things = valued.reuse
    gains = things["better_sold_gain_usd"].sum() if things["is_compared"].any() else None
    return {
        "resale": world.resale.path if world.resale else None,
        "units": float(things["units"].sum()),
        "units_priced": float(things["units_priced"].sum()),
        "units_better_sold": float(things["units_better_sold"].sum()),
        "gain_usd": gains,
        "things": things.select(THING).to_dicts(),
    }


def owner_warnings(valued: Valued, world: World) -> list[str]:
    """What the owner's side of a run should make one look at, as sentences."""
    found = list(world.resale.warnings) if world.resale else []
    stock = valued.worth.owner.stock
    found += stock.unmatched if stock else []
    if world.policy.policy_id == "shred":
        units = valued.contents.units.filter(pl.col("kind") == SOLID_STATE)["units"].sum()
        if units:
            found.append(
                f"{units:,.0f} solid-state drives: every route opens their cases by hand after "
                "wiping, which the policy shred does not allow; what it costs to shred them, and "
                "the boards lost with them, are in no figure."
            )
    return found


def _told(estimate: Estimate | None) -> dict[str, float] | None:
    """Mean and quantiles of a sum; None where it is not known."""
    if estimate is None or not estimate.known.all():
        return None
    return estimate.summary()
