"""The fast path: what is worked on beside the scan, and in parts, changes nothing but the time."""

import pytest
from polars.testing import assert_frame_equal

from valuation.errors import InputError
from valuation.inventory import delimited, given, rows, scan, serials
from valuation.inventory.delimited import careful

HEAD = "Batch,Serial,Asset tag,Manufacturer,Model,Type,Qty,Status,Purchase date\n"
PLAIN = "".join(
    f"B{i % 3},S{i % 30:05d},A{i:05d},Seagate,{model},{kind},{1 + i % 2},{status},"
    f"2021-03-{1 + i % 28:02d}\n"
    for i, (model, kind, status) in enumerate(
        [
            ("ST4000NM0033", "HDD", "shredded"),
            ('"Disk, 3.5"""', "Hard Disk", ""),
            ("HDD", "", "in use"),
            ("PowerEdge R740", "Server", "vcm pulled"),
        ]
        * 30
    )
)
FAULTS = {
    "none": "",
    "a stray quote": 'B1,S9,A9,Seagate,Disk 3.5",HDD,1,,\n',
    "a quote that opens": 'B1,S9,A9,Seagate,"Disk 3.5,HDD,1,,\n',
    "a line too short": "B1,S9\n",
    "a bad quantity": "B1,S9,A9,Seagate,ST4000NM0033,HDD,many,,\n",
    "a blank line": "\n",
    "a header again": HEAD,
    "another header": "Model,Serial,Qty,Batch,Type,Manufacturer,Status,Asset tag,Purchase date\n",
    "latin-1": "B1,S9,A9,Größe,ST4000NM0033,HDD,1,,\n",
}


def same(first, second):
    """Two readings give the same accounts and tables."""
    assert_frame_equal(first.inventory.files, second.inventory.files)
    assert first.inventory.warnings == second.inventory.warnings
    for name, table in first.tables.items():
        assert_frame_equal(table, second.tables[name], check_row_order=False)


@pytest.fixture
def export(write):
    """An export with a fault in its middle."""

    def make(fault):
        middle = PLAIN.index("\n", len(PLAIN) // 2) + 1
        text = HEAD + PLAIN[:middle] + FAULTS[fault] + PLAIN[middle:]
        path = write("export.csv", text)
        if fault == "latin-1":
            path.write_bytes(text.encode("latin-1"))
        return path

    return make


@pytest.mark.parametrize("fault", FAULTS)
def test_a_large_file_is_read_as_a_small_one(fault, export, read, monkeypatch):
    path = export(fault)
    small = read(path)
    monkeypatch.setattr(delimited, "BESIDE_BYTES", 0)
    monkeypatch.setattr(given, "BESIDE_BYTES", 0)
    monkeypatch.setattr(rows, "FIRST_RECORDS", 3)
    same(read(path), small)


@pytest.mark.parametrize("most_parts", [2, 32])
def test_serials_are_compared_in_parts_as_at_once(export, read, monkeypatch, most_parts):
    path = export("none")
    whole = read(path)
    assert not whole.tables["read_line"]["counted"].all()
    monkeypatch.setattr(serials, "SERIALS_AT_ONCE", 7)
    monkeypatch.setattr(serials, "MOST_PARTS", most_parts)
    same(read(path), whole)


def test_a_model_that_is_the_name_of_a_column_does_not_cost_a_file_its_speed(
    export, read, monkeypatch
):
    def never(*_):
        raise AssertionError("the careful path was taken")

    path = export("none")
    monkeypatch.setattr(careful, "careful", never)
    done = read(path)
    assert done.account("export.csv")["lines_loaded"] == 120


def test_the_header_of_another_table_is_found_all_the_same(export, read):
    account = read(export("another header")).account("export.csv")
    assert account["lines_read"] == 121
    assert account["lines_ignored"] == 1


def test_a_file_that_is_refused_late_leaves_nothing_to_the_next(export, read, write, monkeypatch):
    path, kept = export("a stray quote"), scan._account
    alone = read(path)

    def refuse(engine, rows, file_id, distinct):
        if rows.batch_id.startswith("a-"):
            raise InputError("does not balance.", "Export it again.")
        return kept(engine, rows, file_id, distinct)

    monkeypatch.setattr(scan, "_account", refuse)
    both = read(write("a-first.csv", HEAD + PLAIN + PLAIN), path)
    assert both.account("a-first.csv")["status"] == "refused"
    for name in ("read_count", "read_line"):
        assert_frame_equal(both.tables[name], alone.tables[name], check_row_order=False)
