"""Weighing: which kind the clues of one item speak for, how strongly, and what speaks against it.

The outcome names the method that found it, whether other clues agree, and a strength; how often
such an outcome was right on strings left out is its chance (`confidence.py`).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from valuation.identity.capacity import SoldSizes
from valuation.identity.clues import NAMED_IN_PASSING
from valuation.identity.confidence import Cell, cell_of
from valuation.identity.describing import describe
from valuation.identity.reference import Reference
from valuation.identity.text import ItemText
from valuation.identity.traits import Clue, Traits

PLAUSIBLE: Final = 0.4
"""A rival kind is worth naming from this weight on."""
NEAR_MISS: Final = 3.0
"""In a text a pattern knows, what has odds this many times lower is a chance match."""
METHODS: Final = ("catalogue", "grammar", "prefix", "words", "size", "classifier", "maker")
RANK: Final = {method: n for n, method in enumerate(METHODS)}
"""Place of each method, the most telling first."""
NOT_SUPPORT: Final = ("maker",)
"""Fields whose clue is a habit, which supports nothing."""


class Weighed(NamedTuple):
    """The kind the clues speak for.

    Attributes:
        kind: The kind with the highest score.
        score: One minus the chance that all fields that name it are wrong, were they independent.
        own: The clues for it, the most telling first.
        traits: What a thing of that kind is besides.
        capacity_source: Where its capacity was read: `model`, `column`, `description` or None.
        rivals: Kinds that speak against it, the likeliest first.
        stance: `agreed` by several fields, `alone`, or `disputed` by a rival.
    """

    kind: str
    score: float
    own: tuple[Clue, ...]
    traits: Traits
    capacity_source: str | None
    rivals: tuple[str, ...]
    stance: str

    @property
    def best(self) -> Clue:
        """The clue it rests on."""
        return self.own[0]

    @property
    def cell(self) -> Cell:
        """Outcomes that are equally often right."""
        return cell_of(self.best.method, self.stance, self.kind, self.score)


def weigh(item: ItemText, clues: Sequence[Clue], reference: Reference) -> Weighed | None:
    """Weigh the clues of one item; None when none names a kind.

    Within a field only the best clue for a kind counts, different fields support each other.

    Args:
        item: Its texts.
        clues: Its clues, each already trusted as far as its field is.
        reference: Sizes on sale, class rules, words.
    """
    scores = _scores(clues)
    scores.pop("", None)
    if not scores:
        return None
    kind = min(scores, key=lambda k: (-scores[k], k))
    own = own_clues(clues, kind)
    traits, capacity_source = describe(item, kind, own, reference)
    rivals: list[str] = []
    stance = "alone"
    if len(clues) > 1:
        rivals = _rivals(clues, kind, traits.capacity_gb, reference.sizes)
        is_agreed = not rivals and len(_supporters(clues, kind)) > 1
        stance = "disputed" if rivals else "agreed" if is_agreed else "alone"
    return Weighed(kind, scores[kind], tuple(own), traits, capacity_source, tuple(rivals), stance)


def own_clues(clues: Sequence[Clue], kind: str) -> list[Clue]:
    """The clues for one kind, most telling first."""
    own = [c for c in clues if c.kind == kind]
    if len(own) == 1:
        return own
    return sorted(own, key=lambda c: (c.weight <= NAMED_IN_PASSING, RANK[c.method], -c.weight,
                                      -len(c.matched), c.candidate))  # fmt: skip


def _scores(clues: Sequence[Clue]) -> dict[str, float]:
    """Chance of each kind: one minus the chance that all fields that name it are wrong."""
    best: dict[tuple[str, str], float] = {}
    for clue in clues:
        key = (clue.kind, clue.field)
        best[key] = max(best.get(key, 0.0), clue.weight)
    doubt: dict[str, float] = {}
    for (kind, _), weight in best.items():
        doubt[kind] = doubt.get(kind, 1.0) * (1 - weight)
    return {kind: 1 - d for kind, d in doubt.items()}


def _rivals(
    clues: Sequence[Clue], kind: str, capacity_gb: float | None, sizes: SoldSizes
) -> list[str]:
    """Kinds that speak against the winner, the likeliest first.

    A word of several meanings (`hard disk`) does not speak against what it also means once a
    stronger clue that can only mean the winner has settled it. Nor does anything much weaker than
    a pattern in the same text, what a maker mostly makes, a kind that is never sold in this size.
    """
    if all(c.kind in ("", kind) or c.method == "maker" for c in clues):
        return []
    meant = {_source(c) for c in clues if c.kind == kind}
    open_sources = {_source(c) for c in clues if c.kind != kind}
    own = [c for c in clues if c.kind == kind]
    settled = max((c.weight for c in own if _source(c) not in open_sources), default=0.0)
    patterns: dict[str, float] = {}
    for clue in own:
        if clue.token:
            patterns[clue.field] = max(patterns.get(clue.field, 0.0), clue.weight)
    against = [
        c
        for c in clues
        if c.kind not in ("", kind)
        and c.method != "maker"
        and not (_source(c) in meant and c.weight < settled)
        and not _odds(c.weight) * NEAR_MISS < _odds(patterns.get(c.field, 0.0))
    ]
    scores = _scores(against)
    sold_as = sizes.only_kind(capacity_gb) if capacity_gb else ""
    never_sold = {"hdd", "ssd"} - {kind} if sold_as == kind else set()
    plausible = [k for k, score in scores.items() if score >= PLAUSIBLE and k not in never_sold]
    return sorted(plausible, key=lambda k: (-scores[k], k))


def _supporters(clues: Sequence[Clue], kind: str) -> set[str]:
    """The fields whose first meaning is this kind; a maker's habit supports nothing."""
    strongest: dict[tuple[str, str, str, int], float] = {}
    for clue in clues:
        source = _source(clue)
        strongest[source] = max(strongest.get(source, 0.0), clue.weight)
    own = [c for c in clues if c.kind == kind and c.weight == strongest[_source(c)]]
    return {c.field for c in own}.difference(NOT_SUPPORT)


def _source(clue: Clue) -> tuple[str, str, str, int]:
    """What the readings of one word or pattern in one place share."""
    return (clue.method, clue.field, clue.candidate, clue.start)


def _odds(chance: float) -> float:
    return chance / (1 - chance) if chance < 1 else float("inf")
