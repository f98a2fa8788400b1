"""Faults in what is pooled, one by one: evidence, errors, and priors that would count twice."""

import json
import shutil

import pytest

from tests.test_check import damage, remove
from valuation.check import structure
from valuation.check.pooling import check_pooling
from valuation.check.sheet import read_sheet
from valuation.tables import data_directory

TABLES = ("assumption", "measurement", "magnet_mass", "alloy", "material_element", "evidence",
          "pooled_quantity", "pooling_error", "sources")  # fmt: skip

QUANTITIES, EVIDENCE = "content/pooled_quantity.csv", "content/evidence.csv"
ERRORS = "content/pooling_error.csv"
TU = ("voice-coil-ree-total", "tu-berlin", "add")
AIST = ("desktop-magnet-share", "aist-about")


@pytest.fixture
def folder(tmp_path):
    """The tables that pooling reads, and no other: quick to check again and again."""
    names = ["datapackage.json", *(resource["path"] for resource in described())]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(data_directory() / name, tmp_path / name)
    return tmp_path


def described():
    text = (data_directory() / "datapackage.json").read_text(encoding="utf-8")
    return [r for r in json.loads(text)["resources"] if r["name"] in TABLES]


def problems_in(folder):
    """What is wrong in the form and the meaning of these tables."""
    book = {}
    for resource in described():
        text = (folder / resource["path"]).read_text(encoding="utf-8")
        book[resource["name"]], _ = read_sheet(resource, text)
    pooled = [book[name] for name in ("evidence", "pooled_quantity", "pooling_error")]
    form = [p for sheet in pooled for p in structure.check_cells(sheet)]
    return [
        *form,
        *(p for sheet in pooled for p in structure.check_references(sheet, book)),
        *check_pooling(book),
    ]


def test_the_shipped_evidence_has_no_fault(folder):
    assert problems_in(folder) == []


CELL_FAULTS = [
    # a quantity that would replace a row nobody has
    (QUANTITIES, ("voice-coil-dy",), "row_key", "sintered-voice-coil/dy_mean", "is no key of"),
    # a ratio to another class has no prior of its own that could stand beside data
    (QUANTITIES, ("notebook-ratio",), "independent_of_data", "true", "cannot be true of"),
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
def test_a_wrong_cell_is_named(folder, file, key, column, value, reason):
    damage(folder, file, key, column, value)
    problems = problems_in(folder)
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
def test_a_prior_fitted_to_the_evidence_is_not_used_beside_it(folder, basis, source, reason):
    damage(folder, QUANTITIES, ("voice-coil-ree-total",), "independent_of_data", "true")
    alloy = ("sintered-voice-coil", "any", "ree_total")
    damage(folder, "content/alloy.csv", alloy, "basis", basis)
    damage(folder, "content/alloy.csv", alloy, "source_id", source)
    found = [p for p in problems_in(folder) if p.column == "independent_of_data"]
    assert [reason in p.reason for p in found] == ([True] if reason else [])


def test_a_missing_default_and_a_quantity_without_evidence_are_named(folder):
    remove(folder, "assumption.csv", ("pooling_tau_scale",))
    for reading in ("tu-berlin", "habib", "habib"):
        remove(folder, EVIDENCE, ("voice-coil-dy", reading))
    reasons = [p.reason for p in problems_in(folder)]
    assert "the default pooling_tau_scale is missing" in reasons
    assert "has no evidence that is used" in reasons
