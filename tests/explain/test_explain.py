"""A figure unrolled adds up, reaches every row it rests on in four steps, and tells its sources."""

import json

import polars as pl
import pytest

from valuation.explain import explain, unrolled
from valuation.explain.reading import read_stored
from valuation.recovery import plan_recovery
from valuation.store import open_read_only
from valuation.tables import load_tables

NETTED = ("korea-zinc-us", "ionic-belfast", "adr-pedalpoint", "shred-to-steel")
MEASURED = (
    "family,item_class,quantity,state,n_pieces,value,unit,author\n"
    "wd-ultrastar-hc520,hdd-3.5-nearline-helium,magnet_mass,coated,5,17.5,g,A. Weigher\n"
)
SETTLEMENTS = [{}, {"settlement": "toll"}]
SETTLEMENTS += [{"settlement": "sell_feed", "scenario": "china-scrap-2025-07"}]


def figures(db, batch="LOT-1"):
    with open_read_only(db) as connection:
        values = connection.table("batch_value").pl()
    return values.filter(pl.col("batch_id") == batch).to_dicts()


def steps_to_sources(found):
    """Sources reached from the figure, and in how many steps, by walking the JSON object."""
    reached = {}
    for part in found["figure"]["parts"]:  # step 1
        for factor in part["factors"]:  # step 2
            for row in factor["rows"]:  # step 3
                for source in found["rows"][row]["source_ids"]:
                    reached[source] = found["sources"][source]  # step 4
    return reached


def compare_every(db, rows):
    """How many figures are what their parts add up to; none is not."""
    stored, compared = read_stored(db, "LOT-1"), 0
    for row in rows:
        product = None if row["product_id"] == "total" else row["product_id"]
        found = unrolled(stored, row["route_id"], product, row["measure"], row["element"])
        check = found["check"]
        if row["mean"] is None:
            assert check["adds_up"] is None
        else:
            assert check["adds_up"] is True, (row, check)
            assert check["sum_of_parts"] == pytest.approx(row["mean"], rel=1e-9, abs=1e-9)
            compared += 1
    return compared


@pytest.mark.parametrize(
    "given",
    [SETTLEMENTS[0], *(pytest.param(given, marks=pytest.mark.long) for given in SETTLEMENTS[1:])],
    ids=lambda g: g.get("settlement", "as shipped"),
)
def test_parts_of_a_figure_add_up_to_it(valued, given):
    db = valued(**given)
    by_measure = {}
    for row in figures(db):
        if row["route_id"] in (None, "ionic-belfast"):
            by_measure.setdefault(row["measure"], []).append(row)
    rows = [row for of_measure in by_measure.values() for row in of_measure[-2:]]
    assert compare_every(db, rows) >= 12


@pytest.mark.long
@pytest.mark.parametrize("given", SETTLEMENTS, ids=lambda g: g.get("settlement", "as shipped"))
def test_parts_of_every_figure_add_up_to_it(valued, given):
    db = valued(**given)
    assert compare_every(db, figures(db)) > 150


@pytest.mark.parametrize("route_id", NETTED)
def test_a_net_reaches_every_row_it_tells_and_every_source_in_four_steps(net, route_id):
    found = net(route_id)
    reached = {
        row for p in found["figure"]["parts"] for factor in p["factors"] for row in factor["rows"]
    }
    assert reached == set(found["rows"])
    assert steps_to_sources(found) == found["sources"]
    for row in found["rows"].values():
        assert row["basis"] in ("measured", "reported", "derived", "assumed"), row
        assert row["source_id"] and (row["locator"] or row["table"] == "price"), row


@pytest.mark.parametrize("route_id", NETTED)
def test_every_capture_and_cost_of_the_plan_that_meets_some_mass_is_reached(net, lot, route_id):
    """Against the plan itself, made of the reference data and not of the file."""
    tables = load_tables()
    with open_read_only(lot) as connection:
        held = set(
            connection.execute(
                "select distinct stream, element from batch_item join part_mass using (part_id) "
                "where batch_id = 'LOT-1'"
            ).fetchall()
        )
    (plan,) = plan_recovery(tables, sorted(held), [route_id], None)
    found = net(route_id)
    sold = {c for series in plan.products().values() for way in series.values() for c in way}
    assert {f"capture/{c.step_id}/{c.stream}/{c.element}" for c in sold} <= set(found["rows"])
    costs = {f"cost/{step.step_id}/{c.cost_id}" for step in plan.route.steps for c in step.costs}
    assert costs == {row for row in found["rows"] if row.startswith("cost/")}


@pytest.mark.parametrize("route_id", ["korea-zinc-us", "adr-pedalpoint"])
def test_every_parameter_that_moves_the_net_is_among_the_rows(net, lot, route_id):
    """What the net does not reach is what it does not depend on, draw by draw."""
    found = net(route_id)
    told = {r["parameter"]["parameter_key"] for r in found["rows"].values() if r["parameter"]}
    with open_read_only(lot) as connection:
        kept = {
            k for (k,) in connection.execute("select parameter_key from parameter_draw").fetchall()
        }
    steps = {part["step_no"] for part in found["figure"]["parts"] if part["kind"] == "cost"}
    assert steps
    prices = {r["key"] for r in found["rows"].values() if r["table"] == "price"}
    assert {f"price/{product}" for product in prices} <= told
    (plan,) = plan_recovery(load_tables(), [], [route_id], None)
    costs = {f"cost/{c.cost_id}" for step in plan.route.steps for c in step.costs if c.amount}
    assert costs & kept <= told
    assert {key for key in kept if key.startswith(f"payable/{route_id}/")} <= told


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("magnet_mass", "hdd-3.5-nearline-helium/voice_coil"),
        ("magnet_spread", "*/voice_coil/basis"),
        ("alloy", "sintered-voice-coil/any/ree_total"),
        ("alloy", "sintered-voice-coil/from-2013/dy_mean"),
        ("gross_mass", "server-2u"),
        ("material_share", "server-2u/board"),
        ("material_element", "board-server/au"),
        ("host_content", "server-2u/fan-60-fast"),
        ("route_product", "korea-zinc-us/nd_oxide/own"),
        ("exchange_factor", "aluminium"),
        ("volatility", "light"),
        ("fx", "CNY/2026-02-18"),
        ("assumption", "vat_china"),
        ("assumption", "years_from_launch_to_make"),
        ("price", "nd_oxide"),
    ],
)
def test_rows_that_one_would_look_for_are_there(net, table, key):
    rows = net()["rows"]
    assert f"{table}/{key}" in rows


def test_a_row_is_told_as_it_stands_in_the_data(net):
    found = net()
    row = found["rows"]["capture/dismantle-voice-coil/voice_coil/*"]
    captures = load_tables().frame("capture")
    (there,) = captures.filter(
        pl.col("step_id") == "dismantle-voice-coil",
        pl.col("stream") == "voice_coil",
        pl.col("element") == "*",
    ).to_dicts()
    for column in ("value", "low", "high", "spread_kind", "basis", "source_id", "locator", "owner"):
        assert row[column] == there[column]
    assert row["parameter"]["p10"] <= row["parameter"]["p90"]
    assert there["low"] <= row["parameter"]["p10"] and row["parameter"]["p90"] <= there["high"]


def test_only_what_the_batch_holds_is_told(lot):
    rows = explain(lot, "LOT-2", route_id="korea-zinc-us")["rows"]
    classes = {row.split("/")[1] for row in rows if row.startswith("gross_mass/")}
    assert classes == {"hdd-3.5-nearline-air"}
    assert not any(row.startswith("host_content/") for row in rows)


def test_the_lines_of_a_sale_multiply_out(net):
    found = net()
    (sale,) = [part for part in found["figure"]["parts"] if part["id"] == "nd_oxide"]
    mass, share, price = sale["factors"]
    assert mass["value"] * share["value"] * price["value"] == pytest.approx(sale["mean"])
    for line in mass["lines"]:
        assert line["contained_kg"] * line["share"] == pytest.approx(line["arriving_kg"])
    assert sum(line["usd"] for line in mass["lines"]) == pytest.approx(sale["mean"])


def test_a_cost_is_its_quantity_times_what_one_costs(net):
    for part in net()["figure"]["parts"]:
        if part["kind"] == "cost" and part["mean"]:
            quantity, one = part["factors"]
            assert -quantity["value"] * one["value"] == pytest.approx(part["mean"])
            lines = quantity.get("lines")
            if lines and quantity["text"] != "kg_oxide_out":
                assert sum(line["arriving_kg"] for line in lines) == pytest.approx(
                    quantity["value"]
                )


def test_a_lot_of_some_of_the_same_rests_on_some_of_the_same_rows(lot):
    of_five, of_all = (
        set(explain(lot, batch, route_id="korea-zinc-us")["rows"]) for batch in ("LOT-2", "LOT-1")
    )
    assert of_five < of_all


def test_shares_by_basis_are_shares(net, lot):
    basis = net()["basis"]
    assert set(basis) == {"sales_by_content", "sales_by_capture", "sales_by_price", "costs"}
    for shares in basis.values():
        assert sum(shares.values()) == pytest.approx(1)
        assert set(shares) <= {"measured", "reported", "derived", "assumed"}
    with open_read_only(lot) as connection:
        (assumed,) = connection.execute(
            "select assumed_cost_share from route_comparison "
            "where batch_id = 'LOT-1' and route_id = 'korea-zinc-us'"
        ).fetchone()
    assert basis["costs"].get("assumed", 0) == pytest.approx(assumed)


def test_without_a_route_the_best_is_taken_and_said(lot):
    found = explain(lot, "LOT-1")
    with open_read_only(lot) as connection:
        (best,) = connection.execute(
            "select route_id from route_comparison where batch_id = 'LOT-1' and place = 1"
        ).fetchone()
    assert found["figure"]["route_id"] == best
    assert found["figure"]["measure"] == "net_usd"
    assert any(best in note for note in found["notes"])


def test_a_route_without_a_net_says_why_and_what_is_known(net):
    found = net("hpms-us")
    assert found["figure"]["mean"] is None
    assert "operating cost" in found["figure"]["reason"]
    unknown = [part for part in found["figure"]["parts"] if part["mean"] is None]
    assert unknown and all(part["reason"] for part in unknown)
    assert found["check"]["unknown_parts"] == len(unknown)
    assert found["check"]["adds_up"] is None


def test_reuse_has_no_sale_and_no_net(net):
    found = net("reuse")
    assert found["figure"]["mean"] is None
    assert {part["kind"] for part in found["figure"]["parts"]} == {"cost"}


def test_feed_sold_by_assay_rests_on_the_scenario(valued):
    db = valued(settlement="sell_feed", scenario="china-scrap-2025-07")
    found = explain(db, "LOT-1", route_id="ionic-belfast", measure="net_usd")
    (feed,) = [part for part in found["figure"]["parts"] if part["id"] == "magnet_pieces"]
    price = feed["factors"][2]
    assert "payable_scenario/china-scrap-2025-07/nd" in price["rows"]
    assert price["by_element_usd_per_kg"]["nd"] > 0


@pytest.mark.long
def test_a_deck_of_asks_is_told_by_its_explanation(valued):
    found = explain(valued(deck="stress-high"), "LOT-1", route_id="korea-zinc-us")
    assert found["run"]["takes_asks"] is True
    (dy,) = [part for part in found["figure"]["parts"] if part["id"] == "dy_oxide"]
    assert "NO TRADE STANDS BEHIND IT" in dy["factors"][2]["text"]


def test_a_deck_of_ones_own_is_a_source_that_is_reached(valued, tmp_path):
    deck = tmp_path / "ours.csv"
    deck.write_text(
        "product_id,price_basis,vat_included,currency,unit,mid,observed_on\n"
        "nd_oxide,us,false,USD,kg,90,2026-02-20\n",
        encoding="utf-8",
    )
    found = explain(valued(deck=str(deck)), "LOT-1", route_id="korea-zinc-us")
    assert "deck-ours" in found["sources"]
    assert found["rows"]["price/nd_oxide"]["value"] == 90


def test_the_object_is_json_and_the_same_twice(lot):
    first, second = (
        json.dumps(explain(lot, "LOT-1"), default=str, allow_nan=False) for _ in range(2)
    )
    assert first == second


def test_units_that_are_used_again_are_told_by_the_row_of_the_users_table(valued, tmp_path):
    resale = tmp_path / "resale.csv"
    resale.write_text(
        "match,price,currency,share_passing,cost_to_test,observed_on\n"
        "hdd,50,USD,0.8,4,2026-02-20\n",
        encoding="utf-8",
    )
    found = explain(valued(resale=resale), "LOT-1", route_id="reuse")
    assert found["check"]["adds_up"] is True
    (sold,) = [part for part in found["figure"]["parts"] if part["id"] == "resale"]
    # a hundred drives, four in five pass, fifty dollars each
    assert sold["mean"] == pytest.approx(100 * 0.8 * 50)
    assert sum(factor["value"] for factor in sold["factors"]) == pytest.approx(sold["mean"])
    (row,) = {row for factor in sold["factors"] for row in factor["rows"]}
    assert found["rows"][row]["locator"].endswith("resale.csv, row 2")


@pytest.mark.parametrize("form", ["module", "shredded"])
def test_a_lot_in_another_form_is_explained_by_its_own_paths(valued, form):
    db = valued(form=form)
    rows = [row for row in figures(db) if row["measure"] in ("net_usd", "gross_usd")]
    assert compare_every(db, [row for row in rows if row["route_id"] == "adr-pedalpoint"]) >= 2
    if form == "module":
        assert "form_share/module/hdd/voice_coil" in explain(db, "LOT-1")["rows"]


def test_what_was_weighed_is_among_the_rows(valued, tmp_path):
    weighed = tmp_path / "weighed.csv"
    weighed.write_text(MEASURED, encoding="utf-8")
    found = explain(valued(measured=(weighed,)), "LOT-1", route_id="korea-zinc-us")
    own = [row for row in found["rows"].values() if row["table"] == "measured"]
    assert [row["basis"] for row in own] == ["measured"]
    assert set(own[0]["source_ids"]) <= set(found["sources"])


def test_a_fitted_number_is_told_as_used_with_the_sources_it_was_fitted_to(net):
    row = net()["rows"]["alloy/sintered-voice-coil/any/ree_total"]
    assert row["basis"] == "derived"
    assert len(row["source_ids"]) > 1
    assert "prior row says" in row["note"]
    assert set(row["source_ids"]) <= set(net()["sources"])
