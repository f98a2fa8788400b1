"""Words, phrases and class rules: rows of the reference data as the code meets them."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """A word of ordinary language that names a kind, with the kind it is sometimes used for."""

    kind: str
    weight: float
    also_kind: str
    also_weight: float
    reason: str
    segment: str | None
    item_class: str | None


@dataclass(frozen=True)
class TraitWord:
    """A phrase that adds an attribute to things of some kinds.

    Its value is given, or is the number in the phrase times `factor`.
    """

    kinds: frozenset[str]
    regex: re.Pattern[str]
    trait: str
    value: str | None
    factor: float


@dataclass(frozen=True)
class ClassRule:
    """Conditions under which a kind falls into an item class; None asks nothing."""

    kind: str
    segment: str | None
    form_factor_in: float | None
    fill: str | None
    actuators: int | None
    attribute: str | None
    low: float | None
    high: float | None
    item_class: str


@dataclass(frozen=True)
class LotWord:
    """A phrase that hides a number of pieces, the kinds it may be read for, and its rule."""

    kinds: frozenset[str]
    regex: re.Pattern[str]
    rule: str

    @property
    def is_front(self) -> bool:
        """Whether it is read only at the front of a text."""
        return self.regex.pattern.startswith("^")
