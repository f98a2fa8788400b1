"""Grams: runs of letters of a text and of its shape, hashed to places that the classifier weighs.

Training and use share these lines, so a text has the same places in both; no library is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

PLACES: Final = 2**15
"""Places the n-grams of a text are hashed to, and again those of its shape."""
SHORTEST, LONGEST = 2, 5
"""Letters of an n-gram."""
SHAPE_WEIGHT: Final = 0.7
"""Weight of a text's shape (its digits made equal) beside the text itself."""
FNV_OFFSET, FNV_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
"""The 64-bit FNV-1a hash of Fowler, Noll and Vo, here over code points; folded as they advise."""
_FOLD: Final = np.uint64(32)
_BLANK, _ZERO, _NINE = (ord(letter) for letter in " 09")

Letters = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Grams:
    """The n-grams of some texts, text by text.

    Attributes:
        places: Where n-grams are hashed to, from 0 to 2 x PLACES - 1, each once for a text and
            rising, shape (n-grams,).
        values: What it counts: how often it comes, in proportion, so that the squares add up to one
            for a text and to SHAPE_WEIGHT squared for its shape. Same shape. [1]
        starts: Where the n-grams of each text begin, and where the last end, shape (texts + 1,).
    """

    places: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]
    starts: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def rows(self, which: npt.NDArray[np.int64]) -> "Grams":
        """The n-grams of some of the texts, in the order asked for."""
        kept = [np.arange(self.starts[n], self.starts[n + 1]) for n in which]
        inside = np.concatenate(kept) if kept else np.zeros(0, dtype=np.int64)
        starts = np.concatenate([[0], np.cumsum([len(one) for one in kept], dtype=np.int64)])
        return Grams(self.places[inside], self.values[inside], starts)


def grams_of(texts: Sequence[str]) -> Grams:
    """The n-grams of texts and of their shapes; none reaches over a blank.

    >>> len(grams_of(["SATA"]).places)  # 5 + 4 + 3 + 2 runs, and those of the shape
    28
    """
    padded = [f" {' '.join(text.split())} " for text in texts]
    letters = np.frombuffer(
        "".join(padded).encode("utf-32-le", errors="surrogatepass"), dtype=np.uint32
    )
    owner = np.repeat(np.arange(len(padded)), [len(text) for text in padded])
    is_digit = (letters >= _ZERO) & (letters <= _NINE)
    shape = np.where(is_digit, np.uint32(_ZERO), letters)
    kept = _within_words(letters)
    places = np.concatenate([*_hashed(letters, kept), *(h + PLACES for h in _hashed(shape, kept))])
    owners = np.concatenate([owner[at] for at in kept] * 2)
    found, counts = np.unique(owners * (2 * PLACES) + places, return_counts=True)
    halves = found // PLACES  # twice the number of the text, one more for its shape
    norms = np.sqrt(np.bincount(halves, weights=counts**2))
    weights = np.where(halves % 2 == 0, 1.0, SHAPE_WEIGHT)
    values = (weights * counts / norms[halves]).astype(np.float32)
    starts = np.concatenate([[0], np.cumsum(np.bincount(halves // 2, minlength=len(texts)))])
    return Grams(found % (2 * PLACES), values, starts)


def _within_words(letters: Letters) -> list[npt.NDArray[np.int64]]:
    """Where the n-grams of each length begin that have no blank but at their ends."""
    is_blank = letters == _BLANK
    blanks = np.cumsum(is_blank)
    kept = []
    for length in range(SHORTEST, LONGEST + 1):
        ends = len(letters) - length + 1
        if ends <= 0:
            kept.append(np.zeros(0, dtype=np.int64))
            continue
        inside = blanks[length - 2 : length - 2 + ends] - blanks[:ends] == 0
        both = is_blank[:ends] & is_blank[1 : ends + 1] if length == SHORTEST else False
        kept.append(np.flatnonzero(inside & ~np.asarray(both)))
    return kept


def _hashed(letters: Letters, kept: Sequence[npt.NDArray[np.int64]]) -> list[npt.NDArray[np.int64]]:
    """The places of the n-grams of each length that begin where `kept` says."""
    wide = letters.astype(np.uint64)
    hashed = (FNV_OFFSET ^ wide) * FNV_PRIME
    places = []
    for length, begins in enumerate(kept, start=SHORTEST):
        following = wide[length - 1 :]
        hashed = (hashed[: len(following)] ^ following) * FNV_PRIME
        found = hashed[begins]
        places.append(((found ^ (found >> _FOLD)) % np.uint64(PLACES)).astype(np.int64))
    return places
