"""How the lots of a run arrive: whole, as module or shredded, and how that was decided per batch.

A choice of the caller comes first, then what a kept batch was, then what the status of its lines
says. A form changes what is there and which steps act, never what is counted.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import polars as pl

from valuation.tables import Tables
from valuation.units import WHOLE

BY_OPTION, BY_STATUS, BY_DEFAULT = "option", "status", "default"
MIXED = "mixed"
"""How a form was decided: the caller, the lines, nobody; or the lines, which do not agree."""
TOLD = 5
"""Batches whose lines do not agree are told one by one up to this many."""
SCHEMA = {"batch_id": pl.String, "form": pl.String, "form_from": pl.String}


@dataclass(frozen=True)
class Forms:
    """The form of each batch that does not simply arrive whole, and what is to be said of it.

    Attributes:
        decided: Form and how it was decided, by batch.
        warnings: Sentences about batches whose lines do not agree.
    """

    decided: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def of_batches(self) -> dict[str, str]:
        """Form by batch; a batch that is not among them is whole."""
        return {batch: form for batch, (form, _) in self.decided.items()}

    @property
    def used(self) -> tuple[str, ...]:
        """The forms to plan routes for, whole first: classes and prices are always told whole."""
        others = {form for form, _ in self.decided.values()} - {WHOLE}
        return (WHOLE, *sorted(others))

    def rows(self, batch_ids: Collection[str]) -> pl.DataFrame:
        """One row per batch: batch_id, form, form_from."""
        found = [(b, *self.decided.get(b, (WHOLE, BY_DEFAULT))) for b in batch_ids]
        return pl.DataFrame(found, schema=SCHEMA, orient="row")


def decide_forms(
    read: Collection[str],
    said: pl.DataFrame,
    kept: pl.DataFrame,
    chosen: str | None,
    tables: Tables,
) -> Forms:
    """Decide batch by batch.

    Args:
        read: Batches read now.
        said: What their counted lines say: batch_id, form (null where nothing is said), units.
        kept: Batches that are valued again from their counts: batch_id, form, form_from as they
            were (null before forms were kept).
        chosen: The caller's choice, for batches read now; without any, for the kept ones.
        tables: Reference data: from which share of its units a word holds for a whole batch.
    """
    decided: dict[str, tuple[str, str]] = {}
    warnings: list[str] = []
    for batch, form, form_from in kept.select(*SCHEMA).iter_rows():
        if chosen is not None and not read:
            decided[batch] = (chosen, BY_OPTION)
        elif form is not None:
            decided[batch] = (form, form_from)
    if chosen is not None:
        decided |= dict.fromkeys(read, (chosen, BY_OPTION))
        return Forms(decided)
    row = tables.frame("assumption").row(
        by_predicate=pl.col("assumption_id") == "form_word_share", named=True
    )
    units: dict[str, dict[str | None, float]] = {}
    for batch, form, count in said.select("batch_id", "form", "units").sort(pl.all()).iter_rows():
        units.setdefault(batch, {})[form] = count
    for batch in sorted(set(read) & set(units)):
        form, decision, warning = _told(batch, units[batch], row["value"])
        if decision != BY_DEFAULT:
            decided[batch] = (form, decision)
        warnings += [warning] if warning else []
    if len(warnings) > TOLD:
        more = f"The same of {len(warnings) - TOLD:,} more batches: see form_from in table batch."
        warnings = [*warnings[:TOLD], more]
    return Forms(decided, tuple(warnings))


def _told(
    batch: str, units: Mapping[str | None, float], share: float
) -> tuple[str, str, str | None]:
    """Form of a batch by the words of its lines, how it was decided, and a warning if they differ.

    Units of which nothing is said follow the others where these are at least the share given.
    """
    named = {form: count for form, count in units.items() if form is not None}
    if not named:
        return WHOLE, BY_DEFAULT, None
    silent = units.get(None, 0.0)
    total = silent + sum(named.values())
    counts = [f"{count:,.10g} units {form}" for form, count in sorted(named.items())]
    counts += [f"{silent:,.10g} of which nothing is said"] if silent else []
    told = f"Batch {batch}: by their status {', '.join(counts)}"
    way_on = "split the batch (--batch-by), or say how it arrives (--form)"
    form = next(iter(named))
    if len(named) == 1 and sum(named.values()) >= share * total:
        warning = f"{told}; all are valued as {form}. If that is wrong, {way_on}."
        return form, BY_STATUS, warning if silent and form != WHOLE else None
    if set(named) == {WHOLE}:
        return WHOLE, BY_STATUS, None
    return WHOLE, MIXED, f"{told}; the batch is valued whole. To change that, {way_on}."
