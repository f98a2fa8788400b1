"""The card of the content model: what each research group adds, and how well it is foretold.

Everything it says is computed anew; nothing in it is typed.
"""

import hashlib
import math
from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from valuation.content.model.fitting import is_supported, prior_row
from valuation.content.model.parameters import ContentModel, evidence_hash
from valuation.content.model.pooling import Between, Pooled, pool
from valuation.content.model.readings import PooledQuantity, off_scale
from valuation.tables import Tables
from valuation.uncertain import CI90_WIDTH

INSIDE: Final = (0.1, 0.9)
"""Ends of the interval a left-out group should lie in, P10 to P90."""
EXPECTED: Final = 0.8
FEWEST_TESTED: Final = 8
"""Groups left out below which nothing is concluded."""
CI90_Z: Final = CI90_WIDTH / 2
DIGITS: Final = 5


def card_of(
    tables: Tables, model: ContentModel, stored: bytes, quantities: Mapping[str, PooledQuantity]
) -> dict[str, Any]:
    """What is known of a content model: its data, method, groups and left-out errors."""
    told = {
        name: _quantity(quantities[name], pooled, model, tables)
        for name, pooled in sorted(model.pooled.items())
    }
    return {
        "model": "medians and means of the content tables that published evidence supports",
        "method": "random effects by research group, Student t between groups, on a grid",
        "data_sha256": evidence_hash(tables),
        "parameters_sha256": hashlib.sha256(stored).hexdigest(),
        "quantities": told,
        "prior_only": sorted(n for n, q in quantities.items() if not is_supported(q)),
        "left_out": left_out(told),
    }


def _quantity(
    quantity: PooledQuantity, pooled: Pooled, model: ContentModel, tables: Tables
) -> dict[str, Any]:
    """One pooled quantity: its figures, its prior, its groups, the evidence that is not used."""
    row = quantity.row
    prior = prior_row(tables, row["table_name"], row["row_key"])
    low, mean, high = (_natural(pooled.mean + z * pooled.sd, row) for z in (-CI90_Z, 0, CI90_Z))
    key = (row["table_name"], row["row_key"])
    fitted = next(p for p in model.parameters if (p.table_name, p.row_key) == key)
    new = [_natural(pooled.mean + z * pooled.new_group_sd, row) for z in (-CI90_Z, CI90_Z)]
    unused = tables.frame("evidence").filter(
        pl.col("quantity_id") == row["quantity_id"], pl.col("part") == "left_out"
    )
    return {
        "title": row["title"],
        "scale": row["scale"],
        "pooled": mean,
        "p5": low,
        "p95": high,
        "tau": round(pooled.tau_mean, DIGITS),
        "new_group_p5": new[0],
        "new_group_p95": new[1],
        "row": f"{row['table_name']}.csv, {row['row_key']}",
        "fitted": {c: getattr(fitted, c) for c in ("value", "low", "high", "spread_kind", "unit")},
        "prior": {c: prior[c] for c in ("value", "low", "high", "spread_kind")}
        | {"used": bool(row["independent_of_data"])},
        "groups": [_group(i, quantity, pooled) for i in range(len(pooled.readings))],
        "not_used": [
            {"source_id": r["source_id"], "quantity": r["quantity"], "reason": r["note"]}
            for r in unused.to_dicts()
        ],
    }


def _group(i: int, quantity: PooledQuantity, pooled: Pooled) -> dict[str, Any]:
    """What one group adds: its reading, its weight, the fit without it, where it then lies."""
    row, errors = quantity.row, quantity.errors
    reading = pooled.readings[i]
    found: dict[str, Any] = {
        "group_id": reading.group_id,
        "source_ids": list(quantity.sources_of[reading.group_id]),
        "reads": _natural(reading.estimate, row),
        "log_error": _rounded(off_scale(reading.estimate, reading.error, row["scale"]).log_sd),
        "weight": round(float(pooled.sway[i]), 4),
    }
    others = pooled.readings[:i] + pooled.readings[i + 1 :]
    if not others:
        return found | {"pooled_without": None, "moves": None, "chance_below": None}
    between = Between(errors["tau_scale"], errors["t_degrees_of_freedom"])
    without = pool(others, between)
    return found | {
        "pooled_without": _natural(without.mean, row),
        "moves": round(_natural(pooled.mean, row) / _natural(without.mean, row) - 1, 4),
        "chance_below": round(without.chance_below(reading.estimate, reading.error), 4),
    }


def left_out(told: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """How often a group left out lay in the P10 to P90 of what the others predict for it.

    Returns:
        By quantity and together: n, hits, and the exact 95 % region of hits when 80 % are expected;
        below 8 groups nothing is concluded.
    """
    chances = {
        name: [g["chance_below"] for g in quantity["groups"] if g["chance_below"] is not None]
        for name, quantity in told.items()
    }
    together = [chance for found in chances.values() for chance in found]
    return {
        "interval": "P10 to P90, of what the other groups predict with the group's own error",
        "together": _hits(together),
        "by_quantity": {name: _hits(found) for name, found in chances.items()},
        "caution": "a group that reads several quantities counts in each of them",
    }


def _hits(chances: list[float]) -> dict[str, Any]:
    n = len(chances)
    hits = sum(INSIDE[0] <= chance <= INSIDE[1] for chance in chances)
    found: dict[str, Any] = {"n": n, "hits": hits}
    if n < FEWEST_TESTED:
        return found | {"verdict": "not testable"}
    low, high = binomial_region(n, EXPECTED)
    verdict = "inside" if low <= hits <= high else "outside"
    return found | {"region": [low, high], "verdict": verdict}


def binomial_region(n: int, chance: float) -> tuple[int, int]:
    """Fewest and most hits of the central 95 % of a binomial.

    >>> binomial_region(20, 0.8)
    (12, 19)
    """
    below = 0.0
    low, high = None, n
    for hits in range(n + 1):
        below += math.comb(n, hits) * chance**hits * (1 - chance) ** (n - hits)
        if low is None and below > 0.025:
            low = hits
        if below >= 0.975:
            high = hits
            break
    return low or 0, high


def card_lines(card: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """One line per quantity: what is pooled, what its row becomes, what its prior row says."""
    return [
        (
            name,
            f"{quantity['pooled']:.3g}",
            _shown(quantity["fitted"]),
            _shown(quantity["prior"] | {"unit": quantity["fitted"]["unit"]}),
        )
        for name, quantity in card["quantities"].items()
    ]


def group_lines(card: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """One line per quantity and research group: reading, weight, what moves, where it lies."""
    lines: list[tuple[str, ...]] = []
    for name, quantity in card["quantities"].items():
        for i, group in enumerate(quantity["groups"]):
            moves, chance = group["moves"], group["chance_below"]
            lines.append(
                (
                    "" if i else name,
                    group["group_id"],
                    f"{group['reads']:.3g}",
                    f"{group['weight']:.2f}",
                    "" if moves is None else f"{moves:+.1%}",
                    "" if chance is None else f"{chance:.2f}",
                )
            )
    return lines


def left_out_lines(card: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Groups left out that lie in P10 to P90, by quantity and together, in words."""
    found, quantities = card["left_out"], card["quantities"]
    lines = [
        (name, f"{quantities[name]['tau']:.2f}", _verdict(hits))
        for name, hits in found["by_quantity"].items()
    ]
    return [*lines, ("together", "", _verdict(found["together"]))]


def _verdict(hits: Mapping[str, Any]) -> str:
    if not hits["n"]:
        return "one group only"
    counted = f"{hits['hits']} of {hits['n']}"
    if "region" not in hits:
        return f"{counted}: {hits['verdict']}"
    low, high = hits["region"]
    return f"{counted}, {hits['verdict']} {low} to {high} (exact 95 % region)"


def _shown(spread: Mapping[str, Any]) -> str:
    """A number with its limits and unit; a small fraction in per cent."""
    is_fraction = spread["unit"] == "1"
    scale, unit = (100, "%") if is_fraction else (1, spread["unit"])
    value = f"{scale * spread['value']:.3g}"
    if spread["low"] is None:
        return f"{value} {unit}"
    low, high = (_limit(scale * spread[end]) for end in ("low", "high"))
    return f"{value} ({low} to {high}) {unit}"


def _limit(number: float) -> str:
    """An end of an interval, less exact than the number inside it."""
    return f"{number:.3g}" if number >= 10 else f"{number:.2g}"


def _natural(estimate: float, row: Mapping[str, Any]) -> float:
    return _rounded(off_scale(estimate, 0.0, row["scale"]).value)


def _rounded(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")
