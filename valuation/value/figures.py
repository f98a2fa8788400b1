"""Figures: rows of `batch_value` and `batch_draw` of some batches, and their sums."""

import numpy as np
import polars as pl

from valuation.shapes import BatchContent, Plan
from valuation.uncertain import Source
from valuation.units import ELEMENTS, RARE_EARTHS
from valuation.value.money import RouteMoney, Terms
from valuation.value.resold import ResoldMoney
from valuation.value.rows import Amount, Estimate, ValueRows, nothing
from valuation.value.totals import Totals
from valuation.value.yields import RouteMasses

FAN_SCHEMA = {
    "batch_id": pl.String,
    "p_any_fan_ndfeb": pl.Float64,
    "fan_ree_given_ndfeb_kg": pl.Float64,
}


def contained(rows: ValueRows, chunk: BatchContent, totals: Totals) -> Estimate:
    """Rows of what batches contain, element by element; returns their rare earths. [kg]"""
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


def fan_chances(chunk: BatchContent) -> pl.DataFrame:
    """Chance that any fan of a batch is NdFeB, and the rare earths in them if so. [1, kg]

    Fans are all or nothing by part number, so quantiles alone would say too little.
    """
    held = _fan_rare_earths(chunk).draws
    chance = (held > 0).mean(axis=1)
    given = np.where(chance > 0, held.mean(axis=1) / np.maximum(chance, 1e-12), np.nan)
    frame = pl.DataFrame({"batch_id": list(chunk.batch_ids), "p_any_fan_ndfeb": chance})
    return frame.with_columns(pl.Series("fan_ree_given_ndfeb_kg", given).fill_nan(None))


def recovered(
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


def paid_for(
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
