"""Parameter groups: every uncertain parameter of a run belongs to one, and to one only."""

from tests.exports import settings
from valuation.api import run
from valuation.parameter_groups import CONTENT_GROUPS, COUNT, GROUPS, ROUTE_GROUPS, group_of
from valuation.uncertain import Source

EVERY_KIND = (
    "Batch,Serial Number,Manufacturer,Model,Description,Asset Type,Capacity,Quantity\n"
    "A,S1,Seagate,ST4000NM0033-9ZM170,,Hard Disk,4TB,3\n"
    "A,S2,HGST,HUH721212ALE604,,Hard Disk,12TB,3\n"
    "A,S3,Dell,PowerEdge R730xd,storage node 12x 6TB SATA,Servers,,1\n"
    "A,S4,Cisco,NXA-FAN-30CFM-F,,Fan,,2\n"
    "A,S5,,hard drive 4TB,,HDD,,2\n"
    "A,S6,,something nobody can tell,,,,2\n"
)


def test_no_first_word_of_a_key_is_in_two_groups():
    words = [word for words in GROUPS.values() for word in words]
    assert len(words) == len(set(words))
    assert {*CONTENT_GROUPS, *ROUTE_GROUPS, COUNT} <= set(GROUPS)


def test_every_key_drawn_in_a_run_belongs_to_a_group(tmp_path, monkeypatch):
    keys: set[str] = set()
    digest = Source._digest

    def recorded(source, key):
        keys.add(key)
        return digest(source, key)

    monkeypatch.setattr(Source, "_digest", recorded)
    path = tmp_path / "x.csv"
    path.write_text(EVERY_KIND, encoding="utf-8")
    run([path], settings=settings(tmp_path, draws=20))
    run([path], settings=settings(tmp_path, draws=20, form="module", replace=True))
    found = {group_of(key) for key in keys}  # a key of no group is an error
    assert {*CONTENT_GROUPS, *ROUTE_GROUPS, COUNT, "outside"} == found
