"""Views and the macro, against figures worked out by hand or by numpy."""

import numpy as np
import polars as pl
import pytest

from valuation.store import open_read_only, open_store
from valuation.store.layout import frame

FACTORS = np.array([0.5, 0.8, 1.2, 1.5])  # what the draws of the sound file are made with
# 100 drives: 0.4 kg Nd, 0.9 x 0.95 of it recovered, 1.1664 kg oxide per kg, 100 USD per kg
RECOVERED_KG = 0.4 * 0.9 * 0.95
GROSS_USD = RECOVERED_KG * 1.1664 * 100
NET_USD = GROSS_USD - 25


@pytest.fixture
def reader(sound):
    with open_read_only(sound) as connection:
        yield connection


def row(reader, query):
    relation = reader.execute(query)
    names = [column[0] for column in relation.description]
    (found,) = relation.fetchall()
    return dict(zip(names, found, strict=True))


def test_batch_summary_counts_masses_and_money(reader):
    found = row(reader, "from batch_summary where batch_id = 'A'")
    assert found["files"] == 1
    assert found["hdd_units"] == 100
    assert found["ree_kg"] == pytest.approx(0.4)
    assert found["ree_g_per_hdd"] == pytest.approx(4.0)
    assert found["ree_kg_per_t"] == pytest.approx(0.4 / 0.065)
    assert found["best_route_id"] == "short"
    assert found["net_usd"] == pytest.approx(NET_USD)
    assert found["gross_usd_per_hdd"] == pytest.approx(GROSS_USD / 100)
    assert found["ree_gross_usd_per_hdd"] == pytest.approx(GROSS_USD / 100)
    assert found["net_usd_per_t"] == pytest.approx(NET_USD / 0.065)
    assert found["value_share_by_kind"] == {"hdd": pytest.approx(1.0)}
    assert found["ree_value_share"] == pytest.approx(1.0)
    p10, p50, p90 = np.quantile(0.4 * FACTORS, (0.1, 0.5, 0.9))
    spread = (found["ree_kg_p10"], found["ree_kg_p50"], found["ree_kg_p90"])
    assert spread == pytest.approx((p10, p50, p90), rel=1e-6)


def test_route_comparison_sets_proceeds_against_costs(reader):
    found = row(reader, "from route_comparison where batch_id = 'A'")
    assert found["place"] == 1
    assert found["recovered_ree_kg"] == pytest.approx(RECOVERED_KG)
    assert found["recovered_ree_share"] == pytest.approx(0.9 * 0.95)
    assert found["gross_usd"] == pytest.approx(GROSS_USD)
    assert found["ree_gross_usd"] == pytest.approx(GROSS_USD)
    assert found["assumed_cost_share"] == pytest.approx(1.0)


def test_a_route_without_a_net_has_no_place_and_says_why(tmp_path, connection, lots):
    given = lots(A=100)
    net = pl.col("measure") == "net_usd"
    figures = [
        pl.when(~net).then(pl.col(name)).alias(name) for name in ("mean", "p10", "p50", "p90")
    ]
    reason = pl.when(net).then(pl.lit("the price of melting is unknown")).alias("reason")
    value = given.frames["batch_value"].with_columns(*figures, reason)
    with open_store(tmp_path / "a.duckdb", connection) as store:
        store.publish(type(given)(given.run, ["A"], [], {**given.frames, "batch_value": value}))
    with open_read_only(tmp_path / "a.duckdb") as reader:
        found = row(reader, "from route_comparison")
        assert (found["place"], found["net_usd"]) == (None, None)
        assert found["reason"] == "the price of melting is unknown"
        summary = row(reader, "from batch_summary")
        assert (summary["best_route_id"], summary["value_share_by_kind"]) == (None, None)


def test_recovery_waterfall_falls_from_contained_to_nothing(reader):
    rows = reader.execute(
        "select step_no, change, destination, kg, remaining_kg from recovery_waterfall"
        " where batch_id = 'A' and element = 'nd'"
    ).fetchall()
    assert [row[:3] for row in rows] == [
        (0, "contained", None),
        (1, "lost", "steel"),
        (2, "lost", "residue"),
        (2, "recovered", "nd_oxide"),
    ]
    assert [row[3] for row in rows] == pytest.approx([0.4, 0.04, 0.018, 0.342])
    assert [row[4] for row in rows] == pytest.approx([0.4, 0.36, 0.342, 0.0], abs=1e-12)


def test_proceeds_of_items_add_up_to_those_of_the_batch(reader):
    query = "select batch_id, sum(gross_usd) from item_value group by all order by all"
    assert reader.execute(query).fetchall() == [
        ("A", pytest.approx(GROSS_USD)),
        ("B", pytest.approx(GROSS_USD / 2)),
    ]


def test_top_items_puts_the_dearest_first_and_the_unknown_last(reader):
    query = "select place, item_id, value_share, ree_kg from top_items where batch_id = 'A'"
    rows = reader.execute(query).fetchall()
    assert rows == [(1, 11, 1.0, pytest.approx(0.4)), (2, 22, None, None)]


def test_unidentified_items_say_what_would_settle_them(reader):
    found = row(reader, "from unidentified_items")
    assert (found["item_id"], found["batches"], found["units"]) == (22, 2, 2)
    assert found["settled_by"] == "a model or part number"


def test_coverage_shares_add_up_to_one(reader):
    rows = reader.execute("select * from coverage where batch_id = 'A'").fetchall()
    by_answer = {row[1:3]: row for row in rows}
    # 101 units: a hundred drives, whose class rests for a quarter of its mass on a measurement
    assert by_answer["method", "catalogue"][7] == pytest.approx(100 / 101)
    assert by_answer["basis", "measured"][7] == pytest.approx(25 / 101)
    assert by_answer["basis", "assumed"][7] == pytest.approx(75 / 101)
    assert by_answer["basis", "no content"][7] == pytest.approx(1 / 101)
    # all proceeds are neodymium's, and the magnets are measured
    assert by_answer["basis", "measured"][8] == pytest.approx(1.0)
    assert by_answer["basis", "assumed"][8] == pytest.approx(0.0)
    for question in ("method", "basis"):
        for column in (6, 7, 8):
            total = sum(row[column] for row in rows if row[1] == question)
            assert total == pytest.approx(1.0)


def test_price_age_marks_what_is_older_than_a_month(reader):
    assert row(reader, "select age_days, is_old from price_age") == {"age_days": 40, "is_old": True}


def test_quantiles_of_a_sum_come_from_the_sum_of_draws(reader):
    found = row(reader, "from quantile_of_sum('net_usd', 'short')")
    draws = 1.5 * NET_USD * FACTORS
    assert found["mean"] == pytest.approx(1.5 * NET_USD)
    spread = (found["p10"], found["p50"], found["p90"])
    assert spread == pytest.approx(tuple(np.quantile(draws, (0.1, 0.5, 0.9))), rel=1e-6)
    assert (found["batches"], found["batches_left_out"], found["reason"]) == (2, 0, None)


def test_a_sum_over_one_batch_is_the_batch(reader):
    found = row(reader, "from quantile_of_sum('net_usd', 'short', of_batches := ['A'])")
    one = row(reader, "from batch_value where batch_id = 'A' and measure = 'net_usd'")
    assert found["p10"] == pytest.approx(one["p10"], rel=1e-6)
    assert found["mean"] == one["mean"]


def test_a_sum_never_mixes_elements(reader):
    """Nd and Pr are two series; without naming one there is no answer."""
    found = row(reader, "from quantile_of_sum('contained_kg')")
    assert (found["mean"], found["p50"]) == (None, None)
    assert "name one" in found["reason"]
    assert row(reader, "from quantile_of_sum('contained_kg', of_element := 'nd')")["p50"] > 0


def test_a_sum_says_which_batches_it_left_out(reader):
    query = "from quantile_of_sum('net_usd', 'short', of_batches := ['A', 'never'])"
    found = row(reader, query)
    assert (found["batches"], found["batches_left_out"]) == (1, 1)
    assert "left out" in found["reason"]
    nothing = row(reader, "from quantile_of_sum('net_usd', 'moon')")
    assert (nothing["mean"], nothing["p50"]) == (None, None)
    assert nothing["reason"] == "no batch keeps draws of this"


def test_sensitivity_puts_the_widest_bar_first_and_interaction_last(reader):
    rows = frame(reader, "from sensitivity where batch_id = 'A'")
    assert rows["parameter_group"].to_list() == ["prices", "magnet_mass", "count", "interaction"]
    assert rows["place"].to_list() == [1, 2, 3, 4]
    assert rows["mean"].to_list() == pytest.approx([NET_USD] * 4)
    assert rows["width"][0] == pytest.approx(NET_USD * 0.5)


def test_break_even_says_how_far_it_is(reader):
    found = row(reader, "from break_even where batch_id = 'A' and what = 'ndpr_price'")
    assert found["change_percent"] == pytest.approx(-20)
    held = row(reader, "from break_even where batch_id = 'A' and what = 'capture'")
    assert held["change_percent"] is None and held["reason"] == "above zero at any capture"
