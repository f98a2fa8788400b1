"""The frame contracts between stages: what every table is called, its columns, its key.

Read this file and `pipeline.py` to know the program. A stage ends with `CONTRACT.check(frame)`,
the only way to mint the stage's frame type, so a type checker refuses a frame from the wrong
stage. Rows in the millions (lines, batch x item counts) are tables in the engine and never frames.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, NewType, TypeVar, cast

import polars as pl

from valuation.errors import ContractError
from valuation.units import KINDS

FileFrame = NewType("FileFrame", pl.DataFrame)
ItemFrame = NewType("ItemFrame", pl.DataFrame)
IdentityFrame = NewType("IdentityFrame", pl.DataFrame)
EvidenceFrame = NewType("EvidenceFrame", pl.DataFrame)
HostPartFrame = NewType("HostPartFrame", pl.DataFrame)
PartFrame = NewType("PartFrame", pl.DataFrame)
BatchPartFrame = NewType("BatchPartFrame", pl.DataFrame)

F = TypeVar("F")


@dataclass(frozen=True)
class Contract(Generic[F]):
    """Name, columns and key of a frame; `check` is the only door into its type."""

    name: str
    columns: Mapping[str, pl.DataType | type[pl.DataType]]
    key: tuple[str, ...]
    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def check(self, frame: pl.DataFrame) -> F:
        """Return the frame in contract order, sorted by key.

        Raises:
            ContractError: A column is missing or has another type, the key is null or repeated,
                or a value lies outside its allowed set.
        """
        missing = [c for c in self.columns if c not in frame.columns]
        if missing:
            raise ContractError(f"frame {self.name}: no column {', '.join(missing)}")
        out = frame.select(*self.columns)
        found = out.schema
        wrong = [f"{c} is {found[c]}, not {t}" for c, t in self.columns.items() if found[c] != t]
        if wrong:
            raise ContractError(f"frame {self.name}: {'; '.join(wrong)}")
        if self.key and not _is_in_order(out, self.key):
            is_single = len(self.key) == 1
            key = pl.col(self.key[0]) if is_single else pl.struct(self.key)
            absent = pl.any_horizontal(pl.col(self.key).is_null()).any()
            if any(out.select(absent=absent, repeated=key.is_duplicated().any()).row(0)):
                raise ContractError(f"frame {self.name}: key {self.key} is null or repeated")
            if not (is_single and out[self.key[0]].is_sorted()):  # a sorted frame is not copied
                out = out.sort(self.key)
        for column, values in self.allowed.items():
            bad = out.filter(~pl.col(column).is_in(values))[column].unique().to_list()
            if bad:
                raise ContractError(f"frame {self.name}: {column} holds {bad[:3]}")
        return cast(F, out)

    def empty(self) -> F:
        """A frame of this contract without rows."""
        return cast(F, pl.DataFrame(schema=dict(self.columns)))


def _is_in_order(frame: pl.DataFrame, key: tuple[str, ...]) -> bool:
    """Whether every key is there and above the one before: so it is sorted, and none twice."""
    above, same = pl.lit(value=False), pl.lit(value=True)
    for name in key:
        now, before = pl.col(name), pl.col(name).shift()
        above, same = above | (same & (now > before)), same & (now == before)
    there = pl.all_horizontal(pl.col(key).is_not_null()).all()
    return frame.height > 1 and bool(frame.select(there & above.slice(1).all()).item())


FILES: Contract[FileFrame] = Contract(
    "files",
    {
        "file_id": pl.String,
        "name": pl.String,
        "sha256": pl.String,
        "format": pl.String,
        "encoding": pl.String,
        "status": pl.String,
        "reason": pl.String,
        "system": pl.String,
        "header_line": pl.Int64,
        "lines_read": pl.Int64,
        "lines_loaded": pl.Int64,
        "lines_rejected": pl.Int64,
        "lines_ignored": pl.Int64,
        "reasons": pl.String,
        "ignored_reasons": pl.String,
        "column_map": pl.String,
        "unmapped_columns": pl.String,
        "column_placement": pl.String,
        "layout": pl.String,
    },
    key=("file_id",),
    allowed={"status": ("loaded", "refused")},
)
"""One input file and its account. `reasons`, `ignored_reasons`, `column_map` and `layout` are JSON
objects, `unmapped_columns` and `column_placement` JSON arrays.
lines_read = lines_loaded + lines_rejected + lines_ignored."""

ITEMS: Contract[ItemFrame] = Contract(
    "items",
    {
        "item_id": pl.Int64,
        "manufacturer_raw": pl.String,
        "model_raw": pl.String,
        "part_number_raw": pl.String,
        "description_raw": pl.String,
        "type_raw": pl.String,
        "capacity_raw": pl.String,
        "lines": pl.Int64,
    },
    key=("item_id",),
)
"""One distinct description shared by many lines. Absent texts are empty strings."""

RAW_TEXTS = tuple(name for name in ITEMS.columns if name.endswith("_raw"))
"""The six texts that make an item, in the order its key is made of."""


def item_id(texts: tuple[str, ...]) -> int:
    """Key of an item: 63 bits of BLAKE2b over its six raw texts, never negative.

    >>> item_id(("Dell", "R740", "", "", "", "")) == item_id(("Dell", "R740", "", "", "", ""))
    True
    """
    digest = hashlib.blake2b("\x1f".join(texts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


IDENTITY: Contract[IdentityFrame] = Contract(
    "identity",
    {
        "item_id": pl.Int64,
        "kind": pl.String,
        "item_class": pl.String,
        "manufacturer": pl.String,
        "model": pl.String,
        "family": pl.String,
        "family_key": pl.String,
        "part_key": pl.String,
        "form_factor_in": pl.Float64,
        "capacity_gb": pl.Float64,
        "rpm": pl.Int64,
        "interface": pl.String,
        "generation": pl.String,
        "power_w": pl.Float64,
        "fan_size_mm": pl.Int64,
        "u_height": pl.Float64,
        "launch_year": pl.Int64,
        "unit_mass_g": pl.Float64,
        "unit_mass_log_sd": pl.Float64,
        "pieces": pl.Int64,
        "pieces_rule": pl.String,
        "counted": pl.Boolean,
        "not_counted_reason": pl.String,
        "method": pl.String,
        "matched_on": pl.String,
        "confidence": pl.Float64,
        "runner_up": pl.String,
        "runner_up_kind": pl.String,
        "runner_up_confidence": pl.Float64,
        "capacity_source": pl.String,
        "conflict": pl.String,
    },
    key=("item_id",),
    allowed={"kind": KINDS},
)
"""What an item is. `item_class` is null for unidentified. `family_key` is the text key of the
family-level spread (catalogue family, else maker/model), `part_key` of the part-number level."""

EVIDENCE: Contract[EvidenceFrame] = Contract(
    "evidence",
    {
        "item_id": pl.Int64,
        "clue": pl.Int64,
        "method": pl.String,
        "candidate": pl.String,
        "weight": pl.Float64,
        "matched_text": pl.String,
        "used": pl.Boolean,
        "stance": pl.String,
    },
    key=("item_id", "clue"),
    allowed={"stance": ("for", "against", "open")},
)
"""One clue used or rejected for an item."""

HOST_PARTS: Contract[HostPartFrame] = Contract(
    "host_parts",
    {
        "item_id": pl.Int64,
        "origin": pl.String,
        "component_kind": pl.String,
        "component_class": pl.String,
        "units_per_host": pl.Float64,
        "capacity_gb": pl.Float64,
        "family_key": pl.String,
        "part_key": pl.String,
        "matched_on": pl.String,
    },
    key=("item_id", "origin", "component_class"),
    allowed={"origin": ("described", "typical")},
)
"""Parts inside one host: as its row describes them, else typical for it (fans, power supplies)."""

PARTS: Contract[PartFrame] = Contract(
    "parts",
    {
        "part_id": pl.String,
        "kind": pl.String,
        "item_class": pl.String,
        "family_key": pl.String,
        "part_key": pl.String,
        "launch_year": pl.Int64,
        "unit_mass_g": pl.Float64,
        "unit_mass_log_sd": pl.Float64,
        "confidence": pl.Float64,
        "runner_up": pl.String,
        "identity_key": pl.String,
        "form": pl.String,
    },
    key=("part_id",),
)
"""One distinct thing to be valued: class, family, part number, identity doubt, and the form it
arrives in (null: whole). Items that differ in none of these share a part; `part_id` is a text made
of them, so it does not depend on order."""

BATCH_PARTS: Contract[BatchPartFrame] = Contract(
    "batch_parts",
    {"batch_id": pl.String, "part_id": pl.String, "units": pl.Float64},
    key=("batch_id", "part_id"),
)
"""Units of a part in a batch, listed, described and typical together, the guard applied."""
