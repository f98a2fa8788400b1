"""Where Spark is asked for and not installed, one sentence says how to install it."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

from valuation.cli import main
from valuation.engine import spark
from valuation.errors import SettingsError, UsageError
from valuation.settings import Settings


@pytest.fixture
def _not_installed(monkeypatch):
    absent = ("pyspark", "sqlglot")
    monkeypatch.setattr(spark, "find_spec", lambda n: None if n in absent else find_spec(n))


@pytest.mark.usefixtures("_not_installed")
def test_asking_for_spark_that_is_not_installed_ends_with_2_and_says_how(tmp_path, capsys):
    code = main(["value", "fleet", "--engine", "spark", "--db", str(tmp_path / "x.duckdb")])
    said = capsys.readouterr().err
    assert code == 2
    assert "pyspark and sqlglot is not installed" in said
    assert "pip install 'valuation[spark]'" in said


def test_a_run_without_spark_imports_nothing_of_it():
    program = "import sys, valuation.api; print({'pyspark', 'sqlglot', 'py4j'} & set(sys.modules))"
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "set()"


def test_tables_of_spark_ask_for_its_engine():
    with pytest.raises(UsageError, match="--engine spark"):
        Settings(spark_tables=("fleet.assets",))


def test_an_engine_nobody_knows_is_refused_with_the_nearest():
    with pytest.raises(SettingsError, match="Did you mean `spark`"):
        Settings(engine="sparc")


def test_standard_input_is_not_for_spark(tmp_path, capsys):
    code = main(["value", "-", "--engine", "spark", "--db", str(tmp_path / "x.duckdb")])
    assert code == 2
    assert "Spark reads no standard input" in capsys.readouterr().err
