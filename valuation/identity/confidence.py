"""Confidence: how often what is weighed so turned out to be right on strings left out.

Outcomes of one method, stance, group of kinds and strength are equally often right. Few cases lean
on wider ones: all strengths, all groups, and at last the prior rows of `method_confidence.csv`.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, NamedTuple

from valuation.tables import Tables

STRENGTHS: Final = (0.0, 0.6, 0.8, 0.9, 0.95, 0.98)
"""Lower bounds of the classes a score falls into. [1]"""
GROUPS: Final = {"hdd": "drive", "ssd": "drive", "fan": "fan or psu", "psu": "fan or psu"}
"""Kinds that are told apart alike."""
BY_GROUP: Final = ("classifier",)
"""Methods whose groups tell nothing of each other: letters know drives better than the many forms
of other things."""
LEANS_ON: Final = (20.0, 10.0, 10.0)
"""Cases that the prior, all groups, and all strengths count for within what is narrower."""
CELLS_KEPT: Final = 1 << 14
"""Outcomes whose cell is kept."""
UNKNOWN: Final = 0.5
"""Chance of an outcome without a prior: as likely wrong as right. [1]"""


class Cell(NamedTuple):
    """Outcomes that are equally often right."""

    method: str
    stance: str
    group: str
    strength: float


@lru_cache(maxsize=CELLS_KEPT)
def cell_of(method: str, stance: str, kind: str, score: float) -> Cell:
    """The cell of an outcome.

    >>> cell_of("words", "alone", "fan", 0.86)
    Cell(method='words', stance='alone', group='fan or psu', strength=0.8)
    """
    strength = STRENGTHS[bisect_right(STRENGTHS, score) - 1]
    return Cell(method, stance, GROUPS.get(kind, "other"), strength)


@dataclass(frozen=True)
class Confidence:
    """The chance that an outcome is right, by its cell.

    Attributes:
        prior: Chance by method and stance, from the reference data. [1]
        counts: Cases and right ones among strings left out, by cell.
    """

    prior: Mapping[tuple[str, str], float]
    counts: Mapping[Cell, tuple[int, int]]
    _known: dict[Cell, float] = field(default_factory=dict, repr=False, compare=False)

    def of(self, cell: Cell) -> float:
        """The chance that an outcome of a cell is right. [1]"""
        if cell not in self._known:
            self._known[cell] = self._bounded(cell)
        return self._known[cell]

    def _bounded(self, cell: Cell) -> float:
        """Neither agreement nor strength makes an outcome less sure, nor a dispute surer."""
        if cell.stance == "alone":
            return self._leaning(cell)
        alone = cell._replace(stance="alone")
        if cell.stance == "disputed":
            return min(self._of_weaker(cell), self._leaning(alone))
        return max(self._leaning(cell), self._of_weaker(alone))

    def _of_weaker(self, cell: Cell) -> float:
        """The most that an outcome of this or less strength is sure."""
        weaker = (cell._replace(strength=s) for s in STRENGTHS if s <= cell.strength)
        return max(self._leaning(one) for one in weaker)

    def _leaning(self, cell: Cell) -> float:
        chance, most = self.prior.get((cell.method, cell.stance), UNKNOWN), 1.0
        widths = (3, 4) if cell.method in BY_GROUP else (2, 3, 4)
        for width, weight in zip(widths, LEANS_ON[-len(widths) :], strict=True):
            inside = [c for key, c in self.counts.items() if key[:width] == cell[:width]]
            cases, right = sum(c[0] for c in inside), sum(c[1] for c in inside)
            if width == len(cell):
                # Where few cases speak, nothing is surer than its score.
                chance = min(chance, _upper(cell.strength))
            chance = (right + weight * chance) / (cases + weight)
            if width == widths[0]:
                # So many cases without an error leave room for one among the next.
                most = (cases + weight + 1) / (cases + weight + 2)
        return min(chance, most)

    def rows(self) -> list[dict[str, Any]]:
        """One row per cell, for the card."""
        return [
            {**cell._asdict(), "cases": cases, "right": right, "chance": round(self.of(cell), 6)}
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
        Cell(**{name: row[name] for name in Cell._fields}): (row["cases"], row["right"])
        for row in card["confidence"]
    }
    return Confidence(priors(tables), counts)
