"""Money of one route: what is paid at its point of sale, what each step costs, what is left.

`net_usd` is the chain net before any payment to the owner (model.md, section 1). An unknown cost
or a missing price makes it null, never free; what is known is beside it as net before unknowns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from valuation.errors import UsageError
from valuation.shapes import BARE_MASS, MASS, BatchContent, Cost, Deck, ProductPrice, Route, Step
from valuation.tables import Tables
from valuation.uncertain import Source, quantiles
from valuation.units import RARE_EARTHS, oxide_factor
from valuation.value.rows import COST_SCHEMA, Estimate, stacked, zero
from valuation.value.yields import RouteMasses


@dataclass(frozen=True)
class Terms:
    """How feed is paid where a route sells it, and what a shipment carries.

    Attributes:
        feed_payable: Payable share of contained price by rare earth; empty when none is chosen.
        shipment_kg: Kit carried by one shipment. [kg]
        mass_basis: How each product's mass as sold follows from its elements.
    """

    feed_payable: Mapping[str, float]
    shipment_kg: float
    mass_basis: Mapping[str, str]

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
        assumed = {r["assumption_id"]: r["value"] for r in tables.frame("assumption").to_dicts()}
        products = tables.frame("product").iter_rows(named=True)
        return Terms(
            feed_payable={row["element"]: row["value"] for row in rows.to_dicts()},
            shipment_kg=assumed["shipment_kg"],
            mass_basis={row["product_id"]: row["mass_basis"] for row in products},
        )


@dataclass(frozen=True)
class Amount:
    """Money, or the reason why it is not known.

    Attributes:
        at_fixed_prices: The same with every quotation at its mid; None where no price enters.
    """

    estimate: Estimate | None
    reason: str | None = None
    at_fixed_prices: Estimate | None = None


@dataclass(frozen=True)
class CostLine:
    """One cost of one step: how much of its denominator, and the money if it is known."""

    step: Step
    cost: Cost
    quantity: Estimate
    amount: Amount


@dataclass(frozen=True)
class RouteMoney:
    """Money of one route.

    Attributes:
        payable_kg: Product mass that is paid at the point of sale. [kg]
        gross_usd: What is paid for it, by product.
        costs: Every cost line.
    """

    route_id: str
    payable_kg: dict[str, Estimate]
    gross_usd: dict[str, Amount]
    costs: tuple[CostLine, ...]
    nothing: Estimate

    def totals(self) -> dict[str, Amount]:
        """gross, cost, net and net before unknowns, with the net at fixed prices."""
        unpriced = [f"{p}: {a.reason}" for p, a in self.gross_usd.items() if a.estimate is None]
        unknown = [
            f"{line.cost.title}: {line.amount.reason}"
            for line in self.costs
            if line.amount.estimate is None
        ]
        gross = _sum([a.estimate for a in self.gross_usd.values()], self.nothing)
        fixed = _sum([a.at_fixed_prices for a in self.gross_usd.values()], self.nothing)
        cost = _sum([line.amount.estimate for line in self.costs], self.nothing)
        no_price = "; ".join(unpriced) or None
        no_cost = "; ".join(unknown) or None
        gaps = [f"no price: {r}" for r in unpriced] + [f"unknown: {r}" for r in unknown]
        no_net = "; ".join(gaps)
        net, net_fixed = gross + -cost, fixed + -cost
        return {
            "gross_usd": Amount(None, no_price) if no_price else Amount(gross, None, fixed),
            "cost_usd": Amount(None, no_cost) if no_cost else Amount(cost),
            "net_before_unknown_usd": Amount(net, None, net_fixed),
            "net_usd": Amount(None, no_net) if no_net else Amount(net, None, net_fixed),
            "net_usd_at_fixed_prices": Amount(None, no_net) if no_net else Amount(net_fixed),
        }

    def cost_rows(self, chunk: BatchContent) -> pl.DataFrame:
        """`batch_cost`: one batch x step x cost line."""
        frames = [_cost_frame(self.route_id, line, chunk) for line in self.costs]
        return stacked(frames, COST_SCHEMA)


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
    nothing = zero(len(chunk.batch_ids), source.draws)
    paid: dict[str, Estimate] = {}
    gross: dict[str, Amount] = {}
    for product, mass in masses.products.items():
        rare = product in masses.rare_earth_products
        if rare and route.settlement == "sell_feed":
            continue
        shares = route.returnable if rare and route.settlement == "toll" else route.payable
        if product not in shares:
            gross[product] = Amount(None, f"no {route.settlement} share of it is known")
            continue
        share = shares[product]
        drawn = share.draw(source, f"payable/{route.route_id}/{route.settlement}/{product}")
        paid[product] = Estimate(mass.mean * share.mean, mass.draws * drawn)
        elements = {e: m for (p, e), m in masses.elements.items() if p == product}
        price = deck.products[product]
        if share.mean == 0 or not mass.mean.any():
            gross[product] = Amount(nothing, None, nothing)
        elif price.missing:
            gross[product] = Amount(None, price.missing)
        else:
            value, at_fixed = _priced(price, mass, elements, nothing)
            gross[product] = Amount(
                Estimate(value.mean * share.mean, value.draws * drawn),
                None,
                Estimate(at_fixed.mean * share.mean, at_fixed.draws * drawn),
            )
    steps: Sequence[Step] = route.steps
    if route.settlement == "sell_feed":
        gross["magnet_pieces"] = _feed(masses, deck, terms, nothing)
        steps = route.steps[: route.last_preprocess + 1]
    lines = [
        _cost_line(i, step, cost, masses, chunk, deck, terms, source)
        for i, step in enumerate(steps)
        for cost in _borne(step, route.settlement, after_preprocess=i > route.last_preprocess)
    ]
    return RouteMoney(route.route_id, paid, gross, tuple(lines), nothing)


def _borne(step: Step, settlement: str, *, after_preprocess: bool) -> Sequence[Cost]:
    """Costs of a step that the chain bears: under toll the processor's are in its toll."""
    if settlement != "toll" or not after_preprocess:
        return [cost for cost in step.costs if cost.cost_kind != "toll"]
    tolls = [cost for cost in step.costs if cost.cost_kind in ("toll", "freight")]
    if step.stage in ("separate", "refine", "make") and not tolls:
        tolls = [
            Cost(
                step_id=step.step_id,
                cost_id=f"{step.step_id}-toll",
                title=f"Toll for {step.title}",
                cost_kind="toll",
                denominator="lot",
                unit_kind=None,
                currency="USD",
                minimum=None,
                amount=None,
                unknown_reason="no toll is published for this step",
                basis=None,
            )
        ]
    return tolls


def _priced(
    price: ProductPrice, mass: Estimate, elements: Mapping[str, Estimate], nothing: Estimate
) -> tuple[Estimate, Estimate]:
    """Value of a product, with price draws and at fixed prices. [USD]"""
    if not price.by_element:
        value = Estimate(mass.mean * price.mean[MASS], mass.draws * price.draws[MASS])
        fixed = Estimate(mass.mean * price.fixed[MASS], mass.draws * np.float32(price.fixed[MASS]))
        return value, fixed
    value = fixed = nothing
    for element, usd_per_kg in price.mean.items():
        if element not in elements:
            continue
        oxide = price.mass_basis == "oxide" and element in RARE_EARTHS
        factor = oxide_factor(element) if oxide else 1.0
        held = elements[element]
        mean = held.mean * factor * usd_per_kg
        draws = held.draws * np.float32(factor)
        value = value + Estimate(mean, draws * price.draws[element])
        fixed = fixed + Estimate(
            held.mean * factor * price.fixed[element], draws * np.float32(price.fixed[element])
        )
    return value, fixed


def _feed(masses: RouteMasses, deck: Deck, terms: Terms, nothing: Estimate) -> Amount:
    """Feed sold by assay: delivered element mass x payable share x contained price. [USD]"""
    if not terms.feed_payable:
        return Amount(None, "no payable share for magnet feed is known outside China")
    value = fixed = nothing
    for element, mass in masses.liberated.items():
        if element not in RARE_EARTHS or not mass.mean.any():
            continue
        if element not in deck.contained:
            return Amount(None, f"no contained price of {element} on this deck")
        share = terms.feed_payable.get(element, 0.0)
        price = deck.contained[element]
        mean = mass.mean * share * price.mean[element]
        value = value + Estimate(mean, mass.draws * np.float32(share) * price.draws[element])
        at_fixed = np.float32(share * price.fixed[element])
        fixed = fixed + Estimate(mass.mean * share * price.fixed[element], mass.draws * at_fixed)
    return Amount(value, None, fixed)


def _cost_line(
    index: int,
    step: Step,
    cost: Cost,
    masses: RouteMasses,
    chunk: BatchContent,
    deck: Deck,
    terms: Terms,
    source: Source,
) -> CostLine:
    quantity = denominator(cost, index, masses, chunk, terms, source)
    if cost.amount is None:
        return CostLine(step, cost, quantity, Amount(None, cost.unknown_reason or "unknown"))
    if cost.currency not in deck.usd_per_unit:
        reason = f"no dated {cost.currency} rate by {deck.as_of}"
        return CostLine(step, cost, quantity, Amount(None, reason))
    rate = deck.usd_per_unit[cost.currency]
    drawn = cost.amount.draw(source, cost.key) * np.float32(rate)
    money = Estimate(quantity.mean * cost.amount.mean * rate, quantity.draws * drawn)
    if cost.minimum is not None:
        # a minimum is not linear: the mean is that of the draws, with its error
        floor = np.where(quantity.draws > 0, cost.minimum * rate, 0)
        draws = np.maximum(money.draws, floor)
        error = draws.std(axis=1) / np.sqrt(source.draws)
        money = Estimate(draws.mean(axis=1, dtype=np.float64), draws, error.astype(np.float64))
    return CostLine(step, cost, quantity, Amount(money))


def denominator(
    cost: Cost,
    index: int,
    masses: RouteMasses,
    chunk: BatchContent,
    terms: Terms,
    source: Source,
) -> Estimate:
    """How much of a cost's denominator the batches have at a step: pieces, kg, lots, shipments.

    Raises:
        KeyError: The denominator is none of those `cost.csv` allows.
    """

    def constant(values: np.ndarray) -> Estimate:
        draws = np.repeat(values.astype(np.float32)[:, None], source.draws, axis=1)
        return Estimate(values.astype(np.float64), draws)

    gross = chunk.gross_mean_kg
    if cost.denominator == "unit":
        kinds = [cost.unit_kind] if cost.unit_kind else list(chunk.units)
        return constant(sum((chunk.units.get(k, 0 * gross) for k in kinds), 0 * gross))
    made = {
        "kg_kit": lambda: Estimate(gross, chunk.gross_draws_kg),
        "kg_step_feed": lambda: masses.entering(index, MASS),
        "kg_bare_magnet": lambda: masses.entering(index, BARE_MASS),
        "kg_oxide_out": lambda: masses.oxide_out(index),
        "lot": lambda: constant((gross > 0).astype(float)),
        "shipment": lambda: constant(np.ceil(gross / terms.shipment_kg)),
    }
    return made[cost.denominator]()


def _sum(estimates: Sequence[Estimate | None], nothing: Estimate) -> Estimate:
    total = nothing
    for estimate in estimates:
        if estimate is not None:
            total = total + estimate
    return total


def _cost_frame(route_id: str, line: CostLine, chunk: BatchContent) -> pl.DataFrame:
    known = line.amount.estimate
    frame = pl.DataFrame({"batch_id": list(chunk.batch_ids), "quantity": line.quantity.mean})
    if known is None:
        numbers = [pl.lit(None, pl.Float64).alias(n) for n in ("mean", "p10", "p90")]
    else:
        p10, _, p90 = quantiles(known.draws)
        numbers = [
            pl.lit(pl.Series(n, v)) for n, v in (("mean", known.mean), ("p10", p10), ("p90", p90))
        ]
    return frame.with_columns(
        *numbers,
        pl.lit(route_id).alias("route_id"),
        pl.lit(line.step.step_no, pl.Int64).alias("step_no"),
        pl.lit(line.step.step_id).alias("step_id"),
        pl.lit(line.cost.cost_id).alias("cost_id"),
        pl.lit(line.cost.title).alias("title"),
        pl.lit(line.cost.cost_kind).alias("cost_kind"),
        pl.lit(line.cost.denominator).alias("denominator"),
        pl.lit(known is None).alias("unknown"),
        pl.lit(line.amount.reason, pl.String).alias("reason"),
        pl.lit(line.cost.basis, pl.String).alias("basis"),
    )
