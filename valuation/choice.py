"""Which batches a run replaces, keeps, and values again; and why a batch is held as it was.

A batch that would lose more than a few of its lines, or one of whose files is refused now, is kept
as it was: a nightly job must not shrink a lot because an export broke.
"""

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from valuation.errors import UsageError

SMALLER_SHARE = 0.05
"""Share of its lines that a batch may lose without being asked (design: command line contract)."""


@dataclass(frozen=True)
class Choice:
    """What happens to each batch.

    Attributes:
        read: Batches the files name and the run replaces.
        held: Batches the files name that stay as they were: batch and reason.
        kept: Batches of the file that this run's files do not replace, the held ones included.
    """

    read: tuple[str, ...]
    held: dict[str, str]
    kept: tuple[str, ...]

    def sentences(self) -> list[str]:
        """One warning for each batch that is held."""
        return [
            f"Batch {batch} is kept as it was: {reason}. Give --accept-smaller to replace it."
            for batch, reason in self.held.items()
        ]


def choose_batches(
    before: pl.DataFrame,
    read: pl.DataFrame,
    refused: Collection[str],
    *,
    accept_smaller: bool,
    partial: Collection[str] = (),
) -> Choice:
    """Decide batch by batch.

    Args:
        before: Batches of the file: batch_id, lines, files (names).
        read: What this run read: batch_id, file_id, lines.
        refused: Names of files this run could not read.
        accept_smaller: Replace whatever is smaller.
        partial: Batches of which only lines to be mended were given, without their original.
    """
    new_lines = dict(read.group_by("batch_id").agg(pl.col("lines").sum()).iter_rows())
    held: dict[str, str] = {}
    for row in before.iter_rows(named=True):
        batch, old = row["batch_id"], row["lines"]
        lost = sorted(set(row["files"]) & set(refused))
        if accept_smaller:
            continue
        if batch in partial:
            held[batch] = "only lines mended for it were given, without the file they are from"
        elif lost:
            held[batch] = f"its file {', '.join(lost)} is refused now"
        elif batch in new_lines and new_lines[batch] < (1 - SMALLER_SHARE) * old:
            held[batch] = f"it would go from {old:,} to {new_lines[batch]:,} lines"
    replaced = tuple(sorted(set(new_lines) - set(held)))
    kept = tuple(sorted(set(before["batch_id"]) - set(replaced)))
    return Choice(replaced, held, kept)


def check_something_to_value(choice: Choice, db: str) -> None:
    """Refuse a run without files on a file without batches.

    Raises:
        UsageError: There is nothing to value.
    """
    if not choice.read and not choice.kept:
        raise UsageError(f"{db} holds no batch to value again.", "Give export files to read.")
