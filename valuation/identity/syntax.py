"""The shape of a part-number pattern: what its regular expression is made of.

Python's own parser is private, and two questions need the shape: how a match can begin, and what
a text that breaks off could have become. Only the syntax the patterns use is understood; what is
not is read as any letter.
"""

import re
from dataclasses import dataclass
from functools import cache
from string import ascii_uppercase, digits

_ESCAPED = {"d": frozenset(digits), "w": frozenset(ascii_uppercase + digits + "_")}
_SIGNS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?(?:P<\w+>|<?[=!]|:))?|.", re.DOTALL)
_BOUNDS: dict[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}
_LOOKS = {"(?=": (True, False), "(?!": (True, True), "(?<=": (False, False), "(?<!": (False, True)}


@dataclass(frozen=True)
class Letters:
    """One letter out of a set, or one outside it."""

    letters: frozenset[str]
    negated: bool = False

    def allow(self, letter: str) -> bool:
        """Whether a letter fits."""
        return (letter in self.letters) != self.negated


@dataclass(frozen=True)
class Sequence:
    """Parts one after another."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True)
class Choice:
    """Alternatives, perhaps a named group."""

    branches: "tuple[Node, ...]"
    name: str = ""


@dataclass(frozen=True)
class Repeat:
    """A part so many times; no upper bound is None."""

    part: "Node"
    low: int
    high: int | None


@dataclass(frozen=True)
class Look:
    """A condition on what stands before or after, which takes no letter."""

    part: "Node"
    ahead: bool
    negated: bool


@dataclass(frozen=True)
class End:
    """The end of the text."""


Node = Letters | Sequence | Choice | Repeat | Look | End
ANY = Letters(frozenset(), negated=True)


def parsed(pattern: str) -> Node:
    """The shape of a pattern that is a regular expression."""
    return _choice(pattern, 0, "")[0]


def without_looks(pattern: str) -> str:
    """A pattern without its conditions on what stands before and after: it matches as much or more.

    >>> without_looks(r"ST(?P<gb>[0-9]{3,5})(?!T[PQR]|[(])NM(?![0-9])")
    'ST(?P<gb>[0-9]{3,5})NM'
    """
    if not any(sign in pattern for sign in _LOOKS):
        return pattern
    kept: list[str] = []
    depth = inside = 0  # `inside`: depth of the condition that is being left out, or none
    for match in _SIGNS.finditer(pattern):
        sign = match[0]
        if sign[0] == "(":
            depth += 1
            inside = inside or (depth if sign in _LOOKS else 0)
        if not inside:
            kept.append(sign)
        if sign == ")":
            inside = 0 if inside == depth else inside
            depth -= 1
    return "".join(kept)


def _choice(pattern: str, at: int, name: str) -> tuple[Choice, int]:
    """Alternatives up to a closing bracket or the end, and where they stop."""
    branches: list[Node] = []
    parts: list[Node] = []
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "|":
            branches.append(Sequence(tuple(parts)))
            parts, at = [], at + 1
            continue
        element, at = _element(pattern, at)
        part, at = _repeated(element, pattern, at)
        parts.append(part)
    branches.append(Sequence(tuple(parts)))
    return Choice(tuple(branches), name), at


def _element(pattern: str, at: int) -> tuple[Node, int]:
    """One literal, class or group, and where it stops."""
    character = pattern[at]
    if character == "(":
        return _group(pattern, at)
    if character == "[":
        end = pattern.index("]", at + 2)
        return _class(pattern[at + 1 : end]), end + 1
    if character == "\\":
        return _escaped(pattern[at + 1]), at + 2
    return _single(character), at + 1


@cache
def _escaped(letter: str) -> Letters:
    """What a letter behind a backslash stands for."""
    if letter in _ESCAPED:
        return Letters(_ESCAPED[letter])
    return ANY if letter.isalnum() else Letters(frozenset(letter))


@cache
def _single(character: str) -> Node:
    """What a character that is part of nothing else stands for."""
    if character in "^$":
        return End() if character == "$" else Sequence(())
    return ANY if character == "." else Letters(frozenset(character))


def _group(pattern: str, at: int) -> tuple[Node, int]:
    opening = next((o for o in (*_LOOKS, "(?:") if pattern.startswith(o, at)), "(")
    start, name = at + len(opening), ""
    if pattern.startswith("(?P<", at):
        start = pattern.index(">", at) + 1
        name = pattern[at + 4 : start - 1]
    inner, end = _choice(pattern, start, name)
    if opening in _LOOKS:
        ahead, negated = _LOOKS[opening]
        return Look(inner, ahead, negated), end + 1
    return inner, end + 1


@cache
def _class(inside: str) -> Letters:
    """One letter of a class such as `A-Z0-9+`."""
    letters: set[str] = set()
    negated = inside.startswith("^")
    at = int(negated)
    while at < len(inside):
        if inside[at] == "\\":
            letters |= _ESCAPED.get(inside[at + 1], frozenset(inside[at + 1]))
            at += 2
        elif inside[at + 1 : at + 2] == "-" and at + 2 < len(inside):
            letters |= {chr(c) for c in range(ord(inside[at]), ord(inside[at + 2]) + 1)}
            at += 3
        else:
            letters.add(inside[at])
            at += 1
    return Letters(frozenset(letters), negated)


def _repeated(element: Node, pattern: str, at: int) -> tuple[Node, int]:
    """The element with its quantifier, and where that stops; greedy and lazy are one."""
    character = pattern[at : at + 1]
    if character == "{":
        end = pattern.index("}", at) + 1
        low, comma, high = pattern[at + 1 : end - 1].partition(",")
        least, most = int(low or 0), int(high) if high else None if comma else int(low)
    elif character in _BOUNDS:
        end, (least, most) = at + 1, _BOUNDS[character]
    else:
        return element, at
    return Repeat(element, least, most), end + (pattern[end : end + 1] == "?")
