"""From clues to one identity: the kinds are weighed, the winner described, doubt kept."""

from collections.abc import Sequence
from typing import NamedTuple

from valuation.identity.demoted import demoted
from valuation.identity.describing import class_of, describe
from valuation.identity.makers import OF_ANOTHER, Kin, is_of_another_maker
from valuation.identity.reference import Reference
from valuation.identity.text import ItemText
from valuation.identity.traits import Clue, Traits
from valuation.identity.weighing import Weighed, own_clues, weigh
from valuation.units import DRIVE_KINDS, WHOLE_KINDS

SAME_CAPACITY = 0.03
"""Capacities nearer than this are one capacity, printed in two ways. [1]"""
NAMED_FROM = 0.6
"""A score below this is at most its own chance. [1]"""
PART_BY_LETTERS, DRIVE_BY_LETTERS, HOST_BY_LETTERS = 0.75, 0.8, 0.85
"""Chances from which the classifier alone names a part, a drive, whose sizes memory has too, and a
host, which weighs as many. [1]"""
CERTAIN = 0.995
"""From this confidence on no runner-up is kept."""
EVEN = 0.5
"""Chance of a tray that may as well be empty. [1]"""
REPEATS_ITS_HOST = ("switch", "chassis")
"""Kinds that inventories list again, by the same number, for each of their slots."""
HOLDS_DRIVES = "storage"
"""What type columns call drives as often as shelves, so that it contradicts no drive."""


class Decision(NamedTuple):
    """What one item is, how sure that is, and what else it could be.

    `conflict` names what a column says against the model, such as `type: ssd`.
    """

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
    conflict: str | None
    clues: tuple[Clue, ...]
    pieces: tuple[int, str | None] | None = None


def trusted_clues(item: ItemText, clues: Sequence[Clue], reference: Reference) -> tuple[Clue, ...]:
    """Clues as far as they are to be believed: what only names a neighbour, and where it stands."""
    trust, kin = reference.field_trust, reference.kin
    return tuple([
        clue.weighing(_weight(item, clue, kin) * trust[clue.field])
        for clue in demoted(item, clues, reference)
    ])  # fmt: skip


def decide(item: ItemText, trusted: Sequence[Clue], reference: Reference) -> Decision:
    """Say what an item is, or abstain where being wrong would cost more than being silent.

    A part number read by a grammar outweighs any type column.

    Args:
        item: Its texts.
        trusted: Its clues as `trusted_clues` gives them, and the classifier's.
        reference: What patterns, words and chances are.
    """
    weighed = weigh(item, trusted, reference)
    if weighed is None or _is_bare(item, reference):
        return _abstained(tuple(trusted))
    if weighed.kind != "other" and _is_numbered_tray(item, reference):
        return _abstained(tuple(trusted), weighed, EVEN, reference)
    confidence = reference.confidence.of(weighed.cell)
    # The classifier's score is a calibrated chance already; a low one of any method is no better.
    if weighed.best.method == "classifier" or weighed.score < NAMED_FROM:
        confidence = min(confidence, weighed.score)
    if confidence < reference.answer_from(weighed.kind) or _is_odd(weighed, confidence):
        return _abstained(tuple(trusted), weighed, min(confidence, weighed.score), reference)
    return _decided(item, weighed, confidence, tuple(trusted), reference)


def _is_odd(weighed: Weighed, confidence: float) -> bool:
    """Whether a kind rests on letters alike that are not alike enough: exports hold odd texts.

    Only the chance of the letters has been taught such texts. Where those of a drive, with what its
    maker mostly makes, are sure enough, the outcome needs no more than being wrong costs; numbers
    of other kinds have many more forms.
    """
    best = weighed.best
    if best.method != "classifier":
        return False
    if weighed.kind in DRIVE_KINDS:
        return weighed.score < DRIVE_BY_LETTERS
    return confidence < (HOST_BY_LETTERS if weighed.kind in WHOLE_KINDS else PART_BY_LETTERS)


def _decided(
    item: ItemText,
    weighed: Weighed,
    confidence: float,
    clues: tuple[Clue, ...],
    reference: Reference,
) -> Decision:
    kind, traits = weighed.kind, weighed.traits
    runner_up_kind, runner_up = None, None
    if weighed.rivals and confidence < CERTAIN:
        runner_up_kind = weighed.rivals[0]
        other, _ = describe(item, runner_up_kind, own_clues(clues, runner_up_kind), reference)
        runner_up = class_of(runner_up_kind, other, reference)
    against = (
        *_other_type(clues, kind),
        *_other_capacity(item, kind, traits, weighed.capacity_source, reference),
    )
    return Decision(
        kind=kind,
        traits=traits,
        item_class=class_of(kind, traits, reference),
        capacity_source=weighed.capacity_source,
        reason=weighed.best.reason or _place_reason(item, kind, weighed.best, reference),
        best=weighed.best,
        confidence=round(confidence, 6),
        runner_up=runner_up,
        runner_up_kind=runner_up_kind,
        runner_up_confidence=round(1 - confidence, 6) if runner_up_kind else None,
        conflict="; ".join([f"{c.field}: {c.candidate}" for c in against]) or None,
        clues=(*clues, *[c for c in against if c.method == "capacity"]),
    )


def _place_reason(item: ItemText, kind: str, best: Clue, reference: Reference) -> str:
    """Why a row that repeats a chassis number for a slot or module is no second chassis."""
    repeats = kind in REPEATS_ITS_HOST and best.token and best.field in ("model", "part_number")
    return "host_slot" if repeats and reference.slot_names.match(item.description) else ""


def _weight(item: ItemText, clue: Clue, kin: Kin) -> float:
    """What a clue weighs as far as its maker, beside the row's, lets it be believed."""
    is_strangers = is_of_another_maker(item, clue, kin)
    return min(clue.weight, OF_ANOTHER) if is_strangers else clue.weight


def _other_type(clues: Sequence[Clue], kind: str) -> tuple[Clue, ...]:
    """What the type column calls a drive instead, where no meaning of its words is what it is."""
    said = [c for c in clues if c.field == "type" and c.kind]
    if not said or any(c.kind == kind for c in said):
        return ()
    strongest = max(said, key=lambda c: (c.weight, c.kind))
    if strongest.kind == HOLDS_DRIVES or not {kind, strongest.kind} & set(DRIVE_KINDS):
        return ()
    return (strongest._replace(candidate=strongest.kind),)


def _other_capacity(
    item: ItemText, kind: str, traits: Traits, source: str | None, reference: Reference
) -> tuple[Clue, ...]:
    """Evidence that the capacity column says something else than the model, which wins."""
    if source != "model" or not traits.capacity_gb:
        return ()
    said = reference.column_gb(item.capacity, kind)
    if said is None or abs(said / traits.capacity_gb - 1) <= SAME_CAPACITY:
        return ()
    return (Clue("capacity", "capacity", "", 0.0, f"{said:g} GB", item.capacity),)


def _is_bare(item: ItemText, reference: Reference) -> bool:
    """Nothing but a word like `HDD` where a model should stand."""
    if item.part_number or item.description or item.type_word or item.capacity or item.maker:
        return False
    return reference.placeholders.get(item.model) == "bare"


def _is_numbered_tray(item: ItemText, reference: Reference) -> bool:
    """Nothing but the number of a tray, which agents list whether or not anything is in it."""
    if item.part_number or item.type_word or item.maker:
        return False
    said = item.description or item.model
    if item.model not in ("", said):
        return False
    return reference.numbered_trays.fullmatch(said) is not None


def _abstained(
    clues: tuple[Clue, ...],
    weighed: Weighed | None = None,
    confidence: float = 0.0,
    reference: Reference | None = None,
) -> Decision:
    """No kind; what it would most likely be is kept as the runner-up."""
    likeliest = weighed.kind if weighed and weighed.kind != "other" else None
    runner_up = (
        class_of(likeliest, weighed.traits, reference)
        if likeliest and weighed and reference
        else None
    )
    return Decision(
        kind="unidentified",
        traits=Traits(),
        item_class=None,
        capacity_source=None,
        reason="",
        best=None,
        confidence=0.0,
        runner_up=runner_up,
        runner_up_kind=likeliest,
        runner_up_confidence=round(confidence, 6) if likeliest else None,
        conflict=None,
        clues=clues,
    )
