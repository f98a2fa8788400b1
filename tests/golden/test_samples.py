"""Whole exports, read and valued, against accounts that were known before the program saw them.

The truth of the samples is kept by their generator, that of the other cases was counted by hand. An
account is exact: a line or a unit too many or too few is an error, not noise.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from valuation import Settings, run

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parents[1] / "data" / "samples"


def cases() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every export with the account it must give."""
    truths = json.loads((HERE / "samples.json").read_text(encoding="utf-8"))
    for name, truth in truths.items():
        yield SAMPLES / name, truth
    for path in sorted(HERE.glob("*/expected.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        yield path.parent / truth["file"], truth


CASES = list(cases())


@pytest.fixture(scope="module", params=CASES, ids=[path.name for path, _ in CASES])
def valued(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Any, dict[str, Any]]:
    """One export valued into a file of its own, and its truth."""
    path, truth = request.param
    db = tmp_path_factory.mktemp("golden") / "golden.duckdb"
    return run([path], settings=Settings(db=db, draws=200)), truth


def test_every_line_is_read_loaded_rejected_or_ignored_as_counted(
    valued: tuple[Any, dict[str, Any]],
) -> None:
    result, truth = valued
    (account,) = result.summary["files"]
    names = ("lines_read", "lines_loaded", "lines_rejected", "lines_ignored")
    assert {name: account[name] for name in names} == {name: truth[name] for name in names}
    assert account["status"] == "loaded"


def test_every_rejected_line_has_the_right_reason(valued: tuple[Any, dict[str, Any]]) -> None:
    result, truth = valued
    (account,) = result.summary["files"]
    given = {reason: account["reasons"].get(reason, 0) for reason in truth["reasons"]}
    assert given == truth["reasons"]
    assert result.frame("rejected_line").height == truth["lines_rejected"]


def test_every_line_is_in_its_batch(valued: tuple[Any, dict[str, Any]]) -> None:
    result, truth = valued
    lines = result.frame("line").group_by("batch_id").len()
    assert dict(lines.iter_rows()) == truth["batches"]


def test_units_are_counted_once_under_the_right_kind(valued: tuple[Any, dict[str, Any]]) -> None:
    result, truth = valued
    units = {kind: count for kind, count in result.summary["units"].items() if count}
    assert units == pytest.approx(truth["units"])


def test_drive_capacity_is_what_was_sold(valued: tuple[Any, dict[str, Any]]) -> None:
    result, truth = valued
    given = result.summary["capacity_tb"]
    assert {kind: given.get(kind, 0) for kind in ("hdd", "ssd")} == pytest.approx(
        truth["capacity_tb"], rel=0.002
    )


def test_drives_are_inside_hosts_only_where_their_text_says_so(
    valued: tuple[Any, dict[str, Any]],
) -> None:
    result, truth = valued
    embedded = result.summary["embedded_units"]
    given = {kind: embedded.get(kind, 0) for kind in ("hdd", "ssd")}
    described = truth["described_units"]
    assert given == pytest.approx({kind: described.get(kind, 0) for kind in ("hdd", "ssd")})


def test_what_is_inside_hosts_is_told_by_where_it_is_known_from(
    valued: tuple[Any, dict[str, Any]],
) -> None:
    result, truth = valued
    if "inside" not in truth:
        pytest.skip("not counted for this export")
    kinds = ("fan", "psu", "hdd", "ssd")
    items = result.frame("batch_item").filter(pl.col("component_kind").is_in(kinds))
    units = items.group_by("origin", "component_kind").agg(pl.col("units").sum())
    given = {(origin, kind): count for origin, kind, count in units.iter_rows() if count}
    wanted = {
        (origin, kind): count
        for origin, counts in {**truth["inside"], "listed": truth["units"]}.items()
        for kind, count in counts.items()
        if kind in kinds and count
    }
    assert given == pytest.approx(wanted)


def test_doubts_about_hosts_are_told_with_their_figures(
    valued: tuple[Any, dict[str, Any]],
) -> None:
    result, truth = valued
    doubts = ("they may be the same", "are listed in")
    told = [w for w in result.summary["warnings"] if any(doubt in w for doubt in doubts)]
    if "warnings" in truth:
        assert len(told) == len(truth["warnings"])
    for phrase in truth.get("warnings", ()):
        assert any(phrase in warning for warning in told), phrase


def test_lines_that_do_not_count_say_why(valued: tuple[Any, dict[str, Any]]) -> None:
    result, truth = valued
    items = result.frame("item").select("item_id", item_reason="not_counted_reason")
    lines = result.frame("line").join(items, on="item_id", how="left", validate="m:1")
    reason = pl.coalesce("not_counted_reason", "item_reason").alias("reason")
    given = dict(lines.group_by(reason).len().drop_nulls().iter_rows())
    assert given == truth["not_counted"]
