"""Map files: what can be wrong with one, each fault by itself, and what a good one says."""

from pathlib import Path

import pytest

from valuation.errors import SettingsError
from valuation.inventory.columns.column_map import ColumnMap, Placement
from valuation.inventory.columns.map_file import MapHints, read_map
from valuation.inventory.columns.map_text import map_text

GOOD = """
system = "acme"
separator = "semicolon"
quote = "'"
encoding = "cp1252"
header_line = 3
decimal = ","
only = true
ignore = ["Cost centre"]

[columns]
model = "Gerätebezeichnung"
serial = ["Ident 1", "Ident 2"]
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "acme.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_map_says_what_columns_are_and_how_its_files_are_laid_out(tmp_path: Path) -> None:
    found = read_map(write(tmp_path, GOOD))
    assert found.columns == {"model": ("Gerätebezeichnung",), "serial": ("Ident 1", "Ident 2")}
    assert found.hints == MapHints(";", "'", "cp1252", 3)
    assert (found.system, found.decimal, found.only) == ("acme", ",", True)
    assert found.ignore == ("Cost centre",)


def test_positions_stand_for_headers_where_there_are_none(tmp_path: Path) -> None:
    text = 'has_header = false\nignore = ["5"]\n[columns]\nmodel = "3"\nhost = 2\n'
    found = read_map(write(tmp_path, text))
    assert found.columns == {"model": ("3",), "host": ("2",)}
    assert not found.hints.has_header


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[columns]\nmodell = "A"', "`modell` is no column of ours. Did you mean `model`?"),
        ('[columns]\nxyzzy = "A"', "Ours are manufacturer, model"),
        ('[columns]\nmodel = "A"\nserial = "a "', "`a` is named for `model` and `serial`"),
        ('[columns]\nmodel = ["A", "A"]', "named for `model` twice"),
        ('ignore = ["A"]\n[columns]\nmodel = "A"', "named for `model` and `ignore`"),
        ("[columns]\nmodel = Model", "is no TOML"),
        ("", "names no column"),
        ("columns = 4", "names no column"),
        ("[columns]", "names no column"),
        ("[columns]\nmodel = []", "`model` names no header"),
        ("[columns]\nmodel = 3", "`model` is `3`, which is no header"),
        ('[columns]\nmodel = " "', "which is no header"),
        ('[columns]\nserial = "A"', "only serial. Name one of model, part_number"),
        ('[columns]\nmodel = "A"\nignore = ["B"]', "`ignore` stands under [columns]"),
        ('model = "A"\n[columns]\nmodel = "A"', "Write it under [columns]: model"),
        ('separater = ";"\n[columns]\nmodel = "A"', "Did you mean `separator`?"),
        ('separator = "::"\n[columns]\nmodel = "A"', "`separator` is `::`"),
        ('separator = 4\n[columns]\nmodel = "A"', "`separator` is `4`"),
        ('quote = "ab"\n[columns]\nmodel = "A"', "`quote` is `ab`"),
        ('encoding = "utf-9"\n[columns]\nmodel = "A"', "`encoding` is `utf-9`"),
        ('encoding = "base64"\n[columns]\nmodel = "A"', "`encoding` is `base64`"),
        ('header_line = 0\n[columns]\nmodel = "A"', "Write 1 to 50"),
        ('header_line = true\n[columns]\nmodel = "A"', "`header_line` is `True`"),
        ('has_header = "no"\n[columns]\nmodel = "A"', "Write true or false, without quotes"),
        ('decimal = ";"\n[columns]\nmodel = "A"', "`decimal` is `;`"),
        ('has_header = false\n[columns]\nmodel = "A"', 'Number columns from "1"'),
        ('has_header = false\n[columns]\nmodel = "0"', "no position"),
        ('has_header = false\nheader_line = 2\n[columns]\nmodel = "1"', "Remove one"),
    ],
)
def test_a_fault_names_the_file_the_key_and_the_way_on(
    text: str, told: str, tmp_path: Path
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SettingsError) as raised:
        read_map(path)
    assert str(path) in str(raised.value)
    assert told in str(raised.value)


def test_a_map_that_is_missing_a_folder_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml does not exist.*--write-map"):
        read_map(tmp_path / "none.toml")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_map(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b'[columns]\nmodel = "Ger\xe4t"')
    with pytest.raises(SettingsError, match="is no UTF-8 text"):
        read_map(tmp_path / "latin.toml")
    (tmp_path / "long.toml").write_bytes(b"#" * (1 << 21))
    with pytest.raises(SettingsError, match="more than 1 MiB"):
        read_map(tmp_path / "long.toml")


def test_a_written_map_read_back_says_the_same(tmp_path: Path) -> None:
    names = ('19" rack', "S/N", "S/N", "", "C:\\path", "nicht\x7fbenutzt", "Menge")
    columns = {"model": (4, 0), "serial": (2, 1), "quantity": (6,), "type": (3,)}
    given = ColumnMap(names, columns, "acme", decimal=",", decided=(Placement(),) * 7)
    found = read_map(write(tmp_path, map_text(given, {"separator": ";", "header_line": 4})))
    assert {c: set(h) for c, h in found.columns.items()} == {
        "model": {"C:\\path", '19" rack'},
        "serial": {"S/N (column 3)", "S/N (column 2)"},
        "quantity": {"Menge"},
        "type": {"(column 4)"},
    }
    assert found.columns["serial"][0] == "S/N (column 3)"
    assert found.ignore == ("nicht\x7fbenutzt",)
    assert (found.system, found.decimal, found.hints) == ("acme", ",", MapHints())
