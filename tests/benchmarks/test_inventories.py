"""The inventories of the benchmarks: the same for a seed, and what they say of themselves is so."""

import csv
from collections import Counter
from itertools import islice

import numpy as np
import polars as pl
import pytest

from tests.benchmarks.blocks import BLOCK_ROWS
from tests.benchmarks.catalogue import catalogue
from tests.benchmarks.fleet import DIRT, fleet_blocks
from tests.benchmarks.inventories import INVENTORIES, write_inventory
from tests.benchmarks.size import NAMES, Size
from tests.benchmarks.wide import COLUMNS, TYPES, wide_blocks

SMALL = Size(rows=4_000, batches=8, items=200)
every = pytest.mark.parametrize("name", NAMES)


def records(path) -> tuple[list[str], list[list[str]]]:
    """The header and the records, a blank line as a record of blank cells."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, [row or [""] * len(header) for row in rows]


def test_every_inventory_that_can_be_asked_for_can_be_made():
    assert set(NAMES) == set(INVENTORIES)


@every
def test_a_seed_gives_the_same_bytes_and_another_seed_others(name, tmp_path):
    paths = [tmp_path / f"{n}.csv" for n in range(3)]
    sizes = (SMALL, SMALL, Size(SMALL.rows, SMALL.batches, SMALL.items, seed=2))
    truths = [write_inventory(name, size, path) for path, size in zip(paths, sizes, strict=True)]
    one, same, other = (path.read_bytes() for path in paths)
    assert one == same and truths[0] == truths[1]
    assert one != other and truths[0] != truths[2]


@every
def test_parquet_holds_the_records_of_the_csv(name, tmp_path):
    path, parquet = tmp_path / "a.csv", tmp_path / "a.parquet"
    write_inventory(name, SMALL, path, parquet)
    header, rows = records(path)
    frame = pl.read_parquet(parquet)
    assert frame.columns == header
    assert [list(row) for row in frame.fill_null("").iter_rows()] == rows


@every
def test_no_serial_stands_twice_but_on_a_repeated_line(name, tmp_path):
    path = tmp_path / "a.csv"
    write_inventory(name, SMALL, path)
    header, rows = records(path)
    serial, tag = header.index("Serial Number"), header.index("Asset Tag")
    lines = [row for row in rows if row[tag]]
    assert len({row[tag] for row in lines}) == len(lines)
    again = Counter(row[serial] for row in lines)
    repeated = sum(count - 1 for count in again.values())
    assert (repeated > 0) == (name == "fleet")


def test_the_truth_of_a_fleet_is_what_counting_its_records_one_by_one_gives(tmp_path):
    """A second count, that knows nothing of how the records were made."""
    truth = write_inventory("fleet", SMALL, tmp_path / "a.csv")
    header, rows = records(tmp_path / "a.csv")
    ignored = rejected = units = 0
    batches, seen = set(), set()
    for row in rows:
        line = dict(zip(header, row, strict=True))
        if not any(row) or line["Batch"] == "TOTAL":
            ignored += 1
            continue
        quantity = line["Qty"].removesuffix(" pcs") or "1"
        if not quantity.isdigit():
            rejected += 1
            continue
        batches.add(line["Batch"])
        if int(quantity) and line["Serial Number"] not in seen:
            seen.add(line["Serial Number"])
            units += int(quantity)
    assert (truth.read, truth.ignored, truth.rejected) == (len(rows), ignored, rejected)
    assert (truth.batches, sum(truth.units.values())) == (len(batches), units)
    assert ignored == 2 * SMALL.batches and rejected > 0


def test_the_truth_of_a_wide_inventory_is_what_counting_its_records_one_by_one_gives(tmp_path):
    truth = write_inventory("wide", SMALL, tmp_path / "a.csv")
    header, rows = records(tmp_path / "a.csv")
    assert tuple(header) == COLUMNS
    kinds = {words[0]: kind for kind, words in TYPES.items()}
    units, capacity_tb = Counter(), Counter()
    for row in rows:
        line = dict(zip(header, row, strict=True))
        kind, pieces = kinds[line["Category"]], int(line["Quantity"])
        units[kind] += pieces
        if line["Capacity"]:
            size, unit = line["Capacity"].split()
            capacity_tb[kind] += pieces * float(size) / {"TB": 1, "GB": 1000}[unit]
    assert truth.units == units
    assert truth.capacity_tb == pytest.approx(capacity_tb)
    assert (truth.read, truth.rejected, truth.ignored) == (SMALL.rows, 0, 0)


def test_every_kind_of_dirt_is_met_and_makes_up_the_share_it_should():
    (block,) = fleet_blocks(Size(rows=20_000, batches=4, items=200))
    met = Counter(block.truth["fate"])
    assert set(DIRT) < set(met)
    dirty = sum(met[dirt] for dirt in DIRT)
    assert dirty == pytest.approx(1_200, abs=150)  # 6 % of 20,000; 4.5 standard deviations


@pytest.mark.parametrize("blocks", [fleet_blocks, wide_blocks])
def test_the_longest_inventory_is_made_block_by_block(blocks):
    """That of a hundred million rows would not fit into memory."""
    size = Size(rows=100_000_000, items=50)
    for block in islice(blocks(size), 2):
        assert block.cells.height == block.truth.height == BLOCK_ROWS


def test_batches_too_small_for_their_totals_are_refused():
    with pytest.raises(ValueError, match="too few"):
        next(fleet_blocks(Size(rows=70, batches=10)))


@pytest.mark.parametrize("items", [60, 3_000, 7_000])
def test_an_inventory_names_as_many_models_as_it_was_asked_for(items):
    models = catalogue(items, np.random.default_rng(1))
    assert models.height == items
    assert models["share"].sum() == pytest.approx(1)
    assert models["share"].is_sorted(descending=True)
