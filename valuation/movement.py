"""How far figures moved when the world changed: data, deck, date, seed or options.

The mean of a figure is analytic and does not move with the seed; its quantiles do.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

MOVED_MEASURES = ("contained_ree_kg", "net_usd")
WORLD_FIELDS = (
    "data_version",
    "deck_id",
    "deck_version",
    "as_of",
    "seed",
    "draws",
    "routes",
    "options",
)


def movements(before: pl.DataFrame, after: pl.DataFrame) -> list[dict[str, Any]]:
    """By how much each figure of batches valued before has moved in this run's world.

    Args:
        before: `batch_value` rows of the file as it was.
        after: Those of this run.
    """
    key = ["batch_id", "route_id", "measure"]
    kept = [*key, "mean", "p10", "p50", "p90"]
    wanted = pl.col("measure").is_in(MOVED_MEASURES)
    both = (
        before.filter(wanted)
        .select(kept)
        .join(
            after.filter(wanted).select(kept),
            on=key,
            how="inner",
            nulls_equal=True,
            suffix="_after",
        )
        .sort(key)
    )
    return both.to_dicts()


def movement_sentence(moved: Sequence[Mapping[str, Any]], old: str, new: str) -> str:
    """One sentence on how far contained rare earths and net moved between two worlds."""
    batches = len({row["batch_id"] for row in moved})
    parts = []
    for measure, label in zip(MOVED_MEASURES, ("contained rare earths", "net"), strict=True):
        rows = [row for row in moved if row["measure"] == measure]
        shifts = {q: _largest_shift(rows, q) for q in ("mean", "p10", "p90")}
        if rows:
            figures = ", ".join(f"{q.upper() if q != 'mean' else q} {s}" for q, s in shifts.items())
            parts.append(f"{label} by at most {figures}")
    return (
        f"The world differs from the file's ({old} -> {new}): {batches} batches with the "
        f"same lines were valued again and moved: {'; '.join(parts)}."
    )


def _largest_shift(rows: Sequence[Mapping[str, Any]], quantile: str) -> str:
    shifts = [
        (row[f"{quantile}_after"] - row[quantile]) / abs(row[quantile])
        for row in rows
        if row[quantile] and row[f"{quantile}_after"] is not None
    ]
    largest = max(shifts, key=abs, default=0.0)
    return f"{largest:+.2%}" if largest else "0 %"


def changed_words(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, str]:
    """What differs between two worlds, named on both sides."""
    before, now = _flat(old), _flat(new)
    names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    return (
        ", ".join(f"{n} {before.get(n)}" for n in names),
        ", ".join(f"{n} {now.get(n)}" for n in names),
    )


def _flat(world: Mapping[str, Any]) -> dict[str, Any]:
    """A world's fields, each of its options one of them."""
    fields = {name: world.get(name) for name in WORLD_FIELDS if name != "options"}
    return fields | dict(world.get("options") or {})
