"""From clues to one identity: the kinds are weighed, the winner described, doubt kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from valuation.identity.capacity import amounts_gb, column_gb
from valuation.identity.clues import NAMED_IN_PASSING
from valuation.identity.demoted import demoted
from valuation.identity.reference import ClassRule, Reference, TraitWord
from valuation.identity.text import ItemText
from valuation.identity.traits import Clue, Traits

ABSTAIN_BELOW = 0.6
"""Below this chance a careful person would not decide either."""
PLAUSIBLE = 0.4
"""A rival kind is worth naming from this weight on."""
SAME_CAPACITY = 0.03
"""Capacities nearer than this are one capacity, printed in two ways. [1]"""
NEAR_MISS = 3.0
"""In a text a pattern knows, what has odds this many times lower is a chance match."""
CERTAIN = 0.98
"""From this confidence on no runner-up is kept."""
REPEATS_ITS_HOST = ("switch", "chassis")
"""Kinds that inventories list again, by the same number, for each of their slots."""
METHOD_ORDER = ("catalogue", "grammar", "prefix", "words", "size", "maker")


@dataclass(frozen=True)
class Decision:
    """What one item is, how sure that is, and what else it could be."""

    kind: str
    traits: Traits
    item_class: str | None
    capacity_source: str | None
    reason: str
    best: Clue | None
    confidence: float
    runner_up: str | None
    runner_up_kind: str | None
    runner_up_confidence: float | None
    clues: tuple[Clue, ...]
    pieces: tuple[int, str | None] | None = None


def decide(item: ItemText, clues: Sequence[Clue], reference: Reference) -> Decision:
    """Weigh the clues of one item.

    Within a field only the best clue for a kind counts, different fields support each other, and
    a part number read by a grammar outweighs any type column.
    """
    trusted = tuple(
        _trusted(c, reference.field_trust[c.field]) for c in demoted(item, clues, reference)
    )
    scores = _scores(trusted)
    ranked = sorted(scores, key=lambda kind: (-scores[kind], kind))
    if not ranked or scores[ranked[0]] < ABSTAIN_BELOW or _is_bare(item, reference):
        return _abstained(trusted)
    kind = ranked[0]
    own = _own(trusted, kind)
    best = own[0]
    traits, capacity_source = describe(item, kind, own, reference)
    rivals = _rivals(trusted, kind, traits, reference)
    stance = "disputed" if rivals else "agreed" if len(_supporters(trusted, kind)) > 1 else "alone"
    confidence = reference.confidence[best.method, stance]
    runner_up_kind, runner_up = None, None
    trusted += _disagreement(item, kind, traits, capacity_source, reference)
    if rivals and confidence < CERTAIN:
        runner_up_kind = rivals[0]
        other, _ = describe(item, runner_up_kind, _own(trusted, runner_up_kind), reference)
        runner_up = class_of(runner_up_kind, other, reference)
    return Decision(
        kind=kind,
        traits=traits,
        item_class=class_of(kind, traits, reference),
        capacity_source=capacity_source,
        reason=best.reason or _place_reason(item, kind, best, reference),
        best=best,
        confidence=confidence,
        runner_up=runner_up,
        runner_up_kind=runner_up_kind,
        runner_up_confidence=round(1 - confidence, 6) if runner_up_kind else None,
        clues=trusted,
    )


def describe(
    item: ItemText, kind: str, own: Sequence[Clue], reference: Reference
) -> tuple[Traits, str | None]:
    """Everything the clues for one kind and the words around them say, and whence the capacity."""
    traits = Traits()
    read: set[tuple[str, str]] = set()
    for clue in own:
        # Of several patterns in one text the most telling speaks; the others are near misses.
        if (clue.method, clue.field) not in read:
            traits = traits.filled(clue.traits)
            read.add((clue.method, clue.field))
    text = " / ".join(t for _, t in item.fields if t)
    traits = traits.filled(words_around(text, kind, reference))
    source = "model" if traits.capacity_gb else None
    if kind in ("hdd", "ssd", "memory") and source is None:
        sizes = reference.sizes.of(kind)
        told = {
            "model": _first_gb(item.model, sizes),
            "column": column_gb(item.capacity, sizes),
            "description": _first_gb(f"{item.description} / {item.part_number}", sizes),
        }
        source = next((name for name, found in told.items() if found), None)
        if source:
            traits = replace(traits, capacity_gb=told[source])
    return traits, source


def class_of(kind: str, traits: Traits, reference: Reference) -> str | None:
    """The item class of a described thing, the first rule that holds; None for no kind."""
    if traits.item_class:
        return traits.item_class
    for rule in reference.class_rules.get(kind, ()):
        if _holds(rule, traits):
            return rule.item_class
    return None


def _holds(rule: ClassRule, traits: Traits) -> bool:
    asked = ("segment", "form_factor_in", "fill", "actuators")
    if any(getattr(rule, a) not in (None, getattr(traits, a)) for a in asked):
        return False
    if rule.attribute is None:
        return True
    value = getattr(traits, rule.attribute)
    return (
        value is not None
        and (rule.low is None or value >= rule.low)
        and (rule.high is None or value < rule.high)
    )


def _place_reason(item: ItemText, kind: str, best: Clue, reference: Reference) -> str:
    """Why a row that repeats a chassis number for a slot or module is no second chassis."""
    repeats = kind in REPEATS_ITS_HOST and best.token and best.field in ("model", "part_number")
    return "host_slot" if repeats and reference.slot_names.match(item.description) else ""


def _trusted(clue: Clue, trust: float) -> Clue:
    return clue if trust == 1 else replace(clue, weight=clue.weight * trust)


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


def _rivals(clues: Sequence[Clue], kind: str, traits: Traits, reference: Reference) -> list[str]:
    """Kinds that speak against the winner, the likeliest first.

    A word of several meanings (`hard disk`) does not speak against what it also means once a
    stronger clue that can only mean the winner has settled it. Nor does anything much weaker than
    a pattern in the same text, what a maker mostly makes, a kind that is never sold in this size.
    """
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
    sold_as = reference.sizes.only_kind(traits.capacity_gb) if traits.capacity_gb else ""
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
    return {c.field for c in own} - {"maker"}


def _source(clue: Clue) -> tuple[str, str, str, int]:
    """What the readings of one word or pattern in one place share."""
    return (clue.method, clue.field, clue.candidate, clue.start)


def _odds(chance: float) -> float:
    return chance / (1 - chance) if chance < 1 else float("inf")


def _own(clues: Sequence[Clue], kind: str) -> list[Clue]:
    """The clues for one kind, most telling first."""
    order = {method: n for n, method in enumerate(METHOD_ORDER)}
    own = [c for c in clues if c.kind == kind]
    return sorted(own, key=lambda c: (c.weight <= NAMED_IN_PASSING, order[c.method], -c.weight,
                                      -len(c.matched), c.candidate))  # fmt: skip


def _disagreement(
    item: ItemText, kind: str, traits: Traits, source: str | None, reference: Reference
) -> tuple[Clue, ...]:
    """Evidence that the capacity column says something else than the model, which wins."""
    if source != "model" or not traits.capacity_gb:
        return ()
    said = column_gb(item.capacity, reference.sizes.of(kind))
    if said is None or abs(said / traits.capacity_gb - 1) <= SAME_CAPACITY:
        return ()
    return (Clue("capacity", "capacity", "", 0.0, f"{said:g} GB", item.capacity),)


def _is_bare(item: ItemText, reference: Reference) -> bool:
    """Nothing but a word like `HDD` where a model should stand."""
    others = item.part_number + item.description + item.type_word + item.capacity + item.maker
    return not others and reference.placeholders.get(item.model) == "bare"


def _abstained(clues: tuple[Clue, ...]) -> Decision:
    return Decision("unidentified", Traits(), None, None, "", None, 0.0, None, None, None, clues)


def words_around(text: str, kind: str, reference: Reference) -> Traits:
    """What phrases like `7.2K`, `LFF` or `1100W` add to a thing of one kind."""
    traits = Traits()
    for word in reference.trait_words:
        if kind not in word.kinds or getattr(traits, word.trait) is not None:
            continue
        match = word.regex.search(text)
        if match:
            said = word.value or next((g for g in match.groups() if g), "")
            named: dict[str, Any] = {word.trait: _typed(word, said)}
            traits = replace(traits, **named)
    return traits


def _typed(word: TraitWord, said: str) -> str | int | float:
    if word.trait in ("segment", "fill", "item_class"):
        return said
    number = float(said.replace(",", ".")) * word.factor
    return round(number) if word.trait in ("rpm", "fan_size_mm", "actuators") else number


def _first_gb(text: str, sizes: tuple[float, ...]) -> float | None:
    found = amounts_gb(text, sizes)
    return found[0][0] if found else None
