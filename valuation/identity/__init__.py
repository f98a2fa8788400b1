"""Identity: what each distinct item is, with the evidence for it and the parts inside hosts.

The path is text, then the clue finders (`clues.FINDERS`: patterns of part numbers and families,
words, sizes, makers), then the classifier for what they leave open, then one decision that weighs
all clues or abstains. What the patterns, words and sizes are is data, in `data/identity`; what the
classifier has learnt is in `models/identity`.
"""

from dataclasses import dataclass

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
from valuation.helper_process import Helpers
from valuation.identity.hosts import UNNAMED, typical_parts, unnamed_warnings
from valuation.identity.identified import Work
from valuation.identity.overrides import Overrides, read_overrides
from valuation.identity.parallel import identify_chunks
from valuation.tables import Tables

__all__ = ["Identity", "Overrides", "identify", "read_overrides", "unnamed_warnings"]

AT_ONCE = 1_000
"""Items that are held as texts, clues and decisions at one time."""
ALIKE = ("model_raw", "part_number_raw", "description_raw")
"""Texts by which like items are brought together; the result is in the order of the items' keys."""


@dataclass(frozen=True)
class Identity:
    """What the items are.

    Attributes:
        items: One row per item: kind, class, attributes, method, confidence, runner-up.
        evidence: One row per clue, used or not.
        host_parts: One row per host item, origin and component class.
        unnamed: One row per host whose text counts parts of a size that hard drives and SSDs are
            both sold in, without saying which; they are in none of the others.
    """

    items: IdentityFrame
    evidence: EvidenceFrame
    host_parts: HostPartFrame
    unnamed: HostPartFrame


def identify(
    items: ItemFrame,
    tables: Tables,
    overrides: Overrides | None = None,
    *,
    with_evidence: bool = True,
    helpers: Helpers | None = None,
) -> Identity:
    """Say what each item is, or abstain; what a person said of it goes before.

    Args:
        items: Distinct descriptions.
        tables: The reference data.
        overrides: What people said of items.
        with_evidence: Whether the clues are kept, which of many items are most of what is held.
        helpers: Processes that were begun to help; more are where there are many items.

    Raises:
        TableError: A table of `data/identity` is missing or holds a broken pattern.
        ModelError: The fitted model is missing, or is not the one of its card.
    """
    # Like beside like: what patterns need for one model is warm for the next.
    chunks = list(items.sort(ALIKE).iter_slices(AT_ONCE)) or [items]
    work = Work(tables, overrides or Overrides(), with_evidence)
    with helpers or Helpers() as begun:
        parts = identify_chunks(chunks, work, begun)
    found = pl.concat(part.items for part in parts)
    evidence = pl.concat(part.evidence for part in parts)
    described = pl.concat(part.described for part in parts)
    del parts  # of many items the clues are most of what is held
    frame = IDENTITY.check(found)
    is_named = pl.col("component_kind") != UNNAMED
    unnamed, described = described.filter(~is_named), described.filter(is_named)
    typical = typical_parts(tables, frame, described).select(list(HOST_PARTS.columns))
    return Identity(
        items=frame,
        evidence=EVIDENCE.check(evidence),
        host_parts=HOST_PARTS.check(pl.concat([described, typical])),
        unnamed=HOST_PARTS.check(unnamed),
    )
