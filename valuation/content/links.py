"""Links: whether hosts list what is said to be in them, and whether anything is said twice.

The figures are warnings, not corrections. What a host's text describes and what lines list may be
the same drives or not, and only a person can tell where no line names its host.
"""

from itertools import groupby
from pathlib import Path
from typing import Any, Final

from valuation.engine.duckdb import Engine

SQL: Final = Path(__file__).with_name("links.sql")
BATCHES_NAMED: Final = 3
"""Batches of one warning that are told one by one; the largest come first."""
_PLURAL: Final = {"hdd": "hard drives", "ssd": "SSDs", "psu": "power supplies"}
_TERABYTE: Final = 1000.0  # GB


def host_warnings(engine: Engine) -> list[str]:
    """What a person should know about the hosts of each batch; no host is named.

    Args:
        engine: Holds what `count_parts` left, and `read_line`, perhaps empty.
    """
    engine.step(SQL)
    order = "warning, kind, told_units desc, batch_id, capacity_gb"
    rows = engine.frame(f"from host_warning order by {order}").to_dicts()
    out: list[str] = []
    for _, group in groupby(rows, key=lambda row: (row["warning"], row["kind"])):
        alike = list(group)
        out += [f"{row['batch_id']}: {_sentence(row)}." for row in alike[:BATCHES_NAMED]]
        others = len({row["batch_id"] for row in alike[BATCHES_NAMED:]})
        if others:
            out.append(f"The same of {_PLURAL[alike[0]['kind']]} in {others:,} more batches.")
    return out


def _sentence(row: dict[str, Any]) -> str:
    """One warning in words."""
    parts, told, listed = _PLURAL[row["kind"]], row["told_units"], row["listed_units"]
    hosts = "1 host" if row["hosts"] == 1 else f"{row['hosts']:,.0f} hosts"
    if row["warning"] == "twice":
        linked = row["linked_units"]
        named = f"; {linked:,.0f} of them name a host that describes its own" if linked else ""
        return (
            f"{told:,.0f} {parts} of {_size(row['capacity_gb'])} are described in {hosts} and "
            f"{listed:,.0f} of the same size are listed: they may be the same{named}"
        )
    whose = "their text describes" if row["warning"] == "partial_described" else "is typical"
    return f"fewer {parts} are listed in {hosts} than {whose}, {listed:,.0f} of {told:,.0f}"


def _size(capacity_gb: float) -> str:
    if capacity_gb < _TERABYTE:
        return f"{capacity_gb:g} GB"
    return f"{capacity_gb / _TERABYTE:g} TB"
