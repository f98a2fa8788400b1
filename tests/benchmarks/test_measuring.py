"""What the benchmarks print of the runs they measure."""

import json
import sys

import pytest

from tests.benchmarks.bench_value import FLOOR, NO_LINES, with_parts
from tests.benchmarks.measuring import Spent, in_turn, measure, parts_of, print_table


def run(seconds: float, **stages: float) -> Spent:
    return Spent(seconds, 1.0, 2.0, json.dumps({"seconds": stages}))


def printed(capsys, floors, *rows) -> list[list[str]]:
    print_table("title", rows, floors)
    _, _, *lines = capsys.readouterr().out.splitlines()
    return [line.split() for line in lines]


def test_a_ratio_is_to_the_floor_of_the_same_turn_not_of_the_medians(capsys):
    """The machine halved its speed after each turn: 20 over 2 is 10, the ratios are 10, 10, 30."""
    floors = [run(1), run(2), run(4)]
    ((_, seconds, ratio, worked, peak),) = printed(
        capsys, floors, ("x", [run(10), run(20), run(120)])
    )
    assert (seconds, ratio, worked, peak) == ("20.00", "10.0", "1.00", "2")
    ((_, _, ratio, *_),) = printed(capsys, floors, ("x", [run(30), run(20), run(8)]))
    assert ratio == "10.0"  # of 30, 10 and 2; the medians are 20 and 2


def test_a_part_of_a_run_has_a_time_and_neither_processor_seconds_nor_memory(capsys):
    half = parts_of([run(8)], lambda spent: spent.seconds / 2)
    assert printed(capsys, [run(2)], ("half", half)) == [["half", "4.00", "2.0"]]


@pytest.mark.parametrize("check", [{}, {"check": 0.5}])
def test_the_rows_part_and_what_follows_add_up_to_the_run(check):
    found = {FLOOR: [run(1)], NO_LINES: [run(9, inventory=4, value=3, **check)]}
    rows = {name.strip(): spent[0].seconds for name, spent in with_parts(found)}
    assert rows["per row"] == 4 and rows["what follows"] == 5
    assert rows.get("of it check and repair") == check.get("check")


def test_a_process_is_measured_with_what_it_prints():
    program = "import json; print(json.dumps({'sum': sum(range(10**6))}))"
    spent = measure([sys.executable, "-c", program])
    assert spent.summary == {"sum": 499_999_500_000}
    assert spent.processor_s > 0 and 1 < spent.peak_mib < 1024


def test_a_process_that_fails_ends_the_measurement():
    with pytest.raises(SystemExit, match="ended with 3"):
        measure([sys.executable, "-c", "raise SystemExit(3)"])


def test_commands_take_turns(tmp_path):
    log = tmp_path / "log"
    note = "import sys; open(sys.argv[1], 'a').write(sys.argv[2])"
    commands = {name: [sys.executable, "-c", note, str(log), name] for name in "ab"}
    found = in_turn(commands, runs=2)
    assert log.read_text() == "abab"
    assert {name: len(spent) for name, spent in found.items()} == {"a": 2, "b": 2}
