"""Fixtures of the tests of validation: every case computed once."""

import datetime

import pytest

from valuation.uncertain import Source
from valuation.validate import validate_cases

DRAWS = 1000


@pytest.fixture(scope="session")
def source():
    return Source(1, DRAWS)


@pytest.fixture(scope="session")
def results(tables, source):
    """Results by case."""
    found = validate_cases(tables, source, "china-net", datetime.date(2026, 11, 22))
    return {result.case["case_id"]: result for result in found}
