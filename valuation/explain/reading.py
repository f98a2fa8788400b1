"""What a published file holds of one batch and route, read once and left alone.

Nothing is worked out from other data than the file's own: a figure is explained as it stood.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from valuation.errors import OutputError
from valuation.explain.choosing import chosen
from valuation.store import open_read_only
from valuation.store.layout import frame
from valuation.units import WHOLE

if TYPE_CHECKING:
    import duckdb

PARTS: Final = Path(__file__).with_name("parts.sql")
PARAMETERS: Final = Path(__file__).with_name("parameters.sql")
NEEDED: Final = ("reference_row", "part", "part_mass", "route_path", "route_sale", "product_price")
"""Tables that lead from figures to rows; a file of an earlier version has none of them."""
BY_FORM: Final = ("route_path", "route_sale")
"""Tables whose rows hold for lots of one form."""
OPTIONAL: Final = ("batch_sensitivity", "batch_break_even")
"""Tables of one batch and route that are shown where the file has them."""
RESOLD: Final = ("batch_reuse", "resale_price")
"""Tables that lead from units sold again to the resale table."""


@dataclass(frozen=True)
class Stored:
    """One batch of a published file, and what the whole file says of routes, prices and rows.

    Attributes:
        run: The last run.
        batch: The batch, with the names of its files.
        values: `batch_value` of the batch; so `costs`, `flows` of all its routes.
        parts: What it holds, one row per part: units, class, family, doubt.
        masses: `part_mass` of those parts.
        tables: The other tables, by name.
        kept_draws: Figures whose draws are kept: route, product, element, measure.
        notes: What to know about how it was found.
    """

    run: Mapping[str, Any]
    batch: Mapping[str, Any]
    values: pl.DataFrame
    costs: pl.DataFrame
    flows: pl.DataFrame
    parts: pl.DataFrame
    masses: pl.DataFrame
    tables: Mapping[str, pl.DataFrame]
    kept_draws: frozenset[tuple[str | None, ...]]
    notes: tuple[str, ...]


def read_stored(db: Path, batch_id: str) -> Stored:
    """Read one batch of a file.

    Args:
        db: The published file.
        batch_id: The batch; another case, or a beginning that only one has, will do.

    Raises:
        OutputBusy: Another program has the file open for writing.
        OutputError: There is no such file, it is not ours, or it is of an earlier version.
        UsageError: No batch has that id; the message offers the nearest.
    """
    with open_read_only(db) as connection:
        there = {
            name
            for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()
        }
        if not set(NEEDED) <= there or frame(connection, "from reference_row limit 1").is_empty():
            raise OutputError(
                f"{db} was written by an earlier version, which kept no rows behind its figures.",
                f"Value it again: valuation value --db {db}.",
            )
        batches = frame(connection, "select batch_id from batch order by all")
        name, notes = chosen("batch", batch_id, batches["batch_id"].to_list(), str(db))
        names = (*NEEDED[3:], *_SHARED, *(t for t in (*OPTIONAL, *RESOLD) if t in there))
        batch = _batch(connection, name)
        return Stored(
            run=frame(connection, "from run order by rowid desc limit 1").to_dicts()[0],
            batch=batch,
            values=_of_batch(connection, "batch_value", name),
            costs=_of_batch(connection, "batch_cost", name),
            flows=_of_batch(connection, "batch_flow", name),
            parts=frame(connection, PARTS.read_text(encoding="utf-8"), {"batch_id": name}),
            masses=_masses(connection, name),
            tables={table: _whole_table(connection, table, batch["form"]) for table in names},
            kept_draws=_kept_draws(connection, name),
            notes=notes,
        )


_SHARED: Final = (
    "reference_row", "price", "source", "content", "route", "route_step", "product", "deck",
    "own_measurement", "resale_price", "batch_reuse",
)  # fmt: skip


def parameters(db: Path, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Mean, P10 and P90 of shared parameters as drawn, by key; of those the file keeps.

    Raises:
        OutputBusy: Another program has the file open for writing.
        OutputError: There is no such file, or it is not ours.
    """
    with open_read_only(db) as connection:
        query = PARAMETERS.read_text(encoding="utf-8")
        rows = frame(connection, query, {"keys": list(keys)}).to_dicts()
    return {row["parameter_key"]: row for row in rows}


def _of_batch(connection: "duckdb.DuckDBPyConnection", table: str, batch_id: str) -> pl.DataFrame:
    query = f"from {table} where batch_id = $batch_id"
    return frame(connection, query, {"batch_id": batch_id})


def _whole_table(
    connection: "duckdb.DuckDBPyConnection", table: str, form: str | None
) -> pl.DataFrame:
    """A table that is no batch's; of what differs by form, the rows of one."""
    rows = frame(connection, f"from {table}")
    if table not in BY_FORM:
        return rows
    return rows.filter(pl.col("form") == (form or WHOLE)).drop("form")


def _masses(connection: "duckdb.DuckDBPyConnection", batch_id: str) -> pl.DataFrame:
    held = "select part_id from batch_item where batch_id = $batch_id"
    query = f"from part_mass where part_id in ({held})"
    return frame(connection, query, {"batch_id": batch_id})


def _batch(connection: "duckdb.DuckDBPyConnection", batch_id: str) -> dict[str, Any]:
    (batch,) = _of_batch(connection, "batch", batch_id).to_dicts()
    files = "select name from batch_file join input_file using (file_id) where batch_id = $batch_id"
    named = frame(connection, f"{files} order by name", {"batch_id": batch_id})
    return batch | {"files": named["name"].to_list()}


def _kept_draws(
    connection: "duckdb.DuckDBPyConnection", batch_id: str
) -> frozenset[tuple[str | None, ...]]:
    columns = "route_id, product_id, element, measure"
    query = f"select {columns} from batch_draw where batch_id = $batch_id"
    return frozenset(frame(connection, query, {"batch_id": batch_id}).iter_rows())
