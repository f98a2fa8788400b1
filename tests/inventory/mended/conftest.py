"""The export, and the file of its lines that are set aside."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.inventory.mended.given_back import BAD, HEADER, rejects_of


@pytest.fixture
def export(write: Callable[..., Path]) -> Path:
    return write("data/export.csv", HEADER + BAD)


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lines of the export that are set aside: the same for every export of this content."""
    folder = tmp_path_factory.mktemp("once")
    (folder / "export.csv").write_text(HEADER + BAD, encoding="utf-8")
    (path,) = rejects_of(folder / "export.csv", folder=folder)
    return path


@pytest.fixture
def rejects(once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(once, tmp_path))
