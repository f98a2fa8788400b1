"""Rows: every row of the reference data an explanation reaches, once, with its source and draws."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import polars as pl

TOLD: Final = (
    "value", "low", "high", "spread_kind", "unit", "basis", "source_id", "source_ids", "locator",
    "owner", "review_on", "note",
)  # fmt: skip
SOURCE: Final = ("source_id", "title", "authors", "year", "url_or_doi")
PRICE: Final = "price"


def _board_term(key: Mapping[str, str]) -> str:
    if key["term"] == "treatment_charge":
        return "price/board_treatment_charge"
    return f"price/board_payable/{key['element']}"


def _assumption(key: Mapping[str, str]) -> str:
    name = key["assumption_id"]
    return f"price/{name}" if name == "mixed_oxide_discount" else f"magnet/{name}"


def _magnet_spread(key: Mapping[str, str]) -> str:
    stream = key["magnet_location"]
    if key["level"] == "basis":
        return f"basis/{key.get('shared_key') or stream}"
    return f"{key['level']}/{key['item_class']}/{stream}"


def _alloy(key: Mapping[str, str]) -> str:
    label = (
        key["alloy_id"] if key["quantity"] == "coating" else f"{key['alloy_id']}/{key['vintage']}"
    )
    return f"{key['quantity']}/{label}"


_PARAMETERS: Final[Mapping[str, Callable[[Mapping[str, str]], str]]] = {
    "capture": lambda key: f"capture/{key['step_id']}/{key['stream']}/{key['element']}",
    "cost": lambda key: f"cost/{key['cost_id']}",
    "board_term": _board_term,
    "exchange_factor": lambda key: f"price/scrap_factor/{key['product_id']}",
    "assumption": _assumption,
    "material_element": lambda key: f"element/{key['material_id']}/{key['element']}",
    "material_share": lambda key: (
        f"shares/{key['item_class']}/{key['material']}/{key.get('board_type') or key['material']}"
    ),
    "bare_share": lambda key: f"bare/{key['item_class']}",
    "magnet_spread": _magnet_spread,
    "ndfeb_share": lambda key: f"ndfeb-share/{key['ndfeb_share_id']}",
    "alloy": _alloy,
    PRICE: lambda key: f"price/{key['product_id']}",
}
"""Key of the draws of a row, by its table: what the stages draw it under."""


@dataclass
class Rows:
    """Rows of the file by table and key, and those reached so far.

    Attributes:
        reference: `reference_row`.
        prices: `price`.
        sources: `source`.
        used: Rows reached, by `table/key`.
    """

    reference: pl.DataFrame
    prices: pl.DataFrame
    sources: pl.DataFrame
    used: dict[str, dict[str, Any]] = field(default_factory=dict)

    @cached_property
    def _by_key(self) -> dict[str, dict[str, Any]]:
        return {f"{r['table_name']}/{r['row_key']}": r for r in self.reference.to_dicts()}

    @cached_property
    def _by_product(self) -> dict[str, dict[str, Any]]:
        return {row["product_id"]: row for row in self.prices.to_dicts()}

    def attributes(self, table: str, key: str) -> dict[str, Any]:
        """Key and other columns of a row; empty when there is none."""
        row = self._by_key.get(f"{table}/{key}")
        found: dict[str, Any] = json.loads(row["attributes"]) if row else {}
        return found

    def keys(self, table: str) -> list[str]:
        """Keys of a table's rows."""
        return self.reference.filter(pl.col("table_name") == table)["row_key"].to_list()

    def reach(self, table: str, keys: Iterable[str], parameter_key: str | None = None) -> list[str]:
        """Ids of rows that an explanation reaches; keys of no row are passed over.

        Args:
            table: Table of the reference data.
            keys: Keys there.
            parameter_key: What they are drawn under, where the row alone does not say it.
        """
        found = []
        for key in keys:
            name = f"{table}/{key}"
            row = self._by_key.get(name)
            if row is None:
                continue
            if name not in self.used:
                attributes = json.loads(row["attributes"])
                made = _PARAMETERS.get(table)
                self.used[name] = (
                    {"table": table, "key": key}
                    | {column: row[column] for column in TOLD}
                    | {"attributes": attributes}
                    | {"parameter_key": parameter_key or (made(attributes) if made else None)}
                )
            found.append(name)
        return found

    def reach_price(self, product_id: str) -> list[str]:
        """The quotation of a product, as used and as published; none when the deck has none."""
        row = self._by_product.get(product_id)
        if row is None:
            return []
        name = f"{PRICE}/{product_id}"
        self.used[name] = {
            "table": PRICE,
            "key": product_id,
            "value": row["usd_per_kg"],
            "low": row["usd_per_kg_low"],
            "high": row["usd_per_kg_high"],
            "spread_kind": "5 % and 95 % of the quotation on its day",
            "unit": "USD/kg",
            "basis": row["basis"],
            "source_id": row["source_id"],
            "source_ids": [row["source_id"]],
            "locator": row["locator"],
            "owner": None,
            "review_on": None,
            "note": row["note"],
            "attributes": {k: v for k, v in row.items() if v is not None},
            "parameter_key": _PARAMETERS[PRICE](row),
        }
        return [name]

    def reach_own(self, table: str, key: str, row: Mapping[str, Any]) -> list[str]:
        """A row that the user gave, which is none of the reference data."""
        name = f"{table}/{key}"
        self.used[name] = {"table": table, "key": key} | {c: row.get(c) for c in TOLD}
        self.used[name] |= {"attributes": {k: v for k, v in row.items() if v is not None}}
        self.used[name]["source_ids"] = [row["source_id"]] if row.get("source_id") else []
        self.used[name]["parameter_key"] = row.get("parameter_key")
        return [name]

    def price(self, product_id: str) -> dict[str, Any]:
        """The quotation of a product, as the deck read it; empty when it has none."""
        return self._by_product.get(product_id, {})

    def basis(self, name: str) -> str | None:
        """Basis of a row that was reached."""
        basis: str | None = self.used[name]["basis"]
        return basis

    def sources_used(self) -> dict[str, dict[str, Any]]:
        """Sources of the rows reached, by id."""
        ids = {source for row in self.used.values() for source in row["source_ids"]}
        used = self.sources.filter(pl.col("source_id").is_in(list(ids))).select(SOURCE)
        return {row["source_id"]: row for row in used.sort("source_id").to_dicts()}

    def reach_share(self, sale: Mapping[str, Any], route_id: str) -> list[str]:
        """The row on the share of a product that is paid; a lot's settlement is in its key."""
        key = f"payable/{route_id}/{sale['settlement']}/{sale['product_id']}"
        return self.reach("route_product", [sale["row_key"] or ""], key)
