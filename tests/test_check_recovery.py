"""Faults of routes, costs, shares and forms, one by one: each is refused with file, row, column."""

from dataclasses import replace

import pytest

from tests.test_check import damage, folder
from valuation.check import RULES, check_tables
from valuation.check import forms as form_rules
from valuation.check import recovery as recovery_rules
from valuation.check import routes as route_rules
from valuation.check.sheet import Row, read_sheet
from valuation.check.structure import check_cells
from valuation.tables import load_tables

__all__ = ["folder"]
NAMES = (
    "route", "route_step", "capture", "cost", "route_product", "material_element",
    "material_share", "step_form", "form_share",
)  # fmt: skip
PULLED = ("dismantle-voice-coil", "voice_coil")
SKIPPED, INSTEAD = ("module", "board-sale"), ("shredded", "shred-sort")
COIL = ("module", "hdd", "voice_coil")

FAULTS = [
    # a spread that can leave 0 to 1: the rest of a draw would be below nothing
    ("capture", PULLED, "spread_kind", "ci90_lognormal", "the rest would not close"),
    ("route_product", ("hpms-us", "steel"), "spread_kind", "sd_normal", "would not close"),
    # more moved on than there is
    ("capture", PULLED, "high", "1.2", "is above 1"),
    # per kilogram, said per piece; per lot, said per kilogram
    ("cost", ("pickup-freight", "pickup-haul"), "unit", "USD/unit", "should be USD/kg"),
    ("cost", ("pickup-freight", "pickup-callout"), "unit", "USD/kg", "should be USD/lot"),
    # a kind beside a cost that counts no pieces
    ("cost", ("pickup-freight", "pickup-haul"), "unit_kind", "hdd", "not per piece"),
    # per kg of oxide where none is made, per kg of magnet where none passes, of nothing named
    ("cost", ("shred-sort", "shred-sort-line"), "denominator", "kg_oxide_out", "read as free"),
    ("cost", ("board-sale", "board-freight"), "denominator", "kg_bare_magnet", "read as free"),
    ("cost", ("pickup-freight", "pickup-haul"), "denominator", "kg_step_feed", "read as free"),
    # capital twice
    ("cost", ("ionic-hydromet", "ionic-operating"), "includes_capital", "true", "paid twice"),
    # a form nobody knows, a step no route takes
    ("step_form", SKIPPED, "form", "crushed", "is not one of"),
    ("step_form", SKIPPED, "step_id", "board-trade", "is in no route"),
    # skipped without a reason, instead without what or by whom
    ("step_form", SKIPPED, "reason", "", "does not act as it is"),
    ("step_form", INSTEAD, "instead_title", "", "where another process acts instead"),
    ("step_form", SKIPPED, "instead_step_id", "sort-shredded", "another process acts instead"),
    ("step_form", INSTEAD, "instead_step_id", "sort-by-hand", "has no cost and no row"),
    # more of a stream than there is, of a kind and a stream nobody knows
    ("form_share", COIL, "value", "1.5", "is no share between 0 and 1"),
    ("form_share", COIL, "kind", "harddisk", "is no kind"),
    ("form_share", COIL, "stream", "coil", "is no stream"),
    # a sea that nobody pays to cross
    ("route_step", ("ionic-belfast", "7"), "step_id", "yoke-removal", "no cost of freight"),
]


@pytest.fixture(scope="module")
def book(tables):
    """The shipped tables of recovery, as text."""
    sheets = {}
    for name in NAMES:
        resource = tables.resource(name)
        text = (tables.directory / resource["path"]).read_text(encoding="utf-8")
        sheets[name], faults = read_sheet(resource, text)
        assert not faults
    return sheets


def row_of(sheet, key):
    """The first row whose first cells are the key."""
    return next(r for r in sheet.rows if tuple(r.cells.values())[: len(key)] == key)


def with_cell(book, table, key, column, value):
    sheet = book[table]
    bad = row_of(sheet, key)
    rows = tuple(Row(r.number, {**r.cells, column: value}) if r is bad else r for r in sheet.rows)
    return book | {table: replace(sheet, rows=rows)}


def without(book, table, drop):
    rows = tuple(row for row in book[table].rows if not drop(row))
    assert len(rows) < len(book[table].rows)
    return book | {table: replace(book[table], rows=rows)}


def problems(book):
    found = [problem for sheet in book.values() for problem in check_cells(sheet)]
    for rule in (
        route_rules.check_routes,
        route_rules.check_steps,
        form_rules.check_forms,
        form_rules.check_form_chains,
        form_rules.check_form_shares,
        recovery_rules.check_freight,
        recovery_rules.check_shares,
        recovery_rules.check_costs,
    ):
        assert any(rule is named for named, _ in RULES)
        found += rule(book)
    return found


def test_the_shipped_rows_have_none_of_these_faults(book):
    assert problems(book) == []


@pytest.mark.parametrize(("table", "key", "column", "value", "reason"), FAULTS)
def test_a_fault_is_refused_with_file_row_column_and_reason(
    book, table, key, column, value, reason
):
    number = row_of(book[table], key).number
    found = [p for p in problems(with_cell(book, table, key, column, value)) if reason in p.reason]
    places = [(p.file, p.row, p.column) for p in found]
    seen = "country" if reason == "no cost of freight" else column
    assert (book[table].file, number, seen) in places


def test_a_step_without_a_cost_or_unknown_is_refused(book):
    found = problems(without(book, "cost", lambda row: row["step_id"] == "yoke-removal"))
    missed = [p for p in found if "has no cost and no row" in p.reason]
    assert {(p.file, p.column, p.value) for p in missed} == {
        ("recovery/route_step.csv", "step_id", "yoke-removal")
    }


def test_a_route_without_a_capture_for_a_location_is_refused(book):
    found = problems(without(book, "capture", lambda row: row["step_id"] == "alta-separation"))
    wanted = "leaves nd, pr, dy, tb, fe, co, mass, bare_mass of the stream voice_coil undecided"
    assert ("recovery/route.csv", "route_id", "korea-zinc-us") in [
        (p.file, p.column, p.value) for p in found if wanted in p.reason
    ]


def test_a_route_without_freight_to_begin_with_is_refused(book):
    def is_pickup(row):
        return row["step_id"] == "pickup-freight" and row["cost_kind"] == "freight"

    found = [p for p in problems(without(book, "cost", is_pickup)) if "begins a route" in p.reason]
    assert len(found) == 7 and {p.value for p in found} == {"pickup-freight"}


def test_a_form_that_a_step_says_nothing_of_is_refused(book):
    key = ("shredded", "yoke-removal")
    damaged = without(book, "step_form", lambda row: (row["form"], row["step_id"]) == key)
    reason = "no row says what yoke-removal does with a lot in form shredded"
    assert reason in [p.reason for p in problems(damaged)]


def test_a_chain_that_a_form_leaves_open_is_refused(book):
    key = ("sort-shredded", "board", "*")
    damaged = without(
        book, "capture", lambda row: (row["step_id"], row["stream"], row["element"]) == key
    )
    wanted = "of the stream board of a lot in form shredded undecided at its end"
    assert any(wanted in p.reason for p in problems(damaged))


@pytest.mark.parametrize(
    ("route_id", "product_id", "reason"),
    [
        # made of one form alone
        ("ionic-belfast", "magnet_pieces", "yields magnet_pieces of a lot in form shredded"),
        # what a step does not keep, and is sold
        ("hpms-us", "ndfeb_alloy", "yields ndfeb_alloy, which has no row"),
    ],
)
def test_every_product_is_paid_or_said_not_to_be(book, route_id, product_id, reason):
    damaged = without(
        book,
        "route_product",
        lambda row: (row["route_id"], row["product_id"]) == (route_id, product_id),
    )
    assert any(reason in p.reason for p in problems(damaged))


def test_the_check_of_a_folder_finds_them_in_one_pass(folder):
    damage(folder, "recovery/capture.csv", PULLED, "spread_kind", "ci90_lognormal")
    damage(folder, "recovery/step_form.csv", SKIPPED, "reason", "")
    damage(folder, "content/form_share.csv", COIL, "kind", "harddisk")
    texts = [str(problem) for problem in check_tables(load_tables(folder))]
    for words in ("the rest would not close", "does not act as it is", "is no kind of the model"):
        assert any(words in text for text in texts)
