"""The deck sees nothing of the future, mixes no basis in silence, and lets spread grow with age."""

import math
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from valuation.errors import SettingsError
from valuation.price import price_deck, price_rows
from valuation.tables import load_tables
from valuation.uncertain import CI90_WIDTH, Source

AS_OF = date(2026, 3, 1)


@pytest.fixture(scope="module")
def tables():
    return load_tables()


def deck_of(tables, deck_id="china-net", as_of=AS_OF, draws=2000):
    return price_deck(tables, deck_id, as_of, Source(1, draws))


def test_neodymium_praseodymium_oxide_by_hand(tables):
    # 850,000 CNY/t including 13 % VAT, at the rate Reuters implied (123 USD/kg gross)
    quotation = deck_of(tables).quotations["ndpr_oxide"]
    assert quotation.observed_on == date(2026, 2, 18)
    assert quotation.usd_per_kg == pytest.approx(123 / 1.13, rel=0.002)
    assert quotation.row["vat_included"] is True


@pytest.mark.parametrize("as_of", [date(2025, 1, 20), date(2025, 7, 1), date(2026, 2, 12)])
@pytest.mark.parametrize(
    "deck_id",
    ["china-net", "fob-china", "cif-rotterdam", "us-floor-110", "low-2025", "stress-high"],
)
def test_no_deck_sees_the_future(tables, deck_id, as_of):
    deck = deck_of(tables, deck_id, as_of=as_of)
    assert deck.quotations or (deck_id, as_of.year, as_of.month) == ("us-floor-110", 2025, 1)
    for quotation in deck.quotations.values():
        assert quotation.observed_on <= as_of
        assert quotation.row["published_on"] <= as_of
        assert quotation.age_days == (as_of - quotation.observed_on).days


def test_a_pinned_deck_keeps_its_own_date_and_shows_its_age(tables):
    quotations = deck_of(tables, "low-2025", date(2026, 11, 22)).quotations
    assert max(q.observed_on for q in quotations.values()) <= date(2025, 4, 30)
    assert min(q.age_days for q in quotations.values()) > 500


def test_the_mean_price_does_not_drift_with_age_but_its_spread_grows(tables):
    young, old = (deck_of(tables, as_of=AS_OF + timedelta(days=d), draws=40_000) for d in (0, 730))
    for deck in (young, old):
        draws = deck.products["ndpr_oxide"].draws["mass"]
        assert draws.mean() == pytest.approx(deck.quotations["ndpr_oxide"].usd_per_kg, rel=0.01)
    sd = [float(np.log(d.products["ndpr_oxide"].draws["mass"]).std()) for d in (young, old)]
    quotation = old.quotations["ndpr_oxide"]
    quote_sd = math.log(quotation.high_usd_per_kg / quotation.low_usd_per_kg) / CI90_WIDTH
    years = (quotation.age_days + 120) / 365
    assert sd[1] == pytest.approx(math.sqrt(quote_sd**2 + 0.30**2 * years), rel=0.02)
    assert sd[0] < sd[1]


def test_light_rare_earths_move_together_and_precious_metals_do_not_follow(tables):
    products = deck_of(tables, draws=20_000).products
    log = {p: np.log(products[p].draws["mass"]) for p in ("nd_oxide", "ndpr_oxide", "gold")}
    assert np.corrcoef(log["nd_oxide"], log["ndpr_oxide"])[0, 1] > 0.9
    assert abs(np.corrcoef(log["ndpr_oxide"], log["gold"])[0, 1]) < 0.6


def test_mixed_oxide_is_worth_less_than_its_separated_oxides(tables):
    products = deck_of(tables).products
    assert products["mixed_oxide"].mean["nd"] < products["ndpr_oxide"].mean["mass"]
    ratio = products["mixed_oxide"].draws["dy"] / products["dy_oxide"].draws["mass"]
    assert ratio.min() >= 0.60 and ratio.max() <= 0.85


def test_scrap_is_never_priced_at_the_exchange(tables):
    deck = deck_of(tables)
    for product in ("aluminium", "copper"):
        exchange = deck.quotations[f"{product}-exchange"].usd_per_kg
        assert deck.products[product].mean["mass"] < exchange


def test_boards_pay_metals_less_the_treatment_charge(tables):
    boards = deck_of(tables).products["boards"]
    gold = deck_of(tables).quotations["gold"].usd_per_kg
    assert boards.mean["mass"] < 0 < boards.mean["cu"]
    assert 0.93 * gold <= boards.mean["au"] <= 0.97 * gold


def test_a_product_nobody_quotes_has_no_price_and_says_so(tables):
    products = deck_of(tables).products
    assert products["ndfeb_alloy"].missing and not products["ndfeb_alloy"].mean
    early = deck_of(tables, as_of=date(2024, 1, 2)).products["tb_oxide"]
    assert "by that date" in early.missing


def test_an_old_price_is_a_warning_that_names_its_date(tables):
    assert not deck_of(tables, as_of=date(2024, 1, 2)).warnings
    (warning,) = deck_of(tables, as_of=date(2026, 11, 22)).warnings
    assert "older than 30 days" in warning


def test_the_floor_is_a_scenario_of_its_own(tables):
    floor = deck_of(tables, "us-floor-110").quotations["ndpr_oxide"]
    assert floor.usd_per_kg == pytest.approx(110)
    assert floor.row["price_basis"] == "us-floor"


def test_an_unknown_deck_offers_the_nearest(tables):
    with pytest.raises(SettingsError, match="china-net"):
        deck_of(tables, "china-nett")


def test_every_price_row_tells_its_conversion_and_source(tables):
    rows = price_rows(deck_of(tables))
    assert rows.filter(pl.any_horizontal(pl.col("conversion", "source_id").is_null())).is_empty()
    ndpr = rows.filter(pl.col("product_id") == "ndpr_oxide")["conversion"].item()
    assert "1.13 (VAT)" in ndpr and "USD/CNY" in ndpr


def test_the_version_follows_what_the_deck_read(tables):
    first, again = deck_of(tables), deck_of(tables)
    assert first.version == again.version
    assert first.version != deck_of(tables, as_of=date(2025, 7, 1)).version


def test_a_price_almost_nothing_was_traded_at_is_not_used(tables):
    for deck_id in tables.frame("deck").filter(~pl.col("takes_asks"))["deck_id"]:
        for quotation in deck_of(tables, deck_id, date(2026, 11, 22)).quotations.values():
            assert quotation.row["volume_backed"]


def test_the_stress_deck_takes_asks_and_says_so_loudly(tables):
    deck = deck_of(tables, "stress-high", date(2026, 11, 22))
    asks = {p for p, q in deck.quotations.items() if q.row["volume_backed"] is False}
    assert asks == {"dy_oxide", "tb_oxide", "gold"}
    assert "STRESS TEST, NOT AN OFFER" in deck.warnings[0]
    assert all(product in deck.warnings[0] for product in asks)
    # the European ask of December 2025 and the record of January 2026, as told
    assert deck.quotations["dy_oxide"].usd_per_kg == 1100
    assert deck.quotations["gold"].row["mid"] == 5600


def test_the_stress_deck_pays_more_than_the_default_for_all_that_is_mined_or_refined(tables):
    high, usual = (deck_of(tables, d, date(2026, 11, 22)) for d in ("stress-high", "china-net"))
    for product, quotation in high.quotations.items():
        assert quotation.usd_per_kg >= usual.quotations[product].usd_per_kg, product


def test_no_other_deck_warns_of_asks(tables):
    for deck_id in tables.frame("deck").filter(~pl.col("takes_asks"))["deck_id"]:
        assert not any("STRESS" in w for w in deck_of(tables, deck_id).warnings)


DECK_HEADER = "product_id,price_basis,vat_included,currency,unit,low,mid,high,observed_on\n"


def own_deck(tmp_path, *rows, header=DECK_HEADER):
    path = tmp_path / "ours.csv"
    path.write_text(header + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return str(path)


def test_a_deck_of_ones_own_replaces_the_prices_it_gives_and_says_what_it_lacks(tables, tmp_path):
    path = own_deck(tmp_path, "ndpr_oxide,delivered-us,false,USD,kg,95,100,105,2026-02-20")
    deck = deck_of(tables, path)
    assert deck.deck_id == "ours"
    assert deck.quotations["ndpr_oxide"].usd_per_kg == 100
    assert deck.quotations["gold"].usd_per_kg == deck_of(tables).quotations["gold"].usd_per_kg
    assert any("gives no price of" in w and "gold" in w for w in deck.warnings)


def test_tax_in_a_deck_of_ones_own_is_taken_out(tables, tmp_path):
    path = own_deck(tmp_path, "ndpr_oxide,china,true,USD,kg,,113,,2026-02-20")
    assert deck_of(tables, path).quotations["ndpr_oxide"].usd_per_kg == pytest.approx(100)


def test_a_deck_of_ones_own_does_not_see_the_future_either(tables, tmp_path):
    path = own_deck(
        tmp_path,
        "ndpr_oxide,us,false,USD,kg,,100,,2026-02-20",
        "ndpr_oxide,us,false,USD,kg,,200,,2026-09-01",
    )
    assert deck_of(tables, path).quotations["ndpr_oxide"].usd_per_kg == 100


@pytest.mark.parametrize(
    ("row", "match"),
    [
        ("ndpr_oxid,us,false,USD,kg,,100,,2026-02-20", "row 2, column product_id.*ndpr_oxide"),
        ("ndpr_oxide,us,,USD,kg,,100,,2026-02-20", "row 2, column vat_included"),
        ("ndpr_oxide,us,perhaps,USD,kg,,100,,2026-02-20", "neither true nor false"),
        ("ndpr_oxide,,false,USD,kg,,100,,2026-02-20", "column price_basis"),
        ("ndpr_oxide,us,false,USD,stone,,100,,2026-02-20", "no unit of a price"),
        ("ndpr_oxide,us,false,USD,kg,,many,,2026-02-20", "column mid.*no number"),
        ("ndpr_oxide,us,false,USD,kg,110,100,120,2026-02-20", "between low and high"),
        ("ndpr_oxide,us,false,USD,kg,,100,,20/02/2026", "column observed_on.*no date"),
        ("ndpr_oxide,us,false,ZWL,kg,,100,,2026-02-20", "column currency.*ZWL"),
        ("ndpr_oxide,us,false,USD,kg,,100,,2027-02-20", "no price known on"),
    ],
)
def test_a_broken_deck_is_refused_by_file_row_and_column(tables, tmp_path, row, match):
    with pytest.raises(SettingsError, match=match):
        deck_of(tables, own_deck(tmp_path, row))


def test_a_deck_file_without_a_needed_column_names_it(tables, tmp_path):
    path = own_deck(tmp_path, header="product_id,mid\n")
    with pytest.raises(SettingsError, match="no column price_basis"):
        deck_of(tables, path)


def test_a_missing_deck_file_is_named(tables, tmp_path):
    with pytest.raises(SettingsError, match=r"nowhere\.csv cannot be read"):
        deck_of(tables, str(tmp_path / "nowhere.csv"))


def test_two_bases_of_one_product_on_one_day_are_refused_by_row(tables, tmp_path):
    path = own_deck(
        tmp_path,
        "ndpr_oxide,fob,false,USD,kg,,5,,2026-02-20",
        "ndpr_oxide,cif,false,USD,kg,,50,,2026-02-20",
    )
    with pytest.raises(SettingsError, match="row 3: ndpr_oxide has a price of that day"):
        deck_of(tables, path)
