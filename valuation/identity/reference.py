"""Everything the identity stage reads from the reference data, compiled once for one call."""

import re
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from valuation.errors import ModelError
from valuation.identity.capacity import SoldSizes, sold_sizes
from valuation.identity.code_sizes import CodeSizes, code_sizes
from valuation.identity.confidence import Confidence, from_card
from valuation.identity.grammar import Rules, compile_rules, read_clues, read_cut
from valuation.identity.model.classifier import CARD_FILE, TRAIN_AGAIN, Classifier, Model
from valuation.identity.text import clean, squash, words_pattern
from valuation.identity.traits import Clue
from valuation.tables import Tables

HALF = 0.5
_NOT_VOLTS = r"(?! \d+ ?V(?:AC|DC)?(?![A-Z]))"
"""What joins two voltages joins no two things: `12VDC and 54VDC power supply`."""


@dataclass(frozen=True)
class Word:
    """A word of ordinary language that names a kind, with the kind it is sometimes used for."""

    kind: str
    weight: float
    also_kind: str
    also_weight: float
    reason: str
    segment: str | None
    item_class: str | None


@dataclass(frozen=True)
class TraitWord:
    """A phrase that adds an attribute to things of some kinds.

    Its value is given, or is the number in the phrase times `factor`.
    """

    kinds: frozenset[str]
    regex: re.Pattern[str]
    trait: str
    value: str | None
    factor: float


@dataclass(frozen=True)
class ClassRule:
    """Conditions under which a kind falls into an item class; None asks nothing."""

    kind: str
    segment: str | None
    form_factor_in: float | None
    fill: str | None
    actuators: int | None
    attribute: str | None
    low: float | None
    high: float | None
    item_class: str


@dataclass(frozen=True)
class LotWord:
    """A phrase that hides a number of pieces, the kinds it may be read for, and its rule."""

    kinds: frozenset[str]
    regex: re.Pattern[str]
    rule: str

    @property
    def is_front(self) -> bool:
        """Whether it is read only at the front of a text."""
        return self.regex.pattern.startswith("^")


class Reference:
    """The tables of `data/identity`, parsed and compiled on first use and kept for the call.

    Args:
        tables: The reference data.
        without: Families and grammars to leave out, as `method/key`, for measuring.
    """

    def __init__(
        self,
        tables: Tables,
        *,
        without: frozenset[str] = frozenset(),
    ) -> None:
        self.tables = tables
        self._without = without
        self._read: dict[tuple[str, str, bool], list[Clue]] = {}

    def with_confidence(self, confidence: Confidence) -> "Reference":
        """The same reference with other chances; what is compiled is shared."""
        other = copy(self)
        vars(other)["confidence"] = confidence
        return other

    def with_model(self, classifier: Classifier, confidence: Confidence) -> "Reference":
        """The same reference with a classifier that is not stored yet."""
        other = self.with_confidence(confidence)
        vars(other)["classifier"] = classifier
        return other

    @cached_property
    def classifier(self) -> Classifier:
        """What texts no pattern knows are asked of.

        Raises:
            ModelError: The model is missing, or is not the one of its card.
        """
        return self.model.classifier

    @cached_property
    def rules(self) -> Rules:
        """Catalogue and grammar patterns."""
        return compile_rules(self.tables, self._without)

    def patterns_in(self, field: str, text: str, *, whole: bool = False) -> list[Clue]:
        """What the patterns say about a text; items share models, so each text is read once."""
        key = (field, text, whole)
        if key not in self._read:
            self._read[key] = read_clues(self.rules, field, text, self.sizes, whole=whole)
        return self._read[key]

    def forget(self) -> None:
        """Let go of the texts that were read."""
        self._read.clear()

    def cut_in(self, field: str, text: str) -> list[Clue]:
        """What the part numbers that begin with a cut text agree on."""
        return read_cut(self.rules, field, text, self.sizes)

    @cached_property
    def sizes(self) -> SoldSizes:
        """Nominal capacities on sale."""
        return sold_sizes(self.tables)

    @cached_property
    def code_sizes(self) -> CodeSizes:
        """How part numbers that no pattern knows spell a size."""
        return code_sizes(self.tables, self.sizes)

    @cached_property
    def words(self) -> dict[str, Word]:
        """Words that name a kind, by their cleaned form."""
        found = {}
        for row in self.tables.frame("type_word").iter_rows(named=True):
            found[clean(row["word"])] = Word(
                kind=row["kind"],
                weight=row["weight"],
                also_kind=row["also_kind"] or "",
                also_weight=row["also_weight"] or 0.0,
                reason=row["not_counted_reason"] or "",
                segment=row["segment"],
                item_class=row["item_class"],
            )
        return found

    @cached_property
    def word_regex(self) -> re.Pattern[str]:
        """Any of the words, as whole words; a plural or a number may follow (`FAN2`, `FANS`)."""
        # Hangul and kana join particles and compounds to a word, so only Latin needs an end.
        latin = words_pattern(w for w in self.words if w.isascii() or w[0] < "\u3000")
        other = words_pattern(w for w in self.words if not w.isascii() and w[0] >= "\u3000")
        ends = r"(?=(?:ES|S|EN|N|E)?(?:\d+[A-Z]?(?![A-Z0-9])|[^A-Z0-9]|$))"
        return re.compile(rf"(?<![A-Z0-9])(?:{latin}){ends}" + (f"|(?:{other})" if other else ""))

    @cached_property
    def breaks(self) -> re.Pattern[str]:
        """What ends a noun phrase: punctuation, prepositions, a count of contents."""
        words = self._phrase_words("break", "beside", "within", "purpose")
        return re.compile(
            rf"[,;|\[\]()\n]+|(?<![^ ])(?:{words})(?![^ ]){_NOT_VOLTS}"
            r"|(?<![A-Z0-9-])\d{1,3} ?X(?= |\d+(?:[.,]\d+)? ?(?:[TG]B|K?W(?![A-Z])))"
        )

    @cached_property
    def beside(self) -> re.Pattern[str]:
        """The text before something that comes with a thing, or holds it: `HDD with a caddy`."""
        beside = self._phrase_words("beside")
        return re.compile(
            rf"(?<![^ (,;])(?:{beside})(?![^ (]){_NOT_VOLTS}|(?<![^ (,;])W/(?!O )"
            rf"|(?<![^ (,;])(?<!MADE )(?:{self._phrase_words('within')}) [^,;()]{{0,25}}$"
        )

    @cached_property
    def readings(self) -> re.Pattern[str]:
        """A text that ends with what is read of a part: `RPM`, `(V)`, `status`."""
        return re.compile(rf"(?<![A-Z0-9])(?P<word>{self._phrase_words('reading')})[ )\].:]*$")

    @cached_property
    def degrees(self) -> re.Pattern[str]:
        """Words before a quantity that make it a rating: `high` speed."""
        return re.compile(rf"(?<![A-Z0-9])(?:{self._phrase_words('degree')})[ -]$")

    @cached_property
    def purpose(self) -> re.Pattern[str]:
        """The end of a text after which stands what a thing is made for: `fan for`."""
        return re.compile(rf"[^ ].* (?:{self._phrase_words('purpose')}) [^,;()]{{0,25}}$")

    @cached_property
    def connectors(self) -> re.Pattern[str]:
        """Plug-in modules that ports are named for."""
        return re.compile(self._phrase_words("connector"))

    def _phrase_words(self, *roles: str) -> str:
        """Any of the words of `phrase_break.csv` with one of the roles."""
        rows = self.tables.frame("phrase_break").rows_by_key("role")
        return words_pattern(clean(row[0]) for role in roles for row in rows.get(role, ()))

    @cached_property
    def serving(self) -> re.Pattern[str]:
        """A word that leads from a part to what it is for or in: `for`, `für`, `fits`, `inside`."""
        rows = self.tables.frame("phrase_break").rows_by_key("role")
        words = words_pattern(clean(row[0]) for role in ("break", "within") for row in rows[role])
        return re.compile(rf"(?<![^ (,;])(?:{words})(?![^ (])")

    @cached_property
    def slot_names(self) -> re.Pattern[str]:
        """A text that begins with the name of a slot or built-in module of a chassis."""
        words = words_pattern(clean(w) for w in self.tables.frame("slot_word")["word"])
        return re.compile(rf"(?:{words})[ (#:-]*(?:SLOT )?\d{{1,2}}(?:[/.]\d{{1,2}})*(?![A-Z0-9])")

    @cached_property
    def trait_words(self) -> list[TraitWord]:
        """Phrases that add attributes."""
        return [
            TraitWord(
                frozenset(row["kinds"].split()),
                re.compile(rf"(?<![A-Z0-9.])(?:{row['pattern']})"),
                row["trait"],
                row["trait_value"],
                row["factor"] or 1.0,
            )
            for row in self.tables.frame("trait_word").iter_rows(named=True)
        ]

    @cached_property
    def lot_words(self) -> list[LotWord]:
        """Phrases that hide a number of pieces, the most explicit first."""
        rows = self.tables.frame("lot_word").sort("rank").iter_rows(named=True)
        return [
            LotWord(frozenset(row["kinds"].split()), re.compile(row["pattern"]), row["rule"])
            for row in rows
        ]

    @cached_property
    def class_rules(self) -> dict[str, list[ClassRule]]:
        """Class rules of each kind, first match wins."""
        found: dict[str, list[ClassRule]] = {}
        for row in self.tables.frame("class_rule").sort("rank").iter_rows(named=True):
            names = ClassRule.__dataclass_fields__
            found.setdefault(row["kind"], []).append(ClassRule(**{n: row[n] for n in names}))
        return found

    @cached_property
    def makers(self) -> dict[str, str]:
        """Canonical maker of every spelling; empty for a word that names no maker (`ATA`)."""
        rows = self.tables.frame("maker").iter_rows(named=True)
        return {squash(row["alias"]): row["maker"] or "" for row in rows}

    @cached_property
    def maker_hints(self) -> dict[str, tuple[str, float]]:
        """What a maker mostly makes, with its weight."""
        rows = self.tables.frame("maker").drop_nulls("kind_hint").iter_rows(named=True)
        return {row["maker"]: (row["kind_hint"], row["weight"]) for row in rows if row["maker"]}

    @cached_property
    def drive_makers(self) -> frozenset[str]:
        """Makers of drives: most of their families and part numbers are of them."""
        rows = pl.concat(self.tables.frame(n)["maker", "kind"] for n in ("catalogue", "grammar"))
        is_drive = pl.col("kind").is_in(["hdd", "ssd"])
        makers = rows.drop_nulls("maker").group_by("maker").agg(is_drive.mean())
        return frozenset(makers.filter(pl.col("kind") > HALF)["maker"])

    @cached_property
    def maker_prefix(self) -> re.Pattern[str]:
        """A maker's name at the beginning of a text, with what joins it to the next word."""
        aliases = words_pattern(clean(a) for a in self.tables.frame("maker")["alias"])
        return re.compile(rf"(?P<maker>{aliases})(?:[ ,:;-]+|(?<=ESXS)|$)")

    @cached_property
    def placeholders(self) -> dict[str, str]:
        """Texts that say nothing (`empty`), or nothing when they stand alone (`bare`)."""
        rows = self.tables.frame("identity_placeholder").iter_rows(named=True)
        return {clean(row["text"]): row["rule"] for row in rows}

    @cached_property
    def field_trust(self) -> dict[str, float]:
        """How far a clue is believed for the field it stands in. [1]"""
        rows = self.tables.frame("field_trust").iter_rows(named=True)
        return {row["field"]: row["value"] for row in rows}

    @cached_property
    def confidence(self) -> Confidence:
        """Chance that what is weighed so is right.

        Raises:
            ModelError: The card of the model cannot be read or tells no chances.
        """
        try:
            return from_card(self.tables, self.model.card)
        except (KeyError, TypeError) as error:
            reason = f"{self.model.directory}/{CARD_FILE} tells no chances: {error}."
            raise ModelError(reason, TRAIN_AGAIN) from error

    @cached_property
    def model(self) -> Model:
        """The stored classifier and its card."""
        return Model(self.tables.models / "identity")

    @cached_property
    def _answer_from(self) -> dict[str, float]:
        rows = self.tables.frame("abstain_cost").iter_rows(named=True)
        return {row["kind"]: row["value"] / (1 + row["value"]) for row in rows}

    def answer_from(self, kind: str) -> float:
        """Chance from which naming a kind costs less than abstaining. [1]

        Abstaining costs one where the kind was right; naming it costs `abstain_cost` where wrong.
        """
        return self._answer_from[kind]


_KEPT: dict[tuple[Path, str, Path], Reference] = {}


def kept_reference(tables: Tables) -> Reference:
    """The reference of some tables; the last one is kept, as the runs of one process share it.

    The data version is a hash of all that is compiled, so what is kept is never stale.
    """
    key = (tables.directory, tables.version, tables.models)
    if key not in _KEPT:
        _KEPT.clear()
        _KEPT[key] = Reference(tables)
    return _KEPT[key]
