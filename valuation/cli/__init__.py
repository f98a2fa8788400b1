"""The command line: verbs, one job each; results on stdout, messages on stderr.

Each command imports what it needs when it runs, so that `--help` imports nothing heavy.
"""

import sys
from collections.abc import Sequence

import click

from valuation.cli.chart import chart
from valuation.cli.data import data
from valuation.cli.deck import deck
from valuation.cli.exits import INTERRUPTED, signals_as_interrupts
from valuation.cli.explain import explain
from valuation.cli.identify import identify
from valuation.cli.inspect import inspect
from valuation.cli.model import model
from valuation.cli.rejects import rejects
from valuation.cli.review import review
from valuation.cli.validate import validate
from valuation.cli.value import value
from valuation.cli.weigh import weigh
from valuation.version import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="valuation")
def commands() -> None:
    """What a lot of retired hardware holds, what can be recovered and what it is worth."""


commands.add_command(value)
commands.add_command(inspect)
commands.add_command(identify)
commands.add_command(explain)
commands.add_command(rejects)
commands.add_command(review)
commands.add_command(data)
commands.add_command(deck)
commands.add_command(model)
commands.add_command(chart)
commands.add_command(weigh)
commands.add_command(validate)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; a signal to stop becomes 130.

    Args:
        arguments: Words after the program's name; those of the process when not given.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a file name may hold bytes that are no text
            stream.reconfigure(errors="backslashreplace")
    with signals_as_interrupts() as received:
        try:
            code = commands.main(
                arguments, prog_name="valuation", standalone_mode=False, obj=received
            )
        except click.ClickException as error:
            error.show()
            code = error.exit_code
        except (KeyboardInterrupt, click.Abort):
            code = INTERRUPTED
            click.echo("interrupted", err=True)
    return code if isinstance(code, int) else 0
