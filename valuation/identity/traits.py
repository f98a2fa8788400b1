"""What is known of a thing beside its kind, and how two partial descriptions join."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Traits:
    """Attributes a clue may give; None where it says nothing.

    `segment` is the trade of a drive (nearline, mission, desktop, notebook) or the build of
    another part (m.2, card, half, fast, tray, multinode ...); rpm is the nominal rotation speed.
    """

    maker: str | None = None
    family: str | None = None
    family_key: str | None = None
    item_class: str | None = None
    segment: str | None = None
    form_factor_in: float | None = None
    rpm: int | None = None
    interface: str | None = None
    generation: str | None = None
    fill: str | None = None
    actuators: int | None = None
    capacity_gb: float | None = None
    power_w: float | None = None
    fan_size_mm: int | None = None
    u_height: float | None = None
    launch_year: int | None = None
    unit_mass_g: float | None = None
    unit_mass_log_sd: float | None = None

    @cached_property
    def known(self) -> dict[str, Any]:
        """What it says, by name."""
        return {name: self.__dict__[name] for name in TRAITS if self.__dict__[name] is not None}

    @staticmethod
    def of(known: dict[str, Any]) -> "Traits":
        """A description that says what is known and nothing else."""
        if not known:
            return NOTHING
        # Every item makes some: what `dataclass` does for each of the fields is most of the cost.
        traits = object.__new__(Traits)
        traits.__dict__.update(_UNKNOWN, known=known, **known)
        return traits

    def filled(self, other: "Traits") -> "Traits":
        """This description, its gaps filled from another."""
        own, others = self.known, other.known
        if not own:
            return other
        return self if others.keys() <= own.keys() else Traits.of(others | own)


TRAITS = tuple(field.name for field in fields(Traits))
NOTHING = Traits()
_UNKNOWN = dict.fromkeys(TRAITS)


def agreement(all_traits: Sequence[Traits]) -> Traits:
    """What every one of several descriptions says."""
    if not all_traits:
        return NOTHING
    first, *others = (traits.known for traits in all_traits)
    return Traits.of({k: v for k, v in first.items() if all(o.get(k) == v for o in others)})


class Clue(NamedTuple):
    """One thing a text says about what an item is.

    Attributes:
        method: `catalogue`, `grammar`, `prefix`, `words`, `size` or `maker`.
        field: Column the clue was read in.
        kind: Kind it speaks for; empty when it only adds traits.
        weight: Chance that it is right when nothing else is known. [1]
        candidate: Row of the reference data that matched.
        matched: Text that matched.
        start: Place of the match in the text; a later word names the head of a noun phrase.
        token: The matched text with what is joined to it, a part number.
        reason: Why the thing is not counted, empty for a part.
        traits: What it says beside the kind.
    """

    method: str
    field: str
    kind: str
    weight: float
    candidate: str
    matched: str
    start: int = 0
    token: str = ""
    reason: str = ""
    traits: Traits = NOTHING

    def weighing(self, weight: float) -> "Clue":
        """The same clue with another weight. [1]"""
        return self if weight == self.weight else self._replace(weight=weight)
