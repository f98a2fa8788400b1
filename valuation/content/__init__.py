"""Content: item class -> mass of every element by location and material, as distributions.

`estimate_content` gives means at once and joint draws chunk by chunk, so that the draws of all
series, the bulk of memory, are never held for more than a few batches.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from valuation.content.arrived import ArrivedDraws
from valuation.content.classes import ClassMasses, DrawnClasses, class_masses, content_rows
from valuation.content.given import GivenContent, Possibilities
from valuation.content.informing import Candidate, Effort, candidates
from valuation.content.library import ContentLibrary, load_library
from valuation.content.magnet_terms import MagnetCatalogue
from valuation.content.masses import mean_unit_masses
from valuation.content.measured import NOTHING_MEASURED, Measured, surprises
from valuation.content.measured_rows import measurement_rows
from valuation.content.model.parameters import ContentModel
from valuation.content.parts import BatchContents, count_parts
from valuation.content.weighted import Kept
from valuation.engine.duckdb import Engine
from valuation.shapes import BatchContent, Means, Series
from valuation.tables import Tables
from valuation.threads import in_threads
from valuation.uncertain import Draws, Source, quantiles
from valuation.units import ELEMENTS, FORMS, WHOLE

__all__ = [
    "NOTHING_MEASURED",
    "BatchContents",
    "Candidate",
    "Content",
    "Effort",
    "Measured",
    "count_parts",
    "estimate_content",
    "fan_classes",
    "magnet_classes",
]

SQL = Path(__file__).with_name("batch.sql")
BYTES_AT_ONCE = 80 * 1024 * 1024
"""Draws of every series of as many batches as are valued at once, at most."""
BATCHES_AT_ONCE = 64
"""Batches whose units of every part are held at once."""


@dataclass(frozen=True)
class Content:
    """What every part holds, and how to draw it.

    Attributes:
        unit_mean_kg: Mean mass of each series in one unit, shape (parts, series). [kg]
        unit_gross_kg: Mean gross mass of one unit, shape (parts,). [kg]
        classes: Masses of one unit of every class, for the content table and the allowance.
    """

    library: ContentLibrary
    contents: BatchContents
    source: Source
    unit_mean_kg: Means
    unit_gross_kg: Means
    classes: ClassMasses
    measured: Measured = NOTHING_MEASURED

    @property
    def series(self) -> tuple[Series, ...]:
        """Every series of the content, in the order of its arrays."""
        return self.library.series

    def part_masses(self) -> pl.DataFrame:
        """Mean element masses of one unit of each part, summed over its streams. [kg]

        One row per part, a column `<element>_kg` per element (null where no class has an assay of
        it), and `gross_kg`.
        """
        columns = {"gross_kg": pl.Series(self.unit_gross_kg)}
        for element in ELEMENTS:
            rows = [i for i, (_, e) in enumerate(self.series) if e == element]
            unknown = pl.Series([None] * self.contents.parts.height, dtype=pl.Float64)
            known = pl.Series(self.unit_mean_kg[:, rows].sum(axis=1))
            columns[f"{element}_kg"] = known if rows else unknown
        return self.contents.parts.select("part_id").with_columns(**columns)

    def count_batches(self, engine: Engine) -> pl.DataFrame:
        """Counts and gross mass per batch; leaves `batch_item_mass` in the engine.

        `batch_item_mass` is the store's `batch_item`: units and mean element masses by item.
        """
        engine.register("part_mass", self.part_masses())
        engine.step(SQL)
        counts = engine.frame("from batch_summary_counts order by batch_id")
        means, drawn = self._allowances(counts)
        p10, _, p90 = quantiles(drawn)
        limits = np.stack([means, p10, p90], axis=1)
        schema = {f"unidentified_allowance_kg_{q}": pl.Float64 for q in ("mean", "p10", "p90")}
        return counts.hstack(pl.DataFrame(limits, schema=schema))

    def total_allowance_kg(self, counts: pl.DataFrame) -> dict[str, float]:
        """Rare earths that the unidentified units of some batches could hold together. [kg]"""
        means, drawn = self._allowances(counts)
        p10, p50, p90 = (float(q) for q in quantiles(drawn.sum(axis=0)))
        return {"mean": float(sum(means.tolist())), "p10": p10, "p50": p50, "p90": p90}

    def _allowances(self, counts: pl.DataFrame) -> tuple[Means, Draws]:
        """Mean and draws of the allowance of each batch, shapes (batches,), (batches, draws)."""
        columns = ("batch_id", "units_unidentified", "items_unidentified")
        rows = counts.select(columns).rows()
        new = [row for row in rows if row not in self._allowed]
        made = in_threads([partial(self.classes.allowance_kg, *row) for row in new])
        self._allowed.update(zip(new, made, strict=True))
        found = [self._allowed[row] for row in rows]
        drawn = np.zeros((len(rows), self.source.draws), np.float32)
        for row, (_, draws) in zip(drawn, found, strict=True):
            row[:] = draws
        return np.array([mean for mean, _ in found], np.float64), drawn

    @cached_property
    def _allowed(self) -> dict[tuple[Any, ...], tuple[float, Draws]]:
        """Allowances made so far: the run tells them by batch and in all."""
        return {}

    def batches(self, batch_ids: list[str]) -> Iterator[BatchContent]:
        """Means and draws of the given batches, some of one form at a time."""
        kept = Kept()
        draws = ArrivedDraws(self.library, self.contents.parts, self.source, kept.keep)
        of_one_batch = len(self.series) * self.source.draws * np.dtype(np.float32).itemsize
        at_once = max(BYTES_AT_ONCE // of_one_batch, 1)
        forms = self.contents.forms
        for form in FORMS:  # batches of one form share the plans of their routes
            alike = [batch for batch in batch_ids if forms.get(batch, WHOLE) == form]
            for some in _evenly(alike, at_once):
                yield self._chunk(draws, kept, some)

    def _chunk(self, draws: ArrivedDraws, kept: Kept, batch_ids: list[str]) -> BatchContent:
        units = self._units(batch_ids)
        drawn, gross = draws.batches(batch_ids, units.astype(np.float32))
        return BatchContent(
            batch_ids=tuple(batch_ids),
            series=self.series,
            mean_kg=(units @ self.unit_mean_kg).T,
            draws_kg=drawn,
            gross_mean_kg=units @ self.unit_gross_kg,
            gross_draws_kg=gross,
            units=self._units_by_kind(batch_ids),
            unknown=self.library.unknown,
            form=self.contents.forms.get(batch_ids[0], WHOLE),
            given=GivenContent(self._possibilities, self.source, tuple(batch_ids), units, kept),
        )

    @cached_property
    def _possibilities(self) -> Possibilities:
        return Possibilities(self.library, self.contents.parts, self.unit_mean_kg)

    def _units(self, batch_ids: list[str]) -> Means:
        units = np.zeros((len(batch_ids), self.contents.parts.height))
        rows = pl.DataFrame({"batch_id": batch_ids}).with_row_index("row")
        columns = self.contents.parts.select("part_id").with_row_index("column")
        held = self.contents.batch_parts.join(rows, on="batch_id").join(columns, on="part_id")
        units[held["row"], held["column"]] = held["units"]
        return units

    def _units_by_kind(self, batch_ids: list[str]) -> Mapping[str, Means]:
        row = {batch: i for i, batch in enumerate(batch_ids)}
        units: dict[str, Means] = {}
        held = self.contents.units.filter(pl.col("batch_id").is_in(batch_ids))
        for batch, kind, count in held.select("batch_id", "kind", "units").iter_rows():
            units.setdefault(kind, np.zeros(len(batch_ids)))[row[batch]] += count
        return units

    def candidates(
        self, batch_ids: list[str], gradients: Means, effort: Effort
    ) -> Iterator[tuple[str, list[Candidate]]]:
        """What could be measured in each batch, and how much of some figures that would explain.

        Args:
            batch_ids: The batches, all of one form.
            gradients: What one kilogram of each series adds to each figure, (figures, series).
            effort: How a measurement would be made.
        """
        catalogue = MagnetCatalogue(self.library, self.contents.parts, self.series, gradients)
        for start in range(0, len(batch_ids), BATCHES_AT_ONCE):
            some = batch_ids[start : start + BATCHES_AT_ONCE]
            for batch, units in zip(some, self._units(some), strict=True):
                form = self.contents.forms.get(batch, WHOLE)
                yield batch, candidates(catalogue, units, effort, form)

    def rows(self, tables: Tables) -> pl.DataFrame:
        """The store's `content` table: one class x location or material."""
        return content_rows(self.classes, tables, self.measured)

    def surprises(self, tables: Tables) -> list[str]:
        """Measurements that are far from what was expected, as sentences."""
        return surprises(self.measured, tables.made(load_library)) if self.measured.rows else []

    def measurements(self, tables: Tables) -> pl.DataFrame:
        """The store's `own_measurement` table: one row of a file of measurements."""
        return measurement_rows(self.measured, tables.made(load_library), self.library)


def _evenly(batch_ids: list[str], most: int) -> list[list[str]]:
    """Batches in lots of about one size: each costs something, however small it is.

    >>> _evenly(["a", "b", "c", "d"], 3)
    [['a', 'b'], ['c', 'd']]
    """
    count = math.ceil(len(batch_ids) / most)
    ends = [len(batch_ids) * i // count for i in range(count + 1)] if count else []
    return [batch_ids[start:end] for start, end in pairwise(ends)]


def fan_classes(tables: Tables) -> set[str]:
    """Item classes in which the part number decides whether a magnet is NdFeB."""
    magnets = tables.frame("magnet_mass")
    return set(magnets.filter(pl.col("ndfeb_share_id").is_not_null())["item_class"])


def magnet_classes(tables: Tables) -> list[str]:
    """Item classes that hold a magnet, in order."""
    return sorted(set(tables.frame("magnet_mass")["item_class"]))


def estimate_content(
    contents: BatchContents,
    tables: Tables,
    source: Source,
    measured: Measured = NOTHING_MEASURED,
    model: ContentModel | None = None,
) -> Content:
    """What the parts of a run hold.

    Args:
        contents: Parts and their units per batch.
        tables: Reference data.
        source: Seed and number of draws; told what it gives for errors that were measured.
        measured: What people weighed, assayed or looked at.
        model: Fitted parameters; those stored in `models/content` when not given.

    Raises:
        ModelError: The stored model is not the one of these tables.
        TableError: A content table breaks its description.
    """
    unmeasured = load_library(tables, model) if model else tables.made(load_library)
    library = measured.apply(unmeasured)
    source.given.update(library.posterior.given(source))
    means, gross = mean_unit_masses(contents.parts, library)
    if model or measured.rows:
        classes = class_masses(library, source)
    else:
        classes = tables.made(DrawnClasses).of(source)
    return Content(library, contents, source, means, gross, classes, measured)
