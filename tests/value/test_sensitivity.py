"""Shares of variance: lots worked by hand, laws, and what a reader must be told beside them."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tests.exports import export, settings, table
from tests.value.test_money import MAKING, chunk, cost, deck, exact, plan
from valuation.api import run
from valuation.parameter_groups import CONTENT_GROUPS, COUNT, INTERACTION, MAGNET_GROUPS
from valuation.shapes import MASS
from valuation.uncertain import Source, Spread
from valuation.units import oxide_factor
from valuation.value import Terms, Valuing, value_batches
from valuation.value.linear import LinearNets, column_means, columns_of
from valuation.value.shares import first_order_shares

DRAWS = 4000


def lognormal(median, factor):
    """A factor either way holds 90 of 100 times."""
    return Spread(median, median / factor, median * factor, "ci90_lognormal")


def lot(mass=None, batches=1, units=1000.0):
    """Batches of neodymium whose mass is a spread, known by its draws given magnet mass."""
    held = chunk(nd_kg=(10.0,) * batches, units=(units,) * batches, gross_kg=(650.0,) * batches)
    mass = mass or exact(10.0)
    factor = mass.draw(Source(1, DRAWS), "family/voice_coil/x") / 10
    mean = held.mean_kg * mass.mean / 10
    drawn = held.mean_kg[:, :, None] * factor

    def given(weights, draws):
        sums = np.einsum("ks,sbd->kbd", weights.per_kg, drawn[:, :, :draws]).astype(np.float32)
        return {g: sums * (g == "magnet_mass") for g in CONTENT_GROUPS}

    gross = np.repeat(held.gross_mean_kg[:, None], DRAWS, axis=1).astype(np.float32)
    return replace(
        held,
        mean_kg=mean,
        draws_kg=drawn.astype(np.float32),
        gross_draws_kg=gross,
        given=given,
    )


def priced(price):
    """A deck with one price of neodymium oxide, as a spread."""
    plain = deck(price.mean)
    drawn = price.draw(Source(1, DRAWS), "price/nd_oxide")
    oxide = replace(plain.products["nd_oxide"], draws={MASS: drawn}, mean={MASS: price.mean})
    return replace(plain, products={"nd_oxide": oxide})


def shares(the_chunk, the_deck, the_plan=None, ratio=None, route="r", measure=None):
    terms = Terms({}, 18_000, {"nd_oxide": "oxide"}, MAKING)
    terms = replace(terms, received_ratio=ratio or exact(1.0))
    plans = [the_plan or plan()]
    valuing = Valuing(plans, the_deck, terms, Source(1, DRAWS), the_chunk.batch_ids)
    valued = value_batches(valuing, [the_chunk])
    rows = valued.sensitivity.filter(
        pl.col("batch_id") == "B0", pl.col("route_id").eq_missing(pl.lit(route, pl.String))
    )
    if measure:
        assert set(rows["measure"]) == {measure}
    return {row["parameter_group"]: row for row in rows.iter_rows(named=True)}, valued


def test_two_lognormal_factors_have_the_shares_of_the_formula():
    """Y = m x p: S_m = (exp(a2) - 1) / (exp(a2 + b2) - 1), and what is left is interaction."""
    mass, price = lognormal(10.0, 2.0), lognormal(50.0, 1.6)
    found, _ = shares(lot(mass), priced(price), measure="net_usd")
    a2, b2 = mass.log_sd**2, price.log_sd**2
    whole = np.expm1(a2 + b2)
    for group, by_hand in (
        ("magnet_mass", np.expm1(a2) / whole),
        ("prices", np.expm1(b2) / whole),
        (INTERACTION, np.expm1(a2) * np.expm1(b2) / whole),
    ):
        error = found[group]["standard_error"]
        assert found[group]["first_order_share"] == pytest.approx(by_hand, abs=4 * error)
        assert 0 < error < 0.03


def test_bars_run_between_the_points_of_the_group_at_the_mean_of_the_rest():
    mass, price = lognormal(10.0, 2.0), lognormal(50.0, 1.6)
    found, valued = shares(lot(mass), priced(price))
    net = valued.values.filter(pl.col("measure") == "net_usd")["mean"].item()
    for group, spread in (("magnet_mass", mass), ("prices", price)):
        for end, normal in (("low", -1.2815516), ("high", 1.2815516)):
            by_hand = net * spread.value * np.exp(normal * spread.log_sd) / spread.mean
            assert found[group][end] == pytest.approx(by_hand, rel=0.02)
    assert found[INTERACTION]["low"] is found[INTERACTION]["high"] is None


def test_what_alone_is_uncertain_has_all_of_the_variance():
    for held, prices, group in (
        (lot(lognormal(10.0, 2.0)), priced(exact(50.0)), "magnet_mass"),
        (lot(), priced(lognormal(50.0, 1.6)), "prices"),
    ):
        found, _ = shares(held, prices)
        assert found[group]["first_order_share"] == pytest.approx(1, abs=1e-6)
        assert found[INTERACTION]["first_order_share"] == pytest.approx(0, abs=1e-6)
        others = [row for name, row in found.items() if name not in (group, COUNT, INTERACTION)]
        assert all(row["first_order_share"] < 1e-9 for row in others)
        assert all(row["low"] == pytest.approx(row["high"]) for row in others)


def test_yields_and_costs_are_groups_of_their_own():
    uncertain = plan(pull_costs=[cost(amount=lognormal(0.1, 2.0))])
    pull, leach = uncertain.route.steps
    found, _ = shares(lot(), priced(exact(50.0)), uncertain)
    assert found["costs"]["first_order_share"] == pytest.approx(1, abs=1e-6)
    kept = Spread(0.9, 0.5, 0.99, "range_beta")
    captures = {key: replace(c, share=kept) for key, c in pull.captures.items()}
    flows = [
        replace(
            f,
            captures=tuple(
                replace(c, share=kept) if c.step_id == "pull" else c for c in f.captures
            ),
        )
        for f in uncertain.flows
    ]
    route = replace(plan().route, steps=(replace(pull, captures=captures, costs=()), leach))
    found, _ = shares(lot(), priced(exact(50.0)), replace(uncertain, route=route, flows=flows))
    assert found["yields"]["first_order_share"] == pytest.approx(1, abs=1e-5)


def test_pieces_that_do_not_arrive_add_their_spread_and_are_in_no_quantile():
    ratio = Spread(0.97, 0.9, 1.0, "range_beta")
    costs = [cost(denominator="lot", value=100.0), cost("by-piece", value=0.01)]
    price = lognormal(50.0, 1.6)
    found, valued = shares(lot(), priced(price), plan(pull_costs=costs), ratio)
    net = valued.values.filter(pl.col("measure") == "net_usd")["mean"].item()
    variance = (net + 100 + 10) ** 2 * np.expm1(price.log_sd**2)
    varies = net + 100  # what a lot pays once does not go with its pieces
    assert found[COUNT]["first_order_share"] == pytest.approx(
        varies**2 * ratio.variance / variance, rel=0.1
    )
    assert not found[COUNT]["in_quantiles"]
    low, high = np.quantile(ratio.draw(Source(9, 40_000), "x"), (0.1, 0.9))
    assert found[COUNT]["low"] == pytest.approx(varies * low - 100, rel=1e-3)
    assert found[COUNT]["high"] == pytest.approx(varies * high - 100, rel=1e-3)


def test_a_charge_with_a_minimum_is_in_the_net_and_its_shares():
    """Where the minimum always binds the cost does not vary; where it never does it is linear."""
    price = lognormal(50.0, 1.6)
    for least in (10_000.0, 1e-3):
        costs = [cost(amount=lognormal(0.1, 3.0), minimum=least)]
        found, _ = shares(lot(), priced(price), plan(pull_costs=costs))
        free, _ = shares(lot(), priced(price), plan(pull_costs=[cost(amount=lognormal(0.1, 3.0))]))
        alone = 0.0 if least > 1 else free["costs"]["first_order_share"]
        assert found["costs"]["first_order_share"] == pytest.approx(alone, abs=1e-4)
        total = [row["first_order_share"] for n, row in found.items() if n != COUNT]
        assert sum(total) == pytest.approx(1, abs=1e-9)


def test_a_route_without_a_net_tells_its_net_before_what_is_unknown_and_why():
    unknown = plan(leach_costs=[cost("secret", value=None, denominator="lot")])
    found, _ = shares(
        lot(), priced(lognormal(50.0, 1.6)), unknown, measure="net_before_unknown_usd"
    )
    assert found["prices"]["first_order_share"] == pytest.approx(1, abs=1e-6)
    assert "nobody published it" in found["prices"]["reason"]


def test_where_nothing_varies_there_are_no_shares_and_the_reason_says_so():
    found, _ = shares(lot(), priced(exact(50.0)))
    assert {row["first_order_share"] for row in found.values()} == {None}
    assert {row["reason"] for row in found.values()} == {"nothing in it is uncertain"}


def test_rare_earths_contained_rest_on_content_only():
    found, _ = shares(lot(lognormal(10.0, 2.0)), priced(lognormal(50.0, 1.6)), route=None)
    assert set(found) == {*MAGNET_GROUPS, COUNT, INTERACTION}
    assert found["magnet_mass"]["first_order_share"] == pytest.approx(1, abs=1e-6)


def test_a_net_with_a_part_of_its_own_is_not_told_by_its_sums():
    """Sums that leave something out would call it interaction."""
    held = lot()
    terms = Terms({}, 18_000, {"nd_oxide": "oxide"}, MAKING)
    (net,) = LinearNets(priced(exact(50.0)), terms, Source(1, DRAWS)).of([plan()], held)
    columns = columns_of(held, [net])
    means = column_means(held, columns, 18_000)
    sold = 7.2 * oxide_factor("nd") * 50
    assert not net.leaves_out(columns, means, np.array([sold]))
    assert net.leaves_out(columns, means, np.array([sold * (1 + 1e-5)]))


def test_shares_do_not_depend_on_scale_or_shift(rng):
    figure = rng.lognormal(size=(2, 3000)).astype(np.float32)
    given = [np.log(figure), 0 * figure]
    plain = first_order_shares(given, figure)
    moved = first_order_shares([g * 1e6 + 7 for g in given], figure * 1e6 - 3e6)
    np.testing.assert_allclose(plain.share, moved.share, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(plain.standard_error, moved.standard_error, rtol=1e-2, atol=1e-6)


def test_errors_are_those_of_other_seeds(rng):
    """Shares of two hundred small runs scatter by the error each of them states."""
    found, stated = [], []
    for _ in range(200):
        a, b = np.exp(rng.normal(0, (0.5, 0.3), (500, 2))).T
        means = np.exp(0.5**2 / 2), np.exp(0.3**2 / 2)
        given = [(a * means[1])[None, :250], (b * means[0])[None]]
        shares_ = first_order_shares(given, (a * b)[None])
        found.append([*shares_.share[:, 0], shares_.interaction[0]])
        stated.append([*shares_.standard_error[:, 0], shares_.interaction_error[0]])
    np.testing.assert_allclose(np.std(found, axis=0), np.mean(stated, axis=0), rtol=0.25)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    path = tmp_path_factory.mktemp("sensitivity")
    return run([export(path / "x.csv", batches=("A", "B", "C"))], settings=settings(path))


def test_shares_of_every_figure_of_a_run_add_up_to_one(published):
    rows = table(published, "batch_sensitivity")
    known = rows.filter(pl.col("first_order_share").is_not_null(), pl.col("in_quantiles"))
    sums = known.group_by("batch_id", "route_id", "measure").agg(pl.col("first_order_share").sum())
    assert sums.height > 10
    np.testing.assert_allclose(sums["first_order_share"], 1, atol=1e-9)
    groups = known.filter(pl.col("parameter_group") != INTERACTION)
    assert groups["first_order_share"].min() >= 0
    explained = known.filter(pl.col("parameter_group") == INTERACTION)
    assert (explained["first_order_share"] > -4 * explained["standard_error"]).all()
    assert (groups["low"] <= groups["high"]).all()


def test_the_view_is_a_tornado(published):
    rows = published.frame("sensitivity").filter(pl.col("route_id") == "ionic-belfast")
    for _, figure in rows.group_by("batch_id", "measure"):
        bars = figure.sort("place")
        assert bars["place"].to_list() == list(range(1, bars.height + 1))
        assert bars["width"].drop_nulls().is_sorted(descending=True)
        assert bars["parameter_group"][-1] == INTERACTION
        inside = bars.filter("in_quantiles", pl.col("low").is_not_null())
        assert (inside["low"] <= inside["mean"] + 1e-6 * abs(inside["mean"])).all()


def test_neither_order_nor_company_of_batches_matters(published, tmp_path):
    alone = run([export(tmp_path / "x.csv", batches=("C", "A"))], settings=settings(tmp_path))
    both = table(published, "batch_sensitivity").filter(pl.col("batch_id") != "B")
    key = ["batch_id", "route_id", "measure", "parameter_group"]
    joined = both.join(table(alone, "batch_sensitivity"), on=key, nulls_equal=True, suffix="_alone")
    assert joined.height == both.height
    for name in ("first_order_share", "low", "high"):
        np.testing.assert_allclose(joined[name], joined[f"{name}_alone"], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "given",
    [{}, {"settlement": "toll"}, {"settlement": "sell_feed", "scenario": "china-scrap-2025-07"}],
)
def test_the_sums_tell_every_shipped_route_under_every_settlement(tmp_path, given):
    """A null here would say that a route is paid for something its sums do not hold."""
    result = run([export(tmp_path / "x.csv")], settings=settings(tmp_path, draws=100, **given))
    rows = table(result, "batch_sensitivity").filter(pl.col("route_id") != "reuse")
    assert rows["first_order_share"].null_count() == 0
