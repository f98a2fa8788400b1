"""The README's outputs: runs its queries on the sample inventories and writes what they answer.

`python -m tests.readme` from the project's folder puts fresh outputs and the picture into place;
`tests/test_readme.py` fails when they have gone stale.
"""

import datetime
import re
import tempfile
from pathlib import Path

import duckdb

from valuation.api import run
from valuation.chart import draw_chart
from valuation.settings import Settings
from valuation.store import open_read_only

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PICTURE = ROOT / "data" / "pictures" / "samples.svg"
AS_OF = datetime.date(2026, 11, 22)
QUERY = re.compile(r"```sql\n(?P<sql>.*?)```\n(?:\n```text\n(?P<output>.*?)```\n)?", re.DOTALL)


def value_samples(folder: Path) -> Path:
    """Value the sample inventories as the README does, and return the file."""
    samples = sorted((ROOT / "data" / "samples").iterdir())
    return run(
        samples, settings=Settings(db=folder / "samples.duckdb", as_of=AS_OF, use_overrides=False)
    ).db


def answer(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """What a query answers, as aligned text."""
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    grid = [names, *([_cell(cell) for cell in row] for row in cursor.fetchall())]
    numeric = [all(_is_number(row[i]) for row in grid[1:]) for i in range(len(names))]
    widths = [max(len(row[i]) for row in grid) for i in range(len(names))]
    lines = [
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in grid
    ]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if value == round(value) and abs(value) >= 1 else f"{value:,}"
    return str(value)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[\d,.]*", text) is not None


def fresh(text: str, db: Path) -> str:
    """The README with every output as the file answers now."""
    with open_read_only(db) as connection:

        def block(match: re.Match[str]) -> str:
            sql = match["sql"]
            return f"```sql\n{sql}```\n\n```text\n{answer(connection, sql)}```\n"

        return QUERY.sub(block, text)


def main() -> None:
    """Write the outputs and the picture."""
    with tempfile.TemporaryDirectory() as folder:
        db = value_samples(Path(folder))
        README.write_text(fresh(README.read_text(encoding="utf-8"), db), encoding="utf-8")
        PICTURE.parent.mkdir(exist_ok=True)
        draw_chart(db, PICTURE)


if __name__ == "__main__":
    main()
