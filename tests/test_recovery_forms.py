"""Routes for lots in another form: what is skipped, what acts instead, what is refused."""

import pytest

from valuation.content.library import load_library
from valuation.errors import TableError
from valuation.recovery import plan_recovery, streams_held
from valuation.shapes import mean_share
from valuation.tables import load_tables
from valuation.units import FORMS, RARE_EARTHS

PULL_ROUTES = ("hpms-us", "ionic-belfast", "ionic-dna-link", "korea-zinc-us")
OTHERS = ("module", "shredded")


@pytest.fixture(scope="module")
def tables():
    return load_tables()


@pytest.fixture(scope="module")
def plans(tables):
    series = load_library(tables).series
    routes = tables.frame("route")["route_id"].to_list()
    found = plan_recovery(tables, series, routes, None, FORMS)
    return {(plan.form, plan.route.route_id): plan for plan in found}


def recovered(plan, stream, element):
    return sum(
        mean_share(paths[stream, element])
        for paths in plan.products().values()
        if (stream, element) in paths
    )


def test_every_form_has_a_plan_of_every_route(plans):
    assert len(plans) == 3 * 7


@pytest.mark.parametrize("form", FORMS)
def test_what_enters_leaves_or_is_lost_in_every_form(plans, form):
    for (named, _), plan in plans.items():
        if named != form:
            continue
        for series in {flow.series for flow in plan.flows}:
            ends = [f.entering for f in plan.flows if f.series == series and f.to != "next"]
            assert sum(ends) == pytest.approx(1, rel=1e-12), (plan.route.route_id, series)


@pytest.mark.parametrize("form", OTHERS)
def test_a_skipped_step_frees_and_costs_nothing_and_says_why(plans, form):
    skipped = [
        (plan, step)
        for (named, _), plan in plans.items()
        for step in plan.route.steps
        if named == form and step.is_skipped
    ]
    assert skipped
    for plan, step in skipped:
        assert not step.captures and not step.costs and step.reason
        assert all(f.to == "next" for f in plan.flows if f.step == step)


def test_the_chemistry_of_magnet_routes_is_skipped_for_shredded_kit(plans):
    for route_id in PULL_ROUTES:
        plan = plans["shredded", route_id]
        for element in ("nd", "pr", "dy", "tb"):
            products = {
                p for p, paths in plan.products().items() if ("voice_coil", element) in paths
            }
            assert products == {"magnet_pieces"}
            assert recovered(plan, "voice_coil", element) == pytest.approx(0.261, abs=0.005)
        assert not plan.makes_magnets_of_oxide


def test_dissolution_takes_the_ferrous_fraction_of_a_shredder_as_of_its_own(plans):
    whole, shredded = (plans[form, "adr-pedalpoint"] for form in ("whole", "shredded"))
    for element in RARE_EARTHS[:4]:
        assert recovered(shredded, "voice_coil", element) == pytest.approx(
            recovered(whole, "voice_coil", element), rel=1e-12
        )


def test_boards_of_shredded_hosts_are_what_boards_of_shredded_drives_are(plans):
    for route_id in ("korea-zinc-us", "shred-to-steel", "adr-pedalpoint"):
        plan = plans["shredded", route_id]
        for element in ("au", "ag", "cu"):
            board, drive = (recovered(plan, s, element) for s in ("board", "drive_board"))
            assert board == pytest.approx(drive, rel=1e-12)
            assert board < 0.7 * recovered(plans["whole", route_id], "board", element)


def test_a_lot_of_modules_is_planned_for_its_magnets_and_yokes_alone(tables, plans):
    assert streams_held(tables, "module") == {"voice_coil", "steel"}
    assert streams_held(tables, "shredded") is None
    for route_id in PULL_ROUTES:
        plan = plans["module", route_id]
        assert {flow.series[0] for flow in plan.flows} == {"voice_coil", "steel"}
        assert recovered(plan, "steel", "fe") == pytest.approx(0.97, abs=0.01)
        assert recovered(plan, "voice_coil", "nd") > recovered(
            plans["whole", route_id], "voice_coil", "nd"
        )


class Damaged:
    """Tables with one frame changed."""

    def __init__(self, tables, name, change):
        self.tables, self.name, self.change = tables, name, change

    def frame(self, name):
        found = self.tables.frame(name)
        return found.filter(self.change(found)) if name == self.name else found


def plan_damaged(tables, name, change, form="whole"):
    series = load_library(tables).series
    routes = tables.frame("route")["route_id"].to_list()
    return plan_recovery(Damaged(tables, name, change), series, routes, None, (form,))


def test_a_step_without_a_cost_is_refused_when_routes_are_made(tables):
    with pytest.raises(TableError, match=r"board-sale .*no cost and no row that says") as error:
        plan_damaged(tables, "cost", lambda f: f["step_id"] != "board-sale")
    assert "free" in error.value.hint


def test_a_step_that_names_a_stream_without_a_share_for_all_of_it_is_refused(tables):
    def change(frame):
        row = (frame["step_id"] == "carcass-sort") & (frame["stream"] == "aluminium")
        return ~row | (frame["element"] != "*")

    def only_silver(frame):
        row = (frame["step_id"] == "shred-sort") & (frame["stream"] == "drive_board")
        return ~row | (frame["element"] != "*")

    with pytest.raises(TableError, match="aluminium undecided"):
        plan_damaged(tables, "capture", change)
    with pytest.raises(TableError, match="names drive_board but has no share for"):
        plan_damaged(tables, "capture", only_silver)


def test_a_step_that_says_nothing_of_a_form_is_refused(tables):
    with pytest.raises(
        TableError, match="what yoke-removal does with a lot that arrives as module"
    ):
        plan_damaged(tables, "step_form", lambda f: f["step_id"] != "yoke-removal", "module")
