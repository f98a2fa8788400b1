"""How a match of a regular expression can begin: an index over hundreds of patterns needs it.

Only the syntax the part-number patterns use is understood; whatever is not is taken to begin
with anything, so the index may offer a pattern too many and never one too few.
"""

from string import ascii_uppercase, digits

LONGEST = 3
"""Letters of a beginning that are looked at."""
_ZERO_WIDTH = ("(?=", "(?!", "(?<=", "(?<!")
_CLASSES = {"d": digits, "w": ascii_uppercase + digits + "_"}

# A beginning and whether the text that follows it is known to be what comes next in the pattern.
Beginnings = set[tuple[str, bool]]


def beginnings(pattern: str) -> set[str]:
    """Every string of up to `LONGEST` letters a match can begin with; empty: anything.

    >>> sorted(beginnings("MTFD[A-Z]{3}")), sorted(beginnings("(?:EX|QFX) ?5"))
    (['MTF'], ['EX ', 'EX5', 'QFX'])
    """
    found, _ = _alternatives(pattern, 0)
    texts = {text for text, _ in found}
    return {""} if "" in texts else texts


def _alternatives(pattern: str, at: int) -> tuple[Beginnings, int]:
    """Beginnings of alternatives up to a closing bracket or the end, and where they stop."""
    found: Beginnings = set()
    current: Beginnings = {("", True)}
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "|":
            found |= current
            current, at = {("", True)}, at + 1
            continue
        element, at = _element(pattern, at)
        element, at = _quantified(element, pattern, at)
        current = {
            joined
            for text, is_open in current
            for joined in (_joined(text, element) if is_open else {(text, False)})
        }
    return found | current, at


def _joined(text: str, element: Beginnings) -> Beginnings:
    out = set()
    for more, is_open in element:
        whole = text + more
        out.add((whole[:LONGEST], is_open and len(whole) < LONGEST))
    return out


def _element(pattern: str, at: int) -> tuple[Beginnings, int]:
    """Beginnings of one literal, class or group."""
    character = pattern[at]
    if character == "(":
        zero_width = pattern.startswith(_ZERO_WIDTH, at)
        start = at + 1
        if pattern.startswith("(?:", at):
            start = at + 3
        elif pattern.startswith("(?P<", at) or zero_width:
            start = (
                pattern.index(">", at) + 1 if not zero_width else at + 3 + (pattern[at + 2] == "<")
            )
        inner, end = _alternatives(pattern, start)
        return ({("", True)} if zero_width else inner), end + 1
    if character == "[":
        end = pattern.index("]", at + 2)
        return _class(pattern[at + 1 : end]), end + 1
    if character == "\\":
        letter = pattern[at + 1]
        if letter in _CLASSES:
            return {(c, True) for c in _CLASSES[letter]}, at + 2
        return {("", not letter.isalnum()) if letter.isalnum() else (letter, True)}, at + 2
    if character in "^$":
        return {("", True)}, at + 1
    return {("", False) if character == "." else (character, True)}, at + 1


def _class(inside: str) -> Beginnings:
    """One letter of a class such as `A-Z0-9+`; anything for a negated class."""
    if inside.startswith("^"):
        return {("", False)}
    letters: set[str] = set()
    at = 0
    while at < len(inside):
        if inside[at] == "\\":
            letters |= set(_CLASSES.get(inside[at + 1], inside[at + 1]))
            at += 2
        elif inside[at + 1 : at + 2] == "-" and at + 2 < len(inside):
            letters |= {chr(c) for c in range(ord(inside[at]), ord(inside[at + 2]) + 1)}
            at += 3
        else:
            letters.add(inside[at])
            at += 1
    return {(c, True) for c in letters}


def _quantified(element: Beginnings, pattern: str, at: int) -> tuple[Beginnings, int]:
    """The element with its quantifier: optional, or repeated and then open to anything."""
    character = pattern[at : at + 1]
    if character not in ("?", "*", "+", "{"):
        return element, at
    end = pattern.index("}", at) + 1 if character == "{" else at + 1
    bounds = pattern[at + 1 : end - 1] if character == "{" else ""
    optional = character in "?*" or bounds.startswith("0")
    repeated = character in "*+" or (character == "{" and bounds != "1")
    out = {(text, is_open and not repeated) for text, is_open in element}
    if optional:
        out.add(("", True))
    if pattern[end : end + 1] == "?":  # lazy
        end += 1
    return out, end
