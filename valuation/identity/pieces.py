"""Quantities that hide in the text of a line: lots, packs, drives per carrier."""

import re

from valuation.identity.reference import Reference
from valuation.identity.text import ItemText
from valuation.identity.wording import LotWord
from valuation.units import HOST_KINDS

ANY_KIND = "*"
MOST_PIECES = 100_000
"""No single line of a lot stands for more; a larger number is a part number."""
_LIST_MARK = re.compile(r"[,;/+()]")
_SIZE = re.compile(r"\d ?[TG]B(?![A-Z])")


def pieces_in_text(
    item: ItemText, kind: str, matched: str, reference: Reference
) -> tuple[int, str | None]:
    """Pieces one line stands for by its text, with the rule to apply them; 1 and None mostly.

    Rule `lot` holds only for a line whose quantity is one (the text repeats the quantity), rule
    `each` multiplies the quantity (the text says what one carrier holds).

    Args:
        item: Its texts.
        kind: What it is.
        matched: The text it was identified by.
        reference: Words that tell of a lot.
    """
    for text in (item.model, item.description):
        if not text:
            continue
        for word in reference.lot_words_in(text):
            if kind not in word.kinds and ANY_KIND not in word.kinds:
                continue
            match = word.regex.search(text)
            if match is None:
                continue
            # A text that is nothing but a count counts the thing itself.
            if match[0] != text and _counts_contents(
                word, text[: match.start()], text[match.end() :], kind, matched, reference
            ):
                continue
            pieces = int(re.sub(r"[.,]", "", next(g for g in match.groups() if g)))
            if 1 < pieces <= MOST_PIECES:
                return pieces, word.rule
    return 1, None


def _counts_contents(
    word: LotWord, before: str, after: str, kind: str, matched: str, reference: Reference
) -> bool:
    """Whether a number in a host's text counts what is in it: `24x SFF`, `6TB HDD 12 pcs`.

    A number in front counts hosts only where the host itself follows: `25x PowerEdge R740`.
    """
    if kind not in HOST_KINDS:
        return False
    if word.is_front:
        return not matched or matched not in after
    if matched and after.lstrip(" -:)X").startswith(matched):
        return False  # the host itself follows: `lot of 10 R740 with 12x 6TB`
    return any(
        _SIZE.search(near)
        or any(
            reference.words[m[0]].kind not in (*HOST_KINDS, "")
            for m in reference.word_regex.finditer(near)
        )
        for near in (
            _LIST_MARK.split(after.lstrip(), maxsplit=1)[0],
            _LIST_MARK.split(before.rstrip(" (["))[-1],
        )
    )
