"""Confidence: how often what is weighed so turned out to be right on strings left out.

Outcomes of one method, stance and strength are equally often right. Few cases lean on all of the
method and stance, and those on the prior rows of `method_confidence.csv`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from valuation.tables import Tables

Cell = tuple[str, str, float]
STRENGTHS: Final = (0.0, 0.6, 0.8, 0.9, 0.95, 0.98)
"""Lower bounds of the classes a score falls into. [1]"""
PRIOR_CASES: Final = 20.0
"""Cases the prior row of a method and stance counts for."""
GROUP_CASES: Final = 10.0
"""Cases that all of a method and stance count for within one strength."""
UNKNOWN: Final = 0.5
"""Chance of an outcome without a prior: as likely wrong as right."""


@dataclass(frozen=True)
class Confidence:
    """The chance that an outcome is right, by its cell.

    Attributes:
        prior: Chance by method and stance, from the reference data. [1]
        counts: Cases and right ones among strings left out, by cell.
    """

    prior: Mapping[tuple[str, str], float]
    counts: Mapping[Cell, tuple[int, int]]

    def of(self, cell: Cell) -> float:
        """The chance that an outcome of a cell is right. [1]"""
        method, stance, strength = cell
        groups = [c for key, c in self.counts.items() if key[:2] == (method, stance)]
        cases, right = sum(c[0] for c in groups), sum(c[1] for c in groups)
        prior = self.prior.get((method, stance), UNKNOWN)
        group = (right + PRIOR_CASES * prior) / (cases + PRIOR_CASES)
        # Where few cases speak, nothing is surer than its score.
        group = min(group, _upper(strength))
        cases, right = self.counts.get(cell, (0, 0))
        return (right + GROUP_CASES * group) / (cases + GROUP_CASES)

    def rows(self) -> list[dict[str, Any]]:
        """One row per cell, for the card."""
        return [
            {
                "method": cell[0],
                "stance": cell[1],
                "strength": cell[2],
                "cases": cases,
                "right": right,
                "chance": round(self.of(cell), 6),
            }
            for cell, (cases, right) in sorted(self.counts.items())
        ]


def _upper(strength: float) -> float:
    return min((bound for bound in STRENGTHS if bound > strength), default=1.0)


def priors(tables: Tables) -> dict[tuple[str, str], float]:
    """The chances of `method_confidence.csv`, by method and stance. [1]"""
    rows = tables.frame("method_confidence").iter_rows(named=True)
    return {(row["method"], row["stance"]): row["value"] for row in rows}


def counted(outcomes: Iterable[tuple[Cell, bool]]) -> dict[Cell, tuple[int, int]]:
    """Cases and right ones by cell."""
    found: dict[Cell, tuple[int, int]] = {}
    for cell, is_right in outcomes:
        cases, right = found.get(cell, (0, 0))
        found[cell] = (cases + 1, right + is_right)
    return found


def from_card(tables: Tables, card: Mapping[str, Any]) -> Confidence:
    """The chances a card tells.

    Raises:
        KeyError: The card tells none.
    """
    counts = {
        (row["method"], row["stance"], float(row["strength"])): (row["cases"], row["right"])
        for row in card["confidence"]
    }
    return Confidence(priors(tables), counts)
