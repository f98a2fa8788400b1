"""From clues to one identity: the kinds are weighed, the winner described, doubt kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from valuation.identity.capacity import amounts_gb, column_gb
from valuation.identity.clues import NAMED_IN_PASSING, WHOLE_HOSTS
from valuation.identity.reference import ClassRule, Reference, TraitWord
from valuation.identity.text import ItemText
from valuation.identity.traits import Clue, Traits

ABSTAIN_BELOW = 0.6
"""Below this chance a careful person would not decide either."""
HEAD_WORD = 0.8
"""A word of at least this weight after a host's name makes the thing a part of that host."""
PLAUSIBLE = 0.4
"""A rival kind is worth naming from this weight on."""
SAME_CAPACITY = 0.03
"""Capacities nearer than this are one capacity, printed in two ways. [1]"""
CERTAIN = 0.98
"""From this confidence on no runner-up is kept."""
NOT_HEADS = (*WHOLE_HOSTS, "cpu", "memory")
"""Words after a host's name that tell what is in it rather than what it is."""
METHOD_ORDER = ("catalogue", "grammar", "words", "size", "maker")


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


def decide(item: ItemText, clues: Sequence[Clue], reference: Reference) -> Decision:
    """Weigh the clues of one item.

    Within a field only the best clue for a kind counts, different fields support each other, and
    a part number read by a grammar outweighs any type column.
    """
    trusted = tuple(_trusted(c, reference.field_trust[c.field]) for c in _heads_demoted(clues))
    scores = _scores(trusted)
    ranked = sorted(scores, key=lambda kind: (-scores[kind], kind))
    if not ranked or scores[ranked[0]] < ABSTAIN_BELOW or _is_bare(item, reference):
        return _abstained(trusted)
    kind = ranked[0]
    own = _own(trusted, kind)
    best = own[0]
    rivals = [k for k in ranked[1:] if scores[k] >= PLAUSIBLE]
    supporters = {c.field for c in own} - {"maker"}
    stance = "disputed" if rivals else "agreed" if len(supporters) > 1 else "alone"
    confidence = reference.confidence[best.method, stance]
    traits, capacity_source = describe(item, kind, own, reference)
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
        reason=best.reason,
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


def _heads_demoted(clues: Sequence[Clue]) -> list[Clue]:
    """Clues with a pattern's weight lowered where a later word says what the thing really is."""
    heads = {c.field: c for c in clues if c.method == "words" and c.weight >= HEAD_WORD}
    host_named = any(
        c.field == "model" and c.token and c.kind in WHOLE_HOSTS and not c.reason for c in clues
    )
    out = []
    for clue in clues:
        told_inside = host_named and clue.field == "description" and clue.token
        inside = told_inside and clue.kind not in WHOLE_HOSTS
        if inside or any(_covers(other, clue) for other in clues):
            out.append(replace(clue, weight=min(clue.weight, NAMED_IN_PASSING)))
            continue
        head = heads.get(clue.field)
        behind = head and clue.method in METHOD_ORDER[:2] and head.start >= clue.start
        if head and behind and head.kind != clue.kind:
            is_part_of_host = clue.kind in WHOLE_HOSTS and head.kind not in NOT_HEADS
            if is_part_of_host or (head.reason and not clue.reason):
                clue = replace(clue, weight=min(clue.weight, NAMED_IN_PASSING))  # noqa: PLW2901
        out.append(clue)
    return out


def _trusted(clue: Clue, trust: float) -> Clue:
    return clue if trust == 1 else replace(clue, weight=clue.weight * trust)


def _covers(other: Clue, clue: Clue) -> bool:
    """A longer match of a pattern around a match: `PWR-MX480-2520` around `MX480`.

    A part's code that a host's pattern runs beyond at the end stays: `QFX5200-APSU-AI`.
    """
    ends, other_ends = clue.start + len(clue.matched), other.start + len(other.matched)
    return (
        bool(other.token and clue.token)
        and other.field == clue.field
        and other.kind != clue.kind
        and other.start <= clue.start
        and ends <= other_ends
        and len(other.matched) > len(clue.matched)
        and (other.start < clue.start or clue.kind in WHOLE_HOSTS)
    )


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
