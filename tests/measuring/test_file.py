"""A file of measurements: what is taken, and every cell that is refused, one by one."""

import datetime

import pytest

from valuation.errors import InputError
from valuation.measuring import COLUMNS, read_measured
from valuation.measuring.file import sources

GOOD = {
    "family": "seagate-exos-x16", "item_class": "hdd-3.5-nearline-helium",
    "quantity": "magnet_mass", "state": "coated", "n_pieces": "5", "value": "17.5", "unit": "g",
    "author": "A. Weigher",
}  # fmt: skip
ASSAY = GOOD | {"quantity": "ree_total", "value": "28.5", "unit": "wt%", "state": "bare"}
FAN = {
    "part_number": "delta/pfr0612xhe", "item_class": "fan-60-fast", "quantity": "ndfeb",
    "value": "yes", "unit": "yes/no", "author": "B",
}  # fmt: skip


@pytest.fixture
def read(tmp_path, tables):
    def read_rows(*rows, name="mine.csv", encoding="utf-8"):
        path = tmp_path / name
        lines = [",".join(COLUMNS)]
        lines += [",".join(f'"{row.get(c, "")}"' for c in COLUMNS) for row in rows]
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return read_measured([path], tables).rows

    return read_rows


@pytest.fixture
def refused(read):
    def message(*rows):
        with pytest.raises(InputError) as caught:
            read(*rows)
        return str(caught.value)

    return message


def test_a_mass_as_it_is_taken(read):
    (row,) = read(GOOD | {"measured_on": "2026-10-01", "scale_error": "2 %", "sd": "0.5"})
    assert (row.quantity, row.location, row.value, row.unit) == (
        "magnet_mass",
        "voice_coil",
        17.5,
        "g",
    )
    assert (row.n_pieces, row.n_families, row.sd, row.scale_error) == (5, 1, 0.5, 0.02)
    assert row.measured_on == datetime.date(2026, 10, 1)
    assert (row.family_key, row.source_id, row.row) == ("seagate-exos-x16", "measured-mine", 2)


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ({"value": "0.0175", "unit": "kg"}, 17.5),
        ({"value": "87.5", "quantity": "magnet_mass_total"}, 17.5),
        ({"value": "100", "state": "with_yoke", "yoke_mass": "82.5"}, 17.5),
        ({"value": "100", "state": "with_yoke", "magnet_share": "0.175"}, 17.5),
        (
            {
                "value": "500",
                "quantity": "magnet_mass_total",
                "state": "with_yoke",
                "yoke_mass": "412.5",
            },
            17.5,
        ),
    ],
)
def test_masses_are_of_one_unit_in_grams_without_yoke(read, change, value):
    (row,) = read(GOOD | change)
    assert row.value == pytest.approx(value)
    assert row.quantity == "magnet_mass" and row.state == "coated"


def test_the_error_of_a_mass_with_its_yoke_is_that_of_the_whole(read):
    (row,) = read(
        GOOD | {"value": "100", "state": "with_yoke", "yoke_mass": "80", "scale_error": "1 g"}
    )
    assert row.scale_error == pytest.approx(1 / 20)


def test_an_error_that_is_not_stated_is_assumed_by_a_row(read, tables):
    assumed = {r["assumption_id"]: r["value"] for r in tables.frame("assumption").to_dicts()}
    mass, assay = read(GOOD, ASSAY)
    if mass.quantity != "magnet_mass":
        mass, assay = assay, mass
    assert mass.scale_error == assumed["weigh_error"]
    assert assay.scale_error == assumed["assay_error"]


def test_the_scale_is_shared_by_one_author_and_instrument(read):
    rows = read(
        GOOD, GOOD | {"value": "18", "author": "a. weigher"}, GOOD | {"value": "19", "scale": "s2"}
    )
    assert len({row.scale for row in rows}) == 2


def test_an_assay_takes_its_vintage_from_the_launch_of_the_family(read):
    (row,) = read(ASSAY)
    assert (row.vintage, row.value) == ("from-2013", pytest.approx(0.285))
    (old,) = read(ASSAY | {"family": "", "item_class": "hdd-3.5-15k", "vintage": "to-2012"})
    assert old.vintage == "to-2012"


def test_a_part_number_looked_at(read):
    (row,) = read(FAN)
    assert (row.part_key, row.value, row.location) == ("delta/pfr0612xhe", 1.0, "fan_rotor")


@pytest.mark.parametrize(
    ("named", "family"),
    [
        ({"family": "Exos X16", "manufacturer": "Seagate", "item_class": ""}, "seagate-exos-x16"),
        ({"family": "ST16000NM001G", "item_class": ""}, "seagate-exos-x16"),
        ({"family": "", "part_number": "ST16000NM001G", "item_class": ""}, "seagate-exos-x16"),
        ({"family": "acme/zx9"}, "acme/zx9"),
        ({"family": ""}, None),
        ({"family": "unlisted/hdd-3.5-nearline-helium"}, None),
    ],
)
def test_a_family_is_found_by_its_key_its_name_or_a_model(read, named, family):
    (row,) = read(GOOD | named)
    assert row.family_key == family
    assert row.item_class == "hdd-3.5-nearline-helium"


def test_a_fan_is_found_by_its_part_number_as_printed(read):
    (row,) = read(FAN | {"part_number": "PFR0612XHE", "item_class": "", "manufacturer": "Delta"})
    assert (row.part_key, row.item_class) == ("delta/pfr0612xhe", "fan-60-fast")


@pytest.mark.parametrize(
    ("change", "column", "says"),
    [
        ({"unit": ""}, "unit", "says nothing"),
        ({"author": ""}, "author", "Say who measured it"),
        ({"unit": "lb"}, "unit", "Write one of: g, kg, mg"),
        ({"value": "17,5"}, "value", "can be read in two ways"),
        ({"value": "17.5 g"}, "value", "its unit has a column"),
        ({"value": "0"}, "value", "is not above zero"),
        ({"value": "-3"}, "value", "is not above zero"),
        ({"value": "nan"}, "value", "is no number"),
        ({"value": ""}, "value", "says nothing"),
        ({"quantity": "magnet_mas"}, "quantity", "Did you mean `magnet_mass`?"),
        ({"quantity": ""}, "quantity", "says nothing"),
        ({"quantity": "pr", "unit": "wt%"}, "quantity", "Give `ree_total`"),
        ({"state": ""}, "state", "Write one of: bare, coated, with_yoke"),
        ({"state": "with_yoke"}, "state", "several times the magnet"),
        ({"state": "with_yoke", "yoke_mass": "20"}, "yoke_mass", "leaves no magnet"),
        ({"state": "with_yoke", "magnet_share": "1.2"}, "magnet_share", "is not below 1"),
        ({"n_pieces": ""}, "n_pieces", "says nothing"),
        ({"n_pieces": "2.5"}, "n_pieces", "is no whole number"),
        ({"n_families": "2"}, "n_families", "is not one family"),
        ({"family": "", "n_families": "9"}, "n_families", "is above n_pieces"),
        ({"sd": "x"}, "sd", "is no number"),
        ({"scale_error": "5"}, "scale_error", "Write 2 % as `2 %`"),
        ({"scale_error": "1 oz"}, "scale_error", "Known units: %, g, kg, mg"),
        ({"scale_error": "some"}, "scale_error", "is no number"),
        ({"location": "voice_coils"}, "location", "Did you mean `voice_coil`?"),
        ({"item_class": "hdd-3.5-15"}, "item_class", "Did you mean `hdd-3.5-15k`?"),
        ({"item_class": "server-2u"}, "item_class", "is no class that holds magnets"),
        ({"family": "", "item_class": ""}, "family", "Name a family, or an item_class"),
        ({"measured_on": "2099-01-01"}, "measured_on", "is a day to come"),
        ({"measured_on": "3/4/2026"}, "measured_on", "can be two days"),
    ],
)  # fmt: skip
def test_a_cell_of_a_mass_that_cannot_be_taken_is_named(refused, change, column, says):
    message = refused(GOOD | change)
    assert "mine.csv, row 2, column " + column in message
    assert says in message


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        (ASSAY | {"unit": "g"}, "unit", "Write one of: wt%"),
        (ASSAY | {"value": "28.5", "unit": "fraction"}, "value", "Is it in wt%?"),
        (ASSAY | {"state": "with_yoke"}, "state", "is no state to assay"),
        (ASSAY | {"family": ""}, "vintage", "Write one of: from-2013, to-2012"),
        (ASSAY | {"vintage": "1999", "family": ""}, "vintage", "is not known"),
        (ASSAY | {"quantity": "dy", "location": "spindle"}, "quantity", "is taken as none"),
        (FAN | {"value": "maybe"}, "value", "is neither yes nor no"),
        (FAN | {"value": ""}, "value", "Write `yes` or `no`"),
        (FAN | {"unit": ""}, "unit", "says nothing"),
        (FAN | {"part_number": ""}, "part_number", "by part number"),
        (FAN | {"item_class": "optical-slim"}, "location", "counts as NdFeB"),
    ],
)  # fmt: skip
def test_a_cell_of_an_assay_or_a_look_that_cannot_be_taken_is_named(refused, row, column, says):
    message = refused(row)
    assert "mine.csv, row 2, column " + column in message
    assert says in message


def test_a_family_nobody_knows_is_told_with_the_nearest(refused):
    message = refused(GOOD | {"family": "seagate-exos-x61", "item_class": ""})
    assert "column family" in message and "Did you mean `seagate-exos-x1" in message


def test_everything_that_is_wrong_is_told_at_once(refused):
    message = refused(
        GOOD | {"unit": "", "author": ""}, GOOD | {"value": "1,5", "state": "wet"}, FAN
    )
    assert message.startswith("4 cells of measurements cannot be taken")
    for place in (
        "row 2, column unit",
        "row 2, column author",
        "row 3, column value",
        "row 3, column state",
    ):
        assert place in message


def test_a_yoke_is_told_beside_a_value_that_cannot_be_read(refused):
    message = refused(GOOD | {"value": "1,5", "state": "with_yoke"})
    assert "column value" in message and "column state" in message


def test_one_part_number_cannot_be_and_not_be(refused):
    assert "is not what" in refused(FAN, FAN | {"value": "no"})


def test_a_row_that_stands_twice_is_refused(refused):
    assert "stands in" in refused(GOOD, GOOD)


def test_one_content_in_two_files_is_refused(read, tmp_path, tables):
    read(GOOD)
    (tmp_path / "copy.csv").write_bytes((tmp_path / "mine.csv").read_bytes())
    with pytest.raises(InputError, match="stands in"):
        read_measured([tmp_path / "mine.csv", tmp_path / "copy.csv"], tables)


def test_a_spreadsheet_may_have_marked_the_file_and_left_blank_lines(tmp_path, tables):
    path = tmp_path / "m.csv"
    text = "family;item_class;quantity;state;n_pieces;value;unit;author\n;;;;;;;\n"
    text += "seagate-exos-x16;hdd-3.5-nearline-helium;magnet_mass;bare;5;17.5;g;A\n\n"
    path.write_text(text, encoding="utf-8-sig")
    (row,) = read_measured([path], tables).rows
    assert row.row == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("family,quantity,value,unit\nx,magnet_mass,1,g\n", "no column `author`"),
        ("family,quantity,value,unit,autor\nx,magnet_mass,1,g,A\n", "Did you mean `author`?"),
        ("quantity,value,unit,author,colour\nmagnet_mass,1,g,A,red\n", "`colour` is not known"),
        ("family,quantity,value,unit,author\n", "holds no measurement"),
        ("", "no column"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_file_of_measurements(tmp_path, tables, text, says):
    path = tmp_path / "m.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=says):
        read_measured([path], tables)


def test_a_file_that_is_not_there_is_named(tmp_path, tables):
    with pytest.raises(InputError, match=r"none\.csv cannot be read"):
        read_measured([tmp_path / "none.csv"], tables)


def test_files_of_one_name_are_two_sources(tmp_path):
    paths = [tmp_path / "a" / "m.csv", tmp_path / "b" / "m.csv"]
    assert list(sources(paths)) == ["measured-m-1", "measured-m-2"]
    assert list(sources(paths[:1])) == ["measured-m"]
