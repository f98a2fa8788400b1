"""Items written in a test, and what the program says they are."""

import polars as pl
import pytest

from valuation.frames import ITEMS
from valuation.identity import identify

COLUMNS = ("manufacturer", "model", "part_number", "description", "type", "capacity")


def item_frame(rows):
    """Items of rows that are a model or a dictionary of column and text."""
    filled = [{"model": row} if isinstance(row, str) else row for row in rows]
    return ITEMS.check(
        pl.DataFrame(
            [
                {"item_id": n, "lines": 1, **{f"{c}_raw": row.get(c, "") for c in COLUMNS}}
                for n, row in enumerate(filled)
            ],
            schema=dict(ITEMS.columns),
        )
    )


@pytest.fixture(scope="session")
def result_of(tables):
    """The whole identity of rows."""
    return lambda *rows: identify(item_frame(rows), tables)


@pytest.fixture(scope="session")
def identities_of(result_of):
    """One dictionary of identity per row, in the order given."""
    return lambda *rows: result_of(*rows).items.to_dicts()


@pytest.fixture(scope="session")
def identity_of(identities_of):
    """The identity of one row."""
    return lambda row: identities_of(row)[0]


@pytest.fixture(scope="session")
def item_rows():
    """Items of rows that are the six texts in the order of the columns."""
    return lambda texts: item_frame([dict(zip(COLUMNS, row, strict=True)) for row in texts])
