"""The shipped recovery data as data: nothing vanishes, limits are kept, sums can be redone."""

import polars as pl
import pytest

from tests.chains import (
    MAGNETS,
    MUST_BALANCE,
    NETTED,
    ROUTES,
    STREAMS,
    costs_of,
    follow,
    rare_earth_yield,
)
from valuation.uncertain import spread_of
from valuation.units import PRODUCTS, oxide_factor


def annuity(rate, years):
    return rate / (1 - (1 + rate) ** -years)


def test_every_route_of_the_design_is_there(tables):
    assert set(tables.frame("route")["route_id"]) == ROUTES


@pytest.mark.parametrize("route_id", sorted(ROUTES))
def test_what_is_contained_is_recovered_or_lost_on_every_route(tables, route_id):
    for stream in STREAMS:
        for element in (*MUST_BALANCE, "sn", "co", "mass"):
            recovered, lost, left = follow(tables, route_id, stream, element)
            assert left == 0, (stream, element)
            total = sum(recovered.values()) + sum(lost.values())
            assert total == pytest.approx(1, abs=1e-12), (stream, element)


def test_a_step_that_names_a_stream_has_a_share_for_all_of_it(tables):
    captures = tables.frame("capture")
    named = set(captures.select("step_id", "stream").iter_rows())
    whole = set(captures.filter(pl.col("element") == "*").select("step_id", "stream").iter_rows())
    assert named == whole


def test_every_capture_belongs_to_a_step_of_a_route(tables):
    steps = set(tables.frame("route_step")["step_id"])
    steps |= set(tables.frame("step_form")["instead_step_id"].drop_nulls())
    assert set(tables.frame("capture")["step_id"]) <= steps
    assert set(tables.frame("cost")["step_id"]) == steps


def test_every_route_has_a_preprocess_step_so_that_liberated_is_defined(tables):
    steps = tables.frame("route_step").filter(pl.col("stage") == "preprocess")
    assert set(steps["route_id"]) == ROUTES


def test_a_cost_per_kg_finds_something_to_count_at_its_step(tables):
    # a step that names no stream would be charged on nothing, which reads as free
    captures = tables.frame("capture")
    named = set(captures["step_id"])
    magnets = set(captures.filter(pl.col("stream").is_in(MAGNETS))["step_id"])
    oxides = set(captures.filter(pl.col("to").str.ends_with("_oxide"))["step_id"])
    counted = {"kg_step_feed": named, "kg_bare_magnet": magnets, "kg_oxide_out": oxides}
    for row in tables.frame("cost").filter(~pl.col("unknown")).to_dicts():
        if row["denominator"] in counted:
            assert row["step_id"] in counted[row["denominator"]], row["cost_id"]


def test_rare_earths_of_magnets_never_reach_a_metal_product(tables):
    for route_id in ROUTES:
        for stream in MAGNETS:
            for element in ("nd", "dy"):
                recovered, _, _ = follow(tables, route_id, stream, element)
                assert not {"steel", "aluminium", "copper", "gold"} & {
                    p for p, share in recovered.items() if share > 0
                }


def test_oxides_are_made_of_their_own_element(tables):
    allowed = {
        "nd_oxide": {"nd"},
        "pr_oxide": {"pr"},
        "ndpr_oxide": {"nd", "pr"},
        "dy_oxide": {"dy"},
        "tb_oxide": {"tb"},
        "mixed_oxide": {"ree"},
    }
    for row in tables.frame("capture").filter(pl.col("to").is_in(list(allowed))).to_dicts():
        assert row["element"] in allowed[row["to"]]


def test_a_route_sells_ndpr_or_nd_and_pr_never_both(tables):
    form = dict(tables.frame("route").select("route_id", "rare_earth_basis").iter_rows())
    for route_id in ROUTES:
        sold = set(follow(tables, route_id, "voice_coil", "nd")[0])
        wanted = {
            "ndpr": {"ndpr_oxide"},
            "separated": {"nd_oxide"},
            "mixed": {"mixed_oxide"},
            "alloy": {"ndfeb_magnet", "ndfeb_alloy"},
            "none": sold & {"magnet_pieces"},
        }
        assert sold == wanted[form[route_id]], route_id


def test_shredding_to_steel_keeps_under_a_tenth_of_the_rare_earths(tables):
    row = tables.frame("capture").row(
        by_predicate=(pl.col("step_id") == "shred-sort") & (pl.col("element") == "ree"), named=True
    )
    assert (row["low"], row["high"]) == (0, 0.1)
    assert 0 < rare_earth_yield(tables, "shred-to-steel") < 0.1


def test_pulling_the_voice_coil_and_the_chemistry_keep_their_published_ranges(tables):
    ranges = {
        ("dismantle-voice-coil", "voice_coil", "*"): (0.95, 0.995),
        ("yoke-removal", "voice_coil", "*"): (0.90, 0.99),
        ("alta-separation", "voice_coil", "nd"): (0.90, 0.99),
        ("ionic-hydromet", "voice_coil", "nd"): (0.90, 0.97),
        ("adr-dissolution", "voice_coil", "ree"): (0.90, 0.97),
        ("shred-ferrous", "voice_coil", "*"): (0.90, 0.99),
        ("hydrogen-processing", "voice_coil", "*"): (0.90, 0.99),
    }
    for row in tables.frame("capture").iter_rows(named=True):
        key = (row["step_id"], row["stream"], row["element"])
        if key in ranges:
            assert (row["low"], row["high"]) == ranges.pop(key)
            assert row["low"] < row["value"] < row["high"]
    assert not ranges


def test_rotors_and_rings_are_lost_unless_all_is_shredded_for_dissolution(tables):
    for stream in MAGNETS[1:]:
        for route_id in ROUTES - {"adr-pedalpoint"}:
            assert rare_earth_yield(tables, route_id, stream) == 0
        assert rare_earth_yield(tables, "adr-pedalpoint", stream) > 0.6


def test_a_lot_costs_something_to_fetch_however_small_it_is(tables):
    for route_id in ROUTES:
        lots = costs_of(tables, route_id).filter(pl.col("denominator") == "lot")
        assert lots["value"].to_list() == [125]
        assert set(lots["step_id"]) == {"pickup-freight"}


def test_dissolving_mixed_kit_is_not_free_where_it_holds_no_magnet(tables):
    cost = tables.frame("cost").filter(pl.col("step_id") == "adr-dissolution", ~pl.col("unknown"))
    assert set(cost["denominator"]) == {"kg_step_feed", "kg_oxide_out"}
    acts_on = tables.frame("capture").filter(pl.col("step_id") == "adr-dissolution")
    assert "steel" in set(acts_on["stream"])


def test_the_voice_coil_routes_recover_most_and_never_more_than_their_chemistry(tables):
    for route_id in ("korea-zinc-us", "ionic-belfast", "ionic-dna-link", "adr-pedalpoint"):
        assert 0.8 < rare_earth_yield(tables, route_id) < 0.97


def test_hydrogen_processing_splits_as_the_published_design(tables):
    recovered, _, _ = follow(tables, "hpms-us", "voice_coil", "nd")
    magnets, alloy = recovered["ndfeb_magnet"], recovered["ndfeb_alloy"]
    assert magnets / (magnets + alloy) == pytest.approx(750 / (750 + 807), abs=0.01)
    # the route keeps what hydrogen and the cutting machine let through, and no more
    assert 0.85 < magnets + alloy < 0.98


def test_the_hydromet_yield_agrees_with_the_published_mass_ratio(tables):
    value = tables.frame("capture").row(
        by_predicate=(pl.col("step_id") == "ionic-hydromet") & (pl.col("element") == "nd"),
        named=True,
    )["value"]
    for rare_earth_share in (0.30, 0.31):
        implied = 400 / 1200 / (rare_earth_share * oxide_factor("nd"))
        assert implied == pytest.approx(value, abs=0.03)


def test_reuse_recovers_nothing_and_says_where_it_goes(tables):
    for stream in STREAMS:
        recovered, lost, _ = follow(tables, "reuse", stream, "mass")
        assert recovered == {}
        assert set(lost) == {"in_use", "unsold"}
        assert lost["in_use"] > lost["unsold"]


def test_every_product_of_a_route_is_paid_and_none_else(tables):
    paid = tables.frame("route_product").filter(pl.col("mode") == "own")
    for route_id in ROUTES:
        made = set()
        for stream in STREAMS:
            for element in (*MUST_BALANCE, "mass"):
                for form in ("whole", "shredded"):
                    made |= set(follow(tables, route_id, stream, element, form)[0])
        assert made == set(paid.filter(pl.col("route_id") == route_id)["product_id"])
        assert made <= set(PRODUCTS)


def test_the_routes_that_must_have_a_net_have_no_unknown_cost(tables):
    for route_id in NETTED:
        assert not costs_of(tables, route_id)["unknown"].any(), route_id
    for route_id in ROUTES - set(NETTED):
        assert costs_of(tables, route_id)["unknown"].any(), route_id


def test_an_unknown_cost_has_a_reason_and_no_number(tables):
    cost = tables.frame("cost")
    unknown = cost.filter(pl.col("unknown"))
    assert unknown["unknown_reason"].null_count() == 0
    assert unknown["value"].null_count() == unknown.height
    known = cost.filter(~pl.col("unknown"))
    assert known["unknown_reason"].null_count() == known.height
    assert known["value"].null_count() == 0
    assert (known["value"] > 0).all()


def test_operating_cost_and_capital_charge_are_apart_or_said_to_be_one(tables):
    for step_id, lines in tables.frame("cost").group_by("step_id"):
        known = lines.filter(~pl.col("unknown") & (pl.col("cost_kind") == "operating"))
        charged = (lines["cost_kind"] == "capital").any()
        assert charged or known["includes_capital"].all(), step_id


def test_no_cost_holds_the_price_of_the_feed(tables):
    assert not tables.frame("cost")["includes_feed"].any()


def test_capital_charges_follow_from_the_published_capital(tables):
    cost = {r["cost_id"]: r["value"] for r in tables.frame("cost").to_dicts()}
    yearly = annuity(0.075, 20)
    assert cost["ionic-capital"] == pytest.approx(108.7e6 * yearly / 400e3, rel=0.005)
    assert cost["hydrogen-capital"] == pytest.approx(125e6 * yearly / 1557e3, rel=0.005)


def test_both_readings_of_the_joint_venture_are_kept_apart(tables):
    capacity = tables.frame("capacity").filter(pl.col("route_id") == "korea-zinc-us")
    readings = capacity.filter(pl.col("reading").str.starts_with("joint-venture"))
    assert set(readings["boundary"]) == {"oxide_out", "magnet_in"}
    assert readings["value"].to_list() == [100, 100]


def test_demonstration_and_commercial_plant_have_one_mass_ratio(tables):
    ionic = tables.frame("capacity").filter(pl.col("route_id") == "ionic-belfast")
    ratios = {
        reading[0]: {r["boundary"]: r["value"] for r in rows.to_dicts()}
        for reading, rows in ionic.group_by("reading")
    }
    assert set(ratios) == {"demonstration", "commercial-design"}
    for plant in ratios.values():
        assert plant["oxide_out"] / plant["magnet_in"] == pytest.approx(1 / 3)


def test_every_spread_encloses_its_value_and_assumed_rows_have_an_owner(tables):
    for name in ("capture", "cost", "capacity", "route_product", "payable_scenario"):
        for row in tables.frame(name).filter(pl.col("value").is_not_null()).to_dicts():
            spread = spread_of(row)
            assert spread.mean >= 0
            if row["unit"] == "1":
                assert spread.mean <= 1
            if row["basis"] == "assumed":
                assert row["owner"], row
                assert row["review_on"] is not None, row


def test_the_payable_scenario_follows_from_the_prices_of_that_week(tables):
    # scrap of 3 July 2025 is per kg of metal, the oxide of 7 July per tonne of oxide
    prices = {
        (r["product_id"], str(r["observed_on"])): r["mid"]
        for r in tables.frame("price").filter(pl.col("currency") == "CNY").to_dicts()
    }
    scenario = {r["element"]: r["value"] for r in tables.frame("payable_scenario").to_dicts()}
    for element, product in (("nd", "ndpr"), ("dy", "dy"), ("tb", "tb")):
        scrap = prices[f"{product}_in_scrap", "2025-07-03"]
        oxide = prices[f"{product}_oxide", "2025-07-07"] / 1000
        share = scrap / (oxide * oxide_factor(element))
        assert share == pytest.approx(scenario[element], abs=0.006)
    assert scenario["pr"] == scenario["nd"]
