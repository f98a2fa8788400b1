"""Serials: which of them stand on more than one record, of all files together.

Where records lie in DuckDB their keys are sorted, so that equal ones come to stand side by side: a
third of the work of counting each key, nearly all of which stand once. Elsewhere they stay where
they are, and are counted there.
"""

from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from valuation.engine import Engine, Steps
from valuation.threads import in_threads

Keys = NDArray[np.uint64]

SERIALS_AT_ONCE: Final = 2_000_000
"""How many serials a thread compares at once: all of them would be much of the memory."""
SORTED_BESIDE: Final = 2
"""Parts that are sorted beside each other."""
MOST_PARTS: Final = 64
"""Parts at most, of more serials each then: every part reads all keys again."""

_SQL: Final = Path(__file__).parent
_KEYS: Final = "select serial_key from scan_record where serial_key % $1::ubigint = $2::ubigint"


def find_candidates(engine: Steps) -> None:
    """Fill `serial_candidate` with the keys that stand on more than one record, each once."""
    ((serials,),) = engine.run("select count(serial_key) from scan_record")
    parts = min(serials // SERIALS_AT_ONCE + 1, MOST_PARTS)
    if not isinstance(engine, Engine):
        for part in range(parts):
            engine.step(_SQL / "serial_candidate.sql", {"parts": parts, "part": part})
        return
    for first in range(0, parts, SORTED_BESIDE):
        some = range(first, min(first + SORTED_BESIDE, parts))
        keys = [_keys(engine, parts, part) for part in some]
        for repeated in in_threads([partial(_repeated, part) for part in keys]):
            engine.append("serial_candidate", pl.DataFrame({"serial_key": repeated}))


def _keys(engine: Engine, parts: int, part: int) -> Keys:
    """The keys of one part, an array of our own."""
    keys = engine.frame(_KEYS, [parts, part])["serial_key"]
    return keys.to_numpy(writable=True)


def _repeated(keys: Keys) -> Keys:
    """Keys that stand more than once, each once; the others lose their order."""
    keys.sort()
    return np.unique(keys[1:][keys[1:] == keys[:-1]])
