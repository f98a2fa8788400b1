"""Capacity: what each batch would bring to the plants of its routes, as a share of a plant's year.

Every stated reading stands beside the others, at its own boundary: what is oxide in one source and
magnet in another is two rows, and neither is converted into the other.
"""

from collections.abc import Collection

import polars as pl

from valuation.tables import Tables

SCHEMA = {
    "batch_id": pl.String,
    "route_id": pl.String,
    "reading": pl.String,
    "boundary": pl.String,
    "from_on": pl.Date,
    "batch_kg": pl.Float64,
    "plant_kg": pl.Float64,
    "share_of_year": pl.Float64,
}
KEY = ("route_id", "reading", "boundary")


def batch_capacity(
    values: pl.DataFrame, flows: pl.DataFrame, counts: pl.DataFrame, tables: Tables
) -> pl.DataFrame:
    """One row per batch, route valued, reading and boundary.

    Args:
        values: `batch_value`.
        flows: `batch_flow`.
        counts: Gross mass by batch.
        tables: Reference data: stated capacities, and the stage of each step.

    Returns:
        Columns of `SCHEMA`: batch_kg is the mean mass at the reading's boundary, plant_kg what the
        plant takes or makes in a year. [kg, kg/yr]
    """
    stated = tables.frame("capacity").select(*KEY, "from_on", plant_kg=pl.col("value") * 1000)
    valued = values.filter(pl.col("route_id").is_not_null()).select("batch_id", "route_id").unique()
    found = pl.concat([_sold(values), _refined(flows, tables), _brought(valued, counts)])
    return (
        valued.join(stated, on="route_id")
        .join(found, on=["batch_id", "route_id", "boundary"], how="left")
        .with_columns(pl.col("batch_kg").fill_null(0.0))  # the route yields none of it
        .with_columns(share_of_year=pl.col("batch_kg") / pl.col("plant_kg"))
        .select(*SCHEMA)
        .sort("batch_id", *KEY)
    )


def portfolio(shares: pl.DataFrame, batch_ids: Collection[str]) -> pl.DataFrame:
    """What some batches bring to each plant together: one row per route, reading and boundary."""
    some = shares.filter(pl.col("batch_id").is_in(list(batch_ids)))
    summed = pl.col("batch_kg", "share_of_year").sum()
    return some.group_by(*KEY, "from_on", "plant_kg").agg(summed).sort(KEY)


def capacity_warnings(together: pl.DataFrame) -> list[str]:
    """One sentence for each plant of which the lots would fill more than a year."""
    return [
        f"The lots of this run bring route {row['route_id']} {row['share_of_year']:,.2g} times "
        f"what its plant can do in a year: {row['batch_kg'] / 1000:,.3g} t "
        f"{row['boundary'].replace('_', ' ')} against {row['plant_kg'] / 1000:,.6g} t "
        f"({row['reading']}{_from(row['from_on'])})."
        for row in together.filter(pl.col("share_of_year") > 1).iter_rows(named=True)
    ]


def _from(from_on: object) -> str:
    return f", from {from_on}" if from_on else ""


def _sold(values: pl.DataFrame) -> pl.DataFrame:
    """Oxides, magnets and alloy made, magnets oxides become, magnets the chemistry takes."""
    product, measure = pl.col("product_id"), pl.col("measure")
    recovered = measure == "recovered_kg"
    boundary = (
        pl.when(measure == "magnet_feed_kg")
        .then(pl.lit("magnet_in"))
        .when(recovered & product.str.ends_with("_oxide"))
        .then(pl.lit("oxide_out"))
        .when(product == "ndfeb_magnet", recovered | (measure == "magnet_equivalent_kg"))
        .then(pl.lit("magnet_out"))
        .when(recovered & (product == "ndfeb_alloy"))
        .then(pl.lit("alloy_out"))
    )
    rows = values.with_columns(boundary=boundary).filter(pl.col("boundary").is_not_null())
    return _summed(rows.with_columns(batch_kg="mean"))


def _refined(flows: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Metals that leave the refining steps as products, as element mass."""
    steps = tables.frame("route_step").filter(pl.col("stage") == "refine")
    out = flows.filter(pl.col("product_id").is_not_null()).join(
        steps.select("route_id", "step_no"), on=["route_id", "step_no"], how="semi"
    )
    return _summed(out.with_columns(boundary=pl.lit("metal_out"), batch_kg="out_kg"))


def _brought(valued: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    """The kit itself, where a plant says how much of that it takes."""
    kit = valued.join(counts.select("batch_id", batch_kg="gross_mass_kg"), on="batch_id")
    return _summed(kit.with_columns(boundary=pl.lit("drive_in")))


def _summed(rows: pl.DataFrame) -> pl.DataFrame:
    key = ("batch_id", "route_id", "boundary")
    return rows.group_by(key).agg(pl.col("batch_kg").sum()).select(*key, "batch_kg").sort(key)
