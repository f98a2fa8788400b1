"""Next: which measurement would narrow a batch's net most, per piece measured.

The range after a measurement, averaged over its outcomes, is the range now times the root of the
share of variance that stays: the measurement explains the variance of the expected net given its
outcome, which is exact for what is linear in magnet mass; the shape is taken to stay.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Final

import numpy as np
import polars as pl

from valuation.content import Candidate, Content, Effort
from valuation.shapes import MAGNET_STREAMS, Means
from valuation.tables import Tables
from valuation.units import RARE_EARTHS, WHOLE

MOST_ROWS: Final = 20
"""Measurements kept for a batch and route: the best of them."""
DIGITS: Final = 12
"""Figures that agree to so many digits of the largest rank as one."""
REE: Final = "ree"
SCHEMA: Final = {
    "batch_id": pl.String,
    "route_id": pl.String,
    "rank": pl.Int64,
    "method": pl.String,
    "item_class": pl.String,
    "family_key": pl.String,
    "part_key": pl.String,
    "location": pl.String,
    "alloy_id": pl.String,
    "vintage": pl.String,
    "pieces": pl.Int64,
    "units_in_batch": pl.Float64,
    "magnet_kg": pl.Float64,
    "width_now_usd": pl.Float64,
    "width_after_usd": pl.Float64,
    "narrowing_usd_per_piece": pl.Float64,
    "ree_width_now_kg": pl.Float64,
    "ree_width_after_kg": pl.Float64,
    "log_variance": pl.Float64,
    "piece_log_variance": pl.Float64,
    "instrument_error": pl.Float64,
    "reason": pl.String,
}
OF_CANDIDATE: Final = tuple(
    name for name in SCHEMA if name in {field.name for field in fields(Candidate)}
)
OF_RANK: Final = (
    "batch_id", "route_id", "rank", "units_in_batch", "width_now_usd", "width_after_usd",
    "narrowing_usd_per_piece", "ree_width_now_kg", "ree_width_after_kg", "instrument_error",
    "reason",
)  # fmt: skip
"""What `_ranked` adds to what is told of a candidate."""
of_candidate: Final = attrgetter(*OF_CANDIDATE)
Row = tuple[Any, ...]


def effort_of(tables: Tables) -> Effort:
    """How a measurement is thought of where nobody says."""
    assumed = {r["assumption_id"]: r["value"] for r in tables.frame("assumption").to_dicts()}
    return Effort(int(assumed["pieces_to_weigh"]), assumed["weigh_error"], assumed["assay_error"])


def worth_measuring(
    content: Content,
    usd_per_kg: Mapping[str, Mapping[str, Means]],
    spreads: pl.DataFrame,
    tables: Tables,
) -> pl.DataFrame:
    """One row per batch, route with a net and measurement: what it would narrow, the best first.

    Args:
        content: What the parts of the batches hold.
        usd_per_kg: What one kilogram of each series adds to the mean net of a route, by the form
            batches arrive in.
        spreads: How uncertain they are: `spreads_of` all batches.
        tables: Reference data: how a measurement is made.
    """
    known = {(batch, route or REE): tuple(s) for batch, route, *s in spreads.iter_rows()}
    forms = content.contents.forms
    rows: list[Row] = []
    for form, of_route in usd_per_kg.items():
        batches = sorted({b for b, _ in known if forms.get(b, WHOLE) == form})
        rows += _of_form(content, batches, of_route, known, effort_of(tables))
    schema = {name: SCHEMA[name] for name in (*OF_CANDIDATE, *OF_RANK)}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.select(*SCHEMA).sort("batch_id", "route_id", "rank")


def _of_form(
    content: Content,
    batches: list[str],
    of_route: Mapping[str, Means],
    spreads: Mapping[tuple[str, str], tuple[float, ...]],
    effort: Effort,
) -> Iterator[Row]:
    is_ree = [s[0] in MAGNET_STREAMS and s[1] in RARE_EARTHS for s in content.series]
    gradients = np.array([*of_route.values(), np.array(is_ree, float)])
    for batch, found in content.candidates(batches, gradients, effort):
        compared = _Compared.of(found)
        for figure, route in enumerate(of_route):
            if found and (batch, route) in spreads:
                yield from _ranked(batch, route, figure, compared, spreads, effort)


@dataclass(frozen=True)
class _Compared:
    """What could be measured in a batch, as arrays in the order of labels.

    Attributes:
        pieces: Pieces measured, shape (measurements,). [1]
        explained: Of each figure, shape (measurements, figures).
        least_variance: The same.
        of_magnets: Why each would narrow anything, as a sentence.
    """

    found: Sequence[Candidate]
    pieces: Means
    explained: Means
    least_variance: Means
    of_magnets: Sequence[str]

    @staticmethod
    def of(found: Sequence[Candidate]) -> "_Compared":
        """Measurements to be compared."""
        ordered = sorted(found, key=attrgetter("label"))
        magnet_kg = sum(one.magnet_kg for one in found if one.method == "assay")
        return _Compared(
            ordered,
            np.array([one.pieces for one in ordered], float),
            np.array([one.explained for one in ordered]),
            np.array([one.least_variance for one in ordered]),
            [_reason(one, magnet_kg) for one in ordered],
        )


def spreads_of(values: pl.DataFrame, draws: pl.DataFrame) -> pl.DataFrame:
    """P10-P90 and variance of the net of each batch and route, and of contained rare earths.

    Args:
        values: `batch_value` of some batches.
        draws: Their `batch_draw`.

    Returns:
        Columns batch_id, route_id (null for what is contained), width, variance; only figures
        that are known. [USD, kg and their squares]
    """
    measures = pl.col("measure").is_in(["net_usd", "contained_ree_kg"])
    keys = ["batch_id", "route_id", "measure"]
    spread = draws.filter(measures).select(*keys, variance=pl.col("draws").list.var(ddof=0))
    known = values.filter(measures, pl.col("p90").is_not_null()).select(
        *keys, width=pl.col("p90") - pl.col("p10")
    )
    joined = known.join(spread, on=keys, nulls_equal=True)
    return joined.select("batch_id", "route_id", "width", "variance")


def _ranked(
    batch: str,
    route: str,
    figure: int,
    compared: _Compared,
    spreads: Mapping[tuple[str, str], tuple[float, ...]],
    effort: Effort,
) -> Iterator[Row]:
    width, variance = spreads[batch, route]
    ree_width, ree_variance = spreads.get((batch, REE), (0.0, 0.0))
    errors = {"weigh": effort.weigh_error, "assay": effort.assay_error}
    explained, least = compared.explained, compared.least_variance
    after = width * stays(explained[:, figure], np.fmax(variance, least[:, figure]))
    ree_after = ree_width * stays(explained[:, -1], np.fmax(ree_variance, least[:, -1]))
    narrowing = (width - after) / compared.pieces
    # Equal ones differ by rounding; they stand by label.
    order = np.lexsort((_rounded(ree_after), -_rounded(narrowing)))
    best = order[~np.isnan(after[order])][:MOST_ROWS].tolist()
    for rank, i in enumerate(best, start=1):
        one = compared.found[i]
        yield (
            *of_candidate(one),
            batch,
            route,
            rank,
            one.units,
            width,
            float(after[i]),
            float(narrowing[i]),
            ree_width,
            float(ree_after[i]),
            errors.get(one.method),
            compared.of_magnets[i],
        )


def stays(explained: Means | float, variance: Means | float) -> Means:
    """Share of a range that stays when so much of its variance is explained, of one or many. [1]"""
    of_what = np.where(np.greater(variance, 0), variance, np.inf)
    return np.asarray(np.sqrt(np.maximum(1 - explained / of_what, 0.0)), float)


def _rounded(figures: Means) -> Means:
    scale = np.nanmax(np.abs(figures), initial=1e-300)
    return np.asarray(np.round(figures / scale, DIGITS), float)


def _reason(one: Candidate, magnet_kg: float) -> str:
    """Why it would narrow anything, as a sentence."""
    share = f"{one.magnet_kg / magnet_kg:.0%} of the magnet mass" if magnet_kg else "the magnets"
    if one.method == "weigh":
        sd = math.sqrt(one.log_variance or 0.0)
        return f"{share}, known to a factor of {math.exp(sd):.2f}"
    if one.method == "assay":
        return f"the alloy of {share}"
    return f"NdFeB or not decides {share}"
