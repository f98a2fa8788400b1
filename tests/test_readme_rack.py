"""The rack of drives in the README: its table is what a run of it gives."""

import datetime
import re

import pytest

from tests.readme import README
from valuation.api import run
from valuation.settings import Settings

RACK = """Batch,Manufacturer,Model,Type,Capacity,Quantity
RACK-17,Seagate,ST16000NM001G-2KK103,HDD,16TB,160
RACK-17,Seagate,ST4000NM0033-9ZM170,HDD,4TB,80
"""
RESALE = """match,capacity_gb,price_low,price,price_high,currency,share_passing_low,share_passing,\
share_passing_high,cost_to_test,observed_on,source
hdd,16000,70,90,115,USD,0.80,0.88,0.94,4,2026-11-10,example
hdd,4000,6,9,13,USD,0.60,0.75,0.87,4,2026-11-10,example
"""
TITLES = {
    "boards": "boards",
    "aluminium": "aluminium",
    "rare_earths": "rare earths",
    "other_metals": "copper and other metals",
    "steel": "steel",
}


@pytest.fixture(scope="module")
def shares(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rack")
    (folder / "rack.csv").write_text(RACK, encoding="utf-8")
    (folder / "resale.csv").write_text(RESALE, encoding="utf-8")
    given = Settings(
        db=folder / "rack.duckdb",
        resale=folder / "resale.csv",
        as_of=datetime.date(2026, 11, 22),
        use_overrides=False,
    )
    return run(folder / "rack.csv", settings=given).frame("value_share").to_dicts()


def test_the_table_of_the_rack_is_what_a_run_gives(shares):
    text = README.read_text(encoding="utf-8")
    for row in (row for row in shares if row["route_id"] == "ionic-belfast"):
        limits = f"{row['gross_usd_p10']:,.0f} to {row['gross_usd_p90']:,.0f}"
        told = (
            f"| {TITLES[row['value_group']]} | {row['gross_usd']:,.0f} | {limits} "
            f"| {100 * row['gross_share']:.0f} % | {row['gross_usd'] / 240:.2f} |"
        )
        assert told in text


def test_what_the_rack_brings_sold_again_is_what_a_run_gives(shares):
    text = README.read_text(encoding="utf-8")
    found = re.search(r"\| \*resale instead.*\| ([\d,]+) \| \| \| ([\d.]+) \|", text)
    again = sum(row["gross_usd"] for row in shares if row["route_id"] == "reuse")
    assert found is not None
    assert float(found[1].replace(",", "")) == pytest.approx(again, rel=0.01)
    assert float(found[2]) == pytest.approx(again / 240, rel=0.01)
