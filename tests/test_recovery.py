"""Routes as rows: every series ends somewhere, nothing is made, yields keep their denominators."""

import pytest

from valuation.content.library import load_library
from valuation.errors import TableError, UsageError
from valuation.recovery import _flows, known_routes, plan_recovery
from valuation.shapes import Capture, Route, Step, mean_share
from valuation.tables import load_tables
from valuation.uncertain import Spread
from valuation.units import PRODUCTS, RARE_EARTHS

ROUTES = (
    "adr-pedalpoint", "hpms-us", "ionic-belfast", "ionic-dna-link", "korea-zinc-us", "reuse",
    "shred-to-steel",
)  # fmt: skip
RECYCLING = tuple(route_id for route_id in ROUTES if route_id != "reuse")


@pytest.fixture(scope="module")
def plans():
    tables = load_tables()
    series = load_library(tables).series
    found = plan_recovery(tables, series, known_routes(tables, ()), None)
    return {plan.route.route_id: plan for plan in found}


def recovered(plan, stream, element):
    """Mean share of a series that leaves as product."""
    return sum(
        mean_share(paths[stream, element])
        for paths in plan.products().values()
        if (stream, element) in paths
    )


def test_every_route_of_the_design_is_there(plans):
    assert tuple(plans) == ROUTES


@pytest.mark.parametrize("route_id", ROUTES)
def test_what_enters_a_route_leaves_it_or_is_lost(plans, route_id):
    plan = plans[route_id]
    for series in {flow.series for flow in plan.flows}:
        ends = [f.entering for f in plan.flows if f.series == series and f.to != "next"]
        assert sum(ends) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("route_id", ROUTES)
def test_no_step_passes_on_more_than_it_got(plans, route_id):
    plan = plans[route_id]
    for series in {flow.series for flow in plan.flows}:
        entering = 1.0
        for step in plan.route.steps:
            here = [f for f in plan.flows if f.series == series and f.step == step]
            assert sum(f.entering for f in here) == pytest.approx(entering, abs=1e-12)
            entering = sum(f.entering for f in here if f.to == "next")


@pytest.mark.parametrize("route_id", ROUTES)
def test_products_are_known_and_paid_or_said_not_to_be(plans, route_id):
    plan = plans[route_id]
    assert set(plan.products()) <= set(PRODUCTS)
    assert set(plan.products()) <= set(plan.route.payable)


@pytest.mark.parametrize("route_id", ROUTES)
def test_every_step_has_a_cost_or_says_that_it_is_unknown(plans, route_id):
    assert all(step.costs for step in plans[route_id].route.steps)


def test_shredding_to_steel_keeps_under_a_tenth(plans):
    for element in ("nd", "dy"):
        assert 0 < recovered(plans["shred-to-steel"], "voice_coil", element) < 0.10


def test_pulling_the_voice_coil_keeps_nearly_all_before_the_chemistry(plans):
    liberated = plans["ionic-belfast"].liberated()
    assert 0.85 < mean_share(liberated["voice_coil", "nd"]) < 0.985
    assert 0.80 < recovered(plans["ionic-belfast"], "voice_coil", "nd") < 0.95


def test_spindle_and_fan_magnets_are_lost_where_only_the_voice_coil_is_pulled(plans):
    for route_id in ("korea-zinc-us", "ionic-belfast"):
        assert recovered(plans[route_id], "spindle", "nd") == 0
        assert recovered(plans[route_id], "fan_rotor", "nd") == 0
    assert recovered(plans["adr-pedalpoint"], "fan_rotor", "nd") > 0.5


def test_a_route_sells_neodymium_praseodymium_together_or_apart_never_both(plans):
    for plan in plans.values():
        products = set(plan.products())
        assert not ("ndpr_oxide" in products and products & {"nd_oxide", "pr_oxide"})


def test_boards_leave_as_boards_or_as_metals_never_both(plans):
    for plan in plans.values():
        products = set(plan.products())
        assert not ("boards" in products and products & {"gold", "silver", "palladium"})


def test_rare_earths_on_boards_are_never_recovered(plans):
    for plan in plans.values():
        for element in RARE_EARTHS:
            assert recovered(plan, "board", element) == 0
            assert recovered(plan, "drive_board", element) == 0


def test_every_recycling_route_strips_hosts_the_same_way(plans):
    benches = {route_id: plans[route_id].route.steps[1] for route_id in RECYCLING}
    first = benches["shred-to-steel"]
    assert first.step_id == "strip-hosts"
    assert first.streams == ("board",)
    for bench in benches.values():
        assert (bench.step_id, bench.captures, bench.costs) == (
            first.step_id,
            first.captures,
            first.costs,
        )


@pytest.mark.parametrize("element", ["au", "ag", "pd", "cu", "mass"])
def test_routes_differ_by_the_boards_of_drives_not_of_hosts(plans, element):
    shredded, cut = (
        plans[route_id].products()["boards"] for route_id in ("shred-to-steel", "ionic-belfast")
    )
    # the same captures have the same draws: host boards are one quantity, whatever the route
    assert shredded["board", element] == cut["board", element]
    drive = ("drive_board", element)
    assert mean_share(shredded[drive]) < 0.8 * mean_share(cut[drive])


def test_the_co_product_of_magnet_making_is_not_a_loss(plans):
    products = plans["hpms-us"].products()
    magnet = mean_share(products["ndfeb_magnet"]["voice_coil", "nd"])
    alloy = mean_share(products["ndfeb_alloy"]["voice_coil", "nd"])
    assert magnet / (magnet + alloy) == pytest.approx(0.482, abs=0.02)


def test_reuse_recovers_no_element(plans):
    assert not plans["reuse"].products()
    assert {f.sink for f in plans["reuse"].flows if f.sink} == {"in_use", "unsold"}


def test_an_unknown_route_offers_the_nearest():
    with pytest.raises(UsageError, match="ionic-belfast"):
        known_routes(load_tables(), ["ionic-belfst"])


def test_a_series_left_undecided_is_refused_by_name():
    share = Spread(0.9, None, None, "exact")
    capture = Capture("s", "steel", "*", "next", "residue", share)
    step = Step(1, "s", "s", "preprocess", {("steel", "*"): capture}, ())
    route = Route("r", "R", "own", "here", (step,), {}, {})
    with pytest.raises(TableError, match="fe of steel undecided"):
        list(_flows(route, [("steel", "fe")]))


def test_the_most_specific_capture_wins():
    share = Spread(0.5, None, None, "exact")
    rows = {("v", e): Capture("s", "v", e, "next", "x", share) for e in ("*", "ree", "nd", "mass")}
    step = Step(1, "s", "s", "preprocess", rows, ())
    chosen = {e: step.capture("v", e).element for e in ("nd", "dy", "fe", "mass", "bare_mass")}
    assert chosen == {"nd": "nd", "dy": "ree", "fe": "*", "mass": "mass", "bare_mass": "mass"}
    assert step.capture("other", "nd") is None
