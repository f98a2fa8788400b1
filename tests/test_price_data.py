"""The shipped price data, tested as data: basis, tax, currency, dates, and what decks read."""

import datetime

import numpy as np
import polars as pl
import pytest

from valuation.uncertain import spread_of
from valuation.units import KG_PER_PRICE_UNIT, PRODUCTS

CHINA = "china-domestic-vat-incl"
DECKS = {"china-net", "fob-china", "cif-rotterdam", "us-floor-110", "low-2025", "stress-high"}


def observed(tables, product_id, basis):
    prices = tables.frame("price").filter(
        pl.col("product_id") == product_id, pl.col("price_basis") == basis
    )
    return prices.sort("observed_on")


def test_every_product_but_the_total_is_described(tables):
    assert set(PRODUCTS) - {"total"} <= set(tables.frame("product")["product_id"])


def test_a_price_says_its_tax_and_chinese_domestic_prices_hold_it(tables):
    prices = tables.frame("price")
    assert prices["vat_included"].null_count() == 0
    assert prices.filter(pl.col("price_basis") == CHINA)["vat_included"].all()
    taxed = prices.filter(pl.col("vat_included"))
    # outside China only the agency that says so quotes with tax
    assert set(taxed.filter(pl.col("price_basis") != CHINA)["source_id"]) == {"fastmarkets"}


def test_prices_lie_in_their_range_and_are_seen_before_print(tables):
    prices = tables.frame("price")
    assert (
        prices.filter(~((pl.col("low") <= pl.col("mid")) & (pl.col("mid") <= pl.col("high"))))[
            "price_id"
        ].to_list()
        == []
    )
    assert (prices["low"] > 0).all()
    assert (prices["observed_on"] <= prices["published_on"]).all()


def test_every_unit_and_currency_can_be_converted(tables):
    prices = tables.frame("price")
    assert set(prices["unit"]) <= set(KG_PER_PRICE_UNIT)
    first = dict(tables.frame("fx").group_by("currency").agg(pl.min("observed_on")).iter_rows())
    for row in prices.filter(pl.col("currency") != "USD").to_dicts():
        assert first[row["currency"]] <= row["published_on"], row["price_id"]


def test_a_form_is_that_of_the_product(tables):
    form = dict(tables.frame("product").select("product_id", "form").iter_rows())
    for row in tables.frame("price").to_dicts():
        assert row["form"] == form[row["product_id"]]


def test_two_quotations_of_a_day_do_not_compete(tables):
    key = ["product_id", "price_basis", "observed_on"]
    backed = tables.frame("price").filter(pl.col("volume_backed"))
    assert backed.select(pl.struct(key).is_duplicated().any()).item() is False


def test_the_european_ask_for_dysprosium_is_information_only(tables):
    ask = observed(tables, "dy_oxide", "delivered-europe").row(-1, named=True)
    assert ask["mid"] == 1100
    assert ask["volume_backed"] is False


def test_the_rise_of_ndpr_is_as_told(tables):
    # from 413-417 thousand CNY/t in January 2025 to 850 in February 2026: 0.72 in log
    prices = observed(tables, "ndpr_oxide", CHINA).filter(pl.col("unit") == "t")
    by_day = dict(prices.select("observed_on", "mid").iter_rows())
    january = by_day[datetime.date(2025, 1, 23)]
    february = by_day[datetime.date(2026, 2, 18)]
    assert np.log(february / january) == pytest.approx(0.72, abs=0.005)


def test_gross_of_tax_is_123_dollars_and_net_is_109(tables):
    quoted = observed(tables, "ndpr_oxide", CHINA).row(-1, named=True)
    rate = tables.frame("fx").sort("observed_on").row(-1, named=True)["value"]
    gross = quoted["mid"] * rate / KG_PER_PRICE_UNIT[quoted["unit"]]
    assert gross == pytest.approx(123, abs=0.5)
    assert gross / 1.13 == pytest.approx(109, abs=0.5)


def test_nd_and_pr_apart_stay_near_ndpr_where_they_are_derived(tables):
    mixed = dict(observed(tables, "ndpr_oxide", CHINA).select("observed_on", "mid").iter_rows())
    for product_id in ("nd_oxide", "pr_oxide"):
        rows = observed(tables, product_id, CHINA)
        derived = rows.filter(pl.col("basis") == "derived")
        assert derived.height > 0
        # the one day they were quoted apart is carried as quoted
        assert rows.filter(pl.col("basis") == "reported").height == 1
        for row in derived.to_dicts():
            assert row["mid"] / mixed[row["observed_on"]] == pytest.approx(0.979, abs=0.002)


def test_derived_prices_outside_china_follow_from_their_page(tables):
    def latest(product_id, basis):
        return observed(tables, product_id, basis).row(-1, named=True)["mid"]

    nd_fob, pr_fob = latest("nd_oxide", "fob-china"), latest("pr_oxide", "fob-china")
    ndpr_fob = latest("ndpr_oxide", "fob-china")
    assert ndpr_fob == pytest.approx(0.75 * nd_fob + 0.25 * pr_fob, abs=0.5)
    premium = latest("nd_oxide", "cif-rotterdam") / nd_fob
    assert latest("ndpr_oxide", "cif-rotterdam") == pytest.approx(ndpr_fob * premium, abs=0.5)
    assert latest("pr_oxide", "cif-rotterdam") == pytest.approx(pr_fob * premium, abs=0.5)


def test_there_are_six_decks_and_one_default(tables):
    decks = tables.frame("deck")
    assert set(decks["deck_id"]) == DECKS
    assert decks.filter(pl.col("is_default"))["deck_id"].to_list() == ["china-net"]


@pytest.mark.parametrize("deck_id", sorted(DECKS))
def test_a_deck_prices_all_that_routes_with_a_net_sell(tables, deck_id):
    deck = tables.frame("deck").filter(pl.col("deck_id") == deck_id).row(0, named=True)
    seen_on = deck["pinned_on"] or datetime.date(2026, 11, 22)
    choices = tables.frame("deck_choice").filter(pl.col("deck_id") == deck_id)
    known = tables.frame("price").filter(pl.col("published_on") <= seen_on, pl.col("volume_backed"))
    readable = set(choices.join(known, on=["product_id", "price_basis"])["product_id"])
    needed = {
        "nd_oxide", "pr_oxide", "ndpr_oxide", "dy_oxide", "tb_oxide", "aluminium-exchange",
        "copper-exchange", "steel", "gold", "silver", "palladium",
    }  # fmt: skip
    assert needed <= readable


def test_a_deck_takes_tax_off_where_its_basis_is_net(tables):
    choices = tables.frame("deck_choice")
    assert choices.filter(pl.col("price_basis") == CHINA)["net_of_vat"].all()


def test_scrap_is_never_read_at_the_exchange_price(tables):
    products = tables.frame("product")
    factors = set(tables.frame("exchange_factor")["product_id"])
    by_factor = products.filter(pl.col("price_rule") == "exchange_factor")
    assert set(by_factor["product_id"]) == factors == {"aluminium", "copper"}
    chosen = set(tables.frame("deck_choice")["product_id"])
    assert set(by_factor["exchange_product_id"]) <= chosen
    assert not factors & chosen
    for row in tables.frame("exchange_factor").to_dicts():
        assert spread_of(row).mean < 1


def test_what_is_unpriced_says_why_and_what_is_quoted_is_chosen(tables):
    products = tables.frame("product")
    assert products.filter(pl.col("price_rule") == "unpriced")["note"].null_count() == 0
    quoted = set(products.filter(pl.col("price_rule") == "quoted")["product_id"])
    for deck_id in DECKS:
        chosen = tables.frame("deck_choice").filter(pl.col("deck_id") == deck_id)["product_id"]
        assert set(chosen) == quoted


def test_correlations_of_all_factor_pairs_form_a_correlation_matrix(tables):
    factors = sorted(tables.frame("volatility")["factor_id"])
    rows = tables.frame("factor_correlation").to_dicts()
    pairs = {frozenset((r["factor_a"], r["factor_b"])): r["value"] for r in rows}
    assert len(pairs) == len(rows) == len(factors) * (len(factors) - 1) // 2
    matrix = np.array([[pairs.get(frozenset((a, b)), 1.0) for b in factors] for a in factors])
    assert np.linalg.eigvalsh(matrix).min() > 0.1


def test_board_terms_pay_less_than_all_and_charge_for_the_lot(tables):
    terms = {(r["term"], r["element"]): r for r in tables.frame("board_term").to_dicts()}
    assert set(terms) == {
        ("payable", "cu"),
        ("payable", "au"),
        ("payable", "ag"),
        ("payable", "pd"),
        ("treatment_charge", "*"),
    }
    for (term, _), row in terms.items():
        assert spread_of(row).mean < 1 if term == "payable" else row["unit"] == "USD/t"


def test_exchange_rates_agree_with_the_pairs_they_come_from(tables):
    rates = dict(tables.frame("fx").select("observed_on", "value").iter_rows())
    assert rates[datetime.date(2026, 2, 18)] * 850 == pytest.approx(123, abs=0.001)
    assert rates[datetime.date(2025, 8, 26)] * 632 == pytest.approx(88, abs=0.001)


def test_assumed_rows_have_an_owner_and_a_review_date(tables):
    for name in (
        "price",
        "fx",
        "volatility",
        "factor_correlation",
        "exchange_factor",
        "board_term",
    ):
        for row in tables.frame(name).filter(pl.col("basis") == "assumed").to_dicts():
            assert row["owner"], row
            assert row["review_on"] is not None, row
