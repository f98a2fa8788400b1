"""How time and memory of `valuation value` grow with rows, batches, items and draws.

    python -m tests.benchmarks.bench_growth --vary rows --vary batches --smaller 20

Each is varied alone around a middle. Below every table stands, stage by stage, the exponent of its
law: the slope of a straight line through the logarithms; 1 is in proportion, 0 not at all.
"""

import argparse
import math
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.measuring import VALUATION, Spent, floor, in_turn
from tests.benchmarks.size import Size, make

INVENTORY: Final = "wide"
"""The one in which more rows bring hardly more spellings of the same models."""
FLOOR, VALUE = "floor", "value"
STAGES: Final = ("inventory", "check", "identity", "content", "recovery", "value", "publish")
"""As `value --json` names them; one that a run does not name is left out."""
ROW: Final = "{:>12}"


@dataclass(frozen=True)
class Run:
    """What is varied."""

    rows: int = 1_000_000
    batches: int = 500
    items: int = 3_000
    draws: int = 2_000

    @property
    def size(self) -> Size:
        """The inventory it reads."""
        return Size(self.rows, self.batches, self.items)


VARIED: Final[dict[str, tuple[int, ...]]] = {
    "rows": (1_000_000, 3_000_000, 10_000_000, 30_000_000),
    "batches": (10, 50, 500, 5_000),
    "items": (100, 1_000, 10_000, 100_000),
    "draws": (500, 2_000, 10_000),
}
TOLD: Final[dict[str, Callable[[Mapping[str, Any]], int]]] = {
    "rows": lambda summary: summary["files"][0]["lines_read"],
    "batches": lambda summary: summary["batches"],
    "items": lambda summary: summary["items"],
    "draws": lambda summary: summary["draws"],
}
"""How many a run says it met: of many models some stand on no line."""


def main() -> None:
    """Print a table for each thing varied."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vary", action="append", choices=VARIED, help="all when not given")
    parser.add_argument("--smaller", type=int, default=1, help="divide all sizes by this")
    parser.add_argument("--runs", type=int, default=1, help="runs of each, whose median counts")
    parser.add_argument("--folder", help="where the files are written, some GB of them")
    given = parser.parse_args()
    for name in given.vary or VARIED:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            print_growth(name, list(runs_of(name, given.smaller)), Path(folder), given.runs)


def runs_of(name: str, smaller: int) -> Iterator[Run]:
    """The middle with one thing varied, all sizes divided by `smaller`."""
    middle = Run()
    for count in VARIED[name]:
        run = replace(middle, **{name: count})
        sizes = {part: max(size // smaller, 2) for part, size in vars(run).items()}
        yield replace(run, **sizes | {"draws": max(sizes["draws"], 100)})


def print_growth(name: str, runs: Sequence[Run], folder: Path, times: int) -> None:
    """Measure the runs and print their table, with the exponents below."""
    middle = ", ".join(f"{n:,} {part}" for part, n in vars(runs[0]).items() if part != name)
    print(f"{name} varied around {middle}; seconds, median of {times}")
    made: Size | None = None
    found: list[tuple[int, dict[str, float]]] = []
    for run in runs:
        export = folder / "export.csv"
        if run.size != made:
            make(INVENTORY, run.size, export)
            made = run.size
        measured = in_turn(_commands(export, folder / "x.duckdb", run.draws), times)
        count = TOLD[name](measured[VALUE][0].summary)
        found.append((count, _figures(measured[FLOOR], measured[VALUE])))
        if len(found) == 1:
            print("".join(map(ROW.format, (name, *found[0][1]))))
        figures = (f"{figure:,.2f}" for figure in found[-1][1].values())
        print("".join(map(ROW.format, (f"{count:,}", *figures))), flush=True)
    counts = [count for count, _ in found]
    laws = (exponent(counts, [figures[part] for _, figures in found]) for part in found[0][1])
    told = ("" if law is None else f"{law:.2f}" for law in laws)
    print("".join(map(ROW.format, ("exponent", *told))), end="\n\n", flush=True)


def _commands(export: Path, db: Path, draws: int) -> dict[str, list[str]]:
    options = ["--no-lines", "--no-overrides", "--replace", "--json", "--draws", str(draws)]
    value = [*VALUATION, "value", str(export), "--db", str(db), *options]
    return {FLOOR: floor(str(export)), VALUE: value}


def _figures(floors: Sequence[Spent], runs: Sequence[Spent]) -> dict[str, float]:
    """Medians of every stage, of the whole process, and of its peak memory. [s, MiB]"""
    stages = [run.summary["seconds"] for run in runs]
    named = [stage for stage in STAGES if stage in stages[0]]
    out = {FLOOR: statistics.median(run.seconds for run in floors)}
    out |= {stage: statistics.median(seconds[stage] for seconds in stages) for stage in named}
    out["process"] = statistics.median(run.seconds for run in runs)
    out["CPU s"] = statistics.median(run.processor_s or 0.0 for run in runs)
    out["MiB"] = statistics.median(run.peak_mib or 0.0 for run in runs)
    return out


def exponent(counts: Sequence[float], figures: Sequence[float]) -> float | None:
    """Slope of the line through the logarithms; None where a figure is zero or all counts are one.

    >>> exponent([1, 10, 100], [3, 300, 30000])
    2.0
    """
    if len(set(counts)) < 2 or min(*counts, *figures) <= 0:
        return None
    logarithms = [math.log(count) for count in counts], [math.log(figure) for figure in figures]
    return statistics.linear_regression(*logarithms).slope


if __name__ == "__main__":
    main()
