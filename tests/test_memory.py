"""What is let go of is given back to the system, where that can be asked for."""

import sys
from pathlib import Path

import numpy as np
import pytest

from valuation.memory import give_back


def resident_bytes() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * 4096


@pytest.mark.skipif(sys.platform != "linux", reason="only there memory in use is told so")
def test_arrays_let_go_of_are_no_longer_in_use() -> None:
    blocks = [np.ones(2000, np.float32) for _ in range(20_000)]  # 160 MB, none large by itself
    keep = blocks[::200]
    held = resident_bytes()
    del blocks
    give_back()
    assert held - resident_bytes() > 100e6
    assert all(block.sum() == 2000 for block in keep)


def test_where_nobody_can_be_asked_it_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("valuation.memory._trim", lambda: None)
    give_back()
