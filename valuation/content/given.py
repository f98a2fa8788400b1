"""What batches hold in expectation, given one group of uncertain parameters and nothing else.

Contained mass is a product of independent parameters (magnet mass x share NdFeB x alloy x chance of
the class; gross mass x material share x grade), so the expectation given one group is the mean mass
times that group's draws over their mean. One part is not exact, and small: the scatter of pieces
takes fans and doubtful items at their mean numbers. Parameters are drawn under the keys of `draws`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import polars as pl

from valuation.content.class_sums import Candidate, ClassSums, Members
from valuation.content.library import ContentLibrary
from valuation.content.masses import mean_unit_masses, own_mass_kg
from valuation.content.weighted import Kept, Sums, matmul
from valuation.frames import PartFrame
from valuation.parameter_groups import CONTENT_GROUPS
from valuation.shapes import Means, Weights
from valuation.uncertain import Draws, Source


@dataclass(frozen=True)
class GivenContent:
    """Weighted sums of the contained masses of some batches, given one group of parameters.

    Attributes:
        unit_mean_kg: Mean mass of each series in one unit, shape (parts, series). [kg]
        run: Seed of the run, and the draws of what was measured.
        batch_ids: Text keys of the scatter of pieces.
        units: Units of each part, shape (batches, parts). [1]
        kept: Draws that other batches of the run ask for too.
    """

    library: ContentLibrary
    parts: PartFrame
    unit_mean_kg: Means
    run: Source
    batch_ids: Sequence[str]
    units: Means
    kept: Kept

    def __call__(self, weights: Weights, draws: int) -> Mapping[str, Draws]:
        """Draws of every sum given each content group, but for a constant.

        Args:
            weights: The sums wanted.
            draws: How many of the run's draws, from the first on.

        Returns:
            By group, shape (sums, batches, draws).
        """
        shape = (len(weights.per_gross_kg), len(self.batch_ids), draws)
        sums = {group: Sums(np.zeros(shape, np.float32)) for group in CONTENT_GROUPS}
        measured = {key: (mean, all_[:draws]) for key, (mean, all_) in self.run.given.items()}
        source = Source(self.run.seed, draws, given=measured)
        given = ClassSums(self.library, weights, source, self.batch_ids, sums, self.kept)
        by_class: dict[tuple[str, str, str], list[Candidate]] = {}
        for name, found in self._candidates(sums["identity"], weights, source):
            by_class.setdefault((name, *found.form), []).append(found)
        for (name, *_), parts in sorted(by_class.items()):
            units = self.units[:, [c.row for c in parts]] * np.array([c.chance for c in parts])
            mean_kg = np.stack([c.mean_kg for c in parts])
            given.add(Members(self.library.classes[name], parts, units, mean_kg))
        given.finish()
        return {group: found.add_up() for group, found in sums.items()}

    def _candidates(
        self, identity: Sums, weights: Weights, source: Source
    ) -> Iterator[tuple[str, Candidate]]:
        """What each part held may be; what the doubt of identity makes of the sums is added."""
        held = np.asarray(self.units.any(axis=0))
        in_doubt = self.parts["identity_key"].is_not_null().to_numpy()
        doubtful = np.flatnonzero(np.logical_and(held, in_doubt))
        sure = {}
        for confidence in (1.0, 0.0):
            if doubtful.size:
                parts = self.parts[doubtful].with_columns(confidence=pl.lit(confidence))
                masses, gross = mean_unit_masses(cast(PartFrame, parts), self.library)
                worth = masses @ weights.per_kg.T + np.outer(gross, weights.per_gross_kg)
                sure[confidence] = dict(zip(doubtful, zip(masses, worth, strict=True), strict=True))
        for row, part in enumerate(self.parts.iter_rows(named=True)):
            if not held[row]:
                continue
            if part["identity_key"] is None:
                if part["item_class"] in self.library.classes:
                    yield self._candidate(row, part, part["item_class"], 1, self.unit_mean_kg[row])
                continue
            confidence = part["confidence"]
            (mine_kg, mine), (other_kg, other) = sure[1.0][row], sure[0.0][row]
            uniform = source.uniform(f"identity/{part['identity_key']}")
            present = (uniform < confidence).astype(np.float32)
            identity.add(mine - other, matmul(self.units[:, [row]], present[None]))
            for name, chance, mean_kg in (
                (part["item_class"], confidence, mine_kg),
                (part["runner_up"], 1 - confidence, other_kg),
            ):
                if name in self.library.classes and chance > 0:
                    yield self._candidate(row, part, name, chance, mean_kg)

    def _form(self, part: Mapping[str, object]) -> tuple[str, str]:
        """Form and kind of a part of which a lot holds some streams only; empty for a whole one."""
        form, kind = part["form"], str(part["kind"])
        known = self.library.held(str(form) if form else None, kind)
        return ("", "") if known is None else (str(form), kind)

    def _candidate(
        self, row: int, part: Mapping[str, object], name: object, chance: float, mean_kg: Means
    ) -> tuple[str, Candidate]:
        name, year = str(name), part["launch_year"]
        gross_kg = self.library.classes[name].gross_mass_kg
        mass, log_sd = part["unit_mass_g"], part["unit_mass_log_sd"]
        if name == part["item_class"] and isinstance(mass, float):
            gross_kg = own_mass_kg(mass, log_sd if isinstance(log_sd, float) else None)
        family = str(part["family_key"] or f"unlisted/{name}")
        return name, Candidate(
            row=row,
            form=self._form(part),
            chance=chance,
            mean_kg=mean_kg,
            family_key=family,
            part_key=str(part["part_key"] or family),
            launch_year=year if isinstance(year, int) else None,
            gross_kg=gross_kg,
        )
