"""The shape of the program: who imports whom, what each module says, how long things are."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "valuation"
SOURCES = sorted(PACKAGE.rglob("*.py"))
INNER = [path for path in SOURCES if path.parent != PACKAGE or path.stem[0] != "_"]
PYTHON = [*SOURCES, *sorted((ROOT / "tests").rglob("*.py"))]

# From top to bottom; imports point down. Those on one line are siblings and never meet.
LAYERS = (
    ("cli", "web"),
    (
        "quote",
        "explain",
        "validate",
        "review",
        "chart",
        "decks",
        "inspection",
        "identification",
        "rejects",
        "weigh",
    ),
    ("api",),
    ("summary", "publishing", "check"),
    ("assumptions", "ownership", "tracing"),
    ("pipeline", "choice"),
    ("chunks",),
    ("movement",),
    ("world",),
    ("measuring",),
    ("inventory", "identity", "content", "recovery", "price", "value", "store"),
    ("engine",),
    ("shapes", "deck", "disposition", "accounts", "forms", "capacity"),
    ("frames", "tables", "uncertain", "parameter_groups", "settings", "sheet", "progress"),
    ("setting_values", "threads", "model_card", "memory"),
    ("errors", "units", "version", "helper_process"),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}

# (importer, imported): why this one import may break the rule.
EXCEPTIONS: dict[tuple[str, str], str] = {}

# Libraries that stay where one would look for them.
TERRITORY = {
    "duckdb": {"engine", "store"},
    "pyspark": {"engine"},
    "sqlglot": {"engine"},
    "sklearn": {"identity"},
    "pandas": set(),
    "altair": {"chart", "quote", "web"},
    "click": {"cli"},
    "rich": {"cli"},
}

# What imports a library that is installed for it alone: it imports where that is there.
OPTIONAL = {"valuation.engine.spark.": "pyspark", "valuation.inventory.spark.": "pyspark"}

# File or `file:function`: why it may be longer than the rest.
LONG: dict[str, str] = {}
FILE_LINES = 350
FUNCTION_LINES = 60

TOP_LEVEL = {
    ".ci", ".gitattributes", ".gitignore", ".pre-commit-config.yaml", "CHANGELOG.md",
    "Makefile", "README.md", "data", "models", "pyproject.toml", "requirements.lock",
    "tests", "valuation",
}  # fmt: skip

MACHINE_PATH = re.compile(r"(?<![\w/.])/(?:work|farm|root|home|Users)/[\w./-]+")
PACKAGE_HOST = re.compile(r"https?://[\w.-]*(?:pypi|pythonhosted|npmjs|debian)[\w.-]*")
SQL = re.compile(
    r"\s*(select|insert\s+into|update\s+\w+\s+set|delete\s+from|with\s+\w+\s+as|copy|attach"
    r"|(create|drop|alter|comment)\s+(or\s+replace\s+)?(temp\w*\s+)?(on|table|view|macro|schema))\s",
    re.IGNORECASE,
)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def component_of(module: str) -> str:
    """`valuation.value.money` belongs to `value`."""
    return module.split(".")[1] if "." in module else ""


@cache
def tree_of(path: Path) -> ast.Module:
    """A file as the compiler sees it; many rules look at each."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> Iterator[str]:
    """Modules a file imports anywhere in it, also inside functions."""
    yield from imports_in(tree_of(path), name_of(path))


def imports_in(tree: ast.AST, where: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{where}: a relative import hides where it points"
            whole = [f"valuation.{alias.name}" for alias in node.names]
            yield from whole if node.module == "valuation" else [str(node.module)]


def is_for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def strays(path: Path) -> Iterator[str]:
    """Imports of a file that do not point down."""
    importer = component_of(module_of(path))
    for module in imports_of(path):
        imported = component_of(module)
        if not module.startswith("valuation") or imported == importer:
            continue
        if module == "valuation":
            yield f"{name_of(path)}: import from a named module, not from the package"
        elif LEVEL[imported] <= LEVEL[importer] and (importer, imported) not in EXCEPTIONS:
            yield f"{name_of(path)} imports {module}"


def libraries_used(path: Path) -> Iterator[str]:
    """Libraries a file uses; to name a type is not to use its library."""
    used = [node for node in tree_of(path).body if not is_for_types_only(node)]
    for module in imports_in(ast.Module(used, []), name_of(path)):
        yield module.split(".")[0]


def first_paragraph(path: Path) -> str:
    return (ast.get_docstring(tree_of(path)) or "").split("\n\n")[0]


# Each rule is one test of all files: thousands of tests would take longer than what they look at.
def test_every_module_has_its_place():
    assert [name_of(path) for path in INNER if component_of(module_of(path)) not in LEVEL] == []


def test_imports_point_down():
    assert [stray for path in INNER for stray in strays(path)] == []


def test_libraries_stay_in_their_territory():
    used = [
        f"{name_of(path)} uses {library}"
        for path in INNER
        for library in libraries_used(path)
        if component_of(module_of(path))
        not in TERRITORY.get(library, {component_of(module_of(path))})
    ]
    assert used == []


def test_every_module_says_what_it_holds_in_one_sentence():
    sentence = re.compile(r"\w.*[.:]$", re.DOTALL)
    assert [name_of(path) for path in SOURCES if not sentence.search(first_paragraph(path))] == []


@pytest.mark.parametrize(
    "paths", [SOURCES[::4], pytest.param(SOURCES, marks=pytest.mark.long)], ids=["some", "all"]
)
def test_each_module_imports_alone_and_reads_no_file_of_ours(paths, tmp_path):
    """In one fresh process that forgets the package before each module."""
    program = """
import importlib, os, sys
opened = []
def listen(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        opened.append(os.path.relpath(arguments[0]))
sys.addaudithook(listen)
for module in sys.argv[1:]:
    for name in [name for name in sys.modules if name.split(".")[0] == "valuation"]:
        del sys.modules[name]
    opened.clear()
    importlib.import_module(module)
    ours = [n for n in opened if n.startswith(("valuation/", "data/")) and ".py" not in n]
    assert not ours, f"{module} reads {ours} when imported"
"""
    compiled_once = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path)}
    named = [module_of(path) for path in paths if path.stem != "__main__"]
    absent = tuple(part for part, library in OPTIONAL.items() if find_spec(library) is None)
    modules = [name for name in named if not name.startswith(absent)]
    done = subprocess.run(
        [sys.executable, "-c", program, *modules],
        cwd=ROOT,
        env=os.environ | compiled_once,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_no_file_is_long():
    lines = {name_of(path): path.read_text(encoding="utf-8").count("\n") for path in PYTHON}
    assert {n: count for n, count in lines.items() if count > FILE_LINES and n not in LONG} == {}


def test_no_function_is_long():
    long = [
        f"{name_of(path)}:{node.name}"
        for path in PYTHON
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    ]
    assert [name for name in long if name not in LONG] == []


def long_sql(path: Path) -> Iterator[str]:
    """Places of SQL that runs over more than one line of a module."""
    nodes = list(ast.walk(tree_of(path)))
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if id(node) in docstrings or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        if node.end_lineno > node.lineno:
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            start = parts[0].value if isinstance(parts[0], ast.Constant) else ""
            if isinstance(start, str) and SQL.match(start):
                yield f"{name_of(path)}:{node.lineno}"


def test_sql_longer_than_a_line_lives_in_a_file_of_its_own():
    assert [place for path in SOURCES for place in long_sql(path)] == []


def test_the_top_level_holds_what_a_newcomer_expects(tracked):
    assert {path.parts[0] for path in tracked} <= TOP_LEVEL


def test_no_file_names_a_machine_or_a_package_host(tracked):
    found = []
    for path in tracked:
        try:
            text = (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a workbook or an export in another encoding
        places = [*MACHINE_PATH.finditer(text), *PACKAGE_HOST.finditer(text)]
        found += [f"{path}: {place.group()}" for place in places]
    assert not found


def test_the_rules_catch_what_they_are_for():
    """Each pattern is tried on something it must find and something it must not."""
    assert MACHINE_PATH.search(f"see {'/home'}/someone/x.csv")
    assert not MACHINE_PATH.search("data/work/x.csv")
    assert PACKAGE_HOST.search(f"https://{'files'}.pythonhosted.org/x")
    assert not PACKAGE_HOST.search("https://doi.org/10.1000/1")
    assert SQL.match("\n  create or replace temp table x as\n select 1")
    assert SQL.match("with a as (select 1) select * from a")
    assert not SQL.match("with that batch left out\nnothing remains")
