"""What a person said goes before what the program decides: on which items, and what it fills."""

import datetime

import polars as pl
import pytest

from tests.identity.conftest import COLUMNS, item_frame
from valuation.errors import InputError
from valuation.frames import RAW_TEXTS, item_id
from valuation.identity import Overrides, identify, read_overrides
from valuation.identity.answers import Answer, item_key
from valuation.identity.overrides import OVERRIDE_COLUMNS
from valuation.sheet import read_sheet, sheet_text

SAID = {"by": "J. Kim", "on": datetime.date(2026, 2, 1), "why": "label read"}
ODD = {"manufacturer": "Acme", "model": "XYZ-123", "type": "Misc"}
DRIVE = {"manufacturer": "Seagate", "model": "ST4000NM0033-9ZM170", "capacity": "4 TB"}


def answer(row, kind="fan", **said):
    """A person's answer to an item."""
    return Answer(texts=tuple(row.get(c, "") for c in COLUMNS), kind=kind, **SAID, **said)


@pytest.fixture
def with_answers(tables):
    """Identities of rows, in their order, with answers given before."""

    def identities(answers, *rows):
        return identify(item_frame(rows), tables, Overrides(tuple(answers))).items.to_dicts()

    return identities


def test_an_answer_is_the_identity_of_its_item(with_answers, tables):
    (row,) = with_answers([answer(ODD, fan_size_mm=80)], ODD)
    assert (row["kind"], row["item_class"], row["fan_size_mm"]) == ("fan", "fan-80-standard", 80)
    assert row["method"] == "reviewed" and row["counted"] and row["runner_up"] is None
    assert row["matched_on"] == "J. Kim on 2026-02-01: label read"
    confidence = tables.frame("method_confidence").filter(pl.col("method") == "reviewed")
    assert row["confidence"] == confidence["value"].item() < 1


def test_the_evidence_tells_who_said_so_beside_what_the_texts_say(tables):
    result = identify(item_frame([DRIVE]), tables, Overrides((answer(DRIVE, "ssd"),)))
    found = result.evidence.to_dicts()
    (person,) = (row for row in found if row["method"] == "reviewed")
    assert person["candidate"] == "ssd: a person (these texts)" and person["used"]
    others = [row for row in found if row["method"] != "reviewed"]
    assert others and not any(row["used"] for row in others)


def test_the_latest_answer_holds_and_one_taken_back_does_not(with_answers):
    fan, psu, back = answer(ODD), answer(ODD, "psu"), answer(ODD, "")
    assert with_answers([fan, psu], ODD)[0]["kind"] == "psu"
    assert with_answers([psu, fan], ODD)[0]["kind"] == "fan"
    assert with_answers([fan, back], ODD)[0]["method"] == "abstain"
    assert with_answers([fan, back, psu], ODD)[0]["kind"] == "psu"


@pytest.mark.parametrize(
    "other",
    [
        ODD | {"type": "Hardware"},
        ODD | {"model": "xyz 123", "manufacturer": "ACME"},
        ODD | {"model": "XYZ123", "description": "spare of rack 4"},
        ODD | {"model": "Acme XYZ-123"},
    ],
)
def test_an_item_of_the_same_maker_model_and_part_number_is_known_too(with_answers, other):
    (row,) = with_answers([answer(ODD, fan_size_mm=80)], other)
    assert (row["kind"], row["method"], row["fan_size_mm"]) == ("fan", "reviewed", 80)
    assert row["matched_on"] == "J. Kim on 2026-02-01 of Acme XYZ-123: label read"


@pytest.mark.parametrize(
    "other",
    [
        ODD | {"manufacturer": "Other"},
        ODD | {"manufacturer": ""},
        ODD | {"model": "XYZ-124"},
        ODD | {"part_number": "P-0099"},
        ODD | {"model": "", "part_number": "XYZ-123"},
    ],
)
def test_an_item_of_another_maker_model_or_part_number_is_not(with_answers, other):
    assert with_answers([answer(ODD)], other)[0]["method"] != "reviewed"


@pytest.mark.parametrize("model", ["", "see ticket", "Server", "R1", "12"])
def test_what_is_no_code_makes_no_two_items_one(with_answers, model):
    asked = {"manufacturer": "Acme", "model": model, "type": "Misc"}
    same, other = with_answers([answer(asked)], asked, asked | {"type": "Hardware"})
    assert same["method"] == "reviewed" and other["method"] != "reviewed"


def test_answers_that_differ_settle_their_own_items_only(with_answers):
    second, third = ODD | {"type": "A"}, ODD | {"type": "B"}
    answers = [answer(ODD, "fan"), answer(second, "psu")]
    kinds = [row["kind"] for row in with_answers(answers, ODD, second, third)]
    assert kinds == ["fan", "psu", "unidentified"]
    agreed = [answer(ODD, "fan"), answer(second, "fan")]
    assert with_answers(agreed, third)[0]["kind"] == "fan"


def test_what_the_row_says_beside_the_number_may_make_it_another_thing(with_answers, identity_of):
    sensor = ODD | {"description": "XYZ-123 temperature sensor"}
    assert not identity_of(sensor)["counted"]
    (row,) = with_answers([answer(ODD)], sensor)
    assert row["method"] != "reviewed" and not row["counted"]
    supply = ODD | {"description": "power supply", "type": "Power Supply"}
    assert with_answers([answer(ODD)], supply)[0]["kind"] == "psu"
    as_asked = answer(ODD, program_kind="psu")
    assert with_answers([as_asked], supply)[0]["kind"] == "fan"


def test_an_item_of_another_capacity_is_another_product(with_answers):
    asked = answer(ODD, "hdd", capacity_gb=4000.0)
    same, other, silent = with_answers(
        [asked],
        ODD | {"capacity": "4 TB"},
        ODD | {"capacity": "8 TB"},
        ODD | {"type": "Unknown"},
    )
    assert [row["method"] == "reviewed" for row in (same, other, silent)] == [True, False, True]
    assert silent["capacity_gb"] == 4000


def test_that_it_cannot_be_told_holds_for_its_own_item_only(with_answers):
    other = ODD | {"type": "Hardware"}
    same, alike = with_answers([answer(ODD, "unidentified")], ODD, other)
    assert (same["kind"], same["method"], same["item_class"]) == ("unidentified", "reviewed", None)
    assert alike["method"] == "abstain"


def test_what_is_left_open_is_read_from_the_texts(with_answers, identity_of):
    alone = identity_of(DRIVE)
    (row,) = with_answers([answer(DRIVE, "hdd")], DRIVE)
    told = {"method", "matched_on", "confidence"}
    assert {k: v for k, v in row.items() if k not in told} == {
        k: v for k, v in alone.items() if k not in told
    }
    (odd,) = with_answers([answer(ODD | {"capacity": "8 TB"}, "hdd")], ODD | {"capacity": "8 TB"})
    assert odd["capacity_gb"] == 8000


def test_of_another_kind_nothing_is_taken_over(with_answers, identity_of):
    assert identity_of(DRIVE)["rpm"]
    (row,) = with_answers([answer(DRIVE, "fan")], DRIVE)
    assert (row["rpm"], row["capacity_gb"], row["item_class"]) == (None, None, "fan-unspecified")
    assert row["family"] is None and row["launch_year"] is None


def test_an_attribute_filled_in_goes_before_the_text_and_decides_the_class(with_answers):
    (row,) = with_answers([answer(DRIVE, "hdd", capacity_gb=8000.0, rpm=5400)], DRIVE)
    assert (row["capacity_gb"], row["rpm"], row["capacity_source"]) == (8000, 5400, "reviewed")
    (small,) = with_answers([answer(DRIVE, "hdd", form_factor_in=2.5)], DRIVE)
    assert small["item_class"].startswith("hdd-2.5") and small["family"] is None
    (told,) = with_answers([answer(DRIVE, "hdd", item_class="hdd-3.5-desktop")], DRIVE)
    assert told["item_class"] == "hdd-3.5-desktop"


def test_a_family_named_brings_what_is_known_of_it(with_answers, identity_of):
    known = identity_of({"manufacturer": "Dell", "model": "PowerEdge R740"})
    named = answer(ODD, "server", manufacturer="dell", family="PowerEdge R740")
    (row,) = with_answers([named], ODD)
    for name in ("manufacturer", "family_key", "item_class", "u_height", "launch_year"):
        assert row[name] == known[name], name
    (new,) = with_answers([answer(ODD, "server", manufacturer="Acme", family="Big One")], ODD)
    assert (new["family"], new["family_key"]) == ("Big One", "acme/bigone")


def test_a_host_a_person_names_has_its_contents(tables):
    said = answer(ODD, "server", manufacturer="Dell", family="PowerEdge R740")
    parts = identify(item_frame([ODD]), tables, Overrides((said,))).host_parts
    assert {"fan", "psu"} <= set(parts["component_kind"])
    cable = identify(item_frame([ODD]), tables, Overrides((answer(ODD, "cable"),))).host_parts
    assert cable.is_empty()


def test_what_is_no_part_is_not_counted_and_what_is_one_counts_again(with_answers, identity_of):
    (row,) = with_answers([answer(ODD, "other", counted=False)], ODD)
    assert (row["counted"], row["not_counted_reason"]) == (False, "not_a_part")
    bay = {"model": "Fan bay 3 empty"}
    reason = identity_of(bay)["not_counted_reason"]
    assert reason
    assert with_answers([answer(bay, "other")], bay)[0]["not_counted_reason"] == reason
    assert with_answers([answer(bay, "other", counted=True)], bay)[0]["counted"]
    assert with_answers([answer(bay, "fan")], bay)[0]["counted"]


def test_pieces_are_those_of_the_row_that_was_reviewed(with_answers):
    other = ODD | {"type": "Hardware"}
    own, alike = with_answers([answer(ODD, "hdd", pieces=24)], ODD, other)
    assert (own["pieces"], own["pieces_rule"]) == (24, "each")
    assert (alike["pieces"], alike["pieces_rule"]) == (1, None)
    lot = {"manufacturer": "Seagate", "model": "ST4000NM0033", "description": "LOT OF 40"}
    (read,) = with_answers([answer(lot, "hdd")], lot)
    (told,) = with_answers([answer(lot, "hdd", pieces=1)], lot)
    assert (read["pieces"], told["pieces"]) == (40, 1)


def test_without_answers_nothing_changes(tables):
    items = item_frame([ODD, DRIVE])
    plain, empty = identify(items, tables), identify(items, tables, Overrides())
    assert plain.items.equals(empty.items) and plain.evidence.equals(empty.evidence)


def test_the_version_is_that_of_the_answers_that_hold():
    fan, psu = answer(ODD), answer(DRIVE, "hdd")
    assert Overrides().version == ""
    assert Overrides((fan, answer(ODD, ""))).version == ""
    assert Overrides((fan, psu)).version == Overrides((psu, fan)).version
    assert Overrides((answer(ODD, "psu"), fan)).version == Overrides((fan,)).version
    assert Overrides((fan,)).version != Overrides((answer(ODD, "psu"),)).version


def test_the_file_gives_back_what_was_put_in(tables, tmp_path):
    odd = {"model": "'=1+1", "part_number": "00123", "description": 'a,"b"\r\nc', "type": "é"}
    whole = answer(
        odd, "hdd", item_class="hdd-unspecified", manufacturer="=M", family="'F", rpm=7200,
        form_factor_in=3.5, capacity_gb=1920.5, pieces=3, counted=True, program_kind="ssd",
    )  # fmt: skip
    kept = Overrides((answer(ODD, u_height=None), whole, answer(odd, "")))
    path = tmp_path / "overrides.csv"
    path.write_text(kept.text(), encoding="utf-8-sig", newline="")
    assert read_overrides(path, tables) == kept


def test_no_file_and_an_empty_one_hold_no_answer(tables, tmp_path):
    path = tmp_path / "overrides.csv"
    assert read_overrides(path, tables) == Overrides()
    for text in ("", Overrides().text()):
        path.write_text(text, encoding="utf-8")
        assert read_overrides(path, tables) == Overrides()


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("entry", "maybe", "row 2, column entry: `maybe` is no entry. Write `reviewed`"),
        ("item", "item-00", "row 2, column item: `item-00` is no key"),
        ("model_raw", "XYZ-124", "row 2, column item: `item-"),
        ("reviewed_kind", "fann", "row 2, column reviewed_kind: `fann` is no kind. Did you mean"),
        ("reviewed_fan_size_mm", "wide", "row 2, column reviewed_fan_size_mm: `wide` cannot"),
        ("reviewed_by", "", "row 2, column reviewed_by: the empty cell does not say who"),
        ("reviewed_on", "", "row 2, column reviewed_on: the empty cell says no day"),
        ("reviewed_on", "soon", "row 2, column reviewed_on: `soon` is no day"),
    ],
)
def test_a_file_broken_by_hand_is_named_to_the_cell(tables, tmp_path, column, cell, words):
    path = tmp_path / "overrides.csv"
    row = {"entry": "reviewed"} | answer(ODD).cells()
    path.write_text(sheet_text(OVERRIDE_COLUMNS, [row | {column: cell}]), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_overrides(path, tables)
    assert str(caught.value).startswith(f"{path}, {words}") and caught.value.hint


def test_a_file_without_a_column_is_named(tables, tmp_path):
    path = tmp_path / "overrides.csv"
    columns = [c for c in OVERRIDE_COLUMNS if c != "reviewed_by"]
    path.write_text(sheet_text(columns, []), encoding="utf-8")
    with pytest.raises(InputError, match="no column `reviewed_by`"):
        read_overrides(path, tables)


def test_the_key_of_an_answer_is_the_key_of_its_item():
    cells = answer(ODD).cells()
    texts = tuple(ODD.get(c, "") for c in COLUMNS)
    assert cells["item"] == item_key(item_id(texts))
    assert [cells[name] for name in RAW_TEXTS] == list(texts)


def test_the_columns_of_the_file_are_read_in_any_order(tables, tmp_path):
    path = tmp_path / "overrides.csv"
    row = {"entry": "reviewed"} | answer(ODD).cells()
    path.write_text(sheet_text(OVERRIDE_COLUMNS[::-1], [row]), encoding="utf-8")
    assert read_sheet(path, OVERRIDE_COLUMNS).columns == OVERRIDE_COLUMNS[::-1]
    assert read_overrides(path, tables) == Overrides((answer(ODD),))
