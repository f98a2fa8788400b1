"""Fitting: pools the evidence of every quantity and writes it as rows of the content tables.

Medians and means come from the evidence. A spread is never made narrower than the prior row's: the
levels of `model.md` stand, and only wider disagreement changes them.
"""

import math
from collections.abc import Collection, Mapping
from typing import Any, Final

import polars as pl

from valuation.content.model.parameters import ContentModel, FittedParameter
from valuation.content.model.pooling import Between, Normal, Pooled, pool
from valuation.content.model.readings import (
    DESKTOP,
    Amount,
    PooledQuantity,
    drive_mass_g,
    off_scale,
    on_scale,
    pooled_quantities,
    row_spread,
)
from valuation.errors import TableError
from valuation.tables import Tables
from valuation.uncertain import CI90_WIDTH, Spread, spread_of

NOTEBOOK: Final = "hdd-2.5-notebook"
DESKTOP_SHARE: Final = "desktop-magnet-share"
VOICE_COIL_ALLOY: Final = "sintered-voice-coil"
REE_TOTAL: Final = f"{VOICE_COIL_ALLOY}/any/ree_total"
DIGITS: Final = 6
"""Significant digits that are stored: more than evidence has, few enough to be alike everywhere."""
FEWEST_GROUPS: Final = 2
"""Groups from which a quantity is fitted, one of which looked at the thing itself. One alone is
no pool, and ties a class to another at most."""


def fit_content(tables: Tables, without: Collection[str] = ()) -> ContentModel:
    """Fit every quantity that evidence supports.

    Args:
        tables: Reference data.
        without: Research groups (`group_id`) or sources (`source_id`) whose rows are left out. A
            quantity that then has too little evidence keeps its prior row.

    Raises:
        TableError: Evidence that does not fit together.
    """
    quantities = pooled_quantities(tables, without)
    pooled = {
        name: pool_quantity(quantity, tables)
        for name, quantity in quantities.items()
        if is_supported(quantity)
    }
    rows: dict[tuple[str, str], FittedParameter] = {}
    # what rests on the fitted desktop drive comes after it
    for name in sorted(pooled, key=lambda n: quantities[n].row["reached_by"] == "desktop_ratio"):
        spreads = _spreads_of(quantities[name], pooled, rows, tables)
        for parameter in _parameters(quantities[name], pooled[name], spreads, rows, tables):
            rows[parameter.table_name, parameter.row_key] = parameter
    return ContentModel(tuple(rows[key] for key in sorted(rows)), pooled)


def is_supported(quantity: PooledQuantity) -> bool:
    """Whether enough groups speak of a quantity for a fit."""
    groups = {reading.group_id for reading in quantity.readings}
    fewest = 1 if quantity.row["reached_by"] == "desktop_ratio" else FEWEST_GROUPS
    return len(groups) >= fewest


def pool_quantity(quantity: PooledQuantity, tables: Tables) -> Pooled:
    """Pool the readings of one quantity, beside its prior row where that is independent of them."""
    errors = quantity.errors
    between = Between(errors["tau_scale"], errors["t_degrees_of_freedom"])
    prior = independent_prior(quantity, tables)
    return pool(quantity.readings, between, prior)


def independent_prior(quantity: PooledQuantity, tables: Tables) -> Normal | None:
    """The prior row on the scale of pooling, if it rests on nothing that is pooled.

    Raises:
        TableError: The row has no spread, or is not a number of the quantity itself.
    """
    row = quantity.row
    if not row["independent_of_data"]:
        return None
    spread = spread_of(prior_row(tables, row["table_name"], row["row_key"]))
    if row["reached_by"] == "drive_mass":
        drive = drive_mass_g(tables)
        amount = Amount(spread.mean / drive.value, math.hypot(spread.log_sd, drive.log_sd))
    elif row["reached_by"] == "itself":
        amount = Amount(spread.value, _log_sd(spread))
    else:
        raise TableError(f"pooled_quantity.csv: the prior of {row['quantity_id']} cannot be used.")
    if amount.log_sd <= 0:
        raise TableError(f"pooled_quantity.csv: the prior of {row['quantity_id']} has no spread.")
    reading = on_scale(amount, row["scale"], "prior")
    return Normal(reading.estimate, reading.error)


def prior_row(tables: Tables, table: str, row_key: str) -> dict[str, Any]:
    """A row by its key, its columns joined by a slash.

    Raises:
        TableError: No such row.
    """
    key = tables.resource(table)["schema"]["primaryKey"]
    joined = pl.concat_str([pl.col(column) for column in key], separator="/")
    found = tables.frame(table).filter(joined == row_key)
    if found.height != 1:
        raise TableError(f"pooled_quantity.csv: {row_key} is no row of {table}.csv.")
    return found.row(0, named=True)


Rows = Mapping[tuple[str, str], FittedParameter]
Spreads = list[tuple[str, str, Spread]]


def _parameters(
    quantity: PooledQuantity, pooled: Pooled, spreads: Spreads, fitted: Rows, tables: Tables
) -> list[FittedParameter]:
    """Spreads by table and row with what they rest on."""
    row = quantity.row
    unit = prior_row(tables, row["table_name"], row["row_key"])["unit"]
    sources = quantity.sources
    if row["reached_by"] == "desktop_ratio":
        rests_on = [p for p in fitted.values() if p.row_key == f"{DESKTOP}/voice_coil"]
        sources = tuple(sorted({*sources, *(s for p in rests_on for s in p.sources)}))
    groups, tau = len(pooled.readings), _rounded(pooled.tau_mean)
    return [
        FittedParameter(
            table,
            key,
            spread.value,
            spread.low,
            spread.high,
            spread.kind,
            unit if table == row["table_name"] else "1",
            groups,
            tau,
            sources,
        )
        for table, key, spread in spreads
    ]


def _spreads_of(
    quantity: PooledQuantity, pooled: Mapping[str, Pooled], fitted: Rows, tables: Tables
) -> Spreads:
    """What a pooled quantity makes of its row, and of the class term where that is too narrow."""
    row = quantity.row
    found = pooled[row["quantity_id"]]
    amount = off_scale(found.mean, found.sd, row["scale"])
    place = (row["table_name"], row["row_key"])
    prior = prior_row(tables, *place)
    if row["reached_by"] == "itself":
        return [(*place, _replaced(spread_of(prior), amount))]
    if row["reached_by"] == "beta_scale":
        scale = amount.value / _beta_mean(tables, row["row_key"])
        return [(*place, Spread(_rounded(scale), None, None, "exact"))]
    if row["reached_by"] == "drive_mass":
        median = class_median_g(amount, prior["item_class"], tables)
    else:
        median = _of_desktop(amount, pooled.get(DESKTOP_SHARE), fitted, tables)
    return _mass_rows(row["row_key"], median, _levels(tables, prior["item_class"]))


def class_median_g(share: Amount, item_class: str, tables: Tables) -> Amount:
    """Median voice-coil magnet of a class of drives, of a share of the mass of its drives. [g]

    Published shares are means over drives, so the median lies below by exp(variance / 2) of
    families and pieces. The mass of the drive adds its own spread.
    """
    drive, levels = drive_mass_g(tables), _levels(tables, item_class)
    mean_of_median = math.exp((levels["family"] ** 2 + levels["piece"] ** 2) / 2)
    log_sd = math.hypot(share.log_sd, drive.log_sd)
    return Amount(share.value * drive.value / mean_of_median, log_sd)


def _replaced(prior: Spread, amount: Amount) -> Spread:
    """The spread of a row with its number replaced, no narrower than it was."""
    value = _rounded(amount.value)
    if prior.kind == "sd_normal":
        sd = max((prior.high or 0) - prior.value, amount.value * amount.log_sd)
        return Spread(value, _rounded(value - sd), _rounded(value + sd), prior.kind)
    if prior.kind == "ci90_lognormal":
        reach = math.exp(max(prior.log_sd, amount.log_sd) * CI90_WIDTH / 2)
        return Spread(value, _rounded(value / reach), _rounded(value * reach), prior.kind)
    raise TableError(f"pooled_quantity.csv: a row of spread {prior.kind} cannot be fitted.")


def _mass_rows(row_key: str, median_g: Amount, levels: Mapping[str, float]) -> Spreads:
    """Median of a class, and its class term where basis and class together are too narrow.

    `low` and `high` document what class and family amount to, as in every row of magnet masses.
    """
    wanted = math.sqrt(max(median_g.log_sd**2 - levels["basis"] ** 2, 0.0))
    of_class = max(levels["class"], _rounded(wanted, 2))
    reach = math.exp(math.hypot(of_class, levels["family"]) * CI90_WIDTH / 2)
    median = _rounded(median_g.value)
    limits = (_rounded(median / reach), _rounded(median * reach))
    rows = [("magnet_mass", row_key, Spread(median, *limits, "ci90_lognormal"))]
    if of_class > levels["class"]:
        rows.append(("magnet_spread", f"{row_key}/class", Spread(of_class, None, None, "exact")))
    return rows


def _of_desktop(
    ratio: Amount, desktop_share: Pooled | None, fitted: Rows, tables: Tables
) -> Amount:
    """Median voice-coil magnet of a notebook drive, from that of a desktop drive. [g]

    The ratio is of rare earths in all magnets of a drive, so the rings are counted on both sides.
    """
    alloy = row_spread(tables, "alloy", alloy_id=VOICE_COIL_ALLOY, quantity="ree_total").value
    total = fitted["alloy", REE_TOTAL].value if ("alloy", REE_TOTAL) in fitted else alloy
    bare = 1 - row_spread(tables, "alloy", alloy_id=VOICE_COIL_ALLOY, quantity="coating").mean
    bonded = row_spread(tables, "alloy", alloy_id="bonded-ndfeb", quantity="ree_total").mean
    desktop_ring, notebook_ring = (
        row_spread(tables, "magnet_mass", item_class=name, magnet_location="spindle").value
        for name in (DESKTOP, NOTEBOOK)
    )
    if desktop_share is None:  # nothing is fitted: the row and its levels
        levels = _levels(tables, DESKTOP)
        row = row_spread(tables, "magnet_mass", item_class=DESKTOP, magnet_location="voice_coil")
        desktop = Amount(row.value, math.hypot(levels["basis"], levels["class"]))
    else:
        share = off_scale(desktop_share.mean, desktop_share.sd, "logit")
        desktop = class_median_g(share, DESKTOP, tables)
    held = desktop.value * total * bare + desktop_ring * bonded
    left = ratio.value * held - notebook_ring * bonded
    if left <= 0:
        raise TableError("evidence.csv: the ratio leaves no voice coil in a notebook drive.")
    return Amount(left / (total * bare), math.hypot(ratio.log_sd, desktop.log_sd))


def _levels(tables: Tables, item_class: str) -> dict[str, float]:
    """Log-SD of a class's voice coil by level; a row of the class goes before the row of all."""
    rows = tables.frame("magnet_spread").filter(pl.col("magnet_location") == "voice_coil")
    names = ("item_class", "level", "value")
    found = {(r[0], r[1]): r[2] for r in rows.select(names).iter_rows()}
    levels = ("basis", "class", "family", "piece")
    return {v: found.get((item_class, v), found.get(("*", v), 0.0)) for v in levels}


def _beta_mean(tables: Tables, row_key: str) -> float:
    """Mean of the Beta that a scale stretches."""
    alloy_id = row_key.partition("/")[0]
    alpha, beta = (
        row_spread(tables, "alloy", alloy_id=alloy_id, quantity=f"pr_share_{name}").value
        for name in ("alpha", "beta")
    )
    return alpha / (alpha + beta)


def _log_sd(spread: Spread) -> float:
    if spread.kind == "ci90_lognormal":
        return spread.log_sd
    return math.sqrt(spread.variance) / spread.mean


def _rounded(number: float, digits: int = DIGITS) -> float:
    """A number to significant digits."""
    return float(f"{number:.{digits}g}")
