"""`valuation chart`: a picture of a published file, with its ranges."""

from pathlib import Path

import click

from valuation.cli.exits import emit, reports_errors
from valuation.cli.options import published_file


@click.command()
@published_file
@click.option(
    "--out",
    metavar="FILE",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The SVG picture to write.",
)
@reports_errors
def chart(db: Path, out: Path) -> int:
    """Draw rare earths by batch and net value by route, each with its range, as SVG."""
    from valuation.chart import draw_chart

    emit(str(draw_chart(db, out)))
    return 0
