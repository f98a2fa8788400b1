"""The examples in what imports Spark, which are not looked for where it is not installed."""

import doctest
from importlib import import_module

import pytest

pytestmark = pytest.mark.long


@pytest.mark.parametrize("name", ["translation", "dates"])
def test_examples_are_right(name):
    pytest.importorskip("pyspark")
    module = import_module(f"valuation.engine.spark.{name}")
    done = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert done.attempted > 0
    assert done.failed == 0
