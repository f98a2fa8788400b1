"""The lot of a published case: what its class mix holds, as the content stage draws it.

The mix is drawn, closed; where the amount is a mass, the pieces are as many as weigh that much in
every draw, so that the spread of a drive's mass does not enter twice.
"""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from valuation.content.draws import ContentDraws
from valuation.content.library import ContentLibrary
from valuation.content.masses import mean_unit_masses
from valuation.frames import PARTS, PartFrame
from valuation.shapes import MAGNET_STREAMS, MASS, BatchContent, Means
from valuation.uncertain import Draws, Source
from valuation.validate.cases import Case

VOICE_COIL = "voice_coil"


def streams_of(boundary: str) -> tuple[str, ...]:
    """Magnet locations a boundary counts."""
    return (VOICE_COIL,) if boundary == VOICE_COIL else MAGNET_STREAMS


def case_content(case: Case, library: ContentLibrary, source: Source) -> BatchContent:
    """What a case's lot holds, as one batch.

    Args:
        case: The case; a mix row of class `other` takes its share and holds nothing.
        library: What classes are made of.
        source: Seed and number of draws.
    """
    held = [i for i, row in enumerate(case.mix) if row.item_class in library.classes]
    shares = _closed_shares(case, source)[held]
    means = np.array([row.share.mean for row in case.mix])
    mean_shares = (means / means.sum())[held]
    parts, owner = _parts(case, library, held)
    unit_mean, unit_gross = mean_unit_masses(parts, library)
    per_class = np.stack([unit_mean[owner == i].mean(axis=0) for i in range(len(held))])
    gross_each = np.array([unit_gross[owner == i].mean() for i in range(len(held))])
    magnets = [
        i
        for i, (stream, element) in enumerate(library.series)
        if element == MASS and stream in streams_of(case["boundary"])
    ]
    weighed = {"kg_kit": gross_each, "kg_magnet": per_class[:, magnets].sum(axis=1)}
    wanted = case["amount"] * mean_shares
    pieces = wanted / weighed.get(case["amount_unit"], np.ones(len(held)))
    units = np.zeros((len(held), parts.height))
    for i in range(len(held)):
        units[i, owner == i] = pieces[i] / (owner == i).sum()
    labels = [f"case/{case['mix_id']}/{case.mix[i].item_class}" for i in held]
    drawn, gross = ContentDraws(library, parts, source).batches(labels, units.astype(np.float32))
    weights = shares / mean_shares[:, None]
    if case["amount_unit"] == "kg_kit":
        weights = weights * wanted[:, None] / gross
    elif case["amount_unit"] == "kg_magnet":
        weights = weights * wanted[:, None] / drawn[magnets].sum(axis=0)
        drawn = _only_magnets(drawn, library, case)
    total = np.einsum("srd,rd->sd", drawn, weights, dtype=np.float64).astype(np.float32)
    exact = case["amount_unit"] == "piece" and all(row.share.is_exact for row in case.mix)
    mean = pieces @ per_class if exact else total.mean(axis=1, dtype=np.float64)
    weight = (gross * weights).sum(axis=0, keepdims=True)
    kinds = [library.classes[case.mix[i].item_class].kind for i in held]
    return BatchContent(
        batch_ids=(f"case/{case['mix_id']}",),
        series=library.series,
        mean_kg=mean[:, None],
        draws_kg=total[:, None, :],
        gross_mean_kg=weight.mean(axis=1, dtype=np.float64),
        gross_draws_kg=weight.astype(np.float32),
        units=_by_kind(kinds, pieces),
        unknown=library.unknown,
    )


def _closed_shares(case: Case, source: Source) -> Draws:
    """Shares of the mix, each drawn from its row and closed, shape (rows, draws). [1]"""
    drawn = [
        row.share.draw(source, f"case-mix/{case['mix_id']}/{row.item_class}") for row in case.mix
    ]
    return np.asarray(np.stack(drawn) / np.sum(drawn, axis=0), np.float32)


def _parts(
    case: Case, library: ContentLibrary, held: list[int]
) -> tuple[PartFrame, NDArray[np.int64]]:
    """One part per family, in key order, and the mix row each belongs to."""
    rows: list[dict[str, Any]] = []
    owner: dict[str, int] = {}
    for place, i in enumerate(held):
        mix = case.mix[i]
        for family in range(mix.families):
            key = f"case/{case['mix_id']}/{mix.item_class}/{family:04d}"
            owner[key] = place
            rows.append(
                {
                    "part_id": key,
                    "kind": library.classes[mix.item_class].kind,
                    "item_class": mix.item_class,
                    "family_key": key,
                    "launch_year": mix.launch_year,
                    "confidence": 1.0,
                }
            )
    missing = [name for name in PARTS.columns if name not in rows[0]]
    frame = pl.DataFrame(rows, schema_overrides={"launch_year": pl.Int64})
    parts = PARTS.check(
        frame.with_columns(pl.lit(None).cast(PARTS.columns[name]).alias(name) for name in missing)
    )
    return parts, np.array([owner[key] for key in parts["part_id"]])


def _only_magnets(drawn: Draws, library: ContentLibrary, case: Case) -> Draws:
    """Magnets alone: feed that is magnet has left the drive behind."""
    inside = [stream in streams_of(case["boundary"]) for stream, _ in library.series]
    return np.where(np.array(inside)[:, None, None], drawn, np.float32(0))


def _by_kind(kinds: list[str], pieces: Means) -> dict[str, Means]:
    units: dict[str, Means] = {}
    for kind, count in zip(kinds, pieces, strict=True):
        units[kind] = units.get(kind, np.zeros(1)) + count
    return units
