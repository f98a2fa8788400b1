"""Decks of one's own are appended to and never overwritten; shipped ones stay as they are."""

import datetime
import multiprocessing

import pytest

from valuation.decks import add_deck, list_decks, show_deck
from valuation.errors import OutputBusy, OutputError, SettingsError, UsageError
from valuation.price import price_deck
from valuation.store import held
from valuation.uncertain import Source

TODAY = datetime.date(2026, 11, 22)
HEADER = "product_id,price_basis,vat_included,currency,unit,low,mid,high,observed_on\n"
NDPR = "ndpr_oxide,us-delivered,false,USD,kg,95,100,105,2026-10-20\n"
DY = "dy_oxide,us-delivered,false,USD,kg,,400,,2026-10-20\n"


@pytest.fixture
def given(tmp_path):
    """Writes a deck file of some rows."""

    def write(*rows, name="ours.csv", header=HEADER):
        path = tmp_path / name
        path.write_text(header + "".join(rows), encoding="utf-8")
        return path

    return write


@pytest.fixture
def kept(tmp_path):
    return tmp_path / "data" / "decks"


def test_a_deck_that_was_added_is_found_by_its_id_and_prices_what_it_gives(tables, given, kept):
    added = add_deck(tables, given(NDPR, DY), kept, TODAY)
    assert (added.deck_id, added.added, added.known, added.prices) == ("ours", 2, 0, 2)
    deck = price_deck(tables, "ours", TODAY, Source(1, 2), kept)
    assert deck.deck_id == "ours"
    assert deck.quotations["ndpr_oxide"].usd_per_kg == 100
    usual = price_deck(tables, "china-net", TODAY, Source(1, 2), kept)
    assert deck.quotations["gold"].usd_per_kg == usual.quotations["gold"].usd_per_kg


def test_the_same_rows_again_change_no_byte(tables, given, kept):
    path = add_deck(tables, given(NDPR, DY), kept, TODAY).path
    before = path.read_bytes()
    again = add_deck(tables, given(DY, NDPR), kept, TODAY)
    assert (again.added, again.known, again.prices) == (0, 2, 2)
    assert path.read_bytes() == before


def test_a_later_price_is_appended_and_an_earlier_day_still_sees_the_earlier_one(
    tables, given, kept
):
    add_deck(tables, given(NDPR), kept, TODAY)
    later = NDPR.replace("95,100,105,2026-10-20", "110,120,130,2026-11-10")
    added = add_deck(tables, given(later, DY), kept, TODAY)
    assert (added.added, added.prices) == (2, 3)
    for as_of, usd in ((TODAY, 120), (datetime.date(2026, 11, 9), 100)):
        deck = price_deck(tables, "ours", as_of, Source(1, 2), kept)
        assert deck.quotations["ndpr_oxide"].usd_per_kg == usd


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        (",100,", ",101,", "mid"),
        ("us-delivered", "fob-china", "price_basis"),
        ("false", "true", "vat_included"),
        (",105,", ",106,", "high"),
    ],
)
def test_another_price_of_the_same_product_and_day_is_refused_by_cell(
    tables, given, kept, old, new, column
):
    path = add_deck(tables, given(DY, NDPR), kept, TODAY).path
    before = path.read_bytes()
    with pytest.raises(SettingsError, match=rf"ours\.csv, row 3, column {column}: .*overwritten"):
        add_deck(tables, given(DY, NDPR.replace(old, new)), kept, TODAY)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("row", "match"),
    [
        (NDPR.replace("us-delivered", ""), "row 2, column price_basis"),
        (NDPR.replace("false", ""), "row 2, column vat_included"),
        (NDPR.replace("ndpr_oxide", "ndpr"), "row 2, column product_id"),
        (NDPR.replace("USD", "ZWL"), "row 2, column currency"),
        (NDPR.replace("2026-10-20", "20.10.2026"), "row 2, column observed_on"),
    ],
)
def test_what_deck_file_refuses_add_refuses_and_keeps_nothing(tables, given, kept, row, match):
    with pytest.raises(SettingsError, match=match):
        add_deck(tables, given(row), kept, TODAY)
    assert not list(kept.glob("*")) if kept.exists() else True


def test_a_price_printed_before_its_day_is_refused(tables, given, kept):
    header = HEADER.replace("\n", ",published_on\n")
    row = NDPR.replace("\n", ",2026-10-19\n")
    with pytest.raises(SettingsError, match="row 2, column published_on"):
        add_deck(tables, given(row, header=header), kept, TODAY)


@pytest.mark.parametrize("name", ["china-net", "China-Net", "stress-high"])
def test_a_shipped_deck_is_not_added_to(tables, given, kept, name):
    with pytest.raises(UsageError, match="comes with the program"):
        add_deck(tables, given(NDPR), kept, TODAY, name)


@pytest.mark.parametrize("name", ["", "../x", "a b", ".hidden", "x.csv", "x/y", "a" * 65])
def test_a_name_that_is_no_file_name_is_refused(tables, given, kept, name):
    with pytest.raises(UsageError, match="cannot name a deck"):
        add_deck(tables, given(NDPR), kept, TODAY, name)


def test_the_name_of_the_file_has_to_do_or_another_be_given(tables, given, kept):
    path = given(NDPR, name="our prices.csv")
    with pytest.raises(UsageError, match="--name"):
        add_deck(tables, path, kept, TODAY)
    assert add_deck(tables, path, kept, TODAY, "our-prices").deck_id == "our-prices"


def test_a_fault_while_writing_leaves_the_earlier_deck(tables, given, kept, monkeypatch):
    path = add_deck(tables, given(NDPR), kept, TODAY).path
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("valuation.decks.put_in_place", full)
    with pytest.raises(OutputError, match="No space left"):
        add_deck(tables, given(DY), kept, TODAY)
    assert path.read_bytes() == before
    assert [p.name for p in kept.iterdir()] == ["ours.csv"]


def _hold(path, holding, done):
    with held(path):
        holding.set()
        done.wait(30)


def test_two_processes_do_not_add_at_once(tables, given, kept):
    context = multiprocessing.get_context("spawn")
    holding, done = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(kept / "ours.csv", holding, done))
    other.start()
    try:
        assert holding.wait(30)
        with pytest.raises(OutputBusy, match="Another process"):
            add_deck(tables, given(NDPR), kept, TODAY)
    finally:
        done.set()
        other.join()


def test_decks_are_listed_with_whose_they_are_and_what_they_know(tables, given, kept):
    add_deck(tables, given(NDPR, DY), kept, TODAY)
    rows = {row["deck_id"]: row for row in list_decks(tables, kept, TODAY)}
    assert [d for d, r in rows.items() if r["origin"] == "own"] == ["ours"]
    assert len(rows) == 7
    assert [d for d, r in rows.items() if r["is_default"]] == ["china-net"]
    assert [d for d, r in rows.items() if r["takes_asks"]] == ["stress-high"]
    assert rows["ours"]["prices"] == 2
    assert rows["low-2025"]["newest_on"] == datetime.date(2025, 4, 30)


def test_a_deck_that_became_unreadable_is_listed_with_the_reason(tables, given, kept):
    path = add_deck(tables, given(NDPR), kept, TODAY).path
    path.write_text("product_id,mid\n", encoding="utf-8")
    (row,) = [r for r in list_decks(tables, kept, TODAY) if r["origin"] == "own"]
    assert row["prices"] is None
    assert "no column price_basis" in row["error"]
    with pytest.raises(SettingsError, match="no column price_basis"):
        add_deck(tables, given(DY), kept, TODAY)


def test_every_product_of_a_shown_deck_has_a_price_a_rule_or_a_reason(tables, kept):
    for deck_id in tables.frame("deck")["deck_id"]:
        shown = show_deck(tables, deck_id, kept, TODAY)
        quoted, ruled, without = (
            {row["product_id"] for row in shown[name]}
            for name in ("prices", "by_rule", "without_price")
        )
        assert not quoted & ruled and not quoted & without and not ruled & without
        assert {"ndpr_oxide", "dy_oxide", "gold", "steel"} <= quoted
        assert {"boards", "mixed_oxide", "aluminium", "copper"} == ruled
        assert all(row["reason"] for row in shown["without_price"])
        assert all(row["conversion"] and row["source_id"] for row in shown["prices"])


def test_a_shown_deck_is_what_a_run_would_use(tables, kept):
    shown = show_deck(tables, "china-net", kept, TODAY)
    deck = price_deck(tables, "china-net", TODAY, Source(7, 50))
    assert shown["version"] == deck.version
    (boards,) = [row for row in shown["by_rule"] if row["product_id"] == "boards"]
    assert boards["usd_per_kg"] == dict(deck.products["boards"].mean)


def test_an_unknown_deck_offers_ones_own(tables, given, kept):
    add_deck(tables, given(NDPR), kept, TODAY, "our-prices")
    with pytest.raises(SettingsError, match="our-prices"):
        show_deck(tables, "our-price", kept, TODAY)
