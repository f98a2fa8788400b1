"""Options that several commands have in common."""

from pathlib import Path

import click

published_file = click.option(
    "--db",
    metavar="PATH",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The published file.",
)
