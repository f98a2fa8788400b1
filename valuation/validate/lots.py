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
from valuation.validate.cases import Case, MixRow

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
        made = family_rows(library, mix, f"case/{case['mix_id']}/{mix.item_class}")
        owner |= {row["part_id"]: place for row in made}
        rows += made
    parts = part_frame(rows)
    return parts, np.array([owner[key] for key in parts["part_id"]])


def family_rows(library: ContentLibrary, mix: MixRow, label: str) -> list[dict[str, Any]]:
    """Parts of one class, one per family, under keys of their own."""
    keys = [f"{label}/{family:04d}" for family in range(mix.families)]
    return [
        {
            "part_id": key,
            "kind": library.classes[mix.item_class].kind,
            "item_class": mix.item_class,
            "family_key": key,
            "launch_year": mix.launch_year,
            "confidence": 1.0,
        }
        for key in keys
    ]


def part_frame(rows: list[dict[str, Any]]) -> PartFrame:
    """Parts of rows that say what is known of them; the rest is null."""
    schema = {name: kind for name, kind in PARTS.columns.items() if name in rows[0]}
    missing = [pl.lit(None, kind).alias(n) for n, kind in PARTS.columns.items() if n not in schema]
    return PARTS.check(pl.DataFrame(rows, schema=schema).with_columns(missing))


def _only_magnets(drawn: Draws, library: ContentLibrary, case: Case) -> Draws:
    """Magnets alone: feed that is magnet has left the drive behind."""
    inside = [stream in streams_of(case["boundary"]) for stream, _ in library.series]
    return np.where(np.array(inside)[:, None, None], drawn, np.float32(0))


def _by_kind(kinds: list[str], pieces: Means) -> dict[str, Means]:
    units: dict[str, Means] = {}
    for kind, count in zip(kinds, pieces, strict=True):
        units[kind] = units.get(kind, np.zeros(1)) + count
    return units
