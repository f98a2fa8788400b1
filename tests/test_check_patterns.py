"""Faults in patterns of part numbers: each is named by its cell."""

import re
import shutil

import pytest

from valuation.check import check_tables
from valuation.tables import data_directory, load_tables


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("A-?DATA (", "is not a regular expression"),
        ("ADATA(?P<code_moon>X)", "names the group code_moon, a set without codes"),
    ],
)
def test_a_damaged_pattern_is_named_by_file_row_and_column(tmp_path, pattern, reason):
    ignored = shutil.ignore_patterns("samples")
    folder = shutil.copytree(data_directory(), tmp_path / "data", ignore=ignored)
    file = folder / "identity" / "grammar.csv"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    row = next(n for n, line in enumerate(lines) if line.startswith("adata,"))
    lines[row] = re.sub(r"^(adata,ADATA,ssd,)[^,]*", lambda m: m[1] + pattern, lines[row])
    file.write_text("".join(lines), encoding="utf-8")
    found = [p for p in check_tables(load_tables(folder)) if reason in p.reason]
    assert [(p.file, p.row, p.column) for p in found] == [
        ("identity/grammar.csv", row + 1, "pattern")
    ]
