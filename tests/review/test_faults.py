"""Faults of a filled-in file, one by one: each names file, row, column, value and the way on."""

import datetime
import zipfile

import pytest

from tests.reviews import (
    answers_in,
    export,
    fill,
    fill_workbook,
    own_file,
    rows_of,
    write_rows,
)
from valuation import sheet
from valuation.errors import InputError, OutputBusy, UsageError
from valuation.frames import RAW_TEXTS, item_id
from valuation.identity.answers import item_key
from valuation.review import import_answers, remove_answers, workbook
from valuation.review.columns import COLUMNS
from valuation.store.file import locked

TODAY = datetime.date(2026, 3, 1)
GOOD = {"kind": "hdd", "why": "label", "by": "Kim", "on": "2026-02-01"}


def take(tables, folder, name="items.csv", **given):
    options = {"signed": {}, "today": TODAY} | given
    return import_answers(folder / name, own_file(folder), tables, **options)


def asked(model="XYZ-123"):
    """A row as it is exported, nothing filled in."""
    texts = ("Acme", model, "", "", "Misc", "")
    row = dict.fromkeys(COLUMNS, "") | dict(zip(RAW_TEXTS, texts, strict=True))
    return row | {"item": item_key(item_id(texts)), "program_kind": "unidentified"}


def one_row(folder, **answer):
    """A file whose only row is filled in like this."""
    write_rows(folder / "items.csv", [asked()])
    return fill(folder / "items.csv", **GOOD | answer)


@pytest.mark.parametrize(
    ("answer", "column", "words"),
    [
        ({"kind": "hdx"}, "kind", "`hdx` is no kind. Did you mean `hdd`?"),
        ({"kind": "power supply"}, "kind", "Did you mean `psu`?"),
        ({"kind": "Festplatte"}, "kind", "Did you mean `hdd`?"),
        ({"kind": "", "capacity_gb": "4000"}, "kind", "does not say what the item is"),
        ({"class": "hdd-3.5-nearline"}, "class", "Did you mean `hdd-3.5-nearline-air`?"),
        ({"class": "fan-tray"}, "class", "is a class of fan, not of hdd."),
        ({"kind": "unidentified", "class": "fan-tray"}, "class", "Leave it empty."),
        ({"capacity_gb": "4"}, "capacity_gb", "Write `4 TB` if it is terabytes."),
        ({"capacity_gb": "4 PB"}, "capacity_gb", "cannot be read. Write a number in GB"),
        ({"capacity_gb": "much"}, "capacity_gb", "cannot be read."),
        ({"capacity_gb": "-4000"}, "capacity_gb", "cannot be read."),
        ({"capacity_gb": "1e99"}, "capacity_gb", "cannot be read."),
        ({"capacity_gb": "9" * 400}, "capacity_gb", "is not from 36 to 60,000 GB"),
        ({"kind": "fan", "rpm": "1,500.5"}, "rpm", "is no whole number."),
        ({"kind": "ups_pdu", "power_w": "60,000"}, "power_w", "can be 60000 or 60."),
        ({"kind": "ssd", "rpm": "7200"}, "rpm", "is nothing that `ssd` has. Leave it empty."),
        ({"kind": "fan", "fan_size_mm": "8"}, "fan_size_mm", "is not from 20 to 400 mm"),
        ({"form_factor_in": "35"}, "form_factor_in", "is not from 1.8 to 5.25 inches"),
        ({"kind": "server", "u_height": "2x"}, "u_height", "cannot be read."),
        ({"pieces": "0"}, "pieces", "is not from 1 to 100,000"),
        ({"pieces": "2.5"}, "pieces", "is no whole number."),
        ({"pieces": "24 pcs"}, "pieces", "cannot be read."),
        ({"counted": "maybe"}, "counted", "is neither yes nor no."),
        ({"counted": "no"}, "counted", "Say `other` if it is no part"),
        ({"by": ""}, "by", "Fill in a name, or give --by NAME."),
        ({"why": " "}, "why", "or give --why TEXT."),
        ({"on": "yesterday"}, "on", "is no day. Write year-month-day"),
        ({"on": "2026-02-30"}, "on", "is no day."),
        ({"on": "01/02/2026"}, "on", "can be two days."),
        ({"on": "2026-03-02"}, "on", "is a day to come. Today is 2026-03-01."),
        ({"why": "x" * 1001}, "why", "is longer than 1,000 characters."),
    ],
)
def test_a_cell_that_cannot_be_taken_is_named(tmp_path, tables, answer, column, words):
    path = one_row(tmp_path, **answer)
    done = take(tables, tmp_path)
    (fault,) = done.faults
    assert str(fault).startswith(f"{path}, row 2, column reviewed_{column}: ")
    assert words in str(fault)
    assert not done.is_written and (tmp_path / "overrides.csv").read_bytes() == b""


@pytest.mark.parametrize(
    ("kind", "name", "cell", "number"),
    [
        ("hdd", "capacity_gb", "4 TB", 4000),
        ("hdd", "capacity_gb", "1,92tb", 1920),
        ("ssd", "capacity_gb", "1,920 GB", 1920),
        ("ssd", "capacity_gb", "960.0", 960),
        ("hdd", "rpm", "7.2K", 7200),
        ("hdd", "rpm", "10,000 rpm", 10000),
        ("hdd", "form_factor_in", '3,5"', 3.5),
        ("fan", "fan_size_mm", "8 cm", 80),
        ("psu", "power_w", "1.1kW", 1100),
        ("server", "u_height", "2 RU", 2),
        ("HDD", "pieces", "24", 24),
        ("Network Card", "pieces", "1", 1),
    ],
)
def test_a_number_with_one_meaning_is_read(tmp_path, tables, kind, name, cell, number):
    one_row(tmp_path, kind=kind, **{name: cell})
    assert take(tables, tmp_path).faults == ()
    (answer,) = answers_in(tmp_path, tables).answers.values()
    assert getattr(answer, name) == number


@pytest.mark.parametrize("day", ["2026/2/1", "2026-02-01 00:00:00", "28.02.2026", "02/28/2026"])
def test_a_day_with_one_meaning_is_read(tmp_path, tables, day):
    one_row(tmp_path, on=day)
    assert take(tables, tmp_path).faults == ()


def test_all_faults_are_told_at_once_and_nothing_is_kept(tmp_path, tables):
    write_rows(tmp_path / "items.csv", [asked(f"XYZ-{n}") for n in range(5)])
    rows = rows_of(fill(tmp_path / "items.csv", **GOOD))
    rows[0]["reviewed_kind"] = "x"
    rows[1] |= {"reviewed_by": "", "reviewed_why": "", "reviewed_rpm": "fast"}
    write_rows(tmp_path / "items.csv", rows)
    done = take(tables, tmp_path)
    places = [str(fault).split(": ")[0].split(", ", 1)[1] for fault in done.faults]
    assert places == [
        "row 2, column reviewed_kind", "row 3, column reviewed_rpm",
        "row 3, column reviewed_by", "row 3, column reviewed_why",
    ]  # fmt: skip
    assert (done.added, done.is_written) == (0, False)
    some = take(tables, tmp_path, skip_bad=True)
    assert (some.added, some.is_written, len(some.faults)) == (len(rows) - 2, True, 4)


def test_flags_say_who_and_why_where_the_file_does_not(tmp_path, tables):
    one_row(tmp_path, by="", why="", on="")
    signed = {"reviewed_by": "Lee", "reviewed_why": "photo", "reviewed_on": "2026-01-05"}
    assert take(tables, tmp_path, signed=signed).added == 1
    (answer,) = answers_in(tmp_path, tables).answers.values()
    assert (answer.by, answer.why, answer.on) == ("Lee", "photo", datetime.date(2026, 1, 5))


@pytest.mark.parametrize("column", ["model_raw", "type_raw", "item"])
def test_a_row_whose_texts_or_key_were_changed_is_named(tmp_path, tables, column):
    rows = rows_of(one_row(tmp_path))
    rows[0][column] = "item-0000000000000001" if column == "item" else "another"
    write_rows(tmp_path / "items.csv", rows)
    (fault,) = take(tables, tmp_path).faults
    assert "row 2, column item: `item-" in str(fault) and "export again" in str(fault)


def test_a_key_that_is_none_is_named(tmp_path, tables):
    rows = rows_of(one_row(tmp_path))
    rows[0]["item"] = "5.09809E+18"
    write_rows(tmp_path / "items.csv", rows)
    (fault,) = take(tables, tmp_path).faults
    assert "`5.09809e+18` is no key of an item" in str(fault).lower()


def test_two_answers_to_one_item_must_agree(tmp_path, tables):
    rows = rows_of(one_row(tmp_path))
    write_rows(tmp_path / "items.csv", [rows[0], rows[0]])
    assert take(tables, tmp_path).added == 1
    write_rows(tmp_path / "items.csv", [rows[0], rows[0] | {"reviewed_kind": "ssd"}])
    (fault,) = take(tables, tmp_path).faults
    assert "row 3, column reviewed_kind: `ssd` is not what row 2 says" in str(fault)


def test_an_item_the_published_file_does_not_know_is_named(lot, tables):
    rows = rows_of(one_row(lot))
    own = {"item": "", "model_raw": "ABC-9"}  # a row of one's own names no item of the file
    write_rows(lot / "items.csv", [rows[0], rows[0] | own])
    assert take(tables, lot, db=lot / "out.duckdb").faults == ()
    gone = rows[0] | {name: "" for name in rows[0] if name.endswith("_raw")}
    gone |= {"item": "item-0ae80ed1e24f7d4c", "model_raw": "ABC-9"}
    write_rows(lot / "items.csv", [gone])
    (fault,) = take(tables, lot, db=lot / "out.duckdb").faults
    assert "column item: `item-" in str(fault)


def test_a_list_of_ones_own_needs_no_keys(tmp_path, tables):
    own = {"manufacturer_raw": "Acme", "model_raw": "XYZ-123", "reviewed_kind": "fan",
           "reviewed_by": "Kim", "reviewed_why": "our parts list"}  # fmt: skip
    write_rows(tmp_path / "items.csv", [own])
    assert take(tables, tmp_path).added == 1
    write_rows(tmp_path / "items.csv", [own | {"model_raw": ""}])
    (fault,) = take(tables, tmp_path).faults
    assert "names no item, and there is no model or part number" in str(fault)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "there is no column `reviewed_kind`"),
        ("item,reviewd_kind\n", "Did you mean `reviewed_kind`?"),
        ("reviewed_kind,reviewed_kind\n", "two columns are named `reviewed_kind`"),
        ("reviewed_kind,item\nfan,x,y\n", "row 2: it has 3 cells under 2 columns"),
        ('reviewed_kind,item\nfan,"x\n', "row 2: the row cannot be told apart"),
        ("reviewed_kind,item\nfan,\0\n", "is no key of an item"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(tmp_path, tables, text, words):
    (tmp_path / "items.csv").write_text(text, encoding="utf-8")
    try:
        told = "; ".join(map(str, take(tables, tmp_path).faults))
    except InputError as error:
        told = str(error)
    assert words in told and str(tmp_path / "items.csv") in told


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x81\x8d\x8f", b"PK\x03\x04rest"])
def test_bytes_that_are_no_text_are_refused(tmp_path, tables, content):
    (tmp_path / "items.csv").write_bytes(content)
    with pytest.raises(InputError, match=r"items\.csv"):
        take(tables, tmp_path)


def test_a_file_that_is_missing_or_a_folder_is_named(tmp_path, tables):
    with pytest.raises(InputError, match=r"nothing\.csv cannot be read"):
        take(tables, tmp_path, "nothing.csv")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="folder cannot be read"):
        take(tables, tmp_path, "folder")


def test_a_file_beyond_the_limits_says_the_limits(tmp_path, tables, monkeypatch):
    write_rows(tmp_path / "items.csv", [asked(f"XYZ-{n}") for n in range(3)])
    monkeypatch.setattr(sheet, "MAX_ROWS", 2)
    with pytest.raises(InputError, match="more than 2 rows"):
        take(tables, tmp_path)
    monkeypatch.setattr(sheet, "MAX_BYTES", 1 << 20)
    (tmp_path / "items.csv").write_bytes(b"x" * ((1 << 20) + 1))
    with pytest.raises(InputError, match="more than 1 MiB"):
        take(tables, tmp_path)


def test_a_damaged_or_inflated_workbook_is_refused(lot, tables, monkeypatch):
    export(tables, lot, "items.xlsx")
    whole = (lot / "items.xlsx").read_bytes()
    (lot / "items.xlsx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="cannot be read as a workbook"):
        take(tables, lot, "items.xlsx")
    with zipfile.ZipFile(lot / "items.xlsx", "w") as archive:
        archive.writestr("no", "workbook")
    with pytest.raises(InputError, match="cannot be read as a workbook"):
        take(tables, lot, "items.xlsx")
    (lot / "items.xlsx").write_bytes(whole)
    monkeypatch.setattr(workbook, "MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(InputError, match="MiB"):
        take(tables, lot, "items.xlsx")


def test_a_row_of_a_workbook_is_named_as_its_program_counts(lot, tables):
    export(tables, lot, "items.xlsx")
    fill_workbook(lot / "items.xlsx", kind="hdx")
    faults = take(tables, lot, "items.xlsx").faults
    assert "items.xlsx, row 2, column reviewed_kind: `hdx`" in str(faults[0])


def test_a_file_another_process_writes_is_left_alone(tmp_path, tables):
    one_row(tmp_path)
    with locked(own_file(tmp_path)), pytest.raises(OutputBusy, match="Another process"):
        take(tables, tmp_path)


def test_an_answer_that_is_not_there_cannot_be_taken_back(tmp_path, tables):
    one_row(tmp_path)
    take(tables, tmp_path)
    kept = (tmp_path / "overrides.csv").read_bytes()
    with pytest.raises(UsageError, match="no answer to item-1"):
        remove_answers(
            tmp_path / "overrides.csv", ["item-1"], tables, by="Kim", why="slip", on=TODAY
        )
    assert (tmp_path / "overrides.csv").read_bytes() == kept
