"""The texts of one item, cleaned so that spelling variants of one thing read alike."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

_MARKS = re.compile(r"\((?:R|TM|C)\)|[®™©]", re.IGNORECASE)
_GLUED_COUNT = re.compile(r"^(\d{1,4}X)(?=[A-Z]{2}\w*\d)")
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class ItemText:
    """What an export says about one item; every text cleaned, placeholders already empty.

    `maker` is the canonical name from the manufacturer column, else from the text; `maker_text` is
    what that column says; `core` is the model without the words of its makers; `is_cut`: the model
    may break off; `is_of_drives`: the maker is known for drives.
    """

    item_id: int
    maker: str
    model: str
    core: str
    part_number: str
    description: str
    type_word: str
    capacity: str
    is_cut: bool = False
    is_of_drives: bool = False
    maker_text: str = ""

    @cached_property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The fields that can name the item, the most telling first."""
        return (
            ("model", self.model),
            ("part_number", self.part_number),
            ("description", self.description),
            ("type", self.type_word),
        )

    @cached_property
    def said(self) -> str:
        """All that these fields say."""
        return " / ".join(text for _, text in self.fields if text)


@lru_cache(maxsize=1 << 14)
def clean(raw: str | None) -> str:
    r"""Upper case, one kind of blank, no underscores or trade marks, a count set apart.

    >>> clean("Micron_5100\xa0 MTFDDAK480TBY")
    'MICRON 5100 MTFDDAK480TBY'
    """
    if not raw:
        return ""
    is_ascii = raw.isascii()
    text = raw if is_ascii and "(" not in raw else _MARKS.sub(" ", raw)
    text = text.upper().replace("_", " ")
    if not is_ascii:
        text = unicodedata.normalize("NFKC", text).upper()
        text = text.replace("×", "X").replace("“", '"').replace("”", '"')
    text = " ".join(text.split())
    return _GLUED_COUNT.sub(r"\1 ", text) if text[:1].isdigit() else text


@lru_cache(maxsize=1 << 14)
def squash(text: str) -> str:
    """Letters and digits only: what is left when case, blanks and dashes differ.

    >>> squash("NXA-FAN-30CFM-B") == squash("nxa fan 30cfm b")
    True
    """
    cleaned = clean(text)
    is_squashed = cleaned.isascii() and cleaned.isalnum()
    return cleaned if is_squashed else _NOT_ALPHANUMERIC.sub("", cleaned)


def words_pattern(words: Iterable[str]) -> str:
    """A regular expression of any of the words, the longest first so that it wins.

    Words share their beginnings, so hundreds of them cost little more than one.

    >>> words_pattern(["FAN", "FAN TRAY", "PSU"])
    '(?:FAN(?: TRAY)?|PSU)'
    """
    by_letter: dict[str, list[str]] = {}
    ends = False
    for word in sorted(set(words)):
        if word:
            by_letter.setdefault(word[0], []).append(word[1:])
        else:
            ends = True
    if not by_letter:
        return ""
    branches = []
    for letter, rests in by_letter.items():
        alone = len(rests) == 1
        tail = re.escape(rests[0]).replace("\\ ", " ") if alone else words_pattern(rests)
        branches.append(re.escape(letter).replace("\\ ", " ") + tail)
    plain = len(branches) == 1 and not ends
    return branches[0] if plain else f"(?:{'|'.join(branches)})" + ("?" if ends else "")
