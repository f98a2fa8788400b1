"""What is inside a host: the parts its row describes, else the fans and supplies typical for it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from valuation.identity.capacity import amounts_gb
from valuation.identity.clues import MEMORY_GB
from valuation.identity.describing import class_of, words_around
from valuation.identity.reference import Reference
from valuation.identity.text import ItemText
from valuation.identity.traits import Traits
from valuation.tables import Tables
from valuation.units import DRIVE_KINDS, HOST_KINDS

_COUNTED = re.compile(
    r"(?<![A-Z0-9.,-])\(?(?P<count>\d{1,3})\)?(?: ?X ?|(?= \d+(?:[.,]\d+)? ?[TG]B))"
    r"(?P<what>(?:(?!(?<![A-Z0-9.])\d{1,3} ?X ?)(?:[^,;/+()]|,(?=\d)))*)"
)
_TRAILING = re.compile(
    r"(?P<what>\d+(?:[.,]\d+)? ?[TG]B(?:(?!\d+ ?X)[^,;/+()])*?) ?\(?(?<![A-Z0-9])"
    r"(?:X ?(?P<count>\d{1,3})(?![A-Z0-9.])|(?P<count_first>\d{1,3})X *(?=$|[,;/+()]))"
)
_NAMED = re.compile(r"(?<![A-Z0-9.,/#-])(?<!SLOT )(?<!BAY )(?<!PORT )(?<!GEN )(?P<count>\d{1,2}) ")
_LIST_MARK = re.compile(r"[,;/+()]")
_AFTER = re.compile(
    r"(?:ES|S|EN|N|E)?(?: ?\d{3,4} ?W)?(?: ?: ?(\d{1,2})(?![\dX.])| ?X ?(\d{1,2})| ?(\d{1,2})X)"
    r"(?= *(?:$|[,;/+()]))"
)
_WATTS = re.compile(r" ?\d{3,4} ?W(?![A-Z])")
_PIECES = re.compile(
    r"(?<![A-Z0-9.,-])(\d{1,3}) ?"
    r"(?:(?:PCS?|PIECES|EA|STK|STÜCK|STUECK)(?![A-Z0-9])\.?|[개대](?![가-힣]))"
)
_TIMES = re.compile(r"(?<=\d) ?\* ?(?=\d)")
_ROOM_ONLY = re.compile(r"(?:WITHOUT|W/O|LESS|EXCL\w*|OHNE|UP TO|MAX\.?|SUPPORTS|BIS ZU|\bNO)\W*$")
_NO_DRIVES = re.compile(
    r"(?:WITHOUT|W/O|\bNO|LESS|OHNE) (?:HARD )?(?:DRIVES?|DISKS?|HDDS?|SSDS?|FESTPLATTEN)|DISKLESS"
    r"|(?:DRIVES?|DISKS?|HDDS?|SSDS?|FESTPLATTEN|PLATTEN|[TG]B[^,;]*?) ?\(?"
    r"(?:WERE |ARE |HAVE BEEN )?"
    r"(?:REMOVED|PULLED|EXTRACTED|SHREDDED|DESTROYED|NOT INCLUDED|ENTFERNT|AUSGEBAUT)"
    r"|(?:디스크|HDD|SSD|드라이브) ?(?:제거|미포함|없음)"
)
_SPINNING = re.compile(r"\b(?:SATA|SAS|NL-?SAS|RPM|(?:5\.4|7\.2|10|15)K)\b")
_MOST = 400  # parts of one sort in one host; more is a part number
MISSION_RPM = 9000
"""Drives that turn faster are of the mission-critical trade."""
NAMED_KINDS = ("hdd", "ssd", "psu", "fan")
"""Kinds that a bare number counts: an `8 GPU server` has room for eight."""
UNNAMED = "unidentified"
"""Kind of what is counted by a size that hard drives and SSDs are both sold in: `12x 8TB`."""
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
    said: dict[tuple[str, float | None], _Said] = {}
    for text in (item.model, item.description):
        here: dict[tuple[str, float | None], _Said] = {}
        for one in _counted_out(text, reference):
            key = (one.component_class, one.traits.capacity_gb)
            known = here.get(key)
            here[key] = one if known is None else replace(one, count=one.count + known.count)
        for key, one in here.items():
            # What a model says its description says again; the longer count is the whole.
            if key not in said or said[key].count < one.count:
                said[key] = one
    parts: dict[str, HostPart] = {}
    for one in said.values():
        parts[one.component_class] = _joined(parts.get(one.component_class), item, one)
    return list(parts.values())


@dataclass(frozen=True)
class _Said:
    """Parts one text counts out."""

    kind: str
    component_class: str
    count: int
    traits: Traits
    matched: str


def _counted_out(text: str, reference: Reference) -> Iterator[_Said]:
    """Every count of parts in one text, each place read once."""
    text = _TIMES.sub("X ", _PIECES.sub(r"\1X", text))
    no_drives = _NO_DRIVES.search(text) is not None
    read: list[tuple[int, int]] = []
    unnamed: list[tuple[int, int, _Said]] = []
    for start, end, count, what in _counts(text, reference):
        if _ROOM_ONLY.search(text, 0, start) or _is_among(read, start, end):
            continue
        kind, traits = _part(what, reference)
        if kind == UNNAMED:
            lead = text[_list_begin(text, start) : start]
            named = _part(f"{lead} {what}", reference)
            kind, traits = named if named[0] in DRIVE_KINDS else (kind, traits)
        name = UNNAMED if kind == UNNAMED else class_of(kind, traits, reference) if kind else None
        if not name or not 0 < count <= _MOST or (no_drives and kind in (*DRIVE_KINDS, UNNAMED)):
            continue
        said = _Said(kind, name, count, traits, text[start:end].strip())
        if kind == UNNAMED:
            unnamed.append((start, end, said))
            continue
        read.append((start, end))
        yield said
    yield from (said for start, end, said in unnamed if not _is_among(read, start, end))


def _is_among(read: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a place in a text lies over one that was read."""
    return any(a < end and start < b for a, b in read)


def _counts(text: str, reference: Reference) -> Iterator[tuple[int, int, int, str]]:
    """Where a text counts, how many and of what: `12x 6TB`, `6TB SATA x12`, `8 fans`, `PSU: 2`."""
    for match in _COUNTED.finditer(text):
        yield match.start(), match.end(), int(match["count"]), match["what"]
    for match in _TRAILING.finditer(text):
        count = int(match["count"] or match["count_first"])
        begin = _list_begin(text, match.start())
        yield match.start(), match.end(), count, text[begin : match.end("what")]
    for match in _NAMED.finditer(text):
        word = reference.word_regex.match(text, match.end())
        if word and reference.words[word[0]].kind in NAMED_KINDS:
            stop = _LIST_MARK.search(text, match.end())
            end = stop.start() if stop else len(text)
            yield match.start(), end, int(match["count"]), text[match.end() : end]
    for match in reference.word_regex.finditer(text):
        after = _AFTER.match(text, match.end())
        if after and reference.words[match[0]].kind in ("fan", "psu"):
            count = int(next(group for group in after.groups() if group))
            yield match.start(), after.end(), count, text[match.start() : after.end()]


def _list_begin(text: str, at: int) -> int:
    """Where the part of a list that holds a place begins: `HDD 6TB x 12` begins with its word."""
    marks = [m.end() for m in _LIST_MARK.finditer(text, 0, at)]
    counts = [m.end() for m in re.finditer(r"\d ?X(?= )|X ?\d+", text[:at])]
    return max([0, *marks, *counts])


def unnamed_warnings(unnamed: pl.DataFrame) -> list[str]:
    """What is said of hosts whose texts count drives by their size alone.

    Args:
        unnamed: One row per such host, in the columns of `HOST_PARTS`.
    """
    if unnamed.is_empty():
        return []
    example = unnamed.sort("item_id")["matched_on"][0]
    hosts = "1 host counts" if unnamed.height == 1 else f"{unnamed.height:,} hosts count"
    sold = (
        "hard drives and SSDs are both sold so: they are left out until the text says HDD or SSD."
    )
    return [f"{hosts} out drives by size alone (such as `{example}`), and {sold}"]


def typical_parts(tables: Tables, hosts: pl.DataFrame, described: pl.DataFrame) -> pl.DataFrame:
    """Fans and power supplies typical for each host, by family, else by item class.

    A family speaks for a kind of part at a time: one whose supplies alone are known takes its fans
    from the class, and one that says zero holds none.

    Args:
        tables: Reference data with `host_content`.
        hosts: Identities of the hosts.
        described: Parts their texts counted out; a kind that is described has no typical part.
    """
    content = tables.frame("host_content").select(
        "host_key", "component_kind", "component_class", pl.col("value").alias("units_per_host")
    )
    known = described.select("item_id", "component_kind").unique()
    counted = hosts.filter(pl.col("kind").is_in(HOST_KINDS) & pl.col("counted")).select(
        "item_id", "item_class", host_family="family_key"
    )
    by_family = counted.join(content, left_on="host_family", right_on="host_key").with_columns(
        host_key="host_family"
    )
    by_class = (
        counted.join(content, left_on="item_class", right_on="host_key")
        .with_columns(host_key="item_class")
        .join(by_family, on=["item_id", "component_kind"], how="anti")
    )
    return (
        pl.concat([by_family, by_class])
        .filter(pl.col("units_per_host") > 0)
        .join(known, on=["item_id", "component_kind"], how="anti")
        .sort("item_id", "component_class")
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
    if not kind and capacity_gb and capacity_gb not in MEMORY_GB:
        kind = reference.sizes.only_kind(capacity_gb) or ("hdd" if _SPINNING.search(what) else "")
    if not kind and not said and _WATTS.match(what):
        kind = "psu"
    if not kind:
        is_of_drives = bool(capacity_gb) and capacity_gb not in MEMORY_GB and not said
        return (UNNAMED, Traits(capacity_gb=capacity_gb)) if is_of_drives else ("", Traits())
    traits = words_around(what, kind, reference).filled(Traits(capacity_gb=capacity_gb))
    if kind != "hdd":
        return kind, traits
    # Drives inside servers and shelves are of the server trade unless the text says otherwise.
    trade = "mission" if (traits.rpm or 0) >= MISSION_RPM else "nearline"
    return kind, traits.filled(Traits(segment=trade))


def _joined(known: HostPart | None, item: ItemText, said: _Said) -> HostPart:
    """The parts of one class, those already found in this host included."""
    units, capacity_gb = float(said.count), said.traits.capacity_gb
    matched, name = said.matched, said.component_class
    if known:
        units += known.units_per_host
        if capacity_gb and known.capacity_gb:
            capacity_gb = (
                capacity_gb * said.count + known.capacity_gb * known.units_per_host
            ) / units
        matched = f"{known.matched_on}; {matched}"
    key = f"unlisted/{name}"
    return HostPart(
        item.item_id, "described", said.kind, name, units, capacity_gb, key, key, matched
    )
