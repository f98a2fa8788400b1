"""The reader of reference data: types as described, empty is null, faults named by cell."""

import json
import pickle
from datetime import date

import polars as pl
import pytest

from valuation.errors import TableError
from valuation.tables import data_directory, load_tables

FIELDS = {
    "name": "string",
    "mass_g": "number",
    "pieces": "integer",
    "sold": "boolean",
    "seen_on": "date",
}
GOOD = "name,mass_g,pieces,sold,seen_on\n007,1.5,2,true,2026-01-31\nb,,,,\n"


def folder_with(tmp_path, text, fields=None):
    described = [{"name": n, "type": t} for n, t in (fields or FIELDS).items()]
    resource = {"name": "thing", "path": "thing.csv", "schema": {"fields": described}}
    (tmp_path / "datapackage.json").write_text(json.dumps({"resources": [resource]}))
    (tmp_path / "thing.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    return tmp_path


def test_a_table_has_the_described_types_and_keeps_text_as_text(tmp_path):
    frame = load_tables(folder_with(tmp_path, GOOD)).frame("thing")
    assert frame.schema == {
        "name": pl.String,
        "mass_g": pl.Float64,
        "pieces": pl.Int64,
        "sold": pl.Boolean,
        "seen_on": pl.Date,
    }
    assert frame.row(0) == ("007", 1.5, 2, True, date(2026, 1, 31))


def test_an_empty_cell_is_null_never_zero(tmp_path):
    frame = load_tables(folder_with(tmp_path, GOOD)).frame("thing")
    assert frame.row(1) == ("b", None, None, None, None)


def test_a_table_without_rows_keeps_its_types(tmp_path):
    frame = load_tables(folder_with(tmp_path, GOOD.splitlines()[0] + "\n")).frame("thing")
    assert frame.is_empty()
    assert frame.schema["mass_g"] == pl.Float64


def test_a_table_is_read_once(tmp_path):
    tables = load_tables(folder_with(tmp_path, GOOD))
    assert tables.frame("thing") is tables.frame("thing")


def names_of(tables):
    return tables.frame("thing")["name"].to_list()


def test_what_is_made_of_tables_is_made_once_and_anew_of_others(tmp_path):
    folder = folder_with(tmp_path, GOOD)
    made = load_tables(folder).made(names_of)
    assert load_tables(folder).made(names_of) is made == ["007", "b"]
    other = load_tables(folder_with(tmp_path, GOOD.replace("b,", "c,")))
    assert other.made(names_of) == ["007", "c"]
    sent = pickle.loads(pickle.dumps(other))
    assert sent.made(names_of) is other.made(names_of)


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        ("mass_g", "1.5", "1.5 g"),
        ("pieces", ",2,", ",2.5,"),
        ("sold", "true", "yes"),
        ("seen_on", "2026-01-31", "31.01.2026"),
    ],
)
def test_a_cell_of_the_wrong_type_is_named_by_file_row_column_and_value(
    tmp_path, column, good, bad
):
    tables = load_tables(folder_with(tmp_path, GOOD.replace(good, bad)))
    with pytest.raises(
        TableError, match=rf"thing\.csv, row 2, column {column}: `{bad.strip(',')}`"
    ):
        tables.frame("thing")


def test_columns_that_differ_from_the_description_are_refused(tmp_path):
    tables = load_tables(folder_with(tmp_path, GOOD.replace("mass_g", "mass_kg")))
    with pytest.raises(TableError, match=r"mass_kg.*described.*mass_g"):
        tables.frame("thing")


def test_a_row_with_too_many_cells_is_a_fault_of_the_table(tmp_path):
    tables = load_tables(folder_with(tmp_path, GOOD + "c,1,1,true,2026-01-31,surplus\n"))
    with pytest.raises(TableError, match=r"thing\.csv cannot be read"):
        tables.frame("thing")


def test_an_unknown_table_is_named(tmp_path):
    with pytest.raises(TableError, match="no table `nothing`"):
        load_tables(folder_with(tmp_path, GOOD)).frame("nothing")


def test_a_described_file_that_is_missing_is_named_before_anything_is_valued(tmp_path):
    (folder_with(tmp_path, GOOD) / "thing.csv").unlink()
    with pytest.raises(TableError, match=r"thing\.csv cannot be read"):
        load_tables(tmp_path)


@pytest.mark.parametrize(
    "description",
    ["{", "[]", "{}", '{"resources": [{"name": "thing"}]}', '{"resources": [{"path": "a.csv"}]}'],
)
def test_a_description_that_describes_nothing_is_refused(tmp_path, description):
    (tmp_path / "datapackage.json").write_text(description)
    with pytest.raises(TableError, match=r"datapackage\.json does not describe tables"):
        load_tables(tmp_path)


def test_a_type_nobody_knows_is_refused(tmp_path):
    with pytest.raises(TableError, match="does not describe tables: KeyError 'money'"):
        load_tables(folder_with(tmp_path, "price\n1\n", {"price": "money"}))


def test_a_folder_without_description_is_refused(tmp_path):
    with pytest.raises(TableError, match=r"datapackage\.json cannot be read"):
        load_tables(tmp_path)


def test_the_version_belongs_to_the_content_and_to_nothing_else(tmp_path):
    first = load_tables(folder_with(tmp_path, GOOD)).version
    assert load_tables(folder_with(tmp_path, GOOD)).version == first
    assert load_tables(folder_with(tmp_path, GOOD.replace("1.5", "1.6"))).version != first


def test_the_shipped_folder_is_found_and_every_table_reads():
    tables = load_tables()
    assert tables.directory == data_directory()
    for resource in tables.description["resources"]:
        assert tables.frame(resource["name"]).height > 0, resource["name"]
