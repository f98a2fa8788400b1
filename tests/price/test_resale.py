"""A user's resale table: what is read, what is refused and how the cell is named."""

from datetime import date

import pytest

from valuation.errors import SettingsError
from valuation.price.resale import read_resale, resale_rows

AS_OF = date(2026, 11, 22)
HEADER = (
    "match,capacity_gb,price_low,price,price_high,currency,share_passing,cost_to_test,observed_on"
)
ROW = "hdd,,70,90,115,USD,0.8,4,2026-11-10"
EXOS = "seagate-exos-x16"


@pytest.fixture
def read(tmp_path, tables):
    """Reads a table of these lines under the usual header."""

    def reading(*rows, header=HEADER, as_of=AS_OF, encoding="utf-8"):
        path = tmp_path / "resale.csv"
        path.write_bytes("\n".join([header, *rows, ""]).encode(encoding))
        return read_resale(path, tables, as_of, {"USD": 1.0, "EUR": 1.1})

    return reading


def changed(**cells):
    """The usual row with some cells changed."""
    names = HEADER.split(",")
    values = dict(zip(names, ROW.split(","), strict=True)) | cells
    return ",".join(f'"{values[name]}"' for name in names)


def test_a_row_is_read_as_it_stands(read):
    (term,) = read(ROW).terms
    assert (term.level, term.name, term.capacity_gb, term.row) == ("kind", "hdd", None, 2)
    assert (term.price_usd, term.price_low_usd, term.price_high_usd) == (90, 70, 115)
    assert term.share_passing.is_exact and term.share_passing.mean == 0.8
    assert (term.cost_to_test_usd, term.age_days) == (4, 12)


def test_marks_spaces_case_and_blank_rows_change_nothing(read):
    plain = read(ROW).terms
    spaced = " HDD , , 70 ,90, 115,usd, 0.8,4 ,2026-11-10"
    header = HEADER.replace(",", " , ")
    assert (
        read(",,,,,,,,", spaced, header=header, encoding="utf-8-sig").terms[0].key == plain[0].key
    )


def test_another_currency_needs_a_dated_rate_and_is_converted(read):
    (term,) = read(changed(currency="EUR")).terms
    assert (term.price_usd, term.cost_to_test_usd) == pytest.approx((99, 4.4))
    with pytest.raises(SettingsError, match="row 2, column currency: `GBP` has no dated rate"):
        read(changed(currency="GBP"))


def test_a_family_goes_by_key_or_name(read, tables):
    named = {row["family_key"]: row for row in tables.frame("catalogue").to_dicts()}[EXOS]
    for match in (EXOS, named["family"], f"{named['maker']} {named['family']}"):
        (term,) = read(changed(match=match)).terms
        assert (term.level, term.name) == ("family", EXOS)


def test_the_most_specific_row_counts(read):
    item_class = "hdd-3.5-nearline-helium"
    matches = [("hdd", ""), ("hdd", "16000"), (item_class, ""), (item_class, "16000"), (EXOS, "")]
    matches.append((EXOS, "16000"))
    rows = [changed(match=m, capacity_gb=c) for m, c in matches]
    for last in range(1, len(rows) + 1):  # each is more specific than those before it
        resale = read(*reversed(rows[:last]))
        term = resale.term("hdd", item_class, EXOS, 16000.0)
        assert (term.name, term.capacity_gb) == (
            matches[last - 1][0], float(matches[last - 1][1]) if matches[last - 1][1] else None
        )  # fmt: skip


def test_a_row_of_a_capacity_is_about_no_other(read):
    resale = read(changed(capacity_gb="16000"))
    assert resale.term("hdd", None, None, 16001.0) is not None  # the same size as sold
    assert resale.term("hdd", None, None, 14000.0) is None
    assert resale.term("hdd", None, None, None) is None
    assert resale.term("ssd", None, None, 16000.0) is None


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ((ROW, ROW), "row 3, column match: `hdd` stands in row 2 already"),
        ((changed(match=EXOS), changed(match="Exos X16")), "stands in row 2 already"),
        ((changed(capacity_gb="4000"), changed(capacity_gb="4001")), "row 2 already"),
    ],
)
def test_two_rows_equally_specific_are_refused(read, rows, told):
    with pytest.raises(SettingsError, match=told):
        read(*rows)


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("match", "", "is empty"),
        ("match", "exos x61", "Did you mean"),
        ("match", "other", "nothing that can be sold"),
        ("match", "unidentified", "nothing that can be sold"),
        ("price", "", "every row needs it"),
        ("price", "1,200", "Write 1200, without signs between thousands"),
        ("price", "1 200.50", "Write 1200.50"),
        ("price", "12,5", "Write decimals with a point: 12.5"),
        ("price", "-5", "Nothing here is below zero"),
        ("price", "$90", "the currency has a column of its own"),
        ("price", "nan", "is no plain number"),
        ("price", "1e2", "is no plain number"),
        ("price", "60", "does not lie between 70 and 115"),
        ("price_low", "", "Give both, or neither"),
        ("price_low", "0", "is not above zero"),
        ("price_high", "80", "does not lie between 70 and 80"),
        ("currency", "", "has no dated rate|is empty"),
        ("share_passing", "", "every row needs it"),
        ("share_passing", "80", "Write 80 % as 0.8"),
        ("share_passing", "80%", "Write 35 % as 0.35"),
        ("cost_to_test", "", "every row needs it"),
        ("cost_to_test", "about 4", "is no plain number"),
        ("capacity_gb", "16TB", "Write gigabytes: 16 TB are 16000"),
        ("capacity_gb", "0", "is no capacity"),
        ("observed_on", "", "is no date|is empty"),
        ("observed_on", "10.11.2026", "Write it as 2026-11-22"),
        ("observed_on", "2026-11-23", "was not known on 2026-11-22"),
    ],
)
def test_a_cell_of_no_use_is_named_by_row_and_column(read, column, cell, told):
    with pytest.raises(SettingsError) as caught:
        read(ROW.replace("hdd", "ssd"), changed(**{column: cell}))
    text = str(caught.value)
    assert "resale.csv, row 3, column" in text
    assert any(part in text for part in told.split("|")), text


def test_limits_of_a_share_are_both_given_and_around_it(read):
    header = HEADER + ",share_passing_low,share_passing_high"
    (term,) = read(ROW + ",0.7,0.9", header=header).terms
    assert not term.share_passing.is_exact
    for limits in (",0.7,", ",0.85,0.9"):
        with pytest.raises(SettingsError, match="row 2, column share_passing"):
            read(ROW + limits, header=header)
    certain = changed(share_passing="1") + ",0.9,1"
    with pytest.raises(SettingsError, match="certain"):
        read(certain, header=header)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (HEADER.replace("capacity_gb", "capcity_gb"), "Did you mean `capacity_gb`"),
        (HEADER.replace("match,", "match,match,", 1).replace(",capacity_gb", ""), "twice"),
        (HEADER.replace("currency,", "").replace("match", "match,note"), "no column currency"),
        (HEADER.replace(",", ";"), "commas between"),
    ],
)
def test_a_header_of_another_table_is_refused(read, header, told):
    with pytest.raises(SettingsError, match=told):
        read(ROW, header=header)


def test_a_row_with_a_comma_too_many_is_refused(read):
    with pytest.raises(SettingsError, match="row 2: the row has 10 cells, the header 9"):
        read(ROW.replace("90", "1,090"))


def test_files_that_are_none(tmp_path, tables, read):
    for path, told in (
        (tmp_path / "nowhere.csv", "There is no .*nowhere.csv"),
        (tmp_path, "cannot be read"),
    ):
        with pytest.raises(SettingsError, match=told):
            read_resale(path, tables, AS_OF, {"USD": 1.0})
    empty = tmp_path / "empty.csv"
    for content, told in ((b"", "is empty"), (b"\n\n", "is empty"), (b"\xff\xfe\x00", "UTF-8")):
        empty.write_bytes(content)
        with pytest.raises(SettingsError, match=told):
            read_resale(empty, tables, AS_OF, {"USD": 1.0})
    with pytest.raises(SettingsError, match="holds no resale price"):
        read()


def test_age_widens_a_price_and_is_warned_of(read):
    young, old = (read(changed(observed_on=day)) for day in ("2026-11-22", "2025-11-22"))
    assert old.terms[0].log_sd_time > young.terms[0].log_sd_time > 0
    assert young.warnings == ()
    assert "older than 30 days" in old.warnings[0]


def test_the_table_used_is_kept_row_by_row(read):
    rows = resale_rows(read(ROW, changed(match=EXOS, capacity_gb="16000")))
    assert rows["resale_key"].to_list() == [f"resale/family/{EXOS}/16000", "resale/kind/hdd"]
    assert resale_rows(None).is_empty()


def test_the_version_follows_the_content(read):
    assert read(ROW).version == read(ROW).version != read(ROW.replace("90", "91")).version
