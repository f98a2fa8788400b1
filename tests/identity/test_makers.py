"""Makers: a host's code is little where the row names a maker that does not write it."""

import polars as pl
import pytest

from valuation.identity.clues import item_text, rule_clues
from valuation.identity.decide import trusted_clues
from valuation.identity.makers import OF_ANOTHER, kin_of
from valuation.identity.reference import Reference
from valuation.identity.text import clean, squash
from valuation.units import WHOLE_KINDS


def weight_of(tables, manufacturer, model, family):
    """Weight of a family's clue."""
    reference = tables.made(Reference)
    row = dict.fromkeys(("part_number_raw", "description_raw", "type_raw", "capacity_raw"), "")
    item = item_text(
        row | {"item_id": 1, "manufacturer_raw": manufacturer, "model_raw": model}, reference
    )
    clues = trusted_clues(item, rule_clues(item, reference), reference)
    return max(c.weight for c in clues if c.candidate == family)


def test_kin_is_known_both_ways(tables):
    kin = kin_of(tables)
    assert all(maker in kin[other] for maker, others in kin.items() for other in others)


def test_every_maker_of_a_pair_is_one_that_rows_name(tables):
    pairs = tables.frame("maker_kin")
    named = {m for n in ("maker", "catalogue", "grammar") for m in tables.frame(n)["maker"] if m}
    assert set(pairs["maker"]) | set(pairs["kin"]) <= named


def test_makers_of_a_pair_are_in_order_and_so_named_once(tables):
    assert all(a < b for a, b in tables.frame("maker_kin").select("maker", "kin").iter_rows())


@pytest.mark.parametrize("stranger", ["Yamaha", "Sunon"])
def test_no_code_of_a_host_is_much_where_a_stranger_is_named(tables, stranger):
    families = tables.frame("catalogue").filter(
        pl.col("kind").is_in(WHOLE_KINDS) & (pl.col("maker") != stranger)
    )
    kin = kin_of(tables)
    for row in families[::60].iter_rows(named=True):
        if row["maker"] is None or stranger in kin[row["maker"]]:
            continue
        if tables.made(Reference).maker_prefix.match(clean(row["example"])):
            continue  # the text itself names whose it is
        texts = (row["example"], row["family_key"])
        assert weight_of(tables, stranger, *texts) == OF_ANOTHER
        assert weight_of(tables, row["maker"], *texts) > OF_ANOTHER
        assert weight_of(tables, "Some Reseller Ltd", *texts) > OF_ANOTHER


def test_the_same_code_of_two_makers(identities_of):
    found = identities_of(
        {"manufacturer": "Ruckus", "model": "R850"},
        {"manufacturer": "Dell", "model": "R850"},
        {"manufacturer": "Some Reseller Ltd", "model": "R850"},
        {"model": "R850"},
    )
    assert [i["kind"] for i in found] == ["unidentified", "server", "server", "server"]


@pytest.mark.parametrize(
    ("manufacturer", "model", "kind"),
    [
        ("Lenovo", "System x3650 M4", "server"),  # begun by IBM
        ("HPE", "Aruba 8325-48Y8C", "switch"),  # one house
        ("HPE", "PowerEdge R740", "server"),  # the name says whose it is
    ],
)
def test_hosts_sold_under_another_name_stay(identity_of, manufacturer, model, kind):
    assert identity_of({"manufacturer": manufacturer, "model": model})["kind"] == kind


@pytest.mark.parametrize("model", ["S5830dn", "P2055dn", "FS-1320DN", "MS410dn", "HL-5450DN"])
def test_a_printer_is_no_switch(identity_of, model):
    assert identity_of(model)["kind"] == "other"


@pytest.mark.parametrize(
    ("maker", "model", "kind"),
    [
        ("Dell Inc.", "M630", "server"),
        ("Dell", "MX740c", "server"),
        ("IBM", "3650 M4", "server"),
        ("Supermicro", "6048R-E1CR36N", "server"),
        ("Check Point", "5600", "switch"),
        ("Nvidia", "P100", "gpu"),
        ("Juniper", "MX-FAN-AFO", "fan"),
        ("Western Digital", "Red Pro", "hdd"),
        ("Western Digital", "Blue SN570", "ssd"),
    ],
)
def test_a_maker_in_its_own_column_is_read_as_before_the_model(identity_of, maker, model, kind):
    assert identity_of({"manufacturer": maker, "model": model})["kind"] == kind
    assert identity_of(f"{maker} {model}")["kind"] == kind


def test_no_family_is_lost_where_its_maker_has_a_column(tables, identities_of):
    reference = tables.made(Reference)
    names = ("maker", "kind", "example")
    rows = pl.concat(tables.frame(t).select(names) for t in ("catalogue", "grammar"))
    kin = kin_of(tables)
    split = []
    for maker, kind, example in rows.drop_nulls().iter_rows():
        begins = reference.maker_prefix.match(clean(example))
        named = reference.makers[squash(begins["maker"])] if begins else ""
        if named in kin[maker] and kind != "other":  # the `Flex` of a Flex System is no maker
            split.append((example, example[: begins.end("maker")], example[begins.end() :]))
    joined = identities_of(*(example for example, _, _ in split))
    parted = identities_of(*({"manufacturer": m, "model": rest} for _, m, rest in split))
    others = [
        (example, one["kind"], other["kind"])
        for (example, _, _), one, other in zip(split, joined, parted, strict=True)
        if one["kind"] != other["kind"]
    ]
    assert not others


def test_naming_the_maker_of_an_example_changes_nothing_and_makes_it_no_less_sure(
    tables, identities_of
):
    names = ("maker", "example")
    rows = pl.concat(tables.frame(t).select(names) for t in ("catalogue", "grammar")).drop_nulls()
    alone = identities_of(*rows["example"])
    named = identities_of(*({"manufacturer": m, "model": text} for m, text in rows.iter_rows()))
    for text, one, other in zip(rows["example"], alone, named, strict=True):
        assert other["kind"] == one["kind"], text
        assert other["confidence"] > one["confidence"] - 0.03, text
