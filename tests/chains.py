"""Chains of the shipped recovery data, followed by a few lines of their own, not by the package."""

import polars as pl

from valuation.uncertain import spread_of
from valuation.units import RARE_EARTHS

ROUTES = {
    "adr-pedalpoint", "hpms-us", "ionic-belfast", "ionic-dna-link", "korea-zinc-us", "reuse",
    "shred-to-steel",
}  # fmt: skip
MAGNETS = (
    "voice_coil", "spindle", "fan_rotor", "tape_motor", "library_motor", "optical_motor", "pump",
)  # fmt: skip
BOARDS = ("board", "drive_board")
STREAMS = (*MAGNETS, *BOARDS, "aluminium", "steel", "copper", "remainder")
RECYCLING = sorted(ROUTES - {"reuse"})
MUST_BALANCE = ("nd", "pr", "dy", "tb", "al", "fe", "cu", "au", "ag", "pd")
NETTED = ("korea-zinc-us", "ionic-belfast", "adr-pedalpoint", "shred-to-steel")


def follow(tables, route_id, stream, element, form="whole"):
    """Shares of one element of a stream: {product: recovered}, {sink: lost}, and what is left."""
    acts = {r["step_id"]: r for r in tables.frame("step_form").to_dicts() if r["form"] == form}
    captures = {
        (r["step_id"], r["stream"], r["element"]): r for r in tables.frame("capture").to_dicts()
    }
    names = (element, "ree", "*") if element in RARE_EARTHS else (element, "*")
    inside, recovered, lost = 1.0, {}, {}
    for step_id in [_acting(acts, step_id) for step_id in steps_of(tables, route_id)]:
        if inside == 0:
            break
        rows = [captures[step_id, stream, n] for n in names if (step_id, stream, n) in captures]
        if not rows:
            continue
        row = rows[0]
        moved = inside * spread_of(row).mean
        rest = row["sink"].removeprefix("product:")
        rest_of = lost if rest == row["sink"] else recovered
        rest_of[rest] = rest_of.get(rest, 0) + inside - moved
        inside = moved
        if row["to"] != "next":
            recovered[row["to"]] = moved
            inside = 0.0
    return recovered, lost, inside


def _acting(acts, step_id):
    """The process that acts on the form, None where the step is skipped."""
    if step_id not in acts or acts[step_id]["acts"] == "as_is":
        return step_id
    return acts[step_id]["instead_step_id"]


def rare_earth_yield(tables, route_id, stream="voice_coil", element="nd"):
    return sum(follow(tables, route_id, stream, element)[0].values())


def steps_of(tables, route_id):
    steps = tables.frame("route_step").filter(pl.col("route_id") == route_id)
    return steps.sort("step_no")["step_id"].to_list()


def costs_of(tables, route_id):
    return tables.frame("cost").filter(pl.col("step_id").is_in(steps_of(tables, route_id)))
