"""What the classifier is told of sizes, and which of its answers are believed."""

import pytest

from valuation.identity.model.classifier import SIZE_MARKS, unmarked, words_of
from valuation.identity.open_texts import believed, kind_clues, read_item, told_of
from valuation.identity.reference import Reference
from valuation.identity.traits import Clue

COLUMNS = ("manufacturer", "model", "part_number", "description", "type", "capacity")


@pytest.fixture(scope="module")
def reference(tables):
    return Reference(tables)


def item_of(reference, text, column="model"):
    row = {"item_id": 0, **{f"{c}_raw": text if c == column else "" for c in COLUMNS}}
    return read_item(row, reference)[0]


@pytest.mark.parametrize(
    ("text", "sold"),
    [
        ("QZCA032GXY", "ssd"),
        ("QZ-64GM41", "ssd"),
        ("QZ-M2NE3256GNT", "ssd"),
        ("QZ-019T-1H", "ssd"),
        ("QZ4000GXY", "hdd ssd"),
        ("QZ 4000G XY", "hdd ssd"),
        ("QZ14000GXY", "hdd ssd"),  # an SSD of 4 TB, if 1 is of the line
    ],
)
@pytest.mark.parametrize("column", ["model", "part_number"])
def test_the_size_a_code_spells_is_told_by_who_is_sold_in_it(reference, text, sold, column):
    told = told_of(item_of(reference, text, column), reference)
    assert told == text + SIZE_MARKS[sold]


@pytest.mark.parametrize(
    "text",
    [
        "QZ16G4RFD424A",  # a memory module
        "QZ-12G SAS",  # the speed of a link
        "OSFP-800G-DR8",
        "QZ-240-BLUE",  # the number of a line
        "WIDGET 500GB",  # people write so, of anything
        "TEST 1TB",
        "BLUE 64GB QZ240GXY",
        "XYZ-123",
        "QX 100 BLUE",
        "2E256-QZ",
    ],
)
def test_where_no_code_spells_a_size_only_the_words_are_told(reference, text):
    item = item_of(reference, text)
    assert told_of(item, reference) == words_of(item)


def test_nobody_is_shown_the_mark():
    for mark in SIZE_MARKS.values():
        assert unmarked(f"QZ032GXY{mark}") == "QZ032GXY"
    assert unmarked("QZ032GXY") == "QZ032GXY"


def test_evidence_quotes_the_words_alone():
    class Sure:
        def best(self, _, __):
            return [("ssd", 0.9)]

    text = f"QZ032GXY{SIZE_MARKS['ssd']}"
    (clue,) = kind_clues(Sure(), [text])[text]
    assert isinstance(clue, Clue)
    assert clue.matched == "QZ032GXY"


def answers(**chances):
    return [
        Clue("classifier", "classifier", k, w, "letters alike", "QZ") for k, w in chances.items()
    ]


def test_which_drive_it_is_a_maker_of_one_kind_knows_better_than_letters(reference):
    row = {"item_id": 0, **{f"{c}_raw": "" for c in COLUMNS}, "model_raw": "QZ4711XYAB"}
    item, clues = read_item(row | {"manufacturer_raw": "Maxtor"}, reference)
    kept = believed(item, clues, answers(ssd=0.7, hdd=0.2, switch=0.1))
    assert [(c.kind, round(c.weight, 6)) for c in kept] == [("hdd", 0.9), ("switch", 0.1)]
    # what is no drive is as likely as before, and so is the kind the maker makes
    for said in (answers(switch=0.7, hdd=0.2), answers(hdd=0.9)):
        assert believed(item, clues, said) == said


def test_a_maker_of_both_kinds_leaves_the_letters_their_answer(reference):
    row = {"item_id": 0, **{f"{c}_raw": "" for c in COLUMNS}, "model_raw": "QZ4711XYAB"}
    item, clues = read_item(row | {"manufacturer_raw": "Seagate"}, reference)
    said = answers(ssd=0.7, hdd=0.2)
    assert believed(item, clues, said) == said
