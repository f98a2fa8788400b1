"""Places: lines given back and those they stand in for have each their number."""

from pathlib import Path

import polars as pl

from tests.inventory.conftest import Numbered
from tests.inventory.mended.given_back import MENDED, mend


def test_a_line_that_another_stands_in_for_keeps_its_number(
    export: Path, rejects: Path, numbered: Numbered, tmp_path: Path
) -> None:
    mended = mend(rejects, tmp_path / "m/export.rejects.csv", MENDED)
    read = numbered(export, mended)
    read.check()
    first = read.files.filter(pl.col("name") == str(export))["file_id"][0]
    states = read.records.filter(file_id=first)["state"].to_list()
    assert states == ["line", "mended", "line", "mended", "mended", "mended"]


def test_a_line_given_back_twice_has_a_number_in_both_files(
    export: Path, rejects: Path, numbered: Numbered, tmp_path: Path
) -> None:
    one = mend(rejects, tmp_path / "0/export.rejects.csv", {"S002": MENDED["S002"]})
    two = mend(rejects, tmp_path / "1/export.rejects.csv", {"S004": MENDED["S004"]})
    numbered(export, one, two).check()
