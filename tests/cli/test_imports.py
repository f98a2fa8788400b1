"""What a run imports: a library is loaded by the command that uses it, for the file that asks."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.exports import DRIVE, export, settings
from valuation.api import run

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = {
    "altair", "fastapi", "fastexcel", "jinja2", "joblib", "openpyxl", "pandas", "pyarrow",
    "pydantic", "rich", "scipy", "skops", "sklearn", "uvicorn", "vl_convert", "xlsxwriter",
}  # fmt: skip
"""Those of which each takes longer to import than a small file to read, and others that grew in."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An export of which a line is set aside, and the file it was published to."""
    folder = tmp_path_factory.mktemp("imports")
    path = export(folder / "x.csv", drives=20)
    with path.open("a", encoding="utf-8") as file:
        file.write(DRIVE.format(batch="A", tag="A9", serial="Z1ZA0009", quantity="many"))
    run([path], settings=settings(folder))
    return folder


def imported_by(command, folder):
    """Libraries that a command has loaded when it ends well."""
    program = (
        "import sys; from valuation.cli import main; code = main(sys.argv[1:]); "
        f"print(*sorted({LIBRARIES} & sys.modules.keys()), file=sys.stderr); sys.exit(code)"
    )
    words = [word.format(folder=folder) for word in command.split()]
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "command",
    [
        "value {folder}/x.csv --db {folder}/new.duckdb",
        "value --db {folder}/out.duckdb --json",
        "inspect {folder}/x.csv",
        "identify {folder}/x.csv --out {folder}/lines.csv --force",
        "identify {folder}/x.csv --out {folder}/lines.parquet --force",
        "explain A --db {folder}/out.duckdb",
        "rejects --db {folder}/out.duckdb --out {folder}/mend",
        "review export {folder}/items.csv --db {folder}/out.duckdb --force",
        "weigh A --db {folder}/out.duckdb",
        "data check",
        "data dictionary --db {folder}/out.duckdb",
        "deck list",
        "model card",
    ],
)
def test_nothing_is_imported_that_is_not_used(command, folder):
    assert imported_by(command, folder) == set()


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "used"),
    [
        ("review export {folder}/items.xlsx --db {folder}/out.duckdb --force", {"xlsxwriter"}),
        ("chart --db {folder}/out.duckdb --out {folder}/lots.svg", {"altair", "vl_convert"}),
    ],
)
def test_what_is_used_is_imported(command, used, folder):
    """So that a library left out above is not one whose name is wrong."""
    assert used <= imported_by(command, folder)
