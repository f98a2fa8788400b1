"""Polluted files: each is balanced or refused by name, its rows are right, none is a wrong one.

`python -m pytest -m long tests/inventory/delimited/test_pollution.py -s` prints the table.
"""

import io
import json
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest

from tests.inventory.conftest import Read, Reader
from tests.inventory.delimited.pollution import HEADER, Polluted, Row, inventory, polluted

COLUMNS = (
    "asset_tag", "serial", "manufacturer_raw", "model_raw", "type_raw", "description_raw",
    "capacity_raw", "quantity", "site",
)  # fmt: skip
RIGHT_SHARE = 0.987
"""Share of the rows present that must be right."""


def without_quotes(row: Iterable[object]) -> Row:
    """Cells as compared: a stray quote may stay in its cell or go."""
    return tuple(str(cell).replace('"', "").replace("'", "").strip() for cell in row)


def ours(read: Reader, folder: Path, files: list[Polluted]) -> tuple[Read, dict[str, Counter[Row]]]:
    """Every file read in one run: the accounts, and the rows by the name of the file."""
    for file in files:
        (folder / f"{file.name}.csv").write_bytes(file.content)
    result = read(folder)
    quantity = pl.col("quantity").cast(pl.Int64).cast(pl.String)
    lines = result.tables["read_line"].join(result.inventory.items, on="item_id")
    found: dict[str, Counter[Row]] = {file.name: Counter() for file in files}
    cells = [pl.col(name).fill_null("") for name in COLUMNS]
    for batch, *row in lines.with_columns(quantity).select("batch_id", *cells).iter_rows():
        found[batch][without_quotes(row)] += 1
    return result, found


def by_pandas(content: bytes, **options: str) -> list[Row]:
    frame = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, **options)
    return [tuple(row) for row in frame.itertuples(index=False)]


def by_pandas_skipping(content: bytes) -> list[Row]:
    return by_pandas(content, on_bad_lines="skip")


def by_polars(content: bytes) -> list[Row]:
    frame = pl.read_csv(content, infer_schema=False, ignore_errors=True, truncate_ragged_lines=True)
    return [tuple(row) for row in frame.fill_null("").rows()]


def by_duckdb(content: bytes, path: Path) -> list[Row]:
    path.write_bytes(content)
    with duckdb.connect() as connection:
        connection.execute(
            "from read_csv($1, all_varchar = true, store_rejects = true)", [str(path)]
        )
        return [tuple("" if c is None else c for c in row) for row in connection.fetchall()]


class Tally:
    """One line of the table: how a reader fared over all files."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.files = self.failed = self.present = self.right = self.wrong = 0

    def add(self, file: Polluted, rows: Counter[Row] | None) -> None:
        """Count a file; None when the reader failed on it or refused it."""
        self.files += 1
        if rows is None:
            self.failed += 1
            return
        truth = Counter(map(without_quotes, file.rows))
        self.present += len(file.rows)
        self.right += (rows & truth).total()
        self.wrong += (rows - truth).total()

    def __str__(self) -> str:
        share = self.right / self.present if self.present else 0.0
        return (
            f"{self.name:34}{self.files:7,}{self.failed:10,}{self.present:10,}{share:9.2%}"
            f"{self.wrong:8,}"
        )


def peer(read: Callable[[bytes], list[Row]], file: Polluted) -> Counter[Row] | None:
    """The rows a peer keeps of a file; None when it fails."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Counter(map(without_quotes, read(file.content)))
    except Exception:  # noqa: BLE001  whatever a peer throws, it failed
        return None


@pytest.fixture(scope="module")
def files() -> list[Polluted]:
    """Every polluted file once: some pollutions of different places give the same file."""
    return list({file.content: file for file in polluted()}.values())


def check(file: Polluted, account: dict[str, object], rows: Counter[Row]) -> None:
    """A file is balanced or refused by name, loses at most its damaged row and invents none."""
    if account["status"] == "refused":
        assert file.name in str(account["reason"])
        assert not file.rows, f"{file.name}: rows that are there were refused"
        return
    accounted = (account[f"lines_{part}"] for part in ("loaded", "rejected", "ignored"))
    assert account["lines_read"] == sum(accounted), file.name
    truth = Counter(map(without_quotes, file.rows))
    assert not rows - truth, f"{file.name}: a wrong row was kept"
    assert (rows & truth).total() >= RIGHT_SHARE * len(file.rows), file.name
    reasons = json.loads(str(account["reasons"]))
    assert sum(reasons.values()) == account["lines_rejected"], file.name


def test_some_of_every_pollution_are_read_right(
    tmp_path: Path, files: list[Polluted], read: Reader
) -> None:
    some = [file for number, file in enumerate(files) if number % 197 == 0]
    some += [file for file in files if not file.name.rpartition("_")[2].isdigit()]
    some = list({file.name: file for file in some}.values())
    result, found = ours(read, tmp_path, some)
    for file in some:
        check(file, result.account(f"/{file.name}.csv"), found[file.name])


@pytest.mark.long
def test_every_polluted_file_is_read_right(
    tmp_path: Path, files: list[Polluted], read: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    result, found = ours(read, tmp_path, files)
    accounts = {Path(row["name"]).stem: row for row in result.inventory.files.to_dicts()}
    peers = {
        "pandas": by_pandas,
        "pandas, bad lines skipped": by_pandas_skipping,
        "polars, errors ignored": by_polars,
        "DuckDB auto, rejects stored": lambda content: by_duckdb(content, tmp_path / "peer.csv"),
    }
    kinds: dict[str, Tally] = {}
    tallies = {name: Tally(name) for name in ("valuation", *peers)}
    for file in files:
        account = accounts[file.name]
        check(file, account, found[file.name])
        rows = None if account["status"] == "refused" else found[file.name]
        kinds.setdefault(file.kind, Tally(f"  {file.kind}")).add(file, rows)
        tallies["valuation"].add(file, rows)
        for name, reader in peers.items():
            tallies[name].add(file, peer(reader, file))
    with capsys.disabled():
        print(f"\n{'reader':34}{'files':>7}{'refused':>10}{'rows':>10}{'right':>9}{'wrong':>8}")
        for tally in (tallies.pop("valuation"), *kinds.values(), *tallies.values()):
            print(tally)
    assert len(files) > 2000


def test_the_inventory_that_is_polluted_holds_what_is_hard_to_read() -> None:
    rows = inventory()
    cells = [cell for row in rows for cell in row]
    assert len(rows) == 83
    assert len(set(rows)) == 83
    assert {len(row) for row in rows} == {len(HEADER)}
    for sign in (",", '"', "\n", " "):
        assert any(sign in cell for cell in cells)
    assert any(not row[-1] for row in rows)
    assert any(row[-1] for row in rows)
