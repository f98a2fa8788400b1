"""Pattern sets: which of many patterns may match a text, told in one pass over its letters.

RE2 follows hundreds of patterns at once, Python's `re` one after another. RE2 has no conditions on
neighbouring letters, so they are dropped for it: a set may name a pattern too many, never one too
few, and whoever asks tries the few it names with `re`, by whose reading everything is decided.
"""

import re
from collections.abc import Collection, Sequence
from typing import Final

import re2

from valuation.identity.syntax import without_looks

_WORDS: Final = re.compile(rb"(?<![A-Z0-9])[^ \x80-\xbf]")
"""Where a part number can begin in UTF-8: no letter or digit stands before it."""
MEMORY: Final = 32 << 20
"""Most that a set's automaton, which grows with the texts it has seen, may hold. [B]"""


class PatternSet:
    """Patterns that begin where a text, or what is cut from it, begins.

    Args:
        patterns: Regular expressions over cleaned texts.
        anywhere: Whether a match may begin anywhere.
    """

    def __init__(self, patterns: Sequence[str], *, anywhere: bool = False) -> None:
        options = re2.Options()
        options.max_mem = MEMORY
        options.never_capture = True
        options.log_errors = False
        self._set = re2.Set.SearchSet(options) if anywhere else re2.Set.MatchSet(options)
        self._numbers: list[int] = []
        self._always: list[int] = []
        for number, pattern in enumerate(patterns):
            try:
                self._set.Add(f"(?:{without_looks(pattern)})")
            except re2.error:  # what RE2 cannot follow, such as a reference back, is always tried
                self._always.append(number)
            else:
                self._numbers.append(number)
        if self._numbers:
            self._set.Compile()

    def may_match(self, text: str) -> list[int]:
        """Numbers of the patterns that may match a text, ascending."""
        return self._numbered(self._set.Match(text) or () if self._numbers else ())

    def may_match_words(self, text: str) -> list[int]:
        """Numbers of the patterns that may match where a word of a text begins, ascending."""
        found = set[int]()
        letters = text.encode()
        if self._numbers:
            for word in _WORDS.finditer(letters):
                found.update(self._set.Match(letters[word.start() :]) or ())
        return self._numbered(found)

    def _numbered(self, found: Collection[int]) -> list[int]:
        """Numbers of what the set has found, and of what is always tried, ascending."""
        if not found:
            return self._always
        return sorted([self._numbers[n] for n in found] + self._always)
