"""Kilograms: a figure of mass by the stream it comes from, with the rows behind each."""

from typing import Any, Final

import polars as pl

from valuation.explain.choosing import OF_THE_BATCH, Figure
from valuation.explain.masses import classes_of, contributions, lines_of, rows_behind
from valuation.explain.money import ALL_MADE, SOLD, largest_first, paths_of
from valuation.explain.reading import Stored
from valuation.explain.rows import Rows
from valuation.shapes import PSEUDO_ELEMENTS
from valuation.units import RARE_EARTHS

BY_PURPOSE: Final = {"liberated_kg": "liberated", "magnet_feed_kg": "magnet_feed"}
"""Purpose of the paths that a measure sums."""
MAGNETS: Final = {
    "magnet_equivalent_kg": ("reduction_yield", "manufacturing_yield", "magnet_grade_ree_fraction"),
    "magnet_equivalent_before_loss_kg": ("reduction_yield", "magnet_grade_ree_fraction"),
}
"""Rows by which recovered rare earths become magnets, by measure."""


def mass_parts(stored: Stored, reached: Rows, figure: Figure) -> list[dict[str, Any]]:
    """A figure in kilograms by stream, the largest first; none where a stream has no figure."""
    lines = _lines(stored, figure)
    making = reached.reach("assumption", MAGNETS.get(figure.measure, ()))
    metal = float(lines["kg"].sum())
    # what one kilogram becomes is told by the figure itself: its mean is that of draws
    scale = figure.row["mean"] / metal if making and metal else 1.0
    parts = []
    for stream in sorted(set(lines["stream"])):
        own = lines.filter(pl.col("stream") == stream)
        kg = float(own["kg"].sum()) * scale
        factors = [_mass(stored, reached, own)]
        if figure.measure == "payable_kg":
            factors.append(_payable(reached, own))
        if making:
            text = "reduction x manufacturing yield / rare-earth fraction of the grade"
            factors.append(
                {"factor": "making", "text": text, "value": scale, "unit": "kg/kg", "rows": making}
            )
        parts.append(
            {"kind": "stream", "id": stream, "title": stream.replace("_", " "), "mean": kg}
            | {"mean_at_fixed_prices": None, "reason": None, "factors": factors}
        )
    return largest_first(parts)


def _mass(stored: Stored, reached: Rows, own: pl.DataFrame) -> dict[str, Any]:
    captured = any(len(keys) for keys in own["captures"].to_list())
    return {
        "factor": "mass",
        "text": "units x mass of one unit" + (" x captures on the way" if captured else ""),
        "value": float(own["arriving_kg"].sum()),
        "unit": "kg",
        "lines": lines_of(own, "kg"),
        "classes": classes_of(stored, own, "kg"),
        "rows": rows_behind(stored, reached, own),
    }


def _payable(reached: Rows, own: pl.DataFrame) -> dict[str, Any]:
    first = own.row(0, named=True)
    return {
        "factor": "payable share",
        "text": f"paid at the point of sale ({first['mode']})",
        "value": first["payable_share"],
        "unit": "1",
        "rows": reached.reach_share(first, first["route_id"]),
    }


def _lines(stored: Stored, figure: Figure) -> pl.DataFrame:
    """Contributions to the figure, with `kg`: what each adds to it."""
    if figure.measure in OF_THE_BATCH:
        return contributions(stored, _whole(stored, figure)).with_columns(kg="arriving_kg")
    purposes: tuple[str, ...] = SOLD if figure.measure == "payable_kg" else ALL_MADE
    if figure.measure in BY_PURPOSE:
        purposes = (BY_PURPOSE[figure.measure],)
    lines = contributions(stored, paths_of(stored, figure.route_id, purposes))
    if figure.measure == "magnet_feed_kg":
        return lines.with_columns(kg="arriving_kg")
    if figure.product_id and figure.measure not in MAGNETS:
        lines = lines.filter(pl.col("product_id") == figure.product_id)
    if figure.measure in MAGNETS:
        return lines.filter(pl.col("element").is_in(RARE_EARTHS)).with_columns(kg="arriving_kg")
    if figure.element:
        of_element = lines.filter(pl.col("element") == figure.element)
        return of_element.with_columns(kg="arriving_kg")
    price = stored.tables["product_price"].select("product_id", "element", "product_kg_per_kg")
    lines = lines.join(price, on=["product_id", "element"], how="left").with_columns(
        kg=pl.col("arriving_kg") * pl.col("product_kg_per_kg")
    )
    if figure.measure == "payable_kg":
        sales = stored.tables["route_sale"].filter(pl.col("route_id") == figure.route_id)
        lines = lines.join(sales, on="product_id", how="left")
        lines = lines.with_columns(kg=pl.col("kg") * pl.col("payable_share"))
    return lines.filter(pl.col("kg") != 0)


def _whole(stored: Stored, figure: Figure) -> pl.DataFrame:
    """Paths of what is contained: everything, no capture."""
    wanted = pl.col("element").is_in([figure.element] if figure.element else RARE_EARTHS)
    if figure.measure == "contained_fan_ree_kg":
        wanted = wanted & (pl.col("stream") == "fan_rotor")
    series = stored.masses.filter(wanted, ~pl.col("element").is_in(PSEUDO_ELEMENTS))
    return (
        series.select("stream", "element")
        .unique()
        .with_columns(
            product_id=pl.lit(None, pl.String),
            share=pl.lit(1.0),
            captures=pl.lit([], pl.List(pl.String)),
        )
    )
