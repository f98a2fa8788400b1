"""What passes on an owner's kit between stages: what the owner allows, what working units fetch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from valuation.uncertain import Spread

NOT_STATED = "the owner's policy is not stated"
CAPACITY_TOLERANCE = 0.005
"""Two capacities are one when they differ by less than this share: 4000 and 4001 GB."""


@dataclass(frozen=True)
class Policy:
    """What the owner allows for kit that bears data.

    Attributes:
        policy_id: `shred`, `harvest`, `wipe`; None where the owner has not said.
        allowed: By route; empty where nothing is stated.
        why: By route, why it is allowed or not.
        data_bearing: Kinds that keep data without power.
    """

    policy_id: str | None
    allowed: Mapping[str, bool]
    why: Mapping[str, str]
    data_bearing: frozenset[str]

    def forbids(self, route_id: str) -> bool:
        """Whether data-bearing kit may not take a route."""
        return not self.allowed.get(route_id, True)


@dataclass(frozen=True)
class ResaleTerm:
    """One row of a resale table: what a working unit fetches, how many work, what testing costs.

    Attributes:
        row: Row of the file, the header being row 1.
        level: What it is about: `family`, `class` or `kind`.
        name: Family key, item class or kind.
        capacity_gb: Only units of this capacity; all when None. [GB]
        price_usd: Price of a unit that passes, after its currency. [USD]
        price_low_usd: 5 % point of the price on its day. [USD]
        price_high_usd: 95 % point of the price on its day. [USD]
        log_sd_time: Spread from age and days to settlement, of log price.
        share_passing: Share of units that pass the test. [1]
        cost_to_test_usd: Cost of wiping and testing one unit, whether or not it passes. [USD]
    """

    row: int
    level: str
    name: str
    capacity_gb: float | None
    price_usd: float
    price_low_usd: float
    price_high_usd: float
    log_sd_quote: float
    log_sd_time: float
    share_passing: Spread
    cost_to_test_usd: float
    currency: str
    observed_on: date
    age_days: int
    source: str | None

    @property
    def key(self) -> str:
        """Key of its draws: what the row is about, not where it stands."""
        size = "" if self.capacity_gb is None else f"/{self.capacity_gb:g}"
        return f"resale/{self.level}/{self.name}{size}"

    @property
    def rank(self) -> tuple[int, bool]:
        """How specific it is: family, class, kind; a capacity makes each more so."""
        return ("kind", "class", "family").index(self.level), self.capacity_gb is not None

    def is_about(
        self, kind: str, item_class: str | None, family_key: str | None, capacity_gb: float | None
    ) -> bool:
        """Whether units of such a thing are meant."""
        names = {"kind": kind, "class": item_class, "family": family_key}
        return self.name == names[self.level] and (
            self.capacity_gb is None or same_capacity(self.capacity_gb, capacity_gb)
        )


def same_capacity(one: float | None, other: float | None) -> bool:
    """Whether two capacities are the same size as sold; an unknown one is none. [GB]

    >>> same_capacity(4000, 4001), same_capacity(4000, 16000), same_capacity(4000, None)
    (True, False, False)
    """
    if one is None or other is None:
        return False
    return abs(one - other) <= CAPACITY_TOLERANCE * max(one, other)


@dataclass(frozen=True)
class Resale:
    """A resale table as it was known on a date.

    Attributes:
        path: The file, as given.
        version: First 12 hex digits of a SHA-256 of its content.
        warnings: Sentences on the age of its prices.
    """

    path: str
    version: str
    terms: tuple[ResaleTerm, ...]
    warnings: tuple[str, ...] = field(default=())

    def term(
        self, kind: str, item_class: str | None, family_key: str | None, capacity_gb: float | None
    ) -> ResaleTerm | None:
        """The most specific row about a thing; None where no row is."""
        found = [t for t in self.terms if t.is_about(kind, item_class, family_key, capacity_gb)]
        return max(found, key=lambda term: term.rank, default=None)
