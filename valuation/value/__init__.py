"""Value: contained masses, routes and prices -> per batch, route and product: mean and quantiles.

The only stage that multiplies masses by money. Quantiles are taken last, at the level they are
shown; totals over batches are summed draw by draw, never quantile by quantile.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

import polars as pl

from valuation.deck import Deck
from valuation.memory import give_back
from valuation.shapes import BatchContent, Plan
from valuation.uncertain import Source
from valuation.value.break_even import KEY as BREAK_EVEN_KEY
from valuation.value.break_even import SCHEMA as BREAK_EVEN_SCHEMA
from valuation.value.break_even import BreakEven
from valuation.value.costs import COST_KEY, cost_rows, cost_table
from valuation.value.disposing import Hand, Owner
from valuation.value.figures import FAN_SCHEMA, contained, fan_chances, paid_for, recovered
from valuation.value.linear import LinearNets
from valuation.value.money import Terms, settle
from valuation.value.rows import DRAW_KEY, Amount, Estimate, ValueRows, nothing
from valuation.value.sensitivity import KEY as SENSITIVITY_KEY
from valuation.value.sensitivity import SCHEMA as SENSITIVITY_SCHEMA
from valuation.value.sensitivity import Sensitivity
from valuation.value.table import Table
from valuation.value.totals import Totals
from valuation.value.worth import class_values, part_values
from valuation.value.yields import (
    FLOW_KEY,
    YieldDraws,
    flow_rows,
    flow_table,
    recover,
)

__all__ = [
    "Estimate",
    "Owner",
    "Rows",
    "Terms",
    "Totals",
    "Valuation",
    "Valuing",
    "class_values",
    "part_values",
    "value_batches",
]

KEYS: Mapping[str, Sequence[str]] = {
    "values": ("batch_id", *DRAW_KEY),
    "draws": ("batch_id", *DRAW_KEY),
    "flows": ("batch_id", *FLOW_KEY),
    "costs": ("batch_id", *COST_KEY),
    "sensitivity": SENSITIVITY_KEY,
    "break_even": BREAK_EVEN_KEY,
}
"""What each of the tables is sorted by; others by batch."""


@dataclass
class Made:
    """Rows of some batches in the making.

    Attributes:
        rows: Of `batch_value` and `batch_draw`; so the other tables of those names.
    """

    rows: ValueRows = field(default_factory=ValueRows)
    flows: Table = field(default_factory=flow_table)
    costs: Table = field(default_factory=cost_table)


@dataclass(frozen=True)
class Rows:
    """What some batches are worth, as rows of the store.

    Attributes:
        values: `batch_value`; so `flows`, `costs`, `draws` of the tables of those names.
        sensitivity: `batch_sensitivity`; so `break_even` of `batch_break_even`.
        fans: Per batch: chance that any fan is NdFeB, and rare earths in fans if so. [1, kg]
    """

    values: pl.DataFrame
    flows: pl.DataFrame
    costs: pl.DataFrame
    draws: pl.DataFrame
    sensitivity: pl.DataFrame
    break_even: pl.DataFrame
    fans: pl.DataFrame

    @staticmethod
    def of_nothing() -> "Rows":
        """No row, in every column."""
        made = Made()
        return Rows(
            values=made.rows.values(),
            flows=made.flows.frame(),
            costs=made.costs.frame(),
            draws=made.rows.draws(),
            sensitivity=pl.DataFrame(schema=SENSITIVITY_SCHEMA),
            break_even=pl.DataFrame(schema=BREAK_EVEN_SCHEMA),
            fans=pl.DataFrame(schema=FAN_SCHEMA),
        )


@dataclass(frozen=True)
class Valuation(Rows):
    """What valuing some batches gives: rows for the store and totals for the summary.

    Attributes:
        totals: Sums over batches.
        owner: What the owner's policy rules out, and what units sold again bring.
    """

    totals: Totals
    owner: Owner


class Valuing:
    """The valuing of batches, chunk by chunk; what it keeps of them are sums.

    Args:
        plans: Routes resolved for the series of the content, of every form among the batches.
        deck: Prices.
        terms: How feed is paid.
        source: Seed and number of draws.
        totals_over: Batches to be summed.
        owner: What is allowed and sold again; nothing is said where there is none.

    Attributes:
        totals: Sums over batches, once all are valued.
        owner: What the owner's policy rules out of them.
    """

    def __init__(
        self,
        plans: Sequence[Plan],
        deck: Deck,
        terms: Terms,
        source: Source,
        totals_over: Iterable[str] = (),
        owner: Owner | None = None,
    ) -> None:
        self.owner = owner or Owner.unknown()
        self.totals = Totals(frozenset(totals_over))
        self._plans, self._deck, self._terms = plans, deck, terms
        self._yields = YieldDraws(source)
        self._nets = LinearNets(deck, terms, source)
        self._sensitivity = Sensitivity(terms, self._yields, self.totals.batches)
        self._break_even = BreakEven(deck, terms, self._yields)

    def rows(self, chunks: Iterable[BatchContent]) -> Iterator[Rows]:
        """The rows of each chunk, sorted by batch and key; all are asked for in turn.

        Args:
            chunks: Contained masses of the batches.
        """
        for chunk in map(replace, chunks):  # nothing that was made of one at other prices
            rows = self._chunk(chunk)
            del chunk  # let go of before the next is made, which takes its place
            yield rows
            del rows
        give_back()
        self.totals.net_shares = self._sensitivity.totals()

    def _chunk(self, chunk: BatchContent) -> Rows:
        """The rows of one chunk; its sums are added to the totals."""
        here = [plan for plan in self._plans if plan.form == chunk.form]
        over = self.totals.batches
        at_hand = self.owner.begin(chunk, here, self._deck, self._terms, self._yields, over)
        made, nets = Made(), self._nets.of(here, chunk)
        ree = contained(made.rows, chunk, self.totals)
        # In turn: each sums and sorts in threads, which others beside them would hold up.
        paid = {
            plan.route.route_id: _value_route(plan, at_hand, made, self.totals)
            for plan in at_hand.recycling_first()
        }
        chunk.made.clear()  # the routes have it in common, and are done
        sensitive = self._sensitivity.rows(chunk, nets, paid, ree)
        turning = self._break_even.rows(chunk, nets, paid)
        at_hand.end()
        return Rows(
            values=made.rows.values(),
            flows=made.flows.frame(),
            costs=made.costs.frame(),
            draws=made.rows.draws(),
            sensitivity=sensitive,
            break_even=turning,
            fans=fan_chances(chunk),
        )


def _value_route(plan: Plan, at_hand: Hand, made: Made, totals: Totals) -> dict[str, Amount]:
    """Add masses and money of one route for the batches at hand; returns its figures by measure."""
    chunk, terms, source = at_hand.chunk, at_hand.terms, at_hand.yields.source
    rows = made.rows
    masses = recover(plan, chunk, at_hand.yields, terms.mass_basis)
    money = at_hand.money(plan, settle(plan.route, masses, chunk, at_hand.deck, terms, source))
    recovered(rows, chunk, plan, masses, totals, terms, source)
    paid = paid_for(rows, chunk, plan, money, totals)
    made.costs.extend(cost_rows(plan.route.route_id, money.costs, chunk))
    made.flows.extend(flow_rows(plan, chunk))
    ree = masses.rare_earths(nothing(*chunk.draws_kg.shape[1:]))
    at_hand.note(plan, ree, paid["net_usd"].estimate)
    return paid


def value_batches(valuing: Valuing, chunks: Iterable[BatchContent]) -> Valuation:
    """Value batches and keep every row, sorted by batch and key, of few enough for that.

    Args:
        valuing: Routes, prices and terms.
        chunks: Contained masses of the batches.
    """
    parts = [Rows.of_nothing(), *valuing.rows(chunks)]
    stacked = {
        one.name: pl.concat([getattr(rows, one.name) for rows in parts]) for one in fields(Rows)
    }
    rows = {name: frame.sort(KEYS.get(name, ["batch_id"])) for name, frame in stacked.items()}
    return Valuation(**rows, totals=valuing.totals, owner=valuing.owner)
