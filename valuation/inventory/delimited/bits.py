"""Bits: where signs stand in a block of bytes, one bit for each byte in words of 64.

What is asked of every byte of a text is answered for 64 of them at once; the first byte is the
lowest bit of a word.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

WORD_BITS: Final = 64
Words = NDArray[np.uint64]
Places = NDArray[np.int64]


def marks(data: NDArray[np.uint8], sign: int) -> Words:
    """Where a sign stands."""
    return packed(data == sign)


def packed(is_there: NDArray[np.bool_]) -> Words:
    """One bit for each byte of which something is true."""
    bits = np.packbits(is_there, bitorder="little")
    words = np.zeros(-(-len(is_there) // WORD_BITS), np.uint64)
    words.view(np.uint8)[: len(bits)] = bits
    return words


def marked(places: Places, length: int) -> Words:
    """Marks at some places of a block of so many bytes."""
    is_there = np.zeros(length, np.bool_)
    is_there[places] = True
    return packed(is_there)


def places_of(words: Words, length: int) -> Places:
    """Where marks stand in a block of so many bytes, ascending."""
    bits = np.unpackbits(words.view(np.uint8), count=length, bitorder="little")
    return np.flatnonzero(bits.view(np.bool_))


def later(words: Words, first: int = 1) -> Words:
    """The same one byte later; the byte before the first counts as marked, unless told."""
    out = words << np.uint64(1)
    out[1:] |= words[:-1] >> np.uint64(WORD_BITS - 1)
    out[0] |= np.uint64(first)
    return out


def sooner(words: Words) -> Words:
    """The same one byte sooner."""
    out = words >> np.uint64(1)
    out[:-1] |= words[1:] << np.uint64(WORD_BITS - 1)
    return out


def quoted(quotes: Words) -> Words:
    """Bytes from a quote that opens, itself too, to the one that closes, itself not.

    Every second quote closes: a bit is the parity of the quotes up to it, as in the parsers of
    Langdale and Lemire, "Parsing gigabytes of JSON per second", VLDB Journal 28 (2019), section 3.
    """
    out = quotes.copy()
    for distance in (1, 2, 4, 8, 16, 32):
        out ^= out << np.uint64(distance)
    odd = np.bitwise_count(quotes).astype(np.uint64) & np.uint64(1)
    open_before = np.bitwise_xor.accumulate(odd) ^ odd
    out ^= np.uint64(0) - open_before
    return out


def number_of(words: Words) -> int:
    """How many bytes are marked."""
    return int(np.bitwise_count(words).sum(dtype=np.int64))


def is_marked(words: Words, places: Places) -> NDArray[np.bool_]:
    """Whether the bytes at some places are marked."""
    within = (places % WORD_BITS).astype(np.uint64)
    return (words[places // WORD_BITS] >> within & np.uint64(1)).astype(np.bool_)


def number_between(words: Words, ends: Places) -> Places:
    """Marks from each end to the next, the first from the beginning: counted before each end.

    The rank of a bit vector: whole words are counted once, then the rest of the word of each end.
    """
    counts = np.bitwise_count(words)
    before = np.cumsum(counts, dtype=np.int64) - counts
    word = ends // WORD_BITS
    below = (np.uint64(1) << (ends % WORD_BITS).astype(np.uint64)) - np.uint64(1)
    rank = before[word] + np.bitwise_count(words[word] & below)
    return np.diff(rank, prepend=0)
