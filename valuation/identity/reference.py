"""Everything the identity stage reads from the reference data, compiled once for one call."""

import re
from copy import copy
from functools import cached_property
from typing import Any

import polars as pl

from valuation.errors import ModelError
from valuation.identity.capacity import SoldSizes, column_gb, sold_sizes
from valuation.identity.code_sizes import CodeSizes, code_sizes
from valuation.identity.code_words import CodeWords
from valuation.identity.confidence import Confidence, from_card
from valuation.identity.grammar import Rules, compile_rules, read_clues, read_cut
from valuation.identity.makers import Kin, kin_of
from valuation.identity.model.classifier import CARD_FILE, TRAIN_AGAIN, Classifier, Model
from valuation.identity.pattern_set import PatternSet
from valuation.identity.phrase_words import READING_ENDS, PhraseWords
from valuation.identity.text import clean, squash, words_pattern
from valuation.identity.traits import Clue
from valuation.identity.wording import ClassRule, LotWord, TraitWord, Word
from valuation.tables import Tables

MOST_CLASSES = 20_000
"""Descriptions whose class is kept at most."""
HALF = 0.5


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
        self.known_classes: dict[tuple[Any, ...], str | None] = {}
        self.read_types: dict[str, tuple[list[Clue], set[str]]] = {}
        self._columns: dict[tuple[str, str], float | None] = {}

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

    @cached_property
    def code_words(self) -> CodeWords:
        """Words of part numbers."""
        return CodeWords(self.tables, tuple(self.words), self._without)

    def patterns_in(self, field: str, text: str, *, whole: bool = False) -> list[Clue]:
        """What the patterns say about a text; items share models, so each text is read once."""
        key = (field, text, whole)
        if key not in self._read:
            found = read_clues(self.rules, field, text, self.sizes, whole=whole)
            self._read[key] = found if whole else [*found, *self.code_words.clues(field, text)]
        return self._read[key]

    def column_gb(self, text: str, kind: str) -> float | None:
        """What a capacity column says of one kind; a few sizes are those of thousands of items."""
        key = (text, kind)
        if key not in self._columns:
            self._columns[key] = column_gb(text, self.sizes.of(kind))
        return self._columns[key]

    def forget(self) -> None:
        """Let go of the texts that were read."""
        self._read.clear()
        self.read_types.clear()
        self._columns.clear()
        self.rules.forget()
        if len(self.known_classes) > MOST_CLASSES:
            self.known_classes.clear()

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
    def phrases(self) -> PhraseWords:
        """What ends and joins noun phrases."""
        return PhraseWords(self.tables)

    def may_name(self, text: str) -> bool:
        """Whether a text can hold a word that names a kind, or end with what is read of a part."""
        if text.rstrip(READING_ENDS).endswith(self.phrases.reading_ends):
            return True
        return self.word_regex.search(text) is not None

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
                re.compile(rf"(?<![A-Z0-9.])(?:{row['pattern']})", re.ASCII),
                row["trait"],
                row["trait_value"],
                row["factor"] or 1.0,
            )
            for row in self.tables.frame("trait_word").iter_rows(named=True)
        ]

    @cached_property
    def _trait_set(self) -> PatternSet:
        return PatternSet([word.regex.pattern for word in self.trait_words], anywhere=True)

    def trait_words_in(self, text: str) -> list[TraitWord]:
        """The phrases that may add attributes to what a text names."""
        return [self.trait_words[number] for number in self._trait_set.may_match(text)]

    @cached_property
    def lot_words(self) -> list[LotWord]:
        """Phrases that hide a number of pieces, the most explicit first."""
        rows = self.tables.frame("lot_word").sort("rank").iter_rows(named=True)
        return [
            LotWord(
                frozenset(row["kinds"].split()), re.compile(row["pattern"], re.ASCII), row["rule"]
            )
            for row in rows
        ]

    @cached_property
    def _lot_set(self) -> PatternSet:
        return PatternSet([word.regex.pattern for word in self.lot_words], anywhere=True)

    def lot_words_in(self, text: str) -> list[LotWord]:
        """The phrases that may hide a number of pieces in a text, the most explicit first."""
        return [self.lot_words[number] for number in self._lot_set.may_match(text)]

    @cached_property
    def class_rules(self) -> dict[str, list[ClassRule]]:
        """Class rules of each kind, first match wins."""
        found: dict[str, list[ClassRule]] = {}
        for row in self.tables.frame("class_rule").sort("rank").iter_rows(named=True):
            names = ClassRule.__dataclass_fields__
            found.setdefault(row["kind"], []).append(ClassRule(**{n: row[n] for n in names}))
        return found

    @cached_property
    def class_traits(self) -> tuple[str, ...]:
        """What the item class of a thing can depend on beside its kind."""
        rules = [rule for rules in self.class_rules.values() for rule in rules]
        attributes = {rule.attribute for rule in rules if rule.attribute}
        return ("segment", "form_factor_in", "fill", "actuators", *sorted(attributes))

    @cached_property
    def makers(self) -> dict[str, str]:
        """Canonical maker of every spelling; empty for a word that names no maker (`ATA`)."""
        rows = self.tables.frame("maker").iter_rows(named=True)
        return {squash(row["alias"]): row["maker"] or "" for row in rows}

    @cached_property
    def kin(self) -> Kin:
        """Known makers, with those that sell their things too."""
        return kin_of(self.tables)

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
    def silent_texts(self) -> frozenset[str]:
        """Texts that say nothing, wherever they stand."""
        return frozenset(text for text, rule in self.placeholders.items() if rule == "empty")

    @cached_property
    def numbered_trays(self) -> re.Pattern[str]:
        """A text of nothing but the names of numbered trays, which may be empty: `Fan Tray 2`."""
        words = words_pattern(w for w, word in self.words.items() if word.segment == "tray")
        return re.compile(rf"(?:(?:{words})[ #:-]*\d{{1,2}}[ -]*)+")

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
