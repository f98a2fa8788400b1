"""Identified: some items as rows, from their texts to what they are, why, and what is in them."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from valuation.frames import EVIDENCE, HOST_PARTS, IDENTITY
from valuation.identity.decide import Decision
from valuation.identity.hosts import described_parts
from valuation.identity.open_texts import decide_all, read_item
from valuation.identity.overrides import Overrides
from valuation.identity.pieces import pieces_in_text
from valuation.identity.reference import Reference
from valuation.identity.reviewed import Reviewed
from valuation.identity.text import ItemText, squash
from valuation.identity.traits import Clue
from valuation.tables import Tables
from valuation.units import HOST_KINDS


@dataclass(frozen=True)
class Work:
    """What is to be done with items, whichever process does it.

    Attributes:
        tables: The reference data.
        overrides: What people said of items.
        with_evidence: Whether the clues are kept.
    """

    tables: Tables
    overrides: Overrides
    with_evidence: bool = True


@dataclass(frozen=True)
class Identified:
    """What some of the items are.

    Attributes:
        items: One row per item, in the columns of `IDENTITY`.
        evidence: One row per clue, in the columns of `EVIDENCE`.
        described: One row per part a host's text counts out, in the columns of `HOST_PARTS`.
    """

    items: pl.DataFrame
    evidence: pl.DataFrame
    described: pl.DataFrame


class Identifier:
    """Says what items are, a few thousand at once, so that memory does not grow with them.

    Args:
        work: What is to be done.
    """

    def __init__(self, work: Work) -> None:
        self._reference = work.tables.made(Reference)
        self._reviewed = Reviewed(work.overrides, self._reference)
        self._with_evidence = work.with_evidence

    def identified(self, items: pl.DataFrame) -> Identified:
        """What some items are; what was read of them is forgotten after."""
        with _without_collecting():
            found = _rows_of(items, self._reference, self._reviewed, self._with_evidence)
            self._reference.forget()
        return found


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Without the search for cycles, of which there are none in tens of thousands of clues."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _rows_of(
    items: pl.DataFrame, reference: Reference, reviewed: Reviewed, with_evidence: bool
) -> Identified:
    rows = items.to_dicts()
    read = [read_item(row, reference) for row in rows]
    identities: list[dict[str, Any]] = []
    evidence: list[dict[str, Any]] = []
    described: list[dict[str, Any]] = []
    for row, (item, _), decided in zip(rows, read, decide_all(read, reference), strict=True):
        decision = reviewed.of(row, item, decided)
        identities.append(_identity_row(item, decision, reference))
        if with_evidence:
            evidence += _evidence_rows(item, decision)
        if decision.kind in HOST_KINDS and not decision.reason:
            described += (asdict(part) for part in described_parts(item, reference))
    return Identified(
        pl.DataFrame(identities, schema=dict(IDENTITY.columns)),
        pl.DataFrame(evidence, schema=dict(EVIDENCE.columns)),
        pl.DataFrame(described, schema=dict(HOST_PARTS.columns)),
    )


def _identity_row(item: ItemText, decision: Decision, reference: Reference) -> dict[str, Any]:
    traits, best = decision.traits, decision.best
    family_key, part_key = keys(item, decision)
    pieces, pieces_rule = decision.pieces or pieces_in_text(
        item, decision.kind, best.matched if best else "", reference
    )
    return {
        "item_id": item.item_id,
        "kind": decision.kind,
        "item_class": decision.item_class,
        "manufacturer": traits.maker or item.maker or None,
        "model": item.core or item.part_number or None,
        "family": traits.family,
        "family_key": family_key,
        "part_key": part_key,
        "form_factor_in": traits.form_factor_in,
        "capacity_gb": traits.capacity_gb,
        "rpm": traits.rpm,
        "interface": traits.interface,
        "generation": traits.generation,
        "power_w": traits.power_w,
        "fan_size_mm": traits.fan_size_mm,
        "u_height": traits.u_height,
        "launch_year": traits.launch_year,
        "unit_mass_g": traits.unit_mass_g,
        "unit_mass_log_sd": traits.unit_mass_log_sd,
        "pieces": pieces,
        "pieces_rule": pieces_rule,
        "counted": not decision.reason,
        "not_counted_reason": decision.reason or None,
        "method": best.method if best else "abstain",
        "matched_on": best.matched if best else None,
        "confidence": decision.confidence,
        "runner_up": decision.runner_up,
        "runner_up_kind": decision.runner_up_kind,
        "runner_up_confidence": decision.runner_up_confidence,
        "capacity_source": decision.capacity_source,
        "conflict": decision.conflict,
    }


def keys(item: ItemText, decision: Decision) -> tuple[str, str]:
    """Text keys of the family and of the part number; spelling variants of one part agree."""
    maker = (decision.traits.maker or item.maker or "unknown").lower().replace(" ", "-")
    patterns = [
        c
        for c in decision.clues
        if c.kind == decision.kind and c.token and c.field in ("model", "part_number")
    ]
    if patterns:
        first = patterns[0]
        if len(patterns) > 1:
            first = min(patterns, key=lambda c: (-len(c.token), -c.weight, c.candidate))
        family, part = squash(first.matched).lower(), squash(first.token).lower()
    else:
        family = part = squash(item.core or item.part_number).lower()
    unlisted = f"unlisted/{decision.item_class or decision.kind}"
    family_key = decision.traits.family_key or (f"{maker}/{family}" if family else unlisted)
    return family_key, f"{maker}/{part}" if part else unlisted


def _evidence_rows(item: ItemText, decision: Decision) -> list[dict[str, Any]]:
    ranked: Sequence[Clue] = sorted(
        decision.clues, key=lambda c: (-c.weight, c.method, c.field, c.kind, c.candidate)
    )
    return [
        {
            "item_id": item.item_id,
            "clue": number,
            "method": clue.method,
            "candidate": f"{clue.kind or 'disagrees'}: {clue.candidate} ({clue.field})",
            "weight": round(clue.weight, 6),
            "matched_text": clue.matched,
            "used": decision.best is not None and clue.kind == decision.kind,
            "stance": _stance(clue, decision),
        }
        for number, clue in enumerate(ranked, start=1)
    ]


def _stance(clue: Clue, decision: Decision) -> str:
    """Whether a clue speaks for the identity or against it; both are open where there is none."""
    if decision.best is None:
        return "open"
    return "for" if clue.kind == decision.kind else "against"
