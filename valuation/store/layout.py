"""What the file consists of: its tables and how each gives way, its views, macros and checks."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from valuation.engine.duckdb import Stream, quoted, text_literal

SCHEMA_VERSION = 5
"""Version of the schema, as listed in `schema.sql`."""
SCHEMAS = (
    "schema.sql",
    "schema_item.sql",
    "schema_batch.sql",
    "schema_reference.sql",
    "schema_routes.sql",
    "schema_form.sql",
    "schema_sensitivity.sql",
    "schema_reuse.sql",
    "schema_explain.sql",
    "schema_measurement.sql",
)
VIEWS = (
    "route_comparison", "item_value", "batch_summary", "recovery_waterfall",
    "top_items", "unidentified_items", "conflicting_items", "coverage", "price_age",
    "sensitivity", "break_even",
    "reuse_comparison", "value_share",
)  # fmt: skip
"""Views, each after those it reads."""


@dataclass(frozen=True)
class Table:
    """One table of the file.

    Attributes:
        name: Its name.
        key: Columns it is sorted by; empty for lines, which are too many to sort.
        gives_way: Which of the old rows a publication replaces: `none`, `all`, those of the
            batches `read` anew or `valued` anew, or those of an `item`, `item_class`, `file`,
            `part` or `parameter` that it brings (every parameter in a new world).
        width: SQL of how many rows of an ordinary table a row is as large as, where it is wider.
    """

    name: str
    key: tuple[str, ...]
    gives_way: str
    width: str = "1"

    @property
    def column(self) -> str:
        """The column that says which rows give way."""
        return GIVES_WAY_BY.get(self.gives_way, "")


GIVES_WAY_BY = {
    "read": "batch_id",
    "valued": "batch_id",
    "item": "item_id",
    "item_class": "item_class",
    "file": "file_id",
    "part": "part_id",
    "parameter": "parameter_key",
}
FIGURE = ("batch_id", "route_id", "product_id", "element", "measure")
FLOW = ("batch_id", "route_id", "step_no", "element", "sink", "product_id")
SENSITIVITY = ("batch_id", "route_id", "measure", "parameter_group")
PATH = ("route_id", "form", "purpose", "step_no", "product_id", "stream", "element")
TABLES = (
    Table("run", (), "none"),
    Table("input_file", ("file_id",), "file"),
    Table("rejected_line", ("file_id", "source_line"), "file"),
    Table("batch_file", ("batch_id", "file_id"), "read"),
    Table("line", (), "read"),
    Table("batch", ("batch_id",), "valued"),
    Table("item", ("item_id",), "item"),
    Table("item_evidence", ("item_id", "clue"), "item"),
    Table("content", ("item_class", "stream"), "item_class"),
    Table("batch_item", ("batch_id", "item_id", "origin", "component_class"), "valued"),
    Table("batch_flow", FLOW, "valued"),
    Table("batch_cost", ("batch_id", "route_id", "step_no", "cost_id"), "valued"),
    Table("batch_value", FIGURE, "valued"),
    Table("batch_draw", FIGURE, "valued", width="len(draws) // 16"),
    Table("batch_capacity", ("batch_id", "route_id", "reading", "boundary"), "valued"),
    Table("batch_sensitivity", SENSITIVITY, "valued"),
    Table("batch_break_even", ("batch_id", "route_id", "what", "against"), "valued"),
    Table("batch_policy", ("batch_id",), "valued"),
    Table("batch_route_policy", ("batch_id", "route_id"), "valued"),
    Table("batch_reuse", ("batch_id", "thing"), "valued"),
    Table("resale_price", ("resale_key",), "all"),
    Table("batch_measurement", ("batch_id", "route_id", "rank"), "valued"),
    Table("own_measurement", ("source_id", "source_row"), "all"),
    Table("part_value", ("part_id", "route_id"), "part"),
    Table("part", ("part_id",), "part"),
    Table("part_mass", ("part_id", "stream", "element"), "part"),
    Table("class_value", ("item_class", "route_id"), "all"),
    Table("parameter_draw", ("parameter_key",), "parameter"),
    Table("route", ("route_id",), "all"),
    Table("route_step", ("route_id", "step_no"), "all"),
    Table("route_step_form", ("form", "step_id"), "all"),
    Table("route_capture", ("step_id", "stream", "element"), "all"),
    Table("route_cost", ("step_id", "cost_id"), "all"),
    Table("route_capacity", ("route_id", "reading", "boundary"), "all"),
    Table("route_policy", ("policy_id", "route_id"), "all"),
    Table("route_path", PATH, "all"),
    Table("route_sale", ("route_id", "form", "product_id"), "all"),
    Table("product", ("product_id",), "all"),
    Table("product_price", ("product_id", "element"), "all"),
    Table("deck", ("deck_id",), "all"),
    Table("price", ("deck_id", "product_id", "price_basis", "form"), "all"),
    Table("source", ("source_id",), "all"),
    Table("assumption", ("assumption_id",), "all"),
    Table("reference_row", ("table_name", "row_key"), "all"),
    Table("data_dictionary", ("table_name", "column_name"), "all"),
)


def sql(name: str) -> str:
    """Text of a SQL file of the store, by its path from here."""
    return Path(__file__).parent.joinpath(name).read_text(encoding="utf-8")


def checks() -> dict[str, str]:
    """Every check by name: a query that returns offending rows."""
    folder = Path(__file__).with_name("checks")
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql"))}


@contextmanager
def inside(
    connection: duckdb.DuckDBPyConnection, database: str
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own on which bare names mean the tables of one attached database.

    On the engine's connection a temporary table would stand in for a stored one of that name.
    """
    with connection.cursor() as own:
        own.execute(f"use {quoted(database)}.main")
        yield own


def create_tables(connection: duckdb.DuckDBPyConnection, *, with_comments: bool = True) -> None:
    """Create what is missing among the tables of the current database.

    Args:
        connection: On it bare names mean that database.
        with_comments: Whether every table and column is explained too, which takes longest.
    """
    held = {
        f"{target} is {text_literal(comment)};"
        for target, comment in connection.execute(sql("comments.sql")).fetchall()
    }
    # One transaction, and no comment that is there: hundreds of them take longer than a small run.
    connection.execute("begin")
    for name in SCHEMAS:
        for statement in connection.extract_statements(sql(name)):
            query = statement.query.strip()
            is_wanted = with_comments or not query.startswith("comment on")
            if is_wanted and query not in held:
                connection.execute(statement)
    connection.execute("commit")


def create_views(connection: duckdb.DuckDBPyConnection, database: str) -> None:
    """Make macros and views of the current database anew and fill its dictionary."""
    connection.execute(sql("macros/quantile_of_sum.sql"))
    for view in VIEWS:
        connection.execute(sql(f"views/{view}.sql"))
    objects = [table.name for table in TABLES] + list(VIEWS)
    connection.execute("delete from data_dictionary")
    connection.execute(sql("dictionary.sql"), {"database": database, "objects": objects})


def schema_columns(
    connection: duckdb.DuckDBPyConnection, database: str
) -> dict[tuple[str, str], str]:
    """Type of every column of our tables in a database, by table and column."""
    names = {table.name for table in TABLES}
    rows = connection.execute(sql("columns.sql"), {"database": database}).fetchall()
    return {(table, column): kind for table, column, kind in rows if table in names}


def frame(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, Any] | None = None
) -> pl.DataFrame:
    """Rows of a query as a polars frame."""
    return pl.DataFrame(Stream(connection.sql(query, params=dict(parameters or {})).materialize()))
