"""`valuation explain` as a person sees it: the same lot always reads the same."""

import json
from datetime import date

import pytest

from valuation.api import run
from valuation.cli import main
from valuation.settings import Settings

LOT = (
    "Batch,Manufacturer,Model,Asset Type,Capacity,Quantity\n"
    "LOT-1,Seagate,ST4000NM0033-9ZM170,Hard Disk,4TB,60\n"
    "LOT-1,HGST,HUH721212ALE604,Hard Disk,12TB,40\n"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A hundred drives of two families, valued."""
    folder = tmp_path_factory.mktemp("hundred")
    (folder / "lot.csv").write_text(LOT, encoding="utf-8")
    settings = Settings(db=folder / "lot.duckdb", as_of=date(2026, 11, 22), draws=200)
    assert run([folder / "lot.csv"], settings=settings).exit_code == 0
    return folder


@pytest.fixture
def words(folder, monkeypatch, capsys):
    """Runs the command in the lot's folder: exit code, stdout, stderr."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "100")

    def said(*options):
        code = main(["explain", *options, "--db", "lot.duckdb"])
        return (code, *capsys.readouterr())

    return said


def test_each_depth_tells_more_and_begins_alike(words):
    texts = [words("LOT-1", "--depth", depth)[1] for depth in "1234"]
    assert [len(text) for text in texts] == sorted(len(text) for text in texts)
    assert len({text.splitlines()[0] for text in texts}) == 1
    figure, parts, factors, full = texts
    assert "What it is the sum of" not in figure and "What it is the sum of" in parts
    assert "captures on the way" not in parts and "captures on the way" in factors
    assert "\nSources\n" not in factors and "\nSources\n" in full
    assert words("LOT-1", "--full")[1] == full


def test_by_default_it_fits_a_few_screens_and_says_where_the_rest_is(words):
    code, out, err = words("LOT-1")
    assert code == 0 and not err
    lines = out.splitlines()
    assert len(lines) < 120
    assert max(map(len, lines)) <= 100
    assert "Check: the parts add up to" in out and "equal to the figure" in out
    assert "--full lists them, --json holds everything." in lines[-1]


def test_json_holds_what_the_text_tells(words):
    code, out, _ = words("LOT-1", "--json", "--route", "korea-zinc-us")
    found = json.loads(out)
    assert code == 0
    assert found["check"]["adds_up"] is True
    assert found["batch"]["units_listed"] == 100
    text = words("LOT-1", "--full", "--route", "korea-zinc-us")[1]
    for name in ("capture/dismantle-voice-coil/voice_coil/*", "price/nd_oxide"):
        assert name in found["rows"]
        assert name.partition("/")[2] in text
    assert all(source in text for source in found["sources"])


def test_a_net_that_is_not_known_is_told_with_the_reason(words):
    code, out, _ = words("LOT-1", "--route", "hpms-us")
    assert code == 0
    assert "Unknown, because: no price: ndfeb_alloy" in " ".join(out.split())
    assert "parts are not known." in out


def test_a_product_and_an_element_are_told_by_stream(words):
    sales = words("LOT-1", "--product", "nd_oxide", "--route", "korea-zinc-us")[1]
    assert "Sales at the point of sale, nd_oxide, route korea-zinc-us" in sales
    assert "stream voice_coil" in sales
    contained = words("LOT-1", "--element", "nd")[1]
    assert contained.startswith("LOT-1: Contained, nd\n")
    assert "stream spindle" in contained
    assert "route" not in contained.splitlines()[0]


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["LOT-2"], 2, "Did you mean `LOT-1`?"),
        (["LOT-1", "--route", "korea"], 2, "Did you mean `korea-zinc-us`?"),
        (["LOT-1", "--product", "gold_oxide"], 2, "There is no product `gold_oxide`"),
        (["LOT-1", "--measure", "gross"], 2, "Did you mean"),
        (["LOT-1", "--depth", "5"], 2, "--depth"),
        ([], 2, "Missing argument"),
    ],
)
def test_wrong_words_are_told_in_one_sentence(words, options, code, told):
    found, out, err = words(*options)
    assert found == code
    assert told in err and not out
    assert "Traceback" not in err


def test_the_explanation_of_a_hundred_drives_reads_as_it_did(words):
    """Structure and words, not figures, which move with the data: digits are left out."""
    told = words("LOT-1", "--route", "korea-zinc-us", "--depth", "1")[1]
    told = told.replace(" -", " ")  # a small lot gains or loses by a few dollars
    kept = "".join("#" if letter.isdigit() else letter for letter in told)
    while "##" in kept or "#,#" in kept or "#.#" in kept:
        for text in ("##", "#,#", "#.#"):
            kept = kept.replace(text, "#")
    assert kept.splitlines()[:3] == [
        "LOT-#: Net before any payment to the owner, route korea-zinc-us",
        "  mean # USD; # of # times between # and #",
        "  with every price at its mid: #",
    ]
    assert "lot.csv: # units listed, # inside hosts, #" in " ".join(kept.split())
