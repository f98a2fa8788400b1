"""Faults put into the published cases, one by one: each is found and named by its cell."""

import pytest

from valuation.check import content, validation
from valuation.check.sheet import read_sheet

CASES, MIX = "validation_case", "case_mix"


@pytest.fixture(scope="module")
def shipped(tables):
    """Every table, as the check reads it."""
    book = {}
    for resource in tables.description["resources"]:
        text = (tables.directory / resource["path"]).read_text(encoding="utf-8")
        book[resource["name"]], _ = read_sheet(resource, text)
    return book


def damaged(book, table, key, **cells):
    """The same tables with some cells of the first row of a key changed."""
    sheet = book[table]
    rows = list(sheet.rows)
    first = sheet.columns[0]
    place = next(i for i, row in enumerate(rows) if row[first] == key)
    rows[place] = type(rows[place])(rows[place].number, {**rows[place].cells, **cells})
    return {**book, table: type(sheet)(sheet.resource, tuple(rows))}, rows[place].number


def problems_of(book):
    return [*validation.check_cases(book), *validation.check_roles(book)]


def test_the_shipped_cases_are_sound(shipped):
    assert problems_of(shipped) == []


CELL_FAULTS = [
    # a mix nobody described
    ("adamas-2015", {"mix_id": "drives-sold-2051"}, "mix_id", "has no row in validation/case_mix"),
    # a route, and a step of another route
    ("pilot-recovery", {"route_id": "adr"}, "route_id", "is no route"),
    ("ionic-commercial", {"step_id": "adr-dissolution"}, "step_id", "is no step of ionic-belfast"),
    ("habibzadeh-rare-earths", {"form": ""}, "step_id", "is no step of ionic-belfast"),
    # what the quantity cannot do without
    ("pilot-recovery", {"route_id": ""}, "route_id", "is needed where recovery is compared"),
    ("denmark-nd", {"element": ""}, "element", "is needed where element_share is compared"),
    ("hypromag-magnets", {"product_id": ""}, "product_id", "is needed where product is compared"),
    ("habibzadeh-gold", {"stream": ""}, "stream", "is needed where capture is compared"),
    # nothing published, a figure beside a range, a range upside down
    ("adamas-2015", {"published": ""}, "published", "or both ends of the published range"),
    ("adamas-2015", {"published_low": "10"}, "published_low", "beside a published figure"),
    ("sprecher-2014-steel", {"published_low": "0.2"}, "published_low", "is not below 0.1"),
    # a hold-out of which nothing is claimed, and one whose source is in the model
    ("adamas-2015", {"not_claimed": "who knows"}, "not_claimed", "of which inside is claimed"),
    ("birmingham-100-drives", {"groups_left_out": ""}, "role", "from birmingham-wrap-2012"),
    ("chowdhury-2021-swarf", {"role": "holdout", "not_claimed": ""}, "role", "table capture"),
    # a group nobody measured in, and one left out of no fit
    ("denmark-nd", {"groups_left_out": "sdu"}, "groups_left_out", "names `sdu`"),
    ("ionic-commercial", {"groups_left_out": "birmingham"}, "groups_left_out", "hold-outs only"),
    # an input nothing is taken from
    ("seagate-returns-2023", {"role": "input"}, "role", "no row is from seagate-2023"),
]


@pytest.mark.parametrize(("case_id", "cells", "column", "reason"), CELL_FAULTS)
def test_a_damaged_case_is_named_by_row_and_column(shipped, case_id, cells, column, reason):
    book, number = damaged(shipped, CASES, case_id, **cells)
    found = [p for p in problems_of(book) if p.row == number and p.column == column]
    assert len(found) == 1 and reason in str(found[0])
    assert found[0].file == "validation/cases.csv"


def test_a_mix_of_no_case_and_a_mix_that_does_not_close_are_found(shipped):
    book, number = damaged(shipped, MIX, "desktop-to-2012", mix_id="desktops")
    (problem,) = [p for p in problems_of(book) if p.file == "validation/case_mix.csv"]
    assert (problem.row, problem.column) == (number, "mix_id")
    book, _ = damaged(shipped, MIX, "pilot-as-sent", value="0.9")
    found = [str(p) for p in content.check_shares(book)]
    assert len(found) == 1 and "pilot-as-sent" in found[0]
