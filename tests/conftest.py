"""Fixtures every test may use: reference data, settings of a quick run, chance, tracked files."""

import datetime
import os
import subprocess
from pathlib import Path

import hypothesis
import numpy as np
import pytest

from valuation.settings import PREFIX, Settings
from valuation.tables import Tables, load_tables

ROOT = Path(__file__).resolve().parent.parent

# The same examples on every run: a failure seen once can be seen again.
hypothesis.settings.register_profile("same", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("same")


@pytest.fixture(scope="session", autouse=True)
def _own_user_folder(tmp_path_factory):
    """No test reads or writes the data folder of the person who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("user-data")))
        yield


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    for variable in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(variable)


@pytest.fixture(scope="session")
def tables() -> Tables:
    """The shipped reference data."""
    return load_tables()


@pytest.fixture
def settings() -> Settings:
    """A quick run on a fixed day."""
    return Settings(as_of=datetime.date(2026, 11, 22), draws=200)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261122)


@pytest.fixture(scope="session")
def tracked() -> list[Path]:
    """Files of the project, relative to its root: what git keeps or would keep."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode == 0 and listing.stdout:
        paths = [Path(line) for line in listing.stdout.splitlines()]
    else:  # a source archive holds tracked files only, beside what tools made
        made = ("build", "dist", "__pycache__", "PKG-INFO")
        every = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        paths = [p for p in every if not any(q in made or q.startswith(".") for q in p.parts)]
    return sorted({path for path in paths if (ROOT / path).is_file()})
