"""Damage: whatever happens to a document, its account balances or it is refused by name."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.inventory.conftest import Reader
from tests.inventory.documents.documents import DOCUMENTS, REPORTS

TEXTS = DOCUMENTS | {f"{name} report": text for name, (text, _, _) in REPORTS.items()}
INSERTED = (
    b"", b'"', b",", b"\n", b"\r", b"\x00", b"\xe9", b"{", b"}", b"[", b"]", b":", b"\\ud800",
    b"----------", b'NAME: "', b"PID: x, VID: y, SN: z\n", b"Inquiry Data: ", b"EID:Slt",
    b"smartctl 7.1 [x]\n", b"physicaldrive 1:1 (", b"entPhysicalName.1 ",
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A document with some bytes inserted, deleted or changed, perhaps cut."""
    content = draw(st.sampled_from(sorted(TEXTS.values()))).encode()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        size = draw(st.sampled_from([0, 0, 1, 3, 40]))
        content = content[:at] + draw(st.sampled_from(INSERTED)) + content[at + size :]
    return content[: draw(st.sampled_from([len(content), len(content) * 2 // 3]))]


def check_damaged(contents: list[bytes], folder: Path, read: Reader) -> None:
    folder.mkdir(exist_ok=True)
    for i, content in enumerate(contents):
        (folder / f"case{i}.txt").write_bytes(content)
    result = read(*sorted(folder.iterdir()), batch="B")
    lines, rejects = result.tables["read_line"], result.tables["read_reject"]
    for row in result.inventory.files.iter_rows(named=True):
        if row["status"] == "refused":
            assert row["reason"].startswith(row["name"])
            continue
        kept = lines.filter(pl.col("file_id") == row["file_id"]).height
        set_aside = rejects.filter(pl.col("file_id") == row["file_id"]).height
        assert (kept, set_aside) == (row["lines_loaded"], row["lines_rejected"])
        assert row["lines_read"] == kept + set_aside + row["lines_ignored"]
    for path in folder.iterdir():
        path.unlink()


@given(contents=st.lists(damaged(), min_size=12, max_size=12))
@settings(max_examples=4, suppress_health_check=list(HealthCheck))
def test_a_damaged_document_balances_or_is_refused(
    contents: list[bytes], tmp_path: Path, read: Reader
) -> None:
    check_damaged(contents, tmp_path / "damaged", read)


@pytest.mark.long
@given(contents=st.lists(damaged(), min_size=40, max_size=40))
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_many_damaged_documents_balance_or_are_refused(
    contents: list[bytes], tmp_path: Path, read: Reader
) -> None:
    check_damaged(contents, tmp_path / "damaged", read)
