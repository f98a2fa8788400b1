"""Whether a run tells what its inventory was made to hold, and what pandas makes of it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

AGREEMENT: Final = 1e-9
"""How far two sums of the same figures may lie apart, as a share of them. [1]"""
ACCOUNT: Final = ("read", "rejected", "ignored")


def account_faults(summary: Mapping[str, Any], truth: Mapping[str, Any]) -> Iterator[str]:
    """What a run counts otherwise than the inventory was written, of what nobody may judge."""
    (file,) = summary["files"]
    told = {name: file[f"lines_{name}"] for name in ACCOUNT}
    told |= {"batches": summary["batches"], "units": sum(summary["units"].values())}
    wanted = {name: truth[name] for name in (*ACCOUNT, "batches")}
    wanted["units"] = sum(truth["units"].values())
    for name, count in wanted.items():
        if told[name] != count:
            yield f"{name}: {told[name]:,} told, {count:,} written"


def kind_differences(summary: Mapping[str, Any], truth: Mapping[str, Any]) -> Iterator[str]:
    """Where a run takes units for another kind than their label, or abstains, or reads a size."""
    for figure in ("units", "capacity_tb"):
        for name in sorted(summary[figure].keys() | truth[figure].keys()):
            told, written = summary[figure].get(name, 0), truth[figure].get(name, 0)
            if abs(told - written) > AGREEMENT * written:
                share = f", {told / written - 1:+.3%}" if written else ""
                yield f"{figure} {name}: {told:,.0f} told, {written:,.0f} written{share}"


def furthest_apart(summary: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, float]:
    """The figure in which `pandas_value` and a run differ most, and by which share. [1]"""
    (file,) = summary["files"]
    contained = next(iter(summary["totals"].values()))["contained_kg"]
    known = {e: told["mean"] for e, told in contained.items() if told["mean"] is not None}
    counted = ("loaded", "rejected")
    pairs = {
        "account": ({c: file[f"lines_{c}"] for c in counted}, {c: other[c] for c in counted}),
        "batches": ({"": summary["batches"]}, {"": other["batches"]}),
        "contained_kg": (known, other["contained_kg"]),
        **{name: (summary[name], other[name]) for name in ("units", "embedded_units")},
        "capacity_tb": (summary["capacity_tb"], other["capacity_tb"]),
    }
    apart = {
        f"{figure} {name}".strip(): _apart(ours.get(name, 0), theirs.get(name, 0))
        for figure, (ours, theirs) in pairs.items()
        for name in ours.keys() | theirs.keys()
    }
    return max(apart.items(), key=lambda item: item[1])


def _apart(ours: float, theirs: float) -> float:
    """Difference as a share of the larger. [1]"""
    return abs(ours - theirs) / max(abs(ours), abs(theirs)) if ours != theirs else 0.0
