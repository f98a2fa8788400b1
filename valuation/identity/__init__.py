"""Identity: what each distinct item is, with the evidence for it and the parts inside hosts.

The path is text, then the clue finders (`clues.FINDERS`: patterns of part numbers and families,
words, sizes, makers), then the classifier for what they leave open, then one decision that weighs
all clues or abstains. What the patterns, words and sizes are is data, in `data/identity`; what the
classifier has learnt is in `models/identity`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from valuation.frames import (
    EVIDENCE,
    HOST_PARTS,
    IDENTITY,
    EvidenceFrame,
    HostPartFrame,
    IdentityFrame,
    ItemFrame,
)
from valuation.identity.decide import Decision
from valuation.identity.hosts import HostPart, described_parts, typical_parts
from valuation.identity.open_texts import decide_all, read_item
from valuation.identity.overrides import Overrides, read_overrides
from valuation.identity.pieces import pieces_in_text
from valuation.identity.reference import Reference, kept_reference
from valuation.identity.reviewed import Reviewed
from valuation.identity.text import ItemText, squash
from valuation.identity.traits import Clue
from valuation.tables import Tables
from valuation.units import HOST_KINDS

__all__ = ["Identity", "Overrides", "identify", "read_overrides"]

AT_ONCE = 2_000
"""Items that are held as texts, clues and decisions at one time."""


@dataclass(frozen=True)
class Identity:
    """What the items are.

    Attributes:
        items: One row per item: kind, class, attributes, method, confidence, runner-up.
        evidence: One row per clue, used or not.
        host_parts: One row per host item, origin and component class.
    """

    items: IdentityFrame
    evidence: EvidenceFrame
    host_parts: HostPartFrame


def identify(items: ItemFrame, tables: Tables, overrides: Overrides | None = None) -> Identity:
    """Say what each item is, or abstain; what a person said of it goes before.

    Raises:
        TableError: A table of `data/identity` is missing or holds a broken pattern.
        ModelError: The fitted model is missing, or is not the one of its card.
    """
    reference = kept_reference(tables)
    reviewed = Reviewed(overrides or Overrides(), reference)
    parts = [_identified(chunk, reference, reviewed) for chunk in items.iter_slices(AT_ONCE)] or [
        _identified(items, reference, reviewed)
    ]
    frame = IDENTITY.check(pl.concat(part.items for part in parts))
    described = [host_part for part in parts for host_part in part.described]
    inside = pl.DataFrame([asdict(p) for p in described], schema=dict(HOST_PARTS.columns))
    typical = typical_parts(tables, frame, described).select(list(HOST_PARTS.columns))
    return Identity(
        items=frame,
        evidence=EVIDENCE.check(pl.concat(part.evidence for part in parts)),
        host_parts=HOST_PARTS.check(pl.concat([inside, typical])),
    )


@dataclass(frozen=True)
class _Identified:
    """Some of the items."""

    items: pl.DataFrame
    evidence: pl.DataFrame
    described: list[HostPart]


def _identified(items: pl.DataFrame, reference: Reference, reviewed: Reviewed) -> _Identified:
    """A few items at once: what was read of them is forgotten after, so memory stays small."""
    rows = items.to_dicts()
    read = [read_item(row, reference) for row in rows]
    identities: list[dict[str, Any]] = []
    evidence: list[dict[str, Any]] = []
    described: list[HostPart] = []
    for row, (item, _), decided in zip(rows, read, decide_all(read, reference), strict=True):
        decision = reviewed.of(row, item, decided)
        identities.append(_identity_row(item, decision, reference))
        evidence += _evidence_rows(item, decision)
        if decision.kind in HOST_KINDS and not decision.reason:
            described += described_parts(item, reference)
    reference.forget()
    return _Identified(
        pl.DataFrame(identities, schema=dict(IDENTITY.columns)),
        pl.DataFrame(evidence, schema=dict(EVIDENCE.columns)),
        described,
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
    model = squash(item.core or item.part_number).lower()
    if patterns:
        first = min(patterns, key=lambda c: (-len(c.token), -c.weight, c.candidate))
        family, part = squash(first.matched).lower(), squash(first.token).lower()
    else:
        family = part = model
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
