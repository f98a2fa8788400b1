"""The store: one DuckDB file that holds a run and all it rests on, published whole or not at all.

A copy of the file is changed beside it and swapped in, so readers are served all the while and a
run that is killed leaves the file as it was.
"""

from valuation.store.beside import held, staged
from valuation.store.build import Store, open_store
from valuation.store.file import locked, put_in_place, refusing
from valuation.store.publish import Publication
from valuation.store.read import dictionary, open_read_only

__all__ = [
    "Publication",
    "Store",
    "dictionary",
    "held",
    "locked",
    "open_read_only",
    "open_store",
    "put_in_place",
    "refusing",
    "staged",
]
