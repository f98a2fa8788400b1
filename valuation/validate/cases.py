"""Published cases as `data/validation/` states them: what went in and came out, and their role."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from valuation.tables import Tables
from valuation.uncertain import Spread, spread_of

HOLDOUT: Final = "holdout"
AMOUNTS: Final = {"piece": "pieces", "kg_kit": "kg of kit", "kg_magnet": "kg of magnet"}


@dataclass(frozen=True)
class MixRow:
    """One class of what went in: its share, spread evenly over some model families."""

    item_class: str
    launch_year: int | None
    families: int
    share: Spread


@dataclass(frozen=True)
class Case:
    """One compared quantity.

    Attributes:
        row: The row of `validation/cases.csv`.
        mix: What went in, by class.
        groups_left_out: Research groups whose rows are taken out of the fit.
    """

    row: Mapping[str, Any]
    mix: tuple[MixRow, ...]
    groups_left_out: tuple[str, ...]

    def __getitem__(self, column: str) -> Any:
        return self.row[column]

    @property
    def is_holdout(self) -> bool:
        """Whether nothing of its source is in the model, so that its being inside is claimed."""
        return bool(self["role"] == HOLDOUT)

    @property
    def input_text(self) -> str:
        """What went in, in words."""
        shares = [
            f"{100 * row.share.value:g} % {row.item_class}" if len(self.mix) > 1 else row.item_class
            for row in self.mix
        ]
        boundary = "voice coil only" if self["boundary"] == "voice_coil" else "every magnet"
        loss = f", {self['making_loss']} of making loss" if self["making_loss"] else ""
        where = f", entering {self['step_id']}" if self["step_id"] else ""
        what = AMOUNTS[self["amount_unit"]] + (f" arriving {self['form']}" if self["form"] else "")
        return f"{self['amount']:,.0f} {what}{where}: {', '.join(shares)}; {boundary}{loss}"

    def is_inside(self, p10: float, p90: float) -> bool:
        """Whether P10-P90 holds the published figure, or meets the published range."""
        low, high = self["published_low"], self["published_high"]
        if self["published"] is not None:
            low = high = self["published"]
        return bool(low <= p90 and high >= p10)


def read_cases(tables: Tables) -> tuple[Case, ...]:
    """Every case, in the order of the file.

    Raises:
        TableError: A row that cannot be a spread.
    """
    mixes: dict[str, list[MixRow]] = {}
    for row in tables.frame("case_mix").iter_rows(named=True):
        found = MixRow(row["item_class"], row["launch_year"], row["families"], spread_of(row))
        mixes.setdefault(row["mix_id"], []).append(found)
    cases = tables.frame("validation_case").with_columns(pl.col("groups_left_out").fill_null(""))
    return tuple(
        Case(row, tuple(mixes[row["mix_id"]]), tuple(row["groups_left_out"].split()))
        for row in cases.iter_rows(named=True)
    )
