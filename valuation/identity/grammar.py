"""Part-number grammars and catalogue families: rows of patterns, read as clues.

A pattern is a regular expression over cleaned text. Its named groups say what the digits mean:
`gb tb gb_tenths gb_tens tb_tenths tb_hundredths size` (capacity), `watts kilowatts`, `u`, and
`code`, whose value stands in `part_code.csv` under the row's code_set.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from valuation.errors import TableError
from valuation.identity.beginnings import LONGEST, beginnings
from valuation.identity.capacity import SoldSizes, nominal_gb
from valuation.identity.traits import Clue, Traits
from valuation.tables import Tables

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
_SIZE = re.compile(r"(\d+)(?:\.(\d+))?([GT]?)(\d*)")
_STARTS = re.compile(r"(?<![A-Z0-9])[^ ]")
_TRAIT_COLUMNS = (
    "maker", "family", "family_key", "segment", "form_factor_in", "rpm", "fill", "actuators",
    "u_height", "item_class", "launch_year", "unit_mass_g",
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One pattern with what it says."""

    method: str
    name: str
    kind: str
    weight: float
    regex: re.Pattern[str]
    reason: str
    traits: Traits
    codes: Mapping[str, tuple[str, float]]


class Rules:
    """All patterns, found by how a match can begin: a text tries few of the hundreds."""

    def __init__(self, rules: Iterable[tuple[str, Rule]]) -> None:
        self._by_beginning: dict[str, list[tuple[int, Rule]]] = {}
        for number, (pattern, rule) in enumerate(rules):
            for beginning in beginnings(pattern):
                self._by_beginning.setdefault(beginning, []).append((number, rule))

    def candidates(self, text: str, *, whole: bool) -> list[Rule]:
        """The rules that could match somewhere in a text, or at its first letter, in file order."""
        found: dict[int, Rule] = dict(self._by_beginning.get("", ()))
        starts = {text[:LONGEST]} if whole else {
            text[m.start() : m.start() + LONGEST] for m in _STARTS.finditer(text)
        }  # fmt: skip
        for start in starts:
            for length in range(1, LONGEST + 1):
                found.update(self._by_beginning.get(start[:length], ()))
        return [found[number] for number in sorted(found)]


def compile_rules(tables: Tables) -> Rules:
    """The patterns of `grammar.csv` and `catalogue.csv`.

    Raises:
        TableError: A pattern is not a regular expression.
    """
    codes: dict[str, dict[str, tuple[str, float]]] = {}
    for row in tables.frame("part_code").iter_rows(named=True):
        codes.setdefault(row["code_set"], {})[row["code"]] = (row["quantity"], row["value"])
    masses_g = tables.frame("family_mass").select("family_key", unit_mass_g="value")
    families = tables.frame("catalogue").join(masses_g, on="family_key", how="left")
    rules = []
    for method, frame, key in (
        ("catalogue", families, "family_key"),
        ("grammar", tables.frame("grammar"), "grammar_id"),
    ):
        for row in frame.iter_rows(named=True):
            rule = _rule(method, row[key], row, codes.get(row.get("code_set") or "", {}))
            rules.append((row["pattern"], rule))
    return Rules(rules)


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
        traits = _decoded(rule, match, sizes)
        clues.append(
            Clue(
                method=rule.method,
                field=field,
                kind=rule.kind,
                weight=rule.weight,
                candidate=rule.name,
                matched=match[0],
                start=match.start(),
                token=_token(text, match),
                reason=rule.reason,
                traits=traits,
            )
        )
    return clues


def _rule(
    method: str, name: str, row: dict[str, Any], codes: Mapping[str, tuple[str, float]]
) -> Rule:
    pattern = row["pattern"]
    try:
        # A match starts where no letter or digit stands before it.
        regex = re.compile(rf"(?<![A-Z0-9])(?:{pattern})")
    except re.error as error:
        raise TableError(f"{method} row {name}: pattern `{pattern}`: {error}.") from error
    traits = Traits(**{c: row[c] for c in _TRAIT_COLUMNS if row.get(c) is not None})
    return Rule(
        method=method,
        name=name,
        kind=row["kind"],
        weight=row["weight"],
        regex=regex,
        reason=row.get("not_counted_reason") or "",
        traits=traits,
        codes=codes,
    )


def _decoded(rule: Rule, match: re.Match[str], sizes: SoldSizes) -> Traits:
    """The rule's traits, completed by the digits of the match."""
    read: dict[str, float] = {}
    for group, text in match.groupdict().items():
        if text is None:
            continue
        at_end = match.end(group) == len(match.string) == CUT_LENGTH
        if at_end and text[-1].isdigit():
            continue
        if group in GB_PER_GROUP:
            step = GB_PER_GROUP[group]
            read["capacity_gb"] = _rounded(float(text) * step, step, rule.kind, sizes)
        elif group == "size":
            read["capacity_gb"] = _rounded(*_size_gb(text), rule.kind, sizes)
        elif group in ("watts", "kilowatts"):
            read["power_w"] = float(text) * (1000 if group == "kilowatts" else 1)
        elif group == "u":
            read["u_height"] = float(text)
        elif text in rule.codes:
            quantity, value = rule.codes[text]
            read[quantity] = value
    if not read:
        return rule.traits
    whole = {"fan_size_mm", "rpm"}
    typed: dict[str, Any] = {k: int(v) if k in whole else v for k, v in read.items()}
    return Traits(**typed).filled(rule.traits)


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
    start = text.rfind(" ", 0, match.start() + 1) + 1
    end = text.find(" ", match.end())
    return text[start : len(text) if end < 0 else end]
