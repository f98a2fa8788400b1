"""Our own labelled device strings: what only names a part is none, and parts are nothing else."""

import pytest

PARTS = ("fan", "psu")
SUFFIXES = (
    " slot", " bay", " container", " speed sensor", " RPM", " (RPM)", " status", " voltage", " mV",
)  # fmt: skip
HOSTS = (
    "Switch 1 - C9300-48P - ", "Z9100-ON ", "PowerEdge R740 ", "MX480 ", "NetApp DS4246 ",
    "EX4300-48T: ", "R740xd - ", "Switch 1 / ",
)  # fmt: skip
TEXTS = ("manufacturer", "model", "part_number", "description")
ASIDE = (" WITH ", " FOR ", " WORKS ", " COMPATIBLE ", " IN ", "_IN_")


@pytest.fixture(scope="module")
def strings(tables, identities_of):
    """Every labelled string with what the program says of it."""
    rows = tables.frame("device_string").to_dicts()
    found = identities_of(*({c: row[c] or "" for c in TEXTS} for row in rows))
    return list(zip(rows, found, strict=True))


@pytest.fixture(scope="module")
def part_texts(strings):
    """The text of one fan or power supply of every series that a single column names."""
    texts = {}
    for row, found in strings:
        columns = [c for c in ("model", "description") if row[c]]
        if row["kind"] in PARTS and found["kind"] == row["kind"] and len(columns) == 1:
            text = row[columns[0]]
            if not any(word in f" {text.upper()} " for word in ASIDE):
                texts.setdefault(row["series"], (row["kind"], columns[0], text))
    return list(texts.values())


def test_no_reading_port_or_place_is_ever_a_part(strings):
    invented = [
        (row["string_id"], found["kind"])
        for row, found in strings
        if row["reason"] and found["kind"] in PARTS
    ]
    assert invented == []


def test_nothing_else_is_ever_a_fan_or_a_power_supply(strings):
    invented = [
        (row["string_id"], row["kind"], found["kind"])
        for row, found in strings
        if found["kind"] in PARTS and row["kind"] != found["kind"]
    ]
    assert invented == []


@pytest.mark.parametrize("kind", PARTS)
def test_a_part_is_never_another_kind_and_seldom_left_open(strings, kind):
    found = [found["kind"] for row, found in strings if row["kind"] == kind]
    assert set(found) <= {kind, "unidentified"}
    assert found.count(kind) >= 0.98 * len(found)


def test_few_strings_of_any_kind_are_taken_for_another(strings):
    wrong = [
        (row["string_id"], row["kind"], found["kind"])
        for row, found in strings
        if found["kind"] not in (row["kind"], "unidentified")
    ]
    assert len(wrong) <= 0.01 * len(strings), wrong


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_place_or_reading_named_for_a_part_is_not_the_part(identities_of, part_texts, suffix):
    found = identities_of(*({column: text + suffix} for _, column, text in part_texts))
    left = [t for t, i in zip(part_texts, found, strict=True) if i["kind"] in PARTS]
    assert left == []


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_named_in_front_never_takes_the_part(identities_of, part_texts, host):
    found = identities_of(*({column: host + text} for _, column, text in part_texts))
    wrong = [
        (text, i["kind"])
        for (kind, _, text), i in zip(part_texts, found, strict=True)
        if i["kind"] != kind
    ]
    assert wrong == []


def test_a_host_behind_a_part_is_what_the_part_is_for(identities_of, part_texts):
    for host in (" for PowerEdge R740", " für ProLiant DL380 Gen9", " compatible with MX480"):
        found = identities_of(*({column: text + host} for _, column, text in part_texts))
        wrong = [
            (text, i["kind"])
            for (kind, _, text), i in zip(part_texts, found, strict=True)
            if i["kind"] != kind
        ]
        assert wrong == []


def test_there_are_enough_strings_of_enough_series(strings, part_texts):
    assert len(strings) >= 2500
    assert len(part_texts) >= 60
    assert len({row["series"] for row, _ in strings}) >= 400
