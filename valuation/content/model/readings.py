"""Readings: what the rows of `evidence` and `measurement` say of each pooled quantity.

Every reading carries its own error: the spread its row gives, the sampling error of its units, or a
stated default. Errors are of the logarithm; the scale of pooling comes last.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from valuation.content.model.pooling import Reading
from valuation.errors import TableError
from valuation.tables import Tables
from valuation.uncertain import Spread, spread_of

Row = Mapping[str, Any]

MEASUREMENT_KEY: Final = ("component_class", "form_factor", "quantity", "source_id")
DESKTOP: Final = "hdd-3.5-desktop"
GRAMS_PER_KG: Final = 1000.0


@dataclass(frozen=True)
class Amount:
    """A positive number and its error.

    Attributes:
        value: The number, in its own unit.
        log_sd: One SD of its logarithm.
    """

    value: float
    log_sd: float


@dataclass(frozen=True)
class PooledQuantity:
    """A row of `pooled_quantity` with the readings of it.

    Attributes:
        row: The row.
        readings: Readings on the scale of pooling, by source row; several may be of one group.
        sources_of: Sources of the readings of each research group.
        errors: Errors taken for granted, by parameter.
    """

    row: Row
    readings: tuple[Reading, ...]
    sources_of: Mapping[str, tuple[str, ...]]
    errors: Mapping[str, float]

    @property
    def sources(self) -> tuple[str, ...]:
        """Sources of all readings, in order."""
        return tuple(sorted({s for found in self.sources_of.values() for s in found}))


def pooled_quantities(tables: Tables, without: Collection[str] = ()) -> dict[str, PooledQuantity]:
    """Every pooled quantity with its readings.

    Args:
        tables: Reference data.
        without: Research groups or sources whose rows are left out.

    Raises:
        TableError: Evidence without its measurement, or a reading that is not above zero.
    """
    rows = tables.frame("evidence").join(
        tables.frame("measurement").drop("note"), on=list(MEASUREMENT_KEY), how="left"
    )
    used = rows.filter(pl.col("part") != "left_out")
    found: dict[str, PooledQuantity] = {}
    for quantity in tables.frame("pooled_quantity").iter_rows(named=True):
        name = quantity["quantity_id"]
        errors = pooling_errors(tables, name)
        readings: list[Reading] = []
        sources: dict[str, set[str]] = {}
        for (label,), parts in used.filter(pl.col("quantity_id") == name).group_by(
            "reading_id", maintain_order=True
        ):
            measured = parts.to_dicts()
            if any(part["group_id"] is None for part in measured):
                raise TableError(f"evidence.csv: {name}, {label} names no row of measurement.csv.")
            if any(p[c] in without for p in measured for c in ("group_id", "source_id")):
                continue
            amount = within_boundary(_combined(measured, errors), measured, tables)
            group = measured[0]["group_id"]
            readings.append(on_scale(amount, quantity["scale"], group))
            sources.setdefault(group, set()).update(part["source_id"] for part in measured)
        found[name] = PooledQuantity(
            quantity,
            tuple(sorted(readings)),
            {group: tuple(sorted(found)) for group, found in sources.items()},
            errors,
        )
    return found


def pooling_errors(tables: Tables, quantity_id: str) -> dict[str, float]:
    """Errors taken for granted of one quantity: its own rows before the defaults of all."""
    assumed = tables.frame("assumption").select("assumption_id", "value").iter_rows()
    prefix = "pooling_"
    defaults = {key.removeprefix(prefix): v for key, v in assumed if key.startswith(prefix)}
    own = tables.frame("pooling_error").filter(pl.col("quantity_id") == quantity_id)
    return defaults | dict(own.select("parameter", "value").iter_rows())


def own_error(row: Row, errors: Mapping[str, float]) -> float:
    """One SD of the mean that a row tells, in the row's unit.

    A standard deviation is the scatter of samples, so its mean is surer by the root of their
    number; any other spread is taken as it is told. A number without spread has the error of
    reporting, and that of sampling where its units are counted.
    """
    value, samples = row["value"], row["n_units"]
    if row["spread_kind"] == "sd_normal":
        return float(
            (row["high"] - row["low"]) / 2 / math.sqrt(samples or errors["samples_unstated"])
        )
    if row["spread_kind"] != "exact":
        return math.sqrt(spread_of(row).variance)
    sampling = errors.get("unit_scatter", 0.0) / math.sqrt(samples) if samples else 0.0
    return float(value * math.hypot(errors["reporting_error"], sampling))


def _combined(parts: list[dict[str, Any]], errors: Mapping[str, float]) -> Amount:
    """The amount that the rows of one reading make together, errors to first order."""
    add = math.fsum(p["value"] for p in parts if p["part"] == "add")
    over = math.fsum(p["value"] for p in parts if p["part"] == "over")
    times = math.prod(p["value"] for p in parts if p["part"] == "times")
    slopes: dict[tuple[str, ...], float] = {}
    sds: dict[tuple[str, ...], float] = {}
    for part in parts:
        key = tuple(part[c] for c in MEASUREMENT_KEY)
        slope = {"add": 1 / add, "over": -1 / over if over else 0.0, "times": 1 / part["value"]}
        slopes[key] = slopes.get(key, 0.0) + slope[part["part"]]
        sds[key] = own_error(part, errors)
    log_sd = math.hypot(*(slopes[key] * sds[key] for key in slopes))
    if any(part["directness"] == "indirect" for part in parts):
        log_sd = math.hypot(log_sd, errors["indirect_error"])
    return Amount(add * times / (over or 1.0), log_sd)


def within_boundary(amount: Amount, parts: list[dict[str, Any]], tables: Tables) -> Amount:
    """A reading of drives as voice-coil magnets per mass of the drive; any other as it is. [1]

    The mass of a drive and of its spindle ring are distributions of their own: what they add to
    the error is counted in.
    """
    first = parts[0]
    if first["boundary"] is None or first["quantity"] == "rare_earth_mass_ratio":
        return amount
    drive = drive_mass_g(tables)
    if first["unit"] == "g":
        amount = Amount(amount.value / drive.value, math.hypot(amount.log_sd, drive.log_sd))
    if first["boundary"] == "voice_coil":
        return amount
    ring = row_spread(tables, "magnet_mass", item_class=DESKTOP, magnet_location="spindle")
    share = ring.mean / drive.value
    left = amount.value - share
    if left <= 0:
        raise TableError(
            f"evidence.csv: {first['reading_id']} leaves no voice coil beside the ring."
        )
    ring_sd = share * math.hypot(math.sqrt(ring.variance) / ring.mean, drive.log_sd)
    return Amount(left, math.hypot(amount.value * amount.log_sd, ring_sd) / left)


def drive_mass_g(tables: Tables) -> Amount:
    """Mean mass of a desktop drive and the log-SD of its distribution. [g]"""
    spread = row_spread(tables, "gross_mass", item_class=DESKTOP)
    return Amount(spread.mean * GRAMS_PER_KG, spread.log_sd)


def row_spread(tables: Tables, table: str, **key: str) -> Spread:
    """The spread of the one row with a key.

    Raises:
        TableError: No such row.
    """
    found = tables.frame(table).filter(*(pl.col(c) == v for c, v in key.items()))
    if found.height != 1:
        raise TableError(f"{table}.csv has no row {', '.join(key.values())}, which is pooled.")
    return spread_of(found.row(0, named=True))


def on_scale(amount: Amount, scale: str, group_id: str) -> Reading:
    """An amount on the scale of pooling: its logarithm, or the logit of a share.

    Raises:
        TableError: It is not above zero, or a share is not below one.
    """
    if amount.value <= 0 or (scale == "logit" and amount.value >= 1):
        raise TableError(f"evidence.csv: {group_id} reads {amount.value:g}, which has no {scale}.")
    if scale == "log":
        return Reading(math.log(amount.value), amount.log_sd, group_id)
    odds = amount.value / (1 - amount.value)
    return Reading(math.log(odds), amount.log_sd / (1 - amount.value), group_id)


def off_scale(estimate: float, sd: float, scale: str) -> Amount:
    """A number on the scale of pooling as an amount; the inverse of `on_scale`."""
    if scale == "log":
        return Amount(math.exp(estimate), sd)
    share = 1 / (1 + math.exp(-estimate))
    return Amount(share, sd * (1 - share))
