"""Value: contained masses, routes and prices -> per batch, route and product: mean and quantiles.

The only stage that multiplies masses by money. Quantiles are taken last, at the level they are
shown; totals over batches are summed draw by draw, never quantile by quantile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from valuation.shapes import BatchContent, Deck, Means, Plan
from valuation.uncertain import Draws, Source
from valuation.units import ELEMENTS, RARE_EARTHS
from valuation.value.money import RouteMoney, Terms, settle
from valuation.value.rows import COST_SCHEMA, FLOW_SCHEMA, Estimate, ValueRows, stacked
from valuation.value.yields import RouteMasses, YieldDraws, flow_rows, recover

__all__ = ["Terms", "Totals", "Valuation", "value_batches"]

FAN_SCHEMA = {
    "batch_id": pl.String,
    "p_any_fan_ndfeb": pl.Float64,
    "fan_ree_given_ndfeb_kg": pl.Float64,
}


@dataclass
class Totals:
    """Sums over batches, draw by draw, of what the summary shows.

    Attributes:
        contained_kg: By element.
        recovered_kg: By route and product.
        gross_usd: By route and product.
        net_usd: By route, where every batch has a net.
        no_net: Why a route has no net.
    """

    contained_kg: dict[str, Estimate] = field(default_factory=dict)
    recovered_kg: dict[tuple[str, str], Estimate] = field(default_factory=dict)
    gross_usd: dict[tuple[str, str], Estimate] = field(default_factory=dict)
    net_usd: dict[str, Estimate] = field(default_factory=dict)
    no_net: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Valuation:
    """What valuing some batches gives: frames for the store and totals for the summary.

    Attributes:
        values: `batch_value`; so `flows`, `costs`, `draws` of the tables of those names.
        fans: Per batch: chance that any fan is NdFeB, and rare earths in fans if so. [1, kg]
        totals: Sums over batches.
    """

    values: pl.DataFrame
    flows: pl.DataFrame
    costs: pl.DataFrame
    draws: pl.DataFrame
    fans: pl.DataFrame
    totals: Totals


def value_batches(
    chunks: Iterable[BatchContent],
    plans: Sequence[Plan],
    deck: Deck,
    terms: Terms,
    source: Source,
) -> Valuation:
    """Value batches chunk by chunk.

    Args:
        chunks: Contained masses of the batches.
        plans: Routes resolved for the series of the content.
        deck: Prices.
        terms: How feed is paid.
        source: Seed and number of draws.

    Returns:
        Frames `batch_value`, `batch_flow`, `batch_cost`, `batch_draw` and the totals.
    """
    rows = ValueRows()
    yields = YieldDraws(source)
    flows: list[pl.DataFrame] = []
    costs: list[pl.DataFrame] = []
    fans: list[pl.DataFrame] = []
    totals = Totals()
    for chunk in chunks:
        _contained(rows, chunk, totals)
        fans.append(_fan_chances(chunk))
        for plan in plans:
            masses = recover(plan, chunk, yields, terms.mass_basis)
            money = settle(plan.route, masses, chunk, deck, terms, source)
            _recovered(rows, chunk, plan.route.route_id, masses, money, totals)
            flows.append(flow_rows(plan, chunk))
            costs.append(money.cost_rows(chunk))
    return Valuation(
        values=rows.values(),
        flows=stacked(flows, FLOW_SCHEMA).sort(
            "batch_id", "route_id", "step_no", "element", "product_id", "sink"
        ),
        costs=stacked(costs, COST_SCHEMA).sort("batch_id", "route_id", "step_no", "cost_id"),
        draws=rows.draws(),
        fans=stacked(fans, FAN_SCHEMA).sort("batch_id"),
        totals=totals,
    )


def _contained(rows: ValueRows, chunk: BatchContent, totals: Totals) -> None:
    shape = chunk.gross_draws_kg.shape
    ree_mean: Means = np.zeros(shape[0])
    ree: Draws = np.zeros(shape, np.float32)
    for element in ELEMENTS:
        found = chunk.select((element,))
        if not found:
            reason = f"no assay of {element} in these classes: unknown, not zero"
            rows.missing(chunk.batch_ids, "contained_kg", reason, element=element)
            continue
        estimate = Estimate(chunk.mean_kg[found].sum(axis=0), chunk.draws_kg[found].sum(axis=0))
        keep = element in RARE_EARTHS
        rows.add(chunk.batch_ids, "contained_kg", estimate, element=element, keep_draws=keep)
        _sum_into(totals.contained_kg, element, estimate)
        if keep:
            ree_mean = ree_mean + estimate.mean
            ree = ree + estimate.draws
    rows.add(chunk.batch_ids, "contained_ree_kg", Estimate(ree_mean, ree), keep_draws=True)


def _fan_chances(chunk: BatchContent) -> pl.DataFrame:
    """Chance that any fan of a batch is NdFeB, and the rare earths in them if so. [1, kg]

    Fans are all or nothing by part number, so quantiles alone would say too little.
    """
    found = [i for i, s in enumerate(chunk.series) if s[0] == "fan_rotor" and s[1] in RARE_EARTHS]
    held = chunk.draws_kg[found].sum(axis=0)
    chance = (held > 0).mean(axis=1)
    given = np.where(chance > 0, held.mean(axis=1) / np.maximum(chance, 1e-12), np.nan)
    frame = pl.DataFrame({"batch_id": list(chunk.batch_ids), "p_any_fan_ndfeb": chance})
    return frame.with_columns(pl.Series("fan_ree_given_ndfeb_kg", given).fill_nan(None))


def _recovered(
    rows: ValueRows,
    chunk: BatchContent,
    route_id: str,
    masses: RouteMasses,
    money: RouteMoney,
    totals: Totals,
) -> None:
    batches = chunk.batch_ids
    for element, estimate in masses.liberated.items():
        rows.add(batches, "liberated_kg", estimate, route_id, element=element)
    for (product, element), estimate in masses.elements.items():
        if element in ELEMENTS:
            rows.add(batches, "recovered_element_kg", estimate, route_id, product, element)
    for product, estimate in masses.products.items():
        keep = product in masses.rare_earth_products
        rows.add(batches, "recovered_kg", estimate, route_id, product, keep_draws=keep)
        _sum_into(totals.recovered_kg, (route_id, product), estimate)
    for product, estimate in money.payable_kg.items():
        rows.add(batches, "payable_kg", estimate, route_id, product)
    for product, gross in money.gross_usd.items():
        if gross.estimate is None:
            rows.missing(batches, "gross_usd", gross.reason, route_id, product)
        else:
            rows.add(
                batches,
                "gross_usd",
                gross.estimate,
                route_id,
                product,
                at_fixed_prices=gross.at_fixed_prices,
            )
            _sum_into(totals.gross_usd, (route_id, product), gross.estimate)
    for measure, amount in money.totals().items():
        if amount.estimate is None:
            rows.missing(batches, measure, amount.reason, route_id, "total")
        else:
            keep = measure == "net_usd"
            rows.add(
                batches,
                measure,
                amount.estimate,
                route_id,
                "total",
                keep_draws=keep,
                at_fixed_prices=amount.at_fixed_prices,
            )
    net = money.totals()["net_usd"]
    if net.estimate is None or route_id in totals.no_net:
        totals.net_usd.pop(route_id, None)
        totals.no_net.setdefault(route_id, net.reason or "")
    else:
        _sum_into(totals.net_usd, route_id, net.estimate)


def _sum_into(sums: dict[Any, Estimate], key: object, estimate: Estimate) -> None:
    """Add a chunk's batches to a running sum of draws."""
    summed = estimate.over_batches()
    sums[key] = sums[key] + summed if key in sums else summed
