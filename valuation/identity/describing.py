"""Describing: what a thing of a known kind is besides, from its clues and the words around them.

Nothing is invented: a trait that no clue and no word gives stays unknown.
"""

from collections.abc import Sequence
from typing import Any

from valuation.identity.capacity import amounts_gb
from valuation.identity.code_sizes import CodedSize
from valuation.identity.reference import Reference
from valuation.identity.text import ItemText
from valuation.identity.traits import NOTHING, Clue, Traits
from valuation.identity.wording import ClassRule, TraitWord


def describe(
    item: ItemText, kind: str, own: Sequence[Clue], reference: Reference
) -> tuple[Traits, str | None]:
    """Everything the clues for one kind and the words around them say, and whence the capacity."""
    traits = NOTHING
    read: set[tuple[str, str]] = set()
    for clue in own:
        # Of several patterns in one text the most telling speaks; the others are near misses.
        if (clue.method, clue.field) not in read:
            traits = traits.filled(clue.traits)
            read.add((clue.method, clue.field))
    traits = traits.filled(words_around(item.said, kind, reference))
    source = "model" if traits.capacity_gb else None
    if kind in ("hdd", "ssd", "memory") and source is None:
        sizes = reference.sizes.of(kind)
        told = {
            "model": _first_gb(item.model, sizes),
            "column": reference.column_gb(item.capacity, kind),
            "description": _first_gb(f"{item.description} / {item.part_number}", sizes),
        }
        source = next((name for name, found in told.items() if found), None)
        if source:
            traits = traits.filled(Traits.of({"capacity_gb": told[source]}))
        elif coded := coded_size(item, kind, reference):
            traits = traits.filled(Traits.of({"capacity_gb": coded[1].capacity_gb}))
            source = "model"
    return traits, source


def coded_size(item: ItemText, kind: str, reference: Reference) -> tuple[str, CodedSize] | None:
    """The field whose code spells the size of a drive, model or part number, and the size."""
    for field, text in (("model", item.core), ("part_number", item.part_number)):
        said = reference.code_sizes.of(text, kind, is_cut=item.is_cut) if text else None
        if said:
            return field, said
    return None


def class_of(kind: str, traits: Traits, reference: Reference) -> str | None:
    """The item class of a described thing, the first rule that holds; None for no kind."""
    if traits.item_class:
        return traits.item_class
    key = (kind, *map(traits.known.get, reference.class_traits))
    if key not in reference.known_classes:
        rules = reference.class_rules.get(kind, ())
        found = next((rule.item_class for rule in rules if _holds(rule, traits)), None)
        reference.known_classes[key] = found
    return reference.known_classes[key]


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


def words_around(text: str, kind: str, reference: Reference) -> Traits:
    """What phrases like `7.2K`, `LFF` or `1100W` add to a thing of one kind."""
    known: dict[str, Any] = {}
    for word in reference.trait_words_in(text):
        if kind not in word.kinds or word.trait in known:
            continue
        match = word.regex.search(text)
        if match:
            said = word.value or next((g for g in match.groups() if g), "")
            if value := _typed(word, said):  # zeros fill a place
                known[word.trait] = value
    return Traits.of(known)


def _typed(word: TraitWord, said: str) -> str | int | float:
    if word.trait in ("segment", "fill", "item_class"):
        return said
    number = float(said.replace(",", ".")) * word.factor
    return round(number) if word.trait in ("rpm", "fan_size_mm", "actuators") else number


def _first_gb(text: str, sizes: tuple[float, ...]) -> float | None:
    found = amounts_gb(text, sizes)
    return found[0][0] if found else None
