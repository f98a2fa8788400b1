"""The owner's side of a valuation: what the policy rules out, and what units sold again bring.

It sees every route of every batch pass by, recycling first, because what is not sold again goes on
to the best of those.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from valuation.deck import Deck
from valuation.disposition import Policy
from valuation.shapes import BatchContent, Plan
from valuation.units import WHOLE
from valuation.value.money import RouteMoney, Terms, settle
from valuation.value.resold import ResoldMoney, resold_money, sell
from valuation.value.rows import Estimate
from valuation.value.ruling import Outcomes, Rulings
from valuation.value.stock import Stock
from valuation.value.yields import YieldDraws, recover


@dataclass
class Owner:
    """What the owner allows and what is sold again.

    Attributes:
        policy: What is allowed.
        stock: What could be sold; None where nobody counted it.
        rest: What is left of the batches when on average so many units pass, in the chunks of the
            batches themselves; None without a resale table.
        rulings: On each batch, in the making.
    """

    policy: Policy
    stock: Stock | None = None
    rest: Iterator[BatchContent] | None = None
    _rulings: list[Rulings] = field(default_factory=list)

    @staticmethod
    def unknown() -> "Owner":
        """An owner of whom nothing is known."""
        return Owner(Policy(None, {}, {}, frozenset()))

    @property
    def rulings(self) -> Rulings:
        """The rulings on every batch valued."""
        return self._rulings[0] if self._rulings else Rulings(self.policy, frozenset())

    def begin(
        self,
        chunk: BatchContent,
        plans: Sequence[Plan],
        deck: Deck,
        terms: Terms,
        yields: YieldDraws,
        summed_over: frozenset[str],
    ) -> "Hand":
        """Take a chunk of batches in hand."""
        if not self._rulings:
            self._rulings.append(Rulings(self.policy, summed_over))
        rest = next(self.rest) if self.rest is not None else None
        return Hand(self, chunk, rest, plans, deck, terms, yields)


@dataclass
class Hand:
    """One chunk of batches while its routes are valued.

    Attributes:
        rest: What is left of the batches when units that pass are gone.
        outcomes: What the routes gave so far.
    """

    owner: Owner
    chunk: BatchContent
    rest: BatchContent | None
    plans: Sequence[Plan]
    deck: Deck
    terms: Terms
    yields: YieldDraws
    outcomes: Outcomes = field(default_factory=Outcomes)

    def recycling_first(self) -> list[Plan]:
        """The routes that sell material, then those that sell units: these rest on the former."""
        return sorted(self.plans, key=lambda plan: not plan.products())

    def money(self, plan: Plan, money: RouteMoney) -> RouteMoney | ResoldMoney:
        """The money of a route: as settled, or with what the resale table says of units sold."""
        recycles = bool(plan.products()) or self.chunk.form != WHOLE
        if recycles or self.rest is None or self.owner.stock is None:
            return money
        return self._resold(plan, money, self.owner.stock, self.rest)

    def note(self, plan: Plan, rare_earths: Estimate, net: Estimate) -> None:
        """Note what a route gave."""
        self.outcomes.net[plan.route.route_id] = net
        self.outcomes.ree[plan.route.route_id] = rare_earths
        if plan.products():
            self.outcomes.recycling.add(plan.route.route_id)

    def _resold(
        self, plan: Plan, money: RouteMoney, stock: Stock, rest: BatchContent
    ) -> ResoldMoney:
        source = self.yields.source
        rest_on = self.owner.rulings.rest_on(self.chunk, self.outcomes, plan.route.route_id)
        sales = sell(stock, self.chunk, rest_on, source)
        recycled = {}
        for other in self.plans:
            if other.route.route_id in rest_on:
                masses = recover(other, rest, self.yields, self.terms.mass_basis)
                recycled[other.route.route_id] = settle(
                    other.route, masses, rest, self.deck, self.terms, source
                )
        return resold_money(plan, money, sales, recycled, rest_on, rest)

    def end(self) -> None:
        """Rule on the batches of the chunk."""
        self.owner.rulings.rule(self.chunk, self.outcomes)
