"""Charts of a published file, drawn by Altair and rendered to SVG here, without a browser.

A range is drawn as a bar from P10 to P90 with the mean as a point, because a mean alone would hide
how sure it is. Altair is imported when a chart is asked for.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from valuation.errors import OutputError
from valuation.store import open_read_only

if TYPE_CHECKING:
    import altair as alt

SQL = Path(__file__).with_name("chart.sql")
TABLES = "select table_name from duckdb_tables()"
NO_POLICY = "create temp table batch_route_policy (route_id varchar, is_allowed boolean)"
INK, RANGE = "#1f2933", "#9fb8c8"


def draw_chart(db: Path, out: Path) -> Path:
    """Write a picture of a file: rare earths by batch and net value by route, with ranges.

    Args:
        db: A published file.
        out: An `.svg` file; its folder must exist.

    Returns:
        The picture's path.

    Raises:
        OutputError: There is no such file, or the picture cannot be written.
    """
    import altair as alt

    with open_read_only(db) as connection:
        if ("batch_route_policy",) not in connection.execute(TABLES).fetchall():
            connection.execute(NO_POLICY)  # a file of before policies were
        connection.execute(SQL.read_text(encoding="utf-8"))
        contained = connection.table("temp.chart_contained").pl()
        net = connection.table("temp.chart_net").pl()
    picture = alt.vconcat(
        _ranges(contained, "batch_id", "Rare earths contained by batch (kg): P10 to P90, mean"),
        _ranges(net, "route_id", "Net value by route, all batches (USD): P10 to P90, mean"),
        spacing=24,
    ).configure(font="sans-serif", background="white")
    try:
        picture.save(out, format="svg")
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}.") from error
    return out


def _ranges(frame: pl.DataFrame, name: str, title: str) -> "alt.LayerChart":
    """One row per name: a bar from P10 to P90, a point at the mean, the figure beside it."""
    import altair as alt

    rows = frame.sort("is_last", "mean", descending=[False, True], nulls_last=True).to_dicts()
    order = [row[name] for row in rows]
    base = alt.Chart({"values": rows}).encode(
        y=alt.Y(f"{name}:N", sort=order, title=None, axis=alt.Axis(labelLimit=220, ticks=False))
    )
    furthest = max((row["edge"] for row in rows), default=0)
    room = alt.Scale(domainMax=1.18 * furthest) if furthest > 0 else alt.Scale()
    across = alt.X("p10:Q", title=None, axis=alt.Axis(format="~s"), scale=room)
    bar = base.mark_bar(color=RANGE, height=11).encode(x=across, x2="p90:Q")
    mean = base.mark_point(filled=True, size=45, color=INK).encode(x="mean:Q")
    text = base.mark_text(align="left", dx=8, color=INK, fontSize=10).encode(
        x=alt.X("edge:Q"), text="label:N"
    )
    chart: alt.LayerChart = (bar + mean + text).properties(
        width=560, height={"step": 20}, title=alt.Title(title, anchor="start", fontSize=12)
    )
    return chart
