"""Code words: pieces of a part number that say what it is the number of, whoever made it.

A number that begins with a host's name and carries `-APSU-`, `-FAN2` or `1100W-AC` is a part of
that host, and `-BLANK` or `-SENSOR` in it is none. So a code word speaks for the whole number.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from valuation.identity.text import clean, words_pattern
from valuation.identity.traits import Clue, Traits
from valuation.tables import Tables

METHOD = "grammar"
"""Code words are read as the patterns of part numbers are, and are right as often."""
_CODE = re.compile(r"[A-Z0-9][A-Z0-9.+/&-]*")
_WATTS = re.compile(r"(?<![0-9.])(?:(\d{2,4})|(\d(?:\.\d)?)K)W")
_NAMES_MORE = re.compile(r"[A-Z]{2}|[A-Z]\d|\d{3}")
"""What a part number holds beside a word and a place: `FAN-T1` and `PSU-350`, not `FAN-1F`."""
_JOINED = r"(?<![A-Z])(?<!^\d)(?<![./&-]\d)"
"""Letters end a word; a number alone in front counts what a bundle holds (`-2PSU`)."""
_APART = r"(?<![A-Z0-9.])"


@dataclass(frozen=True)
class CodeWord:
    """One word of part numbers with what it says.

    Attributes:
        name: Row of `code_word.csv`.
        kind: Kind of what has such a number.
        weight: Chance that it has when nothing else is known. [1]
        reason: Why it is no part, empty for one.
        segment: Build of the part.
        signs: Letters that every match holds, one of them.
        regex: The word in a part number.
        is_told: Whether ordinary language uses it too, so that it needs a number around it.
    """

    name: str
    kind: str
    weight: float
    reason: str
    segment: str | None
    signs: tuple[str, ...]
    regex: re.Pattern[str]
    is_told: bool

    def finds(self, code: str) -> Iterator[re.Match[str]]:
        """Where the word stands in a part number."""
        if any(sign in code for sign in self.signs):
            yield from self.regex.finditer(code)


class CodeWords:
    """The words of `code_word.csv`, compiled; a text without any of them costs one search.

    Args:
        tables: The reference data.
        told: Words of ordinary language.
        without: Rows to leave out, as `method/key`.
    """

    def __init__(
        self, tables: Tables, told: Sequence[str], without: frozenset[str] = frozenset()
    ) -> None:
        rows = [
            row
            for row in tables.frame("code_word").iter_rows(named=True)
            if f"{METHOD}/{row['code_word_id']}" not in without
        ]
        parts = [row for row in rows if not row["not_counted_reason"]]
        signs = {clean(sign) for row in parts for sign in row["signs"].split()}
        self._signs = re.compile(words_pattern(signs) or "(?!)")
        known = set(told)
        self._parts = [_word(row, _JOINED, known) for row in parts]
        self._others = [_word(row, _APART, known) for row in rows if row["not_counted_reason"]]

    def clues(self, field: str, text: str) -> list[Clue]:
        """What the words in the part numbers of a text say, one clue for each number."""
        if not self._signs.search(text):
            return []
        return list(self._read(field, text))

    def _read(self, field: str, text: str) -> Iterator[Clue]:
        for code in _CODE.finditer(text):
            if not self._signs.search(code[0]):
                continue
            word = next((w for w in self._others if any(w.finds(code[0]))), None)
            if word and field == "description":
                continue  # a description names places and readings beside the part
            word = word or self._head(code[0])
            if word:
                yield _clue(word, field, code[0], code.start())

    def _head(self, code: str) -> CodeWord | None:
        """The last word of a part number: `PSU-FAN` is the number of a fan."""
        found: list[tuple[int, float, CodeWord]] = []
        for word in self._parts:
            for match in word.finds(code):
                ahead = min((match[0].find(s) for s in word.signs if s in match[0]), default=0)
                begins = match.start() + ahead  # `MT` of MTFAN names more
                rest = code[:begins] + " " + code[match.end() :]
                if not word.is_told or _NAMES_MORE.search(rest):
                    found.append((match.start(), word.weight, word))
        return max(found, key=lambda f: f[:2])[2] if found else None


def _word(row: dict[str, str], before: str, told: set[str]) -> CodeWord:
    signs = tuple(clean(sign) for sign in row["signs"].split())
    return CodeWord(
        name=row["code_word_id"],
        kind=row["kind"],
        weight=float(row["weight"]),
        reason=row["not_counted_reason"] or "",
        segment=row["segment"],
        signs=signs,
        regex=re.compile(rf"{before}(?:{row['pattern']})(?![A-Z0-9])"),
        is_told=not told.isdisjoint(signs),
    )


def _clue(word: CodeWord, field: str, code: str, start: int) -> Clue:
    rated = _WATTS.search(code) if word.kind == "psu" else None
    watts = float(rated[1] or 1000 * float(rated[2])) or None if rated else None
    return Clue(
        method=METHOD,
        field=field,
        kind=word.kind,
        weight=word.weight,
        candidate=word.name,
        matched=code,
        start=start,
        token=code,
        reason=word.reason,
        traits=Traits(segment=word.segment, power_w=watts),
    )
