"""Rows of `data/` as arithmetic in words, for the lot worked by hand: read with polars alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

ROOT = Path(__file__).resolve().parents[1]
AS_OF = "2026-11-22"
HELIUM, AIR = "hdd-3.5-nearline-helium", "hdd-3.5-nearline-air"
"""Classes of the two families of the lot."""

ROW_KEYS = {
    "content/alloy": ("alloy_id", "vintage", "quantity"),
    "content/material_element": ("material_id", "element"),
}
"""Columns that name a row in the list of fitted numbers."""


class Rows:
    """Rows of `data/` as text, read with nothing but polars."""

    def find(self, table: str, **key: str) -> Mapping[str, Any]:
        """The one row of a table with these cells."""
        frame = pl.read_csv(ROOT / "data" / f"{table}.csv", infer_schema=False)
        found = frame.filter(*(pl.col(name) == cell for name, cell in key.items())).to_dicts()
        assert len(found) == 1, (table, key, len(found))
        return found[0]

    def mean(self, table: str, **key: str) -> str:
        """The mean of a row, written out: `M(median, low, high)` where the row gives a median.

        A row that a fit to evidence replaces has the fitted numbers.
        """
        row = self.find(table, **key)
        fitted = pl.read_csv(ROOT / "models/content/parameters.csv", infer_schema=False).filter(
            pl.col("table_name") == table.rpartition("/")[2],
            pl.col("row_key") == "/".join(row[name] for name in ROW_KEYS.get(table, ())),
        )
        row = fitted.row(0, named=True) if fitted.height else row
        if row["spread_kind"] == "ci90_lognormal":
            return f"M({row['value']}, {row['low']}, {row['high']})"
        return str(row["value"])

    def capture(self, step: str, stream: str = "voice_coil", element: str = "*") -> str:
        """Share of a stream that a step moves on."""
        return self.mean("recovery/capture", step_id=step, stream=stream, element=element)

    def share(self, material: str) -> str:
        """Share of a material in a drive; the two classes of the lot have the same."""
        found = {
            self.mean("content/material_share", item_class=name, material=material)
            for name in (HELIUM, AIR)
        }
        assert len(found) == 1, material
        return found.pop()

    def quoted(self, product: str) -> str:
        """The latest quotation the default deck reads, turned into USD per kg net of tax."""
        frame = pl.read_csv(ROOT / "data/price/deck_choice.csv", infer_schema=False)
        choices = frame.filter(pl.col("deck_id") == "china-net", pl.col("product_id") == product)
        choice = choices.sort("rank").row(0, named=True)
        prices = pl.read_csv(ROOT / "data/price/price.csv", infer_schema=False).filter(
            pl.col("product_id") == product,
            pl.col("price_basis") == choice["price_basis"],
            pl.col("volume_backed") == "true",
            pl.col("published_on") <= AS_OF,
        )
        row = prices.sort("observed_on", "published_on", "price_id").row(-1, named=True)
        steps = [row["mid"]]
        if choice["net_of_vat"] == "true" and row["vat_included"] == "true":
            steps.append(f"/ (1 + {self.mean('assumption', assumption_id='vat_china')})")
        kilograms = {"kg": "", "t": "/ 1000", "oz t": "/ 0.0311034768",
                     "gross ton": "/ 1016.0469088"}[row["unit"]]  # fmt: skip
        steps.append(kilograms)
        if row["currency"] != "USD":
            rates = pl.read_csv(ROOT / "data/price/fx.csv", infer_schema=False).filter(
                pl.col("currency") == row["currency"], pl.col("observed_on") <= AS_OF
            )
            steps.append(f"× {rates.sort('observed_on')['value'].to_list()[-1]}")
        return " ".join(filter(None, steps))

    def price(self, product: str) -> str:
        """The price of a product: its quotation, or that of its exchange times a scrap factor."""
        row = self.find("price/product", product_id=product)
        if row["price_rule"] == "exchange_factor":
            factor = self.mean("price/exchange_factor", product_id=product)
            return f"{self.quoted(row['exchange_product_id'])} × {factor}"
        return self.quoted(product)
