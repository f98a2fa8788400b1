"""Checks the reference data: form, facts, content, routes and prices, all problems in one pass.

Rules read cells as text, so that one broken cell hides nothing else and every problem names file,
row, column and value.
"""

from collections.abc import Callable, Iterator

from valuation.check import (
    content,
    facts,
    forms,
    patterns,
    policies,
    pooling,
    recovery,
    routes,
    structure,
    validation,
)
from valuation.check.sheet import Book, Problem, Sheet, read_sheet
from valuation.tables import Tables

__all__ = ["Problem", "check_tables"]

Rule = Callable[[Book], Iterator[Problem]]

RULES: tuple[tuple[Rule, tuple[str, ...]], ...] = (
    (facts.check_facts, ()),
    (patterns.check_patterns, ("part_code",)),
    (content.check_classes, ("item_class", "gross_mass", "material_share", "bare_share")),
    (content.check_shares, ("material_share", "prior_mix", "material_element", "case_mix")),
    (content.check_magnets, ("magnet_mass", "magnet_spread", "ndfeb_share")),
    (content.check_room, ("magnet_mass", "gross_mass", "bare_share", "material_share")),
    (content.check_alloys, ("alloy",)),
    (content.check_hosts, ("host_content", "item_class")),
    (
        pooling.check_pooling,
        ("pooled_quantity", "pooling_error", "evidence", "measurement", "assumption"),
    ),
    (
        routes.check_routes,
        ("route", "route_step", "capture", "cost", "route_product", "material_element"),
    ),
    (routes.check_steps, ("capture", "cost", "route_step", "step_form")),
    (forms.check_forms, ("step_form", "route_step", "cost")),
    (
        forms.check_form_chains,
        (
            "step_form",
            "form_share",
            "route",
            "route_step",
            "capture",
            "route_product",
            "material_element",
        ),
    ),
    (forms.check_form_shares, ("form_share",)),
    (recovery.check_freight, ("route", "route_step", "cost")),
    (recovery.check_shares, ("capture", "route_product")),
    (recovery.check_costs, ("cost", "capture")),
    (policies.check_policies, ("policy", "route")),
    (policies.check_bearing, ("data_bearing",)),
    (routes.check_decks, ("product", "deck", "deck_choice", "price")),
    (routes.check_prices, ("price",)),
    (validation.check_cases, ("validation_case", "case_mix", "route_step", "step_form")),
    (validation.check_roles, ("validation_case", "measurement")),
)
"""Rules about meaning, each with the tables it cannot do without."""

KNOWN_COLUMNS = {"source_id": "sources", "item_class": "item_class", "product_id": "product"}
"""Columns that name rows of a table wherever they stand."""


def check_tables(tables: Tables) -> list[Problem]:
    """Everything that is wrong in a data folder, in order of file, row and column.

    A table that a rule needs and that is not described is a problem too, never a rule skipped in
    silence.
    """
    problems = list(structure.check_folder(tables.directory, tables.description["resources"]))
    book: dict[str, Sheet] = {}
    for resource in tables.description["resources"]:
        problems += structure.check_description(resource)
        path = tables.directory / resource["path"]
        if not path.is_file():
            continue  # reported by check_folder
        content_bytes = path.read_bytes()
        problems += structure.check_bytes(resource["path"], content_bytes)
        sheet, faults = read_sheet(resource, content_bytes.decode("utf-8-sig", errors="replace"))
        problems += faults
        book[sheet.name] = sheet
    for sheet in book.values():
        problems += _check_form(sheet, book)
    problems += content.check_elements(book, routes.SPECIAL_ELEMENTS)
    for rule, needed in RULES:
        absent = [name for name in needed if name not in book]
        if absent:
            reason = f"the table {', '.join(absent)} is missing, so `{rule.__name__}` cannot run"
            problems.append(Problem("datapackage.json", None, None, None, reason))
        else:
            problems += rule(book)
    return sorted(_first_of_each_cell(problems), key=_place)


def _check_form(sheet: Sheet, book: Book) -> Iterator[Problem]:
    yield from structure.check_cells(sheet)
    yield from structure.check_keys(sheet)
    yield from structure.check_references(sheet, book)
    for column, table in KNOWN_COLUMNS.items():
        yield from structure.check_known(sheet, book, column, table)


def _first_of_each_cell(problems: list[Problem]) -> list[Problem]:
    """A cell out of form is often out of meaning too: what was found first is enough."""
    found: dict[object, Problem] = {}
    for problem in problems:
        cell = (problem.file, problem.row, problem.column)
        found.setdefault(cell if problem.row and problem.column else problem, problem)
    return list(found.values())


def _place(problem: Problem) -> tuple[str, int, str, str]:
    return problem.file, problem.row or 0, problem.column or "", problem.reason
