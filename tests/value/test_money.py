"""Money of a route worked by hand: settlement modes, costs, unknowns, missing prices."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from valuation.deck import Deck, ProductPrice
from valuation.frames import PARTS
from valuation.shapes import MASS, BatchContent, Capture, Cost, Flow, Plan, Step
from valuation.shapes import Route as RouteShape
from valuation.uncertain import Source, Spread
from valuation.units import oxide_factor
from valuation.value import Terms, Valuing, part_values, value_batches

DRAWS = 50
ONE = np.ones(DRAWS, np.float32)
SERIES = (("voice_coil", "nd"), ("voice_coil", "mass"), ("voice_coil", "bare_mass"))


def exact(value):
    return Spread(value, None, None, "exact")


MAKING = {
    "reduction_yield": exact(0.95),
    "manufacturing_yield": exact(0.7),
    "magnet_grade_ree_fraction": exact(0.3),
}


def chunk(nd_kg=(10.0,), units=(1000.0,), gross_kg=(650.0,)):
    """Batches that hold neodymium in voice coils and nothing else."""
    nd = np.array(nd_kg)
    mean = np.stack([nd, nd * 4, nd * 3.9])
    draws = np.repeat(mean[:, :, None], DRAWS, axis=2).astype(np.float32)
    gross = np.array(gross_kg)
    return BatchContent(
        batch_ids=tuple(f"B{i}" for i in range(len(nd))),
        series=SERIES,
        mean_kg=mean,
        draws_kg=draws,
        gross_mean_kg=gross,
        gross_draws_kg=np.repeat(gross[:, None], DRAWS, axis=1).astype(np.float32),
        units={"hdd": np.array(units)},
        unknown={"gd": "nobody assayed it"},
    )


def cost(name="labour", denominator="unit", value=2.0, **given):
    fields = {
        "step_id": "pull", "cost_id": name, "title": name, "cost_kind": "operating",
        "denominator": denominator, "unit_kind": "hdd" if denominator == "unit" else None,
        "currency": "USD", "minimum": None,
        "amount": None if value is None else exact(value),
        "unknown_reason": None if value is not None else "nobody published it", "basis": "assumed",
    }  # fmt: skip
    return Cost(**(fields | given))


def plan(settlement="own", pull_costs=(), leach_costs=(), payable=1.0, stage="separate"):
    """Pull the voice coil (0.9 kept), then leach neodymium to oxide (0.8 kept)."""
    pulled = Capture("pull", "voice_coil", "*", "next", "steel", exact(0.9))
    leached = Capture("leach", "voice_coil", "nd", "nd_oxide", "residue", exact(0.8))
    rest = Capture("leach", "voice_coil", "*", "next", "residue", exact(0.0))
    pull = Step(1, "pull", "pull", "preprocess", {("voice_coil", "*"): pulled}, tuple(pull_costs))
    leach_captures = {("voice_coil", "nd"): leached, ("voice_coil", "*"): rest}
    leach = Step(2, "leach", "leach", stage, leach_captures, tuple(leach_costs))
    route = RouteShape(
        "r", "R", settlement, "here", (pull, leach), {"nd_oxide": exact(payable)}, {}
    )
    flows = [
        Flow(pull, SERIES[0], 0.9, "next", None, (pulled,)),
        Flow(pull, SERIES[0], 0.1, None, "steel", (pulled.rest(),)),
        Flow(leach, SERIES[0], 0.72, "nd_oxide", None, (pulled, leached)),
        Flow(leach, SERIES[0], 0.18, None, "residue", (pulled, leached.rest())),
    ]
    return Plan(route, tuple(flows))


def deck(price=50.0, missing=None):
    one = {} if missing else {MASS: price}
    draws = {} if missing else {MASS: ONE * price}
    oxide = ProductPrice("nd_oxide", "oxide", False, one, draws, one, missing)
    metal = ProductPrice(
        "magnet_pieces", "element", True, {"nd": 60.0}, {"nd": ONE * 60}, {"nd": 60.0}
    )
    return Deck(
        "d",
        "v",
        date(2026, 1, 1),
        {"nd_oxide": oxide},
        {"nd": metal},
        {"USD": 1.0, "CNY": 0.14},
        {},
        (),
    )


def value(the_plan, the_chunk=None, the_deck=None, feed=None):
    """`batch_value` as a mapping (measure, product, element) -> mean of the first batch."""
    valuing = Valuing(
        [the_plan],
        the_deck or deck(),
        Terms(feed or {}, 18_000, {"nd_oxide": "oxide"}, MAKING),
        Source(1, DRAWS),
        totals_over=(the_chunk or chunk()).batch_ids,
    )
    valued = value_batches(valuing, [the_chunk or chunk()])
    rows = valued.values.filter(valued.values["batch_id"] == "B0")
    names = ("measure", "product_id", "element", "mean", "reason")
    found = {tuple(r[:3]): (r[3], r[4]) for r in rows.select(names).iter_rows()}
    return valued, found


def test_oxide_carries_its_oxygen_and_element_mass_does_not():
    _, found = value(plan())
    assert found["recovered_element_kg", "nd_oxide", "nd"][0] == pytest.approx(7.2)
    assert found["recovered_kg", "nd_oxide", None][0] == pytest.approx(7.2 * oxide_factor("nd"))
    assert found["liberated_kg", None, "nd"][0] == pytest.approx(9.0)


def test_own_pays_the_payable_share_of_every_product():
    _, found = value(plan(payable=0.95))
    paid = 7.2 * oxide_factor("nd") * 0.95
    assert found["payable_kg", "nd_oxide", None][0] == pytest.approx(paid)
    assert found["gross_usd", "total", None][0] == pytest.approx(paid * 50)


@pytest.mark.parametrize(
    ("denominator", "quantity"),
    [
        ("unit", 1000),
        ("kg_kit", 650),
        ("kg_step_feed", 40),
        ("kg_bare_magnet", 39),
        ("lot", 1),
        ("shipment", 1),
    ],
)
def test_each_denominator_is_what_it_says(denominator, quantity):
    _, found = value(plan(pull_costs=[cost(denominator=denominator)]))
    assert found["cost_usd", "total", None][0] == pytest.approx(2 * quantity)


def test_cost_per_kg_oxide_counts_oxide_of_that_step():
    _, found = value(plan(leach_costs=[cost(denominator="kg_oxide_out")]))
    assert found["cost_usd", "total", None][0] == pytest.approx(2 * 7.2 * oxide_factor("nd"))


def test_a_later_step_is_fed_by_what_the_earlier_one_kept():
    _, found = value(plan(leach_costs=[cost(denominator="kg_step_feed")]))
    assert found["cost_usd", "total", None][0] == pytest.approx(2 * 40 * 0.9)


def test_costs_subtract():
    _, found = value(plan(pull_costs=[cost()]))
    gross = found["gross_usd", "total", None][0]
    assert found["net_usd", "total", None][0] == pytest.approx(gross - 2000)


def test_an_unknown_cost_makes_net_null_with_its_reason_and_is_never_free():
    valued, found = value(plan(pull_costs=[cost()], leach_costs=[cost("toll?", "lot", None)]))
    net, reason = found["net_usd", "total", None]
    assert net is None and "nobody published it" in reason
    known = found["gross_usd", "total", None][0] - 2000
    assert found["net_before_unknown_usd", "total", None][0] == pytest.approx(known)
    assert valued.costs.filter(valued.costs["unknown"])["mean"].to_list() == [None]
    assert "nobody published it" in valued.totals.no_net["r"]
    assert not valued.totals.net_usd["r"].known.any()


def test_a_missing_price_makes_gross_and_net_null_with_the_reason():
    _, found = value(plan(), the_deck=deck(missing="no nd_oxide price by that date"))
    for measure in ("gross_usd", "net_usd"):
        mean, reason = found[measure, "total", None]
        assert mean is None and "no nd_oxide price" in reason


def test_a_product_nobody_buys_needs_no_price():
    _, found = value(plan(payable=0.0), the_deck=deck(missing="no price"))
    assert found["gross_usd", "nd_oxide", None][0] == 0
    assert found["net_usd", "total", None][0] == 0


def test_a_minimum_charge_is_the_least_paid_and_its_error_is_told():
    low = cost(denominator="kg_kit", amount=Spread(2.0, 0.5, 8.0, "ci90_lognormal"), minimum=1300.0)
    valued, found = value(plan(pull_costs=[low]))
    mean = found["cost_usd", "total", None][0]
    rows = valued.values.filter(valued.values["measure"] == "cost_usd")
    assert mean >= 1300 and rows["p10"].item() == 1300
    assert 0 < rows["standard_error"].item() < mean / 5


def test_a_cost_in_another_currency_needs_a_dated_rate():
    _, found = value(plan(pull_costs=[cost(currency="CNY")]))
    assert found["cost_usd", "total", None][0] == pytest.approx(2 * 1000 * 0.14)
    _, found = value(plan(pull_costs=[cost(currency="EUR")]))
    assert found["net_usd", "total", None][0] is None
    assert "EUR" in found["net_usd", "total", None][1]


def test_feed_sold_is_paid_on_delivered_element_and_bears_no_later_step():
    later = cost("chemistry", "kg_oxide_out", 1e6)
    _, found = value(plan("sell_feed", leach_costs=[later]), feed={"nd": 0.93})
    assert found["gross_usd", "total", None][0] == pytest.approx(9.0 * 0.93 * 60)
    assert found["net_usd", "total", None][0] == found["gross_usd", "total", None][0]


def test_feed_without_a_payable_share_has_no_net_and_says_why():
    _, found = value(plan("sell_feed"))
    mean, reason = found["net_usd", "total", None]
    assert mean is None and "payable share" in reason


def test_toll_without_a_published_toll_is_unknown():
    _, found = value(plan("toll"))
    mean, reason = found["net_usd", "total", None]
    assert mean is None and "toll" in reason


def test_recovered_and_lost_make_the_contained():
    valued, _ = value(plan(), the_chunk=chunk(nd_kg=(10.0, 3.0), units=(1, 1), gross_kg=(1, 1)))
    flows = valued.flows
    out = flows.filter(flows["product_id"].is_not_null())["out_kg"].sum()
    assert out + flows["lost_kg"].sum() == pytest.approx(13.0, rel=1e-12)
    assert (flows["in_kg"] - flows["out_kg"] - flows["lost_kg"]).abs().max() == 0


def test_totals_over_batches_are_sums_of_draws_not_of_quantiles():
    two = chunk(nd_kg=(10.0, 10.0), units=(1, 1), gross_kg=(1, 1))
    swing = np.linspace(0.5, 1.5, DRAWS, dtype=np.float32)
    two.draws_kg[:, 0] *= swing
    two.draws_kg[:, 1] *= swing[::-1]  # one batch is high where the other is low
    valued, _ = value(plan(), the_chunk=two)
    total = valued.totals.contained_kg["nd"].summary()
    assert total["p10"] == pytest.approx(20.0) and total["p90"] == pytest.approx(20.0)


def test_a_batch_does_not_depend_on_its_neighbours():
    empty, full = chunk(nd_kg=(0.0,)), chunk(nd_kg=(0.0, 10.0), units=(1, 1), gross_kg=(650, 650))
    unpriced = deck(missing="no price")
    _, alone = value(plan(), the_chunk=empty, the_deck=unpriced)
    valued, beside = value(plan(), the_chunk=full, the_deck=unpriced)
    key = ("gross_usd", "total", None)
    assert alone[key] == beside[key] == (0.0, None)
    other = valued.values.filter(
        valued.values["batch_id"] == "B1", valued.values["measure"] == "net_usd"
    )
    assert other["mean"].item() is None and "no price" in other["reason"].item()
    assert not valued.totals.net_usd["r"].known.any()


def test_parts_times_units_add_up_to_the_sales_of_the_batch():
    one = chunk()
    _, found = value(plan(payable=0.9), the_chunk=one)
    parts = PARTS.check(
        pl.DataFrame(
            [dict.fromkeys(PARTS.columns) | {"part_id": "p", "confidence": 1.0}],
            schema=dict(PARTS.columns),
        )
    )
    unit_kg = one.mean_kg.T / 1000
    terms = Terms({}, 18_000, {"nd_oxide": "oxide"}, MAKING)
    worth = part_values(parts, SERIES, unit_kg, [plan(payable=0.9)], deck(), terms)
    assert 1000 * worth["gross_usd_per_unit"].item() == pytest.approx(
        found["gross_usd", "total", None][0]
    )


def test_what_nobody_assayed_is_null_with_a_reason_not_zero():
    _, found = value(plan())
    mean, reason = found["contained_kg", None, "gd"]
    assert mean is None and reason == "unknown, not zero: nobody assayed it"


def test_magnets_downstream_are_told_and_change_no_money():
    sold, _ = value(plan())
    made, found = value(plan(stage="make"))
    before_loss = 7.2 * 0.95 / 0.3
    assert found["magnet_equivalent_before_loss_kg", "ndfeb_magnet", None][0] == pytest.approx(
        before_loss, rel=1e-6
    )
    assert found["magnet_equivalent_kg", "ndfeb_magnet", None][0] == pytest.approx(
        before_loss * 0.7, rel=1e-6
    )
    nets = [v.values.filter(v.values["measure"] == "net_usd")["mean"].item() for v in (sold, made)]
    assert nets[0] == nets[1]
