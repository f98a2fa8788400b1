"""The samples are what their generator writes, and are what they claim to be."""

import csv
import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from valuation.units import KINDS

from .ledger import Catalogue

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parents[1] / "data" / "samples"
TRUTH = json.loads((HERE.parent / "golden" / "samples.json").read_text(encoding="utf-8"))
TEXT_ENCODINGS = {
    "netbox_inventory_items.csv": "utf-8",
    "servicenow_hardware.csv": "cp1252",
    "snipeit_assets.csv": "utf-8-sig",
}


def record_units(text: str) -> int | None:
    """Pieces a plain quantity cell stands for; None when it is not a number."""
    return int(text) if text.isdigit() else None if text else 1


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder the generator has just written."""
    folder = tmp_path_factory.mktemp("samples")
    command = [sys.executable, "-m", "tests.samples.make_samples", str(folder)]
    subprocess.run(command, check=True, cwd=HERE.parents[1])
    return folder


def workbook_parts(path: Path) -> dict[str, bytes]:
    """Content of a workbook without the packing, which may differ between zlib versions."""
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name) for name in book.namelist()}


def test_the_samples_are_the_bytes_their_generator_writes(written: Path) -> None:
    for name in TRUTH:
        if name.endswith(".xlsx"):
            assert workbook_parts(SAMPLES / name) == workbook_parts(written / name), name
        else:
            assert (SAMPLES / name).read_bytes() == (written / name).read_bytes(), name


def test_the_truth_is_the_account_the_generator_kept(written: Path) -> None:
    assert json.loads((written / "samples.json").read_text(encoding="utf-8")) == TRUTH


def test_the_truth_covers_every_sample_and_balances() -> None:
    assert sorted(TRUTH) == sorted(path.name for path in SAMPLES.iterdir())
    for name, truth in TRUTH.items():
        parts = truth["lines_loaded"] + truth["lines_rejected"] + truth["lines_ignored"]
        assert truth["lines_read"] == parts, name
        assert sum(truth["reasons"].values()) == truth["lines_rejected"], name
        assert sum(truth["ignored"].values()) == truth["lines_ignored"], name
        assert sum(truth["batches"].values()) == truth["lines_loaded"], name
        assert set(truth["units"]) <= set(KINDS), name
        assert 200 <= truth["lines_read"] <= 2000, name


@pytest.mark.parametrize(("name", "encoding"), TEXT_ENCODINGS.items())
def test_a_second_parser_counts_the_same_records(name: str, encoding: str) -> None:
    with (SAMPLES / name).open(encoding=encoding, newline="") as file:
        records = list(csv.reader(file))
    truth = TRUTH[name]
    blank = sum(not any(cells) for cells in records)
    longer = sum(len(cells) > len(records[0]) for cells in records)
    assert len(records) - 1 == truth["lines_read"]
    assert records[1:].count(records[0]) == truth["ignored"]["repeated_header"]
    assert blank == truth["ignored"]["blank"]
    assert longer == truth["reasons"]["too_many_cells"]


def test_a_second_reading_of_the_servicenow_sample_counts_the_same_units() -> None:
    # read back by model name alone, as a check on the generator's bookkeeping
    kinds = {part.full_name: part for part in Catalogue(HERE / "model.csv").parts}
    units: Counter[str] = Counter()
    capacity_gb: Counter[str] = Counter()
    serials = set()
    name = "servicenow_hardware.csv"
    with (SAMPLES / name).open(encoding="cp1252", newline="") as file:
        for row in csv.DictReader(file):
            pieces = record_units(row["Quantity"])
            surplus = None in row
            if pieces is None or surplus or not row["Asset tag"]:
                continue
            if row["Serial number"] in serials:
                continue
            serials |= {row["Serial number"]} - {""}
            part = kinds.get(row["Model"])
            units[part.kind if part else "unidentified"] += pieces
            if part:
                capacity_gb[part.kind] += round(pieces * part.capacity_gb)
    assert dict(+units) == TRUTH[name]["units"]
    for kind, capacity_tb in TRUTH[name]["capacity_tb"].items():
        assert capacity_gb[kind] / 1000 == pytest.approx(capacity_tb)


def test_the_workbook_has_its_header_in_row_6_and_as_many_rows_as_the_truth() -> None:
    parts = workbook_parts(SAMPLES / "itad_settlement.xlsx")
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    rows = [int(number) for number in re.findall(r'<row r="(\d+)"', sheet)]
    assert min(row for row in rows if row > 4) == 6
    assert max(rows) - 6 == TRUTH["itad_settlement.xlsx"]["lines_read"]
    assert "mergeCell" in sheet
    assert b"Grand Total" in parts["xl/sharedStrings.xml"]


def test_the_servicenow_sample_is_cp1252_and_nothing_else() -> None:
    content = (SAMPLES / "servicenow_hardware.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    text = content.decode("cp1252")
    assert all(word in text for word in ("Köln –", "Montréal", "“wiped”", "€ "))
    assert "\r\n" in text
    assert "\n" not in text.replace("\r\n", "")


def test_the_snipeit_sample_begins_with_a_byte_order_mark_and_the_netbox_one_does_not() -> None:
    assert (SAMPLES / "snipeit_assets.csv").read_bytes().startswith(b"\xef\xbb\xbfAsset Tag,")
    content = (SAMPLES / "netbox_inventory_items.csv").read_bytes()
    assert content.startswith(b"device,")
    assert b"\r" not in content


def test_every_model_has_a_kind_a_source_and_a_capacity_only_if_it_is_a_drive() -> None:
    with (HERE / "model.csv").open(encoding="utf-8", newline="") as file:
        models = list(csv.DictReader(file))
    for row in models:
        assert row["kind"] in KINDS, row
        assert row["source"], row
        assert bool(row["capacity_gb"]) == (row["kind"] in ("hdd", "ssd")), row
    names = [(row["kind"], row["manufacturer"], row["model"]) for row in models]
    assert len(set(names)) == len(names)
