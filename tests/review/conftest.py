"""A valued lot with items to review, copied for each test."""

import shutil

import pytest

from tests.reviews import value, write_lot


@pytest.fixture(scope="session")
def _valued(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lot")
    value(folder, [write_lot(folder / "lot.csv")])
    return folder


@pytest.fixture
def lot(_valued, tmp_path):
    """A folder with `lot.csv`, valued into `out.duckdb`, and nothing reviewed."""
    for name in ("lot.csv", "out.duckdb"):
        shutil.copy(_valued / name, tmp_path / name)
    return tmp_path
