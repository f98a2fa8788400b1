"""Validation: what the model says of published cases, and how far its figures can be trusted.

Every case goes through the same stages as a customer's lot. Its being inside is claimed for
hold-outs only; a case that falls outside is shown as outside.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from valuation.content.library import ContentLibrary, load_library
from valuation.price import price_deck
from valuation.recovery import plan_recovery
from valuation.tables import Tables
from valuation.uncertain import Source
from valuation.validate.cases import Case, read_cases
from valuation.validate.lots import case_content
from valuation.validate.quantities import Bench, Figures, entering, measured
from valuation.value import Terms

__all__ = ["Case", "CaseResult", "read_cases", "validate_cases"]

BY_CONSTRUCTION = "reproduced by construction"
NOT_CLAIMED = "not claimed: "


@dataclass(frozen=True)
class CaseResult:
    """A case and what the model says of it.

    Attributes:
        inside: Whether P10-P90 holds what was published; None where that is not claimed.
        reason: What the answer rests on, or why nothing is claimed.
    """

    case: Case
    figures: Figures
    inside: bool | None
    reason: str

    def as_dict(self) -> dict[str, Any]:
        """The object `validate --json` prints."""
        row = self.case.row
        names = ("case_id", "title", "role", "quantity", "unit", "boundary", "making_loss")
        published = ("published", "published_low", "published_high", "published_basis")
        return {
            **{name: row[name] for name in names},
            "source": row["source_id"],
            "locator": row["locator"],
            "input": self.case.input_text,
            **{name: row[name] for name in published},
            "mean": self.figures.mean,
            "p10": self.figures.p10,
            "p90": self.figures.p90,
            "standard_error": self.figures.standard_error,
            "inside": self.inside,
            "reason": self.reason,
            "groups_left_out": list(self.case.groups_left_out),
            "note": row["note"],
        }


def validate_cases(tables: Tables, source: Source, deck_id: str, as_of: date) -> list[CaseResult]:
    """Every published case, run through the stages.

    Args:
        tables: Reference data.
        source: Seed and number of draws.
        deck_id: Prices of the cases about money.
        as_of: Day whose prices are used.

    Raises:
        TableError: Reference data that breaks its description.
        SettingsError: A deck that cannot be read.
    """
    deck = price_deck(tables, deck_id, as_of, source)
    terms = Terms.of(tables, None)
    libraries: dict[tuple[str, ...], ContentLibrary] = {}
    results = []
    for case in read_cases(tables):
        groups = case.groups_left_out
        if groups not in libraries:
            libraries[groups] = library_without(tables, groups)
        library = libraries[groups]
        chunk = case_content(case, library, source)
        plan = None
        if case["route_id"]:
            (plan,) = plan_recovery(tables, library.series, (case["route_id"],), None)
            plan = entering(plan, case["step_id"])
        figures = measured(Bench(case, chunk, plan, tables, deck, terms, source))
        results.append(CaseResult(case, figures, *judge(case, figures)))
    return results


def library_without(tables: Tables, groups: tuple[str, ...]) -> ContentLibrary:
    """The content library, fitted without some research groups."""
    return load_library(tables)


def judge(case: Case, figures: Figures) -> tuple[bool | None, str]:
    """Whether a case is inside, where that is claimed, and the reason in words."""
    if not case.is_holdout:
        if case["not_claimed"]:
            return None, NOT_CLAIMED + case["not_claimed"]
        return None, BY_CONSTRUCTION
    if figures.p10 is None or figures.p90 is None:
        return None, NOT_CLAIMED + "the model has no number for it"
    left_out = " and ".join(case.groups_left_out)
    basis = f"fitted without {left_out}" if left_out else "no row of the model is from its source"
    inside = case.is_inside(figures.p10, figures.p90)
    return inside, f"{'inside' if inside else 'OUTSIDE'}: {basis}"
