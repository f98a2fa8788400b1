"""What batches hold in expectation, given one group of uncertain parameters and nothing else.

Contained mass is a product of independent parameters (magnet mass x share NdFeB x alloy x chance of
the class; gross mass x material share x grade), so the expectation given one group is the mean mass
times that group's draws over their mean. One part is not exact, and small: the scatter of pieces
takes fans and doubtful items at their mean numbers. Parameters are drawn under the keys of `draws`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from valuation.content.class_sums import Candidate, ClassSums, Members
from valuation.content.library import ContentLibrary
from valuation.content.masses import mean_unit_masses, own_mass_kg
from valuation.content.weighted import Kept, Sums, alike, matmul
from valuation.frames import PartFrame
from valuation.parameter_groups import CONTENT_GROUPS
from valuation.shapes import Means, Weights
from valuation.uncertain import Draws, Source


class Possibilities:
    """What every part of a run may be, worked out once for all its batches.

    Args:
        library: What classes are made of.
        parts: Parts.
        unit_mean_kg: Mean mass of each series in one unit, shape (parts, series). [kg]

    Attributes:
        doubtful: Rows of the parts whose identity is in doubt.
        by_class: Parts as members of each class and form, in order of their rows.
    """

    def __init__(self, library: ContentLibrary, parts: PartFrame, unit_mean_kg: Means) -> None:
        self.library = library
        self.doubtful = np.flatnonzero(parts["identity_key"].is_not_null().to_numpy())
        self.in_doubt = cast(PartFrame, parts[self.doubtful])
        self._sure = [
            mean_unit_masses(
                cast(PartFrame, self.in_doubt.with_columns(confidence=pl.lit(chance))), library
            )
            for chance in (1.0, 0.0)
        ]
        place = {int(row): i for i, row in enumerate(self.doubtful)}
        self.by_class: dict[tuple[str, str, str], list[Candidate]] = {}
        for row, part in enumerate(parts.iter_rows(named=True)):
            found = [(part["item_class"], 1.0, unit_mean_kg[row])]
            if row in place:
                mine_kg, other_kg = (masses[place[row]] for masses, _ in self._sure)
                chance = part["confidence"]
                found = [
                    (part["item_class"], chance, mine_kg),
                    (part["runner_up"], 1 - chance, other_kg),
                ]
            for name, chance, mean_kg in found:
                if name in library.classes and chance > 0:
                    one = self._candidate(row, part, name, chance, mean_kg)
                    self.by_class.setdefault((name, *one.form), []).append(one)

    def difference(self, weights: Weights) -> Means:
        """What a doubtful part counts more if it is what it seems, shape (doubtful, sums)."""
        mine, other = (
            masses @ weights.per_kg.T + np.outer(gross, weights.per_gross_kg)
            for masses, gross in self._sure
        )
        return np.asarray(mine - other)

    def _form(self, part: Mapping[str, object]) -> tuple[str, str]:
        """Form and kind of a part of which a lot holds some streams only; empty for a whole one."""
        form, kind = part["form"], str(part["kind"])
        known = self.library.held(str(form) if form else None, kind)
        return ("", "") if known is None else (str(form), kind)

    def _candidate(
        self, row: int, part: Mapping[str, object], name: str, chance: float, mean_kg: Means
    ) -> Candidate:
        year = part["launch_year"]
        gross_kg = self.library.classes[name].gross_mass_kg
        mass, log_sd = part["unit_mass_g"], part["unit_mass_log_sd"]
        if name == part["item_class"] and isinstance(mass, float):
            gross_kg = own_mass_kg(mass, log_sd if isinstance(log_sd, float) else None)
        family = str(part["family_key"] or f"unlisted/{name}")
        return Candidate(
            row=row,
            form=self._form(part),
            chance=chance,
            mean_kg=mean_kg,
            family_key=family,
            part_key=str(part["part_key"] or family),
            launch_year=year if isinstance(year, int) else None,
            gross_kg=gross_kg,
        )


@dataclass(frozen=True)
class GivenContent:
    """Weighted sums of the contained masses of some batches, given one group of parameters.

    Attributes:
        possibilities: What the parts of the run may be.
        run: Seed of the run, and the draws of what was measured.
        batch_ids: Text keys of the scatter of pieces.
        units: Units of each part, shape (batches, parts). [1]
        kept: Draws that other batches of the run ask for too.
    """

    possibilities: Possibilities
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
        library = self.possibilities.library
        given = ClassSums(library, weights, source, self.batch_ids, sums, self.kept)
        held = np.asarray(self.units.any(axis=0))
        self._doubt(sums["identity"], weights, source, held)
        for (name, *_), candidates in sorted(self.possibilities.by_class.items()):
            parts = [one for one in candidates if held[one.row]]
            if parts:
                units = self.units[:, [c.row for c in parts]] * np.array([c.chance for c in parts])
                mean_kg = np.stack([c.mean_kg for c in parts])
                given.add(Members(library.classes[name], parts, units, mean_kg))
        given.finish()
        return {group: found.add_up() for group, found in sums.items()}

    def _doubt(
        self, identity: Sums, weights: Weights, source: Source, held: NDArray[np.bool_]
    ) -> None:
        """Add what the doubt of identity makes of the sums: parts that count alike together."""
        found = self.possibilities
        worth = found.difference(weights)
        is_held = held[found.doubtful].astype(float)
        keys, chances = found.in_doubt["identity_key"], found.in_doubt["confidence"].to_numpy()
        for some, counts in alike(worth, is_held):
            drawn = self.kept.stacked(source, [f"identity/{keys[i]}" for i in some], Source.uniform)
            present = (drawn < chances[some, None]).astype(np.float32)
            identity.add(counts, matmul(self.units[:, found.doubtful[some]], present))
