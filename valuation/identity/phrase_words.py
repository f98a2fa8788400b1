"""Phrase words: what ends, joins and reads the noun phrases of a text, as rows of the data."""

import re
from functools import cached_property

from valuation.identity.text import clean, words_pattern
from valuation.tables import Tables

READING_ENDS = " )].:"
"""Signs that may stand behind the last word of a text."""
_NOT_VOLTS = r"(?! \d+ ?V(?:AC|DC)?(?![A-Z]))"
"""What joins two voltages joins no two things: `12VDC and 54VDC power supply`."""


class PhraseWords:
    """The words of `phrase_break.csv`, compiled on first use.

    Args:
        tables: The reference data.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @cached_property
    def breaks(self) -> re.Pattern[str]:
        """What ends a noun phrase: punctuation, prepositions, a count of contents."""
        words = self._words("break", "beside", "within", "purpose")
        return re.compile(
            rf"[,;|\[\]()\n]+|(?<![^ ])(?:{words})(?![^ ]){_NOT_VOLTS}"
            r"|(?<![A-Z0-9-])\d{1,3} ?X(?= |\d+(?:[.,]\d+)? ?(?:[TG]B|K?W(?![A-Z])))"
        )

    @cached_property
    def beside(self) -> re.Pattern[str]:
        """The text before something that comes with a thing, or holds it: `HDD with a caddy`."""
        beside = self._words("beside")
        return re.compile(
            rf"(?<![^ (,;])(?:{beside})(?![^ (]){_NOT_VOLTS}|(?<![^ (,;])W/(?!O )"
            rf"|(?<![^ (,;])(?<!MADE )(?:{self._words('within')}) [^,;()]{{0,25}}$"
        )

    @cached_property
    def readings(self) -> re.Pattern[str]:
        """A text that ends with what is read of a part: `RPM`, `(V)`, `status`."""
        return re.compile(
            rf"(?<![A-Z0-9])(?P<word>{self._words('reading')})[{re.escape(READING_ENDS)}]*$"
        )

    @cached_property
    def reading_ends(self) -> tuple[str, ...]:
        """What such a text ends with, but for the signs behind its last word."""
        rows = self._tables.frame("phrase_break").rows_by_key("role").get("reading", ())
        return tuple({clean(row[0]).rstrip(READING_ENDS) for row in rows})

    @cached_property
    def degrees(self) -> re.Pattern[str]:
        """Words before a quantity that make it a rating: `high` speed."""
        return re.compile(rf"(?<![A-Z0-9])(?:{self._words('degree')})[ -]$")

    @cached_property
    def purpose(self) -> re.Pattern[str]:
        """The end of a text after which stands what a thing is made for: `fan for`."""
        return re.compile(rf"[^ ].* (?:{self._words('purpose')}) [^,;()]{{0,25}}$")

    @cached_property
    def connectors(self) -> re.Pattern[str]:
        """Plug-in modules that ports are named for."""
        return re.compile(self._words("connector"))

    @cached_property
    def serving(self) -> re.Pattern[str]:
        """A word that leads from a part to what it is for or in: `for`, `für`, `fits`, `inside`."""
        rows = self._tables.frame("phrase_break").rows_by_key("role")
        words = words_pattern(clean(row[0]) for role in ("break", "within") for row in rows[role])
        return re.compile(rf"(?<![^ (,;])(?:{words})(?![^ (])")

    def _words(self, *roles: str) -> str:
        """Any of the words of `phrase_break.csv` with one of the roles."""
        rows = self._tables.frame("phrase_break").rows_by_key("role")
        return words_pattern(clean(row[0]) for role in roles for row in rows.get(role, ()))
