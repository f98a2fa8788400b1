"""The noun phrases of a text: which of the things it names is the thing, and which lie beside it.

English and German put the head of a phrase last, and say the thing before they say what it is
for, comes with or holds. So the first phrase that names anything tells, and its last noun is the
head: a `power supply fan` is a fan, a `fan tray slot` a slot, a `fan for R740` a fan.
"""

import re
from collections.abc import Sequence

from valuation.identity.phrase_words import READING_ENDS
from valuation.identity.reference import Reference
from valuation.units import WHOLE_KINDS

ACCESSORIES = ("other", "cable")
"""Kinds that are named for what comes with a thing: caddies, rails, cords."""
PLACES = ("container", "port", "sensor", "empty_bay")
"""Why a word that names a place or a reading is no part."""
ROOM = ("empty_bay", "port")
"""Places a host is counted to have."""
_LOT_OF = re.compile(r"\W*(?:JOB )?(?:[A-Z]+ (?:OF|VON|MIT) \W*)?$")
_COUNT = re.compile(r"(?<![A-Z0-9./:#-])\d{1,3} ?-? ?$")
_ADDRESS = re.compile(r" ?[#:-]? ?\d")
_ASIDE = re.compile(r"(?<=[^ ] )[(\[][^)\]]*[)\]]")
_PORTS = re.compile(r"(?:\d ?X ?\d|\d[ -]?PORTS? |\d )[^,;]{0,14}$")
_PORT_COUNT = re.compile(r"\d(?:P|[ -]?PORTS?) [^,;]{0,24}$")
_PORTED = re.compile(r"[+\d]* ?(?:X ?\d|PORTS?|CAGES?)")
_LOCATOR = re.compile(r"\.\d")
_MEASURED = re.compile(r"(?<![A-Z0-9.-])(?:\d{3,}|\d[.,]\d+|\dK) ?-?\(?$")


def without_asides(text: str) -> str:
    """A text whose asides in brackets are blank, every letter still in its place.

    >>> without_asides("R740 (2U) fan")
    'R740      fan'
    """
    return _ASIDE.sub(lambda m: " " * len(m[0]), text) if "(" in text or "[" in text else text


def telling_phrase(
    text: str, begin: int, starts: Sequence[int], reference: Reference, hosts: Sequence[int] = ()
) -> tuple[int, int]:
    """Bounds of the first phrase that holds a kind word or a match of a pattern.

    Args:
        text: Cleaned text without asides.
        begin: Place to look from.
        starts: Places where patterns match.
        reference: Words and breaks.
        hosts: Those of the places where a pattern names a host.
    """
    counted = False
    for stop in [*reference.phrases.breaks.finditer(text, begin), None]:
        end = stop.start() if stop else len(text)
        said = any(begin <= s < end for s in starts) or kind_words(
            text, begin, end, reference, hosts
        )
        if said and not counted:
            return begin, end
        begin = stop.end() if stop else end
        # What is counted out later in a text is inside the thing, not the thing.
        counted = bool(stop and stop[0][0].isdigit() and not _LOT_OF.match(text, 0, stop.start()))
    return 0, 0


def kind_words(
    text: str, begin: int, end: int, reference: Reference, hosts: Sequence[int] = ()
) -> list[re.Match[str]]:
    """The words between two places that may name the thing, in order.

    Not what comes with it (`with caddy`), nor what a host named before is counted to have
    (`24 slots`, `8 fans`).
    """
    found: list[re.Match[str]] = []
    host_ends = [min(hosts)] if hosts else []
    for match in reference.word_regex.finditer(text, begin, end):
        word = reference.words[match[0]]
        if is_beside(text, match.start(), word.kind, word.reason, reference):
            continue
        if (
            word.reason in ROOM
            and text[: match.start()].endswith(".")
            and _LOCATOR.match(text, match.end())
        ):
            continue  # `PSU.Slot.1` is the part a management controller sees there
        in_host = any(place < match.start() for place in host_ends)
        many = match[0].endswith("S") or text[match.end() :].startswith("S")
        has_room = in_host or many or _is_of_board(found, reference)
        if _is_counted(text, match, found, reference) and (
            (word.reason in ROOM and (has_room or text[: match.start()].endswith("-")))
            or (in_host and many and word.kind not in WHOLE_KINDS)
        ):
            continue
        if _is_connector(text, match, reference, alone=not (found or in_host)):
            continue
        found.append(match)
        if word.kind in WHOLE_KINDS:
            host_ends.append(match.start())
    return found


def closing_word(
    text: str, starts: Sequence[int], reference: Reference, hosts: Sequence[int] = ()
) -> tuple[str, int, str] | None:
    """A place or reading that ends a text and so is what the text names: `PSU 1 container`.

    Returns:
        The word, where it starts and why it is no part; None where the text ends otherwise.
    """
    ends_so = text.rstrip(READING_ENDS).endswith(reference.phrases.reading_ends)
    reading = reference.phrases.readings.search(text) if ends_so else None
    if reading and _is_read(text, reading, starts, reference):
        return reading["word"], reading.start("word"), "sensor"
    found = kind_words(text, 0, len(text), reference, hosts)
    if not found or text[found[-1].end() :].strip(" )].:S"):
        return None
    word = reference.words[found[-1][0]]
    return (found[-1][0], found[-1].start(), word.reason) if word.reason in PLACES else None


def is_beside(text: str, start: int, kind: str, reason: str, reference: Reference) -> bool:
    """Whether what stands at a place in a text only comes with the thing, or holds it."""
    if kind not in ACCESSORIES or reason == "sensor":
        return False
    return reference.phrases.beside.search(text, 0, start) is not None


def _is_connector(text: str, match: re.Match[str], reference: Reference, *, alone: bool) -> bool:
    """Whether a plug-in module is named for the ports of a thing: `NIC 4x10G SFP+`.

    Alone, only a count of ports says so: `2x SFP+` is two of them.
    """
    if not reference.phrases.connectors.fullmatch(match[0]):
        return False
    if alone:
        return _PORT_COUNT.search(text, 0, match.start()) is not None
    return bool(_PORTS.search(text, 0, match.start()) or _PORTED.match(text, match.end()))


def _is_counted(
    text: str, match: re.Match[str], found: Sequence[re.Match[str]], reference: Reference
) -> bool:
    """Whether a number in front counts the thing, rather than being the number of a part before.

    `Chassis 8 slots` has eight, `Fan 1 slot` is the slot of the first fan.
    """
    count = _COUNT.search(text, 0, match.start())
    if count is None or _ADDRESS.match(text, match.end()):
        return False
    if not found or text[found[-1].end() : count.start()].strip(" #S"):
        return True
    return reference.words[found[-1][0]].kind in WHOLE_KINDS or _is_of_board(found, reference)


def _is_of_board(found: Sequence[re.Match[str]], reference: Reference) -> bool:
    """Whether the last of some words is a board, which is named by its room: `backplane 24 bay`."""
    return bool(found) and reference.words[found[-1][0]].kind == "board"


def _is_read(
    text: str, reading: re.Match[str], starts: Sequence[int], reference: Reference
) -> bool:
    """Whether a closing word is read of a thing named before: `Fan 1 RPM`, not `7200 RPM`."""
    before = text[: reading.start("word")]
    if _MEASURED.search(before) or reference.phrases.degrees.search(before):
        return False
    is_named = any(start < len(before) for start in starts)
    return is_named or bool(kind_words(text, 0, len(before), reference))
