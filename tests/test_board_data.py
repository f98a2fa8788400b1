"""The shipped data on boards and hand work: hosts fare alike on every route, drives do not."""

import polars as pl
import pytest

from tests.chains import (
    BOARDS,
    MUST_BALANCE,
    RECYCLING,
    ROUTES,
    follow,
    steps_of,
)
from valuation.uncertain import spread_of


@pytest.mark.parametrize("stream", BOARDS)
def test_boards_give_no_rare_earth_on_any_route(tables, stream):
    for route_id in ROUTES:
        assert follow(tables, route_id, stream, "nd")[0].keys() <= {"boards"}
    assert follow(tables, "korea-zinc-us", stream, "nd")[0] == {}


def test_a_board_leaves_as_a_board_or_as_its_metals_never_both(tables):
    for route_id in ROUTES:
        products = set()
        for stream in BOARDS:
            for element in ("au", "ag", "pd", "cu", "mass"):
                products |= set(follow(tables, route_id, stream, element)[0])
        assert not ("boards" in products and products - {"boards"}), route_id


def test_drive_boards_are_those_of_hard_drives_and_of_nothing_else(tables):
    kinds = dict(tables.frame("item_class").select("item_class", "kind").iter_rows())
    held = {}
    for row in tables.frame("material_share").iter_rows(named=True):
        if row["material"] in BOARDS:
            held.setdefault(row["item_class"], []).append(row["material"])
    drives = {name for name, kind in kinds.items() if kind == "hdd"}
    assert {name for name, boards in held.items() if boards == ["drive_board"]} == drives
    assert all(boards == ["board"] for name, boards in held.items() if name not in drives)


@pytest.mark.parametrize("route_id", RECYCLING)
def test_every_recycling_route_strips_hosts_before_anything_else_is_done_to_them(tables, route_id):
    assert steps_of(tables, route_id)[:2] == ["pickup-freight", "strip-hosts"]
    assert "strip-hosts" not in steps_of(tables, "reuse")


def test_no_shredder_takes_boards_that_are_sorted(tables):
    shredders = tables.frame("capture").filter(pl.col("step_id").str.starts_with("shred-"))
    assert set(shredders["step_id"]) == {"shred-sort", "shred-ferrous"}
    assert "drive_board" in set(shredders["stream"])
    assert "board" not in set(shredders["stream"])


@pytest.mark.parametrize("element", [*MUST_BALANCE, "sn", "mass"])
def test_boards_of_hosts_fare_alike_wherever_boards_are_sold_as_boards(tables, element):
    sold = [r for r in RECYCLING if "board-sale" in steps_of(tables, r)]
    assert {"shred-to-steel", "adr-pedalpoint", "ionic-belfast"} <= set(sold)
    shares = [follow(tables, r, "board", element)[0]["boards"] for r in sold]
    assert shares == pytest.approx([shares[0]] * len(sold), rel=1e-12)
    assert 0.85 < shares[0] < 0.99


@pytest.mark.parametrize("element", ["au", "ag", "pd", "cu", "mass"])
def test_boards_of_drives_lose_more_in_the_shredder_than_on_the_cutting_line(tables, element):
    cut = follow(tables, "ionic-belfast", "drive_board", element)[0]["boards"]
    for route_id in ("shred-to-steel", "adr-pedalpoint"):
        shredded = follow(tables, route_id, "drive_board", element)[0]["boards"]
        assert 0 < shredded < 0.8 * cut, route_id


def test_whatever_gives_up_a_board_by_hand_has_the_hand_work_charged(tables):
    kinds = dict(tables.frame("item_class").select("item_class", "kind").iter_rows())
    with_board = tables.frame("material_share").filter(pl.col("material") == "board")
    stripped = {kinds[name] for name in with_board["item_class"]}
    come_as_boards = {"board", "memory", "cpu"}
    costs = tables.frame("cost").filter(pl.col("denominator") == "unit", ~pl.col("unknown"))
    charged = costs.filter(pl.col("step_id") == "strip-hosts")["unit_kind"]
    assert set(charged) == (stripped - come_as_boards) | {"battery"}
    assert charged.is_unique().all()
    others = costs.filter(pl.col("step_id") != "strip-hosts")
    assert set(others["unit_kind"]) == {"hdd"}


@pytest.mark.parametrize("item_class", ["server-1u", "server-2u"])
def test_a_rack_server_holds_the_mass_of_its_bare_boards(tables, item_class):
    # a two-socket mainboard with risers, backplane and power board, without processors and memory
    share = tables.frame("material_share").row(
        by_predicate=(pl.col("item_class") == item_class) & (pl.col("material") == "board"),
        named=True,
    )
    bare = 1.0
    for table in ("gross_mass", "bare_share"):
        row = tables.frame(table).row(by_predicate=pl.col("item_class") == item_class, named=True)
        bare *= spread_of(row).mean
    assert 1.0 < bare * share["value"] < 2.5
