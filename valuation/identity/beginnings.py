"""How a match of a pattern can begin, and what a text that breaks off could have become.

Models cut to the 16 characters of a SCSI inquiry ask for both: only patterns that begin with
letters of their own are asked, and `broken_off` says which of those can have been meant.
"""

import re
from functools import lru_cache

from valuation.identity.syntax import Choice, End, Letters, Look, Node, Repeat, Sequence

TELLING = 2
"""Letters of a beginning that are looked at: two of its own tell a pattern."""

# A beginning and whether the text that follows it is known to be what comes next in the pattern.
Beginnings = set[tuple[str, bool]]
# Named groups that are complete, with their text.
Groups = tuple[tuple[str, str], ...]
# Where a reading of the text stands, and the groups it has completed.
States = set[tuple[int, Groups]]


def beginnings(shape: Node) -> set[str]:
    """Every string of up to `TELLING` letters a match can begin with; empty: anything.

    >>> from valuation.identity.syntax import parsed
    >>> sorted(beginnings(parsed("MTFD[A-Z]{3}"))), sorted(beginnings(parsed("(?:EX|QFX) ?5")))
    (['MT'], ['EX', 'QF'])
    """
    texts = {text for text, _ in _beginnings(shape)}
    return {""} if "" in texts else texts


def unfinished(shape: Node, text: str) -> list[dict[str, str]]:
    """Every way in which a text that breaks off could be the beginning of a match.

    Returns:
        The named groups that are complete in each way; no way, no beginning.

    >>> from valuation.identity.syntax import parsed
    >>> unfinished(parsed(r"DT(?P<a>[0-9]{2})X(?P<b>[0-9]{2})"), "DT01X2")
    [{'a': '01'}]
    """
    _, broken = _read(shape, text, {(0, ())})
    return [dict(groups) for groups in sorted(broken)]


def broken_off(shape: Node) -> str:
    """A pattern for RE2 that every text matches which `unfinished` can read, and maybe others.

    >>> from valuation.identity.syntax import parsed
    >>> bool(re.match(broken_off(parsed("DT[0-9]{2}(?:AB|C)")), "DT01A"))
    True
    """
    return f"(?:{_broken(shape)})$"


def _whole(node: Node) -> str:
    """A pattern of what a part of a pattern matches, without its conditions."""
    if isinstance(node, Letters):
        return _one_of(node)
    if isinstance(node, Sequence):
        return "".join(_whole(part) for part in node.parts)
    if isinstance(node, Choice):
        return f"(?:{'|'.join(_whole(branch) for branch in node.branches)})"
    if isinstance(node, Repeat):
        most = "" if node.high is None else node.high
        return f"(?:{_whole(node.part)}){{{node.low},{most}}}"
    return ""


@lru_cache(maxsize=1 << 12)
def _one_of(letters: Letters) -> str:
    if not letters.letters:
        return "(?s:.)"
    return f"[{'^' * letters.negated}{''.join(re.escape(c) for c in sorted(letters.letters))}]"


def _broken(node: Node) -> str:
    """A pattern of what remains of a match that breaks off inside a part of a pattern."""
    if isinstance(node, Sequence):
        parts = [part for part in node.parts if not isinstance(part, Look | End)]
        remains = _broken(parts[-1]) if parts else ""
        for part in reversed(parts[:-1]):
            remains = f"{_broken(part)}|{_whole(part)}(?:{remains})"
        return remains
    if isinstance(node, Choice):
        return "|".join(f"(?:{_broken(branch)})" for branch in node.branches)
    if isinstance(node, Repeat):
        most = "" if node.high is None else max(node.high - 1, 0)
        return f"(?:{_whole(node.part)}){{0,{most}}}(?:{_broken(node.part)})"
    return ""


def _beginnings(node: Node) -> Beginnings:
    if isinstance(node, Letters):
        return {("", False)} if node.negated else {(c, True) for c in node.letters}
    if isinstance(node, Choice):
        return {found for branch in node.branches for found in _beginnings(branch)}
    if isinstance(node, Repeat):
        repeated = node.high != 1
        out = {(text, is_open and not repeated) for text, is_open in _beginnings(node.part)}
        return out | {("", True)} if node.low == 0 else out
    current: Beginnings = {("", True)}
    for part in node.parts if isinstance(node, Sequence) else ():
        if not any(is_open for _, is_open in current):
            break
        element = _beginnings(part)
        current = {
            joined
            for text, is_open in current
            for joined in (_joined(text, element) if is_open else {(text, False)})
        }
    return current


def _joined(text: str, element: Beginnings) -> Beginnings:
    out = set()
    for more, is_open in element:
        whole = text + more
        out.add((whole[:TELLING], is_open and len(whole) < TELLING))
    return out


def _read(node: Node, text: str, states: States) -> tuple[States, set[Groups]]:
    """Where a part of a pattern can end, and the readings in which the text breaks off inside."""
    if isinstance(node, Letters):
        broken = {groups for at, groups in states if at == len(text)}
        return {
            (at + 1, groups) for at, groups in states if at < len(text) and node.allow(text[at])
        }, broken
    if isinstance(node, End):
        return set(), set()  # the text goes on where it was cut
    if isinstance(node, Look):
        return {s for s in states if not node.ahead or _may_hold(node, text, s[0])}, set()
    if isinstance(node, Repeat):
        return _read_repeat(node, text, states)
    broken = set()
    if isinstance(node, Sequence):
        for part in node.parts:
            states, more = _read(part, text, states)
            broken |= more
        return states, broken
    ends: States = set()
    for start, groups in states:
        for branch in node.branches:
            found, more = _read(branch, text, {(start, groups)})
            broken |= more
            if node.name:
                found = {(at, (*kept, (node.name, text[start:at]))) for at, kept in found}
            ends |= found
    return ends, broken


def _read_repeat(node: Repeat, text: str, states: States) -> tuple[States, set[Groups]]:
    ends, broken = (set(states) if node.low == 0 else set()), set[Groups]()
    # A repetition without end would take any text, so it is read as seldom as it may be.
    most = node.low if node.high is None else node.high
    for times in range(1, most + 1):
        states, more = _read(node.part, text, states)
        broken |= more
        if times >= node.low:
            ends |= states
    return ends, broken


def _may_hold(look: Look, text: str, at: int) -> bool:
    """Whether a condition on what follows holds, or is open because the text breaks off."""
    ends, broken = _read(look.part, text, {(at, ())})
    return not ends if look.negated else bool(ends or broken)
