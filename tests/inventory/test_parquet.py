"""Parquet: columns are told by their place, whatever they are called."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.inventory.conftest import Reader


def test_columns_without_a_name_or_of_one_name_are_read_by_their_place(
    tmp_path: Path, read: Reader
) -> None:
    columns = [["a", "b"], ["x", "y"], ["S1", "S2"], [1.0, 2.0], ["p", "q"]]
    names = ["", "Model", "Serial", "Qty", "Model"]
    pq.write_table(pa.table([pa.array(c) for c in columns], names), tmp_path / "e.parquet")
    result = read(tmp_path / "e.parquet")
    assert sorted(result.inventory.items["model_raw"]) == ["x", "y"]
    assert sorted(result.inventory.items["description_raw"]) == ["p", "q"]
    assert result.tables["read_count"]["quantity"].sum() == 3
