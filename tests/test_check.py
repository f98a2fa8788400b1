"""Faults put into a copy of the shipped data, one by one: each is found and named by its cell."""

import csv
import json
import shutil

import pytest

from valuation.check import Problem, check_tables
from valuation.check.sheet import parse, read_sheet
from valuation.tables import data_directory, load_tables


@pytest.fixture
def folder(tmp_path):
    ignored = shutil.ignore_patterns("samples")
    return shutil.copytree(data_directory(), tmp_path / "data", ignore=ignored)


@pytest.fixture(scope="module")
def before():
    """What is wrong without the fault: nothing, once the shipped data is right."""
    return set(check_tables(load_tables()))


def records_of(file):
    with file.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


def write(file, records):
    with file.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(records)


def find(records, key):
    """Index of the first record whose first cells are the key."""
    return next(i for i, record in enumerate(records) if i and tuple(record[: len(key)]) == key)


def damage(folder, file, key, column, value):
    """Put a value into one cell; returns the row as a spreadsheet counts it."""
    records = records_of(folder / file)
    row = find(records, key)
    records[row][records[0].index(column)] = value
    write(folder / file, records)
    return row + 1


def remove(folder, file, key):
    records = records_of(folder / file)
    del records[find(records, key)]
    write(folder / file, records)


def new_problems(folder, before):
    return [p for p in check_tables(load_tables(folder)) if p not in before]


CONTENT, RECOVERY, PRICE = "content/", "recovery/", "price/"
HOSTS, COSTS = "content/host_content.csv", "recovery/cost.csv"
CAPTURES, PULLED = "recovery/capture.csv", ("dismantle-voice-coil", "voice_coil")
AIR = ("hdd-3.5-nearline-air",)
CELL_FAULTS = [
    # a number typed with a decimal comma
    (CONTENT + "gross_mass.csv", AIR, "value", "0,71", "is not a number"),
    # no number at all, and one that Python reads and a spreadsheet does not
    (CONTENT + "gross_mass.csv", AIR, "value", "nan", "is not a number"),
    (CONTENT + "gross_mass.csv", AIR, "value", "1_0", "is not a number"),
    # negative mass
    (CONTENT + "gross_mass.csv", AIR, "value", "-0.71", "is below 0"),
    # the value outside its own interval: a slip of the decimal point
    (CONTENT + "gross_mass.csv", AIR, "value", "7.1", "wrong spread"),
    # a lognormal cannot reach zero
    (CONTENT + "material_element.csv", ("board-server", "ge"), "low", "0", "not above zero"),
    # a share above 1
    (CONTENT + "bare_share.csv", ("server-1u",), "high", "1.2", "no share between 0 and 1"),
    # one SD below must be as far as one SD above
    (CONTENT + "alloy.csv", ("sintered-voice-coil", "any", "ree_total"), "low", "0.2", "one SD"),
    # a word that is not in the list
    (CONTENT + "gross_mass.csv", AIR, "basis", "guessed", "is not one of measured"),
    (CONTENT + "gross_mass.csv", AIR, "spread_kind", "normal", "is not one of exact"),
    # a number without unit, source or place in the source
    (CONTENT + "gross_mass.csv", AIR, "unit", "", "must not be"),
    (CONTENT + "gross_mass.csv", AIR, "locator", "", "must not be"),
    (CONTENT + "gross_mass.csv", AIR, "source_id", "hearsay-1999", "is not in sources.csv"),
    # grams in a column of kilograms
    (CONTENT + "gross_mass.csv", AIR, "unit", "g", "is not one of kg"),
    # a judgement nobody answers for
    (CONTENT + "gross_mass.csv", AIR, "owner", "", "owner and a day of review"),
    (CONTENT + "gross_mass.csv", AIR, "review_on", "", "owner and a day of review"),
    # a day that does not exist
    (CONTENT + "gross_mass.csv", AIR, "review_on", "2027-02-31", "is not a date"),
    # blanks that a join would trip over
    (CONTENT + "gross_mass.csv", AIR, "unit", "kg ", "has blanks around it"),
    # a class nobody knows
    (CONTENT + "prior_mix.csv", ("cable-unspecified",), "item_class", "cable-thick", "is not in"),
    # a kind that is not in the model
    (CONTENT + "item_class.csv", AIR, "kind", "harddisk", "is not one of"),
    # an exact number with limits
    (CONTENT + "alloy.csv", ("bonded-ndfeb", "any", "coating"), "low", "0", "that is exact"),
    # a magnet without composition
    (CONTENT + "magnet_mass.csv", (*AIR, "spindle"), "alloy_id", "samarium", "is not one of"),
    # a board of no type, and a type on something that is no board
    (CONTENT + "material_share.csv", (*AIR, "drive_board"), "board_type", "", "filled for boards"),
    (CONTENT + "material_share.csv", (*AIR, "steel"), "board_type", "board-hdd", "for boards"),
    # contents in something that is no host
    (CONTENT + "host_content.csv", ("server-1u", "fan"), "host_key", "fan-tray", "no host class"),
    # an element the model does not follow
    (CONTENT + "null_reason.csv", ("gd",), "element", "xx", "is no element"),
    # capture into nothing known, with no sink for the rest, of no stream
    (CAPTURES, PULLED, "to", "moon", "is not one of"),
    (CAPTURES, PULLED, "sink", "", "must not be"),
    (CAPTURES, PULLED, "stream", "coil", "is not one of"),
    # a step counted wrong
    (RECOVERY + "route_step.csv", ("shred-to-steel", "2"), "step_no", "7", "count from 1"),
    # more captured than there is
    (CAPTURES, PULLED, "value", "1.5", "is above 1"),
    # a step no route takes
    (CAPTURES, PULLED, "step_id", "teleport", "is in no route"),
    (COSTS, ("pickup-freight",), "step_id", "teleport", "is in no route"),
    # VAT unknown, a middle outside its range, seen after it was printed
    (PRICE + "price.csv", (), "vat_included", "", "must not be"),
    (PRICE + "price.csv", (), "mid", "99999999", "is not inside"),
    (PRICE + "price.csv", (), "observed_on", "2031-01-01", "is after the day it was published"),
    # a deck that reads prices nobody quotes
    (
        PRICE + "deck_choice.csv",
        ("china-net",),
        "price_basis",
        "spot",
        "is the basis of no price of",
    ),
    # a cost without its day
    (COSTS, ("pickup-freight",), "priced_on", "", "a cost needs the day"),
]
FAULTS_SEEN_ELSEWHERE = [
    # an interval without an end makes the value's spread wrong
    (CONTENT + "gross_mass.csv", AIR, "high", "", "value", "wrong spread"),
    # fans listed as power supplies: the class no longer fits
    (HOSTS, ("server-1u", "fan"), "component_kind", "psu", "component_class", "of the kind psu"),
    # said to be unknown, with a value and without a reason
    (COSTS, ("pickup-freight",), "unknown", "true", "value", "marked unknown"),
    (COSTS, ("pickup-freight",), "unknown", "true", "unknown_reason", "must say why"),
]


@pytest.mark.parametrize(("file", "key", "column", "value", "reason"), CELL_FAULTS)
def test_a_damaged_cell_is_named_by_file_row_column_and_value(
    folder, before, file, key, column, value, reason
):
    row = damage(folder, file, key, column, value)
    found = [p for p in new_problems(folder, before) if reason in p.reason]
    assert (file, row, column, value or None) in [(p.file, p.row, p.column, p.value) for p in found]


@pytest.mark.parametrize(
    ("file", "key", "column", "value", "seen", "reason"), FAULTS_SEEN_ELSEWHERE
)
def test_a_cell_that_makes_another_wrong_is_found_in_its_row(
    folder, before, file, key, column, value, seen, reason
):
    row = damage(folder, file, key, column, value)
    found = [p for p in new_problems(folder, before) if reason in p.reason]
    assert (file, row, seen) in [(p.file, p.row, p.column) for p in found]


def test_all_faults_are_found_in_one_pass(folder, before):
    damage(folder, CONTENT + "gross_mass.csv", AIR, "value", "heavy")
    damage(folder, CONTENT + "alloy.csv", ("bonded-ndfeb",), "source_id", "hearsay-1999")
    damage(folder, "sources.csv", ("own-judgement",), "year", "last year")
    files = {p.file for p in new_problems(folder, before)}
    assert {"content/gross_mass.csv", "content/alloy.csv", "sources.csv"} <= files


def test_a_problem_reads_as_a_sentence():
    problem = Problem("content/gross_mass.csv", 7, "value", "0,71", "is not a number")
    assert str(problem) == "content/gross_mass.csv, row 7, column value: `0,71` is not a number."
    whole = Problem("content/new.csv", None, None, None, "the file is not described")
    assert str(whole) == "content/new.csv: the file is not described."


@pytest.mark.parametrize(
    ("file", "key", "reason"),
    [
        ("content/gross_mass.csv", AIR, "the class hdd-3.5-nearline-air has no row"),
        ("content/bare_share.csv", ("server-1u",), "the class server-1u has no row"),
        ("content/material_share.csv", (*AIR, "copper"), "add up to 0.985, not to 1"),
        ("content/prior_mix.csv", ("other",), "add up to 0.8, not to 1"),
        ("content/ndfeb_share.csv", ("fan-fast", "beta"), "the share fan-fast has no beta"),
        ("content/alloy.csv", ("bonded-ndfeb", "any", "tb"), "has no tb for every year"),
        ("content/alloy.csv", ("sintered-voice-coil", "to-2012"), "no dy_mean for every year"),
        ("content/alloy.csv", ("sintered-voice-coil", "unknown"), "no share_from_2013"),
        ("content/magnet_spread.csv", ("*", "spindle", "piece"), "has no piece spread"),
        ("recovery/cost.csv", ("board-sale",), "has no cost"),
        ("recovery/route_product.csv", ("shred-to-steel", "steel"), "yields steel"),
        ("price/product.csv", ("nd_oxide",), "the product nd_oxide has no row"),
    ],
)
def test_a_row_that_is_missed_is_named(folder, before, file, key, reason):
    remove(folder, file, key)
    problems = new_problems(folder, before)
    assert any(reason in p.reason for p in problems), [str(p) for p in problems]


def test_a_stream_that_no_step_takes_out_is_left_over(folder, before):
    records = records_of(folder / "recovery/capture.csv")
    stream = records[0].index("stream")
    write(folder / "recovery/capture.csv", [r for r in records if r[stream] != "remainder"])
    reasons = [p.reason for p in new_problems(folder, before)]
    assert any("leaves mass of the stream remainder undecided" in reason for reason in reasons)


@pytest.mark.parametrize(
    ("step_id", "stream", "left"),
    [("carcass-sort", "aluminium", "al, mass"), ("shred-sort", "drive_board", "sn, ta, mass")],
)
def test_a_step_that_names_a_stream_decides_on_all_it_carries(
    folder, before, step_id, stream, left
):
    remove(folder, CAPTURES, (step_id, stream, "*"))
    reasons = [p.reason for p in new_problems(folder, before)]
    assert any(f"{left} of the stream {stream} undecided" in reason for reason in reasons)


def test_a_route_without_steps_and_a_second_default_deck_are_found(folder, before):
    records = records_of(folder / "recovery/route_step.csv")
    write(folder / "recovery/route_step.csv", [r for r in records if r[0] != "reuse"])
    damage(folder, "price/deck.csv", ("fob-china",), "is_default", "true")
    reasons = [p.reason for p in new_problems(folder, before)]
    assert "has no step" in reasons
    assert "2 decks are the default, one must be" in reasons


def test_a_deck_that_reads_no_price_of_a_product_is_found(folder, before):
    records = records_of(folder / "price/deck_choice.csv")
    kept = [r for r in records if r[:2] != ["fob-china", "steel"]]
    write(folder / "price/deck_choice.csv", kept)
    assert "has no choice for steel" in [p.reason for p in new_problems(folder, before)]


def test_an_alloy_of_more_than_itself_is_refused(folder, before):
    file = "content/alloy.csv"
    damage(folder, file, ("bonded-ndfeb", "any", "cobalt"), "value", "0.8")
    damage(folder, file, ("bonded-ndfeb", "any", "cobalt"), "high", "0.9")
    assert any("adds up to 1.095, above 1" in p.reason for p in new_problems(folder, before))


def test_a_repeated_key_names_both_rows(folder, before):
    records = records_of(folder / "content/gross_mass.csv")
    write(folder / "content/gross_mass.csv", [*records, records[1]])
    found = [(p.row, p.value, p.reason) for p in new_problems(folder, before)]
    assert (len(records) + 1, records[1][0], "is the key of row 2 too") in found


def test_a_row_out_of_order_is_found_numbers_by_value_and_text_by_code_point(folder, before):
    for file, key in (("content/gross_mass.csv", 1), ("recovery/route_step.csv", 2)):
        records = records_of(folder / file)
        write(folder / file, [*records[:-2], records[-1], records[-2]])
        found = [p for p in new_problems(folder, before) if p.file == file]
        label = " ".join(records[-2][:key])
        assert (len(records), label) in [(p.row, p.value) for p in found if "order" in p.reason]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda content: content.replace(b"\n", b"\r\n"), "only LF"),
        (lambda content: b"\xef\xbb\xbf" + content, "byte-order mark"),
        (lambda content: content[:-1], "exactly one line end"),
        (lambda content: content + b"\n", "exactly one line end"),
        (lambda content: content.replace(b"\n", b" \n", 1), "ends with blanks"),
        (lambda content: content[:-1] + b"\xfc\n", "not UTF-8"),
        (lambda content: content + b"surplus,cells\n", "the row has 2 cells"),
        (lambda content: content + b'"open,1\n', "is not CSV"),
        (lambda content: content.replace(b"note\n", b"remark\n", 1), "is the header"),
        (lambda _: b"", "is the header"),
    ],
)
def test_a_file_out_of_form_is_found(folder, before, change, reason):
    file = folder / "content/item_class.csv"
    file.write_bytes(change(file.read_bytes()))
    assert any(
        reason in p.reason and p.file == "content/item_class.csv"
        for p in new_problems(folder, before)
    )


def test_a_file_nobody_describes_is_found_and_samples_are_not_reference_data(folder, before):
    (folder / "content/new.csv").write_text("a\n")
    (folder / "samples").mkdir()
    (folder / "samples/export.csv").write_text("a\n")
    problems = new_problems(folder, before)
    assert [p.file for p in problems] == ["content/new.csv"]


def test_a_described_file_that_vanishes_after_loading_is_found(folder):
    tables = load_tables(folder)
    (folder / "content/alloy.csv").unlink()
    reasons = {(p.file, p.reason) for p in check_tables(tables)}
    assert ("content/alloy.csv", "the file is described and does not exist") in reasons


def test_a_table_taken_out_of_the_description_silences_no_rule(folder, before):
    path = folder / "datapackage.json"
    package = json.loads(path.read_text())
    package["resources"] = [r for r in package["resources"] if r["name"] != "prior_mix"]
    path.write_text(json.dumps(package))
    texts = [str(p) for p in new_problems(folder, before)]
    assert any("prior_mix is missing, so `check_shares` cannot run" in text for text in texts)
    assert any(text.startswith("content/prior_mix.csv: the file is not") for text in texts)


def test_a_description_with_gaps_is_found(folder, before):
    path = folder / "datapackage.json"
    package = json.loads(path.read_text())
    resource = next(r for r in package["resources"] if r["name"] == "alloy")
    del resource["schema"]["primaryKey"]
    resource["schema"]["foreignKeys"][0]["fields"] = ["origin"]
    del resource["schema"]["fields"][0]["description"]
    path.write_text(json.dumps(package))
    reasons = {p.reason for p in new_problems(folder, before) if p.file == "datapackage.json"}
    expected = {"has no primaryKey", "has no description of it", "has no such key column"}
    assert expected <= reasons


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("number", "inf"),
        ("integer", "1.0"),
        ("integer", "1e3"),
        ("boolean", "True"),
        ("date", "2026-1-31"),
    ],
)
def test_near_misses_of_a_type_are_refused(kind, text):
    with pytest.raises(ValueError, match=text):
        parse(kind, text)


def test_a_short_row_is_read_as_far_as_it_goes():
    resource = {"name": "t", "path": "t.csv", "schema": {"fields": [{"name": "a"}, {"name": "b"}]}}
    sheet, problems = read_sheet(resource, "a,b\n1\n")
    assert [p.reason for p in problems] == ["the row has 1 cells, the header has 2"]
    assert (sheet.rows[0]["a"], sheet.rows[0]["b"]) == ("1", "")
