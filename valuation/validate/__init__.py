"""Validation: what the model says of published cases, and how far its figures can be trusted.

Every case goes through the same stages as a customer's lot. Its being inside is claimed for
hold-outs only; a case that falls outside is shown as outside.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from valuation.content.library import ContentLibrary, load_library
from valuation.content.model.fitting import fit_content
from valuation.content.model.parameters import DIRECTORY, read_card, stored_model
from valuation.price import price_deck
from valuation.recovery import known_routes, plan_recovery
from valuation.settings import Settings
from valuation.shapes import BatchContent, Plan
from valuation.tables import Tables
from valuation.uncertain import Source
from valuation.units import FORMS, WHOLE
from valuation.validate.calibration import calibration_card
from valuation.validate.cases import Case, read_cases
from valuation.validate.families import FamilySpread, family_spreads
from valuation.validate.lots import case_content
from valuation.validate.quantities import Bench, Figures, entering, measured
from valuation.value import Terms

__all__ = ["Case", "CaseResult", "Validation", "read_cases", "validate", "validate_cases"]

BY_CONSTRUCTION = "reproduced by construction"
NOT_CLAIMED = "not claimed: "


@dataclass(frozen=True)
class CaseResult:
    """A case and what the model says of it.

    Attributes:
        inside: Whether P10-P90 holds what was published; None where that is not claimed.
        reason: What the answer rests on, or why nothing is claimed.
        prior_rows: Rows that are fitted with all groups and keep their prior without those left
            out.
    """

    case: Case
    figures: Figures
    inside: bool | None
    reason: str
    prior_rows: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The object `validate --json` prints."""
        row = self.case.row
        names = ("case_id", "title", "role", "quantity", "unit", "form", "boundary", "making_loss")
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
            "prior_rows": list(self.prior_rows),
            "note": row["note"],
        }


@dataclass(frozen=True)
class Validation:
    """Everything `valuation validate` tells.

    Attributes:
        cases: Published cases.
        left_out: By quantity of the content model, each research group with the chance that the
            other groups give to less than it reads; and how many lie in P10-P90.
        calibration: Figures of the calibration of the arithmetic, with their card.
        families: Spread of lots of one and of many families.
    """

    settings: Settings
    data_version: str
    cases: list[CaseResult]
    left_out: dict[str, Any]
    calibration: dict[str, Any]
    families: list[FamilySpread]

    def as_dict(self) -> dict[str, Any]:
        """The object `validate --json` prints."""
        return {
            "data_version": self.data_version,
            "seed": self.settings.seed,
            "draws": self.settings.draws,
            "deck_id": self.settings.deck,
            "as_of": str(self.settings.as_of),
            "cases": [result.as_dict() for result in self.cases],
            "left_out": self.left_out,
            "calibration": self.calibration,
            "many_families": [spread.as_dict() for spread in self.families],
        }


def validate(tables: Tables, settings: Settings) -> Validation:
    """Face the published cases, and say how far the figures can be trusted.

    Args:
        tables: Reference data.
        settings: Seed, draws, deck and as-of date.

    Raises:
        TableError: Reference data that breaks its description.
        ModelError: The content model or the card of the calibration is missing or of other data.
        SettingsError: A deck that cannot be read.
    """
    source = Source(settings.seed, settings.draws)
    return Validation(
        settings,
        tables.version,
        validate_cases(tables, source, settings.deck, settings.as_of),
        left_out_groups(tables),
        calibration_card(tables),
        family_spreads(load_library(tables), source),
    )


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
    deck, terms = price_deck(tables, deck_id, as_of, source), Terms.of(tables, None)
    routes = known_routes(tables, ())
    libraries: dict[tuple[str, ...], tuple[ContentLibrary, dict[tuple[str, str], Plan]]] = {}
    lots: dict[object, BatchContent] = {}
    results = []
    for case in read_cases(tables):
        groups = case.groups_left_out
        if groups not in libraries:
            library = library_without(tables, groups)
            plans = plan_recovery(tables, library.series, routes, None, FORMS)
            libraries[groups] = library, {(p.route.route_id, p.form): p for p in plans}
        library, by_route = libraries[groups]
        lot = (groups, *(case[name] for name in ("mix_id", "amount", "amount_unit", "boundary")))
        if lot not in lots:
            lots[lot] = case_content(case, library, source)
        plan = by_route.get((case["route_id"], case["form"] or WHOLE))
        plan = entering(plan, case["step_id"]) if plan else None
        figures = measured(Bench(case, lots[lot], plan, tables, deck, terms, source))
        priors = _back_to_priors(tables, library) if groups else []
        results.append(CaseResult(case, figures, *judge(case, figures, priors), tuple(priors)))
    return results


def library_without(tables: Tables, groups: tuple[str, ...]) -> ContentLibrary:
    """The content library, fitted without some research groups; as stored when there are none."""
    return load_library(tables, fit_content(tables, groups) if groups else None)


def judge(case: Case, figures: Figures, priors: list[str]) -> tuple[bool | None, str]:
    """Whether a case is inside, where that is claimed, and the reason in words.

    Args:
        case: The case.
        figures: What the model says.
        priors: Rows that are fitted with all groups and keep their prior without those left out.
    """
    if not case.is_holdout:
        if case["not_claimed"]:
            return None, NOT_CLAIMED + case["not_claimed"]
        return None, BY_CONSTRUCTION
    if figures.p10 is None or figures.p90 is None:
        return None, NOT_CLAIMED + "the model has no number for it"
    inside = case.is_inside(figures.p10, figures.p90)
    basis = "no row of the model is from its source"
    if case.groups_left_out:
        basis = f"fitted without {' and '.join(case.groups_left_out)}"
    if priors:
        basis += (
            f"; {len(priors)} rows then keep their prior for want of evidence, and priors were "
            "judged with every source in view"
        )
    if not inside and case["note"]:
        basis += f". {case['note']}"
    return inside, f"{'inside' if inside else 'outside'}: {basis}"


def _back_to_priors(tables: Tables, library: ContentLibrary) -> list[str]:
    fitted = {(p.table_name, p.row_key) for p in stored_model(tables).parameters}
    kept = {(p.table_name, p.row_key) for p in library.model.parameters}
    return sorted(f"{table} {key}" for table, key in fitted - kept)


def left_out_groups(tables: Tables) -> dict[str, Any]:
    """Left-out sources as the card of the content model tells them, with every group's place.

    Raises:
        ModelError: There is no card, or it is none.
    """
    stored_model(tables)  # refuses a card of other data
    card = read_card(tables.models / DIRECTORY)
    chances = {
        name: {g["group_id"]: g["chance_below"] for g in quantity["groups"]}
        for name, quantity in card["quantities"].items()
    }
    titles = {name: quantity["title"] for name, quantity in card["quantities"].items()}
    return {**card["left_out"], "titles": titles, "chance_below": chances}
