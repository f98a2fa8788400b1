"""What is inside a host: the parts its row describes, else the fans and supplies typical for it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from valuation.identity.capacity import amounts_gb
from valuation.identity.decide import class_of, words_around
from valuation.identity.reference import Reference
from valuation.identity.text import ItemText
from valuation.identity.traits import Traits
from valuation.tables import Tables
from valuation.units import HOST_KINDS

_COUNTED = re.compile(
    r"(?<![A-Z0-9.,-])\(?(?P<count>\d{1,3})\)?(?: ?X ?|(?= \d+(?:[.,]\d+)? ?[TG]B))"
    r"(?P<what>(?:(?!(?<![A-Z0-9.])\d{1,3} ?X ?)(?:[^,;/+()]|,(?=\d)))*)"
)
_TRAILING = re.compile(
    r"(?P<what>\d+(?:[.,]\d+)? ?[TG]B(?:(?!\d+ ?X)[^,;/+()])*?)(?<![A-Z0-9]) ?X ?(?P<count>\d{1,3})"
    r"(?![A-Z0-9.])"
)
_ROOM_ONLY = re.compile(r"(?:WITHOUT|W/O|LESS|EXCL\w*|OHNE|UP TO|MAX\.?|SUPPORTS|BIS ZU|\bNO)\W*$")
_NO_DRIVES = re.compile(
    r"(?:WITHOUT|W/O|\bNO|LESS|OHNE) (?:HARD )?(?:DRIVES?|DISKS?|HDDS?|SSDS?|FESTPLATTEN)|DISKLESS"
)
_SPINNING = re.compile(r"\b(?:SATA|SAS|NL-?SAS|RPM|(?:5\.4|7\.2|10|15)K)\b")
_MOST = 400  # parts of one sort in one host; more is a part number
DESCRIBED_KINDS = ("hdd", "ssd", "memory", "psu", "fan", "cpu", "gpu", "network_card")


@dataclass(frozen=True)
class HostPart:
    """Parts of one class inside one host."""

    item_id: int
    origin: str
    component_kind: str
    component_class: str
    units_per_host: float
    capacity_gb: float | None
    family_key: str
    part_key: str
    matched_on: str


def described_parts(item: ItemText, reference: Reference) -> list[HostPart]:
    """Parts a host's own text counts out: `12x 6TB SATA`, `2 x 512GB SSD`, `2x 750W PSU`.

    Room for drives is not drives: `without`, `up to` and bare bays describe nothing.
    """
    parts: dict[str, HostPart] = {}
    for text in (item.model, item.description):
        no_drives = _NO_DRIVES.search(text) is not None
        for match in (*_COUNTED.finditer(text), *_TRAILING.finditer(text)):
            if _ROOM_ONLY.search(text, 0, match.start()):
                continue
            kind, traits = _part(match["what"], reference)
            count = int(match["count"])
            name = class_of(kind, traits, reference) if kind else None
            if not name or not 0 < count <= _MOST or (no_drives and kind in ("hdd", "ssd")):
                continue
            parts[name] = _joined(parts.get(name), item, kind, name, count, traits, match[0])
    return list(parts.values())


def typical_parts(
    tables: Tables, hosts: pl.DataFrame, described: Iterable[HostPart]
) -> pl.DataFrame:
    """Fans and power supplies typical for each host, by family, else by item class.

    Args:
        tables: Reference data with `host_content`.
        hosts: Identities of the hosts.
        described: What their texts said; a kind that is described has no typical part.
    """
    content = tables.frame("host_content").select(
        "host_key", "component_kind", "component_class", pl.col("value").alias("units_per_host")
    )
    known = pl.DataFrame(
        [(p.item_id, p.component_kind) for p in described],
        schema={"item_id": pl.Int64, "component_kind": pl.String},
        orient="row",
    ).unique()
    own = pl.col("family_key").is_in(content["host_key"].implode())
    return (
        hosts.filter(pl.col("kind").is_in(HOST_KINDS) & pl.col("counted"))
        .with_columns(host_key=pl.when(own).then("family_key").otherwise("item_class"))
        .select("item_id", "host_key", host_family="family_key")
        .join(content, on="host_key")
        .join(known, on=["item_id", "component_kind"], how="anti")
        .select(
            "item_id",
            "component_kind",
            "component_class",
            "units_per_host",
            origin=pl.lit("typical"),
            capacity_gb=pl.lit(None, dtype=pl.Float64),
            # Unnamed fans of one host model are one part number: they are magnets together or not.
            family_key=pl.format("{}/{}", "host_family", "component_class"),
            part_key=pl.format("{}/{}", "host_family", "component_class"),
            matched_on=pl.col("host_key"),
        )
    )


def _part(what: str, reference: Reference) -> tuple[str, Traits]:
    """Kind and traits of what follows a count, empty for what is no part."""
    amounts = amounts_gb(what, reference.sizes.of(""))
    capacity_gb = amounts[0][0] if amounts else None
    said = [reference.words[m[0]] for m in reference.word_regex.finditer(what)]
    kinds = [w.kind for w in said]
    kind = next((k for k in kinds if k in DESCRIBED_KINDS), "")
    if "other" in kinds or (kind in ("hdd", "ssd", "memory") and capacity_gb is None):
        return "", Traits()
    if not kind and capacity_gb:
        kind = reference.sizes.only_kind(capacity_gb) or ("hdd" if _SPINNING.search(what) else "")
    if not kind:
        return "", Traits()
    traits = words_around(what, kind, reference).filled(Traits(capacity_gb=capacity_gb))
    # Drives inside servers and shelves are of the server trade unless the text says otherwise.
    return kind, traits.filled(Traits(segment="nearline")) if kind == "hdd" else traits


def _joined(
    known: HostPart | None,
    item: ItemText,
    kind: str,
    name: str,
    count: int,
    traits: Traits,
    matched: str,
) -> HostPart:
    """The parts of one class, those already found in this host included."""
    units, capacity_gb = float(count), traits.capacity_gb
    if known:
        units += known.units_per_host
        if capacity_gb and known.capacity_gb:
            capacity_gb = (capacity_gb * count + known.capacity_gb * known.units_per_host) / units
        matched = f"{known.matched_on}; {matched.strip()}"
    key = f"unlisted/{name}"
    return HostPart(
        item.item_id, "described", kind, name, units, capacity_gb, key, key, matched.strip()
    )
