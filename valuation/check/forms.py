"""Checks of the form lots arrive in: every step says what it does with it, every chain ends."""

from collections.abc import Iterator

from valuation.check.routes import chains_of, check_chain
from valuation.check.sheet import Book, Problem, Row
from valuation.shapes import STREAMS
from valuation.units import FORMS, KINDS, WHOLE


def check_forms(book: Book) -> Iterator[Problem]:
    """Each step of a route has a row for each form, and what acts instead has a cost."""
    sheet, steps = book["step_form"], book["route_step"]
    used = dict.fromkeys(row["step_id"] for row in steps.rows)
    costed = {row["step_id"] for row in book["cost"].rows}
    said = {(row["form"], row["step_id"]) for row in sheet.rows}
    for form in FORMS:
        for step_id in used:
            if form != WHOLE and (form, step_id) not in said:
                yield sheet.fault(f"no row says what {step_id} does with a lot in form {form}")
    for row in sheet.rows:
        if row["step_id"] not in used:
            yield sheet.problem(row, "step_id", "is in no route")
        instead = row["acts"] == "instead"
        for column in ("instead_step_id", "instead_title"):
            if bool(row[column]) != instead:
                reason = "is needed where another process acts instead, and nowhere else"
                yield sheet.problem(row, column, reason)
        if bool(row["reason"]) != (row["acts"] != "as_is"):
            reason = "is needed where the step does not act as it is, and nowhere else"
            yield sheet.problem(row, "reason", reason)
        if row["instead_step_id"] and row["instead_step_id"] not in costed:
            reason = "has no cost and no row that says the cost is unknown"
            yield sheet.problem(row, "instead_step_id", reason)


def check_form_chains(book: Book) -> Iterator[Problem]:
    """Follow what a lot in each form holds through every route, with the steps that act on it."""
    acts = {(row["form"], row["step_id"]): row for row in book["step_form"].rows}
    shares = book["form_share"].rows
    for form in FORMS:
        held = {row["stream"] for row in shares if row["form"] == form}
        if form == WHOLE:
            continue
        for route, step_ids in chains_of(book):
            chain = [_acting(acts.get((form, step_id)), step_id) for step_id in step_ids]
            yield from check_chain(
                book,
                route,
                [step_id for step_id in chain if step_id],
                [stream for stream in STREAMS if not held or stream in held],
                f" of a lot in form {form}",
            )


def check_form_shares(book: Book) -> Iterator[Problem]:
    """Shares name a kind and a stream there are, and lie between 0 and 1."""
    sheet = book["form_share"]
    for row in sheet.rows:
        if row["kind"] not in KINDS:
            yield sheet.problem(row, "kind", "is no kind of the model")
        if row["stream"] not in STREAMS:
            yield sheet.problem(row, "stream", "is no stream of the model")
        for column in ("value", "low", "high"):
            number = row.number_in(column)
            if number is not None and not 0 <= number <= 1:
                yield sheet.problem(row, column, "is no share between 0 and 1")


def _acting(row: Row | None, step_id: str) -> str:
    """The process that acts where a step stands in the chain; empty when none does."""
    if row is None or row["acts"] == "as_is":
        return step_id
    return row["instead_step_id"]
