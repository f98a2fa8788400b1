"""Weigh: what to measure next in a batch, read from a published file, and a form to fill in."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from valuation.errors import OutputError, UsageError, refused_by_disk
from valuation.measuring import COLUMNS
from valuation.measuring.next import stays
from valuation.sheet import MARKED, sheet_text
from valuation.store import open_read_only
from valuation.store.layout import frame

if TYPE_CHECKING:
    import duckdb

SQL: Final = Path(__file__).with_name("weigh.sql")
WITH_MEASUREMENTS: Final = 5
"""Schema version from which on a file tells what is worth measuring."""
WITHOUT_VINTAGE: Final = "any"


@dataclass(frozen=True)
class ToMeasure:
    """What is worth measuring in a batch.

    Attributes:
        rows: Rows of `batch_measurement` for the route, the best first, at the pieces asked for.
    """

    batch: str
    route: str
    title: str
    rows: Sequence[Mapping[str, Any]]

    @property
    def width_usd(self) -> float:
        """P90 less P10 of the net as known now. [USD]"""
        return float(self.rows[0]["width_now_usd"])

    @property
    def ree_width_kg(self) -> float:
        """P90 less P10 of contained rare earths as known now. [kg]"""
        return float(self.rows[0]["ree_width_now_kg"])


def to_measure(
    db: Path, batch: str, *, route: str | None = None, pieces: int | None = None
) -> ToMeasure:
    """What to weigh, assay or look at in a batch, ranked by how much the net narrows per piece.

    Args:
        db: A published file.
        batch: The batch.
        route: A route that has a net in it; the best when None.
        pieces: Units of a family to weigh; as stored when None. Fewer where there are fewer.

    Raises:
        UsageError: No such batch or route, or a route without a net, or nothing to measure.
        OutputError: There is no such file, or it is of an earlier version.
    """
    with open_read_only(db) as connection:
        _check_version(connection, db)
        _check_names(connection, db, batch, route)
        query = SQL.read_text(encoding="utf-8")
        found = frame(connection, query, {"batch": batch, "route": route})
    if found.is_empty():
        if route is None:
            raise UsageError(f"{batch} has no route with a net, or holds no magnets to measure.")
        raise UsageError(
            f"Route {route} has no net in {batch}, or {batch} holds no magnets to measure.",
            "The view `route_comparison` says why a route has no net.",
        )
    rows = [row if pieces is None else _at(row, pieces) for row in found.to_dicts()]
    rows.sort(key=lambda row: (-row["narrowing_usd_per_piece"], row["rank"]))
    first = rows[0]
    rows = [row | {"rank": rank} for rank, row in enumerate(rows, start=1)]
    return ToMeasure(batch, str(first["route_id"]), str(first["title"]), rows)


def _check_version(connection: "duckdb.DuckDBPyConnection", db: Path) -> None:
    ((version,),) = connection.execute("select max(schema_version) from run").fetchall()
    if (version or 0) < WITH_MEASUREMENTS:
        raise OutputError(
            f"{db} was written by an earlier version, which did not say what to weigh.",
            f"Value it again: valuation value --db {db}.",
        )


def _check_names(
    connection: "duckdb.DuckDBPyConnection", db: Path, batch: str, route: str | None
) -> None:
    for what, name in (("batch", batch), ("route", route)):
        known = [row[0] for row in connection.execute(f"select {what}_id from {what}").fetchall()]
        if name is not None and name not in known:
            near = get_close_matches(name, known, n=1)
            some = ", ".join(sorted(known)[:5])
            hint = f"Did you mean `{near[0]}`?" if near else f"It holds: {some}."
            raise UsageError(f"{db} has no {what} `{name}`.", hint)


def _at(row: dict[str, Any], pieces: int) -> dict[str, Any]:
    """A row for another number of pieces: what is explained goes as one over the variance observed.

    Right to the first order in log mass, which is all but a hundredth of it.
    """
    if row["method"] != "weigh":
        return row
    pieces = max(min(pieces, int(row["units_in_batch"])), 1)

    def observed(n: int) -> float:
        scatter = math.log1p(math.expm1(row["piece_log_variance"]) / n)
        return float(row["log_variance"] + scatter + row["instrument_error"] ** 2)

    gain = observed(row["pieces"]) / observed(pieces)
    after = {}
    for now_name, name in (
        ("width_now_usd", "width_after_usd"),
        ("ree_width_now_kg", "ree_width_after_kg"),
    ):
        now = row[now_name]
        explained = 1 - (row[name] / now) ** 2 if now else 0.0
        after[name] = now * float(stays(explained * gain, 1.0))
    narrowing = (row["width_now_usd"] - after["width_after_usd"]) / pieces
    return row | after | {"pieces": pieces, "narrowing_usd_per_piece": narrowing}


def write_form(path: Path, found: ToMeasure) -> int:
    """Write a file to fill in, which `--measured` reads back; rows left open are passed over.

    Args:
        path: A CSV file.
        found: What is worth measuring.

    Returns:
        Rows written.

    Raises:
        OutputError: A file of that name is there already, or it cannot be written.
    """
    rows = [form for row in found.rows for form in _forms(found.batch, row)]
    with refused_by_disk(path, "name another file"):
        try:
            with path.open("x", encoding=MARKED, newline="") as file:
                file.write(sheet_text(COLUMNS, rows))
        except FileExistsError as error:
            raise OutputError(f"{path} is there already.", "Name another file.") from error
    return len(rows)


def _forms(batch: str, row: Mapping[str, Any]) -> list[dict[str, object]]:
    """Rows of the form for one measurement: what is asked for, with what is known filled in."""
    form: dict[str, object] = {
        "family": row["family_key"],
        "part_number": row["part_key"],
        "item_class": row["item_class"],
        "location": row["location"],
        "note": f"{row['pieces']} of {row['units_in_batch']:,.0f} units in {batch}",
    }
    if row["method"] == "weigh":
        return [form | {"quantity": "magnet_mass", "unit": "g"}]
    if row["method"] == "xrf":
        return [form | {"quantity": "ndfeb", "unit": "yes/no"}]
    vintage = "" if row["vintage"] == WITHOUT_VINTAGE else row["vintage"]
    asked = ("ree_total", "dy") if vintage else ("ree_total",)
    return [form | {"vintage": vintage, "quantity": name, "unit": "wt%"} for name in asked]
