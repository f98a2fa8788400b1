"""Value: contained masses, routes and prices -> per batch, route and product: mean and quantiles.

The only stage that multiplies masses by money. Quantiles are taken last, at the level they are
shown; totals over batches are summed draw by draw, never quantile by quantile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from valuation.deck import Deck
from valuation.memory import give_back
from valuation.shapes import BatchContent, Plan
from valuation.uncertain import Source
from valuation.units import ELEMENTS, RARE_EARTHS
from valuation.value.break_even import BreakEven
from valuation.value.costs import cost_rows, cost_table
from valuation.value.disposing import Hand, Owner
from valuation.value.linear import LinearNet, LinearNets
from valuation.value.money import RouteMoney, Terms, settle
from valuation.value.resold import ResoldMoney
from valuation.value.rows import Amount, Estimate, ValueRows, nothing, stacked
from valuation.value.sensitivity import Sensitivity
from valuation.value.table import Table
from valuation.value.totals import Totals
from valuation.value.worth import class_values, part_values
from valuation.value.yields import RouteMasses, YieldDraws, flow_rows, flow_table, recover

__all__ = [
    "Estimate",
    "Owner",
    "Terms",
    "Totals",
    "Valuation",
    "class_values",
    "part_values",
    "value_batches",
]

FAN_SCHEMA = {
    "batch_id": pl.String,
    "p_any_fan_ndfeb": pl.Float64,
    "fan_ree_given_ndfeb_kg": pl.Float64,
}


@dataclass
class Made:
    """Rows and sums of some batches in the making.

    Attributes:
        rows: Of `batch_value` and `batch_draw`; so the other tables of those names.
        totals: Sums over the batches of interest.
    """

    totals: Totals
    sensitivity: Sensitivity
    break_even: BreakEven
    rows: ValueRows = field(default_factory=ValueRows)
    flows: Table = field(default_factory=flow_table)
    costs: Table = field(default_factory=cost_table)
    fans: list[pl.DataFrame] = field(default_factory=list)


@dataclass(frozen=True)
class Valuation:
    """What valuing some batches gives: frames for the store and totals for the summary.

    Attributes:
        values: `batch_value`; so `flows`, `costs`, `draws` of the tables of those names.
        fans: Per batch: chance that any fan is NdFeB, and rare earths in fans if so. [1, kg]
        sensitivity: `batch_sensitivity`; so `break_even` of `batch_break_even`.
        totals: Sums over batches.
        owner: What the owner's policy rules out, and what units sold again bring.
    """

    values: pl.DataFrame
    flows: pl.DataFrame
    costs: pl.DataFrame
    draws: pl.DataFrame
    fans: pl.DataFrame
    totals: Totals
    sensitivity: pl.DataFrame
    break_even: pl.DataFrame
    owner: Owner


def value_batches(
    chunks: Iterable[BatchContent],
    plans: Sequence[Plan],
    deck: Deck,
    terms: Terms,
    source: Source,
    totals_over: Iterable[str] = (),
    owner: Owner | None = None,
) -> Valuation:
    """Value batches chunk by chunk: frames for the store, and sums.

    Args:
        chunks: Contained masses of the batches.
        plans: Routes resolved for the series of the content, of every form among the batches.
        deck: Prices.
        terms: How feed is paid.
        source: Seed and number of draws.
        totals_over: Batches to be summed.
        owner: What is allowed and sold again; nothing is said where there is none.
    """
    yields = YieldDraws(source)
    totals = Totals(frozenset(totals_over))
    sums = LinearNets(deck, terms, source)
    made = Made(totals, Sensitivity(terms, yields, totals.batches), BreakEven(deck, terms, yields))
    owner = owner or Owner.unknown()

    for chunk in map(replace, chunks):  # nothing that was made of one at other prices
        here = [plan for plan in plans if plan.form == chunk.form]
        at_hand = owner.begin(chunk, here, deck, terms, yields, totals.batches)
        _value_chunk(at_hand, sums.of(here, chunk), made)
        at_hand.end()
        del chunk, at_hand  # let go of before the next is made, which takes its place
    give_back()
    totals.net_shares = made.sensitivity.totals()
    return Valuation(
        values=made.rows.values(),
        flows=made.flows.frame(),
        costs=made.costs.frame(),
        draws=made.rows.draws(),
        fans=stacked(made.fans, FAN_SCHEMA).sort("batch_id"),
        totals=totals,
        sensitivity=made.sensitivity.rows(),
        break_even=made.break_even.rows(),
        owner=owner,
    )


def _value_chunk(at_hand: Hand, nets: list[LinearNet], made: Made) -> None:
    """Add rows and sums of one chunk of batches; what its routes gave stays in its hand."""
    chunk = at_hand.chunk
    ree = _contained(made.rows, chunk, made.totals)
    made.fans.append(_fan_chances(chunk))
    # In turn: their arrays are summed and sorted in threads, which threads of their own hold up.
    paid = {
        plan.route.route_id: _value_route(plan, at_hand, made) for plan in at_hand.recycling_first()
    }
    chunk.made.clear()  # the routes have it in common, and are done
    made.sensitivity.add(chunk, nets, paid, ree)
    made.break_even.add(chunk, nets, paid)


def _value_route(plan: Plan, at_hand: Hand, made: Made) -> dict[str, Amount]:
    """Add masses and money of one route for the batches at hand; returns its figures by measure."""
    chunk, terms, source = at_hand.chunk, at_hand.terms, at_hand.yields.source
    rows, totals = made.rows, made.totals
    masses = recover(plan, chunk, at_hand.yields, terms.mass_basis)
    money = at_hand.money(plan, settle(plan.route, masses, chunk, at_hand.deck, terms, source))
    _recovered(rows, chunk, plan, masses, totals, terms, source)
    paid = _paid(rows, chunk, plan, money, totals)
    made.costs.extend(cost_rows(plan.route.route_id, money.costs, chunk))
    made.flows.extend(flow_rows(plan, chunk))
    ree = masses.rare_earths(nothing(*chunk.draws_kg.shape[1:]))
    at_hand.note(plan, ree, paid["net_usd"].estimate)
    return paid


def _contained(rows: ValueRows, chunk: BatchContent, totals: Totals) -> Estimate:
    batches = chunk.batch_ids
    ree = nothing(*chunk.gross_draws_kg.shape)
    for element in ELEMENTS:
        found = chunk.select((element,))
        if not found:
            reason = chunk.unknown.get(element, "no class has a row for this element")
            rows.missing(batches, "contained_kg", f"unknown, not zero: {reason}", element)
            continue
        estimate = Estimate(chunk.mean_kg[found].sum(axis=0), chunk.draws_kg[found].sum(axis=0))
        rare = element in RARE_EARTHS
        rows.add(batches, "contained_kg", estimate, element=element, keep_draws=rare)
        totals.add(totals.contained_kg, element, batches, estimate)
        if rare:
            ree = ree + estimate
    fans = _fan_rare_earths(chunk)
    for measure, name, estimate in (
        ("contained_ree_kg", "ree", ree),
        ("contained_fan_ree_kg", "ree_in_fans", fans),
    ):
        rows.add(batches, measure, estimate, keep_draws=True)
        totals.add(totals.contained_kg, name, batches, estimate)
    return ree


def _fan_rare_earths(chunk: BatchContent) -> Estimate:
    """Rare earths in fans, power supplies' fans included: a line of their own. [kg]"""
    found = [i for i, s in enumerate(chunk.series) if s[0] == "fan_rotor" and s[1] in RARE_EARTHS]
    return Estimate(chunk.mean_kg[found].sum(axis=0), chunk.draws_kg[found].sum(axis=0))


def _fan_chances(chunk: BatchContent) -> pl.DataFrame:
    """Chance that any fan of a batch is NdFeB, and the rare earths in them if so. [1, kg]

    Fans are all or nothing by part number, so quantiles alone would say too little.
    """
    held = _fan_rare_earths(chunk).draws
    chance = (held > 0).mean(axis=1)
    given = np.where(chance > 0, held.mean(axis=1) / np.maximum(chance, 1e-12), np.nan)
    frame = pl.DataFrame({"batch_id": list(chunk.batch_ids), "p_any_fan_ndfeb": chance})
    return frame.with_columns(pl.Series("fan_ree_given_ndfeb_kg", given).fill_nan(None))


def _recovered(
    rows: ValueRows,
    chunk: BatchContent,
    plan: Plan,
    masses: RouteMasses,
    totals: Totals,
    terms: Terms,
    source: Source,
) -> None:
    """Rows of what a route liberates and recovers, and of the magnets that could become of it."""
    route_id = plan.route.route_id
    batches = chunk.batch_ids
    for element, estimate in masses.liberated.items():
        rows.add(batches, "liberated_kg", estimate, route_id, element=element)
    for (product, element), estimate in masses.elements.items():
        if element in ELEMENTS:
            rows.add(batches, "recovered_element_kg", estimate, route_id, product, element)
    for product, estimate in masses.products.items():
        keep = product in masses.rare_earth_products
        rows.add(batches, "recovered_kg", estimate, route_id, product, keep_draws=keep)
        totals.add(totals.recovered_kg, (route_id, product), batches, estimate)
    if masses.magnet_feed is not None:
        rows.add(batches, "magnet_feed_kg", masses.magnet_feed, route_id)
    if plan.makes_magnets_of_oxide:
        _magnets(rows, chunk, route_id, masses, terms, source)


def _magnets(
    rows: ValueRows,
    chunk: BatchContent,
    route_id: str,
    masses: RouteMasses,
    terms: Terms,
    source: Source,
) -> None:
    """Magnets that the recovered oxides could become downstream: information, never in the net.

    magnet = rare-earth metal recovered x reduction yield x manufacturing yield / rare-earth
    fraction of the grade (model.md, section 4), with and without the manufacturing loss. [kg]
    """
    metal = masses.rare_earths(nothing(*chunk.gross_draws_kg.shape))
    rows_of = terms.magnet_making
    yields = {name: row.draw(source, f"magnet/{name}") for name, row in rows_of.items()}
    before_loss = yields["reduction_yield"] / yields["magnet_grade_ree_fraction"]
    per_grade = rows_of["magnet_grade_ree_fraction"].inverse_mean
    exact = None if per_grade is None else rows_of["reduction_yield"].mean * per_grade
    kept = rows_of["manufacturing_yield"].mean
    for measure, factor, mean in (
        (
            "magnet_equivalent_kg",
            before_loss * yields["manufacturing_yield"],
            None if exact is None else exact * kept,
        ),
        ("magnet_equivalent_before_loss_kg", before_loss, exact),
    ):
        # yields and mass are independent; where the factor has no exact mean, it alone is sampled
        mean_factor = float(factor.mean(dtype=np.float64)) if mean is None else mean
        estimate = Estimate(metal.mean * mean_factor, metal.draws * factor, sampled=mean is None)
        rows.add(chunk.batch_ids, measure, estimate, route_id, "ndfeb_magnet")


def _paid(
    rows: ValueRows,
    chunk: BatchContent,
    plan: Plan,
    money: RouteMoney | ResoldMoney,
    totals: Totals,
) -> dict[str, Amount]:
    """Rows of what is paid and spent; returns the figures of the whole route."""
    route_id = plan.route.route_id
    batches = chunk.batch_ids
    for product, estimate in money.payable_kg.items():
        rows.add(batches, "payable_kg", estimate, route_id, product)
    for product, amount in money.gross_usd.items():
        rows.add(batches, "gross_usd", amount, route_id, product)
        totals.add(totals.gross_usd, (route_id, product), batches, amount.estimate)
    totals_by_measure = money.totals()
    for measure, amount in totals_by_measure.items():
        keep = measure == "net_usd"
        rows.add(batches, measure, amount, route_id, "total", keep_draws=keep)
        if measure == "resale_usd":
            totals.add(totals.gross_usd, (route_id, "resale"), batches, amount.estimate)
    net = totals_by_measure["net_usd"]
    totals.add(totals.net_usd, route_id, batches, net.estimate)
    for batch, reason in zip(batches, net.reasons(), strict=True):
        if reason and batch in totals.batches:
            totals.no_net.setdefault(route_id, reason)
    return totals_by_measure
