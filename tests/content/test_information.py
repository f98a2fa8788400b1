"""Information: who knows less about an item is never surer of what it holds, on average.

The items are real drive strings, five hundred of them. What is left out is the capacity,
the model, or both; within one class, the year and the family.
"""

import numpy as np
import polars as pl
import pytest

from valuation.content import fan_classes
from valuation.content.draws import ContentDraws
from valuation.content.library import load_library
from valuation.content.parts import _item_parts
from valuation.frames import ITEMS, PARTS
from valuation.identity import identify
from valuation.uncertain import Source, quantiles
from valuation.units import RARE_EARTHS

ITEMS_DRAWN = 500
DRAWS = 400
AT_ONCE = 40


@pytest.fixture(scope="module")
def library(tables):
    return load_library(tables)


def strings(tables, number):
    """Hard drives of the labelled strings, drawn without replacement."""
    known = tables.frame("drive_string").filter(
        pl.col("kind") == "hdd", pl.col("capacity_gb").is_not_null()
    )
    return known.sample(number, seed=11).sort("model").to_dicts()


def described(row, *, model, capacity):
    """The texts of an item, with and without its model and its capacity."""
    size = f"{row['capacity_gb'] / 1000:g} TB" if capacity else ""
    return {
        "model_raw": row["model"] if model else "",
        "type_raw": "Hard Disk",
        "capacity_raw": size,
    }


def parts_of(tables, rows):
    """The part each item is, in the order given."""
    texts = [name for name in ITEMS.columns if name.endswith("_raw")]
    filled = [
        {"item_id": n, "lines": 1, **{t: row.get(t, "") for t in texts}}
        for n, row in enumerate(rows)
    ]
    items = ITEMS.check(pl.DataFrame(filled, schema=dict(ITEMS.columns)))
    identity = identify(items, tables, with_evidence=False).items
    return _item_parts(identity, fan_classes(tables)).sort("item_id")


def rare_earth_draws(library, parts, draws=DRAWS, seed=3):
    """Rare earths in one unit of each part, shape (parts, draws). [g]"""
    source = Source(seed, draws)
    rare = [i for i, (_, element) in enumerate(library.series) if element in RARE_EARTHS]
    found = []
    for some in parts.iter_slices(AT_ONCE):
        ids = [f"unit/{part}" for part in some["part_id"]]
        units = np.eye(len(ids), dtype=np.float32)
        drawn, _ = ContentDraws(library, some, source).batches(ids, units)
        found.append(1000 * drawn[rare].sum(axis=0))
    return np.concatenate(found)


def variances(tables, library, rows, **known):
    """Variance of the rare earths in one unit of each item as described. [g²]"""
    frame = parts_of(tables, [described(row, **known) for row in rows])
    unique = PARTS.check(frame.drop("item_id").unique("part_id"))
    spread = rare_earth_draws(library, unique).var(axis=1, dtype=np.float64)
    by_part = dict(zip(unique["part_id"], spread, strict=True))
    assert frame.height == len(rows), "every drive is identified, however little is said of it"
    return np.array([by_part[part] for part in frame["part_id"]])


def test_less_information_is_never_less_variance_on_average(tables, library):
    rows = strings(tables, ITEMS_DRAWN)
    levels = {
        (model, capacity): variances(tables, library, rows, model=model, capacity=capacity)
        for model in (True, False)
        for capacity in (True, False)
    }
    for (model, capacity), known in levels.items():
        for less in ((False, capacity), (model, False), (False, False)):
            lost = levels[less] - known
            # the same draws stand behind both, so items told alike differ by nothing
            assert lost.mean() >= -2 * lost.std() / np.sqrt(len(lost)), ((model, capacity), less)
    assert levels[False, False].mean() > 2 * levels[True, True].mean()  # a model says a good deal


def one_part(item_class, **known):
    """A drive of a class, of a family with a year, or of neither."""
    values = {
        "part_id": "x", "kind": "hdd", "item_class": item_class, "confidence": 1.0,
        "family_key": f"unlisted/{item_class}",
    } | known  # fmt: skip
    frame = pl.DataFrame([values], schema_overrides={"launch_year": pl.Int64})
    missing = [pl.lit(None).cast(t).alias(n) for n, t in PARTS.columns.items() if n not in values]
    return PARTS.check(frame.with_columns(missing))


def log_ratio(library, item_class, **known):
    """log of P90/P10 of the rare earths in a unit, and its sampling error."""
    found = rare_earth_draws(library, one_part(item_class, **known), draws=8000)[0]
    low, _, high = quantiles(found)
    blocks = quantiles(found.reshape(20, -1))
    return np.log(high / low), np.log(blocks[2] / blocks[0]).std() / np.sqrt(20)


@pytest.mark.parametrize(
    "item_class",
    ["hdd-3.5-nearline-air", "hdd-3.5-nearline-helium", "hdd-3.5-desktop", "hdd-2.5-notebook"],
)
@pytest.mark.parametrize("year", [2006, 2018])
def test_within_a_class_nothing_left_out_makes_the_range_narrower(library, item_class, year):
    family = "some-family"
    known, error = log_ratio(library, item_class, family_key=family, launch_year=year)
    for left in ({"family_key": family}, {"launch_year": year}, {}):
        wide, other = log_ratio(library, item_class, **left)
        assert wide >= known - 3 * np.hypot(error, other), left


def test_within_a_class_a_text_without_its_capacity_or_model_is_no_surer(tables, library):
    """Items whose class stays the same when something is left out, by their texts."""
    rows = strings(tables, ITEMS_DRAWN)
    full = parts_of(tables, [described(row, model=True, capacity=True) for row in rows])
    for model, capacity in ((True, False), (False, True)):
        texts = [described(row, model=model, capacity=capacity) for row in rows]
        less = parts_of(tables, texts)
        same = full["item_class"] == less["item_class"]
        assert same.sum() >= 10
        ratios = []
        for frame in (full.filter(same), less.filter(same)):
            unique = PARTS.check(frame.drop("item_id").unique("part_id"))
            low, _, high = quantiles(rare_earth_draws(library, unique))
            by_part = dict(zip(unique["part_id"], np.log(high / low), strict=True))
            ratios.append(np.array([by_part[part] for part in frame["part_id"]]))
        lost = ratios[1] - ratios[0]
        assert lost.mean() >= -3 * lost.std() / np.sqrt(len(lost)) - 1e-9
