"""A run with measurements: a form is filled in, read back, and moves what it says, told as such."""

import csv
import datetime
import json

import pytest

from valuation.api import run
from valuation.cli import main
from valuation.errors import InputError
from valuation.settings import Settings

EXPORT = """Batch,Manufacturer,Model,Quantity
lot,Seagate,ST16000NM001G,120
lot,Western Digital,WUH721414ALE6L4,80
lot,Toshiba,MG06ACA10TE,30
other,Seagate,ST16000NM001G,5
"""
FAMILY = "seagate-exos-x16"


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    path = tmp_path_factory.mktemp("lot") / "lot.csv"
    path.write_text(EXPORT, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def before(export):
    return valued(export, export.with_name("before.duckdb"))


def valued(export, db, *measured):
    settings = Settings(
        db=db, as_of=datetime.date(2026, 11, 22), draws=400, batch_by="Batch", measured=measured
    )
    return run(export, settings=settings)


@pytest.fixture(scope="module")
def form(before, export):
    """The form of `weigh`, filled in for one family alone."""
    empty, filled = export.with_name("form.csv"), export.with_name("filled.csv")
    assert main(["weigh", "lot", "--db", str(before.db), "--template", str(empty)]) == 0
    with empty.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    row = next(r for r in rows if r["family"] == FAMILY and r["location"] == "voice_coil")
    row |= {"state": "coated", "n_pieces": "5", "value": "22.5", "author": "A. Weigher"}
    with filled.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return filled


@pytest.fixture(scope="module")
def after(export, form):
    return valued(export, export.with_name("after.duckdb"), form)


def test_the_form_that_was_filled_in_is_read_back(after):
    (row,) = after.frame("own_measurement").to_dicts()
    assert (row["family_key"], row["value"], row["author"]) == (FAMILY, 22.5, "A. Weigher")
    assert row["basis"] == "measured" and row["method"] == "weigh"
    assert row["before_value"] < row["after_value"] < 22.5 * 1.001
    assert row["after_cv"] < row["before_cv"] / 3
    assert after.summary["measured"]["rows"] == 1


def test_more_was_weighed_than_expected_so_the_lot_holds_more_and_surer(before, after):
    def ree(result):
        return result.summary["rare_earths_kg"]["contained"]

    assert ree(after)["mean"] > ree(before)["mean"]
    assert ree(after)["p90"] - ree(after)["p10"] < ree(before)["p90"] - ree(before)["p10"]


def test_it_is_another_world_and_one_without_measurements_is_as_it_was(before, after, export):
    worlds = [r.frame("run")["world_id"][-1] for r in (before, after)]
    assert worlds[0] != worlds[1]
    options = [json.loads(r.frame("run")["options"][-1]) for r in (before, after)]
    assert "measured" not in options[0] and options[1]["measured"]


def test_the_store_names_the_file_as_a_source(after, form):
    sources = {r["source_id"]: r["title"] for r in after.frame("source").to_dicts()}
    assert str(form) in sources["measured-filled"]
    content = after.frame("content").filter(
        stream="voice_coil", item_class="hdd-3.5-nearline-helium"
    )
    assert "measured-filled" in content["sources"][0].to_list()
    assert content["basis"][0] != "measured"  # one of its families was weighed, not the class


def test_coverage_counts_the_weighed_family_alone_as_measured(before, after):
    def share(result):
        rows = result.frame("coverage").filter(batch_id="lot", question="basis", answer="measured")
        return rows["units_share"].sum()

    assert share(before) == 0
    assert 0 < share(after) < 0.1  # the magnet is a fiftieth of the drive


def test_a_family_that_was_weighed_is_no_longer_the_first_to_weigh(before, after):
    def first(result):
        rows = result.frame("batch_measurement").filter(batch_id="lot", route_id="korea-zinc-us")
        return rows.sort("rank")["family_key"][0]

    assert first(before) == FAMILY
    assert first(after) != FAMILY


def test_ranks_count_from_one_and_ranges_narrow(before):
    rows = before.frame("batch_measurement")
    for _, some in rows.group_by("batch_id", "route_id"):
        assert sorted(some["rank"]) == list(range(1, some.height + 1))
        assert some.sort("rank")["narrowing_usd_per_piece"].is_sorted(descending=True)
    assert (rows["width_after_usd"] <= rows["width_now_usd"]).all()
    assert (rows["ree_width_after_kg"] <= rows["ree_width_now_kg"]).all()
    assert (rows["pieces"] <= rows["units_in_batch"].ceil()).all()


def test_a_file_that_cannot_be_taken_stops_the_run_before_anything_is_read(export, tmp_path):
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("quantity,value,unit,author\nmagnet_mass,5,,A\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"wrong\.csv, row 2, column unit"):
        valued(export, tmp_path / "x.duckdb", wrong)
    assert not (tmp_path / "x.duckdb").exists()


def test_a_mass_far_from_what_was_expected_is_doubted_aloud(export, tmp_path):
    total = tmp_path / "total.csv"
    total.write_text(
        "family,item_class,quantity,state,n_pieces,value,unit,author\n"
        f"{FAMILY},hdd-3.5-nearline-helium,magnet_mass,coated,20,350,g,A\n",
        encoding="utf-8",
    )
    told = valued(export, tmp_path / "x.duckdb", total).summary["warnings"]
    assert any("measured-total, row 2: 350 g" in sentence for sentence in told)


def test_weigh_tells_what_to_do_and_that_net_hardly_moves(before, capsys):
    assert main(["weigh", "lot", "--db", str(before.db)]) == 0
    out = capsys.readouterr().out
    assert "What to measure next in lot" in out and FAMILY in out
    assert "the range comes from other materials and prices" in out


def test_weigh_as_json_for_another_route_and_pieces(before, capsys):
    words = ["weigh", "lot", "--db", str(before.db), "--json", "--route", "shred-to-steel"]
    assert main([*words, "--pieces", "1"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["route"] == "shred-to-steel"
    assert {r["pieces"] for r in told["measurements"] if r["method"] != "assay"} == {1}


def test_pieces_asked_for_are_close_to_what_a_run_would_say(before, tables):
    """One over the variance observed is right to the first order in log mass."""
    from valuation.weigh import to_measure

    def row(pieces):
        found = to_measure(before.db, "lot", pieces=pieces).rows
        return next(r for r in found if r["family_key"] == FAMILY and r["location"] == "voice_coil")

    assert row(None) == row(5)
    widths = [row(n)["ree_width_after_kg"] for n in (1, 5, 50)]
    assert widths == sorted(widths, reverse=True)
    per_piece = [row(n)["narrowing_usd_per_piece"] for n in (1, 5, 50)]
    assert per_piece == sorted(per_piece, reverse=True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["lott"], "Did you mean `lot`?"),
        (["lot", "--route", "korea-zinc"], "Did you mean `korea-zinc-us`?"),
        (["lot", "--route", "reuse"], "says why a route has no net"),
        (["lot", "--pieces", "0"], "Invalid value for '--pieces'"),
    ],
)
def test_weigh_refuses_in_words(before, capsys, words, says):
    assert main(["weigh", *words, "--db", str(before.db)]) == 2
    assert says in capsys.readouterr().err


def test_weigh_needs_a_file_of_this_version(before, tmp_path, capsys):
    import shutil

    import duckdb

    old = tmp_path / "old.duckdb"
    shutil.copy(before.db, old)
    with duckdb.connect(old) as connection:
        connection.execute("update run set schema_version = 4")
    assert main(["weigh", "lot", "--db", str(old)]) == 2
    assert "Value it again" in capsys.readouterr().err


def test_a_form_is_never_written_over(before, form, capsys):
    assert main(["weigh", "lot", "--db", str(before.db), "--template", str(form)]) == 2
    assert "is there already" in capsys.readouterr().err


def test_a_form_nobody_filled_in_is_told(before, export):
    with pytest.raises(InputError, match="holds no measurement"):
        valued(export, export.with_name("y.duckdb"), export.with_name("form.csv"))


def test_an_explanation_reaches_the_measurement(after, capsys):
    words = ["explain", "lot", "--db", str(after.db), "--route", "korea-zinc-us"]
    assert main([*words, "--product", "nd_oxide", "--full"]) == 0
    out = capsys.readouterr().out
    assert f"measured-filled/{row_of(after)}" in out
    assert "given by the user" in out


def row_of(result):
    return result.frame("own_measurement")["source_row"][0]
