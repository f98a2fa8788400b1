"""One file holds one world: batches are replaced or kept, and nothing moves unsaid."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.exports import HELIUM, export, settings, table
from valuation.api import run
from valuation.errors import OutputBusy

FORMS_TOLD = (("A", 1), ("B", 2), ("C", 3), ("D", 4))
FIGURES = ("batch_value", "batch_flow", "batch_cost", "batch_item", "batch_draw", "batch", "item")


def test_the_same_input_gives_the_same_tables_whatever_the_order(tmp_path):
    one, two = (
        export(tmp_path / "a.csv", batches=("A",)),
        export(tmp_path / "b.csv", batches=("B",)),
    )
    first = run([one, two], settings=settings(tmp_path, db=tmp_path / "1.duckdb"))
    second = run([two, one], settings=settings(tmp_path, db=tmp_path / "2.duckdb"))
    again = run([one, two], settings=settings(tmp_path, db=tmp_path / "1.duckdb"))
    for name in FIGURES:
        assert table(first, name).equals(table(second, name)), name
        assert table(first, name).equals(table(again, name)), name
    assert first.summary["totals"] == second.summary["totals"] == again.summary["totals"]


@pytest.mark.long
def test_the_order_of_rows_changes_nothing(tmp_path):
    path = export(tmp_path / "x.csv", drives=5)
    before = run([path], settings=settings(tmp_path)).summary
    head, *rows = path.read_text().splitlines(keepends=True)
    path.write_text(head + "".join(reversed(rows)))
    after = run([path], settings=settings(tmp_path, db=tmp_path / "2.duckdb")).summary
    assert before["totals"] == after["totals"]


def test_batches_the_files_do_not_name_are_kept_with_their_lines(tmp_path):
    both = run([export(tmp_path / "x.csv")], settings=settings(tmp_path))
    kept = {name: table(both, name).filter(pl.col("batch_id") == "A") for name in FIGURES[:-1]}
    later = export(tmp_path / "y.csv", batches=("B", "C"), drives=4)
    result = run([later], settings=settings(tmp_path))
    assert set(result.frame("batch")["batch_id"]) == {"A", "B", "C"}
    assert result.frame("line")["batch_id"].value_counts().sort("batch_id")["count"].to_list() == [
        3,
        4,
        4,
    ]
    for name, before in kept.items():
        assert table(result, name).filter(pl.col("batch_id") == "A").equals(before), name
    assert result.summary["batches_kept"] == ["A"]


@pytest.mark.long
def test_another_seed_values_kept_batches_again_and_says_how_far_they_moved(tmp_path):
    run([export(tmp_path / "x.csv")], settings=settings(tmp_path))
    later = export(tmp_path / "y.csv", batches=("B",))
    result = run([later], settings=settings(tmp_path, seed=2))
    (sentence,) = [w for w in result.summary["warnings"] if "world differs" in w]
    assert "seed 1 -> seed 2" in sentence and "P10" in sentence
    moved = {(row["batch_id"], row["measure"]) for row in result.summary["moved"]}
    assert ("A", "contained_ree_kg") in moved
    for row in result.summary["moved"]:
        if row["mean"] is None:
            continue  # a net nobody knows has not moved
        assert row["mean_after"] == pytest.approx(row["mean"], rel=1e-12)
    assert set(result.frame("batch")["run_id"]) == {result.summary["run_id"]}


def test_without_files_the_batches_of_the_file_are_valued_again(tmp_path):
    first = run([export(tmp_path / "x.csv")], settings=settings(tmp_path))
    again = run([], settings=settings(tmp_path))
    assert again.summary["totals"] == first.summary["totals"]
    assert table(again, "line").height == 6


def test_a_batch_that_would_shrink_is_held_unless_accepted(tmp_path):
    run([export(tmp_path / "x.csv", drives=10)], settings=settings(tmp_path))
    export(tmp_path / "x.csv", drives=2)
    held = run([tmp_path / "x.csv"], settings=settings(tmp_path))
    assert table(held, "line").height == 20
    assert set(held.summary["batches_held"]) == {"A", "B"}
    taken = run([tmp_path / "x.csv"], settings=settings(tmp_path, accept_smaller=True))
    assert table(taken, "line").height == 4


def test_when_no_file_can_be_read_the_old_file_stays(tmp_path):
    before = run([export(tmp_path / "x.csv")], settings=settings(tmp_path)).db.read_bytes()
    (tmp_path / "bad.csv").write_bytes(b"\x00\x01\x02" * 100)
    result = run([tmp_path / "bad.csv"], settings=settings(tmp_path))
    assert result.exit_code == 3
    assert result.db.read_bytes() == before


@pytest.mark.long
def test_lines_and_counts_only_give_the_same_figures(tmp_path):
    path = export(tmp_path / "x.csv")
    kept = run([path], settings=settings(tmp_path))
    counted = run([path], settings=settings(tmp_path, db=tmp_path / "2.duckdb", keep_lines=False))
    assert kept.summary["totals"] == counted.summary["totals"]
    assert table(counted, "line").is_empty() and not table(kept, "line").is_empty()


def test_two_runs_at_once_do_not_meet(tmp_path):
    from valuation.engine.duckdb import Engine
    from valuation.store import open_store

    path = export(tmp_path / "x.csv")
    chosen = settings(tmp_path)
    with (
        Engine() as engine,
        open_store(chosen.db, engine.connection),
        pytest.raises(OutputBusy, match="Another run"),
    ):
        run([path], settings=chosen)


@pytest.mark.long
def test_the_summary_tells_of_the_batches_the_files_name(tmp_path):
    one = export(tmp_path / "a.csv", batches=("A",))
    two = export(tmp_path / "b.csv", batches=("B",))
    first = run([one], settings=settings(tmp_path)).summary
    same_world = run([two], settings=settings(tmp_path)).summary
    other_world = run([two], settings=settings(tmp_path, seed=7)).summary
    assert first["batches"] == same_world["batches"] == other_world["batches"] == 1
    nd = [s["totals"]["reuse"]["contained_kg"]["nd"]["mean"] for s in (same_world, other_world)]
    assert nd[0] == pytest.approx(nd[1], rel=1e-9)
    assert run([], settings=settings(tmp_path)).summary["batches"] == 2


@pytest.mark.long
def test_kept_batches_keep_the_parameters_they_were_drawn_with(tmp_path):
    run([export(tmp_path / "a.csv", batches=("A",), line=HELIUM)], settings=settings(tmp_path))
    later = run([export(tmp_path / "b.csv", batches=("B",))], settings=settings(tmp_path))
    families = set(later.frame("item")["family_key"])
    keys = set(later.frame("parameter_draw")["parameter_key"])
    assert len(families) == 2
    assert {f"family/voice_coil/{family}" for family in families} <= keys


@pytest.mark.long
def test_a_batch_is_worth_the_same_beside_another(tmp_path):
    ssd = "{batch},{tag},{serial},Samsung,MZ7LH960HAJR-00005,SSD,960GB,{quantity}\n"
    alone = export(tmp_path / "a.csv", batches=("A",), line=ssd)
    beside = export(tmp_path / "b.csv", batches=("B",))
    first = run([alone], settings=settings(tmp_path))
    both = run([alone, beside], settings=settings(tmp_path, db=tmp_path / "2.duckdb"))
    of_a = pl.col("batch_id") == "A"
    old, new = (table(r, "batch_value").filter(of_a) for r in (first, both))
    assert old.select("measure", "reason").equals(new.select("measure", "reason"))
    np.testing.assert_allclose(
        old["mean"].fill_null(-1).to_numpy(), new["mean"].fill_null(-1).to_numpy(), rtol=1e-9
    )


def test_batches_valued_one_by_one_are_worth_what_they_are_together(tmp_path, monkeypatch):
    """Sorted alike too: chunks are of one form each, so batches do not come in their order."""
    paths = [export(tmp_path / f"{b}.csv", batches=(b,), quantity=n) for b, n in FORMS_TOLD]
    for path, (_, number) in zip(paths, FORMS_TOLD, strict=True):
        status = "Shredded" if number % 2 else "In storage"
        head, *rows = path.read_text().splitlines()
        path.write_text("\n".join([f"{head},Status", *(f"{row},{status}" for row in rows)]))
    together = run(paths, settings=settings(tmp_path))
    monkeypatch.setattr("valuation.content.BYTES_AT_ONCE", 1)
    alone = run(paths, settings=settings(tmp_path, db=tmp_path / "2.duckdb"))
    assert set(together.frame("batch")["form"]) == {"shredded", "whole"}
    for name in (*FIGURES, "batch_sensitivity", "batch_break_even", "batch_capacity"):
        one, other = table(together, name), table(alone, name)
        assert_frame_equal(one, other, rel_tol=1e-5, abs_tol=1e-6)
    held = [r.summary["totals"]["reuse"]["contained_kg"]["nd"] for r in (together, alone)]
    assert held[0] == pytest.approx(held[1], rel=1e-5)
