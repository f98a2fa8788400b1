"""What the rules leave open is asked of the classifier: kinds, then form factor and rpm class.

Open is an item that no family, no grammar and no head noun has named. Texts are asked once, all
together, and the classifier is loaded when the first one is open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from valuation.identity.capacity import amounts_gb
from valuation.identity.clues import MEMORY_GB, NAMED_IN_PASSING, item_text, rule_clues
from valuation.identity.code_sizes import CodedSize
from valuation.identity.decide import Decision, decide, trusted_clues
from valuation.identity.describing import class_of, coded_size
from valuation.identity.model.classifier import (
    FORM_FACTOR,
    KIND,
    RPM,
    SIZE_MARKS,
    Answers,
    is_readable,
    unmarked,
    words_of,
)
from valuation.identity.model.grams import grams_of
from valuation.identity.reference import Reference
from valuation.identity.text import ItemText
from valuation.identity.traits import Clue
from valuation.units import DRIVE_KINDS, WHOLE_KINDS

Read = tuple[ItemText, tuple[Clue, ...]]
"""An item and its clues as far as they are trusted."""
NAMED_BY: Final = {"catalogue": 0.6, "grammar": 0.6, "words": 0.75}
"""Weight from which a family, a grammar or the head of a phrase leaves no question open. [1]"""
ALL: Final = 2.0
"""A weight that no clue has."""
WORTH_SAYING: Final = 0.05
"""Chance from which an answer of the classifier is a clue. [1]"""
TRAIT_FROM: Final = {FORM_FACTOR: 0.97, RPM: 0.95}
"""Chance from which the classifier's form factor and rpm class are taken. [1]"""
FIELD: Final = "classifier"


def read_item(row: Mapping[str, Any], reference: Reference) -> Read:
    """The texts of a row of items and what the rules find in them."""
    return read_text(item_text(row, reference), reference)


def read_text(item: ItemText, reference: Reference) -> Read:
    """An item with what the rules find in it, as far as that is trusted."""
    return item, trusted_clues(item, rule_clues(item, reference), reference)


def decide_all(read: Sequence[Read], reference: Reference) -> list[Decision]:
    """Decide every item, with the classifier's answers for those that are open.

    Raises:
        ModelError: A text is open, and the model is missing or is not the one of its card.
    """
    texts = [asked_of(item, clues, reference) for item, clues in read]
    asked = sorted({text for text in texts if text})
    said = kind_clues(reference.classifier.ask(KIND, asked), asked) if asked else {}
    decisions = [
        decide(item, (*clues, *believed(item, clues, said.get(text, ()))), reference)
        for (item, clues), text in zip(read, texts, strict=True)
    ]
    return _completed([item for item, _ in read], decisions, reference)


def asked_of(item: ItemText, clues: Sequence[Clue], reference: Reference) -> str:
    """The text of an open item that the classifier is asked about, else nothing."""
    if any(c.kind and c.weight >= NAMED_BY.get(c.method, ALL) for c in clues):
        return ""
    return told_of(item, reference) if is_readable(item) else ""


def told_of(item: ItemText, reference: Reference) -> str:
    """The text of an item as the classifier is told it: its words, and the mark of its size.

    Drives of one kind are sold in sizes the other is not, which letters do not know of digits they
    have not seen. What people write in GB or TB is left to the words, for odd texts have it too;
    and what may be the number of a line or the speed of a link is no size.
    """
    said = (item.model, item.part_number, item.description)
    amounts = (words for text in said for _, words in amounts_gb(text, reference.sizes.of("")))
    if any(words.endswith("B") for words in amounts):
        return words_of(item)
    coded = [(kind, coded_size(item, kind, reference)) for kind in DRIVE_KINDS]
    sizes = [found[1] for _, found in coded if found]
    told = [s for kind, found in coded if found and _is_size(s := found[1], kind, reference)]
    if not told:
        return words_of(item)
    sold = _sold_as(told[0].capacity_gb, reference) if len(sizes) == 1 else ""
    return words_of(item) + SIZE_MARKS[sold or "hdd ssd"]


def _sold_as(capacity_gb: float, reference: Reference) -> str:
    """The one kind of drives whose codes spell a size, else the one sold in it; else nothing."""
    spelling = [kind for kind in DRIVE_KINDS if (kind, capacity_gb) in reference.sizes.telling]
    return spelling[0] if len(spelling) == 1 else reference.sizes.only_kind(capacity_gb)


def _is_size(size: CodedSize, kind: str, reference: Reference) -> bool:
    """Whether a size has its unit, and nothing but drives and memory has it."""
    is_telling = (kind, size.capacity_gb) in reference.sizes.telling
    has_unit = any(letter in "GT" for letter in size.matched)
    return has_unit and (is_telling or size.capacity_gb in MEMORY_GB)


def kind_clues(answers: Answers, texts: Sequence[str]) -> dict[str, tuple[Clue, ...]]:
    """What the classifier says some texts name: one clue for each answer with a chance."""
    return {
        text: tuple(
            Clue("classifier", FIELD, kind, chance, "letters alike", unmarked(text),
                 reason="not_a_part" if kind == "other" else "")
            for kind, chance in answers.best(n, WORTH_SAYING)
        )
        for n, text in enumerate(texts)
    }  # fmt: skip


def believed(item: ItemText, clues: Sequence[Clue], said: Sequence[Clue]) -> Sequence[Clue]:
    """Answers that are clues to an item.

    A host a cut text names may be what the thing is of; and what a pattern has found and the words
    around it show to be named in passing, the letters only say again. Letters that know a drive do
    not know which of the two it is better than that its maker makes only one of them.
    """
    if not said:
        return said
    doubted = {c.kind for c in clues if c.token and c.weight <= NAMED_IN_PASSING}
    if item.is_cut:
        doubted.update(WHOLE_KINDS)
    kept = [c for c in said if c.kind not in doubted]
    made = next((c.kind for c in clues if c.method == "maker" and c.kind in DRIVE_KINDS), "")
    drives = [c for c in kept if c.kind in DRIVE_KINDS]
    if not made or all(c.kind == made for c in drives):
        return kept
    chance = sum(c.weight for c in drives)
    return [drives[0]._replace(kind=made, weight=chance), *(c for c in kept if c not in drives)]


def trait_clues(answers: Mapping[str, Answers], texts: Sequence[str]) -> dict[str, dict[str, Clue]]:
    """The form factor and rpm class of some texts, by text and question, where they are sure."""
    told: dict[str, dict[str, Clue]] = {text: {} for text in texts}
    for question, at_least in TRAIT_FROM.items():
        for n, text in enumerate(texts):
            for value, chance in answers[question].best(n, at_least)[:1]:
                words = unmarked(text)
                told[text][question] = Clue("classifier", FIELD, "hdd", chance, value, words)
    return told


def with_traits(decision: Decision, told: Mapping[str, Clue], reference: Reference) -> Decision:
    """A hard drive with the traits it lacked, and the class that follows from them."""
    if not _lacks_traits(decision):
        return decision
    traits, clues = decision.traits, decision.clues
    if traits.form_factor_in is None and FORM_FACTOR in told:
        clue = told[FORM_FACTOR]
        traits = replace(traits, form_factor_in=float(clue.candidate))
        clues = (*clues, clue._replace(candidate=f"{clue.candidate} in"))
    if traits.rpm is None and RPM in told:
        clue = told[RPM]
        traits = replace(traits, rpm=int(clue.candidate))
        clues = (*clues, clue._replace(candidate=f"{clue.candidate} rpm"))
    item_class = class_of(decision.kind, traits, reference)
    return decision._replace(traits=traits, clues=clues, item_class=item_class)


def _completed(
    items: Sequence[ItemText], decisions: Sequence[Decision], reference: Reference
) -> list[Decision]:
    """Decisions whose hard drives have the form factor and rpm class their letters tell."""
    text_of = {n: told_of(items[n], reference) for n, d in enumerate(decisions) if _lacks_traits(d)}
    texts = sorted(set(text_of.values()))
    if not texts:
        return list(decisions)
    grams = grams_of(texts)
    classifier = reference.classifier
    told = trait_clues({q: classifier.answers(q, grams) for q in TRAIT_FROM}, texts)
    out = list(decisions)
    for n, text in text_of.items():
        out[n] = with_traits(decisions[n], told[text], reference)
    return out


def _lacks_traits(decision: Decision) -> bool:
    traits = decision.traits
    return decision.kind == "hdd" and (traits.form_factor_in is None or traits.rpm is None)
