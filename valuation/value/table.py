"""A table in the making: what some batches have under labels they share, arrays until the end.

Texts are said once and told apart by number, so that a frame of half a million rows is sorted as
numbers and holds each of its texts once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

Schema = Mapping[str, type[pl.DataType]]
Labels = tuple[str | int | None, ...]
Reasons = Sequence[str | None]
Places = NDArray[np.intp]
BATCH, REASON = "batch_id", "reason"


class Block(NamedTuple):
    """One row for each of some batches.

    Attributes:
        labels: What they share, in the order of the table's labels.
        numbers: What each has, by column, of shape (batches,).
        reasons: Why one has no number, by batch; None where nothing is to be said of any.
    """

    batch_ids: Sequence[str]
    labels: Labels
    numbers: Mapping[str, NDArray[Any]]
    reasons: Reasons | None = None


@dataclass
class Table:
    """Blocks of rows in the making.

    Attributes:
        schema: Columns of the frame.
        labels: Those of them that the rows of a block share.
        key: What the frame is sorted by after the batch: some of the labels.
    """

    schema: Schema
    labels: Sequence[str]
    key: Sequence[str]
    blocks: list[Block] = field(default_factory=list)

    def extend(self, other: "Table") -> None:
        """Add the rows of a table of the same columns."""
        self.blocks += other.blocks

    def frame(self) -> pl.DataFrame:
        """The rows sorted by key; a number that is not known is null."""
        order = Order.of([(b.batch_ids, b.labels) for b in self.blocks], self.labels, self.key)
        columns = order.columns(self.schema)
        for name in self.schema.keys() - columns.keys() - {REASON}:
            values = self._numbers(name)[order.rows]
            columns[name] = pl.Series(name, values, self.schema[name], nan_to_null=True)
        if REASON not in columns:
            columns[REASON] = self._reasons()[order.rows]
        return pl.DataFrame([columns[name] for name in self.schema])

    def _numbers(self, name: str) -> NDArray[Any]:
        found = [
            block.numbers.get(name, np.full(len(block.batch_ids), np.nan)) for block in self.blocks
        ]
        return np.concatenate(found or [np.empty(0)])

    def _reasons(self) -> pl.Series:
        numbers: dict[str | None, int] = {None: 0}
        places = np.zeros(sum(len(b.batch_ids) for b in self.blocks), np.uint32)
        start = 0
        for block in self.blocks:
            if block.reasons is not None:
                said = [numbers.setdefault(reason, len(numbers)) for reason in block.reasons]
                places[start : start + len(said)] = said
            start += len(block.batch_ids)
        return pl.Series(REASON, list(numbers), pl.String).gather(places)


class Order(NamedTuple):
    """The rows of blocks under each other, and how they stand when they are sorted by key.

    Attributes:
        rows: Which row stands where.
        batches: Place of the batch of each, as they stand, among `batch_ids`.
        labels: Place of the labels of each among `found`.
        names: What the labels are.
    """

    rows: Places
    batches: Places
    labels: Places
    batch_ids: Sequence[str]
    found: Sequence[Labels]
    names: Sequence[str]

    @staticmethod
    def of(
        blocks: Sequence[tuple[Sequence[str], Labels]], names: Sequence[str], key: Sequence[str]
    ) -> "Order":
        """Order blocks of batches and labels by batch, then by some of the labels; null is first.

        >>> Order.of([(("b", "a"), ("y",)), (("a",), (None,))], ["x"], ["x"]).rows.tolist()
        [2, 1, 0]
        """
        of_key = [names.index(name) for name in key]
        batch_ids = sorted({batch for some in {ids for ids, _ in blocks} for batch in some})
        found = sorted({labels for _, labels in blocks}, key=lambda said: _sorts(said, of_key))
        place = {batch: i for i, batch in enumerate(batch_ids)}
        number = {labels: i for i, labels in enumerate(found)}
        of_batches = {ids: np.array([place[batch] for batch in ids], np.intp) for ids, _ in blocks}
        nothing = [np.empty(0, np.intp)]
        batches = np.concatenate([of_batches[ids] for ids, _ in blocks] or nothing)
        labels = np.repeat(
            np.array([number[labels] for _, labels in blocks], np.intp),
            [len(ids) for ids, _ in blocks],
        )
        rows = np.argsort(batches * len(found) + labels, kind="stable")
        return Order(rows, batches[rows], labels[rows], batch_ids, found, names)

    def columns(self, schema: Schema) -> dict[str, pl.Series]:
        """Columns of the batch and the labels."""
        columns = {BATCH: pl.Series(BATCH, self.batch_ids, pl.String).gather(self.batches)}
        for i, name in enumerate(self.names):
            said = pl.Series(name, [labels[i] for labels in self.found], schema[name])
            columns[name] = said.gather(self.labels)
        return columns


def _sorts(labels: Labels, of_key: Iterable[int]) -> list[tuple[bool, Any]]:
    """What labels are sorted by: those of the key, then all, so that no two are alike."""
    ordered = (*(labels[i] for i in of_key), *labels)
    return [(False, 0) if label is None else (True, label) for label in ordered]
