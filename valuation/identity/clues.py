"""The clue finders: each reads an item's texts its own way and says what it may be.

`FINDERS` is their order. A finder sees what the earlier ones found; it never decides. The
classifier is asked after them, for all open items at once (`open_texts.py`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from valuation.frames import RAW_TEXTS
from valuation.identity.capacity import amounts_gb
from valuation.identity.describing import coded_size
from valuation.identity.grammar import CUT_LENGTH
from valuation.identity.phrases import (
    closing_word,
    kind_words,
    telling_phrase,
    without_asides,
)
from valuation.identity.reference import Reference
from valuation.identity.text import ItemText, clean, squash
from valuation.identity.traits import Clue, Traits
from valuation.units import DRIVE_KINDS, PLUGGED_KINDS, WHOLE_KINDS

Finder = Callable[[ItemText, Reference, Sequence[Clue]], list[Clue]]

SOLD_AS_ONE_KIND = 0.62
"""Weight of a capacity that only one kind of drive is sold in: enough alone, outvoted by a word."""
NAMED_IN_PASSING = 0.3
"""Weight left to a host's name in front of a part word: `Nexus 5500 power supply` is no Nexus."""
HEAD_WORD = 0.8
"""A word of at least this weight after a host's name makes the thing a part of that host."""
CODED_KINDS = ("hdd", "ssd", "psu", "fan")
SHORTEST_CODE = 8
SHORTEST_CUT = 5
VENDOR_LENGTH = 8
INQUIRY_LENGTHS = {16, 24}
"""Lengths of a model cut by a SCSI inquiry: the product, or vendor and product."""
INQUIRED_KINDS = ("hdd", "ssd", "tape_drive", "optical_drive")
READ_OR_PLACE = 0.95
"""Weight of a place or reading that ends a text."""
BEFORE_A_CUT = 0.55
"""Weight left to a host's word in a cut text: not enough alone."""
MEMORY_GB = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Sizes memory modules are sold in too, so that they tell no drive. [GB]"""
DOUBTED_MEDIUM = 0.45
"""Weight of SSD where a controller prints no size: an SSD it does not know is an `HDD, 0 KB`."""
_NO_SIZE = re.compile(r"(?<![\d.,])0(?:[.,]0+)? ?[KMGT]?B(?![A-Z])")


def pattern_clues(item: ItemText, reference: Reference, _: Sequence[Clue]) -> list[Clue]:
    """Catalogue families and part-number grammars in every field.

    A model that no pattern knows is tried again without blanks and dashes, from its first letter;
    one that may have been cut, as the beginning of a part number.
    """
    clues = []
    for field, text in item.fields:
        if text:
            clues += reference.patterns_in(field, text)
    clues = _with_maker(item, clues, reference)
    if not any(c.field == "model" for c in clues):
        # Only codes are written with stray blanks; names of hosts need theirs.
        joined = reference.patterns_in("model", squash(item.core), whole=True)
        clues += [c for c in joined if c.kind in CODED_KINDS and len(c.matched) >= SHORTEST_CODE]
        if not clues and item.is_cut:
            usual = reference.maker_hints.get(item.maker, ("", 0.0))[0]
            begun = reference.cut_in("model", item.core)
            clues += [c for c in begun if c.kind in INQUIRED_KINDS and usual in ("", c.kind)]
    return clues


def _with_maker(item: ItemText, clues: list[Clue], reference: Reference) -> list[Clue]:
    """Clues with those of patterns that begin with the maker, whose name stands elsewhere.

    `Dell Inc.` and `M630` are `DELL M630`; what others take the code for, it then is not.
    """
    if not item.maker:
        return clues
    field, text = next(((f, t) for f, t in item.fields if t), ("", ""))
    rest = item.core if field == "model" else text
    if field == "type" or not rest:
        return clues
    if any(c.field == field and c.traits.maker == item.maker for c in clues):
        return clues
    at = len(text) - len(rest)
    named = [
        clue._replace(start=at, matched=clue.matched[len(begun) :],
                      token=clue.token.removeprefix(begun))
        for begun in dict.fromkeys(f"{maker} " for maker in (item.maker.upper(), item.maker_text))
        if begun + rest != text
        for clue in reference.patterns_in(field, begun + rest)
        if not clue.start and len(clue.matched) > len(begun)
    ]  # fmt: skip
    if not named:
        return clues
    kinds = {clue.kind for clue in named}
    ends = at + max(len(clue.matched) for clue in named)
    own = {None, *reference.kin.get(item.maker, {item.maker})}
    told = {c.kind for c in clues if c.field == field and c.traits.maker in own}
    here = [c for c in clues if c.field == field and c.kind not in kinds and c.start < ends]
    doubted = [c for c in here if c.traits.maker not in own or c.start + len(c.matched) <= ends]
    return [
        *([] if kinds <= told else named),  # a pattern of the series itself says more
        *(c.weighing(min(c.weight, NAMED_IN_PASSING)) if c in doubted else c for c in clues),
    ]


def word_clues(item: ItemText, reference: Reference, earlier: Sequence[Clue]) -> list[Clue]:
    """The head noun of each field's first telling phrase.

    English and German put the head last: a `power supply fan` is a fan, a `fan tray slot` a slot.
    """
    clues: list[Clue] = []
    for field, said in item.fields:
        if not said:
            continue
        if field == "type" and all(c.field != field for c in earlier):
            # a few words say what thousands of items are
            if said not in reference.read_types:
                reference.read_types[said] = _field_words(item, field, said, (), reference)
            named, owners = reference.read_types[said]
        elif reference.may_name(said):
            patterns = [c for c in earlier if c.field == field]
            named, owners = _field_words(item, field, said, patterns, reference)
        else:
            continue
        if owners:
            clues = [_as_owner(clue) if clue.kind in owners else clue for clue in clues]
        clues += named
    return clues


def _field_words(
    item: ItemText, field: str, said: str, patterns: Sequence[Clue], reference: Reference
) -> tuple[list[Clue], set[str]]:
    """What the words of one field name, and the kinds a description says that is a part of."""
    text = without_asides(said)
    starts = [c.start for c in patterns]
    hosts = [c.start for c in patterns if c.kind in WHOLE_KINDS]
    closing = closing_word(said, starts, reference, hosts)
    if closing:
        last, start, reason = closing
        clue = Clue("words", field, "other", READ_OR_PLACE, last, last, start, reason=reason)
        return [clue], set()
    # What follows a part's own code in its description says what the part is.
    behind = text.find(item.model) + len(item.model) if _is_named_in(item, field, text) else 0
    start, end = telling_phrase(text, behind, starts, reference, hosts)
    if start == end:
        start, end = telling_phrase(text, 0, starts, reference, hosts)
    found = kind_words(text, start, end, reference, hosts)
    if not found and hosts:
        found = _part_of_all(field, text, end, reference)
    if not found:
        return [], set()
    head = _head(found, reference)
    word = reference.words[head[0]]
    owners = {reference.words[m[0]].kind for m in found if m is not head} - {word.kind}
    # The head comes last, so a cut text that names a host may have lost the part it is of.
    is_headless = item.is_cut and field == "model" and len(said) == CUT_LENGTH
    most = BEFORE_A_CUT if is_headless and word.kind in WHOLE_KINDS else 1.0
    traits = Traits.of({n: v for n in ("segment", "item_class") if (v := getattr(word, n))})
    clues = [
        Clue("words", field, kind, min(weight, most), head[0], head[0], head.start(),
             reason=word.reason if kind == "other" else "", traits=traits)
        for kind, weight in ((word.kind, word.weight), (word.also_kind, word.also_weight))
        if kind
    ]  # fmt: skip
    return clues, owners if field == "description" else set()


def _part_of_all(field: str, text: str, end: int, reference: Reference) -> list[re.Match[str]]:
    """The part that is named behind a list of the hosts it is for: `S5860, S5810-48FS PSU`."""
    start = text.rfind(",", end) + 1
    found = kind_words(text, start, len(text), reference) if start else []
    is_last = found and not text[found[-1].end() :].strip(" ()[].:S")
    if not is_last or reference.words[found[-1][0]].kind not in PLUGGED_KINDS:
        return []
    listed = reference.patterns_in(field, text[start : found[-1].start()].strip())
    return found if any(c.kind in WHOLE_KINDS for c in listed) else []


def _head(found: Sequence[re.Match[str]], reference: Reference) -> re.Match[str]:
    """The last of a phrase's words, or the part in front of a word like `module`."""
    head, before = found[-1], found[-2] if len(found) > 1 else found[-1]
    word, part = reference.words[head[0]], reference.words[before[0]]
    is_joined = head.start() == before.end() + 1 and not part.reason
    if is_joined and word.weight < HEAD_WORD <= part.weight and part.kind not in WHOLE_KINDS:
        return before
    return head


def size_clues(item: ItemText, reference: Reference, earlier: Sequence[Clue]) -> list[Clue]:
    """A capacity that only hard drives, or only SSDs, are sold in, or a drive's size in a code.

    Silent once a pattern has matched or a word names another kind: memory has such sizes too. A
    size in a code may speak for both kinds of drives: then it supports what else is said.
    """
    if any(c.method != "words" or c.kind not in DRIVE_KINDS for c in earlier):
        return []
    media = {c.kind for c in earlier}
    if media == {"hdd"} and any(_NO_SIZE.search(t) for t in (item.capacity, item.model)):
        return [Clue("size", "capacity", "ssd", DOUBTED_MEDIUM, "no size", item.capacity or "0")]
    for field, text in (*item.fields[:3], ("capacity", item.capacity)):
        for capacity_gb, words in amounts_gb(text, reference.sizes.of("")):
            kind = reference.sizes.only_kind(capacity_gb)
            if kind and (media or capacity_gb not in MEMORY_GB):
                name = f"{capacity_gb:g} GB"
                return [Clue("size", field, kind, SOLD_AS_ONE_KIND, name, words)]
    return [
        Clue("size", said[0], kind, said[1].weight, f"{said[1].capacity_gb:g} GB", said[1].matched)
        for kind in DRIVE_KINDS
        if (said := coded_size(item, kind, reference)) and said[1].weight and not media - {kind}
    ]


def maker_clues(item: ItemText, reference: Reference, earlier: Sequence[Clue]) -> list[Clue]:
    """What the maker mostly makes: never enough alone, and silent once a pattern has matched."""
    hint = reference.maker_hints.get(item.maker)
    if hint is None or any(c.method in ("catalogue", "grammar") for c in earlier):
        return []
    return [Clue("maker", "maker", *hint, item.maker, item.maker)]


FINDERS: tuple[Finder, ...] = (pattern_clues, word_clues, size_clues, maker_clues)


def rule_clues(item: ItemText, reference: Reference) -> list[Clue]:
    """What all finders say about one item."""
    clues: list[Clue] = []
    for find in FINDERS:
        clues += find(item, reference, clues)
    return clues


def item_text(row: Mapping[str, Any], reference: Reference) -> ItemText:
    """The cleaned texts of one row of items; placeholders become empty."""
    silent = reference.silent_texts
    named, model, part_number, description, type_word, capacity = [
        "" if (text := clean(row[name])) in silent else text for name in RAW_TEXTS
    ]
    found, core = _without_makers(model, reference)
    maker = reference.makers.get(squash(named)) if named else ""
    if maker is None:
        maker = named.title()
    if not maker:
        maker = found or _without_makers(description, reference)[0]
    return ItemText(
        item_id=int(row["item_id"] or 0),
        maker=maker,
        model=model,
        core=core,
        is_cut=_is_cut(row["model_raw"] or "", row["manufacturer_raw"] or "", core),
        is_of_drives=maker in reference.drive_makers,
        part_number=part_number,
        description=description,
        type_word=type_word,
        capacity=capacity,
        maker_text=named,
    )


def _is_cut(raw: str, raw_maker: str, core: str) -> bool:
    """Whether a model is as long as a SCSI inquiry lets it be: 8 letters of vendor, 16 of product.

    Tools join the two and cut both to 16; others strip the vendor's padding, or move it into its
    own column.
    """
    core_length, model_length = len(core), len(raw.strip())
    if core_length < SHORTEST_CUT:
        return False
    joined_length = len(raw_maker.strip()) + 1 + model_length
    lengths = (len(raw), model_length, joined_length, core_length, VENDOR_LENGTH + core_length)
    return not INQUIRY_LENGTHS.isdisjoint(lengths)


def _without_makers(text: str, reference: Reference) -> tuple[str, str]:
    """The first maker named at the beginning of a text, and the text without such names."""
    maker = ""
    while match := reference.maker_prefix.match(text):
        maker = maker or reference.makers.get(squash(match["maker"]), "")
        text = text[match.end() :]
    return maker, text


def _as_owner(clue: Clue) -> Clue:
    """A model that is the name of what the thing is in: `PSU` for a `PSU 1 fan`."""
    in_passing = min(clue.weight, NAMED_IN_PASSING)
    return clue.weighing(in_passing) if clue.field == "model" else clue


def _is_named_in(item: ItemText, field: str, text: str) -> bool:
    """Whether a description holds the item's own code, a model with digits."""
    is_code = any(c.isdigit() for c in item.model) and len(item.model) >= SHORTEST_CUT
    return field == "description" and is_code and item.model in text
