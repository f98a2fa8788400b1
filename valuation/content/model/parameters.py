"""Fitted parameters: what replaces rows of the content tables, as a file and as frames."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from valuation import model_card
from valuation.content.model.pooling import Pooled
from valuation.errors import ModelError
from valuation.tables import Tables

DIRECTORY: Final = "content"
PARAMETER_FILE: Final = "parameters.csv"
CARD_FILE: Final = "card.json"
TRAIN_AGAIN: Final = "Run `valuation model train`."
COLUMNS: Final = {
    "table_name": pl.String,
    "row_key": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "spread_kind": pl.String,
    "unit": pl.String,
    "n_groups": pl.Int64,
    "tau": pl.Float64,
    "source_ids": pl.String,
}
"""Columns of the file; sources are separated by blanks."""
PROVENANCE: Final = ("owner", "review_on", "note")
"""Columns that say who answers for a row: no figure follows from them."""


@dataclass(frozen=True)
class FittedParameter:
    """One fitted number: it takes the place of value, low, high and spread_kind of a row.

    Attributes:
        table_name: Table of the row.
        row_key: Its primary key, joined by a slash.
        value: Median (`ci90_lognormal`) or mean, in `unit`.
        low: As `spread_kind` says; None when exact.
        high: As `spread_kind` says; None when exact.
        n_groups: Research groups behind it.
        tau: SD between groups on the scale of pooling.
        sources: Sources behind it.
    """

    table_name: str
    row_key: str
    value: float
    low: float | None
    high: float | None
    spread_kind: str
    unit: str
    n_groups: int
    tau: float
    sources: tuple[str, ...]

    @property
    def words(self) -> str:
        """What the number is, for whoever reads the row."""
        groups = "research groups" if self.n_groups > 1 else "research group"
        return f"Fitted to what {self.n_groups} {groups} published"


@dataclass(frozen=True)
class ContentModel:
    """What is fitted to the evidence of one data version.

    Attributes:
        parameters: Fitted numbers, in order of table and row.
        pooled: What was pooled, by quantity; empty for a model read from its file.
    """

    parameters: tuple[FittedParameter, ...]
    pooled: Mapping[str, Pooled] = field(default_factory=dict)

    def rows(self, tables: Tables, name: str) -> pl.DataFrame:
        """A table of the reference data with the fitted numbers in place of their prior rows.

        Returns:
            The columns of the table and `source_ids`, the list of sources of each row; the basis of
            a fitted row is `derived`, and its note says what the prior row was.

        Raises:
            ModelError: A fitted number whose row the table does not have.
        """
        frame = tables.frame(name)
        key = tables.resource(name)["schema"]["primaryKey"]
        row_key = pl.concat_str([pl.col(column) for column in key], separator="/")
        mine = [p for p in self.parameters if p.table_name == name]
        known = set(frame.select(row_key).to_series())
        for parameter in mine:
            if parameter.row_key not in known:
                reason = f"The content model fits {parameter.row_key}, no row of {name}.csv."
                raise ModelError(reason, TRAIN_AGAIN)
        fitted = pl.DataFrame(
            [(p.row_key, p.value, p.low, p.high, p.spread_kind, list(p.sources), p.words)
             for p in mine],
            schema={
                "row_key": pl.String, "_value": pl.Float64, "_low": pl.Float64,
                "_high": pl.Float64, "_spread_kind": pl.String, "_sources": pl.List(pl.String),
                "_words": pl.String,
            },
            orient="row",
        )  # fmt: skip
        joined = frame.with_columns(row_key=row_key).join(
            fitted, on="row_key", how="left", maintain_order="left"
        )
        is_fitted = pl.col("_value").is_not_null()
        replaced = [
            pl.when(is_fitted).then(f"_{column}").otherwise(column).alias(column)
            for column in ("value", "low", "high", "spread_kind")
        ]
        told = pl.format("{}; its prior row says {} {}", "_words", "value", "unit")
        return joined.with_columns(
            *replaced,
            basis=pl.when(is_fitted).then(pl.lit("derived")).otherwise("basis"),
            note=pl.when(is_fitted).then(told).otherwise("note"),
            source_ids=pl.when(is_fitted).then("_sources").otherwise(pl.concat_list("source_id")),
        ).select(*frame.columns, "source_ids")


def parameters_bytes(model: ContentModel) -> bytes:
    """The fitted numbers as CSV; the same numbers, the same bytes."""
    rows = [
        (
            p.table_name, p.row_key, p.value, p.low, p.high, p.spread_kind, p.unit, p.n_groups,
            p.tau, " ".join(p.sources),
        )
        for p in model.parameters
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=COLUMNS, orient="row")
    return frame.write_csv().encode("utf-8")


def read_card(directory: Path) -> dict[str, Any]:
    """The card of a stored content model.

    Raises:
        ModelError: There is none, or it is no JSON object.
    """
    return model_card.read_card(directory / CARD_FILE, TRAIN_AGAIN)


def stored_model(tables: Tables) -> ContentModel:
    """The content model of `models/content`, which is the one fitted to these tables.

    Raises:
        ModelError: It is missing or damaged, is not the one of its card, or was fitted to other
            evidence or prior rows.
    """
    directory = tables.models / DIRECTORY
    card = read_card(directory)
    path = directory / PARAMETER_FILE
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.", TRAIN_AGAIN) from error
    if hashlib.sha256(content).hexdigest() != card.get("parameters_sha256"):
        raise ModelError(f"{path} is not the model of its card.", TRAIN_AGAIN)
    if card.get("data_sha256") != evidence_hash(tables):
        reason = f"{path} was fitted to other evidence or prior rows than {tables.directory} holds."
        raise ModelError(reason, TRAIN_AGAIN)
    try:
        frame = pl.read_csv(content, schema=COLUMNS)
    except pl.exceptions.PolarsError as error:
        raise ModelError(f"{path} cannot be read: {error}.", TRAIN_AGAIN) from error
    rows = frame.iter_rows(named=True)
    return ContentModel(
        tuple(FittedParameter(sources=tuple(r.pop("source_ids").split()), **r) for r in rows)
    )


def evidence_hash(tables: Tables) -> str:
    """SHA-256 over every row that a fit reads, whatever else its tables hold."""
    texts = [
        json.dumps(row, sort_keys=True, default=str)
        for name, frame in rows_read(tables).items()
        for row in [{"table": name}, *frame.drop(PROVENANCE, strict=False).to_dicts()]
    ]
    return hashlib.sha256("\n".join(texts).encode("utf-8")).hexdigest()


def rows_read(tables: Tables) -> dict[str, pl.DataFrame]:
    """The rows a fit reads, by table: evidence, errors, prior rows, masses of drives and rings."""
    evidence = tables.frame("evidence")
    key = ["component_class", "form_factor", "quantity", "source_id"]
    quantities = tables.frame("pooled_quantity")
    classes = quantities.filter(pl.col("table_name") == "magnet_mass")["row_key"]
    drives = [row_key.split("/")[0] for row_key in classes]
    of_drives = pl.col("item_class").is_in([*drives, "*"])
    at_drives = pl.col("magnet_location").is_in(["voice_coil", "spindle"])
    pooled = pl.col("assumption_id").str.starts_with("pooling_")
    elements = quantities.filter(pl.col("table_name") == "material_element")["row_key"].to_list()
    element_key = pl.concat_str("material_id", "element", separator="/")
    frame = tables.frame
    return {
        "pooled_quantity": quantities,
        "pooling_error": frame("pooling_error"),
        "evidence": evidence,
        "measurement": frame("measurement").join(evidence.select(key).unique(), on=key, how="semi"),
        "assumption": frame("assumption").filter(pooled),
        "gross_mass": frame("gross_mass").filter(of_drives),
        "magnet_mass": frame("magnet_mass").filter(of_drives, at_drives),
        "magnet_spread": frame("magnet_spread").filter(of_drives, at_drives),
        "alloy": frame("alloy").filter(~pl.col("alloy_id").eq("sintered-motor")),
        "material_element": frame("material_element").filter(element_key.is_in(elements)),
    }
