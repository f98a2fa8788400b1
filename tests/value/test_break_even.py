"""Break-even: the engine itself, run at the price and capture found, has no net."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tests.exports import export, settings, table
from tests.value.test_money import DRAWS, MAKING, ONE, chunk, cost, deck, exact, plan
from valuation.api import run
from valuation.deck import Quotation
from valuation.shapes import MASS, Capture, Flow, Plan, Route, Step
from valuation.uncertain import Source, Spread
from valuation.value import Terms, Valuing, value_batches

AT_PRESENT = 50.0
PULLED = Spread(0.9, 0.8, 0.98, "range_beta")


def quoted(price, ndpr=None):
    """Neodymium oxide at a price, and NdPr oxide told beside it."""
    told = Quotation(
        "ndpr_oxide", "oxide", ndpr or price, price, price, deck().as_of, 0, 0.0, 0.0, "light", {}
    )
    return replace(deck(price), quotations={"ndpr_oxide": told})


def pulling(kept=PULLED, pull_costs=(), leach_costs=(), route_id="r", settlement="own"):
    """`plan` with a capture that is uncertain where magnets are pulled."""
    plain = plan(settlement, pull_costs, leach_costs)
    pull, leach = plain.route.steps
    captures = {key: replace(c, share=kept) for key, c in pull.captures.items()}
    steps = (replace(pull, captures=captures), leach)

    def path(captures_of_flow):
        return tuple(replace(c, share=kept) if c.step_id == "pull" else c for c in captures_of_flow)

    flows = tuple(replace(f, captures=path(f.captures)) for f in plain.flows)
    return Plan(replace(plain.route, steps=steps, route_id=route_id), flows)


def plain_route(cost_usd=100.0):
    """A route that recovers no rare earths and loses a fixed sum."""
    lost = Capture("shred", "voice_coil", "*", "next", "steel", exact(0.0))
    bill = cost("shredding", denominator="lot", value=cost_usd)
    step = Step(1, "shred", "shred", "preprocess", {("voice_coil", "*"): lost}, (bill,))
    sold = Capture("shred", "voice_coil", "fe", "steel", "residue", exact(0.0))
    route = Route("shredder", "S", "own", "here", (step,), {"steel": exact(1.0)}, {})
    flows = (
        Flow(step, ("voice_coil", MASS), 1e-9, "steel", None, (sold,)),
        Flow(step, ("voice_coil", "nd"), 1.0, None, "steel", (lost.rest(),)),
    )
    return Plan(route, flows)


def answers(plans, the_deck=None, the_chunk=None):
    the_deck, the_chunk = the_deck or quoted(AT_PRESENT), the_chunk or chunk()
    steel = replace(the_deck.products["nd_oxide"], product_id="steel", mass_basis="stream")
    the_deck = replace(the_deck, products={**the_deck.products, "steel": steel})
    terms = Terms({}, 18_000, {"nd_oxide": "oxide", "steel": "stream"}, MAKING)
    valued = value_batches(Valuing(plans, the_deck, terms, Source(1, DRAWS)), [the_chunk])
    rows = valued.break_even.filter(pl.col("batch_id") == "B0").iter_rows(named=True)
    nets = valued.values.filter(pl.col("measure") == "net_usd", pl.col("batch_id") == "B0")
    return (
        {(r["route_id"], r["what"], r["against"]): r for r in rows},
        dict(nets.select("route_id", "mean").iter_rows()),
    )


COSTS = [cost("labour", value=0.1), cost("feed", denominator="kg_step_feed", value=1.0)]
LATER = [cost("chemistry", denominator="kg_oxide_out", value=5.0)]


def test_at_the_break_even_price_the_engine_has_no_net():
    found, nets = answers([pulling(pull_costs=COSTS, leach_costs=LATER)])
    row = found["r", "ndpr_price", "zero"]
    assert row["at_present"] == AT_PRESENT
    assert row["net_usd_at_present"] == pytest.approx(nets["r"])
    assert row["better_when"] == "above"
    _, at_that = answers(
        [pulling(pull_costs=COSTS, leach_costs=LATER)], quoted(row["value"], AT_PRESENT)
    )
    assert at_that["r"] == pytest.approx(0, abs=1e-6 * abs(nets["r"]))


def test_at_the_break_even_capture_the_engine_has_no_net():
    costs = [cost("lot", denominator="lot", value=200.0)]
    found, nets = answers([pulling(pull_costs=costs, leach_costs=LATER)])
    row = found["r", "capture", "zero"]
    assert row["at_present"] == pytest.approx(PULLED.mean)
    assert 0 < row["value"] < PULLED.mean
    _, at_that = answers([pulling(exact(row["value"]), costs, LATER)])
    assert at_that["r"] == pytest.approx(0, abs=1e-6 * abs(nets["r"]))


def test_one_percent_is_worth_what_the_engine_says():
    found, nets = answers([pulling(pull_costs=COSTS, leach_costs=LATER)])
    _, dearer = answers(
        [pulling(pull_costs=COSTS, leach_costs=LATER)], quoted(AT_PRESENT * 1.01, AT_PRESENT)
    )
    gain = found["r", "ndpr_price", "zero"]["net_usd_per_percent"]
    assert gain == pytest.approx(dearer["r"] - nets["r"], rel=1e-6)


def test_against_another_route_the_difference_is_nothing():
    two = [pulling(pull_costs=COSTS, leach_costs=LATER), plain_route(20.0)]
    found, nets = answers(two)
    row = found["r", "ndpr_price", "shredder"]
    assert row["net_usd_at_present"] == pytest.approx(nets["r"] - nets["shredder"])
    _, at_that = answers(two, quoted(row["value"], AT_PRESENT))
    assert at_that["r"] == pytest.approx(at_that["shredder"], abs=1e-6 * abs(nets["r"]))
    assert ("shredder", "ndpr_price", "r") not in found  # only routes without rare earths


def test_a_charge_with_a_minimum_is_solved_where_it_stops_to_bind():
    least = cost("leach", denominator="kg_step_feed", value=2.0, minimum=60.0)
    fixed = cost("lot", denominator="lot", value=50.0)
    for charges in ([least, fixed], [replace(least, minimum=1e-6), fixed]):
        found, nets = answers([pulling(leach_costs=charges)])
        row = found["r", "capture", "zero"]
        _, at_that = answers([pulling(exact(row["value"]), leach_costs=charges)])
        assert at_that["r"] == pytest.approx(0, abs=1e-3 * abs(nets["r"]))


def test_when_a_kilogram_kept_costs_more_than_it_brings_less_is_better():
    dear = [cost("chemistry", denominator="kg_oxide_out", value=80.0)]
    gift = [cost("premium", denominator="lot", value=-100.0)]
    found, _ = answers([pulling(pull_costs=gift, leach_costs=dear)])
    row = found["r", "capture", "zero"]
    assert row["better_when"] == "below" and row["net_usd_per_percent"] < 0
    assert row["reason"] is None


@pytest.mark.parametrize(
    ("costs", "what", "reason"),
    [
        ([-1000.0], "ndpr_price", "above zero at any price of NdPr oxide"),
        ([-1000.0], "capture", "above zero at any capture from nothing to everything"),
        ([1e6], "capture", "not above zero at any capture from nothing to everything"),
    ],
)
def test_without_a_value_the_reason_says_on_which_side_the_net_is(costs, what, reason):
    bills = [cost(f"c{i}", denominator="lot", value=v) for i, v in enumerate(costs)]
    found, _ = answers([pulling(pull_costs=bills)])
    row = found["r", what, "zero"]
    assert row["value"] is row["better_when"] is None
    assert row["reason"] == reason


def test_a_route_without_rare_earths_has_no_price_to_name():
    found, _ = answers([plain_route()])
    assert found["shredder", "ndpr_price", "zero"]["reason"] == (
        "nothing this route sells is paid by the price of NdPr oxide"
    )


def test_a_net_that_is_not_known_has_no_break_even():
    found, _ = answers([pulling(leach_costs=[cost("secret", denominator="lot", value=None)])])
    for row in found.values():
        assert row["value"] is None and "nobody published it" in row["reason"]


def test_without_a_quotation_or_an_uncertain_step_the_reason_says_so():
    found, _ = answers([plan()], deck())
    assert found["r", "ndpr_price", "zero"]["reason"] == "the deck has no price of NdPr oxide"
    assert "no step before chemistry" in found["r", "capture", "zero"]["reason"]


def test_chance_of_being_better_is_the_share_of_draws():
    certain, _ = answers([pulling()])
    assert certain["r", "capture", "zero"]["chance_better"] == 1
    some = quoted(AT_PRESENT)
    oxide = some.products["nd_oxide"]
    half = replace(oxide, draws={MASS: ONE * AT_PRESENT * (np.arange(DRAWS) < DRAWS / 4)})
    lot_cost = [cost("lot", denominator="lot", value=1.0)]
    found, _ = answers([pulling(pull_costs=lot_cost)], replace(some, products={"nd_oxide": half}))
    assert found["r", "ndpr_price", "zero"]["chance_better"] == 0.26  # 13 of 50 draws


def test_every_row_of_a_run_has_a_value_or_a_reason(tmp_path):
    result = run([export(tmp_path / "x.csv")], settings=settings(tmp_path, draws=100))
    rows = table(result, "batch_break_even")
    assert (rows["value"].is_null() == rows["reason"].is_not_null()).all()
    assert set(rows["against"]) == {"zero", "shred-to-steel"}
    view = result.frame("break_even").filter(pl.col("value").is_not_null())
    np.testing.assert_allclose(
        view["change_percent"], (view["value"] / view["at_present"] - 1) * 100, rtol=1e-9
    )
