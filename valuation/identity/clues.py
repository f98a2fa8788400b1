"""The clue finders: each reads an item's texts its own way and says what it may be.

`FINDERS` is their order. A finder sees what the earlier ones found; it never decides.
A statistical classifier takes its place in that tuple as one more finder.
"""

import re
from collections.abc import Callable, Sequence

from valuation.identity.capacity import amounts_gb
from valuation.identity.reference import Reference
from valuation.identity.text import ItemText, clean, squash
from valuation.identity.traits import Clue, Traits
from valuation.units import HOST_KINDS

_ASIDE = re.compile(r"(?<=[^ ] )[(\[][^)\]]*[)\]]")
Finder = Callable[[ItemText, Reference, Sequence[Clue]], list[Clue]]

SOLD_AS_ONE_KIND = 0.62
"""Weight of a capacity that only one kind of drive is sold in: enough alone, outvoted by a word."""
NAMED_IN_PASSING = 0.3
"""Weight left to a host's name in front of a part word: `Nexus 5500 power supply` is no Nexus."""
CODED_KINDS = ("hdd", "ssd", "psu", "fan")
SHORTEST_CODE = 8
WHOLE_HOSTS = (*HOST_KINDS, "ups_pdu")


def pattern_clues(item: ItemText, reference: Reference, _: Sequence[Clue]) -> list[Clue]:
    """Catalogue families and part-number grammars in every field.

    A model that no pattern knows is tried again without blanks and dashes, from its first letter.
    """
    clues = []
    for field, text in item.fields:
        if text:
            clues += reference.patterns_in(field, text)
    if not any(c.field == "model" for c in clues):
        # Only codes are written with stray blanks; names of hosts need theirs.
        joined = reference.patterns_in("model", squash(item.core), whole=True)
        clues += [c for c in joined if c.kind in CODED_KINDS and len(c.matched) >= SHORTEST_CODE]
    return clues


def word_clues(item: ItemText, reference: Reference, earlier: Sequence[Clue]) -> list[Clue]:
    """The head noun of each field's first telling phrase.

    English and German put the head last: a `power supply fan` is a fan, a `fan tray slot` a slot.
    """
    clues = []
    for field, said in item.fields:
        if not said:
            continue
        text = _ASIDE.sub(lambda m: " " * len(m[0]), said)
        start, end = _telling_phrase(
            text, [c.start for c in earlier if c.field == field], reference
        )
        found = list(reference.word_regex.finditer(text, start, end))
        if not found:
            continue
        head = found[-1]
        word = reference.words[head[0]]
        traits = Traits(segment=word.segment, item_class=word.item_class)
        for kind, weight in ((word.kind, word.weight), (word.also_kind, word.also_weight)):
            if kind:
                clues.append(
                    Clue("words", field, kind, weight, head[0], head[0], head.start(),
                         reason=word.reason if kind == "other" else "", traits=traits)
                )  # fmt: skip
    return clues


def size_clues(item: ItemText, reference: Reference, earlier: Sequence[Clue]) -> list[Clue]:
    """A capacity that only hard drives, or only SSDs, are sold in.

    Silent once a pattern has matched or a word names another kind: memory has such sizes too.
    """
    if any(c.method != "words" or c.kind not in ("hdd", "ssd") for c in earlier):
        return []
    for field, text in (*item.fields[:3], ("capacity", item.capacity)):
        for capacity_gb, words in amounts_gb(text, reference.sizes.of("")):
            kind = reference.sizes.only_kind(capacity_gb)
            if kind:
                name = f"{capacity_gb:g} GB"
                return [Clue("size", field, kind, SOLD_AS_ONE_KIND, name, words)]
    return []


def maker_clues(item: ItemText, reference: Reference, earlier: Sequence[Clue]) -> list[Clue]:
    """What the maker mostly makes: never enough alone, and silent once a pattern has matched."""
    hint = reference.maker_hints.get(item.maker)
    if hint is None or any(c.method in ("catalogue", "grammar") for c in earlier):
        return []
    return [Clue("maker", "maker", *hint, item.maker, item.maker)]


FINDERS: tuple[Finder, ...] = (pattern_clues, word_clues, size_clues, maker_clues)


def item_text(row: dict[str, str | int | None], reference: Reference) -> ItemText:
    """The cleaned texts of one row of items; placeholders become empty."""
    texts = {
        name: _said(clean(str(row[f"{name}_raw"] or "")), reference)
        for name in ("manufacturer", "model", "part_number", "description", "type", "capacity")
    }
    found, core = _without_makers(texts["model"], reference)
    maker = reference.makers.get(squash(texts["manufacturer"]), texts["manufacturer"].title())
    if not maker:
        maker = found or _without_makers(texts["description"], reference)[0]
    return ItemText(
        item_id=int(row["item_id"] or 0),
        maker=maker,
        model=texts["model"],
        core=core,
        part_number=texts["part_number"],
        description=texts["description"],
        type_word=texts["type"],
        capacity=texts["capacity"],
    )


def _said(text: str, reference: Reference) -> str:
    return "" if reference.placeholders.get(text) == "empty" else text


def _without_makers(text: str, reference: Reference) -> tuple[str, str]:
    """The first maker named at the beginning of a text, and the text without such names."""
    maker = ""
    while match := reference.maker_prefix.match(text):
        maker = maker or reference.makers.get(squash(match["maker"]), "")
        text = text[match.end() :]
    return maker, text


def _telling_phrase(text: str, starts: list[int], reference: Reference) -> tuple[int, int]:
    """Bounds of the first phrase that holds a kind word or a match of a pattern.

    An aside in brackets is passed over: `PowerEdge 13G (R630) power supply` is one phrase.
    """
    begin, counted = 0, False
    for stop in [*reference.breaks.finditer(text), None]:
        end = stop.start() if stop else len(text)
        said = any(begin <= s < end for s in starts) or reference.word_regex.search(
            text, begin, end
        )
        if said and not counted:
            return begin, end
        begin = stop.end() if stop else end
        # What is counted out later in a text is inside the thing, not the thing.
        counted = bool(stop and stop[0][0].isdigit() and stop.start() > 0)
    return 0, 0
