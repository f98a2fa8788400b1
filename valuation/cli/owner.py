"""The owner's part of a summary: the policy and what it costs, reuse beside recycling."""

from collections.abc import Mapping
from typing import Any, Final

from valuation.cli.text import UNKNOWN, Table, mass, number

Summary = Mapping[str, Any]

THINGS: Final = 8
"""Things that are told of up to this many, most units first."""
SOLD: Final = ("hdd", "ssd", "server", "storage", "switch", "memory", "cpu", "gpu")
"""Kinds that are resold; without a resale table only these are told of."""
NOT_SAID: Final = (
    "The owner's policy is not stated: every route is shown. Say it with --policy shred, harvest "
    "or wipe."
)
POLICY_WORDS: Final = {
    "shred": "every drive is destroyed whole before anything else",
    "harvest": "drives may be opened as they are destroyed, none is sold again",
    "wipe": "wiped drives may be sold again",
}


def policy_notes(summary: Summary) -> tuple[str, ...]:
    """What the owner allows and what that costs, in one or two lines."""
    policy: Summary | None = summary.get("policy")
    if policy is None:
        return ()
    policy_id = policy["policy_id"]
    if policy_id is None:
        return (NOT_SAID,)
    lines = [f"Policy {policy_id}: {POLICY_WORDS[policy_id]}."]
    if not policy["batches_bound"]:
        return (f"{lines[0]} It binds no batch here: nothing in them bears data.",)
    if not policy["forbidden"]:
        return (f"{lines[0]} It forbids no route.",)
    noun = "batch" if summary["batches"] == 1 else "batches"
    lines.append(
        f"It binds {policy['batches_bound']:,} of {summary['batches']:,} {noun}, forbids "
        f"{', '.join(policy['forbidden'])}, and costs {_range(policy['cost_usd'])} and "
        f"{_mass_range(policy['ree_forgone_kg'])}, against the best route of all."
    )
    unknown = [r for r in policy["forbidden"] if summary["totals"][r]["net_usd"]["mean"] is None]
    if unknown:
        lines.append(f"What {', '.join(unknown)} would bring is not known: it may cost more.")
    return tuple(lines)


def _range(figure: Summary | None) -> str:
    if figure is None:
        return "an unknown amount (no route allowed has a net in each batch)"
    return f"{number(figure['mean'])} USD ({number(figure['p10'])} to {number(figure['p90'])})"


def _mass_range(figure: Summary | None) -> str:
    if figure is None:
        return "an unknown mass of rare earths"
    if figure["mean"] == 0:
        return "no rare earths (the route that recovers most is allowed)"
    limits = f"{mass(figure['p10'])} to {mass(figure['p90'])}"
    return f"{mass(figure['mean'])} of rare earths ({limits})"


def reuse_table(summary: Summary) -> Table:
    """Reuse beside recycling: what a working unit must fetch to be worth more sold."""
    reuse: Summary | None = summary.get("reuse")
    if reuse is None or not reuse["things"]:
        return Table("", (), ())
    is_given = reuse["resale"] is not None
    things = [
        thing
        for thing in reuse["things"]
        if (thing["is_priced"] if is_given else thing["component_kind"] in SOLD)
    ]
    told = things[:THINGS]
    flip = "flip_price_usd_per_unit" if is_given else "least_flip_price_usd_per_unit"
    return Table(
        "Reuse beside recycling, USD per unit, without what is paid per lot",
        ("thing", "better", "units", "recycled", "flips at", "sells at"),
        [
            (
                thing_name(thing),
                thing["better"] or ("unknown" if thing["is_priced"] else "not priced"),
                f"{thing['units']:,.0f}",
                *(_money(thing[name]) for name in ("recycling_usd_per_unit", flip)),
                _money(thing["price_usd_per_unit"]) if is_given else "not priced",
            )
            for thing in told
        ],
        text_columns=2,
        notes=tuple(_reuse_notes(summary, len(things) - len(told))),
    )


def _reuse_notes(summary: Summary, more: int) -> list[str]:
    reuse = summary["reuse"]
    notes = [f"{more} things more are in the view reuse_comparison."] if more > 0 else []
    if reuse["resale"] is None:
        notes.append(
            "Reuse is not priced: give --resale FILE. `flips at` is then the least a unit must "
            "fetch, were every unit to pass a test that cost nothing."
        )
        return notes
    units, priced, sold = (reuse[n] for n in ("units", "units_priced", "units_better_sold"))
    told = f"{reuse['resale']} prices {priced:,.0f} of {units:,.0f} units"
    if reuse["gain_usd"] is None:
        return [*notes, f"{told}; none can be compared: see batch_reuse for the reason."]
    notes.append(
        f"{told}; {sold:,.0f} are worth more sold than recycled, together by "
        f"{number(reuse['gain_usd'])} USD."
    )
    if "reuse" in (summary.get("policy") or {}).get("forbidden", {}):
        notes.append("The policy forbids to sell them: what that costs is told above.")
    if priced < units:
        notes.append(
            f"{units - priced:,.0f} units are not priced, which is not zero: route reuse recycles "
            "them."
        )
    return notes


def thing_name(thing: Summary) -> str:
    """A thing in a few words: family or class, and capacity."""
    name = str(thing["family"] or thing["component_class"] or thing["component_kind"])
    capacity = thing["capacity_gb"]
    if not capacity:
        return name
    size = f"{capacity / 1000:g} TB" if capacity >= 1000 else f"{capacity:g} GB"
    return f"{name} {size}"


def _money(amount: float | None) -> str:
    return UNKNOWN if amount is None else f"{amount:,.2f}"
