"""Faults in what is pooled, one by one: evidence, errors, and priors that would count twice."""

import shutil

import pytest

from tests.test_check import damage, new_problems, remove
from valuation.check import check_tables
from valuation.tables import data_directory, load_tables

QUANTITIES, EVIDENCE = "content/pooled_quantity.csv", "content/evidence.csv"
ERRORS = "content/pooling_error.csv"
TU = ("voice-coil-ree-total", "tu-berlin", "add")
AIST = ("desktop-magnet-share", "aist-about")


@pytest.fixture(scope="module")
def before():
    """What is wrong without the fault: nothing, once the shipped data is right."""
    return set(check_tables(load_tables()))


@pytest.fixture
def folder(tmp_path):
    ignored = shutil.ignore_patterns("samples")
    return shutil.copytree(data_directory(), tmp_path / "data", ignore=ignored)


CELL_FAULTS = [
    # a quantity that would replace a row nobody has
    (QUANTITIES, ("voice-coil-dy",), "row_key", "sintered-voice-coil/dy_mean", "is no key of"),
    # a ratio to another class has no prior of its own that could stand beside data
    (QUANTITIES, ("notebook-magnet-ratio",), "independent_of_data", "true", "cannot be true of"),
    (QUANTITIES, ("voice-coil-dy",), "independent_of_data", "", "is empty and must not be"),
    # an error of nothing would make one source the only one
    (ERRORS, ("voice-coil-ree-total", "tau_scale"), "value", "0", "is not above zero"),
    ("assumption.csv", ("pooling_reporting_error",), "value", "0", "is not above zero"),
    # evidence that names no measurement
    (EVIDENCE, TU, "source_id", "habib-2014", "is not in content/measurement.csv"),
    (EVIDENCE, TU, "directness", "", "is empty in a row that is used"),
    # one row of a reading says otherwise than the others
    (EVIDENCE, TU, "directness", "indirect", "differs from the other rows of tu-berlin"),
    # a share of a drive without saying whether the spindle ring is in it, and the other way round
    (EVIDENCE, AIST, "boundary", "", "is filled for magnets of drives"),
    (EVIDENCE, TU, "boundary", "voice_coil", "is filled for magnets of drives"),
    # what is left out says why
    (EVIDENCE, ("desktop-magnet-share", "naruto"), "note", "", "says why"),
    # a reading that only divides
    (EVIDENCE, AIST, "part", "over", "aist-about adds nothing"),
    # two groups told as one reading
    (EVIDENCE, AIST, "reading_id", "brgm", "is of several research groups: aist-kinki, brgm"),
]


@pytest.mark.parametrize(("file", "key", "column", "value", "reason"), CELL_FAULTS)
def test_a_wrong_cell_is_named(folder, before, file, key, column, value, reason):
    damage(folder, file, key, column, value)
    problems = new_problems(folder, before)
    assert any(reason in str(p) and p.file == file for p in problems), [str(p) for p in problems]
    assert all(p.row for p in problems if p.file == file and reason in p.reason)


@pytest.mark.parametrize(
    ("basis", "source", "reason"),
    [
        ("reported", "reegain-extraction", "rests on reegain-extraction, which is pooled too"),
        ("reported", "abri-2011", None),
        ("derived", "abri-2011", "it is not used beside them"),
    ],
)
def test_a_prior_fitted_to_the_evidence_is_not_used_beside_it(
    folder, before, basis, source, reason
):
    damage(folder, QUANTITIES, ("voice-coil-ree-total",), "independent_of_data", "true")
    alloy = ("sintered-voice-coil", "any", "ree_total")
    damage(folder, "content/alloy.csv", alloy, "basis", basis)
    damage(folder, "content/alloy.csv", alloy, "source_id", source)
    found = [p for p in new_problems(folder, before) if p.column == "independent_of_data"]
    assert [reason in p.reason for p in found] == ([True] if reason else [])


def test_a_missing_default_and_a_quantity_without_evidence_are_named(folder, before):
    remove(folder, "assumption.csv", ("pooling_tau_scale",))
    for reading in ("tu-berlin", "habib", "habib"):
        remove(folder, EVIDENCE, ("voice-coil-dy", reading))
    reasons = [p.reason for p in new_problems(folder, before)]
    assert "the default pooling_tau_scale is missing" in reasons
    assert "has no evidence that is used" in reasons
