"""Part-number grammars and catalogue families: rows of patterns, read as clues.

A pattern is a regular expression over cleaned text. Its named groups say what the digits mean:
`gb tb gb_tenths gb_tens tb_tenths tb_hundredths size` (capacity), `watts kilowatts`, `u`, and
codes whose values stand in `part_code.csv`: `code` under the row's code_set, `code_rpm_letter`
under the set `rpm_letter`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import polars as pl

from valuation.errors import TableError
from valuation.identity.beginnings import TELLING, beginnings, broken_off, unfinished
from valuation.identity.capacity import SoldSizes, nominal_gb
from valuation.identity.pattern_set import PatternSet
from valuation.identity.syntax import Node, parsed
from valuation.identity.traits import Clue, Traits, agreement
from valuation.tables import Tables
from valuation.uncertain import spread_of

GB_PER_GROUP = {
    "gb": 1.0,
    "tb": 1000.0,
    "gb_tenths": 0.1,
    "gb_tens": 10.0,
    "tb_tenths": 100.0,
    "tb_hundredths": 10.0,
}
CUT_LENGTH = 16
"""SCSI inquiry cuts a model to so many characters: digits at its very end may be half a number."""
MOST_NAMED = 3
"""Patterns named in the evidence of a cut text."""
CUT_WEIGHT = 0.85
"""Weight of a text that is the beginning of part numbers of one kind only. [1]"""
LESS_TELLING = 0.02
"""A pattern lighter by this is for any line of a scheme: a line's own pattern speaks for it. [1]"""
_CODE = "code_"
_OPEN = re.compile(r"\(\?<?[=!]|[$+*]|,\}")
"""Conditions and repetitions without end: `broken_off` may say too much of them."""
_WHOLE = ("fan_size_mm", "rpm")
_GROUPS = re.compile(r"\(\?P<(\w+)>")
_SIZE = re.compile(r"(\d+)(?:\.(\d+))?([GT]?)(\d*)")
_TRAIT_COLUMNS = (
    "maker", "family", "family_key", "segment", "form_factor_in", "rpm", "interface", "generation",
    "fill", "actuators", "u_height", "item_class", "launch_year", "unit_mass_g", "unit_mass_log_sd",
)  # fmt: skip


# What each code of a set stands for: the trait and its value.
Codes = Mapping[str, tuple[str, float | str]]


@dataclass(frozen=True)
class Rule:
    """One pattern with what it says."""

    method: str
    name: str
    kind: str
    weight: float
    reason: str
    traits: Traits
    codes: Mapping[str, Codes]
    pattern: str

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The compiled pattern; most of the hundreds are never tried, so none is compiled before.

        Raises:
            TableError: The pattern is not a regular expression.
        """
        try:
            # A match starts where no letter or digit stands before it.
            return re.compile(rf"(?<![A-Z0-9])(?:{self.pattern})", re.ASCII)
        except re.error as error:
            reason = f"{self.method} row {self.name}: pattern `{self.pattern}`: {error}."
            raise TableError(reason) from error

    @cached_property
    def shape(self) -> Node:
        """What the pattern is made of."""
        return parsed(self.pattern)

    @property
    def reads(self) -> bool:
        """Whether digits of a match say something."""
        return _GROUPS.search(self.pattern) is not None

    @cached_property
    def is_plain(self) -> bool:
        """Whether all that a text which breaks off inside a match can say is that it does."""
        return not self.reads and _OPEN.search(self.pattern) is None

    def ways(self, text: str) -> list[dict[str, str]]:
        """The named groups that are complete in each way a text can break off inside a match."""
        return [{}] if self.is_plain else unfinished(self.shape, text)


class Rules:
    """All patterns, found by what a text holds: it tries few of the hundreds."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = list(rules)
        self._broken_off: dict[str, PatternSet] = {}
        self._decoded: dict[tuple[Any, ...], Traits] = {}

    @cached_property
    def _set(self) -> PatternSet:
        return PatternSet([rule.pattern for rule in self._rules])

    @cached_property
    def _telling(self) -> dict[str, list[Rule]]:
        """Rules whose matches all begin with letters of their own, by the first two of them.

        Any text begins what can begin with anything.
        """
        found: dict[str, list[Rule]] = {}
        for rule in self._rules:
            begun = beginnings(rule.shape)
            if all(len(beginning) >= TELLING for beginning in begun):
                for letters in {beginning[:TELLING] for beginning in begun}:
                    found.setdefault(letters, []).append(rule)
        return found

    def compile(self) -> None:
        """Make what reading the first text would make."""
        _ = self._set, self._telling

    def begun_by(self, text: str) -> list[Rule]:
        """The telling rules a text that breaks off may be the beginning of, in file order."""
        letters = text[:TELLING]
        rules = self._telling.get(letters)
        if rules is None:
            return []
        if letters not in self._broken_off:
            self._broken_off[letters] = PatternSet([broken_off(rule.shape) for rule in rules])
        return [rules[number] for number in self._broken_off[letters].may_match(text)]

    def decoded(self, rule: Rule, match: re.Match[str], sizes: SoldSizes) -> Traits:
        """What a match says; many part numbers of one scheme say the same."""
        if not match.re.groupindex:
            return rule.traits
        # Of a text that may be cut, where a group ends decides whether it is read.
        is_cut = len(match.string) == CUT_LENGTH
        said = tuple(_whole_groups(match).items()) if is_cut else match.groups()
        key = (rule.method, rule.name, said)
        found = self._decoded.get(key)
        if found is None:
            found = self._decoded[key] = _decoded(rule, _whole_groups(match), sizes)
        return found

    def forget(self) -> None:
        """Let go of what matches said."""
        self._decoded.clear()

    def candidates(self, text: str, *, whole: bool) -> list[Rule]:
        """The rules that may match somewhere in a text, or at its first letter, in file order."""
        found = self._set.may_match(text) if whole else self._set.may_match_words(text)
        return [self._rules[number] for number in found]


def compile_rules(tables: Tables, without: frozenset[str] = frozenset()) -> Rules:
    """The patterns of `grammar.csv` and `catalogue.csv`.

    Args:
        tables: The reference data.
        without: Rows to leave out, as `method/key`.
    """
    codes: dict[str, dict[str, tuple[str, float | str]]] = {}
    for row in tables.frame("part_code").iter_rows(named=True):
        meant = row["text"] if row["value"] is None else row["value"]
        codes.setdefault(row["code_set"], {})[row["code"]] = (row["quantity"], meant)
    families = tables.frame("catalogue").join(_family_masses(tables), on="family_key", how="left")
    rules: list[Rule] = []
    for method, frame, key in (
        ("catalogue", families, "family_key"),
        ("grammar", tables.frame("grammar"), "grammar_id"),
    ):
        rules += (
            _rule(method, row[key], row, codes)
            for row in frame.iter_rows(named=True)
            if f"{method}/{row[key]}" not in without
        )
    return Rules(rules)


def _family_masses(tables: Tables) -> pl.DataFrame:
    """Unit mass of each weighed family [g] and the SD of its logarithm."""
    rows = tables.frame("family_mass").to_dicts()
    masses = [(row["family_key"], row["value"], spread_of(row).log_sd) for row in rows]
    names = {"family_key": pl.String, "unit_mass_g": pl.Float64, "unit_mass_log_sd": pl.Float64}
    return pl.DataFrame(masses, schema=names, orient="row")


def read_clues(
    rules: Rules, field: str, text: str, sizes: SoldSizes, *, whole: bool = False
) -> list[Clue]:
    """What every pattern says about one text.

    Args:
        rules: Compiled patterns.
        field: Column the text comes from.
        text: Cleaned text.
        sizes: Sizes on sale, to which decoded capacities are rounded.
        whole: The text has lost its blanks and dashes, so only its beginning may match.
    """
    clues = []
    for rule in rules.candidates(text, whole=whole):
        match = rule.regex.match(text) if whole else rule.regex.search(text)
        if match is None:
            continue
        traits = rules.decoded(rule, match, sizes)
        # By place: of thousands of items, naming ten fields is much of what a clue costs.
        clues.append(Clue(rule.method, field, rule.kind, rule.weight, rule.name, match[0],
                          match.start(), _token(text, match), rule.reason, traits))  # fmt: skip
    return clues


def read_cut(rules: Rules, field: str, text: str, sizes: SoldSizes) -> list[Clue]:
    """What all the part numbers a broken-off text could be the beginning of agree on.

    Args:
        rules: Compiled patterns.
        field: Column the text comes from.
        text: Cleaned text without its maker, from the first letter of the part number.
        sizes: Sizes on sale.

    Returns:
        One clue, or none when nothing or things of several kinds begin so.
    """
    possible = [
        (rule, decoded)
        for rule in rules.begun_by(text)
        for way in rule.ways(text)
        if (decoded := _decoded(rule, way, sizes)).capacity_gb in (None, *sizes.of(rule.kind))
    ]
    if len({(rule.kind, rule.reason) for rule, _ in possible}) != 1:
        return []
    first = possible[0][0]
    least = max(rule.weight for rule, _ in possible) - LESS_TELLING
    telling = [(rule, decoded) for rule, decoded in possible if rule.weight > least]
    agreed = agreement([rule.traits for rule, _ in telling])
    # A family says nothing of the digits, so only patterns that read them are asked for a size.
    read = agreement([decoded for rule, decoded in telling if rule.reads]).capacity_gb
    name = " or ".join(sorted({rule.name for rule, _ in telling})[:MOST_NAMED])
    return [
        Clue("prefix", field, first.kind, CUT_WEIGHT, name, text, token=text, reason=first.reason,
             traits=replace(agreed, family=None, family_key=None, capacity_gb=read))
    ]  # fmt: skip


def _rule(method: str, name: str, row: dict[str, Any], codes: Mapping[str, Codes]) -> Rule:
    pattern = row["pattern"]
    traits = Traits.of({c: row[c] for c in _TRAIT_COLUMNS if row.get(c) is not None})
    sets = {"code": row.get("code_set") or ""}
    sets |= {g: g.removeprefix(_CODE) for g in _GROUPS.findall(pattern) if g.startswith(_CODE)}
    return Rule(
        method=method,
        name=name,
        kind=row["kind"],
        weight=row["weight"],
        reason=row.get("not_counted_reason") or "",
        traits=traits,
        codes={group: codes.get(name, {}) for group, name in sets.items()},
        pattern=pattern,
    )


def _whole_groups(match: re.Match[str]) -> dict[str, str]:
    """The named groups of a match, without digits that may have been cut in half."""
    is_cut = len(match.string) == CUT_LENGTH
    return {
        group: text
        for group, text in match.groupdict().items()
        if text and not (is_cut and match.end(group) == CUT_LENGTH and text[-1].isdigit())
    }


def _decoded(rule: Rule, groups: Mapping[str, str], sizes: SoldSizes) -> Traits:
    """The rule's traits, completed by what the digits of its named groups say."""
    read: dict[str, float | str] = {}
    for group, text in groups.items():
        if group in GB_PER_GROUP:
            step = GB_PER_GROUP[group]
            read["capacity_gb"] = _rounded(float(text) * step, step, rule.kind, sizes)
        elif group == "size":
            read["capacity_gb"] = _rounded(*_size_gb(text), rule.kind, sizes)
        elif group in ("watts", "kilowatts"):
            read["power_w"] = float(text) * (1000 if group == "kilowatts" else 1)
        elif group == "u":
            read["u_height"] = float(text)
        elif text in rule.codes.get(group, {}):
            quantity, value = rule.codes[group][text]
            read[quantity] = value
    read = {quantity: value for quantity, value in read.items() if value}  # zeros fill a place
    if not read:
        return rule.traits
    typed: dict[str, Any] = {k: int(v) if k in _WHOLE else v for k, v in read.items()}
    return Traits.of(rule.traits.known | typed)


def _size_gb(text: str) -> tuple[float, float]:
    """Gigabytes of `480`, `480G`, `1T9`, `3T84`, `1.0T` and the worth of the last digit."""
    found = _SIZE.fullmatch(text)
    if found is None:
        return 0.0, 0.0
    whole, decimals, unit, after = found.groups()
    digits = after or decimals or ""
    scale = 1000.0 if unit == "T" else 1.0
    return float(f"{whole}.{digits or 0}") * scale, scale * 10.0 ** -len(digits)


def _rounded(value_gb: float, step_gb: float, kind: str, sizes: SoldSizes) -> float:
    return nominal_gb(value_gb, step_gb, sizes.of(kind)) or value_gb


def _token(text: str, match: re.Match[str]) -> str:
    """The match with the letters joined to it on either side, up to the next blank."""
    if " " not in text:
        return text
    start = text.rfind(" ", 0, match.start() + 1) + 1
    end = text.find(" ", match.end())
    return text[start : len(text) if end < 0 else end]
