"""What a trial measures: how often kinds, sizes and speeds are right, wrong or left open.

One labelled string is one case; `weighted` counts it as often as drives with it were seen.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import polars as pl

from valuation.identity.decide import Decision
from valuation.identity.model.fitting import rpm_class
from valuation.units import DRIVE_KINDS

MAGNET_PARTS: Final = ("fan", "psu")
SAME_CAPACITY: Final = 0.03
"""Capacities nearer than this are one. [1]"""
BINS: Final = 10
DIGITS: Final = 6

Figures = dict[str, Any]


def outcomes(strings: pl.DataFrame, decisions: Sequence[Decision]) -> pl.DataFrame:
    """Labelled strings beside what was decided: `found_*`, `confidence`, `method`, `is_right`."""
    found = pl.DataFrame(
        {
            "found": [d.kind for d in decisions],
            "found_capacity_gb": [d.traits.capacity_gb for d in decisions],
            "found_form_factor_in": [d.traits.form_factor_in for d in decisions],
            "found_rpm": [d.traits.rpm for d in decisions],
            "confidence": [d.confidence for d in decisions],
            "method": [d.best.method if d.best else "abstain" for d in decisions],
        },
        schema={
            "found": pl.String,
            "found_capacity_gb": pl.Float64,
            "found_form_factor_in": pl.Float64,
            "found_rpm": pl.Int64,
            "confidence": pl.Float64,
            "method": pl.String,
        },
    )
    return strings.hstack(found).with_columns(
        is_right=pl.col("found") == pl.col("kind"),
        is_open=pl.col("found") == "unidentified",
    )


def figures(outcome: pl.DataFrame) -> Figures:
    """All figures of a trial, as a tree of numbers ready for JSON."""
    drives = outcome.filter(pl.col("kind").is_in(DRIVE_KINDS))
    others = outcome.filter(~pl.col("kind").is_in(DRIVE_KINDS))
    answers = outcome.filter(~pl.col("is_open"))
    return {
        "strings": len(outcome),
        "drives": shares(drives) | {"weighted": weighted(drives)},
        "capacity": within(drives, "capacity_gb"),
        "form_factor": within(drives, "form_factor_in"),
        "rpm_class": speeds(drives.filter(pl.col("kind") == "hdd")),
        "parts": {kind: found_among(others, kind) for kind in MAGNET_PARTS},
        "by_kind": _by(outcome, "kind", shares),
        "by_method": _by(answers, "method", answered),
        "calibration": calibration(answers),
    }


def _by(
    outcome: pl.DataFrame, column: str, count: Callable[[pl.DataFrame], Figures]
) -> dict[str, Figures]:
    names = sorted(outcome[column].unique().to_list())
    return {name: count(outcome.filter(pl.col(column) == name)) for name in names}


def shares(outcome: pl.DataFrame) -> Figures:
    """How many are right, wrong and left open."""
    n = len(outcome)
    right, is_open = int(outcome["is_right"].sum()), int(outcome["is_open"].sum())
    wrong = n - right - is_open
    return {"cases": n, "right": _share(right, n), "wrong": _share(wrong, n),
            "open": _share(is_open, n)}  # fmt: skip


def answered(outcome: pl.DataFrame) -> Figures:
    """How many are right of those that were answered."""
    return {"cases": len(outcome), "right": _share(int(outcome["is_right"].sum()), len(outcome))}


def weighted(outcome: pl.DataFrame) -> Figures:
    """Shares by drives seen rather than by strings."""
    seen = outcome["n_seen"].fill_null(1)
    total = int(seen.sum())
    wrong = ~outcome["is_right"] & ~outcome["is_open"]
    return {
        "drives": total,
        "right": _share(int(seen.filter(outcome["is_right"]).sum()), total),
        "wrong": _share(int(seen.filter(wrong).sum()), total),
    }


def within(outcome: pl.DataFrame, quantity: str) -> Figures:
    """How many labelled numbers are found within 3 %, and how many answers are wrong."""
    known = outcome.drop_nulls(quantity)
    found = known.drop_nulls(f"found_{quantity}")
    is_right = (found[f"found_{quantity}"] / found[quantity] - 1).abs() <= SAME_CAPACITY
    right, n = int(is_right.sum()), len(known)
    return {"cases": n, "answered": _share(len(found), n), "right": _share(right, n),
            "wrong": _share(len(found) - right, n),
            "right_of_answered": _share(right, len(found))}  # fmt: skip


def speeds(outcome: pl.DataFrame) -> Figures:
    """How many hard drives get the rpm class of their labelled speed."""
    known = outcome.drop_nulls("rpm")
    found = known.drop_nulls("found_rpm")
    pairs = zip(found["rpm"], found["found_rpm"], strict=True)
    right = sum(rpm_class(a) == rpm_class(b) for a, b in pairs)
    return {"cases": len(known), "answered": _share(len(found), len(known)),
            "right_of_answered": _share(right, len(found))}  # fmt: skip


def found_among(outcome: pl.DataFrame, kind: str) -> Figures:
    """Precision and recall of one kind among all that is no drive."""
    is_kind, says = outcome["kind"] == kind, outcome["found"] == kind
    both = int((is_kind & says).sum())
    other = int((is_kind & ~says & ~outcome["is_open"]).sum())
    return {"cases": int(is_kind.sum()), "precision": _share(both, int(says.sum())),
            "recall": _share(both, int(is_kind.sum())),
            "called_another_kind": _share(other, int(is_kind.sum()))}  # fmt: skip


def calibration(answers: pl.DataFrame) -> Figures:
    """Chance said against share right, in tenths of the answers by their chance.

    Returns:
        `expected_error`: mean distance of the two weighted by answers; `worst_z`: the farthest
        tenth in standard errors; `curve`: cases, mean chance and share right of each tenth.
    """
    if answers.is_empty():
        return {"expected_error": None, "worst_z": None, "curve": []}
    ordered = answers.sort("confidence", "kind", "found", maintain_order=True)
    tenths = ordered.with_columns(tenth=(pl.col("confidence").rank("dense") - 1)).with_row_index(
        "place"
    )
    # Answers of one chance stay together: a tenth begins where the chance changes.
    first = tenths.group_by("tenth").agg(pl.col("place").min()).rename({"place": "first"})
    curve = (
        tenths.join(first, on="tenth")
        .group_by(bin=pl.col("first") * BINS // len(ordered))
        .agg(cases=pl.len(), chance=pl.col("confidence").mean(), right=pl.col("is_right").mean())
        .sort("bin")
        .drop("bin")
    )
    gap = (pl.col("right") - pl.col("chance")).abs()
    error = (pl.col("chance") * (1 - pl.col("chance")) / pl.col("cases")).sqrt()
    facts = curve.select(
        expected_error=(gap * pl.col("cases")).sum() / pl.col("cases").sum(),
        worst_z=(gap / error).max(),
    ).row(0, named=True)
    rows = [{k: _rounded(v) for k, v in row.items()} for row in curve.to_dicts()]
    return {name: _rounded(value) for name, value in facts.items()} | {"curve": rows}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, DIGITS) if whole else None


def _rounded(value: float) -> float:
    return round(value, DIGITS)


def figure_lines(figures: Figures) -> list[tuple[str, str]]:
    """The figures of a trial that people ask for first, in words."""
    drives, weights = figures["drives"], figures["drives"]["weighted"]
    lines = [
        ("hdd or ssd", _words(drives, "right", "wrong", "open")),
        ("by drives seen", _words(weights, "right", "wrong")),
        ("capacity", _words(figures["capacity"], "right", "wrong")),
        ("form factor", _words(figures["form_factor"], "answered", "right_of_answered")),
        ("rpm class", _words(figures["rpm_class"], "answered", "right_of_answered")),
    ]
    if "capacity_with_column" in figures:
        column = _words(figures["capacity_with_column"], "right", "wrong")
        lines.append(("capacity with its column", column))
    for kind, found in figures["parts"].items():
        lines.append((kind, _words(found, "precision", "recall", "called_another_kind")))
    curve = figures["calibration"]
    if curve["expected_error"] is not None:
        words = f"{curve['expected_error']:.2%} off, worst tenth {curve['worst_z']:.1f} errors"
        lines.append(("chances said", words))
    return lines


def _words(figures: Figures, *names: str) -> str:
    shown = {n: "no" if figures[n] is None else f"{figures[n]:.2%}" for n in names}
    said = [f"{share} {name.replace('_', ' ')}" for name, share in shown.items()]
    cases = figures.get("cases", figures.get("drives"))
    return f"{', '.join(said)} ({cases:,})"
