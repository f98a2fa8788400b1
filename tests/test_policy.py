"""What an owner allows: laws of the figures, and what a policy costs."""

import polars as pl
import pytest

from tests.exports import DRIVE, export, settings, table
from valuation.api import run
from valuation.check.policies import check_bearing, check_policies
from valuation.check.sheet import Row, Sheet, read_sheet

FAN = "{batch},{tag},{serial},Delta,PFR0612XHE,Fan,,{quantity}\n"
RESALE = (
    "match,price,currency,share_passing,cost_to_test,observed_on\nhdd,50,USD,0.8,4,2026-02-20\n"
)
SHRED_REUSE = ("shred", "reuse")
FORBIDDEN = {
    "wipe": set(),
    "harvest": {"reuse"},
    "shred": {"reuse", "hpms-us", "ionic-belfast", "ionic-dna-link", "korea-zinc-us"},
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A batch of drives and one of fans under no policy and each of the three, with resale."""
    folder = tmp_path_factory.mktemp("policy")
    drives = export(folder / "drives.csv", batches=("drives",), quantity=40, line=DRIVE)
    fans = export(folder / "fans.csv", batches=("fans",), quantity=40, line=FAN)
    (folder / "resale.csv").write_text(RESALE, encoding="utf-8")
    found = {}
    for policy in (None, *FORBIDDEN):
        given = settings(
            folder, db=folder / f"{policy}.duckdb", policy=policy, resale=folder / "resale.csv"
        )
        found[policy] = run([drives, fans], settings=given)
    return found


def ruling(result, batch="drives"):
    return table(result, "batch_policy").filter(pl.col("batch_id") == batch).row(0, named=True)


@pytest.mark.parametrize("policy", FORBIDDEN)
def test_a_policy_changes_no_figure(results, policy):
    names = ("batch_value", "batch_cost", "batch_flow", "batch_draw")
    for name in names:
        assert table(results[policy], name).equals(table(results[None], name)), name


@pytest.mark.parametrize("policy", FORBIDDEN)
def test_what_is_forbidden_is_flagged_and_has_no_place(results, policy):
    routes = results[policy].frame("route_comparison").filter(pl.col("batch_id") == "drives")
    flagged = routes.filter(~pl.col("is_allowed"))
    assert set(flagged["route_id"]) == FORBIDDEN[policy]
    assert flagged["place"].null_count() == flagged.height
    assert flagged["policy_reason"].null_count() == 0
    best = results[policy].frame("batch_summary").filter(pl.col("batch_id") == "drives")
    assert best["best_route_id"].item() not in FORBIDDEN[policy]
    assert best["best_route_id"].item() == ruling(results[policy])["best_allowed_route_id"]


def test_the_more_is_forbidden_the_less_the_best_is_worth(results):
    best = [
        results[policy].frame("batch_summary").filter(pl.col("batch_id") == "drives")["net_usd"][0]
        for policy in (None, "wipe", "harvest", "shred")
    ]
    assert best[0] == best[1] > best[2] >= best[3]


@pytest.mark.parametrize("policy", FORBIDDEN)
def test_what_a_policy_costs_is_the_difference_of_two_nets(results, policy):
    row = ruling(results[policy])
    values = table(results[policy], "batch_value").filter(
        pl.col("batch_id") == "drives", pl.col("measure") == "net_usd"
    )
    nets = dict(values.select("route_id", "mean").iter_rows())
    expected = nets[row["best_route_id"]] - nets[row["best_allowed_route_id"]]
    assert row["policy_cost_usd"] == pytest.approx(expected)
    assert row["policy_cost_usd"] >= 0
    assert row["policy_cost_usd_p10"] <= row["policy_cost_usd_p90"]
    assert row["ree_forgone_kg"] >= 0
    assert results[policy].summary["policy"]["cost_usd"]["mean"] == pytest.approx(expected)


def test_selling_again_is_what_shredding_costs_most(results):
    assert ruling(results["shred"])["best_route_id"] == "reuse"
    assert ruling(results["shred"])["policy_cost_usd"] > 0.5 * 120 * 0.8 * 50


def test_a_batch_without_anything_that_bears_data_is_not_bound(results):
    for policy in FORBIDDEN:
        row = ruling(results[policy], "fans")
        assert (row["is_bound"], row["policy_cost_usd"]) == (False, 0)
        assert "bears data" in row["reason"]
        assert results[policy].summary["policy"]["batches_bound"] == 1


def test_a_policy_that_is_not_stated_costs_nobody_knows_what(results):
    row = ruling(results[None])
    assert row["policy_id"] is None and row["policy_cost_usd"] is None
    assert row["reason"] == "the owner's policy is not stated"
    routes = results[None].frame("route_comparison")
    assert routes["is_allowed"].all()
    assert results[None].summary["policy"] == {
        "policy_id": None, "batches_bound": 0, "forbidden": {}, "cost_usd": None,
        "ree_forgone_kg": None,
    }  # fmt: skip


def test_reuse_is_compared_with_the_best_recycling_allowed(results):
    for policy, forbidden in FORBIDDEN.items():
        rows = table(results[policy], "batch_reuse").filter(pl.col("batch_id") == "drives")
        assert rows["recycling_route_id"][0] not in forbidden
        assert rows["is_reuse_allowed"][0] == ("reuse" not in forbidden)


def test_shredding_solid_state_drives_first_is_warned_of(tmp_path, results):
    ssd = "{batch},{tag},{serial},Samsung,MZ7LH960HAJR-00005,SSD,960GB,{quantity}\n"
    path = export(tmp_path / "x.csv", batches=("A",), line=ssd)
    told = run([path], settings=settings(tmp_path, policy="shred")).summary["warnings"]
    assert any("3 solid-state drives: every route opens" in text for text in told)
    for result in results.values():
        assert not any("solid-state drives" in text for text in result.summary["warnings"])


def book(tables, policy=lambda row: row, bearing=lambda row: row):
    """The tables about policies with every row changed; a row that becomes None is left out."""
    change = {"policy": policy, "data_bearing": bearing, "route": lambda row: row}
    found = {}
    for name, changed in change.items():
        text = (tables.directory / tables.resource(name)["path"]).read_text(encoding="utf-8")
        sheet, _ = read_sheet(tables.resource(name), text)
        rows = [changed(dict(row.cells)) for row in sheet.rows]
        kept = tuple(Row(n, cells) for n, cells in enumerate(rows, start=2) if cells)
        found[name] = Sheet(sheet.resource, kept)
    return found


def test_policies_that_leave_something_open_are_refused(tables):
    """A row left out, nothing allowed, a kind misspelt: one by one."""
    missed = book(tables, lambda r: None if (r["policy_id"], r["route_id"]) == SHRED_REUSE else r)
    (problem,) = check_policies(missed)
    assert str(problem).endswith("the policy shred has no row for the route reuse.")
    shut = book(tables, lambda r: r | {"allowed": "false"} if r["policy_id"] == "harvest" else r)
    (problem,) = check_policies(shut)
    assert "the policy harvest allows no route" in str(problem)
    kinds = book(tables, bearing=lambda r: r | {"kind": "hddd"} if r["kind"] == "hdd" else r)
    told = [str(problem) for problem in check_bearing(kinds)]
    assert len(told) == 2
    assert told[0].endswith("the kind hdd has no row.") and "`hddd` is no kind" in told[1]
    assert list(check_policies(book(tables))) == list(check_bearing(book(tables))) == []
