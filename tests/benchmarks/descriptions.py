"""An export in which every line describes another thing, made from the labelled strings.

Each text is a labelled one with digits changed or an ending added, so patterns know some and not
others; drives come with a type and most with a capacity, as in a real export.
"""

import sys
from pathlib import Path

import numpy as np
import polars as pl

from valuation.identity.model.labelled import TEXTS, labelled_strings
from valuation.tables import load_tables

SEED = 20261130
DRIVES_TAKEN = 3
"""How often the labelled drives are drawn from, against once for other things."""
DIGITS_CHANGED, CAPACITY_GIVEN = 0.6, 0.7
"""Shares of the lines. [1]"""
TYPES = {
    "hdd": ("HDD", "Hard Disk", "Disk", ""),
    "ssd": ("SSD", "Disk", ""),
    "fan": ("Fan", ""),
    "psu": ("Power Supply", ""),
}
COLUMNS = ("Manufacturer", "Model", "Part Number", "Description", "Type", "Capacity", "Quantity")


def write_descriptions(path: Path, lines: int) -> None:
    """Write a seeded CSV of so many distinct descriptions."""
    rng = np.random.default_rng(SEED)
    strings = labelled_strings(load_tables()).with_columns(pl.col(TEXTS).fill_null(""))
    drives = strings.filter(pl.col("kind").is_in(["hdd", "ssd"]))
    rows = pl.concat([strings, *[drives] * (DRIVES_TAKEN - 1)]).rows(named=True)
    seen: set[tuple[str, ...]] = set()
    out: list[tuple[str, ...]] = []
    while len(out) < lines:
        row = rows[rng.integers(len(rows))]
        texts = {name: row[name] for name in TEXTS}
        told = "model" if texts["model"] else "description"
        texts[told] = changed(texts[told], rng)
        key = tuple(texts.values())
        if key in seen:
            continue
        seen.add(key)
        types = TYPES.get(row["kind"], ("",))
        has_size = row["capacity_gb"] and rng.random() < CAPACITY_GIVEN
        capacity = f"{row['capacity_gb']:.0f} GB" if has_size else ""
        out.append((*key, types[rng.integers(len(types))], capacity, str(rng.integers(1, 50))))
    pl.DataFrame(out, schema=COLUMNS, orient="row").write_csv(path)


def changed(text: str, rng: np.random.Generator) -> str:
    """A text with two digits changed, or with an ending."""
    places = [n for n, letter in enumerate(text) if letter.isdigit()]
    if not places or rng.random() >= DIGITS_CHANGED:
        joint, letter = rng.choice(["-", " ", ""]), chr(ord("A") + rng.integers(26))
        return f"{text}{joint}{letter}{rng.integers(1000)}"
    letters = list(text)
    for place in rng.choice(places, min(len(places), 2), replace=False):
        letters[place] = str(rng.integers(10))
    return "".join(letters)


if __name__ == "__main__":
    write_descriptions(Path(sys.argv[1]), int(sys.argv[2]))
