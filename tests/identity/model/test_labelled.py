"""Labelled strings: what is read, and what a file must have."""

import polars as pl
import pytest

from valuation.errors import InputError
from valuation.identity.model.labelled import COLUMNS, items_of, labelled_strings, read_labelled
from valuation.units import KINDS


def test_every_labelled_string_has_a_text_a_kind_and_a_series(tables):
    strings = labelled_strings(tables)
    assert strings["kind"].is_in(KINDS).all() and "unidentified" not in strings["kind"]
    assert strings["series"].null_count() == 0
    texts = strings.select("manufacturer", "model", "part_number", "description")
    assert not texts.select(pl.all_horizontal(pl.all().is_null())).to_series().any()
    assert not texts.is_duplicated().any()


def test_a_text_with_two_kinds_teaches_nothing(tmp_path):
    file = tmp_path / "labels.csv"
    file.write_text("model,kind,series\nX1,hdd,a\nX1,ssd,b\nX2,hdd,a\nX2,hdd,a\n")
    assert read_labelled(file)["model"].to_list() == ["X2"]


def test_columns_that_a_file_lacks_are_null(tmp_path):
    file = tmp_path / "labels.csv"
    file.write_text("model,kind,series,other\nX1,hdd,a,z\n")
    strings = read_labelled(file)
    assert strings.schema == pl.Schema(COLUMNS)
    assert strings.row(0, named=True)["capacity_gb"] is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("model,series\nX1,a\n", "no column kind"),
        ("model,kind\nX1,hdd\n", "no column series"),
        ("kind,series\nhdd,a\n", "no column manufacturer or model"),
        ("model,kind,series\nX1,hdd,a\nX2,disk,a\n", "row 3, column kind: `disk`"),
        ("model,kind,series\nX1,hdd,a,too,many\n", "cannot be read"),
    ],
)
def test_a_file_of_labels_that_cannot_be_used_says_why(tmp_path, text, words):
    file = tmp_path / "labels.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=words.replace("`", ".")):
        read_labelled(file)


def test_the_capacity_column_is_filled_only_when_asked(tables):
    strings = labelled_strings(tables).filter(pl.col("capacity_gb") == 4000).head(1)
    assert items_of(strings)["capacity_raw"].to_list() == [""]
    assert items_of(strings, with_capacity=True)["capacity_raw"].to_list() == ["4000 GB"]
