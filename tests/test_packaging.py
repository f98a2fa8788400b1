"""The house: what a wheel and a source archive carry, what is declared, locked and set up."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OPTIONAL = [
    line for extra in PROJECT["project"]["optional-dependencies"].values() for line in extra
]

# Declared, yet imported by no line of ours: who needs it.
NAMES = {
    "re2": "google-re2",
    "sklearn": "scikit-learn",
    "py4j": "pyspark",
}  # libraries whose package has another name
NEEDED_BY_OTHERS = {
    "pyarrow": "polars and DuckDB, to hand over columns",
    "fastexcel": "polars, to read workbooks",
    "vl-convert-python": "altair, to render charts",
}


def build(source, kind, target):
    """Build a wheel or source archive without a network; the file made."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(target)],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (made,) = target.iterdir()
    return made


def members(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {Path(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def source(tracked, tmp_path_factory):
    """A checkout: tracked files only, beside what must never be packed."""
    folder = tmp_path_factory.mktemp("source")
    for path in tracked:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / path)
    (folder / "data" / "lots.duckdb").touch()
    (folder / "valuation" / "__pycache__").mkdir()
    (folder / "valuation" / "__pycache__" / "x.pyc").touch()
    return folder


@pytest.fixture(scope="module")
def wheel(source, tmp_path_factory):
    return build(source, "wheel", tmp_path_factory.mktemp("wheel"))


def test_a_wheel_carries_the_package_the_data_and_the_models_and_no_sample(wheel, tracked):
    packed = {path for path in members(wheel) if not path.parts[0].endswith(".dist-info")}
    package = {path for path in tracked if path.parts[0] == "valuation"}
    bundled = {
        Path("valuation/_bundled") / path
        for path in tracked
        if path.parts[0] in ("data", "models") and path.parts[1] not in ("samples", "pictures")
    }
    assert bundled
    assert packed == package | bundled


def test_an_installed_wheel_finds_its_data_and_its_sql(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    program = (
        "from pathlib import Path; from valuation.tables import load_tables; "
        "from valuation.cli import main; tables = load_tables(); "
        "assert tables.directory == Path.cwd() / 'valuation/_bundled/data', tables.directory; "
        "assert len(tables.frame('sources')); assert main(['data', 'dictionary']) == 0"
    )
    subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        check=True,
        capture_output=True,
    )


def test_an_installed_wheel_values_the_samples_without_the_tools_of_development(wheel, tmp_path):
    """`None` in `sys.modules` makes an import fail, as if the library were not installed."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    tools = requirements(PROJECT["dependency-groups"]["dev"])
    samples = sorted(str(path) for path in (ROOT / "data" / "samples").iterdir())
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({sorted(tools)})); "
        "from valuation.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "value", *samples, "--db", "x.duckdb", "--draws", "50"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "x.duckdb").stat().st_size > 0


def test_a_source_archive_holds_what_is_tracked_and_builds_the_same_wheel(
    source, wheel, tracked, tmp_path
):
    archive = build(source, "sdist", tmp_path / "sdist")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.glob("valuation-*")
    held = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    assert held - {Path("PKG-INFO")} == set(tracked)
    assert members(build(folder, "wheel", tmp_path / "wheel")) == members(wheel)


def requirements(lines):
    """Names in requirement lines, normalised."""
    return {re.match(r"[\w.-]+", line)[0].lower().replace("_", "-") for line in lines}


def test_every_library_we_import_is_declared_and_every_declared_one_is_used():
    imported = set()
    for path in (ROOT / "valuation").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module.split(".")[0])
    foreign = {NAMES.get(n, n) for n in imported - sys.stdlib_module_names - {"valuation"}}
    declared = PROJECT["project"]["dependencies"] + OPTIONAL
    assert foreign | set(NEEDED_BY_OTHERS) == requirements(declared)


def test_every_dependency_says_why_it_is_there():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for line in re.findall(r'^    "[\w.-]+>=.*', text, re.MULTILINE):
        assert re.search(r'",\s+# .+; .*(MIT|BSD|Apache|MPL)', line), line


LOCKS = {
    "requirements.lock": PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"],
    "tests/spark/requirements.lock": OPTIONAL,
}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_every_declared_library_with_hashes_and_no_address(name):
    lock = (ROOT / name).read_text(encoding="utf-8")
    entries = re.findall(
        r"^([\w.-]+)==\S+(?: ; [^\\]+)? \\\n    --hash=sha256:", lock, re.MULTILINE
    )
    assert requirements(LOCKS[name]) <= set(entries)
    assert len(entries) == len(re.findall(r"^[\w.-]+==", lock, re.MULTILINE))
    assert not re.search(r"://|--index|--find-links|file:", lock)


def test_every_make_target_is_listed_by_help():
    listed = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for target in ("run", "test", "test-long", "bench", "lint", "format", "lock", "clean", "help"):
        assert f"make {target} " in listed


def test_set_up_without_a_python_says_what_to_install(source, tmp_path):
    """The stamp is missing and no interpreter answers: one sentence, no traceback."""
    done = subprocess.run(
        ["make", "run", "PYTHON="],
        cwd=shutil.copytree(source, tmp_path / "fresh"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "No Python of version 3.11 or newer" in done.stderr


@pytest.mark.parametrize(
    ("quick", "long", "code", "last"),
    [
        (0, 0, 0, "12 passed, 0 failed, 1 skipped"),
        (2, 0, 2, "12 passed, 0 failed, 1 skipped"),
        (0, 2, 2, "12 passed, 0 failed, 1 skipped"),
    ],
)
def test_ci_runs_both_suites_and_ends_with_their_count(tmp_path, quick, long, code, last):
    """With a `make` that only says what pytest would say."""
    make = tmp_path / "make"
    make.write_text(
        "#!/bin/sh\n"
        'case "$1" in\n'
        f"test) echo '=== 10 passed, 1 skipped, 3 deselected in 2.10s ==='; exit {quick} ;;\n"
        f"test-long) echo '=== 2 passed in 61.00s (0:01:01) ==='; exit {long} ;;\n"
        "esac\n"
    )
    make.chmod(0o755)
    done = subprocess.run(
        ["bash", ".ci/run"],
        cwd=ROOT,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (code, last)
