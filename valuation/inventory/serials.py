"""Serials: which of them stand on more than one record, of all files together.

Where records lie in DuckDB their keys are sorted, so that equal ones come to stand side by side: a
third of the work of counting each key, nearly all of which stand once. Elsewhere they stay where
they are, and are counted there.
"""

from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from valuation.engine import Engine, Steps

SERIALS_AT_ONCE: Final = 4_000_000
"""How many serials are compared at once: all of them would be much of the memory."""
MOST_PARTS: Final = 32
"""Parts at most, of more serials each then: every part reads all keys again."""

_SQL: Final = Path(__file__).parent
_KEYS: Final = "select serial_key from scan_record where serial_key % $1::ubigint = $2::ubigint"


def find_candidates(engine: Steps) -> None:
    """Fill `serial_candidate` with the keys that stand on more than one record, each once."""
    ((serials,),) = engine.run("select count(serial_key) from scan_record")
    parts = min(serials // SERIALS_AT_ONCE + 1, MOST_PARTS)
    for part in range(parts):
        if isinstance(engine, Engine):
            keys = engine.frame(_KEYS, [parts, part])["serial_key"].to_numpy(writable=True)
            keys.sort()
            repeated = np.unique(keys[1:][keys[1:] == keys[:-1]])
            engine.append("serial_candidate", pl.DataFrame({"serial_key": repeated}))
        else:
            engine.step(_SQL / "serial_candidate.sql", {"parts": parts, "part": part})
