"""How a batch's form is decided, kept and told; and runs of one lot in each form."""

import numpy as np
import polars as pl
import pytest

from tests.exports import export, settings, table
from valuation.api import run
from valuation.errors import SettingsError
from valuation.forms import SCHEMA, Forms, decide_forms
from valuation.settings import Settings

HEADER = "Batch,Serial Number,Manufacturer,Model,Asset Type,Quantity,Status\n"
DRIVE = "Seagate,ST4000NM0033-9ZM170,Hard Disk"
SERVER = "Dell,PowerEdge R740,Server"
PULL_ROUTES = ("hpms-us", "ionic-belfast", "ionic-dna-link", "korea-zinc-us")
NO_BATCH = pl.DataFrame(schema=SCHEMA)


def said(**units):
    """What the lines of batch B say: units by form, `silent` for those that say nothing."""
    rows = [("B", None if form == "silent" else form, float(n)) for form, n in units.items()]
    return pl.DataFrame(rows, schema=["batch_id", "form", "units"], orient="row")


def decide(tables, found, chosen=None):
    forms = decide_forms(["B"], found, NO_BATCH, chosen, tables)
    return forms.decided.get("B", ("whole", "default")), forms.warnings


def lot(path, *rows):
    """An export of (item, serial, quantity, status)."""
    lines = [f"B,{serial},{item},{quantity},{status}\n" for item, serial, quantity, status in rows]
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path


def drives(*statuses, quantity=10):
    return [(DRIVE, f"Z{i:04d}", quantity, status) for i, status in enumerate(statuses)]


def form_of(result):
    return result.frame("batch").select("form", "form_from").row(0)


def test_lines_that_agree_decide_without_a_word(tables):
    assert decide(tables, said(shredded=10)) == (("shredded", "status"), ())


def test_lines_that_say_nothing_follow_where_the_others_are_half_at_least(tables):
    (form, (warning,)) = decide(tables, said(shredded=10, silent=10))
    assert form == ("shredded", "status")
    assert "10 units shredded, 10 of which nothing is said" in warning and "--form" in warning


def test_a_few_lines_do_not_decide_for_all_the_others(tables):
    (form, (warning,)) = decide(tables, said(shredded=1, silent=999))
    assert form == ("whole", "mixed")
    assert "1 units shredded, 999 of which nothing is said" in warning


def test_a_mixed_batch_is_valued_whole_and_the_warning_names_the_way_on(tables):
    (form, (warning,)) = decide(tables, said(shredded=60, module=40))
    assert form == ("whole", "mixed")
    for words in ("40 units module", "60 units shredded", "--batch-by", "--form"):
        assert words in warning


def test_a_batch_of_which_nothing_is_said_is_whole(tables):
    assert decide(tables, said(silent=5)) == (("whole", "default"), ())
    assert decide(tables, said(whole=1, silent=9)) == (("whole", "status"), ())


def test_the_callers_choice_comes_first(tables):
    assert decide(tables, said(shredded=10), "module") == (("module", "option"), ())


def test_a_kept_batch_keeps_its_form_unless_the_caller_chooses_for_all_of_them(tables):
    kept = pl.DataFrame([("K", "module", "option"), ("O", None, None)], SCHEMA, orient="row")
    forms = decide_forms([], said(), kept, None, tables)
    assert forms.decided == {"K": ("module", "option")}
    assert forms.used == ("whole", "module")
    again = decide_forms([], said(), kept, "shredded", tables)
    assert set(again.of_batches.values()) == {"shredded"}
    beside = decide_forms(["B"], said(), kept, "shredded", tables)
    assert beside.of_batches == {"K": "module", "B": "shredded"}


def test_batches_without_a_word_are_whole_in_the_rows():
    assert Forms().rows(["B"]).row(0) == ("B", "whole", "default")


def test_a_form_nobody_knows_is_refused_with_the_nearest():
    with pytest.raises(SettingsError, match="shredded"):
        Settings(form="shreded")


@pytest.mark.long
def test_form_whole_is_what_a_run_without_form_gives_to_the_bit(tmp_path):
    path = export(tmp_path / "x.csv")
    plain = run([path], settings=settings(tmp_path, db=tmp_path / "1.duckdb"))
    whole = run([path], settings=settings(tmp_path, db=tmp_path / "2.duckdb", form="whole"))
    for name in ("batch_value", "batch_draw", "batch_flow", "batch_cost", "batch_item"):
        assert table(plain, name).equals(table(whole, name)), name


@pytest.fixture(scope="module")
def by_form(tmp_path_factory):
    """One lot of drives and servers, valued in each form."""
    folder = tmp_path_factory.mktemp("forms")
    path = lot(folder / "lot.csv", *drives(""), (SERVER, "S1", 4, ""))
    return {
        form: run([path], settings=settings(folder, db=folder / f"{form}.duckdb", form=form))
        for form in ("whole", "module", "shredded")
    }


@pytest.mark.parametrize("form", ["whole", "module", "shredded"])
def test_what_is_contained_is_recovered_or_lost_in_every_form(by_form, form):
    flows = by_form[form].frame("batch_flow")
    ends = flows.group_by("route_id", "element").agg(
        away=pl.col("out_kg").filter(pl.col("product_id").is_not_null()).sum()
        + pl.col("lost_kg").sum()
    )
    contained = by_form[form].frame("batch_value").filter(pl.col("measure") == "contained_kg")
    both = contained.select("element", "mean").join(ends, on="element").drop_nulls()
    assert both["route_id"].n_unique() == 7
    np.testing.assert_allclose(both["away"], both["mean"], rtol=1e-9, atol=1e-15)


def contained(result, element):
    values = result.frame("batch_value")
    rows = values.filter(pl.col("measure") == "contained_kg", pl.col("element") == element)
    return rows["mean"].item()


def recovered_ree(result, route_id):
    view = result.frame("route_comparison").filter(pl.col("route_id") == route_id)
    return view["recovered_ree_kg"].item()


def test_a_shredded_lot_holds_what_the_whole_one_held(by_form):
    for element in ("nd", "al", "fe", "au"):
        shredded, whole = (contained(by_form[form], element) for form in ("shredded", "whole"))
        assert shredded == pytest.approx(whole, rel=1e-12)


def test_a_shredded_lot_never_gives_more_rare_earths_than_a_whole_one(by_form):
    for route_id in (*PULL_ROUTES, "adr-pedalpoint", "shred-to-steel"):
        shredded, whole = (recovered_ree(by_form[f], route_id) for f in ("shredded", "whole"))
        assert 0 < shredded <= whole * (1 + 1e-12)
        if route_id in PULL_ROUTES:
            assert shredded < 0.35 * whole


def test_what_shredding_costs_is_lost_to_the_steel_with_a_reason(by_form):
    flows = by_form["shredded"].frame("batch_flow")
    lost = flows.filter(
        pl.col("route_id") == "korea-zinc-us", pl.col("element") == "nd", pl.col("sink") == "steel"
    )
    assert lost["step_id"].to_list() == ["sort-shredded-fines"]
    assert "arrived as shredded" in lost["reason"].item()
    skipped = flows.filter(pl.col("step_id") == "dismantle-voice-coil", pl.col("element") == "nd")
    assert (skipped["in_kg"] == skipped["out_kg"]).all()
    assert skipped["reason"].str.contains("no voice coil").all()
    assert by_form["whole"].frame("batch_flow")["reason"].is_null().all()


def test_a_skipped_step_costs_nothing_known_or_unknown(by_form):
    steps = by_form["whole"].frame("route_step_form")
    for form in ("module", "shredded"):
        skipped = steps.filter(pl.col("form") == form, pl.col("acts") == "skipped")["step_id"]
        charged = set(by_form[form].frame("batch_cost")["step_id"])
        assert not charged & set(skipped)
    assert "strip-hosts" in set(by_form["whole"].frame("batch_cost")["step_id"])


def test_a_lot_of_modules_holds_no_boards_bodies_or_hosts(by_form):
    module, whole = by_form["module"], by_form["whole"]
    for element in ("al", "au", "ag", "pd", "cu"):
        assert contained(module, element) == 0
    assert 0 < contained(module, "nd") < contained(whole, "nd")  # spindles and fans stay behind
    assert contained(module, "dy") == pytest.approx(contained(whole, "dy"), rel=1e-12)
    items = module.frame("batch_item").filter(pl.col("component_kind") != "hdd")
    assert items["gross_kg"].sum() == 0 and items["nd_kg"].sum() == 0
    products = set(module.frame("batch_flow")["product_id"].drop_nulls())
    assert not products & {"boards", "gold", "aluminium", "copper"}
    (warning,) = [w for w in module.summary["warnings"] if "arrives as module" in w]
    assert "4 server" in warning


def test_a_module_weighs_its_magnets_and_its_yokes(by_form):
    # 10 to 15 % of a drive of 0.71 kg, ten of them: voice-coil pieces, by the definition's range
    mass = by_form["module"].frame("batch")["gross_mass_kg"].item()
    assert 10 * 0.71 * 0.10 < mass < 10 * 0.71 * 0.15
    values = by_form["module"].frame("batch_item")["gross_kg"].sum()
    assert values == pytest.approx(mass, rel=1e-5)


def test_modules_bring_the_rare_earths_of_whole_drives_and_what_pulling_loses(by_form):
    # the same voice coils, past the step that captures 0.975 of them
    module, whole = (recovered_ree(by_form[f], "ionic-belfast") for f in ("module", "whole"))
    assert whole / module == pytest.approx(0.975, abs=0.002)


def test_parts_times_units_make_the_sales_of_a_batch_in_every_form(by_form):
    for form, result in by_form.items():
        items, parts = result.frame("batch_item"), result.frame("part_value")
        total = items.join(parts, on="part_id").filter(pl.col("route_id") == "shred-to-steel")
        by_parts = (total["units"] * total["gross_usd_per_unit"]).sum()
        gross = result.frame("route_comparison").filter(pl.col("route_id") == "shred-to-steel")
        assert by_parts == pytest.approx(gross["gross_usd"].item(), rel=1e-9), form


def test_the_status_of_the_lines_tells_the_form_and_changes_no_count(tmp_path):
    words = lot(tmp_path / "a.csv", *drives("Shredded", "SHREDDED "))
    plain = lot(tmp_path / "b.csv", *drives("", ""))
    told = run([words], settings=settings(tmp_path, db=tmp_path / "1.duckdb"))
    silent = run([plain], settings=settings(tmp_path, db=tmp_path / "2.duckdb"))
    assert form_of(told) == ("shredded", "status")
    assert form_of(silent) == ("whole", "default")
    assert told.summary["units"] == silent.summary["units"]


def test_a_mixed_export_is_valued_whole_and_split_by_batch_each_in_its_form(tmp_path):
    path = lot(tmp_path / "a.csv", *drives("shredded", "VCM pulled"))
    mixed = run([path], settings=settings(tmp_path))
    assert form_of(mixed) == ("whole", "mixed")
    assert any("10 units module, 10 units shredded" in w for w in mixed.summary["warnings"])
    again = run([path], settings=settings(tmp_path, batch_by="Status"))
    forms = dict(again.frame("batch").select("batch_id", "form").iter_rows())
    assert forms["shredded"] == "shredded" and forms["VCM pulled"] == "module"


@pytest.mark.long
def test_a_batch_valued_again_from_its_counts_keeps_its_form(tmp_path):
    path = lot(tmp_path / "a.csv", *drives("shredded"))
    first = run([path], settings=settings(tmp_path, keep_lines=False))
    again = run([], settings=settings(tmp_path))
    assert form_of(again) == ("shredded", "status")
    shredded = recovered_ree(again, "ionic-belfast")
    for name in ("batch_value", "batch_draw", "batch_flow"):
        assert table(first, name).equals(table(again, name)), name
    whole = run([], settings=settings(tmp_path, form="whole"))
    assert form_of(whole) == ("whole", "option")
    assert recovered_ree(whole, "ionic-belfast") > 3 * shredded


def test_the_summary_counts_batches_by_form(by_form):
    for form, result in by_form.items():
        assert result.summary["forms"] == {form: 1}


@pytest.mark.long
def test_a_kept_batch_of_another_form_stands_beside_a_new_one(tmp_path):
    run([lot(tmp_path / "a.csv", *drives("shredded"))], settings=settings(tmp_path))
    later = export(tmp_path / "y.csv", batches=("C",))
    result = run([later], settings=settings(tmp_path, seed=2))
    forms = dict(result.frame("batch").select("batch_id", "form").iter_rows())
    assert forms == {"B": "shredded", "C": "whole"}


@pytest.mark.long
def test_a_form_of_one_batch_changes_no_figure_of_another(tmp_path):
    one = export(tmp_path / "x.csv", batches=("A",))
    other = lot(tmp_path / "s.csv", *drives("shredded"))
    alone = run([one], settings=settings(tmp_path, db=tmp_path / "1.duckdb"))
    beside = run([one, other], settings=settings(tmp_path, db=tmp_path / "2.duckdb"))
    for name in ("batch_value", "batch_flow"):
        mine = table(beside, name).filter(pl.col("batch_id") == "A")
        assert table(alone, name).equals(mine), name
