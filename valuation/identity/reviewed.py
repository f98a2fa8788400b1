"""Reviewed items: a person's answer takes the place of what the program decided.

An answer holds for the item with the same six texts. Another item it holds for too when

- maker, model and part number are the same, but for case, blanks and dashes, and model or part
  number is a code: four signs or more with a digit among them;
- the program counts it, and reads it as it read the reviewed one, as the person does, or not at
  all: what a row says beside its number may make it another thing, such as a sensor;
- it states no other capacity than the answer;
- answers to several such items say the same.

A person's `it cannot be told` holds for its own item only.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from valuation.frames import RAW_TEXTS
from valuation.identity.answers import Answer
from valuation.identity.cells import ATTRIBUTES
from valuation.identity.clues import item_text
from valuation.identity.decide import SAME_CAPACITY, Decision
from valuation.identity.describing import class_of, describe
from valuation.identity.overrides import Overrides
from valuation.identity.pieces import pieces_in_text
from valuation.identity.reference import Reference
from valuation.identity.text import ItemText, clean, squash
from valuation.identity.traits import Clue, Traits
from valuation.identity.weighing import own_clues

METHOD: Final = "reviewed"
NOT_A_PART: Final = "not_a_part"
"""Why what a person took out of the count adds no units."""
SHORTEST_NUMBER: Final = 4
_HOLDS_NOTHING: Final = ("other", "unidentified")

PartNumber = tuple[str, str, str]


class Reviewed:
    """Finds the answer for an item and makes it the decision."""

    def __init__(self, overrides: Overrides, reference: Reference) -> None:
        self._answers = overrides.answers
        self._reference = reference
        self._by_number: dict[PartNumber, Answer | None] = {}
        for answer in self._answers.values():
            row: dict[str, Any] = dict(zip(RAW_TEXTS, answer.texts, strict=True)) | {"item_id": 0}
            number = part_number(item_text(row, reference))
            if number is None or answer.kind == "unidentified":
                continue
            known = self._by_number.setdefault(number, answer)
            if known is not None and known.said != answer.said:
                self._by_number[number] = None

    def of(self, row: Mapping[str, Any], item: ItemText, decision: Decision) -> Decision:
        """The decision a person made for an item; the given one where nobody did.

        Args:
            row: The item's raw texts.
            item: The same, cleaned.
            decision: What the program decided.
        """
        if not self._answers:
            return decision
        answer = self._answers.get(tuple(str(row[name] or "") for name in RAW_TEXTS))
        if answer is not None:
            return answered(answer, item, decision, self._reference, same=True)
        number = part_number(item) if self._by_number else None
        answer = self._by_number.get(number) if number else None
        if answer is None or not _holds(answer, item, decision, self._reference):
            return decision
        return answered(answer, item, decision, self._reference, same=False)


def part_number(item: ItemText) -> PartNumber | None:
    """What makes two items of different texts one product; None where nothing does."""
    maker = squash(item.maker)
    model = squash(item.core).removeprefix(maker)
    codes = (model, squash(item.part_number))
    if any(len(c) >= SHORTEST_NUMBER and any(s.isdigit() for s in c) for c in codes):
        return (maker, *codes)
    return None


def _holds(answer: Answer, item: ItemText, decision: Decision, reference: Reference) -> bool:
    """Whether an answer to an item of the same number speaks for this one."""
    if decision.kind not in (answer.kind, answer.program_kind, "unidentified") or decision.reason:
        return False
    if answer.capacity_gb is None:
        return True
    own, _ = describe(item, answer.kind, own_clues(decision.clues, answer.kind), reference)
    stated = own.capacity_gb
    return stated is None or abs(stated / answer.capacity_gb - 1) <= SAME_CAPACITY


def answered(
    answer: Answer, item: ItemText, decision: Decision, reference: Reference, *, same: bool
) -> Decision:
    """An answer as a decision; what it leaves open is read from the texts.

    Args:
        answer: What a person said.
        item: The item's texts.
        decision: What the program decided.
        reference: How texts are read.
        same: Whether the answer is to this very item, not to one of its part number.
    """
    kind = answer.kind
    traits, source = _traits(answer, item, decision, reference)
    agrees = decision.kind == kind
    reason = decision.reason if agrees and answer.counted is None else ""
    if answer.counted is False:
        reason = NOT_A_PART
    confidence = reference.confidence.prior[METHOD, "alone"] if kind != "unidentified" else 0.0
    matched = decision.best.matched if agrees and decision.best else ""
    pieces = pieces_in_text(item, kind, matched, reference)
    if same and answer.pieces:
        pieces = (answer.pieces, "each") if answer.pieces > 1 else (1, None)
    said = _clue(answer, confidence, reason, same=same)
    return Decision(
        kind=kind,
        traits=traits,
        item_class=class_of(kind, traits, reference),
        capacity_source=source,
        reason=reason,
        best=said,
        confidence=confidence,
        runner_up=None,
        runner_up_kind=None,
        runner_up_confidence=None,
        conflict=None,
        clues=(said, *decision.clues),
        pieces=pieces,
    )


def _clue(answer: Answer, confidence: float, reason: str, *, same: bool) -> Clue:
    """An answer as evidence: who gave it, when, why, and to which item."""
    maker, model, part = answer.texts[:3]
    field = "these texts" if same else "the same part number"
    about = "" if same else f" of {' '.join(filter(None, (maker, model, part)))}"
    matched = f"{answer.by} on {answer.on}{about}: {answer.why}"
    return Clue(METHOD, field, answer.kind, confidence, "a person", matched, reason=reason)


def _traits(
    answer: Answer, item: ItemText, decision: Decision, reference: Reference
) -> tuple[Traits, str | None]:
    """Attributes as answered, then as the family answered has them, then as the texts say."""
    kind = answer.kind
    maker = answer.manufacturer
    if maker:
        maker = reference.makers.get(squash(maker)) or maker
    numbers = {name: getattr(answer, name) for name in ATTRIBUTES if name != "pieces"}
    said = Traits(maker=maker, item_class=answer.item_class, **numbers)
    if kind in _HOLDS_NOTHING:
        return said.filled(Traits(family=answer.family)), None
    family = _family(answer, maker, kind, reference)
    own, source = decision.traits, decision.capacity_source
    if decision.kind != kind:
        own, source = describe(item, kind, own_clues(decision.clues, kind), reference)
    if _contradict(said.filled(family), own):
        own, source = describe(item, kind, (), reference)
    known = family.filled(own)
    if any(n is not None and n != getattr(known, name) for name, n in numbers.items()):
        known = replace(known, item_class=None)  # what made that class is no longer so
    return said.filled(known), METHOD if said.capacity_gb else source


def _contradict(said: Traits, own: Traits) -> bool:
    """Whether what a person says is of another family than what the texts were read as."""
    sizes = (said.form_factor_in, own.form_factor_in)
    if None not in sizes and sizes[0] != sizes[1]:
        return True
    if said.maker and own.maker and squash(said.maker) != squash(own.maker):
        return True
    if not said.family or not own.family or said.family_key == own.family_key:
        return False
    one, other = squash(said.family), squash(own.family)
    return one not in other and other not in one


def _family(answer: Answer, maker: str | None, kind: str, reference: Reference) -> Traits:
    """What is known of the family a person named, read as a model would be."""
    if not answer.family:
        return Traits()
    clues = reference.patterns_in("model", clean(answer.family))
    of_it = [c for c in clues if c.kind == kind and maker in (None, c.traits.maker)]
    if of_it:
        best = max(of_it, key=lambda c: (c.weight, len(c.matched), c.candidate))
        return replace(best.traits, capacity_gb=None).filled(Traits(family=answer.family))
    name = (maker or "unknown").lower().replace(" ", "-")
    return Traits(family=answer.family, family_key=f"{name}/{squash(answer.family).lower()}")
