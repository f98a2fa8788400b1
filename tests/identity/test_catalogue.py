"""Drive families: no model belongs to two, facts are possible and agree, no gas is guessed."""

import polars as pl
import pytest

from valuation.identity.reference import Reference
from valuation.identity.text import clean

DRIVES = ("hdd", "ssd", "tape_drive")
FIRST_HELIUM = 2013
FEWEST_HELIUM_PLATTERS = 5
MASS_G = {3.5: (350, 850), 2.5: (60, 280)}
SAME_SPEED = 0.1
"""Drives sold as 10,000 rpm turn at up to 10,520, those sold as 5,400 at up to 5,940. [1]"""

# Drives known by hand: form factor, rpm, gas, platters, class; and where each is known from.
KNOWN = [
    ("ST3000DM001-1CH166", 3.5, 7200, "air", 3, "hdd-3.5-desktop", "data sheet: 1 TB a platter"),
    ("ST31000528AS", 3.5, 7200, "air", 2, "hdd-3.5-desktop", "data sheet: 500 GB a platter"),
    ("ST31000340NS", 3.5, 7200, "air", 4, "hdd-3.5-nearline-air", "data sheet"),
    ("ST4000NM0033-9ZM170", 3.5, 7200, "air", 5, "hdd-3.5-nearline-air", "product manual"),
    ("ST6000NM0024-1HT17Z", 3.5, 7200, "air", 6, "hdd-3.5-nearline-air", "press: six of 1 TB"),
    ("ST10000NM0016-1TT101", 3.5, 7200, "helium", 7, "hdd-3.5-nearline-helium", "press, 2016"),
    ("ST12000NM0007-2A1101", 3.5, 7200, "helium", 8, "hdd-3.5-nearline-helium", "press, 2017"),
    ("ST16000NM001G-2KK103", 3.5, 7200, "helium", 9, "hdd-3.5-nearline-helium", "press, 2019"),
    ("ST20000NM007D-3DJ103", 3.5, 7200, "helium", 10, "hdd-3.5-nearline-helium", "manual"),
    ("ST14000NM0001", 3.5, 7200, "helium", 8, "hdd-3.5-nearline-helium-dual", "press: MACH.2"),
    ("ST3600057SS", 3.5, 15000, "air", 4, "hdd-3.5-15k", "data sheet: 150 GB a platter"),
    ("ST3300007LC", 3.5, 10000, "air", 4, "hdd-3.5-15k", "data sheet"),
    ("ST2400MM0129", 2.5, 10500, "air", 4, "hdd-2.5-enterprise", "hwp24.com: four plates"),
    ("ST9146852SS", 2.5, 15000, "air", 2, "hdd-2.5-enterprise", "data sheet"),
    ("ST10000VE001-2XG101", 3.5, 7200, "air", None, "hdd-3.5-desktop", "blocksandfiles.com, 2022"),
    ("HUS724040ALE640", 3.5, 7200, "air", 5, "hdd-3.5-nearline-air", "data sheet: five of 800 GB"),
    ("HUS726060ALA640", 3.5, 7200, "helium", 7, "hdd-3.5-nearline-helium", "press, 2013: He6"),
    ("HUS726060ALE614", 3.5, 7200, "air", 5, "hdd-3.5-nearline-air", "data sheet: 7K6000"),
    ("HUH721212ALE600", 3.5, 7200, "helium", 8, "hdd-3.5-nearline-helium", "heise.de, 2017"),
    ("WUS721010ALE6L4", 3.5, 7200, "air", 6, "hdd-3.5-nearline-air", "data sheet: HC330"),
    ("WD102KFBX-68M95N0", 3.5, 7200, "air", 6, "hdd-3.5-desktop", "drivedb: no helium level"),
    ("WSH722020ALE6L0", 3.5, 7200, "helium", 9, "hdd-3.5-nearline-helium", "press, 2020"),
    ("WD3000HLFS-01G6U0", 2.5, 10000, "air", 2, "hdd-2.5-enterprise", "data sheet"),
    ("MG06ACA10TE", 3.5, 7200, "air", 7, "hdd-3.5-nearline-air", "heise.de, 2017"),
    ("MG07ACA14TE", 3.5, 7200, "helium", 9, "hdd-3.5-nearline-helium", "heise.de, 2017"),
    ("AL13SXB300N", 2.5, 15000, "air", 2, "hdd-2.5-enterprise", "data sheet"),
    ("HTS541515A9E630", 2.5, 5400, "air", 3, "hdd-2.5-notebook", "data sheet: three of 500 GB"),
    ("HD204UI", 3.5, 5400, "air", 3, "hdd-3.5-desktop", "data sheet: 667 GB a platter"),
]


@pytest.fixture(scope="module")
def families(tables):
    """The catalogue's drive families."""
    return tables.frame("catalogue").filter(pl.col("kind").is_in(DRIVES))


@pytest.fixture(scope="module")
def reference(tables):
    """Compiled patterns."""
    return Reference(tables)


@pytest.fixture(scope="module")
def drive_models(tables):
    """Every drive model that the reference data names."""
    grammar = tables.frame("grammar").filter(pl.col("kind").is_in(DRIVES))
    catalogue = tables.frame("catalogue")
    listed = tables.frame("drive_string")["model"].to_list()
    return [*catalogue["example"], *grammar["example"], *listed]


def families_of(reference, text):
    """The drive families that claim a text."""
    clues = reference.patterns_in("model", clean(text))
    return [c for c in clues if c.method == "catalogue" and c.kind in DRIVES]


def test_no_model_belongs_to_two_drive_families(reference, drive_models):
    claimed = {m: {c.candidate for c in families_of(reference, m)} for m in drive_models}
    assert {model: names for model, names in claimed.items() if len(names) > 1} == {}


def test_a_family_and_the_grammar_of_its_number_say_the_same(reference, drive_models):
    disagreements = []
    for model in drive_models:
        spelt = [c for c in reference.patterns_in("model", clean(model)) if c.method == "grammar"]
        for family in families_of(reference, model):
            said = max(spelt, key=lambda c: (c.weight, len(c.matched)), default=family)
            ours, theirs = family.traits, said.traits
            speeds = (ours.rpm or theirs.rpm or 1, theirs.rpm or ours.rpm or 1)
            sizes = {ours.form_factor_in, theirs.form_factor_in} - {None}
            fills = {ours.fill, theirs.fill} - {None}
            if (
                family.kind != said.kind
                or max(len(sizes), len(fills)) > 1
                or abs(speeds[0] / speeds[1] - 1) > SAME_SPEED
            ):
                disagreements.append((model, family.candidate, said.candidate))
    assert disagreements == []


def test_helium_is_never_older_than_helium_drives_nor_thin(families):
    helium = families.filter(pl.col("fill") == "helium")
    impossible = helium.filter(
        (pl.col("launch_year") < FIRST_HELIUM) | (pl.col("platters") < FEWEST_HELIUM_PLATTERS)
    )
    assert impossible.is_empty(), impossible["family_key"].to_list()
    assert set(helium["form_factor_in"]) == {3.5}
    assert set(helium["kind"]) == {"hdd"}


def test_facts_of_families_are_possible(families):
    assert families["launch_year"].drop_nulls().is_between(1995, 2026).all()
    assert families["platters"].drop_nulls().is_between(1, 11).all()
    disks = families.filter(pl.col("kind") == "hdd")
    others = families.filter(pl.col("kind") != "hdd")
    assert disks["actuators"].is_in([1, 2]).all()
    assert disks["rpm"].drop_nulls().is_between(3600, 15000).all()
    assert others.select("rpm", "fill", "actuators", "platters").null_count().row(0) == (
        (others.height,) * 4
    )


def test_masses_of_drives_fit_their_form_factor(tables, families):
    weighed = families.join(tables.frame("family_mass"), on="family_key")
    for row in weighed.to_dicts():
        low, high = MASS_G[row["form_factor_in"]]
        assert low <= row["low"] <= row["value"] <= row["high"] <= high, row["family_key"]


def test_the_catalogue_knows_the_usual_drives(families):
    counts = dict(families["kind"].value_counts().iter_rows())
    assert counts["hdd"] >= 300
    assert counts["ssd"] >= 60
    assert counts["tape_drive"] == 10


def test_every_drive_of_a_numbered_family_keeps_its_capacity(families, identities_of):
    """A size is read by the grammar of the number or by the family's own pattern."""
    numbered = families.filter(
        (pl.col("kind") != "tape_drive") & pl.col("example").str.contains(r"\d{4}")
    ).filter(~pl.col("example").str.contains("(?i)solidigm|XF1230"))
    found = identities_of(*numbered["example"])
    unread = [i["family_key"] for i in found if i["capacity_gb"] is None]
    assert unread == []


@pytest.mark.parametrize(
    ("model", "capacity_gb"),
    [
        ("HDS724040KLSA80", 400),  # the same digits are 4 TB in a later family
        ("HDS724040ALE640", 4000),
        ("HDS722540VLAT20", 40),
        ("HTS541010G9SA00", 100),
        ("HTS541010A9E680", 1000),
        ("HTS545040B9A300", 400),
        ("HDP725040GLA360", 400),
        ("MK2529GSG", 250),
        ("WD2500YD-01NVB1", 250),
        ("MN08ACA14T", 14000),
        ("WSH722020ALE6L0", 20000),
        ("DTLA-307075", 75),
    ],
)
def test_the_family_says_what_its_digits_mean(identity_of, model, capacity_gb):
    assert identity_of(model)["capacity_gb"] == capacity_gb


@pytest.mark.parametrize("known", KNOWN, ids=[row[0] for row in KNOWN])
def test_drives_known_by_hand_come_out_so(families, identity_of, known):
    model, form_factor_in, rpm, fill, platters, item_class, _origin = known
    found = identity_of(model)
    family = families.row(by_predicate=pl.col("family_key") == found["family_key"], named=True)
    assert (found["kind"], found["item_class"]) == ("hdd", item_class)
    assert (found["form_factor_in"], family["fill"]) == (form_factor_in, fill)
    assert (family["platters"]) == platters
    assert found["rpm"] == pytest.approx(rpm, rel=SAME_SPEED)


@pytest.mark.parametrize(
    ("model", "item_class"),
    [
        ("WD80EFAX-68LHPN0", "hdd-3.5-nearline-helium"),
        ("WD80EFAX-68KNBN0", "hdd-3.5-desktop"),
        ("WD80EFAX", "hdd-3.5-desktop"),
        ("ST10000VX0004-1ZE101", "hdd-3.5-nearline-helium"),
        ("HDWG11A", "hdd-3.5-desktop"),
        ("HDWG21E", "hdd-3.5-nearline-helium"),
        ("MN06ACA10T", "hdd-3.5-desktop"),
        ("MG10ADA10TE", "hdd-3.5-nearline-air"),
    ],
)
def test_one_name_may_hold_air_and_helium(identity_of, model, item_class):
    assert identity_of(model)["item_class"] == item_class


@pytest.mark.parametrize(
    ("name", "family_key"),
    [
        ("Seagate Exos X18 18TB", "seagate-exos-x18"),
        ("Exos 2X18 MACH.2", "seagate-exos-2x18"),
        ("Cheetah 15K.7 600GB", "seagate-cheetah-15k7"),
        ("Ultrastar DC HC550 18TB SAS", "wd-ultrastar-hc550"),
        ("HGST Ultrastar He8", "hgst-ultrastar-he8"),
        ("ST1000DM005 HD103SJ", "samsung-spinpoint-f3"),
        ("IBM ULT3580-HH7", "lto-07"),
        ("HP Ultrium 3000", "lto-05"),
    ],
)
def test_a_family_is_known_by_its_name_too(identity_of, name, family_key):
    assert identity_of(name)["family_key"] == family_key


@pytest.mark.parametrize(
    "text",
    [
        "LTO-6 Ultrium tape cartridge",
        "HP LTO-5 Ultrium 3TB RW Data Cartridge",
        "LTO-9 barcode labels",
        "LTO Ultrium 6 cleaning cartridge",
        "LTO-8 Type M tape",
        "Exos X18 caddy",
    ],
)
def test_what_goes_into_a_drive_or_around_it_is_no_drive(identity_of, text):
    assert identity_of(text)["kind"] == "other"
