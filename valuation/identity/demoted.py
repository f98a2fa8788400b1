"""Demoted clues: what only names the thing an item is part of, stands in, comes with or lies near.

A clue keeps no more than the weight of a name in passing where another clue, or a word before it,
shows that it does not say what the item is.
"""

import re
from collections.abc import Sequence

from valuation.identity.clues import HEAD_WORD, NAMED_IN_PASSING
from valuation.identity.phrases import is_beside, without_asides
from valuation.identity.reference import Reference
from valuation.identity.text import ItemText
from valuation.identity.traits import Clue
from valuation.units import DRIVE_KINDS, HOST_KINDS, PLUGGED_KINDS, WHOLE_KINDS

TOLD_OF_HOSTS = ("cpu", "memory")
HOLDERS = ("server", "switch", "chassis")
COUNTED_OUT = re.compile(r"(?<![A-Z0-9.,-])\d{1,3} ?X ?(?=[A-Z0-9(])")
RUNNING = re.compile(r" RUNNING AT |^(?:AMD64|X86[ _]64|I[3-6]86|ARM64|AARCH64) ")
"""How an agent names the host it runs on by its processor."""
NOT_HEADS = (*WHOLE_KINDS, *TOLD_OF_HOSTS)
"""Words after a host's name that tell what is in it rather than what it is."""
PARTS_WITH_CODES = (
    "hdd", "ssd", "psu", "fan", "cpu", "gpu", "memory", "board", "network_card", "cable",
)  # fmt: skip
"""Parts whose codes may hold the name of a host, or look like one."""
FAN_OF_SUPPLY = ("fan", "psu")
NUMBERED_FOR = (*WHOLE_KINDS, "board")
"""Things whose numbers are in those of the parts made for them."""
PLACES = ("container", "port", "sensor")
"""What a type column that names a place or a reading says; the model names what belongs there."""
_SPELT_OUT = re.compile(r"[^ ]*\d[^ ]* .")
"""A node that spells out its contents: `F710-1U-Dual-512GB-2x1GE SFP+-300TB SSD`."""
MULTINODE = "multinode"
PATTERN_METHODS = ("catalogue", "grammar")
_A_NUMBER = re.compile(r"[ #:-]*[A-Z]?\d{0,2}")
_BEFORE_A_PART = re.compile(r"(?:\d{3,4} ?W |HOT[ -]?(?:SWAP|PLUG) |SPARE |ERSATZ)*")


def demoted(item: ItemText, clues: Sequence[Clue], reference: Reference) -> list[Clue]:
    """Clues weakened where another shows that they only name what the thing is of, in or beside."""
    if RUNNING.search(item.model):
        clues = [_in_passing(clue) if clue.field == "model" else clue for clue in clues]
    kinds = {clue.kind for clue in clues}
    if kinds.issubset(DRIVE_KINDS):
        # Of a host, a place or what lies beside nothing is said, so only a longer code can deny,
        # and only what is of another kind.
        if len(kinds) <= 1:
            return list(clues)
        return [_in_passing(c) if any(_covers(o, c) for o in clues) else c for c in clues]
    texts = dict(item.fields)
    heads = {c.field: c for c in clues if c.method == "words" and c.weight >= HEAD_WORD}
    return [
        _in_passing(clue)
        if _is_told_of_host(clue, clues)
        or _is_counted_out(item, clue, clues)
        or _belongs_in_place(clue, clues)
        or _is_owner(clue, heads.get(clue.field))
        or _is_purpose(clue, heads.get(clue.field), texts, reference)
        or _is_aside(clue, clues, texts)
        or any(_takes_from(other, clue, texts, reference) for other in clues)
        or _is_fitted(texts.get(clue.field, ""), clue, clues, reference)
        or any(_covers(other, clue) or _denies(other, clue) for other in clues)
        or _is_described_as_owner(item, clue, heads.get("description"))
        or _is_place_of(clue, heads.get(clue.field))
        or is_beside(texts.get(clue.field, ""), clue.start, clue.kind, clue.reason, reference)
        else clue
        for clue in clues
    ]


def _in_passing(clue: Clue) -> Clue:
    return clue.weighing(min(clue.weight, NAMED_IN_PASSING))


def _is_told_of_host(clue: Clue, clues: Sequence[Clue]) -> bool:
    """A part in a host's description, or the processor an agent reports where the model belongs."""
    if clue.field == "model" and clue.kind in TOLD_OF_HOSTS:
        return any(c.field == "type" and c.kind in HOST_KINDS for c in clues)
    if clue.field != "description" or not clue.token or clue.kind in WHOLE_KINDS:
        return False
    return any(
        c.field == "model" and c.token and c.kind in WHOLE_KINDS and not c.reason for c in clues
    )


def _is_counted_out(item: ItemText, clue: Clue, clues: Sequence[Clue]) -> bool:
    """A part in a text that counts out what a host holds, where the type says that it is one.

    Not where the type says storage: that word stands for drives as often as for shelves.
    """
    if clue.field != "description" or clue.kind in WHOLE_KINDS:
        return False
    is_host = any(c.field == "type" and c.kind in HOLDERS and not c.reason for c in clues)
    return is_host and COUNTED_OUT.search(item.description) is not None


def _belongs_in_place(clue: Clue, clues: Sequence[Clue]) -> bool:
    """A part named in a row whose type says that the row is a place for it, or a reading of it.

    A bay or slot may be the address of a part, so there a part number stands.
    """
    if clue.kind == "other" or clue.kind in DRIVE_KINDS:
        return False
    places = PLACES if clue.token else (*PLACES, "empty_bay")
    return any(c.field == "type" and c.reason in places for c in clues)


def _is_owner(clue: Clue, head: Clue | None) -> bool:
    """A pattern's host, or a part, in front of a word that says what the thing really is."""
    if head is None or clue.method not in PATTERN_METHODS or head.kind == clue.kind:
        return False
    is_part_of_host = clue.kind in WHOLE_KINDS and head.kind not in NOT_HEADS
    is_part_of_host = is_part_of_host or (clue.kind == "board" and head.kind in PLUGGED_KINDS)
    ends = clue.start + len(clue.matched)
    if head.kind in DRIVE_KINDS and head.start < ends and _SPELT_OUT.match(clue.matched):
        return False
    if head.reason == "not_hardware" and clue.kind in DRIVE_KINDS:
        return False  # a drive with what is left of its warranty
    if head.reason == "caddy" and clue.traits.segment == MULTINODE:
        return False  # a sled of a server of several nodes is one of them
    return head.start >= clue.start and (is_part_of_host or bool(head.reason and not clue.reason))


def _takes_from(other: Clue, clue: Clue, texts: dict[str, str], reference: Reference) -> bool:
    """Whether of a host and a part in one text the other is the thing, and this names its place.

    In one phrase the part is, whichever comes first: `R740 fan`, `fan R740`. Across phrases the
    first is: `fan for R740`, `R740 with fan`.
    """
    if clue.method not in PATTERN_METHODS or other.field != clue.field or other.reason:
        return False
    if other.weight < HEAD_WORD or other.kind == clue.kind:
        return False
    host, part = (clue, other) if clue.kind in WHOLE_KINDS else (other, clue)
    is_plugged = part.kind in PLUGGED_KINDS or (part.kind == "board" and part.method == "words")
    if host.kind not in WHOLE_KINDS or not is_plugged:
        return False
    first, second = sorted((clue, other), key=lambda c: c.start)
    between = first.start + len(first.matched)
    if second.start < between:
        return False
    stop = reference.phrases.breaks.search(texts[clue.field], between, second.start)
    if stop is None:
        return clue is host
    return clue is second


def _is_purpose(clue: Clue, head: Clue | None, texts: dict[str, str], reference: Reference) -> bool:
    """The host another thing is made for, whatever that is: `port module for XG 750`.

    And a fan or power supply, where the thing before it has a name: `cord for PWR-C1-715WAC`.
    """
    if clue.method not in PATTERN_METHODS or clue.kind not in (*WHOLE_KINDS, *PLUGGED_KINDS):
        return False
    is_of_named = head is not None and head.kind != clue.kind and head.start < clue.start
    if clue.kind in PLUGGED_KINDS and not is_of_named:
        return False
    return reference.phrases.purpose.match(texts[clue.field][: clue.start]) is not None


def _is_described_as_owner(item: ItemText, clue: Clue, head: Clue | None) -> bool:
    """A host's model that the description repeats with the part it is about: `EX4300 PSU 1`."""
    if clue.field != "model" or clue.kind not in WHOLE_KINDS:
        return False
    if head is None or head.kind not in PLUGGED_KINDS:
        return False
    before, behind = item.description[: head.start], item.description[head.start :]
    is_repeated = bool(item.model) and before.rstrip(" :-").endswith(item.model)
    return is_repeated and _A_NUMBER.fullmatch(behind, len(head.matched)) is not None


def _is_aside(clue: Clue, clues: Sequence[Clue], texts: dict[str, str]) -> bool:
    """A part's code in brackets behind another code, with no word for it: `G4014-T (PWR-100)`."""
    if clue.kind not in PLUGGED_KINDS or clue.method not in PATTERN_METHODS:
        return False
    text = texts[clue.field]
    if not without_asides(text)[clue.start : clue.start + 1].isspace():
        return False
    is_named = any(c.kind == clue.kind and c.method == "words" for c in clues)
    return not is_named and any(letter.isdigit() for letter in text[: clue.start])


def _is_fitted(text: str, clue: Clue, clues: Sequence[Clue], reference: Reference) -> bool:
    """A host behind the part that is for it: `fan for Nexus 7010`, `power supply, PowerEdge R640`.

    What is counted in front of a host with no such word may be in it: `2x 750W PSU, PowerEdge`.
    """
    if clue.kind not in WHOLE_KINDS or clue.method not in PATTERN_METHODS:
        return False
    for part in clues:
        end = part.start + len(part.matched)
        if part.field != clue.field or part.kind in WHOLE_KINDS or not 0 < end <= clue.start:
            continue
        if reference.phrases.serving.search(text, end, clue.start):
            return True
        begins = _BEFORE_A_PART.fullmatch(text, 0, part.start)
        if part.kind in PLUGGED_KINDS and part.weight >= HEAD_WORD and begins:
            return True
    return False


def _denies(other: Clue, clue: Clue) -> bool:
    """A pattern of what is no part around a word of it (`fan filter`), or that it is absent."""
    if clue.method != "words" or other.kind != "other" or clue.kind == "other":
        return False
    if other.reason == "not_present":
        return True
    ends = other.start + len(other.matched)
    within = other.field == clue.field and other.start <= clue.start < ends
    return bool(within and other.token and other.reason)


def _is_place_of(clue: Clue, head: Clue | None) -> bool:
    """A place named right before the part that belongs there: `drive bay fan`."""
    if head is None or head.kind == "other" or clue.reason != "empty_bay":
        return False
    return head.start == clue.start + len(clue.matched) + 1


def _covers(other: Clue, clue: Clue) -> bool:
    """A longer match of a pattern around a match: `PWR-MX480-2520` around `MX480`.

    A part's code that a host's pattern runs beyond at the end stays: `QFX5200-APSU-AI`. A host's
    name within a part's code is no host, though the part's pattern stops earlier: `ADATA SU650`.
    """
    if other.field != clue.field or other.kind == clue.kind or not (other.token and clue.token):
        return False
    if other.weight <= NAMED_IN_PASSING:
        return False
    ends, other_ends = clue.start + len(clue.matched), other.start + len(other.matched)
    part_over_host = clue.kind in WHOLE_KINDS and other.kind in PARTS_WITH_CODES
    if part_over_host and other.weight >= clue.weight and other.start <= clue.start < other_ends:
        return True
    if _is_number_of(other, clue) and other.start < ends <= other_ends:
        return True
    return (
        other.start <= clue.start
        and ends <= other_ends
        and len(other.matched) > len(clue.matched)
        and (other.start < clue.start or clue.kind in WHOLE_KINDS)
        and not _is_number_of(clue, other)
    )


def _is_number_of(other: Clue, clue: Clue) -> bool:
    """A whole part number that says it is a part's, or none's, for one that is read in it.

    `C6880-X-3KW-AC` is neither the switch nor its line card, `FAN-FILTER` no fan.
    """
    if other.matched != other.token:
        return False
    if other.kind in PLUGGED_KINDS:
        return clue.kind in NUMBERED_FOR or (other.kind, clue.kind) == FAN_OF_SUPPLY
    return bool(other.reason) and clue.kind in PLUGGED_KINDS
