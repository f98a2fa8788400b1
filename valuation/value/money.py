"""Money of one route: what is paid at its point of sale, less what its steps cost.

`net_usd` is the chain net before any payment to the owner (model.md, section 1). An unknown cost
or a missing price makes it null, never free; what is known is beside it as net before unknowns.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from valuation.deck import Deck, ProductPrice
from valuation.errors import UsageError
from valuation.shapes import MASS, BatchContent, Route
from valuation.tables import Tables
from valuation.uncertain import Source, Spread, spread_of
from valuation.units import (
    OTHER_METAL_PRODUCTS,
    RARE_EARTH_PRODUCTS,
    RARE_EARTHS,
    oxide_factor,
)
from valuation.value.costs import CostLine, cost_lines
from valuation.value.rows import Amount, Estimate, Gap, nothing, weighted
from valuation.value.yields import RouteMasses, Sale

FEED = "magnet_pieces"
NOTHING_SOLD = "no material is sold on this route, and resale prices are the user's to give"
GROUPS = {"ree_gross_usd": RARE_EARTH_PRODUCTS, "other_gross_usd": OTHER_METAL_PRODUCTS}
"""Measures of sales that several products have together."""
MAGNET_MAKING = ("reduction_yield", "manufacturing_yield", "magnet_grade_ree_fraction")
EVERYTHING_ARRIVES = Spread(1.0, None, None, "exact")


@dataclass(frozen=True)
class Terms:
    """How feed is paid where a route sells it, and what a shipment carries.

    Attributes:
        feed_payable: Payable share of contained price by rare earth; empty when none is chosen.
        shipment_kg: Kit carried by one shipment. [kg]
        mass_basis: How each product's mass as sold follows from its elements.
        magnet_making: Yields and grade by which oxides become magnets.
        received_ratio: Units received per unit on the manifest; in no published quantile. [1]
    """

    feed_payable: Mapping[str, float]
    shipment_kg: float
    mass_basis: Mapping[str, str]
    magnet_making: Mapping[str, Spread]
    received_ratio: Spread = EVERYTHING_ARRIVES

    @staticmethod
    def of(tables: Tables, scenario: str | None) -> "Terms":
        """Terms of a named scenario of payable shares; without one, feed has no price.

        Raises:
            UsageError: No scenario has that name.
        """
        shares = tables.frame("payable_scenario")
        known = sorted(set(shares["scenario_id"]))
        if scenario is not None and scenario not in known:
            raise UsageError(
                f"No scenario is called `{scenario}`.", f"Known scenarios: {', '.join(known)}."
            )
        rows = shares.filter(pl.col("scenario_id").eq_missing(pl.lit(scenario, pl.String)))
        assumed = {r["assumption_id"]: r for r in tables.frame("assumption").to_dicts()}
        products = tables.frame("product").iter_rows(named=True)
        return Terms(
            feed_payable={row["element"]: row["value"] for row in rows.to_dicts()},
            shipment_kg=assumed["shipment_kg"]["value"],
            mass_basis={row["product_id"]: row["mass_basis"] for row in products},
            magnet_making={name: spread_of(assumed[name]) for name in MAGNET_MAKING},
            received_ratio=spread_of(assumed["received_ratio"]),
        )


@dataclass(frozen=True)
class RouteMoney:
    """Money of one route.

    Attributes:
        payable_kg: Product mass that is paid at the point of sale. [kg]
        gross_usd: What is paid for it, by product.
        costs: Every cost line.
        nothing: Nothing, in the shape of the batches.
    """

    payable_kg: dict[str, Estimate]
    gross_usd: dict[str, Amount]
    costs: tuple[CostLine, ...]
    nothing: Estimate

    def totals(self) -> dict[str, Amount]:
        """Gross, cost, net and net before unknowns, with the net at fixed prices."""
        unpriced = tuple(
            Gap(f"no price: {product}: {gap.reason}", gap.batches)
            for product, amount in self.gross_usd.items()
            for gap in amount.gaps
        )
        unknown = tuple(
            Gap(f"unknown: {gap.reason}", gap.batches) for c in self.costs for gap in c.amount.gaps
        )
        sales, costs = list(self.gross_usd.values()), [c.amount.estimate for c in self.costs]
        if not sales:  # a route that sells no material: what it brings is not priced here
            everywhere = np.ones(len(self.nothing.mean), bool)
            unpriced = (Gap(NOTHING_SOLD, everywhere),)
            sales = [Amount(self.nothing.only_if(~everywhere), unpriced)]
        gross = _sum((a.estimate for a in sales), self.nothing)
        fixed = _sum((a.at_fixed_prices or a.estimate for a in sales), self.nothing)
        cost = _sum(costs, self.nothing)
        known = net = gross - cost
        if unpriced or unknown:
            known = _sum((a.estimate.or_zero() for a in sales), self.nothing)
            known = known - _sum((c.or_zero() for c in costs), self.nothing)
        net_fixed = fixed - cost
        return {
            "gross_usd": Amount(gross, unpriced, fixed),
            **self._groups(),
            "cost_usd": Amount(cost, unknown),
            "net_before_unknown_usd": Amount(
                known if self.gross_usd else gross, () if self.gross_usd else unpriced
            ),
            "net_usd": Amount(net, unpriced + unknown, net_fixed),
            "net_usd_at_fixed_prices": Amount(net_fixed, unpriced + unknown),
        }

    def _groups(self) -> dict[str, Amount]:
        """Sales of products that stand together in the shares of value: their range has no sum."""
        found = {}
        for measure, products in GROUPS.items():
            sales = [amount for p, amount in self.gross_usd.items() if p in products]
            gaps = tuple(gap for amount in sales for gap in amount.gaps)
            total = _sum((a.estimate for a in sales), self.nothing)
            fixed = _sum((a.at_fixed_prices or a.estimate for a in sales), self.nothing)
            if self.gross_usd:
                found[measure] = Amount(total, gaps, fixed)
        return found


def settle(
    route: Route,
    masses: RouteMasses,
    chunk: BatchContent,
    deck: Deck,
    terms: Terms,
    source: Source,
) -> RouteMoney:
    """Gross, costs and net of one route under its settlement.

    `own` pays every product; `toll` pays the returnable share of rare-earth products; `sell_feed`
    sells what leaves the last preprocess step by its assay and bears no later step.
    """
    none = nothing(len(chunk.batch_ids), source.draws)
    paid: dict[str, Estimate] = {}
    gross: dict[str, Amount] = {}
    for product, sale in masses.sold.items():
        tolled = route.settlement == "toll" and product in masses.rare_earth_products
        shares = route.returnable if tolled else route.payable
        if product not in shares:
            gross[product] = _unsold(sale, f"no {route.settlement} share of it is known")
            continue
        share = shares[product]
        drawn = share.draw(source, f"payable/{route.route_id}/{route.settlement}/{product}")
        paid[product] = sale.mass.times(share.mean, drawn)
        price = deck.products[product]
        if share.mean == 0:
            gross[product] = Amount(none, (), none)
        elif price.missing:
            gross[product] = _unsold(sale, price.missing)
        else:
            value, at_fixed = _priced(price, sale, none)
            gross[product] = Amount(
                value.times(share.mean, drawn), (), at_fixed.times(share.mean, drawn)
            )
    if route.settlement == "sell_feed" and masses.products:  # else no material leaves it
        gross[FEED] = _feed(masses, deck, terms, none)
    costs = cost_lines(route, masses, chunk, deck, terms.shipment_kg, source)
    return RouteMoney(paid, gross, costs, none)


def _unsold(sale: Sale, reason: str) -> Amount:
    """Nothing where there is none of a product; not known, with the reason, where there is some."""
    held = sale.mass.mean > 0
    nothing = Estimate(0 * sale.mass.mean, 0 * sale.mass.draws).only_if(~held)
    return Amount(nothing, (Gap(reason, held),), nothing)


def _priced(price: ProductPrice, sale: Sale, none: Estimate) -> tuple[Estimate, Estimate]:
    """Value of a product, with price draws and at fixed prices. [USD]"""
    mass = sale.mass
    if not price.by_element:
        value = mass.times(price.mean[MASS], price.draws[MASS])
        return value, mass.times(price.fixed[MASS], np.float32(price.fixed[MASS]))
    drawn, fixed = [], []
    for element, usd_per_kg in price.mean.items():
        if element not in sale.elements:
            continue
        oxide = price.mass_basis == "oxide" and element in RARE_EARTHS
        factor = oxide_factor(element) if oxide else 1.0
        held, at_mid = sale.elements[element], factor * price.fixed[element]
        drawn.append((held, factor * usd_per_kg, np.float32(factor) * price.draws[element]))
        fixed.append((held, at_mid, np.float32(at_mid)))
    return weighted(drawn, none), weighted(fixed, none)


def _feed(masses: RouteMasses, deck: Deck, terms: Terms, none: Estimate) -> Amount:
    """Feed sold by assay: delivered element mass x payable share x contained price. [USD]"""
    value = fixed = none
    gaps = []
    for element, mass in masses.liberated.items():
        held = mass.mean > 0
        if element not in RARE_EARTHS or not held.any():
            continue
        if element not in terms.feed_payable or element not in deck.contained:
            what = "contained price" if element in terms.feed_payable else "payable share"
            gaps.append(Gap(f"no {what} of {element} in magnet feed is known", held))
            value, fixed = value.only_if(~held), fixed.only_if(~held)
            continue
        share, price = terms.feed_payable[element], deck.contained[element]
        drawn = np.float32(share) * price.draws[element]
        value = value + mass.times(share * price.mean[element], drawn)
        at_mid = share * price.fixed[element]
        fixed = fixed + mass.times(at_mid, np.float32(at_mid))
    return Amount(value, tuple(gaps), fixed)


def _sum(estimates: Iterable[Estimate], none: Estimate) -> Estimate:
    return sum(estimates, none)
