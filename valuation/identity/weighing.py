"""Weighing: which kind the clues of one item speak for, how strongly, and what speaks against it.

The outcome names the method that found it, whether other clues agree, and a strength; how often
such an outcome was right on strings left out is its chance (`confidence.py`).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from valuation.identity.clues import NAMED_IN_PASSING
from valuation.identity.confidence import Cell, cell_of
from valuation.identity.describing import describe
from valuation.identity.reference import Reference
from valuation.identity.text import ItemText
from valuation.identity.traits import Clue, Traits
from valuation.units import DRIVE_KINDS

PLAUSIBLE: Final = 0.4
"""A rival kind is worth naming from this weight on."""
NEAR_MISS: Final = 3.0
"""In a text a pattern knows, what has odds this many times lower is a chance match."""
METHODS: Final = ("catalogue", "grammar", "prefix", "words", "size", "classifier", "maker")
RANK: Final = {method: n for n, method in enumerate(METHODS)}
"""Place of each method, the most telling first."""
NOT_SUPPORT: Final = ("maker",)
"""Fields whose clue is a habit, which supports nothing."""
MARKS_KEPT: Final = 1 << 14
"""Sets of clues of which is kept what they speak for, some kilobytes each."""


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
    marks = _marks(clues)
    spoken = _spoken_for(marks)
    if spoken is None:
        return None
    kind = spoken.kind
    own = tuple([clues[place] for place in spoken.places])
    traits, capacity_source = describe(item, kind, own, reference)
    size_gb = traits.capacity_gb
    rivals = _rivals(marks, kind, reference.sizes.only_kind(size_gb) if size_gb else "")
    stance = "disputed" if rivals else spoken.stance
    return Weighed(kind, spoken.score, own, traits, capacity_source, rivals, stance)


def own_clues(clues: Sequence[Clue], kind: str) -> list[Clue]:
    """The clues for one kind, most telling first."""
    return [clues[place] for place in _places([_Mark(*m) for m in _marks(clues)], kind)]


class _Mark(NamedTuple):
    """What is weighed of a clue: its texts are not."""

    method: str
    field: str
    kind: str
    weight: float
    candidate: str
    length: int
    start: int
    is_code: bool

    @property
    def source(self) -> tuple[str, str, str, int]:
        """What the readings of one word or pattern in one place share."""
        return (self.method, self.field, self.candidate, self.start)


_Marks = tuple[tuple[str, str, str, float, str, int, int, bool], ...]
"""The marks of an item's clues, as a key: thousands of items have clues of the same marks."""


def _marks(clues: Sequence[Clue]) -> _Marks:
    return tuple([
        (method, field, kind, weight, candidate, len(matched), start, token != "")
        for method, field, kind, weight, candidate, matched, start, token, _, _ in clues
    ])  # fmt: skip


class _Spoken(NamedTuple):
    """The kind some clues speak for, before its size is known.

    `places` are those of the clues for it, the most telling first; `stance` that of an outcome
    without rivals.
    """

    kind: str
    score: float
    places: tuple[int, ...]
    stance: str


@lru_cache(maxsize=MARKS_KEPT)
def _spoken_for(key: _Marks) -> _Spoken | None:
    marks = [_Mark(*mark) for mark in key]
    scores = _scores(marks)
    scores.pop("", None)
    if not scores:
        return None
    kind = min(scores, key=lambda k: (-scores[k], k))
    stance = "agreed" if len(_supporters(marks, kind)) > 1 else "alone"
    return _Spoken(kind, scores[kind], tuple(_places(marks, kind)), stance)


def _places(marks: Sequence[_Mark], kind: str) -> list[int]:
    """Where the clues for one kind stand, the most telling first."""

    def telling(place: int) -> tuple[Any, ...]:
        mark = marks[place]
        is_in_passing = mark.weight <= NAMED_IN_PASSING
        return is_in_passing, RANK[mark.method], -mark.weight, -mark.length, mark.candidate

    own = [place for place, mark in enumerate(marks) if mark.kind == kind]
    return sorted(own, key=telling) if len(own) > 1 else own


def _scores(marks: Sequence[_Mark]) -> dict[str, float]:
    """Chance of each kind: one minus the chance that all fields that name it are wrong."""
    best: dict[tuple[str, str], float] = {}
    for mark in marks:
        key = (mark.kind, mark.field)
        best[key] = max(best.get(key, 0.0), mark.weight)
    doubt: dict[str, float] = {}
    for (kind, _), weight in best.items():
        doubt[kind] = doubt.get(kind, 1.0) * (1 - weight)
    return {kind: 1 - d for kind, d in doubt.items()}


@lru_cache(maxsize=MARKS_KEPT)
def _rivals(key: _Marks, kind: str, sold_as: str) -> tuple[str, ...]:
    """Kinds that speak against the winner, the likeliest first.

    A word of several meanings (`hard disk`) does not speak against what it also means once a
    stronger clue that can only mean the winner has settled it. Nor does anything much weaker than
    a pattern in the same text, what a maker mostly makes, a kind that is never sold in this size,
    which only `sold_as` is.
    """
    marks = [_Mark(*mark) for mark in key]
    own = [m for m in marks if m.kind == kind]
    meant = {m.source for m in own}
    open_sources = {m.source for m in marks if m.kind != kind}
    settled = max((m.weight for m in own if m.source not in open_sources), default=0.0)
    patterns: dict[str, float] = {}
    for mark in own:
        if mark.is_code:
            patterns[mark.field] = max(patterns.get(mark.field, 0.0), mark.weight)
    against = [
        m
        for m in marks
        if m.kind not in ("", kind)
        and m.method != "maker"
        and not (m.source in meant and m.weight < settled)
        and not _odds(m.weight) * NEAR_MISS < _odds(patterns.get(m.field, 0.0))
    ]
    scores = _scores(against)
    never_sold = set(DRIVE_KINDS) - {kind} if sold_as == kind else set()
    plausible = [k for k, score in scores.items() if score >= PLAUSIBLE and k not in never_sold]
    return tuple(sorted(plausible, key=lambda k: (-scores[k], k)))


def _supporters(marks: Sequence[_Mark], kind: str) -> set[str]:
    """The fields whose first meaning is this kind; a maker's habit supports nothing."""
    strongest: dict[tuple[str, str, str, int], float] = {}
    for mark in marks:
        strongest[mark.source] = max(strongest.get(mark.source, 0.0), mark.weight)
    own = [m for m in marks if m.kind == kind and m.weight == strongest[m.source]]
    return {m.field for m in own}.difference(NOT_SUPPORT)


def _odds(chance: float) -> float:
    return chance / (1 - chance) if chance < 1 else float("inf")
