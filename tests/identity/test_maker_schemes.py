"""Lines nobody has listed, read by what their makers say of all their part numbers.

The truths are the makers' own; every family and every narrower pattern is taken away.
"""

import pytest

from valuation.identity.clues import pattern_clues
from valuation.identity.describing import describe
from valuation.identity.open_texts import read_item
from valuation.identity.reference import Reference
from valuation.identity.weighing import own_clues

LINES = [
    ("HUH721212ALE604", "hdd", 3.5, 12000),
    ("HUH728080AL5204", "hdd", 3.5, 8000),
    ("HDN726060ALE614", "hdd", 3.5, 6000),
    ("HDS721010CLA332", "hdd", 3.5, 1000),
    ("HDS5C3020ALA632", "hdd", 3.5, 2000),
    ("HMS5C4040BLE640", "hdd", 3.5, 4000),
    ("HUS726T4TALA6L4", "hdd", 3.5, 4000),
    ("HUS724030ALS640", "hdd", 3.5, 3000),
    ("HUC101818CS4204", "hdd", 2.5, 1800),
    ("HUS156060VLS600", "hdd", 3.5, 600),
    ("HTS541010G9SA00", "hdd", 2.5, 100),
    ("HTS541010A9E680", "hdd", 2.5, 1000),
    ("WUH721414ALE6L4", "hdd", 3.5, 14000),
    ("WUS721010ALE6L4", "hdd", 3.5, 10000),
    ("HUSMR7619BDP301", "ssd", None, 1920),
    ("HUSMM8080ASS204", "ssd", None, 800),
    ("WUS4BB076D7P3E1", "ssd", None, 7680),
    ("WUSTM3232ASS204", "ssd", None, 3200),
    ("WD181KRYZ-01AGBB0", "hdd", 3.5, 18000),
    ("WD60EFAX-68SHWN0", "hdd", 3.5, 6000),
    ("WD2003FYYS-02W0B0", "hdd", 3.5, 2000),
    ("WD1502FYPS-02W3B0", "hdd", 3.5, 1500),
    ("WD7500BPKX-22HPJT0", "hdd", 2.5, 750),
    ("WD20SPZX-00UA7T0", "hdd", 2.5, 2000),
    ("WD5003ABYZ-011FA0", "hdd", 3.5, 500),
    ("WD25EZRS-00J99B0", "hdd", 3.5, 2500),
    ("ST8000NM0055-1RM112", "hdd", 3.5, 8000),
    ("ST2000NX0253-2DF103", "hdd", 2.5, 2000),
    ("ST900MM0168", "hdd", 2.5, 900),
    ("ST2000LM015-2E8174", "hdd", 2.5, 2000),
    ("ST12000VN0008-2PH103", "hdd", 3.5, 12000),
    ("ST9500325AS", "hdd", 2.5, 500),
    ("ST35000NSSUN500G", "hdd", 3.5, 500),
    ("ST914602SSUN146G", "hdd", 2.5, 146),
    ("XS3840SE10103", "ssd", 2.5, 3840),
    ("XP1600HE30002", "ssd", None, 1600),
    ("ZA1000NM10002", "ssd", 2.5, 1000),
    ("MG09ACA18TE", "hdd", 3.5, 18000),
    ("MQ04UBF100", "hdd", 2.5, 1000),
    ("DT01ACA200", "hdd", 3.5, 2000),
    ("HDWL120", "hdd", 2.5, 2000),
    ("HDWG480", "hdd", 3.5, 8000),
    ("SP1614C", "hdd", 3.5, 160),
    ("SV0802N", "hdd", 3.5, 80),
    ("MP0804H", "hdd", 2.5, 80),
    ("MB6000GEXXV", "hdd", None, 6000),
    ("EG001800JWFVC", "hdd", None, 1800),
    ("VK001920GWTTC", "ssd", None, 1920),
    ("SDLF1CRM-016T-1HA1", "ssd", None, 1600),
]

SCHEMES = (
    "hgst-any", "hgst-ssd-any", "hpe-any", "hpe-ssd-any", "samsung-spinpoint-any",
    "seagate-old-any", "seagate-new", "seagate-ssd-any", "toshiba-any", "toshiba-mk-any", "wd-any",
)  # fmt: skip


def is_scheme(row):
    """Whether a row is for every line of a maker, or for more of them than one."""
    return row in (*SCHEMES, "sandisk-sd-any", "toshiba-hdw", "wd-35-10tb")


@pytest.fixture(scope="module")
def schemes(tables):
    """The reference with nothing but rows for every line of a maker."""
    rows = tables.frame("grammar")["grammar_id"]
    families = tables.frame("catalogue")["family_key"]
    narrow = {f"grammar/{row}" for row in rows if not is_scheme(row)}
    return Reference(tables, without=frozenset(narrow | {f"catalogue/{key}" for key in families}))


def item_of(text):
    columns = ("manufacturer", "model", "part_number", "description", "type", "capacity")
    return {"item_id": 0, **{f"{c}_raw": text if c == "model" else "" for c in columns}}


@pytest.mark.parametrize(("text", "kind", "form_factor_in", "size_gb"), LINES)
def test_a_line_nobody_listed_is_read_by_its_makers_scheme(
    schemes, text, kind, form_factor_in, size_gb
):
    item, _ = read_item(item_of(text), schemes)
    clues = pattern_clues(item, schemes, [])
    assert {clue.kind for clue in clues} == {kind}
    traits, source = describe(item, kind, own_clues(clues, kind), schemes)
    assert (traits.form_factor_in, traits.capacity_gb) == (form_factor_in, size_gb)
    assert source == "model"


def test_a_scheme_weighs_less_than_every_line_that_reads_its_part_numbers(tables):
    reference = Reference(tables)
    weights = dict(tables.frame("grammar").select("grammar_id", "weight").rows())
    wrong = set()
    for name in tables.frame("drive_string")["model"].drop_nulls().unique().sort():
        item, _ = read_item(item_of(name), reference)
        clues = [c for c in pattern_clues(item, reference, []) if c.method == "grammar"]
        new = [c.candidate for c in clues if c.candidate in SCHEMES]
        lines = [c.candidate for c in clues if c.traits.capacity_gb and c.candidate not in SCHEMES]
        wrong |= {
            (scheme, line)
            for scheme in new
            for line in lines
            if weights[scheme] >= weights[line] and not line.endswith(("-any", "-cut"))
        }
    assert wrong == set()
