"""One unit of every class: the `content` table of the store and what an unidentified item may hold.

Nothing here knows a batch; each class is drawn as one unit of an unlisted family.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
import polars as pl

from valuation.content.draws import ContentDraws
from valuation.content.library import ContentLibrary, load_library
from valuation.content.masses import mean_unit_masses
from valuation.content.measured import NOTHING_MEASURED, Measured
from valuation.frames import PARTS, PartFrame
from valuation.shapes import MAGNET_STREAMS, MASS, Means, Series
from valuation.tables import Tables
from valuation.uncertain import Draws, Source, quantiles
from valuation.units import RARE_EARTHS


@dataclass(frozen=True)
class ClassMasses:
    """Masses of one unit of every class.

    Attributes:
        classes: Classes, in the order of the arrays.
        mean_kg: Shape (classes, series). [kg]
        p10_kg: 10 % points, same shape. [kg]
        p90_kg: 90 % points, same shape. [kg]
        ree_draws_kg: Rare earths, shape (classes, draws). [kg]
    """

    library: ContentLibrary
    source: Source
    classes: tuple[str, ...]
    series: tuple[Series, ...]
    mean_kg: Means
    p10_kg: Means
    p90_kg: Means
    ree_draws_kg: Draws

    def allowance_kg(self, batch_id: str, units: float, items: int) -> tuple[float, Draws]:
        """Rare earths that unidentified units could hold: mean and draws, shape (draws,). [kg]

        The mix of kinds is Dirichlet around the prior mix with a concentration of the number of
        distinct items: few items could all be one kind, many are a mix. Never inside a total.
        """
        if units == 0:
            return 0.0, np.zeros(self.source.draws, np.float32)
        prior = self.library.prior_mix
        rows = [i for i, (_, element) in enumerate(self.series) if element in RARE_EARTHS]
        mean = np.zeros(len(prior))
        drawn = np.zeros((len(prior), self.source.draws), np.float32)
        for k, name in enumerate(prior):
            if name in self.classes:
                column = self.classes.index(name)
                mean[k] = self.mean_kg[column, rows].sum()
                drawn[k] = self.ree_draws_kg[column]
        shares = np.array([spread.mean for spread in prior.values()])
        shares = shares / shares.sum()
        generator = self.source.generator(f"unidentified/{batch_id}")
        weights = generator.dirichlet(np.maximum(shares * max(items, 1), 1e-6), self.source.draws)
        draws = units * np.einsum("dk,kd->d", weights, drawn)
        return units * float(shares @ mean), np.asarray(draws, np.float32)


def class_shares(masses: ClassMasses) -> pl.DataFrame:
    """One class: its kind, its share of what nobody can identify, rare earths in one unit.

    A class of that mix that has no masses holds nothing, as in the allowance.

    Returns:
        Columns item_class, kind, unidentified_share (null outside the mix), ree_kg_per_unit and
        has_masses.
    """
    library, classes = masses.library, masses.classes
    rare = [i for i, (_, element) in enumerate(masses.series) if element in RARE_EARTHS]
    held = dict(zip(classes, masses.mean_kg[:, rare].sum(axis=1).tolist(), strict=True))
    total = sum(spread.mean for spread in library.prior_mix.values())
    names = sorted({*classes, *library.prior_mix})
    mix = {name: spread.mean / total for name, spread in library.prior_mix.items()}
    schema = {
        "item_class": pl.String,
        "kind": pl.String,
        "unidentified_share": pl.Float64,
        "ree_kg_per_unit": pl.Float64,
        "has_masses": pl.Boolean,
    }
    kinds = {name: found.kind for name, found in library.classes.items()}
    rows = [(n, kinds.get(n, n), mix.get(n), held.get(n, 0.0), n in held) for n in names]
    return pl.DataFrame(rows, schema=schema, orient="row")


def class_masses(library: ContentLibrary, source: Source) -> ClassMasses:
    """Means and draws of one unit of every class."""
    names = sorted(library.classes)
    parts = PARTS.check(
        pl.DataFrame(
            {
                "part_id": names,
                "kind": [library.classes[n].kind for n in names],
                "item_class": names,
                "family_key": [f"unlisted/{n}" for n in names],
                "confidence": [1.0] * len(names),
            }
        ).with_columns(
            *(
                pl.lit(None, pl.String).alias(c)
                for c in ("part_key", "runner_up", "identity_key", "form")
            ),
            launch_year=pl.lit(None, pl.Int64),
            unit_mass_g=pl.lit(None, pl.Float64),
            unit_mass_log_sd=pl.lit(None, pl.Float64),
        )
    )
    means, _ = mean_unit_masses(parts, library)
    series = library.series
    rare = [i for i, (_, element) in enumerate(series) if element in RARE_EARTHS]
    one = np.ones((1, 1), np.float32)
    limits = np.zeros((2, len(names), len(series)))
    ree = np.empty((len(names), source.draws), np.float32)
    for c, name in enumerate(names):
        part = cast(PartFrame, parts[c : c + 1])
        drawn, _ = ContentDraws(library, part, source).batches([f"unit/{name}"], one)
        held = drawn[:, 0].any(axis=1)  # most classes hold few of the series
        p10, _, p90 = quantiles(drawn[held, 0])
        limits[:, c, held] = p10, p90
        ree[c] = drawn[rare, 0].sum(axis=0)
    low, high = limits
    return ClassMasses(library, source, tuple(names), series, means, low, high, ree)


class DrawnClasses:
    """Masses of one unit of every class as last asked for: no batch moves them.

    A process that values again and again, at other prices or other lots, draws them once.
    """

    def __init__(self, tables: Tables) -> None:
        self._library = tables.made(load_library)  # as it is without measurements
        self._last: ClassMasses | None = None

    def of(self, source: Source) -> ClassMasses:
        """The masses under a seed and number of draws; the source is told of all that was drawn."""
        if type(source) is not Source:  # one that has generators of its own
            return class_masses(self._library, source)
        masses = self._last
        if masses is None or masses.source != source:
            masses = class_masses(self._library, Source(source.seed, source.draws))
            self._last = masses
        source.noted.update(masses.source.noted)
        source.drawn.update(masses.source.drawn)
        return masses


def content_rows(
    masses: ClassMasses, tables: Tables, measured: Measured = NOTHING_MEASURED
) -> pl.DataFrame:
    """One class x stream: mean, P10 and P90 of one unit's mass in g, with basis and sources.

    A class whose own magnets were weighed, several families together, rests on that; one of which
    single families were weighed rests on what it did, and names their file beside it.
    """
    provenance = _provenance(tables, masses.library)
    for row in measured.rows:
        composition, basis, sources, note = provenance[row.item_class, row.location]
        if row.quantity == "magnet_mass" and row.family_key is None:
            basis = "measured"
        sources = sorted({*sources, row.source_id})
        provenance[row.item_class, row.location] = (composition, basis, sources, note)
    rows = []
    for s, (stream, element) in enumerate(masses.series):
        if element != MASS:
            continue
        for c, name in enumerate(masses.classes):
            if (name, stream) not in provenance:
                continue
            composition, basis, sources, note = provenance[name, stream]
            rows.append(
                {
                    "item_class": name,
                    "stream": stream,
                    "is_magnet": stream in MAGNET_STREAMS,
                    "composition_id": composition,
                    "mean_g": masses.mean_kg[c, s] * 1000,
                    "low_g": masses.p10_kg[c, s] * 1000,
                    "high_g": masses.p90_kg[c, s] * 1000,
                    "basis": basis,
                    "sources": sources,
                    "note": note,
                }
            )
    return pl.DataFrame(rows).sort("item_class", "stream")


def _provenance(
    tables: Tables, library: ContentLibrary
) -> dict[tuple[str, str], tuple[str, str, list[str], str | None]]:
    gross = {r["item_class"]: r["source_id"] for r in tables.frame("gross_mass").to_dicts()}
    found = {}
    for row in library.model.rows(tables, "magnet_mass").iter_rows(named=True):
        found[row["item_class"], row["magnet_location"]] = (
            row["alloy_id"],
            row["basis"],
            row["source_ids"],
            row["note"],
        )
    for row in tables.frame("material_share").iter_rows(named=True):
        name = row["item_class"]
        sources = sorted({row["source_id"], gross.get(name, row["source_id"])})
        composition = row["board_type"] or row["material"]
        found[name, row["material"]] = (composition, row["basis"], sources, row["note"])
    return found
