"""Quantities that hide in the text of a line: lots, packs, drives per carrier."""

from valuation.identity.reference import Reference
from valuation.identity.text import ItemText

ANY_KIND = "*"
MOST_PIECES = 100_000
"""No single line of a lot stands for more; a larger number is a part number."""


def pieces_in_text(item: ItemText, kind: str, reference: Reference) -> tuple[int, str | None]:
    """Pieces one line stands for by its text, with the rule to apply them; 1 and None mostly.

    Rule `lot` holds only for a line whose quantity is one (the text repeats the quantity), rule
    `each` multiplies the quantity (the text says what one carrier holds).
    """
    for text in (item.model, item.description):
        if not text:
            continue
        for word in reference.lot_words:
            if kind not in word.kinds and ANY_KIND not in word.kinds:
                continue
            match = word.regex.search(text)
            if match is None:
                continue
            pieces = int(next(g for g in match.groups() if g).replace(",", ""))
            if 1 < pieces <= MOST_PIECES:
                return pieces, word.rule
    return 1, None
