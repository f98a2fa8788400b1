"""Checks: a sound file passes, and every check finds the fault it is for."""

import pytest

from valuation.errors import ContractError
from valuation.store import open_read_only, open_store
from valuation.store.layout import checks, inside
from valuation.store.publish import run_checks

FAULTS = {
    "books_balance": [
        "update input_file set lines_ignored = 1",
        "delete from rejected_line",
        "update batch_file set lines = 2",
        "update batch_item set lines = 9 where item_id = 11",
        "delete from line where item_id = 22",
    ],
    "dictionary_complete": ["update data_dictionary set meaning = null where column_name = 'mean'"],
    "keys_unique": [
        "insert into batch_value from batch_value where measure = 'net_usd'",
        "insert into run from run",
        "insert into source from source",
        "insert into batch_sensitivity from batch_sensitivity",
        "insert into batch_break_even from batch_break_even",
        "insert into content from content",
    ],
    "links_known": [
        "delete from route",
        "delete from product",
        "delete from item where item_id = 22",
        "update batch set run_id = 'never'",
        "insert into batch_draw by name select 'Z' as batch_id, 'net_usd' as measure",
    ],
    "mass_conserved": [
        "update batch_flow set lost_kg = lost_kg * (1 + 1e-8), in_kg = in_kg * (1 + 1e-8)",
        "update batch_flow set out_kg = out_kg * (1 + 1e-8)",
        "update batch_flow set lost_kg = 'nan' where sink = 'residue'",
        "update batch_flow set in_kg = null",
        "delete from batch_flow where element = 'fe'",
    ],
    "nulls_explained": [
        "update batch_value set mean = null where measure = 'net_usd'",
        "update batch_cost set unknown = true",
        "update input_file set status = 'refused'",
        "update batch_sensitivity set first_order_share = null where parameter_group = 'prices'",
        "update batch_break_even set reason = null",
    ],
    "one_world": [
        "update batch_draw set draws = draws[:3] where measure = 'net_usd'",
        "update parameter_draw set draws = null",
    ],
    "owner_decided": [
        "insert into batch_policy by name select 'A' as batch_id",
        "insert into batch_policy by name select 'Z' as batch_id, 'no net' as reason",
        "insert into batch_reuse by name select 'A' as batch_id, 'hdd///' as thing",
        "insert into batch_route_policy by name select 'A' as batch_id, 'short' as route_id",
        "insert into batch_reuse by name select 'Z' as batch_id, 'a' as thing, 'b' as reason",
    ],
    "quantiles_in_order": [
        "update batch_value set p10 = p90, p90 = p10 where measure = 'net_usd'",
        "update batch_value set p50 = null where measure = 'net_usd'",
        "update batch_cost set p10 = 2 * p90",
        "update content set low_g = 99",
        "update price set usd_per_kg_low = 101",
        "update batch_value set mean = 'nan' where measure = 'net_usd'",
    ],
    "shares_add_up": [
        "update batch_sensitivity set first_order_share = 0.9 where parameter_group = 'prices'",
        "update batch_sensitivity set low = high + 1 where parameter_group = 'prices'",
        "update batch_sensitivity set in_quantiles = false where parameter_group = 'prices'",
    ],
    "sources_known": [
        "update price set source_id = 'nobody'",
        "update content set sources = ['paper', 'nobody']",
        "delete from source where source_id = 'paper'",
    ],
}
CASES = [(check, fault) for check, faults in FAULTS.items() for fault in faults]


def test_every_check_has_a_fault_to_find():
    assert FAULTS.keys() == checks().keys()


def test_a_sound_file_passes(sound):
    with open_read_only(sound) as reader:
        run_checks(reader)


@pytest.mark.parametrize(("check", "fault"), CASES, ids=[fault for _, fault in CASES])
def test_a_fault_is_found(check, fault, sound, connection, tmp_path):
    copy = tmp_path / "damaged.duckdb"
    copy.write_bytes(sound.read_bytes())
    connection.execute(f"attach '{copy}' as damaged")
    with inside(connection, "damaged") as own:
        own.execute(fault)
        offending = own.execute(checks()[check]).fetchall()
        assert offending
        with pytest.raises(ContractError):
            run_checks(own)


def test_a_publication_with_a_fault_leaves_the_file_as_it_was(tmp_path, connection, lots):
    path = tmp_path / "a.duckdb"
    with open_store(path, connection) as store:
        store.publish(lots(A=100))
    before = path.read_bytes()
    wrong = lots("run-2", A=10)
    flow = wrong.frames["batch_flow"].head(2)
    with (
        pytest.raises(ContractError, match=r"mass_conserved.*batch_id A"),
        open_store(path, connection) as store,
    ):
        store.publish(
            type(wrong)(wrong.run, ["A"], [], {**wrong.frames, "batch_flow": flow}),
        )
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.duckdb"]
    assert "store" not in {r[0] for r in connection.execute("show databases").fetchall()}
